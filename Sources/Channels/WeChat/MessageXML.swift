import CLibXML2
import Foundation

/// WeChat's XML: a flat list of elements below the root. Read with libxml2; no document type and so no entity but XML's own, nothing is
/// fetched.
enum MessageXML {
    static let mostBytes = 65_536

    /// The text of each child of the root, the first of a name; nil where it is no such document.
    static func read(_ bytes: [UInt8]) -> [String: String]? {
        guard !bytes.isEmpty, bytes.count <= mostBytes, String(validating: bytes, as: UTF8.self) != nil,
            !bytes.contains(0)
        else { return nil }
        let options = Int32(
            XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
                | XML_PARSE_NOCDATA.rawValue)
        // UTF-8 is what was checked: a declaration of another encoding would have it read as something else.
        let document = bytes.withUnsafeBytes { bytes in
            xmlReadMemory(bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count), nil, "UTF-8", options)
        }
        guard let document else { return nil }
        defer { xmlFreeDoc(document) }
        guard document.pointee.intSubset == nil, document.pointee.extSubset == nil,
            let root = xmlDocGetRootElement(document)
        else { return nil }
        var found: [String: String] = [:]
        var next = root.pointee.children
        while let node = next {
            next = node.pointee.next
            guard node.pointee.type == XML_ELEMENT_NODE, let name = node.pointee.name else { continue }
            let key = String(cString: name)
            guard found[key] == nil, let content = xmlNodeGetContent(node) else { continue }
            found[key] = String(cString: content)
            free(content)
            if found.count > 64 { return nil }
        }
        return found
    }

    /// Text as it may stand in a section of character data.
    static func section(_ text: String) -> String {
        let kept = text.unicodeScalars.filter { $0.value >= 0x20 || $0 == "\n" || $0 == "\t" }
        return "<![CDATA["
            + String(String.UnicodeScalarView(kept)).replacing("]]>", with: "]]]]><![CDATA[>") + "]]>"
    }
}
