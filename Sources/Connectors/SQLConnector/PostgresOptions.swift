/// How to reach a PostgreSQL source.
public struct PostgresOptions: Sendable {
    /// A libpq connection string, `host=… dbname=…` or `postgres://…`, its password resolved. Never printed.
    public var conninfo: String
    /// Most seconds to wait for the connection.
    public var connectTimeout: Int
    /// Most seconds that the server may spend on one statement, the handing over of its rows included; 0 is no bound.
    public var statementTimeout: Int
    /// Most seconds without a single byte from the server while rows are awaited; 0 is no bound.
    public var silenceTimeout: Int
    /// libpq's `sslmode`, `sslrootcert`, `sslcert` and `sslkey`; nil leaves what the connection string says.
    public var sslMode: String?
    public var sslRootCertificate: String?
    public var sslCertificate: String?
    public var sslKey: String?

    public init(
        conninfo: String, connectTimeout: Int = 10, statementTimeout: Int = 0, silenceTimeout: Int = 900,
        sslMode: String? = nil, sslRootCertificate: String? = nil, sslCertificate: String? = nil, sslKey: String? = nil
    ) {
        self.conninfo = conninfo
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.silenceTimeout = silenceTimeout
        self.sslMode = sslMode
        self.sslRootCertificate = sslRootCertificate
        self.sslCertificate = sslCertificate
        self.sslKey = sslKey
    }
}

extension PostgresOptions: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the connection string, which may hold a password.
    public var description: String { "PostgresOptions(…)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
