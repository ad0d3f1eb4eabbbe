package import ConfigurationFiles
import HeatModel
import Records

/// The section `sql` of a source and its streams, as `hearth.yaml` has them.
package enum SQLConfiguration {
    /// - Parameters:
    ///   - source: its name.
    ///   - settings: what stands under its kind.
    ///   - zone: IANA name of the source's zone.
    /// - Returns: nil where something is wrong; the reader has noted what, and where it stands.
    package static func read(
        _ source: String, settings: Section, streams: Section, zone: String, reader: inout ConfigurationReader
    ) -> SQLConnector? {
        guard let driver = driver(settings, reader: &reader) else { return nil }
        let made = reader.streams(streams, of: source) { $0.sqlStream($1, $2) }
        return reader.problems.isEmpty ? SQLConnector(source: source, driver: driver, streams: made, zone: zone) : nil
    }

    /// The section `sql` alone: which database, and as whom.
    ///
    /// - Returns: nil where something is wrong; the reader has noted what.
    package static func driver(_ settings: Section, reader: inout ConfigurationReader) -> SQLConnector.Driver? {
        reader.expect(
            settings,
            only: [
                "driver", "conninfo", "host", "port", "database", "user", "password", "path", "connectTimeout",
                "statementTimeout", "silenceTimeout", "sslMode", "sslRootCertificate", "sslCertificate", "sslKey",
                "system", "odbcDriver", "dsn", "settings",
            ], in: "sql")
        return reader.sqlDriver(settings)
    }
}

extension ConfigurationReader {
    fileprivate mutating func sqlDriver(_ settings: Section) -> SQLConnector.Driver? {
        switch secret(of: "driver", in: settings) {
        case "sqlite":
            guard let path = requiredSecret("path", in: settings, of: "driver sqlite") else { return nil }
            return .sqlite(resolve(path))
        case "postgres", nil:
            guard var options = postgresTarget(settings) else { return nil }
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
        case "odbc": return odbcOptions(settings).map { .odbc($0) }
        case let other?:
            report(
                .configBadValue, "\"\(other)\" is not a driver", at: settings["driver"]!,
                advice: NearestName.advice(other, among: ["postgres", "sqlite", "odbc"]))
            return nil
        }
    }

    /// Where the server is and who asks: a connection string, keys of their own, or both, of which the keys count.
    private mutating func postgresTarget(_ settings: Section) -> PostgresOptions? {
        var options = PostgresOptions()
        if settings["conninfo"] != nil {
            guard let conninfo = secret(of: "conninfo", in: settings) else { return nil }
            if conninfo.isEmpty && settings["host"] == nil && settings["database"] == nil {
                report(.configBadValue, "\"conninfo\" must not be empty", at: settings["conninfo"]!)
                return nil
            }
            options.conninfo = conninfo
        } else if settings["host"] == nil || settings["database"] == nil {
            report(
                .configMissingKey, "driver postgres needs \"conninfo\", or \"host\" and \"database\"",
                at: settings.place)
            return nil
        }
        for (name, path) in [
            ("host", \PostgresOptions.host), ("database", \.database), ("user", \.user), ("password", \.password),
        ] where settings[name] != nil {
            guard let value = requiredSecret(name, in: settings, of: "driver postgres") else { return nil }
            options[keyPath: path] = value
        }
        if settings["port"] != nil {
            guard let port = port(settings) else { return nil }
            options.port = port
        }
        return options
    }

    private mutating func port(_ settings: Section) -> Int? {
        guard let text = secret(of: "port", in: settings) else { return nil }
        if let port = Int(text), (1...65_535).contains(port) { return port }
        report(.configBadValue, "\"port\" must be a number from 1 to 65535", at: settings["port"]!)
        return nil
    }

    private mutating func odbcOptions(_ settings: Section) -> ODBCOptions? {
        var options = ODBCOptions(system: choice(of: "system", in: settings, ODBCOptions.System.self))
        if settings["odbcDriver"] == nil && settings["dsn"] == nil {
            report(.configMissingKey, "driver odbc needs \"odbcDriver\" or \"dsn\"", at: settings.place)
            return nil
        }
        if settings["odbcDriver"] != nil && settings["system"] == nil {
            report(
                .configMissingKey, "an odbcDriver needs \"system\", for each driver has settings of its own",
                at: settings["odbcDriver"]!)
            return nil
        }
        for (name, path) in [
            ("odbcDriver", \ODBCOptions.driver), ("dsn", \.dsn), ("host", \.host), ("database", \.database),
            ("user", \.user), ("password", \.password),
        ] where settings[name] != nil {
            guard let value = requiredSecret(name, in: settings, of: "driver odbc") else { return nil }
            options[keyPath: path] = value
        }
        if settings["path"] != nil {
            guard let path = requiredSecret("path", in: settings, of: "driver odbc") else { return nil }
            options.database = resolve(path)
        }
        if settings["port"] != nil {
            guard let port = port(settings) else { return nil }
            options.port = port
        }
        if let more = section(of: "settings", in: settings) {
            for entry in more.entries { options.settings[entry.name] = secret(of: entry.name, in: more) }
        }
        if let seconds = seconds(of: "connectTimeout", in: settings, atLeast: 1) { options.connectTimeout = seconds }
        if let seconds = seconds(of: "statementTimeout", in: settings) { options.statementTimeout = seconds }
        if let seconds = seconds(of: "silenceTimeout", in: settings) { options.silenceTimeout = seconds }
        return options
    }

    fileprivate mutating func sqlStream(_ name: String, _ body: Section) -> SQLStream? {
        expect(
            body,
            only: [
                "table", "query", "columns", "key", "cursor", "cursorFormat", "lookback", "where", "keyOrder",
                "snapshot", "countRows", "fresh",
            ],
            in: "an SQL stream")
        let relation: SQLStream.Relation
        switch (text(of: "table", in: body), text(of: "query", in: body)) {
        case (let table?, nil): relation = .table(table)
        case (nil, let query?): relation = .query(query)
        default:
            report(.configMissingKey, "stream \(name) must have one of \"table\" and \"query\"", at: body.place)
            return nil
        }
        var stream = SQLStream(name: name, relation: relation)
        if let columns = texts(of: "columns", in: body) { stream.columns = columns }
        if let key = texts(of: "key", in: body) { stream.key = key }
        for name in ["columns", "key"] {
            for item in body[name].flatMap({ list($0, "\"\(name)\"") }) ?? []
            where (name == "key" ? stream.key : stream.columns).filter({ $0 == item.text }).count > 1 {
                report(.configBadValue, "\"\(item.text)\" stands more than once in \"\(name)\"", at: item.node)
            }
        }
        stream.cursor = text(of: "cursor", in: body)
        stream.cursorOrder = cursorFormat(of: body)
        // Seconds, or a plain number where the column holds numbers.
        if let lookback = integer(of: "lookback", in: body, atMost: 1_000_000_000_000_000) {
            stream.lookback = Int64(lookback)
        }
        stream.filter = text(of: "where", in: body)
        if let ordered = flag(of: "keyOrder", in: body) { stream.readsInKeyOrder = ordered }
        if let snapshot = flag(of: "snapshot", in: body) { stream.isSnapshot = snapshot }
        if let counts = flag(of: "countRows", in: body) { stream.countsRows = counts }
        if let fresh = section(of: "fresh", in: body) {
            expect(fresh, only: ["column", "from"], in: "fresh")
            if let column = required("column", in: fresh, of: "fresh") {
                stream.fresh = .init(column: column, key: AccountKey(from: self.column(of: "from", in: fresh)))
            }
        }
        return stream
    }

    /// How a cursor column grows, where it is declared.
    private mutating func cursorFormat(of body: Section) -> CursorOrder? {
        guard let format = text(of: "cursorFormat", in: body) else { return nil }
        if body["cursor"] == nil {
            report(.configBadValue, "\"cursorFormat\" is of a cursor, and none is named", at: body["cursorFormat"]!)
        }
        if let order = CursorOrder(declared: format) { return order }
        report(
            .configBadValue,
            "\"\(format)\" is neither a format of dates (yyyy, M, d, H, m, s, S, such as yyyy/M/d H:mm:ss) nor one of \(CursorOrder.words.joined(separator: ", "))",
            at: body["cursorFormat"]!,
            advice: NearestName.find(format, among: CursorOrder.words).map { "did you mean \"\($0)\"?" })
        return nil
    }
}
