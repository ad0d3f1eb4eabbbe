import Foundation
import HearthTesting
import HeatModel

/// A company of which every personal value carries a mark, made of the catalogue itself: a field that comes to it is in every
/// record here.
enum MarkedCompany {
    /// Within every personal text; of no normal form but itself.
    static let mark = "ꙮ"
    /// At the beginning of every telephone number, where the mask leaves less.
    static let digits = "1384747"

    /// Enough households for a comparison with peers.
    static let accounts = (1...24).map { String(format: "%08d", $0) }
    static var number: String { accounts[0] }

    static let entities = EntityKind.allCases
    private static let record = "record"
    private static let account = "account_no"
    /// Read by no mapping.
    private static let unread = ["bank_account", "contact"]

    /// A site with the company's sheets dropped, its tariff, its rules and its answers.
    static func site(settings: String) throws -> FieldSite {
        var mappings: [String: String] = [:]
        for kind in entities { mappings["m.\(kind.rawValue)"] = mapping(kind) }
        let facts = EntityKind.account.fields.map { "  \($0.name): {from: [m.premises, m.account]}\n" }.joined()
        let lists = [
            "charges": "charge", "payments": "payment", "readings": "meterReading", "temperatures": "roomTemperature",
            "suspensions": "suspension", "disconnections": "disconnection", "work_orders": "workOrder",
            "work_order_events": "workOrderEvent",
        ]
        mappings["unified"] =
            "facts:\n" + facts + "lists:\n"
            + lists.sorted { $0.key < $1.key }.map { "  \($0.key): {from: [m.\($0.value)]}\n" }.joined()
        let streams = entities.map {
            "      \($0.rawValue): {pattern: \"\($0.rawValue)-*.csv\", semantics: snapshot, key: [\(record)]}\n"
        }
        let site = try FieldSite(
            sources: "  m:\n    csv: {folder: ../in}\n    streams:\n" + streams.joined(), settings: settings,
            archive: "{folder: ../archive}", mappings: mappings)
        try site.price(Mappings.tariff(area: "building"))
        for kind in entities { try drop(kind, day: 1, into: site) }
        return site
    }

    /// The sheet of an entity, with a record that has a bad number, one of an account that no system knows and one that has too
    /// few columns.
    static func drop(_ kind: EntityKind, day: Int, into site: FieldSite) throws {
        var lines = [header(kind)]
        for (index, number) in accounts.enumerated() { lines.append(row(kind, index, number, day: day)) }
        lines.append(row(kind, 90, accounts[1], day: day, bad: true))
        if kind != .account && kind != .premises { lines.append(row(kind, 91, "99999999", day: day)) }
        lines.append("\(mark)张\(mark)三,\(digits)0009")
        try site.drop("\(kind.rawValue)-\(day).csv", text: lines.joined(separator: "\n") + "\n")
    }

    private static func header(_ kind: EntityKind) -> String {
        ([record, account] + kind.fields.map(\.jsonKey) + unread).joined(separator: ",")
    }

    private static func row(_ kind: EntityKind, _ index: Int, _ number: String, day: Int, bad: Bool = false) -> String {
        let values = kind.fields.map { field in
            bad && isNumber(field) ? "x\(index)" : value(of: field, in: kind, index, day: day)
        }
        return (["\(kind.rawValue)\(index)", number] + values + ["62\(mark)22", "\(digits)1111"]).joined(separator: ",")
    }

    private static func isNumber(_ field: FieldDefinition) -> Bool {
        switch field.type {
        case .decimal, .fen, .tenthsOfDegree, .integer, .date, .instant: true
        default: false
        }
    }

    /// - Parameter day: what people say of themselves changes from day to day.
    private static func value(of field: FieldDefinition, in kind: EntityKind, _ index: Int, day: Int) -> String {
        if field.isPersonal {
            if field.jsonKey.hasSuffix("phone") || field.jsonKey.hasSuffix("phones") {
                return "\(digits)\(String(format: "%04d", index + day))"
            }
            return "甲\(mark)\(kind.rawValue).\(field.jsonKey)\(day)\(mark)乙"
        }
        switch field.type {
        case .decimal:
            return ["ratio": "0.5", "unit_price": "25"][field.jsonKey] ?? "8\(index % 10)"
        case .fen: return field.jsonKey == "due_fen" ? "\((80 + index % 10) * 2500)" : "0"
        case .tenthsOfDegree: return "17.5"
        case .date: return "2025-12-01"
        case .instant: return "2026-01-0\(1 + index % 9)T08:00:00+08:00"
        case .integer: return "\(index)"
        case .boolean: return "false"
        case .code(let codes):
            let wanted = ["byArea", "heatByArea", "resident", "m2", "building", "kWh"]
            return codes.first { wanted.contains($0) } ?? codes[0]
        case .text, .textList:
            return [
                "season": "2025-2026", "city": "北辰市", "community": "阳光花园", "building": "3", "unit": "1",
                "work_order": "workOrder\(index)",
            ][field.jsonKey] ?? "\(field.jsonKey)\(index)"
        }
    }

    private static func mapping(_ kind: EntityKind) -> String {
        var text = "entity: \(kind.rawValue)\nfrom: m.\(kind.rawValue)\nkey: [\(record)]\n"
        if kind.belongsToAccount {
            let introduces = kind == .account || kind == .premises ? ", introduces: true" : ""
            text += "account: {column: \(account), as: accountNumber\(introduces)}\n"
        }
        text += "fields:\n"
        for field in kind.fields { text += "  \(field.name): {column: \(field.jsonKey), as: \(conversion(field))}\n" }
        return text
    }

    private static func conversion(_ field: FieldDefinition) -> String {
        switch field.type {
        case .text: "text"
        case .textList: "phones"
        case .code(let codes): "code, codes: {" + codes.map { "\($0): \($0)" }.joined(separator: ", ") + "}"
        case .decimal(let places): "decimal(\(places))"
        case .fen: "money(fen)"
        case .tenthsOfDegree: "tenths"
        case .date: "date"
        case .instant: "instant"
        case .integer: "integer"
        case .boolean: "boolean"
        }
    }

    // MARK: Searching

    /// Where a document says something personal: what stands around the first mark.
    static func leak(in text: String) -> String? {
        for needle in [mark, "\\ua66e", "\\uA66E", digits] {
            guard let found = text.range(of: needle) else { continue }
            let start = text.index(found.lowerBound, offsetBy: -80, limitedBy: text.startIndex) ?? text.startIndex
            let end = text.index(found.upperBound, offsetBy: 40, limitedBy: text.endIndex) ?? text.endIndex
            return String(text[start..<end])
        }
        return nil
    }

    /// The same of the files of a folder, workbooks unpacked.
    static func leaks(inFilesOf folder: String) async throws -> [String] {
        var found: [String] = []
        let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        for name in files.sorted() {
            let path = folder + "/" + name
            guard FileManager.default.contents(atPath: path) != nil else { continue }
            let text =
                name.hasSuffix(".xlsx")
                ? try await Program.run(
                    ["-p", path], executable: "/usr/bin/unzip", environment: [:], directory: folder
                ).output
                : String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
            if name.hasSuffix(".xlsx"), text.isEmpty { found.append("\(name) could not be unpacked") }
            if let leak = leak(in: text) { found.append("\(name): \(leak)") }
        }
        return found
    }
}
