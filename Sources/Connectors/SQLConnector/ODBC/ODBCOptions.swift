/// How to reach a source through unixODBC.
package struct ODBCOptions: Sendable {
    /// The systems whose SQL is known.
    package enum System: String, Sendable, CaseIterable {
        /// MySQL and MariaDB.
        case mysql
        case sqlserver
        case oracle
        /// 达梦.
        case dameng
        case postgres
        case sqlite
    }

    /// The system behind the driver; nil asks the driver for its name.
    package var system: System?
    /// The driver, by its name in odbcinst.ini or the path of its library.
    package var driver: String?
    /// A data source of odbc.ini.
    package var dsn: String?
    /// Each is taken as it is: nothing needs to be quoted. Never printed.
    package var host: String?
    package var port: Int?
    package var database: String?
    package var user: String?
    package var password: String?
    /// More keys of the driver's connection string.
    package var settings: [String: String] = [:]
    /// Most seconds to wait for the connection.
    package var connectTimeout = 10
    /// Most seconds for one statement, where the driver can bound it; 0 is no bound.
    package var statementTimeout = 0
    /// Most seconds that one call of the driver may take; 0 is no bound.
    package var silenceTimeout = 900
    /// Most milliseconds that a pull without a lookback waits for open transactions of others to end, where the system tells of them.
    package var settleTime = 2000
    /// Most bytes of one rowset, whatever the width of the table.
    var rowsetBytes = 16 << 20
    /// Most rows of one rowset.
    var rowsetRows = 1000

    package init(
        system: System? = nil, driver: String? = nil, dsn: String? = nil, host: String? = nil, port: Int? = nil,
        database: String? = nil, user: String? = nil, password: String? = nil
    ) {
        self.system = system
        self.driver = driver
        self.dsn = dsn
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
    }
}

extension ODBCOptions: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without what is in it: a password, among others.
    package var description: String { "ODBCOptions(…)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
