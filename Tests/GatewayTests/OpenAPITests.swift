import Answers
import Foundation
import Testing
import Yams

@testable import Gateway

/// The OpenAPI document says of each question what the table says, and of nothing else.
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

    @Test func everyRouteStandsThereAndNoOther() {
        let described = Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } })
        let known = Set(Route.allCases.filter { $0 != .unknown }.map { "\($0.method) \($0.path)" })
        #expect(described == known)
    }

    @Test(arguments: Route.allCases.filter { $0.kind != nil }.map(\.path)) func parametersAreThoseOfTheTable(
        _ path: String
    ) throws {
        let route = try #require(Route.allCases.first { $0.path == path })
        let definition = try #require(route.kind).definition
        let operation = try #require(paths[path]?[route.method.lowercased()])
        let stated = (operation["parameters"] as? [[String: Any]] ?? []).map(resolved)
        let inPath = Set(definition.pathParameters.map(\.name))
        #expect(Set(stated.map { $0["name"] as? String }) == inPath.union(route.parameters))
        for parameter in stated {
            let name = try #require(parameter["name"] as? String)
            let known = try #require(definition.parameters.first { $0.name == name })
            #expect(parameter["in"] as? String == (inPath.contains(name) ? "path" : "query"), "\(name)")
            let isRequired = parameter["required"] as? Bool ?? false
            #expect(isRequired == (known.isRequired || inPath.contains(name)), "\(name)")
            try expect(try #require(parameter["schema"] as? [String: Any]), says: known)
        }
        let description = operation["description"] as? String ?? ""
        for scope in Scope.allCases {
            let isNamed = description.prefix { $0 != "." }.split { !$0.isLetter }.contains { $0 == scope.rawValue }
            #expect(isNamed == definition.scopes.contains(scope), "\(scope)")
        }
        guard definition.isPosted else { return }
        let content = (operation["requestBody"] as? [String: Any])?["content"] as? [String: [String: [String: Any]]]
        let schema = try #require(content?["application/json"]?["schema"])
        let posted = definition.parameters.filter(\.isPrivate).map(\.name)
        #expect((schema["required"] as? [String])?.sorted() == posted.sorted())
        #expect((schema["properties"] as? [String: Any])?.keys.sorted() == posted.sorted())
    }

    private func expect(_ schema: [String: Any], says parameter: Parameter) throws {
        switch parameter.form {
        case .choice(let values): #expect(schema["enum"] as? [String] == values, "\(parameter.name)")
        case .flag: #expect(schema["type"] as? String == "boolean", "\(parameter.name)")
        case .integer(let range):
            #expect(schema["minimum"] as? Int == range.lowerBound && schema["maximum"] as? Int == range.upperBound)
        case .day: #expect(schema["format"] as? String == "date", "\(parameter.name)")
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
        for kind in QuestionKind.allCases { #expect(text.contains(kind.definition.tool), "\(kind)") }
    }
}
