import CLibXML2
import HeatModel

/// What is wrong with an answer: what the parser reports, and what ends the reading.
extension SOAPEnvelopeReader {
    func parserReports(domain: Int32, code: Int32, level: UInt32, line: Int, column: Int, isReference: Bool) {
        if level < XML_ERR_ERROR.rawValue || failure != nil || isStopped { return }
        let isUnbound = code == Int32(XML_NS_ERR_UNDEFINED_NAMESPACE.rawValue)
        if domain == Int32(XML_FROM_NAMESPACE.rawValue) {
            // The parser passes over other namespace troubles (a relative address, a colon too many).
            if !isUnbound { return }
            // To take a name with an unbound prefix for one without would read other elements than those that are meant.
            if core.pointee.phase == .record {
                markBad(core, .unbound)
            } else {
                failure = malformed("a name has a prefix that is bound to no namespace", at: place(line, column))
                xmlStopParser(core.pointee.parser)
            }
            return
        }
        if let contradiction = push?.contradiction, [.encoding, .character].contains(recoverable(code, isReference)) {
            failure = Charset.contradictory(contradiction)
            failure?.place = place(line, column)
            xmlStopParser(core.pointee.parser)
            return
        }
        if core.pointee.phase == .record, !isEnding, let bad = recoverable(code, isReference) {
            let position = position(core)
            sameErrors = position == lastErrorPosition ? sameErrors + 1 : 0
            lastErrorPosition = position
            if sameErrors < 4 {
                markBad(core, bad)
                return
            }
        }
        if isEnding, core.pointee.phase != .done {
            endsBadly = true
            return
        }
        failure = malformed(ParserMessage.text(of: code), at: place(line, column))
        xmlStopParser(core.pointee.parser)
    }

    func malformed(_ why: String, at place: Place) -> HearthError {
        HearthError(
            .sourceMalformedXML, "the answer is not well-formed XML: \(why)", at: place,
            advice: "Look at the service's answer at this place; if its encoding is not what it declares, set charset.")
    }

    func recoverable(_ code: Int32, _ isReference: Bool) -> EnvelopeCore.Bad? {
        switch xmlParserErrors(UInt32(bitPattern: code)) {
        case XML_ERR_INVALID_ENCODING: .encoding
        case XML_ERR_INVALID_CHAR, XML_ERR_MISPLACED_CDATA_END: .character
        case XML_ERR_INVALID_CHARREF, XML_ERR_INVALID_DEC_CHARREF, XML_ERR_INVALID_HEX_CHARREF: .reference
        case XML_ERR_ENTITYREF_SEMICOL_MISSING, XML_ERR_UNDECLARED_ENTITY, XML_WAR_UNDECLARED_ENTITY: .reference
        case XML_ERR_NAME_REQUIRED where isReference: .reference
        default: nil
        }
    }

    func truncated(_ place: Place) -> HearthError {
        HearthError(
            .sourceTruncated,
            fed == 0 ? "the answer is empty" : "the answer ends in the middle of the envelope", at: place,
            advice: "Run the pull again; if it ends at the same place, the service cuts its answers.")
    }

    func stopTooDeep() {
        end(.init(.sourceTooDeep, "elements stand more than \(reading.limits.depth) deep", at: here()))
    }

    func stopTooManyAttributes() {
        end(
            .init(
                .sourceTooLarge, "an element has more than \(reading.limits.attributes) attributes",
                at: here(),
                advice: "No service means that; ask its owner, or raise limits.attributes."))
    }

    func stopNotSOAP() { end(notSOAP("the answer is XML, yet not a SOAP envelope", at: here())) }

    func stopAtDoctype(_ name: UnsafePointer<UInt8>?) {
        let isHTML = name.map { String(cString: $0).lowercased() == "html" } ?? false
        if isHTML { return end(notSOAP("the answer is an HTML page", at: here())) }
        end(
            .init(
                .sourceForbiddenDTD, "the answer has a document type declaration, which SOAP forbids",
                at: here(),
                advice: "Entities are never expanded; ask the service's owner to leave the declaration out."))
    }

    func end(_ error: HearthError) {
        if failure == nil { failure = error }
        xmlStopParser(core.pointee.parser)
    }

    func stop(_ error: HearthError) throws -> Never {
        failure = error
        throw error
    }

    func notSOAP(_ message: String, at place: Place? = nil) -> HearthError {
        HearthError(
            .sourceNotSOAP, message, at: place ?? self.place(1, 1),
            advice:
                "Check the endpoint's address and whether something in between (a proxy, a login page) answers for it.")
    }

    func here() -> Place {
        place(
            Int(core.pointee.parser.pointee.input?.pointee.line ?? 0),
            Int(core.pointee.parser.pointee.input?.pointee.col ?? 0))
    }

    func place(_ line: Int32, _ column: Int32) -> Place { place(Int(line), Int(column)) }

    func place(_ line: Int, _ column: Int) -> Place {
        .envelope(
            "\(reading.originName):\(line):\(column)", number: reading.number,
            record: [.record, .body].contains(core.pointee.phase) ? Int(core.pointee.recordsFound) : 0)
    }
}
