public import Explanation
import Foundation
import HeatModel
public import Logging
import NIOCore
import NIOPosix
public import Store
public import Sync
import Synchronization

/// A store that can serve: it keeps tokens and reads fast.
public typealias ServingStore = Store & AccessTokenStore & SnapshotReading

/// What answers: the store, who may ask, what is written down, what is counted. One for a process; HTTP and MCP are ways to it.
public final class Gateway: Sendable {
    public let settings: ServeSettings
    let store: any ServingStore
    let workspace: Workspace
    let log: any AccessRecorder
    let metrics: GatewayMetrics
    let logger: Logger
    let tokens: TokenTable
    let webTokens: WebTokens?
    let limiter: RateLimiter
    let answers: Answers
    /// Where calls go that wait for something.
    let pool: NIOThreadPool
    /// Offset of the machine's zone, for the instants that are made here.
    let offsetMinutes: Int16
    private let turns = Mutex<[ObjectIdentifier: Turn]>([:])
    /// Desks that no event loop has yet.
    private let desks: Mutex<[AnswerDesk]>

    /// - Parameters:
    ///   - desk: makes a desk. Each event loop has one of its own: two that ask one desk fight over the reference counts of all that it
    ///     hands out.
    ///   - loops: how many event loops will ask; none where only ``answer(_:)`` is called.
    public init(
        workspace: Workspace, store: any ServingStore, log: any AccessRecorder, logger: Logger,
        openAPI: [UInt8], desk: () throws -> AnswerDesk, loops: Int = 0
    ) async throws {
        settings = workspace.configuration.serve
        self.workspace = workspace
        self.store = store
        self.log = log
        self.logger = logger
        metrics = GatewayMetrics.shared
        tokens = try TokenTable(store: store)
        if let web = settings.webTokens {
            webTokens = try await WebTokens(issuer: web.issuer, audience: web.audience, path: web.keys)
        } else {
            webTokens = nil
        }
        limiter = RateLimiter(perSecond: Double(settings.requestsPerSecond), burst: Double(settings.burst))
        offsetMinutes = Instant.now.offsetMinutes
        answers = Answers(
            workspace: workspace, store: store, log: log, metrics: metrics, settings: settings, openAPI: openAPI,
            desk: try desk())
        desks = Mutex(try (0..<loops).map { _ in try desk() })
        // As many as the store has connections to read with.
        pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
    }

    /// Ends the threads; what they do is finished first.
    public func close() async throws {
        try await pool.runIfActive { [log, workspace, logger] in
            try log.sync()
            do {
                try workspace.noteLogHeads()
            } catch {
                // The next sync or server notes it.
                logger.error("the access log's head is not noted", metadata: ["error": "\(error)"])
            }
        }
        try await pool.shutdownGracefully()
        turns.withLock { $0 = [:] }
    }

    /// The turn of an event loop, made on first sight. To be called on that loop.
    func turn(of loop: any EventLoop) throws -> Turn {
        let name = ObjectIdentifier(loop)
        if let known = turns.withLock({ $0[name] }) { return known }
        var answers = answers
        if let own = desks.withLock({ $0.popLast() }) { answers.desk = own }
        let made = try Turn(gateway: self, answers: answers, loop: loop)
        turns.withLock { $0[name] = made }
        return made
    }

    /// What is known of whoever sends an `Authorization` field.
    enum Identity {
        case caller(Caller)
        case unknown
        /// A JWT that has not been checked yet.
        case unchecked(String)
    }

    func identify(_ authorization: String?) -> Identity {
        guard let authorization, authorization.utf8.count <= 8192, authorization.utf8.count > 7,
            authorization.utf8.prefix(7).elementsEqual("Bearer ".utf8, by: { $0 | 0x20 == $1 | 0x20 })
        else { return .unknown }
        let secret = String(authorization.dropFirst(7))
        let caller: Caller
        if let known = tokens.caller(secret) {
            caller = known
        } else if let webTokens, WebTokens.isShaped(secret) {
            guard let known = webTokens.known(secret) else { return .unchecked(secret) }
            caller = known
        } else {
            return .unknown
        }
        return caller.expires > WallClock.microseconds ? .caller(caller) : .unknown
    }

    /// Whether the caller may go on: scope first, then rate.
    func admit(_ caller: Caller, to route: Route, now: NIODeadline) throws(Problem) {
        guard caller.scopes.allowsAny(route.scopes) else { throw .forbidden(route.scopes) }
        if let seconds = limiter.take(caller.id, now: now.uptimeNanoseconds) {
            throw Problem(
                429, "rate-limited", "Too many requests for this token",
                detail: "\(settings.requestsPerSecond) a second are allowed", retryAfter: seconds)
        }
    }

    /// Answers a call on the present thread, which may wait.
    func answer(_ call: Call) -> Answer {
        if call.route == .mcp { return mcp(call) }
        do {
            return try store.read { reader in try answers.answer(call, reader) }
        } catch {
            return answer(to: error, of: call)
        }
    }

    func answer(to error: any Error, of call: Call) -> Answer {
        let problem = Problem(error).naming(call.names)
        if problem.status >= 500 {
            logger.error(
                "a request failed",
                metadata: [
                    "request": "\(call.requestID)", "route": "\(call.route.path)",
                    "code": "\((error as? HearthError)?.code.name ?? problem.code)",
                ])
        }
        var answer = Answer(problem, requestID: call.requestID)
        if call.route.isOfAccounts {
            // What cannot be a number is of no account.
            let number = call.values.isEmpty ? nil : try? call.accountNumber()
            answer.accesses = [call.access(number.map { [$0] } ?? [], problem.outcome)]
        }
        return answer
    }
}

extension Problem {
    /// What the access log calls it.
    var outcome: StaticString {
        switch status {
        case 400, 413, 415: "refused"
        case 401: "unauthorized"
        case 403: "forbidden"
        case 404: "not_found"
        case 429: "limited"
        default: "failed"
        }
    }
}

extension Route {
    /// Whether what it tells is of accounts: each call of it is written down.
    var isOfAccounts: Bool {
        switch self {
        case .account, .workOrders, .trace, .explanation, .rise, .amountDue, .refund, .suspension, .addresses, .phones,
            .bindings:
            true
        default: false
        }
    }
}
