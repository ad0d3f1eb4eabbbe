import Answers
import Pages

/// The path and query of a request, taken apart without trusting them.
struct RequestTarget {
    var route: Route
    /// Values of the path, in order.
    var values: [String]
    var query: [(name: String, value: String)]

    private static let accounts = Array("/v1/accounts/".utf8)

    init(route: Route, values: [String], query: [(name: String, value: String)]) {
        self.route = route
        self.values = values
        self.query = query
    }

    init(_ uri: String) throws(Problem) {
        var uri = uri
        if let number = uri.withUTF8({ Self.plainAccount($0) }) {
            route = .account
            values = [number]
            query = []
            return
        }
        // By bytes: characters would have to be found first, and there are none to tell apart.
        let bytes = Array(uri.utf8)
        guard bytes.first == 0x2F else {
            // An absolute URI or `*` is for proxies.
            throw Problem(400, "bad-path", "The request's target must be a path", detail: "it must begin with a slash")
        }
        let end = bytes.firstIndex(of: 0x3F) ?? bytes.endIndex
        if bytes[..<end].contains(0x23) { throw Problem(400, "bad-path", "A path holds no fragment") }
        var segments: [String] = []
        var start = 1
        while start <= end {
            let stop = bytes[start..<end].firstIndex(of: 0x2F) ?? end
            defer { start = stop + 1 }
            guard let decoded = FormBody.decoded(bytes[start..<stop], plusIsBlank: false) else {
                throw Problem(
                    400, "bad-path", "The path is not percent-encoded UTF-8", detail: "a % needs two hexadecimal digits"
                )
            }
            // Nothing may lead out of the tree or hide a slash.
            if decoded.isEmpty || decoded == "." || decoded == ".."
                || decoded.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0x2F || $0 == 0x5C })
            {
                throw Problem.notFound
            }
            segments.append(decoded)
        }
        guard let (route, values) = Route.find(segments) else { throw Problem.notFound }
        self.route = route
        self.values = values
        query = end < bytes.endIndex ? try Self.query(bytes[(end + 1)...]) : []
    }

    /// `/v1/accounts/12345` in one comparison: what is asked nearly always.
    private static func plainAccount(_ uri: UnsafeBufferPointer<UInt8>) -> String? {
        let prefix = accounts.count
        guard uri.count > prefix, uri.count <= prefix + 64 else { return nil }
        for index in 0..<prefix where uri[index] != accounts[index] { return nil }
        for byte in uri[prefix...] {
            guard byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 else { return nil }
        }
        return String(decoding: uri[prefix...], as: UTF8.self)
    }

    private static func query(_ text: ArraySlice<UInt8>) throws(Problem) -> [(name: String, value: String)] {
        var items: [(name: String, value: String)] = []
        for item in text.split(separator: 0x26) {
            let sides = item.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = FormBody.decoded(sides[0]), let value = FormBody.decoded(sides.count > 1 ? sides[1] : [])
            else {
                throw Problem(
                    400, "bad-query", "The query is not percent-encoded UTF-8",
                    detail: "a % needs two hexadecimal digits")
            }
            items.append((name, value))
            if items.count > 32 { throw Problem(400, "bad-query", "The query has more than 32 parameters") }
        }
        return items
    }
}
