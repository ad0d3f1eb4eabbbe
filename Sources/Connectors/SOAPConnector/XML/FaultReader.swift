import HeatModel

/// Gathers code and text of a SOAP fault, both versions. The detail is not read: it may carry customer data.
struct FaultReader {
    private(set) var code = ""
    private(set) var text = ""
    private var depth = 0
    private var open: (target: Target, depth: Int)?
    private enum Target { case code, text }
    private static let limit = 400

    mutating func element(_ local: String) {
        depth += 1
        if open != nil { return }
        switch local {
        case "faultcode" where depth == 1: open = (.code, depth)
        case "Value" where code.isEmpty || !code.hasSuffix("/"):
            if !code.isEmpty { code += "/" }
            open = (.code, depth)
        case "faultstring" where depth == 1: open = (.text, depth)
        case "Text" where text.isEmpty && depth == 2: open = (.text, depth)
        default: break
        }
    }

    mutating func elementEnds() {
        if let open, depth == open.depth { self.open = nil }
        depth -= 1
    }

    mutating func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let open else { return }
        let part = String(decoding: bytes, as: UTF8.self)
        switch open.target {
        case .code where code.utf8.count < Self.limit: code += part
        case .text where text.utf8.count < Self.limit: text += part
        default: break
        }
    }

    /// Local names of the code: `Client`, `Sender/FailedAuthentication`.
    var shortCode: String {
        code.split(separator: "/").map { part in
            String((part.split(separator: ":").last ?? "").filter { !$0.isWhitespace }.prefix(80))
        }.joined(separator: "/")
    }

    var shortText: String { String(text.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(200)) }

    private static let refusals: Set<String> = [
        "FailedAuthentication", "InvalidSecurityToken", "InvalidSecurity", "FailedCheck", "MessageExpired",
        "SecurityTokenUnavailable", "UnsupportedSecurityToken",
    ]

    func error(at place: Place) -> HearthError {
        let codes = shortCode
        let isRefusal = codes.split(whereSeparator: { $0 == "/" || $0 == "." }).contains {
            Self.refusals.contains(String($0))
        }
        if isRefusal {
            return HearthError(
                .sourceUnauthorized, "the service refuses the credentials: fault \(codes): \(shortText)",
                at: place,
                advice: "Check user, password and password type of the UsernameToken, and this machine's clock.")
        }
        return HearthError(
            .sourceSoapFault,
            "the service answers with a fault \(codes.isEmpty ? "without a code" : codes): \(shortText)",
            at: place, advice: "The fault is the service's own word; look at the request and at the service's log.")
    }
}

extension SOAPEnvelopeReader {
    func faultBegins() { fault = FaultReader() }

    func faultElement(_ local: UnsafePointer<UInt8>?) { fault.element(local.map { String(cString: $0) } ?? "") }

    func faultElementEnds() {
        fault.elementEnds()
        // Depth 2 is Body: the fault itself has ended.
        if core.pointee.depth <= EnvelopeCore.bodyDepth { end(fault.error(at: here())) }
    }

    func faultText(_ bytes: UnsafePointer<UInt8>, _ length: Int) {
        fault.text(UnsafeBufferPointer(start: bytes, count: length))
    }
}
