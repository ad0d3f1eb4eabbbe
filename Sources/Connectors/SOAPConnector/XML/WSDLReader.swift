import CLibXML2
import HeatModel

/// Operations and schema elements of a service description, as far as they are known without following imports.
final class WSDLReader {
    struct Element: Equatable {
        var name: String
        var type: String
        var isOptional: Bool
        /// The named type or element that it stands in; empty at the top.
        var parent: String
    }

    private(set) var operations: [String] = []
    private(set) var elements: [Element] = []
    private var owners: [String] = []
    private var failure: HearthError?
    private var push: XMLPush?
    private var depth = 0

    private static let description = "http://schemas.xmlsoap.org/wsdl/"
    private static let schema = "http://www.w3.org/2001/XMLSchema"
    private static let bound = 20_000

    init() throws {
        var handler = xmlSAXHandler()
        handler.startElementNs = { context, local, _, namespace, _, _, count, _, attributes in
            guard let context, let local else { return }
            let reader = Unmanaged<WSDLReader>.fromOpaque(context).takeUnretainedValue()
            var values: [String: String] = [:]
            for index in 0..<Int(count) {
                guard let attributes, let name = attributes[index * 5], let value = attributes[index * 5 + 3],
                    let end = attributes[index * 5 + 4]
                else { continue }
                values[String(cString: name)] = String(
                    decoding: UnsafeBufferPointer(start: value, count: end - value), as: UTF8.self)
            }
            reader.start(String(cString: local), namespace.map { String(cString: $0) } ?? "", values)
        }
        handler.endElementNs = { context, _, _, _ in
            guard let context else { return }
            Unmanaged<WSDLReader>.fromOpaque(context).takeUnretainedValue().end()
        }
        handler.internalSubset = { context, _, _, _ in
            guard let context else { return }
            Unmanaged<WSDLReader>.fromOpaque(context).takeUnretainedValue().stop(
                .sourceForbiddenDTD, "it has a document type")
        }
        handler.serror = { context, error in
            guard let context, let error, error.pointee.level.rawValue >= XML_ERR_ERROR.rawValue,
                error.pointee.domain != Int32(XML_FROM_NAMESPACE.rawValue)
            else { return }
            let text = ParserMessage.text(of: error.pointee.code)
            Unmanaged<WSDLReader>.fromOpaque(context).takeUnretainedValue().stop(.sourceMalformedXML, text)
        }
        push = try XMLPush(
            handler: handler, context: Unmanaged.passUnretained(self).toOpaque(), httpCharset: nil, forcedCharset: nil)
    }

    func read(_ bytes: UnsafeRawBufferPointer) throws { try feed(bytes, isLast: false) }

    func finish() throws {
        try feed(.init(start: nil, count: 0), isLast: true)
        if let push { xmlParseChunk(push.parser, nil, 0, 1) }
        if let failure { throw failure }
    }

    private func feed(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws {
        guard let push else { return }
        try push.decode(bytes, isLast: isLast) { piece in
            xmlParseChunk(push.parser, piece.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(piece.count), 0)
            if let failure { throw failure }
        }
    }

    private func stop(_ code: HearthError.Code, _ why: String) {
        if failure == nil { failure = HearthError(code, "the service description cannot be read: \(why)") }
        if let push { xmlStopParser(push.parser) }
    }

    private func start(_ local: String, _ namespace: String, _ attributes: [String: String]) {
        depth += 1
        if depth > 200 { return stop(.sourceTooDeep, "elements stand more than 200 deep") }
        var owner = owners.last ?? ""
        if namespace == Self.description, local == "operation", let name = attributes["name"],
            !operations.contains(name),
            operations.count < Self.bound
        {
            operations.append(name)
        }
        if namespace == Self.schema, local == "element" || local == "complexType" || local == "attribute",
            let name = attributes["name"] ?? attributes["ref"]
        {
            if local != "complexType", elements.count < Self.bound {
                let isOptional =
                    attributes["minOccurs"] == "0" || attributes["nillable"] == "true" || local == "attribute"
                elements.append(
                    Element(
                        name: local == "attribute" ? "@\(name)" : name, type: attributes["type"] ?? "",
                        isOptional: isOptional,
                        parent: owner))
            }
            owner = name
        }
        owners.append(owner)
    }

    private func end() {
        depth -= 1
        _ = owners.popLast()
    }
}
