import CLibXML2

/// libxml2's messages can quote the document, so they are not repeated: only their kinds are, in words of our own.
enum ParserMessage {
    static func text(of code: Int32) -> String {
        switch xmlParserErrors(UInt32(bitPattern: code)) {
        case XML_ERR_TAG_NAME_MISMATCH: "an end tag does not match its start tag"
        case XML_ERR_GT_REQUIRED, XML_ERR_LTSLASH_REQUIRED, XML_ERR_TAG_NOT_FINISHED: "a tag is not finished"
        case XML_ERR_DOCUMENT_END: "something stands after the envelope's end"
        case XML_ERR_DOCUMENT_EMPTY, XML_ERR_DOCUMENT_START: "there is no element"
        case XML_ERR_INVALID_CHAR: "a character that XML or the encoding does not allow"
        case XML_ERR_INVALID_ENCODING, XML_ERR_UNKNOWN_ENCODING, XML_ERR_UNSUPPORTED_ENCODING:
            "bytes that the encoding does not know"
        case XML_ERR_INVALID_CHARREF, XML_ERR_INVALID_DEC_CHARREF, XML_ERR_INVALID_HEX_CHARREF:
            "a bad character reference"
        case XML_ERR_ENTITYREF_SEMICOL_MISSING, XML_ERR_UNDECLARED_ENTITY, XML_WAR_UNDECLARED_ENTITY:
            "an unknown entity or a bare &"
        case XML_ERR_ATTRIBUTE_NOT_STARTED, XML_ERR_ATTRIBUTE_NOT_FINISHED, XML_ERR_ATTRIBUTE_WITHOUT_VALUE:
            "a bad attribute"
        case XML_ERR_ATTRIBUTE_REDEFINED: "an attribute stands twice"
        case XML_ERR_LT_IN_ATTRIBUTE: "a < stands in an attribute"
        case XML_ERR_NAME_REQUIRED: "a name is missing"
        case XML_ERR_CDATA_NOT_FINISHED: "a CDATA section is not finished"
        case XML_ERR_COMMENT_NOT_FINISHED: "a comment is not finished"
        case XML_ERR_MISPLACED_CDATA_END: "]]> stands in a text"
        default: "parser error \(code)"
        }
    }
}
