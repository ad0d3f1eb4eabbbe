import CODBC
import HeatModel

/// What a driver, its manager or the server refuse, as errors that name the stream and what to do, and hold no secret and no data.
struct ODBCFailure: Error {
    /// The driver's own words, only for ``HearthError/cause``.
    struct DriverMessage: Error, CustomStringConvertible {
        var description: String
    }

    /// SQLSTATE, the system's own number and the message of the first record that is no mere information.
    let state: String
    let number: Int
    let text: String

    init(_ type: Int32, _ handle: SQLHANDLE?) {
        var found: (state: String, number: Int, text: String)?
        var index: SQLSMALLINT = 1
        while index < 20 {
            var state = [SQLCHAR](repeating: 0, count: 6)
            var text = [SQLCHAR](repeating: 0, count: 1024)
            var number: SQLINTEGER = 0
            var length: SQLSMALLINT = 0
            let result = SQLGetDiagRec(
                SQLSMALLINT(type), handle, index, &state, &number, &text, SQLSMALLINT(text.count), &length)
            guard result == SQL_SUCCESS || result == SQL_SUCCESS_WITH_INFO else { break }
            let record = (Self.string(state), Int(number), Self.string(text))
            if found == nil || found?.state == "01000" && !record.2.contains("Can't open lib") { found = record }
            if found?.text.contains("Can't open lib") == true { break }
            index += 1
        }
        state = found?.state ?? "HY000"
        number = found?.number ?? 0
        text = found?.text ?? "the driver says nothing"
    }

    static func string(_ bytes: [SQLCHAR]) -> String { String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }

    // MARK: Connecting

    func connecting(_ target: ODBCTarget, _ system: ODBCOptions.System?) -> HearthError {
        let text = target.redacted(text)
        func error(_ code: HearthError.Code, _ message: String, _ advice: String) -> HearthError {
            HearthError(code, message, at: target.place, advice: advice, cause: DriverMessage(description: text))
        }
        if text.contains("Can't open lib") || state == "IM003" {
            return error(
                .configBadConnection, "the ODBC driver \(target.driverName.map { "\"\($0)\" " } ?? "")is not installed",
                "\(Self.package(system)) Installed are: \(ODBCDrivers.installed().joined(separator: ", ")).")
        }
        if state == "IM002" {
            return error(
                .configBadConnection, "there is no ODBC data source or driver of this name",
                "Name the driver with odbcDriver, or a data source of odbc.ini with dsn. Installed are: \(ODBCDrivers.installed().joined(separator: ", "))."
            )
        }
        if state == "28000" || number == 18456 || number == 1017 {
            return error(
                .sourceUnauthorized, "the server refused the user or the password",
                "Check user and password of the source.")
        }
        if state == "3D000" || number == 1049 || number == 4060 {
            return error(.configUnknownDatabase, "the server has no such database", "Check database of the source.")
        }
        if number == 1044 {
            return error(.sourceForbidden, "the user may not use this database", "Ask the owner for SELECT on it.")
        }
        if text.contains("SSL") || text.contains("TLS") || text.contains("certificate") {
            return error(
                .sourceTls, "no secure connection could be agreed", "Check the driver's settings for certificates.")
        }
        return error(
            .sourceUnreachable, "the server cannot be reached",
            "Check that it runs, and host, port and network of the source.")
    }

    /// Which package has the driver of a system.
    static func package(_ system: ODBCOptions.System?) -> String {
        switch system {
        case .mysql: "Install Debian's odbc-mariadb; its driver is \"MariaDB Unicode\"."
        case .postgres: "Install Debian's odbc-postgresql; its driver is \"PostgreSQL Unicode\"."
        case .sqlite: "Install Debian's libsqliteodbc; its driver is \"SQLite3\"."
        case .sqlserver:
            "Install Microsoft's msodbcsql18 (\"ODBC Driver 18 for SQL Server\") or Debian's tdsodbc (\"FreeTDS\")."
        case .oracle: "Install Oracle's Instant Client with its ODBC package and run its odbc_update_ini.sh."
        case .dameng: "Install 达梦's own client, which has libdodbc.so, and name it in odbcinst.ini."
        case nil:
            "Debian has odbc-mariadb, odbc-postgresql, libsqliteodbc and tdsodbc; Oracle and 达梦 have drivers of their own."
        }
    }

    // MARK: Statements

    func refused(_ target: ODBCTarget, _ system: ODBCOptions.System, _ stream: SQLStream?) -> HearthError {
        let text = target.redacted(text)
        let subject = stream.map { "stream \($0.name): " } ?? ""
        let place: Place = stream.map { .table($0.relationName, key: nil) } ?? target.place
        func error(_ code: HearthError.Code, _ message: String, _ advice: String) -> HearthError {
            HearthError(
                code, subject + message, at: place, advice: advice, cause: DriverMessage(description: text))
        }
        let lost = [2006, 2013, 2055, 3113, 3114, 10054, 10060]
        if state.hasPrefix("08") || state == "57P01" || lost.contains(number)
            || text.contains("onnection to the server was lost")
            || text.contains("server closed the connection") || text.contains("Communication link failure")
            || text.contains("o connection to the server")
        {
            return error(
                .sourceConnectionLost, "the connection was lost",
                "Run again: committed batches stay, and the next run carries on after them.")
        }
        // Of SQLite there is the message only.
        let plain = system == .sqlite ? text : ""
        if state == "42S02" || state == "42P01" || number == 942 || plain.contains("no such table") {
            return error(.configUnknownTable, named(text), "Check the table of the stream.")
        }
        if state == "42S22" || state == "42703" || number == 904 || plain.contains("no such column") {
            return error(
                .configUnknownColumn, named(text), "Check columns, key, cursor and filter of the stream.")
        }
        if ["HYT00", "HYT01", "57014", "70100"].contains(state) || number == 1969 || number == 3024 || number == 1317 {
            return error(
                .sourceTimeout, "the statement was cancelled, most likely at the statement timeout",
                "Raise the statement timeout of the source, or give the table an index on its key and cursor column.")
        }
        if state == "42501" || [1142, 1143, 1370, 229, 230, 1031].contains(number) {
            return error(.sourceForbidden, named(text), "Ask the owner for SELECT on it.")
        }
        if state == "25006" || number == 1792 || number == 1456 || plain.contains("readonly database") {
            return error(
                .configWrites, "the query would write, and the session is read only", "Use a query that only reads.")
        }
        if state == "22021" || state == "22P05" {
            return error(
                .sourceUndecodable, "the table holds characters that the server cannot write as UTF-8",
                "Use a query that leaves them out or repairs them.")
        }
        if plain.contains("locked") || number == 1205 {
            return error(.sourceTimeout, "another session keeps the table locked", "Try again later.")
        }
        if plain.contains("malformed") || plain.contains("not a database") {
            return error(
                .sourceBrokenData, "the file is not a database, or is damaged",
                "Check the path; run PRAGMA integrity_check on a copy.")
        }
        if ["22003", "22007", "22008", "22018", "22P02"].contains(state) {
            return error(
                .sourceQueryFailed, "a value does not fit the type it is read as (SQLSTATE \(state))",
                "If the type of the cursor column or of a key was changed, pull the stream once in full; else look at its query and filter."
            )
        }
        // Messages of class 42 tell of names and syntax, others may repeat data.
        if state.hasPrefix("42") || state == "37000" || plain.contains("syntax error") || plain.contains("no such") {
            return error(.configBadQuery, named(text), "Check table, query, columns and filter of the stream.")
        }
        return error(
            .sourceQueryFailed, "the server refused the statement with SQLSTATE \(state), number \(number)",
            "Run the stream's query by hand, as the source's user.")
    }

    /// The message without the names of those it passed through.
    private func named(_ text: String) -> String {
        var rest = text[...]
        while rest.first == "[", let end = rest.firstIndex(of: "]") { rest = rest[rest.index(after: end)...] }
        return String(rest.split(separator: "\n").first ?? rest)
    }
}

/// What odbcinst.ini names.
enum ODBCDrivers {
    static func installed() -> [String] {
        var environment: SQLHANDLE?
        guard SQLAllocHandle(SQLSMALLINT(SQL_HANDLE_ENV), nil, &environment) == SQL_SUCCESS else { return [] }
        defer { SQLFreeHandle(SQLSMALLINT(SQL_HANDLE_ENV), environment) }
        SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, UnsafeMutableRawPointer(bitPattern: Int(SQL_OV_ODBC3)), 0)
        var names: [String] = []
        var direction = SQLUSMALLINT(SQL_FETCH_FIRST)
        while true {
            var name = [SQLCHAR](repeating: 0, count: 256)
            var attributes = [SQLCHAR](repeating: 0, count: 1024)
            var (nameLength, attributesLength): (SQLSMALLINT, SQLSMALLINT) = (0, 0)
            let result = SQLDrivers(
                environment, direction, &name, 256, &nameLength, &attributes, 1024, &attributesLength)
            guard result == SQL_SUCCESS || result == SQL_SUCCESS_WITH_INFO else { break }
            names.append(ODBCFailure.string(name))
            direction = SQLUSMALLINT(SQL_FETCH_NEXT)
        }
        return names.isEmpty ? ["none"] : names.sorted()
    }
}
