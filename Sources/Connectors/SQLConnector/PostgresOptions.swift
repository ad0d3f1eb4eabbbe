/// How to reach a PostgreSQL source.
package struct PostgresOptions: Sendable {
    /// A libpq connection string, `host=… dbname=…` or `postgres://…`; empty where the parts below say it all. Never printed.
    package var conninfo: String
    /// Each beats what the connection string says. Taken as they are: nothing needs to be quoted. Never printed.
    package var host: String?
    package var port: Int?
    package var database: String?
    package var user: String?
    package var password: String?
    /// Most seconds to wait for the connection.
    package var connectTimeout: Int
    /// Most seconds that the server may spend on one statement, the handing over of its rows included; 0 is no bound.
    package var statementTimeout: Int
    /// Most seconds without a single byte from the server while rows are awaited; 0 is no bound.
    package var silenceTimeout: Int
    /// Most milliseconds that a pull without a lookback waits for open transactions of others to end. Where they do not, the
    /// cursor stays where it is.
    package var settleTime = 2000
    /// libpq's `sslmode`, `sslrootcert`, `sslcert` and `sslkey`; nil leaves what the connection string says.
    package var sslMode: String?
    package var sslRootCertificate: String?
    package var sslCertificate: String?
    package var sslKey: String?

    package init(
        conninfo: String = "", host: String? = nil, port: Int? = nil,
        database: String? = nil, user: String? = nil, password: String? = nil, connectTimeout: Int = 10,
        statementTimeout: Int = 0, silenceTimeout: Int = 900, sslMode: String? = nil,
        sslRootCertificate: String? = nil, sslCertificate: String? = nil, sslKey: String? = nil
    ) {
        self.conninfo = conninfo
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
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
    package var description: String { "PostgresOptions(…)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
