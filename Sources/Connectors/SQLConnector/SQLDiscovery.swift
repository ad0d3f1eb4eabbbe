import HeatModel
import Records

/// Everything that can be read from an SQL source.
struct SQLDiscovery {
    let connector: SQLConnector

    func run() throws -> [StreamDescription] {
        let session = try connector.session()
        let tables = try session.visibleTables()
        var found: [StreamDescription] = []
        var configured: Set<String> = []
        for stream in connector.streams {
            let table = try SQLTable(stream, session)
            if let identity = table.relation.identity { configured.insert(identity) }
            let known = tables.first { $0.identity == table.relation.identity }
            found.append(describe(stream.name, table, estimate: known?.estimatedRows, isConfigured: true))
        }
        for table in tables where !configured.contains(table.identity) {
            do {
                let described = try SQLTable(SQLStream(name: table.name, table: table.name), session)
                found.append(describe(table.name, described, estimate: table.estimatedRows, isConfigured: false))
            } catch let error as HearthError where error.code.area == "config" {
                // A view that names a table which is gone cannot be read: it is told, and the others are shown.
                found.append(
                    StreamDescription(name: table.name, columns: [], isConfigured: false, trouble: error))
            }
        }
        return found
    }

    private func describe(
        _ name: String, _ table: SQLTable, estimate: Int64?, isConfigured: Bool
    ) -> StreamDescription {
        StreamDescription(
            name: name,
            columns: table.columns.map {
                .init(name: $0.name, type: $0.type, isNullable: $0.isNullable, comment: $0.comment)
            },
            key: table.key.map(\.name), estimatedRows: estimate, isConfigured: isConfigured)
    }
}
