import Answers
import HeatModel
import NIOCore
import NIOHTTP1
import NIOPosix
import Store

/// What a request must be before it is answered: its target, its method, its caller, its form.
extension Connection {
    /// Has a request answered that has come whole.
    func handle(_ head: HTTPRequestHead) {
        if let site { return handle(head, at: site) }
        do {
            var target = try target(of: head.uri)
            route = target.route
            target.route = try route(for: head.method, at: target.route)
            route = target.route
            let query = try Call.parameters(target.query, of: target.route)
            var call = Call(
                route: target.route, values: target.values, query: query, body: body,
                idempotencyKey: fields?.idempotencyKey, seen: try seen(),
                caller: Caller(id: "none", scopes: []), requestID: request.requestID, peer: peer, begun: begun)
            if (mount?.scopes ?? target.route.scopes).isEmpty { return answer(call) }
            switch gateway.identify(fields?.authorization) {
            case .unknown: throw Problem.unauthorized
            case .caller(let caller):
                call.caller = caller
                proceed(call)
            case .unchecked(let token): verify(token, call)
            }
        } catch let answer as ImmediateAnswer {
            finish(answer.answer, caller: "none")
        } catch {
            finish(Answer(Problem(error), requestID: request.requestID), caller: "none")
        }
    }

    private func seen() throws(Problem) -> StoreState? {
        guard let text = fields?.state else { return nil }
        guard let state = StoreState(text) else {
            throw Problem(
                400, "bad-header", "The state is none that an answer named", detail: "send it as it came: `commit=…, run=…`",
                parameter: "Hearth-State")
        }
        return state
    }

    private func target(of uri: String) throws(Problem) -> RequestTarget {
        if !gateway.mounts.isEmpty, let mount = gateway.mounts[String(uri.prefix { $0 != "?" })] {
            self.mount = mount
            return RequestTarget(route: .unknown, values: [], query: [])
        }
        return try RequestTarget(uri)
    }

    /// An answer that is no problem, found where one might have been.
    private struct ImmediateAnswer: Error { var answer: Answer }

    /// What stands there under the method.
    private func route(for method: HTTPMethod, at route: Route) throws -> Route {
        let name = method == .HEAD ? "GET" : method.rawValue
        if name == route.method { return route }
        let known = route.atItsPath
        if let other = known.first(where: { $0.method == name }) { return other }
        let allowed = known.map { $0.method == "GET" ? "GET, HEAD" : $0.method }.joined(separator: ", ")
        if method == .OPTIONS, request.allowedOrigin != nil, fields?.accessControlRequestMethod != nil {
            var answer = Answer(status: 204)
            answer.headers = [
                ("Access-Control-Allow-Methods", allowed),
                (
                    "Access-Control-Allow-Headers",
                    "Authorization, Content-Type, Idempotency-Key, Hearth-State, If-None-Match, X-Request-Id, MCP-Protocol-Version"
                ),
                ("Access-Control-Max-Age", "600"),
            ]
            throw ImmediateAnswer(answer: answer)
        }
        var answer = Answer(
            Problem(405, "method-not-allowed", "The method is not known here", detail: "allowed: \(allowed)"),
            requestID: request.requestID)
        answer.headers.append(("Allow", allowed))
        throw ImmediateAnswer(answer: answer)
    }

    /// Has a JWT checked.
    ///
    /// - Parameter then: called on this connection's loop, with nil where the token is worth nothing.
    func verify(_ token: String, then: @escaping @Sendable (Caller?) -> Void) {
        guard let webTokens = gateway.webTokens, let loop = context?.eventLoop else { return }
        Task {
            let caller = await webTokens.verify(token)
            loop.execute { then(caller) }
        }
    }

    private func verify(_ token: String, _ call: Call) {
        verify(token) { caller in
            guard let caller else {
                return self.finish(Answer(.unauthorized, requestID: call.requestID), caller: "none")
            }
            var call = call
            call.caller = caller
            self.proceed(call)
        }
    }

    private func proceed(_ call: Call) {
        do {
            if let mount, !mount.scopes.isEmpty, ScopeSet(mount.scopes).isDisjoint(with: call.caller.scopes) {
                throw Problem.forbidden(mount.scopes)
            }
            try gateway.admit(call.caller, to: call.route, now: call.begun)
            if call.route.method == "POST" { try checkContentType() }
            if call.route == .mcp { try checkMCP(call.body) }
            answer(call)
        } catch {
            finish(gateway.answer(to: error, of: call), caller: call.caller.id)
        }
    }

    private func checkContentType() throws(Problem) {
        let type = (fields?.contentType ?? "").split(separator: ";").first.map { $0.trimmingBlanks.lowercased() }
        if type != "application/json" {
            throw Problem(
                415, "unsupported-media-type", "The body must be JSON", detail: "send `Content-Type: application/json`",
                parameter: "Content-Type")
        }
    }

    /// A browser that a stranger's page has led here must not reach the tools.
    private func checkMCP(_ message: [UInt8]) throws(Problem) {
        if fields?.origin != nil, request.allowedOrigin == nil {
            throw Problem(403, "forbidden-origin", "This origin may not ask", parameter: "Origin")
        }
        // `initialize` settles the version: whatever a client puts into the header before, the answer states the version spoken here.
        if let version = fields?.mcpProtocolVersion, !MCPServer.versions.contains(version),
            !MCPServer.isInitialize(message)
        {
            throw Problem(
                400, "unsupported-protocol-version", "The MCP version is not spoken here",
                detail: "spoken are: \(MCPServer.versions.joined(separator: ", "))", parameter: "MCP-Protocol-Version")
        }
    }

    private func answer(_ call: Call) {
        if call.isQuick, mount == nil {
            switch turn.answer(call, for: self) {
            case .answered(let answer): return finish(answer, caller: call.caller.id)
            case .underWay: return
            case .elsewhere: break
            }
        }
        answerElsewhere(call)
    }

    /// Has a call answered on a thread that may wait for servers, though not for one to come so far as the caller has seen: meanwhile no
    /// thread is held.
    func answerElsewhere(_ call: Call) {
        guard let loop = context?.eventLoop else { return behindPlace = nil }
        let call = gateway.waiting(call)
        let (mount, wantsLines) = (mount, fields?.acceptsLines ?? false)
        let (lastEventID, authorization) = (fields?.lastEventID, fields?.authorization)
        let wantsEvents = call.route.kind == .events && fields?.acceptsEvents == true
        gateway.pool.submit { [gateway] state in
            let answer =
                state == .active
                ? mount.map { gateway.answer(call, at: $0) }
                    ?? (wantsEvents
                        ? gateway.events(call, after: lastEventID) { gateway.allows(call.caller, authorization) }
                        : gateway.answer(call, asLines: wantsLines))
                : Answer(Problem(503, "shutting-down", "The server is shutting down"), requestID: call.requestID)
            let wait = answer.notBefore.map { $0 - .now() } ?? .zero
            if wait > .zero {
                loop.scheduleTask(in: wait) { self.finish(answer, caller: call.caller.id) }
            } else if answer.isBehind, call.wait != nil {
                loop.execute { self.comeAgain(call, answer) }
            } else {
                loop.execute {
                    self.behindPlace = nil
                    self.finish(answer, caller: call.caller.id)
                }
            }
        }
    }

    /// Asks again in a moment where no server had come so far as the caller has seen, for as long as that is worth waiting for.
    private func comeAgain(_ call: Call, _ answer: Answer) {
        guard let wait = call.wait, let loop = context?.eventLoop else { return behindPlace = nil }
        let waited = ContinuousClock.now - wait.since
        if behindPlace == nil { behindPlace = try? gateway.behind.enter(call.caller.id) }
        guard behindPlace != nil, waited < gateway.servers?.patience ?? .zero else {
            behindPlace = nil
            gateway.noteBehind(call)
            return finish(answer, caller: call.caller.id)
        }
        loop.scheduleTask(in: TimeAmount(min(max(waited / 4, .milliseconds(10)), .milliseconds(100)))) {
            self.answerElsewhere(call)
        }
    }
}
