/// What a caller asked, read from its envelope: texts by local name of the element, in order, with the attributes' raw text.
///
/// Reads well-formed XML without a document type; anything else gives nil. It looks at local names only, which is enough
/// for the few requests of this service.
struct SOAPRequest {
    struct Element {
        var name: String
        var attributes: String
        var text: String
    }

    private(set) var elements: [Element] = []

    init?(_ bytes: [UInt8]) {
        var open: [Int] = []
        var names: [String] = []
        var index = 0
        var seen = false
        while index < bytes.count {
            if bytes[index] != 0x3C {
                let start = index
                while index < bytes.count, bytes[index] != 0x3C { index += 1 }
                if let current = open.last {
                    guard let text = Self.unescaped(bytes[start..<index]) else { return nil }
                    elements[current].text += text
                }
                continue
            }
            if Self.matches(bytes, index, "<![CDATA[") {
                guard let end = Self.find(bytes, index + 9, "]]>"), let current = open.last else { return nil }
                elements[current].text += String(decoding: bytes[index + 9..<end], as: UTF8.self)
                index = end + 3
                continue
            }
            if Self.matches(bytes, index, "<!--") {
                guard let end = Self.find(bytes, index + 4, "-->") else { return nil }
                index = end + 3
                continue
            }
            if Self.matches(bytes, index, "<?") {
                guard let end = Self.find(bytes, index + 2, "?>") else { return nil }
                index = end + 2
                continue
            }
            if Self.matches(bytes, index, "<!") { return nil }
            var end = index + 1
            var quote: UInt8 = 0
            while end < bytes.count, quote != 0 || bytes[end] != 0x3E {
                if quote != 0 {
                    if bytes[end] == quote { quote = 0 }
                } else if bytes[end] == 0x22 || bytes[end] == 0x27 {
                    quote = bytes[end]
                }
                end += 1
            }
            guard end < bytes.count, end > index + 1 else { return nil }
            if bytes[index + 1] == 0x2F {
                var name = String(decoding: bytes[index + 2..<end], as: UTF8.self)
                while name.last == " " { name.removeLast() }
                guard names.popLast() == name else { return nil }
                open.removeLast()
            } else {
                let isEmpty = bytes[end - 1] == 0x2F
                let inside = bytes[index + 1..<(isEmpty ? end - 1 : end)]
                let nameEnd = inside.firstIndex { $0 <= 0x20 } ?? inside.endIndex
                let name = String(decoding: inside[inside.startIndex..<nameEnd], as: UTF8.self)
                let local = name.split(separator: ":", omittingEmptySubsequences: false).last.map(String.init) ?? name
                if seen, open.isEmpty { return nil }
                seen = true
                guard elements.count < 1000 else { return nil }
                elements.append(
                    Element(
                        name: local, attributes: String(decoding: inside[nameEnd...], as: UTF8.self), text: ""))
                if !isEmpty {
                    open.append(elements.count - 1)
                    names.append(name)
                }
            }
            index = end + 1
        }
        guard seen, open.isEmpty else { return nil }
    }

    /// The trimmed text of the first element with this local name.
    func text(_ name: String) -> String? {
        guard let element = elements.first(where: { $0.name == name }) else { return nil }
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

    private static func matches(_ bytes: [UInt8], _ index: Int, _ text: String) -> Bool {
        bytes[index...].starts(with: text.utf8)
    }

    private static func find(_ bytes: [UInt8], _ start: Int, _ text: String) -> Int? {
        guard start <= bytes.count else { return nil }
        return (start..<bytes.count).first { matches(bytes, $0, text) }
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.contains(0x26) else { return String(decoding: bytes, as: UTF8.self) }
        var result: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] != 0x26 {
                result.append(bytes[index])
                index += 1
                continue
            }
            guard let end = bytes[index...].firstIndex(of: 0x3B) else { return nil }
            let name = String(decoding: bytes[index + 1..<end], as: UTF8.self)
            switch name {
            case "amp": result.append(0x26)
            case "lt": result.append(0x3C)
            case "gt": result.append(0x3E)
            case "quot": result.append(0x22)
            case "apos": result.append(0x27)
            default:
                guard name.hasPrefix("#") else { return nil }
                let isHex = name.hasPrefix("#x")
                guard let value = UInt32(name.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10),
                    let scalar = Unicode.Scalar(value)
                else { return nil }
                result.append(contentsOf: String(Character(scalar)).utf8)
            }
            index = end + 1
        }
        return String(decoding: result, as: UTF8.self)
    }
}
