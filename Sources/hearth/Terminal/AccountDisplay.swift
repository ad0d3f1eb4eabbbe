import Foundation
import HeatModel
import Store

/// An account view for people.
struct AccountDisplay {
    private let view: [String: Any]
    /// A table wider than this is shown record by record.
    private static let widest = 170

    /// - Parameter document: the account's view as every door gives it.
    ///
    /// - Throws: `store.corrupt`.
    init(document: [UInt8]) throws(HearthError) { view = try StoredObject.members(of: document) }

    func show() {
        Terminal.say("account \(view["account_number"] ?? "")")
        showFacts()
        let others = ["account_number", "facts", "fact_sources", "missing", "disagreements"]
        for name in FieldOrder.sorted(view.keys.filter { !others.contains($0) }, by: FieldOrder.lists) {
            guard let entries = view[name] as? [[String: Any]], !entries.isEmpty else { continue }
            Terminal.say("\(FieldOrder.words(name)) (\(entries.count))")
            show(entries)
        }
    }

    private func showFacts() {
        let stated = view["facts"] as? [String: Any] ?? [:]
        let facts = stated.filter { stated[$0.key + "_fen"] == nil }
        var sources: [String: String] = [:]
        for source in view["fact_sources"] as? [[String: Any]] ?? [] {
            for field in source["fields"] as? [String] ?? [] { sources[field] = "\(source["source"] ?? "")" }
        }
        Terminal.table(
            ["  fact", "value", "from"],
            FieldOrder.sorted(facts.keys, by: FieldOrder.facts).map { name in
                ["  " + FieldOrder.fieldName(name), facts[name].map(text) ?? "", sources[name] ?? ""]
            })
        if let missing = view["missing"] as? [String], !missing.isEmpty {
            Terminal.say("  未取到 (no system says): \(missing.map(FieldOrder.fieldName).joined(separator: ", "))")
        }
        for disagreement in view["disagreements"] as? [[String: Any]] ?? [] {
            let values = disagreement["values"] as? [String: Any] ?? [:]
            let said = values.keys.sorted().map { "\($0) says \(values[$0].map(text) ?? "–")" }.joined(separator: ", ")
            Terminal.say("  the systems disagree on \(FieldOrder.fieldName("\(disagreement["field"] ?? "")")): \(said)")
        }
    }

    /// A table of the columns that say something, or, where that would be too wide, a few lines a record.
    private func show(_ entries: [[String: Any]]) {
        let stated = Set(entries.flatMap(\.keys)).subtracting(["source"])
        // An amount in fen is shown in yuan: its twin would only say it again.
        let keys = stated.filter { !stated.contains($0 + "_fen") }
        let names = FieldOrder.sorted(keys, by: FieldOrder.records).filter { name in
            name == "key" || entries.contains { isTelling(name, $0) }
        }
        let rows = entries.map { entry in names.map { name in entry[name].map { value($0, of: name) } ?? "" } }
        let header = names.enumerated().map { column, name in
            let numbers = rows.allSatisfy {
                $0[column].isEmpty || $0[column].allSatisfy { "0123456789.,-".contains($0) }
            }
            return (numbers && name != "key" ? "#" : "") + (column == 0 ? "  " : "")
                + name.replacing("_fen", with: "").replacing("_", with: " ")
        }
        let padded = rows.map { row in ["  " + (row.first ?? "")] + row.dropFirst() }
        let width = names.indices.reduce(0) { width, column in
            width + 2 + (padded.map { $0[column] } + [header[column]]).reduce(0) { max($0, Terminal.width($1)) }
        }
        if width <= Self.widest { return Terminal.table(header, padded) }
        for row in rows {
            let told = zip(names, row).dropFirst().filter { !$0.1.isEmpty }
            Terminal.say("  \(row.first ?? "")")
            for line in Terminal.wrapped(
                told.map { "\($0.0.replacing("_fen", with: "").replacing("_", with: " ")) \($0.1)" }, width: 100)
            {
                Terminal.say("    " + line)
            }
        }
    }

    /// The usual value: shown only where it differs.
    private static let seldom: Set = ["voided", "reversed", "urgent"]

    /// Nothing and 0.00 say nothing in a column, and neither does the record's key once more.
    private func isTelling(_ name: String, _ entry: [String: Any]) -> Bool {
        guard let value = entry[name] else { return false }
        let text = self.value(value, of: name)
        return text != "0.00" && !(text == "no" && Self.seldom.contains(name)) && text != "\(entry["key"] ?? "")"
    }

    private func value(_ value: Any, of key: String) -> String {
        if key.hasSuffix("_fen"), let fen = value as? NSNumber { return Fen(fen.int64Value).description }
        if key == "key" { return RecordKey.text("\(value)") }
        return text(value)
    }

    private func text(_ value: Any) -> String {
        if let list = value as? [Any] { return list.map(text).joined(separator: ", ") }
        if let number = value as? NSNumber, String(cString: number.objCType) == "c" {
            return number.boolValue ? "yes" : "no"
        }
        return "\(value)"
    }
}

/// The order in which fields are shown: that of the catalogue, which people know from the mapping files.
enum FieldOrder {
    static let facts = order([.account, .premises])
    static let records = order(EntityKind.allCases.filter { $0 != .account && $0 != .premises }, first: ["key"])
    static let lists = Dictionary(
        uniqueKeysWithValues: [
            "seasons", "charges", "payments", "readings", "suspensions", "disconnections", "work_orders",
            "work_order_events",
            "temperatures",
        ].enumerated().map { ($1, $0) })
    private static let names = Dictionary(
        EntityKind.allCases.flatMap(\.fields).map { ($0.jsonKey, $0.name) }, uniquingKeysWith: { first, _ in first })

    /// `area.building` for `area_building`: as `hearth trace` wants it.
    static func fieldName(_ jsonKey: String) -> String { names[jsonKey] ?? jsonKey }

    static func sorted(_ keys: some Sequence<String>, by order: [String: Int]) -> [String] {
        keys.sorted { (order[$0] ?? .max, $0) < (order[$1] ?? .max, $1) }
    }

    /// `work order events` for `work_order_events`.
    static func words(_ name: String) -> String { name.replacing("_", with: " ") }

    private static func order(_ kinds: [EntityKind], first: [String] = []) -> [String: Int] {
        var order: [String: Int] = [:]
        for key in first + kinds.flatMap({ $0.fields.map(\.jsonKey) }) where order[key] == nil {
            order[key] = order.count
        }
        return order
    }
}
