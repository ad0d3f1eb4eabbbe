import Answers
import NIOCore
import NIOHTTP1
import NIOPosix
import Pages
import Synchronization

/// What other rooms serve on this server (``WebMount``), found by path.
struct SiteTable: Sendable {
    struct Match: Sendable {
        /// What stands at the path, a mount for each method.
        var mounts: [WebMount]
        var values: [String] = []
        let metrics: PathMetrics

        /// Bytes of a body that a method may bring; of one that nothing answers none.
        func mostBody(_ method: String?) -> Int { mounts.first { $0.method.rawValue == method }?.mostBody ?? 0 }
        /// The page of a body that is refused before it is there.
        func refusal(_ status: Int) -> Answer? { mount(.post)?.refusal.map { Answer($0(status)) } }
        func mount(_ method: WebMount.Method) -> WebMount? { mounts.first { $0.method == method } }
    }

    private var exact: [String: Match] = [:]
    private var patterns: [(parts: [Substring], match: Match)] = []

    init(_ mounts: [WebMount], metrics: GatewayMetrics) {
        for (path, group) in Dictionary(grouping: mounts, by: \.path).sorted(by: { $0.key < $1.key }) {
            let match = Match(mounts: group, metrics: metrics.path(path))
            if path.contains("{") {
                patterns.append((path.split(separator: "/"), match))
            } else {
                exact[path] = match
            }
        }
    }

    var isEmpty: Bool { exact.isEmpty && patterns.isEmpty }

    /// - Parameter path: without the query, as it was sent.
    func find(_ path: String) -> Match? {
        if let match = exact[path] { return match }
        if patterns.isEmpty { return nil }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        search: for (parts, match) in patterns where parts.count == segments.count {
            var values: [String] = []
            for (part, segment) in zip(parts, segments) {
                if part.hasPrefix("{") {
                    // Nothing may lead out of the tree or hide a slash.
                    guard let value = FormBody.decoded(Array(segment.utf8)[...], plusIsBlank: false),
                        !value.isEmpty, value != ".", value != "..",
                        !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0x2F || $0 == 0x5C })
                    else { continue search }
                    values.append(value)
                } else if part != segment {
                    continue search
                }
            }
            var found = match
            found.values = values
            return found
        }
        return nil
    }
}

extension Connection {
    /// Has a request answered by the room that serves its path.
    func handle(_ head: HTTPRequestHead, at site: SiteTable.Match) {
        do {
            let name = head.method == .HEAD ? "GET" : head.method.rawValue
            guard let method = WebMount.Method(rawValue: name), let mount = site.mount(method) else {
                let allowed = site.mounts.map { $0.method == .get ? "GET, HEAD" : "POST" }.joined(separator: ", ")
                var answer = Answer(
                    Problem(405, "method-not-allowed", "The method is not known here", detail: "allowed: \(allowed)"),
                    requestID: request.requestID)
                answer.headers.append(("Allow", allowed))
                return finish(answer, caller: "none")
            }
            if mount.method == .post {
                do {
                    try checkType(mount.types)
                } catch {
                    guard let page = mount.refusal else { throw error }
                    return finish(Answer(page(error.status)), caller: "none")
                }
            }
            let sides = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            guard let query = FormBody(sides.count > 1 ? Array(sides[1].utf8) : [], mostFields: 32) else {
                throw Problem(400, "bad-query", "The query is not percent-encoded UTF-8")
            }
            var fields: [String: String] = [:]
            for (name, value) in head.headers {
                let name = name.lowercased()
                // Two cookies fields are one (RFC 9113); of anything else the first counts.
                if name == "cookie", let before = fields[name] {
                    fields[name] = before + "; " + value
                } else if fields[name] == nil {
                    fields[name] = value
                }
            }
            let asked = WebRequest(
                method, String(sides[0]), values: site.values, query: query.fields, fields: fields, body: body,
                peer: peer, requestID: request.requestID)
            if mount.scopes.isEmpty { return submit(asked, to: mount) }
            switch gateway.identify(self.fields?.authorization) {
            case .unknown: throw Problem.unauthorized
            case .caller(let caller): proceed(asked, at: mount, by: caller)
            case .unchecked(let token):
                verify(token) { caller in
                    guard let caller else {
                        return self.finish(Answer(.unauthorized, requestID: asked.requestID), caller: "none")
                    }
                    self.proceed(asked, at: mount, by: caller)
                }
            }
        } catch {
            finish(Answer(Problem(error), requestID: request.requestID), caller: "none")
        }
    }

    private func proceed(_ asked: WebRequest, at mount: WebMount, by caller: Caller) {
        do {
            if ScopeSet(mount.scopes).isDisjoint(with: caller.scopes) { throw Problem.forbidden(mount.scopes) }
            // The table of routes does not know it: the rate alone is looked at.
            try gateway.admit(caller, to: .unknown, now: begun)
        } catch {
            let answer = Answer(Problem(error), requestID: asked.requestID, needing: mount.scopes)
            return finish(answer, caller: caller.id)
        }
        var asked = asked
        asked.caller = caller
        submit(asked, to: mount)
    }

    private func checkType(_ types: [String]) throws(Problem) {
        let type = (fields?.contentType ?? "").split(separator: ";").first.map { $0.trimmingBlanks.lowercased() } ?? ""
        if !types.isEmpty, !types.contains(type) {
            throw Problem(
                415, "unsupported-media-type", "The body is of another type",
                detail: "taken: \(types.joined(separator: ", "))", parameter: "Content-Type")
        }
    }

    private func submit(_ asked: WebRequest, to mount: WebMount) {
        guard let loop = context?.eventLoop else { return }
        let caller = asked.caller?.id ?? "none"
        gateway.pool.submit { [gateway] state in
            if state == .active, let later = mount.later {
                let first = FirstAnswer()
                return later(asked) { given in
                    guard first.isThis() else { return }
                    let answer = Answer(page: given)
                    loop.execute { self.finish(answer, caller: given.caller ?? caller) }
                }
            }
            let answer =
                state == .active
                ? gateway.answer(asked, at: mount)
                : (
                    Answer(Problem(503, "shutting-down", "The server is shutting down"), requestID: asked.requestID),
                    nil
                )
            loop.execute { self.finish(answer.0, caller: answer.1 ?? caller) }
        }
    }
}

/// Of several answers to a request the first counts.
private final class FirstAnswer: Sendable {
    private let isTaken = Atomic(false)
    func isThis() -> Bool { !isTaken.exchange(true, ordering: .relaxed) }
}

extension Answer {
    init(_ given: WebAnswer) {
        self.init(status: given.status, .named(given.type), given.body)
        headers = given.headers
        accesses = given.accesses
    }

    /// With its tag, where a browser may keep it.
    init(page given: WebAnswer) {
        self.init(given)
        if given.isKept { tag = given.body.withUnsafeBytes { ContentTag.of($0, seed: 0) } }
    }
}

extension Gateway {
    /// The answer, and who asked where the room knows that better.
    func answer(_ asked: WebRequest, at mount: WebMount) -> (Answer, String?) {
        do {
            let given = try mount.answer(asked)
            return (Answer(page: given), given.caller)
        } catch {
            let problem = Problem(error)
            note(Reply(problem), of: nil, requestID: asked.requestID, path: mount.path)
            return (Answer(problem, requestID: asked.requestID, needing: mount.scopes), nil)
        }
    }
}
