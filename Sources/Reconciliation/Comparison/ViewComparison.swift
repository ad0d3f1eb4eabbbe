import AccountView
import Disclosure
import Foundation
package import HeatModel
package import Mapping
package import Store
import Tables

/// The account views of two moments side by side, account by account: memory does not grow with their number.
package struct ViewComparison: Sendable {
    /// An account whose view is another.
    package struct Difference: Sendable, Codable {
        package enum Kind: String, Sendable, Codable { case new, gone, changed }

        package var kind: Kind
        package var account: String
        /// What the account owes at the later moment less what it owed at the earlier.
        package var arrearsChange: Fen
        /// Facts as `facts.area_building`, records as `charges[billing.charges#123].due_fen`. Personal values are masked.
        package var changes: [Comparison.Difference.Change]

        enum CodingKeys: String, CodingKey {
            case kind
            case account = "account_number"
            case arrearsChange = "arrears_change_fen"
            case changes
        }
    }

    package struct Counts: Sendable, Codable, Hashable {
        package var new: Int64 = 0
        package var gone: Int64 = 0
        package var changed: Int64 = 0
        package var same: Int64 = 0
        package var arrearsChange: Fen = .zero

        enum CodingKeys: String, CodingKey {
            case new, gone, changed, same
            case arrearsChange = "arrears_change_fen"
        }

        package var isSame: Bool { new == 0 && gone == 0 && changed == 0 }
    }

    /// - Parameter onDifference: is given every difference, in the order of the account numbers.
    /// - Throws: `usage.unknownRun`, `usage.runNotEnded`, and errors of the store.
    package static func run(
        _ store: any Store, _ unified: UnifiedView, from before: AsOf, to after: AsOf,
        onDifference: (Difference) throws -> Void
    ) throws -> Counts {
        let views = AccountViews(store: store, unified: unified)
        return try store.read { store in
            let moments = (try store.moment(of: before), try store.moment(of: after))
            var counts = Counts()
            var last: [UInt8]?
            while true {
                let page = try store.accounts(after: last, limit: 512, at: nil)
                guard let end = page.last else { return counts }
                last = Array(end.number.utf8)
                for account in page {
                    let one = try views.view(number: account.number, at: moments.0, in: store)
                    let other = try views.view(number: account.number, at: moments.1, in: store)
                    if one == other {
                        if one != nil { counts.same += 1 }
                        continue
                    }
                    let difference = try difference(account.number, one, other)
                    switch difference.kind {
                    case .new: counts.new += 1
                    case .gone: counts.gone += 1
                    case .changed: counts.changed += 1
                    }
                    counts.arrearsChange = counts.arrearsChange + difference.arrearsChange
                    try onDifference(difference)
                }
            }
        }
    }

    private static func difference(
        _ number: String, _ one: [UInt8]?, _ other: [UInt8]?
    ) throws(HearthError) -> Difference {
        let (before, after) = (try Flat(one), try Flat(other))
        var changes: [Comparison.Difference.Change] = []
        if one != nil, other != nil {
            for path in Set(before.values.keys).union(after.values.keys).sorted()
            where before.values[path] != after.values[path] {
                changes.append(
                    .init(field: path, from: before.shown(path) ?? "", to: after.shown(path) ?? ""))
            }
        }
        return Difference(
            kind: one == nil ? .new : other == nil ? .gone : .changed, account: number,
            arrearsChange: Fen(after.arrears - before.arrears), changes: changes)
    }

    /// A view as values by their paths.
    private struct Flat {
        /// The elements of a list, or one text.
        var values: [String: [String]] = [:]
        var arrears: Int64 = 0

        init(_ view: [UInt8]?) throws(HearthError) {
            guard let view else { return }
            for (name, value) in try StoredObject.members(of: view) {
                switch (name, value) {
                case ("facts", let facts as [String: Any]):
                    for (key, value) in facts { values["facts.\(key)"] = Self.texts(value) }
                case ("seasons", let seasons as [[String: Any]]):
                    for season in seasons { arrears += (season["arrears_fen"] as? NSNumber)?.int64Value ?? 0 }
                case ("fact_sources", _), ("missing", _), ("disagreements", _): break
                case (_, let list as [[String: Any]]):
                    for entry in list {
                        let key = RecordKey.text("\(entry["key"] ?? "")")
                        let record = "\(name)[\(entry["source"] ?? "")#\(key)]"
                        for (field, value) in entry where field != "source" && field != "key" {
                            values["\(record).\(field)"] = Self.texts(value)
                        }
                    }
                default: break
                }
            }
        }

        private static func texts(_ value: Any) -> [String] {
            if let list = value as? [Any] { return list.flatMap(texts) }
            if let number = value as? NSNumber, String(cString: number.objCType) == "c" {
                return [number.boolValue ? "true" : "false"]
            }
            return ["\(value)"]
        }

        func shown(_ path: String) -> String? {
            guard let value = values[path] else { return nil }
            let field = path.split(separator: ".").last.map(String.init) ?? path
            // The view's own word, which names a stream.
            let mask = field == "repeats" ? nil : PersonalField.mask(ofKey: field)
            return value.map { mask?.text($0) ?? $0 }.joined(separator: ", ")
        }
    }
}

extension ViewComparison.Difference {
    package static let csvHeader = CSVText.line([
        "kind", "account_number", "arrears_change_fen", "field", "from", "to",
    ])

    /// A line, or one for each field that changed.
    package var csvLines: String {
        let head = [kind.rawValue, account].map(CSVText.cell).joined(separator: ",") + ",\(arrearsChange.amount),"
        let fields = changes.isEmpty ? [Comparison.Difference.Change(field: "", from: "", to: "")] : changes
        return fields.map { head + CSVText.line([$0.field, $0.from, $0.to]) }.joined()
    }
}
