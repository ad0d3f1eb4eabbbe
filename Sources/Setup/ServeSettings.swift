import Foundation
package import Sync

/// `serve:` of the configuration: what `hearth serve` listens on, whom it believes, what it bounds.
package struct ServeSettings: Sendable {
    package struct TLS: Sendable {
        /// PEM, the server's own certificate first.
        package var certificates: String
        package var key: String
    }

    /// JWTs of an identity provider.
    package struct WebTokens: Sendable {
        package var issuer: String
        package var audience: String
        /// A JWKS file.
        package var keys: String
    }

    /// What the gateway is called where several use one store; without a setting the machine's name.
    package var name = ProcessInfo.processInfo.hostName
    package var host = "127.0.0.1"
    package var port = 8080
    package var tls: TLS?
    package var webTokens: WebTokens?
    /// Folder of the access log.
    package var accessLog: String
    /// Requests a second for each token, and how many may come at once; 0 is no limit.
    package var requestsPerSecond = 200
    package var burst = 400
    /// Failed bindings: for each account an hour, for each caller a minute.
    package var bindingsPerAccount = 5
    package var bindingsPerCaller = 60
    /// Bytes.
    package var maxHeader = 16_384
    package var maxBody = 65_536
    /// Seconds.
    package var headerTimeout = 10
    package var bodyTimeout = 30
    package var idleTimeout = 60
    package var shutdownTimeout = 30
    package var maxConnections = 4096
    /// Answers that are sent piece by piece: open at once in all, and for each token.
    package var maxStreams = 512
    package var maxStreamsPerCaller = 32
    /// `/readyz` asks that each stream has been synced within so many seconds; nil asks nothing.
    package var maxAge: Int?
    /// Browsers' origins that may ask; empty is none.
    package var origins: [String] = []
    package var schedules: [ScheduledSync] = []
    /// Whether the documentation stands at `/docs`.
    package var hasDocs = true
    /// Megabytes of pages that each event loop keeps of the store.
    package var cacheMegabytes = 48
    /// Event loops; nil is one for each core.
    package var threads: Int?

    package init(accessLog: String) { self.accessLog = accessLog }
}
