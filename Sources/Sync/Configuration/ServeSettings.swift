/// `serve:` of the configuration: what `hearth serve` listens on, whom it believes, what it bounds.
public struct ServeSettings: Sendable {
    public struct TLS: Sendable {
        /// PEM, the server's own certificate first.
        public var certificates: String
        public var key: String
    }

    /// JWTs of an identity provider.
    public struct WebTokens: Sendable {
        public var issuer: String
        public var audience: String
        /// A JWKS file.
        public var keys: String
    }

    public struct Schedule: Sendable {
        /// Sources or streams; all of them if none is named.
        public var streams: [String]
        public var timing: Timing
        /// Up to so many seconds are added at random.
        public var jitter: Int
        public var isFull: Bool
    }

    public enum Timing: Sendable, Equatable {
        /// So many seconds from the end of one sync to the begin of the next.
        case every(seconds: Int)
        case cron(CronExpression)
    }

    public var host = "127.0.0.1"
    public var port = 8080
    public var tls: TLS?
    public var webTokens: WebTokens?
    /// Folder of the access log.
    public var accessLog: String
    /// Requests a second for each token, and how many may come at once; 0 is no limit.
    public var requestsPerSecond = 200
    public var burst = 400
    /// Failed bindings: for each account an hour, for each caller a minute.
    public var bindingsPerAccount = 5
    public var bindingsPerCaller = 60
    /// Bytes.
    public var maxHeader = 16_384
    public var maxBody = 65_536
    /// Seconds.
    public var headerTimeout = 10
    public var bodyTimeout = 30
    public var idleTimeout = 60
    public var shutdownTimeout = 30
    public var maxConnections = 4096
    /// `/readyz` asks that each stream has been synced within so many seconds; nil asks nothing.
    public var maxAge: Int?
    /// Browsers' origins that may ask; empty is none.
    public var origins: [String] = []
    public var schedules: [Schedule] = []
    /// Megabytes of pages that each event loop keeps of the store.
    public var cacheMegabytes = 48
    /// Event loops; nil is one for each core.
    public var threads: Int?

    public init(accessLog: String) { self.accessLog = accessLog }
}
