import Answers
import Requests

/// What stands at a path under a method: a question of the table (``QuestionKind``), a request (``RequestKind``), or a page of the
/// server's own.
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
    let request: RequestKind?
    /// Arguments that the path itself stands for.
    let fixed: Arguments
    /// Query parameters that it knows.
    let parameters: [String]
    /// Whether it is answered on the event loop: a keyed read or two, some microseconds, no waiting but for a page that is not
    /// in memory.
    let isQuick: Bool
    private let parts: [Part]

    /// A header field's name for each parameter that stands in one.
    var headerNames: [String: String] { definition?.headerNames ?? [:] }

    /// What all doors know of it; nil for a page.
    var definition: DoorDefinition? { kind?.definition ?? request?.definition }

    private enum Part {
        case word(String)
        case value
    }

    private init(
        _ rawValue: Int, _ path: String, method: String = "GET", scopes: [Scope] = [], kind: QuestionKind? = nil,
        request: RequestKind? = nil, fixed: Arguments = [:], isQuick: Bool = false
    ) {
        let definition = kind?.definition ?? request?.definition
        self.rawValue = rawValue
        self.path = path
        self.method = definition?.method.rawValue ?? method
        self.scopes = definition?.scopes ?? scopes
        allowed = ScopeSet(self.scopes)
        self.kind = kind
        self.request = request
        self.fixed = fixed
        self.isQuick = isQuick || definition?.cost == .keyed
        let inPath = definition?.pathParameters.map(\.name) ?? []
        parameters =
            definition?.parameters.filter { parameter in
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
    /// A photo or video on its way in, as its bytes.
    static let upload = Route(7, "/v1/attachments", method: "POST", scopes: [.assistant])
    static let attachment = Route(8, "/v1/attachments/{sha256}", scopes: [.assistant, .desk])
    private static let pages = [health, ready, metrics, openAPI, mcp, unknown, rise, upload, attachment]
    private static let questions = QuestionKind.allCases.map {
        Route(pages.count + $0.rawValue, $0.definition.path, kind: $0)
    }

    private static let requests = RequestKind.allCases.map {
        Route(pages.count + questions.count + $0.rawValue, $0.definition.path, request: $0)
    }

    static let allCases = pages + questions + requests
    static let account = of(.account)

    static func of(_ kind: QuestionKind) -> Route { questions[kind.rawValue] }

    /// What stands at the same path, under each method.
    var atItsPath: [Route] { Self.byPath[path] ?? [self] }

    private static let byPath = Dictionary(grouping: allCases, by: \.path)

    /// A route of a path's segments, whichever method it has, with the values in it.
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
