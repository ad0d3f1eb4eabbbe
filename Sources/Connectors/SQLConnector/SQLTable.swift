import HeatModel
import Records

/// A stream's relation with the columns that the stream names.
struct SQLTable {
    let relation: SQLRelation
    /// What the stream reads, in order.
    let columns: [SQLColumn]
    let key: [SQLColumn]
    /// The columns that rows are read in the order of: none where the stream wants no order, or values of some column stand in another
    /// order than they compare in.
    let order: [SQLColumn]
    let cursor: SQLColumn?

    var sql: String { relation.sql }
    var isTable: Bool { relation.identity != nil }

    /// Asks the system.
    /// - Throws: ``HearthError`` `config.unknownTable` or `config.unknownColumn` with the nearest name, `source.forbidden`.
    init(_ stream: SQLStream, _ session: any SQLSession) throws {
        guard let relation = try session.relation(of: stream) else {
            let name = stream.relationName
            let names = try session.visibleTables().map { table in
                name.contains(".")
                    ? table.name
                    : table.name.lastIndex(of: ".").map { String(table.name[$0...].dropFirst()) } ?? table.name
            }
            throw HearthError(
                .configUnknownTable, "stream \(stream.name): there is no table \(name)", at: .table(name, key: nil),
                advice: NearestName.advice(name, among: names)
                    ?? "no table can be seen: check the database's name and the permissions")
        }
        func column(_ name: String, _ role: String) throws -> SQLColumn {
            if let found = relation.columns.first(where: { $0.name == name }) { return found }
            throw HearthError(
                .configUnknownColumn,
                "stream \(stream.name): \(stream.relationName) has no column \(name), named as \(role)",
                at: .table(stream.relationName, key: nil),
                advice: NearestName.advice(name, among: relation.columns.map(\.name)))
        }
        self.relation = relation
        columns =
            stream.columns.isEmpty ? relation.columns : try stream.columns.map { try column($0, "a column to read") }
        key =
            stream.key.isEmpty
            ? relation.declaredKey.compactMap { name in relation.columns.first { $0.name == name } }
            : try stream.key.map { try column($0, "part of the key") }
        order = stream.readsInKeyOrder && !key.contains { $0.kind == .unordered } ? key : []
        cursor = try stream.cursor.map { try column($0, "the cursor") }
    }

    /// The column that tells whose a row is.
    ///
    /// - Throws: `config.notFresh` where the stream names none, `config.unknownColumn` where the table lacks it.
    func accountColumn(of stream: SQLStream) throws -> SQLColumn {
        guard let name = stream.fresh?.column else {
            throw AccountKey.missing(stream.name)
        }
        if let found = relation.columns.first(where: { $0.name == name }) { return found }
        throw HearthError(
            .configUnknownColumn, "stream \(stream.name): \(stream.relationName) has no column \(name), named by fresh",
            at: .table(stream.relationName, key: nil),
            advice: NearestName.advice(name, among: relation.columns.map(\.name)))
    }

    /// `FROM … WHERE …`, with the stream's own condition.
    func rows(_ stream: SQLStream, where conditions: [String] = []) -> String {
        // On lines of its own, so that a comment at its end does not swallow the parenthesis.
        let all = conditions + (stream.filter.map { ["\n\($0)\n"] } ?? [])
        return "FROM \(sql)" + (all.isEmpty ? "" : " WHERE " + all.map { "(\($0))" }.joined(separator: " AND "))
    }
}
