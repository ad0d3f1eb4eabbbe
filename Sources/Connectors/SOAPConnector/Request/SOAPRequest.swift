import HeatModel

/// Writes the requests of one stream.
struct SOAPRequest: Sendable {
    let version: SOAPVersion
    let operation: String
    private let template: RequestTemplate
    private let isWholeEnvelope: Bool
    private let namespaces: [String: String]
    private let security: SOAPUsernameToken?
    private let action: String?
    private let further: [String]

    /// Throws `config.unknownPlaceholder`, or `config.badRequest` where a token has no place to stand.
    ///
    /// - Parameter named: placeholders of a caller's own values.
    init(_ stream: SOAPStream, options: SOAPOptions, named: Set<String> = []) throws {
        version = options.version
        template = try RequestTemplate(stream.body, of: "stream \(stream.name)", named: named)
        namespaces = options.namespaces
        security = options.security.usernameToken
        action = stream.action
        further = options.headers
        if options.login == nil, template.names(.session) || further.contains(where: { $0.contains("{{session}}") }) {
            throw HearthError(
                .configBadRequest, "stream \(stream.name): {{session}} is used, and there is no login",
                advice: "Add login: {body, path} to the source; its answer fills {{session}}.")
        }
        let root = Self.rootName(stream.body)
        isWholeEnvelope = root == "Envelope"
        operation = stream.operation.isEmpty ? (isWholeEnvelope || root.isEmpty ? stream.name : root) : stream.operation
        if isWholeEnvelope, security != nil, !template.names(.security) {
            throw HearthError(
                .configBadRequest, "stream \(stream.name): the body is a whole envelope without {{security}}",
                advice: "Write {{security}} inside its soap:Header, or give only what stands in soap:Body.")
        }
    }

    /// Local name of the first element of an XML text.
    static func rootName(_ text: String) -> String {
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "<") {
            rest = rest[rest.index(after: open)...]
            if rest.hasPrefix("?") || rest.hasPrefix("!") { continue }
            let name = rest.prefix { !$0.isWhitespace && $0 != ">" && $0 != "/" }
            return String(name.split(separator: ":").last ?? name)
        }
        return ""
    }

    func uses(_ value: String) -> Bool { template.names(value) }

    func body(
        _ values: [RequestTemplate.Placeholder: String], named: [String: String] = [:], nonce: [UInt8], at now: Instant
    ) -> String {
        var values = values
        let header = security?.header(soap: "soapenv", nonce: nonce, at: now) ?? ""
        if isWholeEnvelope {
            values[.security] = header.isEmpty ? "" : header.replacingFirst(" soapenv:mustUnderstand=\"1\"", with: "")
            return template.fill(values, named: named)
        }
        let declared = namespaces.sorted { $0.key < $1.key }.map { " xmlns:\($0.key)=\"\($0.value.xmlEscaped)\"" }
            .joined()
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <soapenv:Envelope xmlns:soapenv="\(version.namespace)"\(declared)>\
            \(header.isEmpty ? "" : "<soapenv:Header>\(header)</soapenv:Header>")\
            <soapenv:Body>\(template.fill(values, named: named))</soapenv:Body></soapenv:Envelope>
            """
    }

    /// Headers of the request, a session in them where one is open.
    func headers(session: String?) -> [String] {
        own
            + further.compactMap { header in
                guard header.contains("{{session}}") else { return header }
                return session.map { header.replacing("{{session}}", with: clean($0)) }
            }
    }

    private var own: [String] {
        switch version {
        case .v11: ["Content-Type: text/xml; charset=utf-8", "SOAPAction: \"\(clean(action ?? ""))\""]
        case .v12:
            ["Content-Type: application/soap+xml; charset=utf-8\(action.map { "; action=\"\(clean($0))\"" } ?? "")"]
        }
    }

    private func clean(_ text: String) -> String { text.filter { $0 != "\"" && !$0.isNewline } }
}

extension String {
    fileprivate func replacingFirst(_ part: String, with other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}

/// Headers may hold secrets.
extension SOAPRequest: CustomStringConvertible, CustomDebugStringConvertible {
    var description: String { "SOAPRequest(\(operation))" }
    var debugDescription: String { description }
}
