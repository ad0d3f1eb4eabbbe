import Conversations
import Explanation
package import HeatModel
import Store

/// What goes wrong for a requester. Each door words it in its own form: HTTP as a problem document (RFC 9457), a terminal as a line.
package struct Problem: Error, Sendable {
    package enum Category: Sendable, Hashable {
        /// The question is wrong in form.
        case malformed
        case unauthorized
        case forbidden
        /// What is asked about is not there.
        case unknown
        /// It cannot be done as things stand; the same may be asked again.
        case conflict
        /// It was there, and is kept no longer.
        case gone
        /// It contradicts what the same requester asked before.
        case mismatch
        /// Too often; see ``Problem/retryAfter``.
        case limited
        /// Not now.
        case unavailable
        case failed
        /// Refused by a door's own protocol, with its number.
        case door(Int)
    }

    package var category: Category
    /// `unknown-account`: stable, programs may test it.
    package var code: String
    package var title: String
    package var detail: String?
    /// The parameter, field or header that is wrong.
    package var parameter: String?
    /// Whole seconds after which trying again makes sense.
    package var retryAfter: Int?
    /// Members beside these: a name, and JSON in the requester's form.
    package var members: [(name: String, json: [UInt8])] = []
    /// The error of a room below that it stands for: for the program's own log and for the machine's own user, never shown to a caller.
    package var underlying: HearthError?

    package init(
        _ category: Category, _ code: String, _ title: String, detail: String? = nil, parameter: String? = nil,
        retryAfter: Int? = nil
    ) {
        self.category = category
        self.code = code
        self.title = title
        self.detail = detail
        self.parameter = parameter
        self.retryAfter = retryAfter
    }

    /// A parameter that is wrong, and why.
    package static func parameter(_ name: String, _ why: String) -> Problem {
        Problem(.malformed, "invalid-parameter", "A parameter is wrong", detail: "\"\(name)\" \(why)", parameter: name)
    }

    /// The same for a door that has other names for parameters.
    package func naming(_ names: [String: String]) -> Problem {
        guard let parameter, let name = names[parameter] else { return self }
        var problem = self
        problem.parameter = name
        let stated = "\"\(parameter)\" "
        if let detail, detail.hasPrefix(stated) {
            problem.detail = "\"\(name)\" " + detail.dropFirst(stated.count)
        }
        return problem
    }

    package static let unauthorized = Problem(
        .unauthorized, "unauthorized", "A valid bearer token is needed",
        detail: "send `Authorization: Bearer …` with a token that is neither expired nor revoked")

    /// - Parameter scopes: any one of them would do.
    package static func forbidden(_ scopes: [Scope]) -> Problem {
        Problem(
            .forbidden, "forbidden", "The token does not allow this",
            detail: "needed: \(scopes.map(\.rawValue).joined(separator: " or "))")
    }

    package static let unknownAccount = Problem(
        .unknown, "unknown-account", "There is no account with this number",
        detail: "check the leading zeros, and at /v1/freshness how fresh the data is", parameter: "number")

    /// What a room below could not do. What the requester did wrong stays the requester's; the rest reveals nothing of the inside.
    package init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as HearthError where error.code == .usageBadSeason:
            self = .parameter("season", "must be two years that follow each other, as in 2025-2026")
        case let error as HearthError where error.code.area == "usage":
            self.init(
                .unknown, Self.kebab(error.code.name), error.message, detail: error.advice?.text(naming: \.routeName))
            switch error.code.name {
            case "usage.unknownRun": (title, parameter) = ("There is no run of this number", "as_of")
            case "usage.runNotEnded": (title, parameter) = ("The run has not ended", "as_of")
            default: break
            }
        case let error as HearthError where error.code == .usageUnknownAccount: self = .unknownAccount
        case let error as HearthError where error.code.area == "conversation": self.init(conversation: error)
        case let error as HearthError where error.code == .storeBusy:
            self.init(.unavailable, "store-busy", "The store is busy", retryAfter: 1)
        case let error as HearthError where error.code == .storeCommitUnknown:
            self.init(
                .unavailable, Self.outcomeUnknown, "Whether it was done is not known",
                detail:
                    "look whether it is there, or send the same again under the same key: what is done is not done twice",
                retryAfter: 5)
        case let error as HearthError where error.code.area == "audit":
            self.init(.unavailable, "log-unavailable", "Accesses cannot be recorded now", retryAfter: 5)
        case let error as HearthError where error.code.area == "store":
            self.init(.unavailable, "store-unavailable", "The store cannot be read now", retryAfter: 5)
        default: self.init(.failed, "internal", "Something went wrong inside")
        }
        underlying = underlying ?? error as? HearthError
    }

    /// What cannot be done with a conversation as things stand.
    private init(conversation error: HearthError) {
        var category = Category.conflict
        var parameter: String?
        switch error.code {
        case .conversationUnknown, .conversationUnknownHandOff: (category, parameter) = (.unknown, "id")
        case .conversationUnknownAction, .conversationUnknownTurn:
            category = .unknown
            if case .address(let name)? = error.place { parameter = name }
        case .conversationOtherAccount: parameter = "account_number"
        default: break
        }
        self.init(
            category, Self.kebab(error.code.name), error.message.prefix(1).uppercased() + error.message.dropFirst(),
            detail: error.advice?.text(naming: \.routeName), parameter: parameter)
    }

    /// `usage.unknownField` → `unknown-field`.
    private static func kebab(_ code: String) -> String {
        var text = ""
        for character in code.drop(while: { $0 != "." }).dropFirst() {
            if character.isUppercase { text += "-" + character.lowercased() } else { text.append(character) }
        }
        return text
    }

    private static let outcomeUnknown = "outcome-unknown"

    /// Whether what was asked for may have been done.
    package var mayHaveHappened: Bool { code == Self.outcomeUnknown }

    /// What the access log calls it.
    package var outcome: StaticString {
        if mayHaveHappened { return "unknown" }
        return switch category {
        case .malformed, .conflict, .mismatch, .door(413), .door(415): "refused"
        case .unauthorized: "unauthorized"
        case .forbidden: "forbidden"
        case .unknown, .gone: "not_found"
        case .limited: "limited"
        case .unavailable, .failed, .door: "failed"
        }
    }
}
