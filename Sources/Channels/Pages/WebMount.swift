package import Answers
import Dispatch
import Synchronization

/// What a room serves at a path of the gateway's server. Rooms know this contract and not the server; the server knows no room.
package struct WebMount: Sendable {
    package enum Method: String, Sendable { case get = "GET", post = "POST" }

    package var method: Method
    /// `/desk/{id}`: a part in braces stands for one segment.
    package var path: String
    /// Any one of these allows it; none is needed where there is none: then the room itself says who may.
    package var scopes: [Scope]
    /// Bytes of a body.
    package var mostBody: Int
    /// What a body may be; of a POST alone.
    package var types: [String]
    /// Asked on a thread that may wait.
    package var answer: @Sendable (WebRequest) throws -> WebAnswer
    /// Asked in place of ``answer`` where there is one: it returns at once, and what it was given is called with the answer later, once,
    /// from any
    /// thread. So who waits for something else holds none of the server's threads.
    package private(set) var later: (@Sendable (WebRequest, @escaping @Sendable (WebAnswer) -> Void) -> Void)?
    /// What a browser is shown where a body is too large (413) or of another type (415), and ``answer`` is never asked; a problem document
    /// without it.
    package var refusal: (@Sendable (_ status: Int) -> WebAnswer)?

    package init(
        _ method: Method, _ path: String, scopes: [Scope] = [], mostBody: Int = 16_384,
        types: [String] = [WebMount.form], _ answer: @escaping @Sendable (WebRequest) throws -> WebAnswer
    ) {
        self.method = method
        self.path = path
        self.scopes = scopes
        self.mostBody = mostBody
        self.types = types
        self.answer = answer
    }

    /// A mount that answers later.
    package init(
        _ method: Method, _ path: String, mostBody: Int = 16_384, types: [String] = [WebMount.form],
        later: @escaping @Sendable (WebRequest, @escaping @Sendable (WebAnswer) -> Void) -> Void
    ) {
        self.init(method, path, mostBody: mostBody, types: types) { request in
            let answer = Mutex<WebAnswer?>(nil)
            let done = DispatchSemaphore(value: 0)
            later(request) { given in
                answer.withLock { $0 = given }
                done.signal()
            }
            done.wait()
            return answer.withLock { $0 } ?? WebAnswer(status: 503, "text/plain; charset=utf-8", [])
        }
        self.later = later
    }

    /// The same mount, whose browsers are shown a page where a body is refused.
    package func refusing(_ page: @escaping @Sendable (_ status: Int) -> WebAnswer) -> WebMount {
        var mount = self
        mount.refusal = page
        return mount
    }

    /// Leads from `/chat/` to `/chat`.
    package static func slash(after path: String) -> WebMount {
        WebMount(.get, path + "/") { _ in .seeOther(path) }
    }

    package static let form = "application/x-www-form-urlencoded"
    package static let json = "application/json"
}

/// A request that has come whole; nothing in it is to be trusted.
package struct WebRequest: Sendable {
    package var method: WebMount.Method
    /// Without the query.
    package var path: String
    /// Of the path's parts in braces, in order.
    package var values: [String]
    package var query: [String: String]
    /// Header fields by their names in lower case; of one that stands twice the first.
    package var fields: [String: String]
    package var body: [UInt8]
    /// Who sent the token that the mount's scopes ask for; nil where it asks for none.
    package var caller: Caller?
    /// Address of the caller's end.
    package var peer: String
    package var requestID: String

    package init(
        _ method: WebMount.Method, _ path: String, values: [String] = [], query: [String: String] = [:],
        fields: [String: String] = [:], body: [UInt8] = [], caller: Caller? = nil, peer: String = "127.0.0.1",
        requestID: String = "r"
    ) {
        self.method = method
        self.path = path
        self.values = values
        self.query = query
        self.fields = fields
        self.body = body
        self.caller = caller
        self.peer = peer
        self.requestID = requestID
    }

    /// The value of a cookie; nil where it is not there, or stands twice.
    package func cookie(_ name: String) -> String? {
        guard let header = fields["cookie"], header.utf8.count <= 8192 else { return nil }
        var found: String?
        for item in header.split(separator: ";") {
            let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, sides[0].drop(while: { $0 == " " }) == name else { continue }
            if found != nil { return nil }
            found = String(sides[1].trimmingSuffix { $0 == " " })
        }
        return found
    }

    /// Whether a browser says that another site's page sent it.
    package var isFromElsewhere: Bool {
        if let site = fields["sec-fetch-site"] { return site != "same-origin" && site != "none" }
        guard let origin = fields["origin"], let host = fields["host"] else { return false }
        return origin != "http://" + host && origin != "https://" + host
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isGone: (Character) -> Bool) -> Substring {
        var text = self
        while let last = text.last, isGone(last) { text.removeLast() }
        return text
    }
}

/// What goes back.
package struct WebAnswer: Sendable {
    package var status: Int
    package var type: String
    package var body: [UInt8]
    package var headers: [(name: String, value: String)]
    /// Written down before it goes out.
    package var accesses: [Access] = []
    /// Who is written down to have asked, where the room knows that better than the server.
    package var caller: String?
    /// Whether a browser may keep it, and ask whether it changed.
    package var isKept = false

    package init(
        status: Int = 200, _ type: String, _ body: some Sequence<UInt8>,
        headers: [(name: String, value: String)] = []
    ) {
        self.status = status
        self.type = type
        self.body = Array(body)
        self.headers = headers
    }

    /// Leads to another page, asked for with GET.
    package static func seeOther(_ path: String, headers: [(name: String, value: String)] = []) -> WebAnswer {
        WebAnswer(status: 303, "text/plain; charset=utf-8", [], headers: [("Location", path)] + headers)
    }

    /// A script or a style sheet: not personal, kept by browsers.
    package static func asset(_ type: String, _ bytes: [UInt8]) -> WebAnswer {
        var answer = WebAnswer(type, bytes)
        answer.isKept = true
        return answer
    }

    package static func json(status: Int = 200, _ bytes: [UInt8]) -> WebAnswer {
        WebAnswer(status: status, "application/json", bytes)
    }
}
