import CLibXML2

/// A caller's request, read from its envelope by libxml2: texts by the local name of their element, in document order.
///
/// Local names are enough for the few requests of this service. Anything that is not well-formed, or has a document type, is nil.
struct SOAPRequest {
    struct Element {
        var name: String
        /// Namespace of the element.
        var namespace: String
        /// Values by local name.
        var attributes: [String: String]
        var text: String
    }

    private(set) var elements: [Element] = []

    init?(_ bytes: [UInt8]) {
        let options = Int32(XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue)
        let parsed = bytes.withUnsafeBytes { buffer in
            xmlReadMemory(
                buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), nil, nil, options)
        }
        guard let document = parsed else { return nil }
        defer { xmlFreeDoc(document) }
        guard document.pointee.intSubset == nil, let root = xmlDocGetRootElement(document) else { return nil }
        collect(root)
    }

    private mutating func collect(_ node: xmlNodePtr) {
        var attributes: [String: String] = [:]
        var attribute = node.pointee.properties
        while let current = attribute {
            attributes[Self.string(current.pointee.name)] = Self.content(
                UnsafeMutableRawPointer(current).assumingMemoryBound(to: xmlNode.self))
            attribute = current.pointee.next
        }
        elements.append(
            Element(
                name: Self.string(node.pointee.name),
                namespace: node.pointee.ns.map { Self.string($0.pointee.href) } ?? "",
                attributes: attributes, text: Self.content(node)))
        var child = xmlFirstElementChild(node)
        while let current = child {
            collect(current)
            child = xmlNextElementSibling(current)
        }
    }

    private static func string(_ text: UnsafePointer<xmlChar>?) -> String {
        text.map { String(cString: $0) } ?? ""
    }

    /// The text of a node and of everything in it.
    private static func content(_ node: xmlNodePtr) -> String {
        guard let content = xmlNodeGetContent(node) else { return "" }
        defer { hearth_xml_free(content) }
        return String(cString: content)
    }

    /// The trimmed text of the first element with this local name.
    func text(_ name: String) -> String? {
        guard let element = element(name) else { return nil }
        var text = Substring(element.text)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    func element(_ name: String) -> Element? { elements.first { $0.name == name } }

    /// The first element in the body: the operation.
    var operation: String? {
        guard let body = elements.firstIndex(where: { $0.name == "Body" }), body + 1 < elements.count else {
            return nil
        }
        return elements[body + 1].name
    }
}
