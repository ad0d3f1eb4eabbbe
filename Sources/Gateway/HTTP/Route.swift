/// What can be asked. The table is here and nowhere else: paths, methods, scopes, where the work is done, metrics labels.
public enum Route: Int, CaseIterable, Sendable {
    case health, ready, metrics, openAPI
    case account, workOrders, trace, explanation, rise, amountDue, refund, suspension
    case addresses, phones, bindings
    case runs, quarantine, freshness, accessLog
    case mcp
    /// A path that nothing stands at, for metrics.
    case unknown

    /// As in the OpenAPI document; the label of metrics.
    public var path: String {
        switch self {
        case .health: "/healthz"
        case .ready: "/readyz"
        case .metrics: "/metrics"
        case .openAPI: "/openapi.yaml"
        case .account: "/v1/accounts/{number}"
        case .workOrders: "/v1/accounts/{number}/work-orders"
        case .trace: "/v1/accounts/{number}/trace/{field}"
        case .explanation: "/v1/accounts/{number}/bills/{season}/explanation"
        case .rise: "/v1/accounts/{number}/bills/{season}/rise"
        case .amountDue: "/v1/accounts/{number}/amount-due"
        case .refund: "/v1/accounts/{number}/refund"
        case .suspension: "/v1/accounts/{number}/suspension"
        case .addresses: "/v1/addresses"
        case .phones: "/v1/phones/search"
        case .bindings: "/v1/bindings/verify"
        case .runs: "/v1/runs"
        case .quarantine: "/v1/quarantine"
        case .freshness: "/v1/freshness"
        case .accessLog: "/v1/access-log"
        case .mcp: "/mcp"
        case .unknown: "unknown"
        }
    }

    public var method: String {
        switch self {
        case .phones, .bindings, .mcp: "POST"
        default: "GET"
        }
    }

    /// Any one of these allows it; none is needed where there is none.
    var scopes: [Scope] {
        switch self {
        case .health, .ready, .metrics, .openAPI, .unknown: []
        case .account, .workOrders, .trace: [.assistant, .engineer, .auditor]
        case .explanation, .rise, .amountDue, .refund, .suspension: [.assistant, .auditor]
        case .addresses, .bindings, .mcp: [.assistant]
        case .phones: [.pii]
        case .runs, .quarantine: [.engineer, .auditor]
        case .freshness: [.assistant, .engineer, .auditor]
        case .accessLog: [.auditor]
        }
    }

    /// Query parameters that it knows.
    var parameters: [String] {
        switch self {
        case .account, .workOrders: ["as_of"]
        case .trace: ["as_of", "record"]
        case .explanation: ["versus", "lang", "plain", "as_of"]
        case .rise: ["lang", "plain", "as_of"]
        case .amountDue, .suspension: ["season", "on", "lang", "plain", "as_of"]
        case .refund: ["season", "rooms", "lang", "plain", "as_of"]
        case .addresses: ["q", "community", "limit", "as_of"]
        case .phones: ["as_of"]
        case .runs: ["stream", "limit"]
        case .quarantine: ["stream", "code", "state", "after", "limit"]
        case .accessLog: ["account", "after", "limit"]
        default: []
        }
    }

    /// Whether it is answered on the event loop: a keyed read or two, some microseconds, no waiting but for a page that is not
    /// in memory.
    var isQuick: Bool {
        switch self {
        case .health, .openAPI, .account, .workOrders, .explanation, .rise, .amountDue, .suspension, .unknown: true
        default: false
        }
    }

    private enum Part {
        case word(String)
        case value
    }

    private static let table: [(route: Route, parts: [Part])] = Route.allCases.filter { $0 != .unknown }.map { route in
        (
            route,
            route.path.dropFirst().split(separator: "/").map { $0.hasPrefix("{") ? .value : .word(String($0)) }
        )
    }

    /// The route of a path's segments, with the values in it.
    static func find(_ segments: [String]) -> (Route, [String])? {
        search: for (route, parts) in table where parts.count == segments.count {
            var values: [String] = []
            for (part, segment) in zip(parts, segments) {
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
