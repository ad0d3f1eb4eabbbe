import HeatModel
import Records

/// Asks a database for the rows of a ``CursorWitness``: two at the cursor and the two lowest, then again by their keys. Both go by an
/// index.
struct WitnessQuery {
    struct Key {
        /// What is compared.
        var name: String
        /// The text that is remembered.
        var read: String
        /// A remembered text as SQL has it; nil where it is none of this key.
        var literal: (String) -> String?
    }

    let stream: SQLStream
    let dialect: SQLDialect
    let table: SQLTable
    var key: [Key]
    /// Expressions of the columns that are read.
    var columns: [String]
    /// What is compared of the cursor column, and its text.
    var value: (compared: String, read: String)
    var form: String
    var ask: (String) throws -> [[String?]]

    /// Under names of their own: ordered by a name that a text bears too, the rows would come in the order of that text, and by no index.
    private var selected: String {
        (key.map(\.read) + [value.read] + columns).enumerated().map { "\($1) AS w\($0)" }.joined(separator: ", ")
    }

    private func rowsOf(where conditions: [String]) -> String { table.rows(stream, where: conditions) }

    private func row(_ texts: [String?]) -> CursorWitness.Row? {
        let keys = texts.prefix(key.count).compactMap(\.self)
        guard keys.count == key.count, let value = texts[key.count] else { return nil }
        return CursorWitness.Row(
            key: keys, value: value,
            digest: CursorWitness.digest(Array(texts[(key.count + 1)...].prefix(columns.count))))
    }

    /// - Parameters:
    ///   - from: the cursor's value.
    ///   - conditions: which rows lie up to it and are not read by every pull.
    func take(at from: String, where conditions: [String]) throws -> CursorWitness? {
        let tail = "SELECT \(selected) \(rowsOf(where: conditions)) ORDER BY \(value.compared)"
        let two = dialect.limited(to: 2, isOrdered: true)
        let found = try ask("SELECT * FROM (\(tail) DESC\(two)) a UNION ALL SELECT * FROM (\(tail)\(two)) b")
        var rows: [CursorWitness.Row] = []
        for row in found.compactMap({ row($0) }) where !rows.contains(where: { $0.key == row.key }) { rows.append(row) }
        return rows.isEmpty ? nil : CursorWitness(form: form, since: from, rows: rows)
    }

    /// - Parameter condition: which rows the pulls since then have read, this one included.
    /// - Returns: whether the rows are to be remembered anew.
    /// - Throws: ``HearthError`` `source.refilled`.
    func check(_ witness: CursorWitness, reading condition: String) throws -> Bool {
        let keys = witness.rows.compactMap { row -> String? in
            guard row.key.count == key.count else { return nil }
            let parts = zip(key, row.key).map { key, text in key.literal(text).map { "\(key.name) = \($0)" } }
            return parts.contains(nil) ? nil : "(\(parts.compactMap(\.self).joined(separator: " AND ")))"
        }
        if keys.isEmpty { return true }
        let isRead = "CASE WHEN \(condition) THEN 1 ELSE 0 END"
        let found = try ask("SELECT \(selected), \(isRead) \(rowsOf(where: [keys.joined(separator: " OR ")]))")
        let rows = found.compactMap { texts in
            row(texts).map { CursorWitness.Found(row: $0, isRead: texts.last == "1") }
        }
        switch witness.judge(rows, form: form) {
        case .sound: return form != witness.form || rows.count < witness.rows.count
        case .gone:
            // Rows that are deleted are not seen; what a pull does not read must not be new.
            let unread = rowsOf(where: ["CASE WHEN \(condition) THEN 0 ELSE 1 END = 1"])
            if try ask("SELECT 1 \(unread)\(dialect.limited(to: 1, isOrdered: false))").isEmpty { return true }
        case .belied: break
        }
        throw HearthError(
            .sourceRefilled,
            "stream \(stream.name): rows below the cursor are not those that stood there: the table was emptied and filled anew, or rows were changed without \(stream.cursor ?? "the cursor column") growing, and no incremental pull reads them",
            at: .table(stream.relationName, key: nil),
            advice: "Pull the stream once in full. Until then the cursor stays where it is.")
    }
}
