/// How to reach a source through unixODBC.
public struct ODBCOptions: Sendable {
    /// The systems whose SQL is known.
    public enum System: String, Sendable, CaseIterable {
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
    public var system: System?
    /// The driver, by its name in odbcinst.ini or the path of its library.
    public var driver: String?
    /// A data source of odbc.ini.
    public var dsn: String?
    /// Each is taken as it is: nothing needs to be quoted. Never printed.
    public var host: String?
    public var port: Int?
    public var database: String?
    public var user: String?
    public var password: String?
    /// More keys of the driver's connection string.
    public var settings: [String: String] = [:]
    /// Most seconds to wait for the connection.
    public var connectTimeout = 10
    /// Most seconds for one statement, where the driver can bound it; 0 is no bound.
    public var statementTimeout = 0
    /// Most seconds that one call of the driver may take; 0 is no bound.
    public var silenceTimeout = 900
    /// Most milliseconds that a pull without a lookback waits for open transactions of others to end, where the system tells of them.
    public var settleTime = 2000
    /// Most bytes of one rowset, whatever the width of the table.
    var rowsetBytes = 16 << 20
    /// Most rows of one rowset.
    var rowsetRows = 1000

    public init(
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
    public var description: String { "ODBCOptions(…)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
