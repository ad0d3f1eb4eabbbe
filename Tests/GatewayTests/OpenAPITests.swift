import Answers
import Foundation
import Requests
import Testing
import Yams

@testable import Gateway

/// The OpenAPI document says of each question and request what the table says, and of nothing else.
@Suite struct OpenAPITests {
    private let document: [String: Any]
    private var paths: [String: [String: [String: Any]]] {
        document["paths"] as? [String: [String: [String: Any]]] ?? [:]
    }

    init() throws {
        document = try #require(
            try Yams.load(yaml: String(decoding: OpenAPIDocument.bytes, as: UTF8.self)) as? [String: Any])
    }

    /// What `$ref` points to, or the object itself.
    private func resolved(_ object: [String: Any]) -> [String: Any] {
        guard let path = object["$ref"] as? String else { return object }
        return path.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] as? [String: Any] ?? [:] }
    }

    /// What programs ask of rooms that stand on this server; pages for browsers are not described.
    private static let doors: Set = ["POST /v1/hotline/turns", "POST /v1/sms/inbound"]

    @Test func everyRouteStandsThereAndNoOther() {
        let described = Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } })
        let known = Set(Route.allCases.filter { $0 != .unknown }.map { "\($0.method) \($0.path)" }).union(Self.doors)
        #expect(described == known)
    }

    @Test(arguments: Route.allCases.filter { $0.definition != nil }.map(\.rawValue)) func parametersAreThoseOfTheTable(
        _ number: Int
    ) throws {
        let route = Route.allCases[number]
        let path = route.path
        let definition = try #require(route.definition)
        let operation = try #require(paths[path]?[route.method.lowercased()])
        let stated = (operation["parameters"] as? [[String: Any]] ?? []).map(resolved)
        let inPath = Set(definition.pathParameters.map(\.name))
        let inHeader = Set(definition.parameters.compactMap(\.header))
        #expect(Set(stated.map { $0["name"] as? String }) == inPath.union(route.parameters).union(inHeader))
        for parameter in stated {
            let name = try #require(parameter["name"] as? String)
            let known = try #require(definition.parameters.first { ($0.header ?? $0.name) == name })
            let place = inPath.contains(name) ? "path" : inHeader.contains(name) ? "header" : "query"
            #expect(parameter["in"] as? String == place, "\(name)")
            let isRequired = parameter["required"] as? Bool ?? false
            #expect(isRequired == (known.isRequired || inPath.contains(name)), "\(name)")
            try expect(try #require(parameter["schema"] as? [String: Any]), says: known)
        }
        let description = operation["description"] as? String ?? ""
        for scope in Scope.allCases {
            let isNamed = description.prefix { $0 != "." }.split { !$0.isLetter }.contains { $0 == scope.rawValue }
            #expect(isNamed == definition.scopes.contains(scope), "\(scope)")
        }
        guard definition.method == .post else { return }
        let content = (operation["requestBody"] as? [String: Any])?["content"] as? [String: [String: [String: Any]]]
        let schema = try #require(content?["application/json"]?["schema"])
        let posted = definition.parameters.filter { $0.isPrivate && $0.header == nil }
        #expect((schema["required"] as? [String])?.sorted() == posted.filter(\.isRequired).map(\.name).sorted())
        let properties = try #require(schema["properties"] as? [String: [String: Any]])
        #expect(properties.keys.sorted() == posted.map(\.name).sorted())
        for parameter in posted { try expect(properties[parameter.name] ?? [:], says: parameter) }
    }

    private func expect(_ schema: [String: Any], says parameter: Parameter) throws {
        switch parameter.form {
        case .choice(let values): #expect(schema["enum"] as? [String] == values, "\(parameter.name)")
        case .flag: #expect(schema["type"] as? String == "boolean", "\(parameter.name)")
        case .integer(let range):
            #expect(schema["minimum"] as? Int == range.lowerBound && schema["maximum"] as? Int == range.upperBound)
        case .day: #expect(schema["format"] as? String == "date", "\(parameter.name)")
        case .prose(let most): #expect(schema["maxLength"] as? Int == most, "\(parameter.name)")
        case .instant: #expect(schema["format"] as? String == "date-time", "\(parameter.name)")
        case .objects(let members, let most):
            #expect(schema["maxItems"] as? Int == most, "\(parameter.name)")
            #expect((schema["items"] as? [String: Any])?["required"] as? [String] == members, "\(parameter.name)")
        case .accountNumber, .season, .text, .record, .area, .asOf: break
        }
        switch parameter.standard {
        case .text(let text)?: #expect(schema["default"] as? String == text, "\(parameter.name)")
        case .integer(let number)? where number > 0: #expect(schema["default"] as? Int == number, "\(parameter.name)")
        default: break
        }
    }

    /// MCP's tools are named where the document says what they are.
    @Test func toolsAreNamed() {
        let text = paths["/mcp"]?["post"]?["description"] as? String ?? ""
        let all = QuestionKind.allCases.map(\.definition) + RequestKind.allCases.map(\.definition)
        for definition in all { #expect(text.contains(definition.tool), "\(definition.tool)") }
    }
}
