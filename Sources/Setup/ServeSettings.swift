import Foundation
public import Sync

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

    /// What the gateway is called where several use one store; without a setting the machine's name.
    public var name = ProcessInfo.processInfo.hostName
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
    /// Answers that are sent piece by piece: open at once in all, and for each token.
    public var maxStreams = 512
    public var maxStreamsPerCaller = 32
    /// `/readyz` asks that each stream has been synced within so many seconds; nil asks nothing.
    public var maxAge: Int?
    /// Browsers' origins that may ask; empty is none.
    public var origins: [String] = []
    public var schedules: [ScheduledSync] = []
    /// Megabytes of pages that each event loop keeps of the store.
    public var cacheMegabytes = 48
    /// Event loops; nil is one for each core.
    public var threads: Int?

    public init(accessLog: String) { self.accessLog = accessLog }
}
