import CLibXML2
import Glibc

// What the reader takes down of an answer beside its records: see ``AnswerSigns``. All of it is rare or bounded.

extension SOAPEnvelopeReader {
    private static let mostBytes = 120

    func outsideText(_ text: UnsafePointer<UInt8>, _ length: Int) {
        if !core.pointee.hasOutsideText { textDepth = core.pointee.depth }
        core.pointee.hasOutsideText = true
        let room = Self.mostBytes - openText.count
        if room > 0 { openText += UnsafeBufferPointer(start: text, count: min(room, length)) }
    }

    func outsideTextEnds() {
        core.pointee.hasOutsideText = false
        core.pointee.outsideLeft -= 1
        var names = openNames(to: textDepth)
        let text = Self.text(openText)
        openText.removeAll(keepingCapacity: true)
        let name = names.popLast() ?? ""
        if text.hasPrefix("<"), signs.documentInText == nil {
            signs.documentInText = (names + [name]).joined(separator: "/")
        }
        note(names.joined(separator: "/"), name, text)
    }

    func outsideAttributes(_ count: Int, _ list: UnsafeMutablePointer<UnsafePointer<xmlChar>?>) {
        let foreign = core.pointee.foreign
        let meaningless = [
            core.pointee.schemaInstance, core.pointee.soap11, core.pointee.soap12, foreign.encoding11,
            foreign.encoding12,
            foreign.xml,
        ]
        for index in 0..<count where core.pointee.outsideLeft > 0 {
            guard let local = list[index * 5], let value = list[index * 5 + 3], let end = list[index * 5 + 4] else {
                continue
            }
            if let namespace = list[index * 5 + 2], meaningless.contains(namespace) { continue }
            let name = String(cString: local)
            if compiled.paths.outer.contains(where: { $0.path.attribute?.local == name }) { continue }
            let (plain, length) = attributeValue(core, value, end - value)
            let text = Self.text(UnsafeBufferPointer(start: plain, count: min(length, Self.mostBytes)))
            if text.isEmpty { continue }
            core.pointee.outsideLeft -= 1
            note(openNames(to: core.pointee.depth).joined(separator: "/"), "@\(name)", text)
        }
    }

    func noteSuccessPlace(isAttribute: Bool) {
        signs.successParent = openNames(to: core.pointee.depth - (isAttribute ? 0 : 1)).joined(separator: "/")
    }

    /// An attribute's value as it is meant: the parser leaves `&#38;` for each `&`.
    func plainAttribute(_ value: UnsafePointer<UInt8>, _ length: Int) -> (UnsafePointer<UInt8>, Int) {
        attributeBytes.count = 0
        var at = 0
        while at < length {
            var next = value[at]
            attributeBytes.append(&next, 1)
            at += next == 0x26 && at + 5 <= length && memcmp(value + at, "&#38;", 5) == 0 ? 5 : 1
        }
        return (UnsafePointer(attributeBytes.start), attributeBytes.count)
    }

    /// Everything that is known when the answer has been read.
    func closingSigns() -> AnswerSigns {
        var closing = signs
        closing.parents = core.pointee.parents
        closing.sawBodyChild = core.pointee.sawBodyChild
        if core.pointee.sawStranger {
            closing.strangerNamespace = core.pointee.strangerNamespace.map { String(cString: $0) } ?? ""
        }
        for (index, slot) in compiled.slots.enumerated() {
            if case .ancestor = slot, core.pointee.slots[index].wasFound { closing.sawAncestorValue = true }
        }
        return closing
    }

    private func note(_ parent: String, _ name: String, _ text: String) {
        signs.texts.append(
            .init(parent: parent, name: name, text: text, isInParent: core.pointee.parentDepth > 0))
    }

    private func openNames(to depth: Int32) -> [String] {
        guard depth > EnvelopeCore.bodyDepth else { return [] }
        return (EnvelopeCore.bodyDepth + 1...depth).map { level in
            core.pointee.stack[Int(level)].local.map { String(cString: $0) } ?? ""
        }
    }

    private static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: Array(bytes), as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
