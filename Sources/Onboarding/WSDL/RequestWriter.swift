import SOAPConnector

/// Writes the body of a request from its shape: parameters whose meaning is known are filled in, enumerations with the verb that
/// reads, and what must stand there with an empty value. Keeps a table of all parameters.
struct RequestWriter {
    struct Parameter {
        var path: String
        var type: String
        var isRequired: Bool
        /// What is sent; nil where the parameter is left out.
        var value: String?
        var note: String?
    }

    /// What the stream fills in.
    var values: [ServiceWords.Parameter: String]
    var operation: String
    private(set) var parameters: [Parameter] = []
    /// Required ones that a person has to fill in.
    private(set) var toFill: [Parameter] = []

    init(values: [ServiceWords.Parameter: String], operation: String) {
        self.values = values
        self.operation = operation
    }

    mutating func write(_ shape: Shape, _ prefixes: inout PrefixTable, indent: Int = 0) -> String {
        element(shape, &prefixes, path: "", indent: indent, isAsked: true) ?? ""
    }

    /// Nil where neither the element nor anything in it is sent.
    private mutating func element(
        _ shape: Shape, _ prefixes: inout PrefixTable, path: String, indent: Int, isAsked: Bool
    ) -> String? {
        let name = prefixes.name(shape.name)
        let blanks = String(repeating: "  ", count: indent)
        let here = path.isEmpty ? shape.name.local : path + "/" + shape.name.local
        var attributes = ""
        for child in shape.children where child.isAttribute {
            let value = self.value(of: child, isAsked: isAsked && child.minimum > 0)
            note(child, here + "/@" + child.name.local, value, isAsked: isAsked)
            if let value { attributes += " \(prefixes.name(child.name))=\"\(value.xmlEscaped)\"" }
        }
        let inner = shape.elements
        if inner.isEmpty {
            guard shape.simple != nil else {
                if shape.isCut { return nil }
                return shape.isOptional && attributes.isEmpty && !path.isEmpty
                    ? nil : "\(blanks)<\(name)\(attributes)/>"
            }
            let value = self.value(of: shape, isAsked: isAsked && !shape.isOptional)
            note(shape, here, value, isAsked: isAsked)
            guard let value else { return attributes.isEmpty ? nil : "\(blanks)<\(name)\(attributes)/>" }
            return "\(blanks)<\(name)\(attributes)>\(value.xmlEscaped)</\(name)>"
        }
        var lines: [String] = []
        for child in inner {
            let asks = isAsked && !child.isOptional
            if let line = element(child, &prefixes, path: here, indent: indent + 1, isAsked: asks) {
                lines.append(line)
            }
        }
        if lines.isEmpty, attributes.isEmpty {
            return shape.isOptional && !path.isEmpty ? nil : "\(blanks)<\(name)/>"
        }
        if lines.isEmpty { return "\(blanks)<\(name)\(attributes)/>" }
        return "\(blanks)<\(name)\(attributes)>\n\(lines.joined(separator: "\n"))\n\(blanks)</\(name)>"
    }

    private func value(of shape: Shape, isAsked: Bool) -> String? {
        if let meaning = ServiceWords.parameter(shape.name.local), let value = values[meaning] { return value }
        if !shape.codes.isEmpty {
            let verbs = ["get", "query", "read", "list"]
            if let verb = shape.codes.first(where: { verbs.contains($0.lowercased()) }),
                shape.name.local.lowercased().hasSuffix("verb") || isAsked
            {
                return verb
            }
        }
        if !isAsked { return nil }
        if let fixed = shape.fixed { return fixed }
        if shape.name.local.lowercased() == "noun" { return noun }
        if let first = shape.codes.first { return first }
        switch shape.simple ?? "" {
        case "xs:boolean": return "false"
        case "xs:int", "xs:integer", "xs:long", "xs:short", "xs:decimal", "xs:double", "xs:float", "xs:unsignedInt",
            "xs:nonNegativeInteger", "xs:byte", "xs:unsignedShort", "xs:unsignedLong", "xs:positiveInteger":
            return "0"
        default: return ""
        }
    }

    /// `WorkOrders` of `GetWorkOrders`.
    private var noun: String {
        let verb = operation.prefix { $0.isLowercase || $0 == operation.first }
        return String(operation.dropFirst(verb.count))
    }

    private mutating func note(_ shape: Shape, _ path: String, _ value: String?, isAsked: Bool) {
        let isRequired = isAsked && shape.minimum > 0 && !shape.isChoice && !shape.isNillable
        let parameter = Parameter(
            path: path, type: shape.simple ?? "", isRequired: isRequired, value: value,
            note: shape.codes.isEmpty ? shape.note : "one of " + shape.codes.prefix(12).joined(separator: ", "))
        parameters.append(parameter)
        let isKnown = ServiceWords.parameter(shape.name.local).map { values[$0] != nil } ?? false
        if isRequired, !isKnown, shape.fixed == nil, shape.codes.isEmpty, shape.name.local.lowercased() != "noun" {
            toFill.append(parameter)
        }
    }
}
