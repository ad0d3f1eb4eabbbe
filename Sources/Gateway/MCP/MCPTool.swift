import Foundation

/// A tool that an assistant may call: a name, what it takes, and the route that answers it.
struct MCPTool: Sendable {
    struct Parameter: Sendable {
        enum Kind: Sendable {
            case text
            case choice([String])
            case flag
            case integer(ClosedRange<Int>)
        }

        var name: String
        var kind: Kind
        var description: String
        var isRequired = false
    }

    var name: String
    var title: String
    var description: String
    var route: Route
    var parameters: [Parameter]

    private static let account = Parameter(
        name: "account_number", kind: .text, description: "Account number (户号), leading zeros included.",
        isRequired: true)
    private static let season = Parameter(
        name: "season", kind: .text, description: "Heating season such as 2025-2026; the latest with a bill without it."
    )
    private static let language = Parameter(
        name: "lang", kind: .choice(["zh", "en"]), description: "Language of the text.")
    private static let plain = Parameter(
        name: "plain", kind: .flag, description: "Plainer Chinese, for elderly customers.")
    private static let day = Parameter(
        name: "on", kind: .text,
        description: "The day that the answer is of, such as 2026-01-20; without it that of as_of, else today.")
    private static let asOf = Parameter(
        name: "as_of", kind: .text,
        description: "An earlier instant (RFC 3339) or a sync run's number: the answer is as things stood then.")

    static let all: [MCPTool] = [
        MCPTool(
            name: "find_account", title: "Find an account by address",
            description:
                "Finds the account at an address. Several candidates mean that the address is ambiguous: ask the customer, never guess.",
            route: .addresses,
            parameters: [
                Parameter(
                    name: "address", kind: .text, description: "As the customer says it: 阳光花园3号楼2单元501.",
                    isRequired: true),
                Parameter(name: "community", kind: .text, description: "The community's name, where it is known."),
                Parameter(name: "limit", kind: .integer(1...50), description: "Most candidates to return."),
                asOf,
            ]),
        MCPTool(
            name: "account_context", title: "Everything known of an account",
            description:
                "The unified view of an account: facts with their sources, what is missing, disagreements between systems, seasons, charges, payments, readings, work orders. Personal data is masked unless the token allows it.",
            route: .account, parameters: [account, asOf]),
        MCPTool(
            name: "explain_bill", title: "Why the bill is what it is",
            description:
                "Explains a heating bill to the fen, compared with similar households, with the season before, or with the tariff. Its text can be read out. With as_of the account is as it stood then; the peers are today's.",
            route: .explanation,
            parameters: [
                account, season,
                Parameter(
                    name: "versus", kind: .choice(["peers", "previous", "tariff"]),
                    description: "What to compare with; peers without it."), language, plain, asOf,
            ]),
        MCPTool(
            name: "amount_due", title: "What is to be paid",
            description: "What an account still owes for a season, by when, with discounts and late fees.",
            route: .amountDue, parameters: [account, season, day, language, plain, asOf]),
        MCPTool(
            name: "work_orders", title: "Repair orders",
            description: "The account's repair work orders, each with its history.", route: .workOrders,
            parameters: [account, asOf]),
        MCPTool(
            name: "suspension_cost", title: "What suspending heat costs",
            description:
                "Whether heat can be suspended (报停) for a season, by when it must be asked for, and what it costs.",
            route: .suspension, parameters: [account, season, day, language, plain, asOf]),
        MCPTool(
            name: "data_freshness", title: "How fresh the data is",
            description: "When each stream of the legacy systems was last read with success.", route: .freshness,
            parameters: []),
    ]

    /// The call that the tool stands for.
    /// - Throws: a problem that names the argument that is wrong.
    func call(_ arguments: [String: Any], caller: Caller, requestID: String, peer: String) throws(Problem) -> Call {
        for name in arguments.keys.sorted() where !parameters.contains(where: { $0.name == name }) {
            throw .parameter(
                String(name.prefix(64)),
                "is not known here; there are: \(parameters.map(\.name).joined(separator: ", "))")
        }
        var call = Call(route: route, caller: caller, requestID: requestID, peer: peer)
        call.action = "mcp:" + name
        call.names = ["number": "account_number", "q": "address"]
        for parameter in parameters {
            guard let text = try parameter.text(of: arguments[parameter.name]) else { continue }
            switch parameter.name {
            case "account_number": call.values.insert(text, at: 0)
            case "season" where route == .explanation: call.values.append(text)
            case "address": call.query["q"] = text
            default: call.query[parameter.name] = text
            }
        }
        if route == .explanation, call.values.count == 1 { call.values.append("latest") }
        return call
    }
}

extension MCPTool.Parameter {
    /// The argument as a query has it; nil where it is not given.
    func text(of value: Any?) throws(Problem) -> String? {
        guard let value, !Self.isNull(value) else {
            if isRequired { throw .parameter(name, "is missing") }
            return nil
        }
        switch kind {
        case .text:
            guard let text = value as? String else { throw .parameter(name, "must be a string") }
            if text.isEmpty { throw .parameter(name, "must not be empty") }
            return text
        case .choice(let values):
            guard let text = value as? String, values.contains(text) else {
                throw .parameter(name, "must be one of \(values.joined(separator: ", "))")
            }
            return text
        case .flag:
            guard let number = value as? NSNumber, Self.isBoolean(number) else {
                throw .parameter(name, "must be true or false")
            }
            return number.boolValue ? "true" : "false"
        case .integer(let range):
            guard let number = value as? NSNumber, !Self.isBoolean(number),
                let whole = Int(exactly: number.doubleValue),
                range.contains(whole)
            else { throw .parameter(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)") }
            return String(whole)
        }
    }

    private static func isNull(_ value: Any) -> Bool { value is NSNull }

    private static func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

    /// As JSON Schema.
    var schema: [String: Any] {
        switch kind {
        case .text: ["type": "string", "description": description, "minLength": 1]
        case .choice(let values): ["type": "string", "description": description, "enum": values]
        case .flag: ["type": "boolean", "description": description]
        case .integer(let range):
            ["type": "integer", "description": description, "minimum": range.lowerBound, "maximum": range.upperBound]
        }
    }
}
