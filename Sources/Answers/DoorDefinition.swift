/// What all doors know of a question, or of a request that has something done.
package final class DoorDefinition: Sendable {
    package enum Cost: Sendable {
        /// A keyed read or two, some microseconds: answered on an event loop.
        case keyed
        /// Reads more than that, or waits.
        case scan
    }

    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    /// The resource, with `{parameter}` in it: `/v1/accounts/{number}`.
    package let path: String
    package let method: Method
    /// Name as a tool: `account_context`.
    package let tool: String
    /// Name at a terminal, in `hearth ask` and in the access log: `account`.
    package let command: String
    package let title: String
    /// One or two sentences in English.
    package let description: String
    package let parameters: [Parameter]
    /// Parameters that stand in the path, in its order.
    package let pathParameters: [Parameter]
    /// Any one of these may ask.
    package let scopes: [Scope]
    package let cost: Cost
    /// Whether it is about accounts: each such question is written to the access log.
    package let concernsAccounts: Bool
    /// Whether it has something done, and is no question alone.
    package let isChange: Bool
    /// Whether the answer holds words in a language.
    package let isSpoken: Bool
    private let allowed: ScopeSet

    package func allows(_ caller: Caller) -> Bool { !allowed.isDisjoint(with: caller.scopes) }

    package init(
        _ path: String, tool: String, command: String, _ title: String, _ description: String,
        _ parameters: [Parameter], _ scopes: [Scope], cost: Cost = .scan, concernsAccounts: Bool = false,
        isChange: Bool = false
    ) {
        self.path = path
        self.tool = tool
        self.command = command
        self.title = title
        self.description = description
        self.parameters = parameters
        self.scopes = scopes
        self.cost = cost
        self.concernsAccounts = concernsAccounts
        allowed = ScopeSet(scopes)
        pathParameters = parameters.filter { path.contains("{\($0.name)}") }
        method = parameters.contains(where: \.isPrivate) ? .post : .get
        self.isChange = isChange
        isSpoken = parameters.contains { $0.name == "lang" }
    }
}
