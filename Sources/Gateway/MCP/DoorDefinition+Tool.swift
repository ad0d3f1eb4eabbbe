import Answers
import Foundation
import Pages

/// A question or a request as a tool of MCP.
extension DoorDefinition {
    /// As `tools/list` has it.
    var toolDescription: [String: Any] {
        [
            "name": tool, "title": title, "description": description,
            "inputSchema": [
                "type": "object",
                "properties": Dictionary(
                    parameters.map { ($0.toolName, $0.schema) }, uniquingKeysWith: { first, _ in first }),
                "required": parameters.filter(\.isRequired).map(\.toolName), "additionalProperties": false,
            ] as [String: Any],
            "outputSchema": ["type": "object"],
            "annotations": isChange
                ? ["readOnlyHint": false, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false]
                : ["readOnlyHint": true, "openWorldHint": false],
        ]
    }

    /// A tool's name for each parameter that has another.
    var toolNames: [String: String] {
        Dictionary(parameters.map { ($0.name, $0.toolName) }, uniquingKeysWith: { first, _ in first })
    }

    /// A header field's name for each parameter that stands in one.
    var headerNames: [String: String] {
        Dictionary(
            parameters.compactMap { parameter in parameter.header.map { (parameter.name, $0) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// The arguments of a call in JSON's types.
    ///
    /// - Throws: a problem that names the argument that is not known, missing or of another type.
    func arguments(_ json: [String: Any]) throws(Problem) -> Arguments {
        for name in json.keys.sorted() where !parameters.contains(where: { $0.toolName == name }) {
            var problem = Problem.parameter(
                String(name.prefix(64)),
                "is not known here; there are: \(parameters.map(\.toolName).joined(separator: ", "))")
            // It may be what a parameter is called at another door: it is named as it was given.
            if toolNames[name] != nil { problem.parameter = nil }
            throw problem
        }
        var arguments = Arguments()
        for parameter in parameters { arguments[parameter.name] = try parameter.argument(json[parameter.toolName]) }
        return arguments
    }
}

extension Parameter {
    /// An argument in JSON's types. Nil where it is not given; whether it must be, the question says.
    func argument(_ value: Any?) throws(Problem) -> ArgumentValue? {
        guard let value, !(value is NSNull) else { return nil }
        switch form {
        case .flag:
            guard let number = value as? NSNumber, JSONBody.isBoolean(number) else {
                throw .parameter(name, "must be true or false")
            }
            return .flag(number.boolValue)
        case .integer(let range):
            guard let number = value as? NSNumber, !JSONBody.isBoolean(number),
                let whole = Int(exactly: number.doubleValue), range.contains(whole)
            else { throw .parameter(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)") }
            return .integer(whole)
        case .choice(let values):
            guard let text = value as? String, values.contains(text) else {
                throw .parameter(name, "must be one of \(values.joined(separator: ", "))")
            }
            return .text(text)
        case .objects(let members, let most):
            guard let list = value as? [Any] else { throw .parameter(name, "must be an array") }
            if list.count > most { throw .parameter(name, "must not have more than \(most) elements") }
            return .objects(
                try list.map { element throws(Problem) in
                    guard let object = element as? [String: String], Set(object.keys) == Set(members) else {
                        throw .parameter(
                            name, "must have objects with exactly \(members.joined(separator: ", ")), all strings")
                    }
                    return object
                })
        case .accountNumber, .season, .text, .prose, .instant, .record, .day, .area, .asOf:
            guard let text = value as? String else { throw .parameter(name, "must be a string") }
            if text.isEmpty { throw .parameter(name, "must not be empty") }
            return .text(text)
        }
    }

    /// As JSON Schema.
    fileprivate var schema: [String: Any] {
        switch form {
        case .choice(let values): ["type": "string", "description": description, "enum": values]
        case .flag: ["type": "boolean", "description": description]
        case .integer(let range):
            ["type": "integer", "description": description, "minimum": range.lowerBound, "maximum": range.upperBound]
        case .prose(let most):
            ["type": "string", "description": description, "minLength": 1, "maxLength": most]
        case .instant: ["type": "string", "description": description, "format": "date-time"]
        case .objects(let members, let most):
            [
                "type": "array", "description": description, "maxItems": most,
                "items": [
                    "type": "object", "required": members, "additionalProperties": false,
                    "properties": Dictionary(uniqueKeysWithValues: members.map { ($0, ["type": "string"]) }),
                ] as [String: Any],
            ]
        case .accountNumber, .season, .text, .record, .day, .area, .asOf:
            ["type": "string", "description": description, "minLength": 1]
        }
    }
}
