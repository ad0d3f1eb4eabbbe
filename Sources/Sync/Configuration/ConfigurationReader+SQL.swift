import ConfigurationFiles
import HeatModel
import Records
import SQLConnector

extension ConfigurationReader {
    mutating func sqlConnector(_ name: String, _ settings: Section, _ streams: Section, zone: String) -> (
        any Connector
    )? {
        expect(
            settings,
            only: [
                "driver", "conninfo", "path", "connectTimeout", "statementTimeout", "silenceTimeout", "sslMode",
                "sslRootCertificate",
                "sslCertificate", "sslKey",
            ], in: "sql")
        guard let driver = sqlDriver(settings) else { return nil }
        var made: [SQLStream] = []
        for entry in streams.entries {
            guard let body = section(entry.value, "stream \(name).\(entry.name)") else { continue }
            if let stream = sqlStream(entry.name, body) { made.append(stream) }
        }
        return problems.isEmpty ? SQLConnector(source: name, driver: driver, streams: made, zone: zone) : nil
    }

    private mutating func sqlDriver(_ settings: Section) -> SQLConnector.Driver? {
        switch secret(of: "driver", in: settings) {
        case "sqlite":
            guard let path = requiredSecret("path", in: settings, of: "driver sqlite") else { return nil }
            return .sqlite(resolve(path))
        case "postgres", nil:
            guard let conninfo = requiredSecret("conninfo", in: settings, of: "driver postgres") else { return nil }
            var options = PostgresOptions(conninfo: conninfo)
            if let seconds = seconds(of: "connectTimeout", in: settings, atLeast: 1) {
                options.connectTimeout = seconds
            }
            if let seconds = seconds(of: "statementTimeout", in: settings) { options.statementTimeout = seconds }
            if let seconds = seconds(of: "silenceTimeout", in: settings) { options.silenceTimeout = seconds }
            options.sslMode = text(of: "sslMode", in: settings)
            options.sslRootCertificate = text(of: "sslRootCertificate", in: settings).map(resolve)
            options.sslCertificate = text(of: "sslCertificate", in: settings).map(resolve)
            options.sslKey = text(of: "sslKey", in: settings).map(resolve)
            return .postgres(options)
        case let other?:
            report(
                "config.badValue", "\"\(other)\" is not a driver", at: settings["driver"]!,
                advice: NearestName.advice(other, among: ["postgres", "sqlite"]))
            return nil
        }
    }

    private mutating func sqlStream(_ name: String, _ body: Section) -> SQLStream? {
        expect(
            body,
            only: [
                "table", "query", "columns", "key", "cursor", "lookback", "where", "keyOrder", "snapshot", "countRows",
            ],
            in: "an SQL stream")
        let relation: SQLStream.Relation
        switch (text(of: "table", in: body), text(of: "query", in: body)) {
        case (let table?, nil): relation = .table(table)
        case (nil, let query?): relation = .query(query)
        default:
            report("config.missingKey", "stream \(name) must have one of \"table\" and \"query\"", at: body.place)
            return nil
        }
        var stream = SQLStream(name: name, relation: relation)
        if let columns = texts(of: "columns", in: body) { stream.columns = columns }
        if let key = texts(of: "key", in: body) { stream.key = key }
        stream.cursor = text(of: "cursor", in: body)
        // Seconds, or a plain number where the column holds numbers.
        if let lookback = integer(of: "lookback", in: body, atMost: 1_000_000_000_000_000) {
            stream.lookback = Int64(lookback)
        }
        stream.filter = text(of: "where", in: body)
        if let ordered = flag(of: "keyOrder", in: body) { stream.readsInKeyOrder = ordered }
        if let snapshot = flag(of: "snapshot", in: body) { stream.isSnapshot = snapshot }
        if let counts = flag(of: "countRows", in: body) { stream.countsRows = counts }
        return stream
    }
}
