import Answers
import HeatModel
import NIOCore
import Pages
import Requests
import Store

/// A request of HTTP, taken apart and checked for form, not for truth.
struct Call: Sendable {
    var route: Route
    /// Values of the path, in order.
    var values: [String] = []
    /// Each at most once, and known to the route.
    var query: [String: String] = [:]
    var body: [UInt8] = []
    /// The field `Idempotency-Key`, as it was sent.
    var idempotencyKey: String?
    /// What the caller has seen or written: the field `Hearth-State`.
    var seen: StoreState?
    /// Since when it waits for a server that has it, without holding a thread; nil where a thread waits.
    var wait: StoreWait?
    var caller: Caller
    var requestID: String
    /// Address of the caller's end.
    var peer: String
    /// When it came in whole.
    var begun = NIODeadline.now()

    /// - Throws: a problem where a parameter is none that the route knows, or stands twice.
    static func parameters(_ items: [(name: String, value: String)], of route: Route) throws(Problem) -> [String:
        String]
    {
        var query: [String: String] = [:]
        for (name, value) in items {
            guard route.parameters.contains(name) else {
                throw .parameter(
                    name,
                    route.parameters.isEmpty
                        ? "is not known here: there are no parameters"
                        : "is not known here; there are: \(route.parameters.joined(separator: ", "))")
            }
            guard query.updateValue(value, forKey: name) == nil else { throw .parameter(name, "may stand only once") }
        }
        return query
    }

    /// Whether it is answered on the event loop: what was is built from records, and takes longer than what is; what is to be read
    /// again waits for a legacy system.
    var isQuick: Bool { route.isQuick && query["as_of"] == nil && query["fresh"] == nil }

    var requester: Requester {
        var requester = Requester(caller, action: route.path)
        requester.mayReadReplica = true
        requester.seen = seen
        requester.wait = wait
        return requester
    }

    /// The question that the request asks.
    func question(_ kind: QuestionKind) throws(Problem) -> Question {
        // Nearly every request: no need to look at the table.
        if kind == .account, query.isEmpty { return .account(try AccountNumber.checked(values.first ?? ""), .present) }
        return try Question(kind, arguments(kind.definition))
    }

    /// The request for something to be done that it is.
    func request(_ kind: RequestKind) throws(Problem) -> Request {
        try Request(kind, arguments(kind.definition))
    }

    private func arguments(_ definition: DoorDefinition) throws(Problem) -> Arguments {
        var arguments = route.fixed
        for (parameter, value) in zip(definition.pathParameters, values) {
            arguments[parameter.name] = try parameter.argument(value)
        }
        if query.isEmpty, definition.method == .get { return arguments }
        for parameter in definition.parameters where !parameter.isPrivate {
            if let text = query[parameter.name] { arguments[parameter.name] = try parameter.argument(text) }
        }
        if definition.method == .get { return arguments }
        for parameter in definition.parameters where parameter.header != nil {
            arguments[parameter.name] = try key(parameter)
        }
        let fields = definition.parameters.filter { $0.isPrivate && $0.header == nil }
        let body = try JSONBody(body, fields: fields.map(\.name))
        for parameter in fields { arguments[parameter.name] = try parameter.argument(body.members[parameter.name]) }
        return arguments
    }

    private func key(_ parameter: Parameter) throws(Problem) -> ArgumentValue? {
        guard let idempotencyKey else { return nil }
        guard let text = StructuredString.read(idempotencyKey), !text.isEmpty else {
            throw .parameter(parameter.name, "must be a quoted string, as in \"8e03978e-40d5-43e8-bc93-6894a57f9324\"")
        }
        return .text(text)
    }

    /// The account that its path names, where that can be a number at all.
    var account: String? {
        guard route.path.contains("{number}") else { return nil }
        return values.first.flatMap { try? AccountNumber.checked($0) }
    }
}
