/// A stream that an operation may be read as.
struct StreamGuess {
    struct Field {
        var column: String
        var path: String
        /// `xs:dateTime`.
        var type: String
        /// The conversion that a mapping would mostly read it with.
        var rule: String
        var isOptional: Bool
        /// Stands several times in a record.
        var isMany: Bool
        var codes: [String]
        var note: String?
    }

    struct Success {
        var path: String
        /// Nil where the description does not say what means success.
        var values: [String]?
        var message: String?
    }

    var name: String
    var operation: String
    var action: String?
    var body: String
    var record: String
    var fields: [Field]
    var key: [String] = []
    var parameters: [RequestWriter.Parameter] = []
    var isPaged = false
    var hasMore: String?
    var total: String?
    var pageCount: String?
    var nextToken: String?
    var isWindow = false
    var cursor: (column: String, order: String, startsAt: String)?
    var success: Success?
    var faults: [String] = []
    /// Why it is written as a comment only; nil where it can be read as it is.
    var held: [String] = []
    var guesses: [String] = []

    /// What a mapping reads a built-in type with.
    static func rule(_ type: String, codes: [String]) -> String {
        if !codes.isEmpty { return "code" }
        switch type {
        case "xs:date": return "date"
        case "xs:dateTime": return "instant"
        case "xs:boolean": return "boolean"
        case "xs:decimal", "xs:double", "xs:float": return "decimal(3), or money(yuan) where it is an amount"
        case "xs:int", "xs:integer", "xs:long", "xs:short", "xs:byte", "xs:unsignedInt", "xs:unsignedLong",
            "xs:unsignedShort", "xs:nonNegativeInteger", "xs:positiveInteger":
            return "integer, or text where it is an id"
        case "xs:gYear", "xs:gYearMonth": return "date with format"
        case "xs:base64Binary", "xs:hexBinary": return "none: binary"
        default: return "text"
        }
    }
}
