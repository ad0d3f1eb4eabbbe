import Answers
import HeatModel
import NIOCore
import Store

/// What goes back to a caller, before it is put on the wire.
struct Answer: Sendable {
    enum ContentType: Sendable, Equatable {
        case json, problem, yaml, metrics, text, events, lines, bytes, svg, jpeg, png, mp4
        /// Of what another room serves.
        case named(String)

        var text: String {
            switch self {
            case .named(let name): name
            case .json: "application/json"
            case .problem: "application/problem+json"
            case .yaml: "application/yaml"
            case .metrics: "text/plain; version=0.0.4; charset=utf-8"
            case .text: "text/plain; charset=utf-8"
            case .events: "text/event-stream"
            case .lines: "application/x-ndjson"
            case .bytes: "application/octet-stream"
            case .svg: "image/svg+xml"
            case .jpeg: "image/jpeg"
            case .png: "image/png"
            case .mp4: "video/mp4"
            }
        }
    }

    var status = 200
    var contentType = ContentType.json
    var body: [UInt8] = []
    /// Comes after the head instead of `body`.
    var stream: AnswerStream?
    /// Names the body's content: another content, another tag.
    var tag: UInt64?
    var headers: [(name: String, value: String)] = []
    /// What is to be written down before this goes out.
    var accesses: [Access] = []
    /// Gzipped already.
    var isCompressed = false
    /// No server has come so far as the caller has seen: it may be asked again.
    var isBehind = false
    /// Not before this is it to go out.
    var notBefore: NIODeadline?

    init(status: Int = 200, _ contentType: ContentType = .json, _ body: [UInt8] = []) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    init(_ problem: Problem, requestID: String, needing scopes: [Scope] = []) {
        status = problem.status
        contentType = .problem
        body = problem.body(requestID: requestID)
        headers = problem.headers(needing: scopes)
    }

    init(_ reply: Reply, to call: Call) {
        switch reply.result {
        case .success(let document):
            self.init(.json, document.json)
            tag = document.tag
            if let receipt = reply.receipt {
                status = receipt.isNew ? 202 : 200
                if let path = receipt.path { headers.append(("Location", path)) }
                if receipt.isReplayed { headers.append(("Idempotent-Replayed", "true")) }
            }
        case .failure(let problem):
            self.init(problem.naming(call.route.headerNames), requestID: call.requestID, needing: call.route.scopes)
            isBehind = problem.underlying?.code == .storeBehind
        }
        if let state = reply.state { headers.append(("Hearth-State", state.description)) }
        accesses = reply.accesses
        notBefore = reply.leastTime.map { call.begun + TimeAmount($0) }
    }
}
