import NIOCore

/// What goes back to a caller, before it is put on the wire.
struct Answer: Sendable {
    enum ContentType: Sendable {
        case json, problem, yaml, metrics, text

        var text: StaticString {
            switch self {
            case .json: "application/json"
            case .problem: "application/problem+json"
            case .yaml: "application/yaml"
            case .metrics: "text/plain; version=0.0.4; charset=utf-8"
            case .text: "text/plain; charset=utf-8"
            }
        }
    }

    var status = 200
    var contentType = ContentType.json
    var body: [UInt8] = []
    /// Names the body's content: another content, another tag.
    var tag: UInt64?
    var headers: [(name: String, value: String)] = []
    /// What is to be written down before this goes out.
    var accesses: [Access] = []
    /// Gzipped already.
    var isCompressed = false
    /// Not before this is it to go out.
    var notBefore: NIODeadline?

    init(status: Int = 200, _ contentType: ContentType = .json, _ body: [UInt8] = []) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    init(_ problem: Problem, requestID: String) {
        status = problem.status
        contentType = .problem
        body = problem.body(requestID: requestID)
        headers = problem.headers
        if let seconds = problem.retryAfter { headers.append(("Retry-After", String(seconds))) }
    }
}

/// A fast digest of bytes for entity tags; nothing of security hangs on it.
enum ContentTag {
    static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var state = seed ^ 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        var index = 0
        // Two at a time: one need not wait for the other.
        var other = ~state
        while index + 16 <= bytes.count {
            state = mix(state ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            other = mix(other ^ bytes.loadUnaligned(fromByteOffset: index + 8, as: UInt64.self))
            index += 16
        }
        state = mix(state) ^ other
        while index + 8 <= bytes.count {
            state = mix(state ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        var rest: UInt64 = 0
        while index < bytes.count {
            rest = rest << 8 | UInt64(bytes[index])
            index += 1
        }
        return mix(mix(state ^ rest))
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let (high, low) = value.multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return high ^ low ^ (value &* 0xE703_7ED1_A0B4_28DB)
    }
}
