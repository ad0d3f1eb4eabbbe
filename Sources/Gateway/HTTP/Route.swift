import Answers

/// What stands at a path: a question of the table (``QuestionKind``), or a page of the server's own.
final class Route: Sendable, Equatable {
    /// Its place in ``allCases``.
    let rawValue: Int
    /// As in the OpenAPI document; the label of metrics.
    let path: String
    let method: String
    /// Any one of these allows it; none is needed where there is none.
    let scopes: [Scope]
    let allowed: ScopeSet
    let kind: QuestionKind?
    /// Arguments that the path itself stands for.
    let fixed: Arguments
    /// Query parameters that it knows.
    let parameters: [String]
    /// Whether it is answered on the event loop: a keyed read or two, some microseconds, no waiting but for a page that is not
    /// in memory.
    let isQuick: Bool
    private let parts: [Part]

    private enum Part {
        case word(String)
        case value
    }

    private init(
        _ rawValue: Int, _ path: String, method: String = "GET", scopes: [Scope] = [], kind: QuestionKind? = nil,
        fixed: Arguments = [:], isQuick: Bool = false
    ) {
        self.rawValue = rawValue
        self.path = path
        self.method = kind.map { $0.definition.isPosted ? "POST" : "GET" } ?? method
        self.scopes = kind?.definition.scopes ?? scopes
        allowed = ScopeSet(self.scopes)
        self.kind = kind
        self.fixed = fixed
        self.isQuick = isQuick || kind?.definition.cost == .keyed
        let inPath = kind?.definition.pathParameters.map(\.name) ?? []
        parameters =
            kind?.definition.parameters.filter { parameter in
                !parameter.isPrivate && !inPath.contains(parameter.name) && fixed[parameter.name] == nil
            }.map(\.name) ?? []
        parts = path.dropFirst().split(separator: "/").map { $0.hasPrefix("{") ? .value : .word(String($0)) }
    }

    static func == (left: Route, right: Route) -> Bool { left === right }

    static let health = Route(0, "/healthz", isQuick: true)
    static let ready = Route(1, "/readyz")
    static let metrics = Route(2, "/metrics")
    static let openAPI = Route(3, "/openapi.yaml", isQuick: true)
    static let mcp = Route(4, "/mcp", method: "POST", scopes: [.assistant])
    /// A path that nothing stands at, for metrics.
    static let unknown = Route(5, "unknown", isQuick: true)
    /// The explanation versus the season before, under a path of its own.
    static let rise = Route(
        6, "/v1/accounts/{number}/bills/{season}/rise", kind: .explanation, fixed: ["versus": .text("previous")])
    private static let questions = QuestionKind.allCases.map {
        Route(7 + $0.rawValue, $0.definition.path, kind: $0)
    }

    static let allCases = [health, ready, metrics, openAPI, mcp, unknown, rise] + questions
    static let account = of(.account)

    static func of(_ kind: QuestionKind) -> Route { questions[kind.rawValue] }

    /// The route of a path's segments, with the values in it.
    static func find(_ segments: [String]) -> (Route, [String])? {
        search: for route in allCases where route != .unknown && route.parts.count == segments.count {
            var values: [String] = []
            for (part, segment) in zip(route.parts, segments) {
                switch part {
                case .word(let word): if word != segment { continue search }
                case .value: values.append(segment)
                }
            }
            return (route, values)
        }
        return nil
    }
}
