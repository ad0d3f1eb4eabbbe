import CLibXML2
import HeatModel

/// A name with its namespace; an empty namespace is none.
struct QName: Hashable, Comparable, Sendable {
    var namespace: String
    var local: String

    init(_ namespace: String, _ local: String) {
        self.namespace = namespace
        self.local = local
    }

    static func < (left: QName, right: QName) -> Bool {
        (left.namespace, left.local) < (right.namespace, right.local)
    }
}

/// An element of a service description or schema. Descriptions are small: they are held as a tree.
final class XMLElement {
    let name: QName
    /// Attributes without a namespace.
    let attributes: [String: String]
    /// Those with one.
    let foreign: [QName: String]
    let children: [XMLElement]
    let text: String
    let line: Int
    /// Prefixes in scope; the default namespace stands under "".
    let prefixes: [String: String]

    init(
        name: QName, attributes: [String: String], foreign: [QName: String], children: [XMLElement], text: String,
        line: Int, prefixes: [String: String]
    ) {
        self.name = name
        self.attributes = attributes
        self.foreign = foreign
        self.children = children
        self.text = text
        self.line = line
        self.prefixes = prefixes
    }

    subscript(_ attribute: String) -> String? { attributes[attribute] }

    func children(_ local: String, in namespace: String) -> [XMLElement] {
        children.filter { $0.name == QName(namespace, local) }
    }

    func first(_ local: String, in namespace: String) -> XMLElement? {
        children.first { $0.name == QName(namespace, local) }
    }

    /// What a value such as `tns:WorkOrder` names. Nil where its prefix is bound to nothing.
    func qname(_ value: String) -> QName? {
        let text = value.drop { $0 == " " || $0 == "\n" || $0 == "\t" }
        guard let colon = text.firstIndex(of: ":") else { return QName(prefixes[""] ?? "", String(text)) }
        guard let namespace = prefixes[String(text[..<colon])] else { return nil }
        return QName(namespace, String(text[text.index(after: colon)...].prefix { $0 != " " }))
    }

    func qname(of attribute: String) -> QName? { self[attribute].flatMap { qname($0) } }
}

extension XMLElement {
    /// So many elements are read of one document.
    private static let most = 200_000

    /// Reads a document: no document type, no entity but the five of XML, no network.
    ///
    /// - Throws: `source.descriptionMalformed` with line, `source.descriptionDTD`, `source.descriptionBounds`.
    static func read(_ bytes: [UInt8], from name: String) throws -> XMLElement {
        let place = Place.address(name)
        if bytes.firstRange(of: Array("<!DOCTYPE".utf8)) != nil {
            throw HearthError(
                .sourceDescriptionDTD, "the description has a document type, which is not read", at: place,
                advice: "save it without its DOCTYPE and import the file")
        }
        guard let context = xmlNewParserCtxt() else {
            throw HearthError(.sourceDescriptionBounds, "no memory for an XML parser", at: place)
        }
        defer { xmlFreeParserCtxt(context) }
        let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
        let document = bytes.withUnsafeBytes { buffer in
            xmlCtxtReadMemory(
                context, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), nil, nil,
                Int32(options))
        }
        guard let document else {
            let line = context.pointee.lastError.line
            throw HearthError(
                .sourceDescriptionMalformed, "the description is not XML: it breaks off at line \(line)", at: place,
                advice: "open it in a browser: a login page or an error page may stand there instead")
        }
        defer { xmlFreeDoc(document) }
        if document.pointee.intSubset != nil {
            throw HearthError(
                .sourceDescriptionDTD, "the description has a document type, which is not read", at: place)
        }
        guard let root = xmlDocGetRootElement(document) else {
            throw HearthError(.sourceDescriptionMalformed, "the description is empty", at: place)
        }
        var budget = most
        guard let element = make(root, ["xml": "http://www.w3.org/XML/1998/namespace"], &budget) else {
            throw HearthError(
                .sourceDescriptionBounds, "the description has more than \(most) elements", at: place)
        }
        return element
    }

    private static func make(_ node: xmlNodePtr, _ outer: [String: String], _ budget: inout Int) -> XMLElement? {
        budget -= 1
        if budget < 0 { return nil }
        var prefixes = outer
        var declared = node.pointee.nsDef
        while let each = declared {
            prefixes[each.pointee.prefix.map { String(cString: $0) } ?? ""] =
                each.pointee.href.map { String(cString: $0) } ?? ""
            declared = each.pointee.next
        }
        var attributes: [String: String] = [:]
        var foreign: [QName: String] = [:]
        var property = node.pointee.properties
        while let each = property {
            let local = String(cString: each.pointee.name)
            let value = each.pointee.children.flatMap { xmlNodeGetContent($0) }
            let text = value.map { String(cString: $0) } ?? ""
            if let value { hearth_xml_free(value) }
            if let namespace = each.pointee.ns?.pointee.href {
                foreign[QName(String(cString: namespace), local)] = text
            } else {
                attributes[local] = text
            }
            property = each.pointee.next
        }
        var children: [XMLElement] = []
        var text = ""
        var next = node.pointee.children
        while let child = next {
            switch child.pointee.type {
            case XML_ELEMENT_NODE:
                guard let made = make(child, prefixes, &budget) else { return nil }
                children.append(made)
            case XML_TEXT_NODE, XML_CDATA_SECTION_NODE:
                if let content = child.pointee.content { text += String(cString: content) }
            default: break
            }
            next = child.pointee.next
        }
        return XMLElement(
            name: QName(
                node.pointee.ns?.pointee.href.map { String(cString: $0) } ?? "", String(cString: node.pointee.name)),
            attributes: attributes, foreign: foreign, children: children, text: text, line: Int(xmlGetLineNo(node)),
            prefixes: prefixes)
    }
}
