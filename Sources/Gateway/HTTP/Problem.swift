import AccountView
import HeatModel

/// What goes wrong for a caller, as a problem document (RFC 9457). `type` is stable: programs may test it.
public struct Problem: Error, Sendable {
    public var status: Int
    /// `unknown-account`; the document's `type` is `urn:hearth:problem:unknown-account`.
    public var code: String
    public var title: String
    public var detail: String?
    /// The parameter, field or header that is wrong.
    public var parameter: String?
    /// Whole seconds after which trying again makes sense.
    public var retryAfter: Int?
    /// Other header fields of the answer.
    var headers: [(name: String, value: String)] = []

    public init(
        _ status: Int, _ code: String, _ title: String, detail: String? = nil, parameter: String? = nil,
        retryAfter: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.parameter = parameter
        self.retryAfter = retryAfter
    }

    /// A parameter that is wrong, and why.
    static func parameter(_ name: String, _ why: String) -> Problem {
        Problem(400, "invalid-parameter", "A parameter is wrong", detail: "\"\(name)\" \(why)", parameter: name)
    }

    /// The same in the words of somebody who calls parameters otherwise.
    func naming(_ names: [String: String]) -> Problem {
        guard let parameter, let name = names[parameter] else { return self }
        var problem = self
        problem.parameter = name
        let stated = "\"\(parameter)\" "
        if let detail, detail.hasPrefix(stated) {
            problem.detail = "\"\(name)\" " + detail.dropFirst(stated.count)
        }
        return problem
    }

    static let unauthorized: Problem = {
        var problem = Problem(
            401, "unauthorized", "A valid bearer token is needed",
            detail: "send `Authorization: Bearer …` with a token that is neither expired nor revoked")
        problem.headers = [("WWW-Authenticate", "Bearer realm=\"hearth\"")]
        return problem
    }()

    static func forbidden(_ scopes: [Scope]) -> Problem {
        var problem = Problem(
            403, "forbidden", "The token does not allow this",
            detail: "needed: \(scopes.map(\.rawValue).joined(separator: " or "))")
        problem.headers = [
            (
                "WWW-Authenticate",
                "Bearer realm=\"hearth\", error=\"insufficient_scope\", scope=\"\(scopes.first?.rawValue ?? "")\""
            )
        ]
        return problem
    }

    static let unknownAccount = Problem(
        404, "unknown-account", "There is no account with this number",
        detail: "check the leading zeros, and at /v1/freshness how fresh the data is", parameter: "number")
    static let notFound = Problem(404, "not-found", "There is nothing at this path", detail: "see /openapi.yaml")
    static let notAcceptable = Problem(
        406, "not-acceptable", "The answer cannot be had in the wanted form", parameter: "Accept")

    /// What a room below could not do. What the caller did wrong stays the caller's; the rest tells nothing of the inside.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as HearthError where error.code.name == "usage.badSeason":
            self = .parameter("season", "must be two years that follow each other, as in 2025-2026")
        case let error as HearthError where error.code.area == "usage":
            self.init(404, Self.kebab(error.code.name), error.message, detail: error.advice)
        case let error as HearthError where error.code.name == "store.busy":
            self.init(503, "store-busy", "The store is busy", retryAfter: 1)
        case let error as HearthError where error.code.area == "store":
            self.init(503, "store-unavailable", "The store cannot be read now", retryAfter: 5)
        default: self.init(500, "internal", "Something went wrong inside")
        }
    }

    /// `usage.unknownField` → `unknown-field`.
    private static func kebab(_ code: String) -> String {
        var text = ""
        for character in code.drop(while: { $0 != "." }).dropFirst() {
            if character.isUppercase { text += "-" + character.lowercased() } else { text.append(character) }
        }
        return text
    }

    func body(requestID: String) -> [UInt8] {
        var json = JSONBytes()
        json.raw("{\"type\":")
        json.string("urn:hearth:problem:" + code)
        json.raw(",\"title\":")
        json.string(title)
        json.raw(",\"status\":")
        json.integer(Int64(status))
        if let detail {
            json.raw(",\"detail\":")
            json.string(detail)
        }
        if let parameter {
            json.raw(",\"parameter\":")
            json.string(parameter)
        }
        if let retryAfter {
            json.raw(",\"retry_after_seconds\":")
            json.integer(Int64(retryAfter))
        }
        json.raw(",\"request_id\":")
        json.string(requestID)
        json.raw("}")
        return json.bytes
    }
}
