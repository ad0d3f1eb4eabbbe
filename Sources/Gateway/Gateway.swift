package import Answers
import Attachments
package import Explanation
import Foundation
import HeatModel
package import Logging
import NIOCore
import NIOPosix
package import Pages
import Requests
package import Setup
package import Store
import Sync
import Synchronization
import Triage

/// What answers: the store, who may ask, what is written down, what is counted. One for a process; HTTP and MCP are ways to it.
package final class Gateway: Sendable {
    package let settings: ServeSettings
    let store: any Store
    /// The store, where it lies on servers.
    let servers: (any ReplicatedStore)?
    let workspace: Workspace
    let log: any AccessRecorder
    let metrics: GatewayMetrics
    let logger: Logger
    let tokens: TokenTable
    let webTokens: WebTokens?
    let limiter: any RateLimiting
    let streams: StreamLimits
    /// Photos and videos that repair orders name, and how many are on their way.
    let attachments: AttachmentFolder
    let uploads: StreamLimits
    /// Large bodies that doors take, each held in memory until it has come whole: anybody may send them.
    let largeBodies: StreamLimits
    /// Calls that wait for a server to come so far as they have seen: anybody may name a state that no server will ever have.
    let behind = StreamLimits(most: 256, mostPerCaller: 32)
    /// What other rooms serve here, by path.
    let mounts: [String: Mount]
    /// What other rooms serve here.
    let sites: SiteTable
    let answerer: Answerer
    let desk: RequestDesk
    let openAPI: [UInt8]
    /// Says when events have been noted, by whichever process.
    let pulse: EventPulse
    /// Where calls go that wait for something.
    let pool: NIOThreadPool
    /// Offset of the machine's zone, for the instants that are made here.
    let offsetMinutes: Int16
    private let turns = Mutex<[ObjectIdentifier: Turn]>([:])
    /// Those that no event loop has yet.
    private let moneyAnswers: Mutex<[MoneyAnswers]>

    /// From when until when the server's certificate holds, in seconds since 1970; nil where it has none.
    ///
    /// - Throws: `config.badValue` where it cannot be used with its key.
    package static func certificateValidity(_ settings: ServeSettings) throws -> (from: Int64, until: Int64)? {
        try settings.tls.map { try ServerCertificate.validity($0) }
    }

    /// The same of a file by which a source is asked: its own certificate, or those that are trusted, of which the one counts that holds
    /// longest.
    ///
    /// - Throws: `config.badValue` where the file holds none that can be read.
    package static func certificateValidity(
        ofFile path: String, isTrusted: Bool
    ) throws -> (from: Int64, until: Int64) {
        try ServerCertificate.validity(ofFile: path, isTrusted: isTrusted)
    }

    /// - Parameters:
    ///   - money: makes the answers about money. Each event loop has its own: two loops that share one contend for the
    ///     reference counts of all that it hands out.
    ///   - loops: how many event loops will ask; none where only ``answer(_:)`` is called.
    ///   - sites: what other rooms serve, made of what they may ask.
    package convenience init(
        workspace: Workspace, store: any Store, log: any AccessRecorder, logger: Logger,
        openAPI: [UInt8], money: () throws -> MoneyAnswers, loops: Int = 0,
        sites: (ServedParts) throws -> [WebMount] = { _ in [] }
    ) async throws {
        try await self.init(
            workspace: workspace, store: store, log: log, logger: logger, openAPI: openAPI, money: money, loops: loops,
            metrics: .shared, sites: sites)
    }

    /// - Parameters:
    ///   - metrics: a process has one that Prometheus reads.
    ///   - mounts: what other rooms serve, by path.
    init(
        workspace: Workspace, store: any Store, log: any AccessRecorder, logger: Logger,
        openAPI: [UInt8], money: () throws -> MoneyAnswers, loops: Int, metrics: GatewayMetrics,
        mounts: [String: Mount] = [:], sites: (ServedParts) throws -> [WebMount] = { _ in [] }
    ) async throws {
        settings = workspace.configuration.serve
        self.workspace = workspace
        self.store = store
        servers = store as? any ReplicatedStore
        self.log = log
        self.logger = logger
        self.metrics = metrics
        let triage = try TriageRules.loadIfAny(besides: workspace.configuration.path)
        self.mounts = try Pictures.mounts(triage, besides: workspace.configuration.path).merging(mounts) { $1 }
        tokens = try TokenTable(store: store)
        if let web = settings.webTokens {
            webTokens = try await WebTokens(issuer: web.issuer, audience: web.audience, path: web.keys)
        } else {
            webTokens = nil
        }
        limiter = store.makeRateLimiter(
            RateLimit("request", most: settings.requestsPerSecond, seconds: 1, burst: settings.burst))
        streams = StreamLimits(most: settings.maxStreams, mostPerCaller: settings.maxStreamsPerCaller)
        let kept = workspace.configuration.attachments
        attachments = AttachmentFolder(kept, store: store)
        uploads = StreamLimits(most: kept.mostUploads, mostPerCaller: max(1, kept.mostUploads / 2))
        largeBodies = StreamLimits(most: kept.mostUploads, mostPerCaller: kept.mostUploads)
        offsetMinutes = Instant.now.offsetMinutes
        self.openAPI = openAPI
        pulse = EventPulse(store: store)
        answerer = Answerer(
            store: store, mappings: workspace.mappings, log: log,
            bindings: BindingGuard(perAccount: settings.bindingsPerAccount, perCaller: settings.bindingsPerCaller),
            money: try money(), triage: triage, staleAfterHours: workspace.configuration.staleAfterHours,
            refresh: { workspace.readAgain($0, $1, within: $2) },
            instant: { workspace.instant(of: $0) })
        desk = RequestDesk(
            answerer, attachments: attachments, conversations: workspace.configuration.conversations,
            outbox: { try workspace.outbox() })
        let parts = ServedParts(
            store: store, answerer: answerer, desk: desk, attachments: attachments, log: log,
            identify: { [tokens] secret in
                tokens.caller(secret).flatMap { $0.expires > WallClock.microseconds ? $0 : nil }
            }, isSecure: settings.tls != nil)
        self.sites = SiteTable(try sites(parts), metrics: metrics)
        moneyAnswers = Mutex(try (0..<loops).map { _ in try money() })
        // As many as the store has connections to read with, and some for calls that wait for a legacy system.
        pool = NIOThreadPool(numberOfThreads: 4 + AccountRefresh.mostWaiting)
        pool.start()
    }

    /// Ends the threads; what they do is finished first.
    package func close() async throws {
        pulse.close()
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
        var answerer = answerer
        if let own = moneyAnswers.withLock({ $0.popLast() }) { answerer.money = own }
        let made = try Turn(gateway: self, answerer: answerer, loop: loop)
        turns.withLock { $0[name] = made }
        return made
    }

    /// The caller that an `Authorization` field identifies.
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

    /// Whether what an earlier request proved holds still: of an answer that goes on and on.
    func allows(_ caller: Caller, _ authorization: String?) -> Bool {
        if caller.expires <= WallClock.microseconds { return false }
        switch identify(authorization) {
        case .caller(let known): return known.scopes.isSuperset(of: caller.scopes)
        // It was checked when the answer began.
        case .unchecked: return true
        case .unknown: return false
        }
    }

    /// Whether the caller may go on: scope first, then rate.
    func admit(_ caller: Caller, to route: Route, now: NIODeadline) throws(Problem) {
        guard route.scopes.isEmpty || !route.allowed.isDisjoint(with: caller.scopes) else {
            throw .forbidden(route.scopes)
        }
        if let seconds = limiter.take(caller.id, now: now.uptimeNanoseconds) {
            throw Problem(
                429, "rate-limited", "Too many requests for this token",
                detail: "\(settings.requestsPerSecond) a second are allowed", retryAfter: seconds)
        }
    }

    /// Answers a call on the present thread, which may wait.
    func answer(_ call: Call) -> Answer {
        if let kind = call.route.request {
            let reply = reply(to: kind, call.requester, account: call.account) { () throws(Problem) in
                try call.request(kind)
            }
            return answer(reply, to: call, nil)
        }
        if call.route == .ready { return readiness(call) }
        guard let kind = call.route.kind else {
            if call.route == .mcp { return mcp(call) }
            if call.route == .attachment { return attachment(call) }
            if let page = constantPage(call.route) { return page }
            do {
                return try store.read { reader in try page(call.route, reader) }
            } catch {
                return answer(to: error, of: call)
            }
        }
        return answer(
            reply(to: kind, call.requester, account: call.account) { () throws(Problem) in try call.question(kind) },
            to: call, kind)
    }

    /// The reply to a question that is still to be read.
    func reply(
        to kind: QuestionKind, _ requester: Requester, account: String? = nil,
        _ question: () throws(Problem) -> Question
    ) -> Reply {
        do {
            return answerer.reply(to: try question(), for: requester)
        } catch {
            return answerer.refusal(error, of: kind.definition, account: account, to: requester)
        }
    }

    /// The reply to a request that is still to be read.
    func reply(
        to kind: RequestKind, _ requester: Requester, account: String? = nil,
        _ request: () throws(Problem) -> Request
    ) -> Reply {
        do {
            var reply = desk.reply(to: try request(), for: requester)
            reply.state = try state(after: reply)
            return reply
        } catch {
            return desk.refusal(error, of: kind, account: account, to: requester)
        }
    }

    /// The state that holds what a request did. What is told a second time may have been written by another gateway: then that of the server
    /// which takes writes. Where it does not answer, nothing is told: who comes again with the key is told then.
    private func state(after reply: Reply) throws -> StoreState? {
        guard let servers else { return nil }
        guard reply.receipt?.isReplayed == true else { return servers.written }
        return try servers.read(at: .primary, notBefore: servers.written, wait: nil) { _, state in state }
    }

    /// A reply as a response of HTTP.
    func answer(_ reply: Reply, to call: Call, _ kind: QuestionKind?) -> Answer {
        let answer = Answer(reply, to: call)
        // Who comes again is told nothing yet.
        if !answer.isBehind || call.wait == nil {
            note(reply, of: kind, requestID: call.requestID, path: call.route.path)
        }
        return answer
    }

    /// The response to a call that could not be answered.
    ///
    /// - Parameter account: the one it names, where the call came so far.
    func answer(to error: any Error, of call: Call, account: String? = nil) -> Answer {
        guard let definition = call.route.definition else {
            note(Reply(Problem(error)), of: nil, requestID: call.requestID, path: call.route.path)
            return Answer(Problem(error), requestID: call.requestID, needing: call.route.scopes)
        }
        return answer(
            answerer.refusal(error, of: definition, account: account, to: call.requester), to: call, call.route.kind)
    }

    /// The call as of one who comes again by itself while no server has come so far as the caller has seen.
    func waiting(_ call: Call) -> Call {
        guard call.seen != nil, call.route.kind != nil, servers != nil else { return call }
        var call = call
        call.wait = StoreWait(since: call.wait?.since ?? .now, isFirst: call.wait == nil)
        return call
    }

    /// Has the program's own log say that it came again in vain.
    func noteBehind(_ call: Call) {
        logger.error(
            "a request failed",
            metadata: [
                "request": "\(call.requestID)", "route": "\(call.route.path)",
                "code": "\(HearthError.Code.storeBehind.name)",
            ])
    }

    /// Counts what is counted of replies, and has the program's own log say what went wrong inside.
    func note(_ reply: Reply, of kind: QuestionKind?, requestID: String, path: String) {
        if kind == .binding, let outcome = outcome(ofBinding: reply) {
            metrics.count("hearth_bindings_total", [("outcome", outcome)])
        }
        guard case .failure(let problem) = reply.result, problem.status >= 500 else { return }
        logger.error(
            problem.mayHaveHappened ? "what became of a request is not known" : "a request failed",
            metadata: [
                "request": "\(requestID)", "route": "\(path)",
                "code": "\(problem.underlying?.code.name ?? problem.code)",
            ])
    }

    private func outcome(ofBinding reply: Reply) -> String? {
        switch reply.result {
        case .success: reply.accesses.contains { "\($0.outcome)" == "ok" } ? "verified" : "mismatch"
        case .failure(let problem): problem.code == "too-many-attempts" ? "limited" : nil
        }
    }
}
