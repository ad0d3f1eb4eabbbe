import HearthTesting
import Records
import SQLConnector

extension MariaDBDatabase {
    func options(settings: [String: String] = [:], user: String = "root", password: String? = nil) -> ODBCOptions {
        var options = ODBCOptions(
            system: .mysql, driver: "MariaDB Unicode", host: server.socket, database: name, user: user,
            password: password)
        options.settings = settings
        return options
    }

    func connector(
        _ streams: SQLStream..., settings: [String: String] = [:], zone: String = "Asia/Shanghai"
    ) -> SQLConnector {
        SQLConnector(source: "billing", driver: .odbc(options(settings: settings)), streams: streams, zone: zone)
    }
}

extension PostgresDatabase {
    func odbcConnector(_ streams: SQLStream..., zone: String = "Asia/Shanghai") -> SQLConnector {
        let options = ODBCOptions(
            system: .postgres, driver: "PostgreSQL Unicode", host: server.socketDirectory, port: server.port,
            database: name, user: "postgres")
        return SQLConnector(source: "billing", driver: .odbc(options), streams: streams, zone: zone)
    }
}

extension SQLiteFile {
    func odbcConnector(_ streams: SQLStream..., zone: String = "Asia/Shanghai") -> SQLConnector {
        let options = ODBCOptions(system: .sqlite, driver: "SQLite3", database: path)
        return SQLConnector(source: "billing", driver: .odbc(options), streams: streams, zone: zone)
    }
}
