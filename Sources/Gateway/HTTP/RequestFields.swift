import Answers
import NIOHTTP1

/// The header fields that matter here, found in one walk.
struct RequestFields {
    var authorization: String?
    var ifNoneMatch: String?
    var acceptsGzip = false
    var accept: String?
    var range: String?
    var ifRange: String?
    var origin: String?
    var contentType: String?
    var requestID: String?
    var idempotencyKey: String?
    var lastEventID: String?
    var state: String?
    var expectsContinue = false
    var accessControlRequestMethod: String?
    var mcpProtocolVersion: String?

    init(_ headers: HTTPHeaders) throws(Problem) {
        var authorizations = 0
        for (name, value) in headers {
            // By length first: most fields are none of ours.
            switch name.utf8.count {
            case 5: if Self.same(name, "range") { range = value }
            case 6:
                if Self.same(name, "accept") { accept = accept.map { $0 + "," + value } ?? value }
                if Self.same(name, "origin") { origin = value }
                if Self.same(name, "expect") { expectsContinue = value.lowercased() == "100-continue" }
            case 8: if Self.same(name, "if-range") { ifRange = value }
            case 12:
                if Self.same(name, "content-type") { contentType = value }
                if Self.same(name, "x-request-id") { requestID = value }
                if Self.same(name, "hearth-state") {
                    if state != nil {
                        throw Problem(400, "bad-header", "A header may stand only once", parameter: "Hearth-State")
                    }
                    state = value
                }
            case 13:
                if Self.same(name, "authorization") {
                    authorization = value
                    authorizations += 1
                }
                if Self.same(name, "last-event-id") { lastEventID = value }
                if Self.same(name, "if-none-match") { ifNoneMatch = ifNoneMatch.map { $0 + "," + value } ?? value }
            case 15:
                if Self.same(name, "accept-encoding") { acceptsGzip = acceptsGzip || Self.allowsGzip(value) }
                if Self.same(name, "idempotency-key") {
                    if idempotencyKey != nil {
                        throw Problem(
                            400, "bad-header", "A header may stand only once", parameter: "Idempotency-Key")
                    }
                    idempotencyKey = value
                }
            case 20: if Self.same(name, "mcp-protocol-version") { mcpProtocolVersion = value }
            case 29:
                if Self.same(name, "access-control-request-method") { accessControlRequestMethod = value }
            default: break
            }
        }
        if authorizations > 1 {
            throw Problem(400, "bad-header", "A header may stand only once", parameter: "Authorization")
        }
    }

    /// Whether a list is wanted as lines.
    var acceptsLines: Bool { accepts("application/x-ndjson") }
    /// Whether events are wanted as they come.
    var acceptsEvents: Bool { accepts("text/event-stream") }

    private func accepts(_ type: String) -> Bool {
        guard let accept else { return false }
        return accept.split(separator: ",").contains { item in
            item.split(separator: ";").first?.trimmingBlanks.lowercased() == type
        }
    }

    private static func same(_ name: String, _ wanted: StaticString) -> Bool {
        wanted.withUTF8Buffer { wanted in
            name.utf8.elementsEqual(wanted, by: { $0 | 0x20 == $1 || ($0 == $1) })
        }
    }

    /// Whether `Accept-Encoding` names gzip (or anything) with a weight above 0.
    static func allowsGzip(_ value: String) -> Bool {
        for item in value.split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.trimmingBlanks.lowercased() }
            guard let coding = parts.first, coding == "gzip" || coding == "x-gzip" || coding == "*" else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
            if let weight, weight.allSatisfy({ $0 == "0" || $0 == "." }) { return false }
            return true
        }
        return false
    }
}

extension StringProtocol {
    var trimmingBlanks: String {
        var text = Substring(self)
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
