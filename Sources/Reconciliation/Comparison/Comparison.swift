import Foundation
package import HeatModel
import JSONText
import Tables

/// Two outputs of `hearth reconcile` side by side. Both are sorted by the same keys and are read once, row by row: memory does
/// not grow with them.
package struct Comparison: Sendable {
    package enum Kind: String, Sendable, CaseIterable, Codable {
        case new, resolved, changed, persisting
    }

    /// A finding that is in one output alone, or in both with other contents.
    package struct Difference: Sendable, Codable {
        package struct Change: Sendable, Codable, Hashable {
            package var field: String
            package var from: String
            package var to: String
        }

        package var kind: Kind
        package var id: String
        package var rule: String
        package var account: String
        package var season: String
        package var subject: String
        /// In the earlier output; nil where it is new.
        package var before: Fen?
        /// In the later output; nil where it is resolved.
        package var after: Fen?
        /// The fields that changed.
        package var changes: [Change]
        package var text: String

        enum CodingKeys: String, CodingKey {
            case kind
            case id = "finding_id"
            case rule
            case account = "account_number"
            case season, subject
            case before = "money_before_fen"
            case after = "money_after_fen"
            case changes, text
        }
    }

    /// Numbers and money of each kind; the money of what changed or persists is that of the later output.
    package struct Counts: Sendable, Codable, Hashable {
        package var new = FindingCount()
        package var resolved = FindingCount()
        package var changed = FindingCount()
        package var persisting = FindingCount()
        /// Money of the later output less that of the earlier.
        package var moneyChange: Fen = .zero

        enum CodingKeys: String, CodingKey {
            case new, resolved, changed, persisting
            case moneyChange = "money_change_fen"
        }

        package var isSame: Bool { new.findings == 0 && resolved.findings == 0 && changed.findings == 0 }
    }

    /// Compares two findings files, or the folders that hold them.
    ///
    /// - Parameters:
    ///   - isWanted: is asked of every difference, in the order of the findings, before it is read.
    ///   - onDifference: receives those that are wanted.
    /// - Throws: `usage.unreadable`, `usage.badOutput` where a file is no findings.csv, is not sorted or is cut short.
    package static func run(
        _ before: String, _ after: String, isWanted: (Kind) -> Bool = { _ in true },
        onDifference: (Difference) throws -> Void
    ) throws -> Counts {
        let one = try Side(before)
        let other = try Side(after)
        var counts = Counts()
        while !one.isDone || !other.isDone {
            let order = one.isDone ? 1 : other.isDone ? -1 : one.order(other)
            if order == 0 {
                let money = try other.money()
                if one.rows.row.equals(other.rows.row) {
                    counts.persisting.add(money)
                } else {
                    let changes = changes(one, other)
                    let was = try one.money()
                    counts.moneyChange = counts.moneyChange + Fen(money - was)
                    // Written differently, meaning the same (a mark before a cell).
                    if changes.isEmpty {
                        counts.persisting.add(money)
                    } else {
                        counts.changed.add(money)
                        if isWanted(.changed) {
                            try onDifference(try difference(.changed, other, before: was, after: money, changes))
                        }
                    }
                }
                try one.step()
                try other.step()
            } else if order < 0 {
                let money = try one.money()
                counts.resolved.add(money)
                counts.moneyChange = counts.moneyChange - Fen(money)
                if isWanted(.resolved) {
                    try onDifference(try difference(.resolved, one, before: money, after: nil, []))
                }
                try one.step()
            } else {
                let money = try other.money()
                counts.new.add(money)
                counts.moneyChange = counts.moneyChange + Fen(money)
                if isWanted(.new) { try onDifference(try difference(.new, other, before: nil, after: money, [])) }
                try other.step()
            }
        }
        return counts
    }

    private static func changes(_ one: Side, _ other: Side) -> [Difference.Change] {
        zip(FindingColumn.allCases, zip(one.rows.cells, other.rows.cells)).compactMap { column, cells in
            cells.0 == cells.1 ? nil : .init(field: column.rawValue, from: cells.0, to: cells.1)
        }
    }

    private static func difference(
        _ kind: Kind, _ side: Side, before: Int64?, after: Int64?, _ changes: [Difference.Change]
    ) throws -> Difference {
        let cells = side.rows.cells
        guard cells.count == FindingColumn.allCases.count else { throw side.rows.broken("a row has not all columns") }
        func cell(_ column: FindingColumn) -> String { cells[FindingColumn.allCases.firstIndex(of: column) ?? 0] }
        return Difference(
            kind: kind, id: cell(.id), rule: cell(.rule), account: cell(.account), season: cell(.season),
            subject: cell(.subject), before: before.map { Fen($0) }, after: after.map { Fen($0) }, changes: changes,
            text: cell(.zh))
    }
}

/// One of the two files, at one of its rows.
private final class Side {
    let rows: CSVRows
    private(set) var isDone = false
    private var key: [UInt8] = []
    private var lastKey: [UInt8] = []
    /// Where the money stands in the row.
    private var moneyStart = 0

    init(_ path: String) throws {
        var path = path
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            path += "/findings.csv"
        }
        rows = try CSVRows(path)
        guard try rows.next() else { throw rows.broken("the file is empty") }
        var header = rows.cells
        if header.first?.unicodeScalars.first?.value == 0xFEFF { header[0].unicodeScalars.removeFirst() }
        if header != FindingColumn.allCases.map(\.rawValue) { throw rows.broken("the file is no findings.csv") }
        try step()
    }

    func step() throws {
        guard try rows.next() else {
            isDone = true
            return
        }
        swap(&key, &lastKey)
        try readKey()
        if !lastKey.isEmpty, !precedes(lastKey, key) {
            throw rows.broken("the rows are not sorted, or one stands twice")
        }
    }

    /// Account, rule, season and subject, which stand behind the id, joined as they are sorted; the money is three cells on.
    private func readKey() throws {
        key.removeAll(keepingCapacity: true)
        let row = rows.row
        var at = 0
        var place = 0
        while at < row.count, place < 7 {
            let isOfKey = (1...4).contains(place)
            if isOfKey, place > 1 { key.append(0x1F) }
            let first = key.count
            if row[at] == 0x22 {
                at += 1
                while at < row.count {
                    if row[at] == 0x22 {
                        guard at + 1 < row.count, row[at + 1] == 0x22 else { break }
                        at += 1
                    }
                    if isOfKey { key.append(row[at]) }
                    at += 1
                }
                at += 2
            } else {
                let comma = memchr(row.baseAddress! + at, 0x2C, row.count - at).map {
                    UnsafeRawPointer($0) - row.baseAddress!
                }
                let end = comma ?? row.count
                if isOfKey { key.append(contentsOf: UnsafeRawBufferPointer(rebasing: row[at..<end])) }
                at = end + 1
            }
            // The mark that keeps a spreadsheet from taking the cell for a formula is no part of the key.
            if isOfKey, key.count > first + 1, key[first] == 0x27, CSVText.needsMark(key[first + 1]) {
                key.remove(at: first)
            }
            place += 1
        }
        if place < 7 { throw rows.broken("a row has not all columns") }
        moneyStart = at
    }

    private func precedes(_ one: [UInt8], _ other: [UInt8]) -> Bool { Self.order(one, other) < 0 }

    private static func order(_ one: [UInt8], _ other: [UInt8]) -> Int {
        let common = min(one.count, other.count)
        let order = Int(memcmp(one, other, common))
        return order != 0 ? order : one.count - other.count
    }

    func order(_ other: Side) -> Int { Self.order(key, other.key) }

    func money() throws -> Int64 {
        let row = rows.row
        var end = moneyStart
        while end < row.count, row[end] != 0x2C { end += 1 }
        guard moneyStart < end, let money = UnsafeRawBufferPointer(rebasing: row[moneyStart..<end]).integer else {
            throw rows.broken("a row states no money")
        }
        return money
    }
}

extension Comparison.Difference {
    package static let csvHeader = CSVText.line([
        "kind", "finding_id", "account_number", "rule", "season", "subject", "money_before_fen", "money_after_fen",
        "field",
        "from", "to", "text_zh",
    ])

    /// A line, or one for each field that changed.
    package var csvLines: String {
        let money = [before, after].map { $0.map { String($0.amount) } ?? "" }.joined(separator: ",")
        let head = [kind.rawValue, id, account, rule, season, subject].map(CSVText.cell).joined(separator: ",")
        let fields = changes.isEmpty ? [Change(field: "", from: "", to: "")] : changes
        return fields.map { change in
            "\(head),\(money)," + CSVText.line([change.field, change.from, change.to, text])
        }.joined()
    }
}
