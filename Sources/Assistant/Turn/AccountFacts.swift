import Answers
import Explanation
import HeatModel
import Store

/// What the answers say of the one account that a customer speaks of. Each question is asked once a turn.
struct AccountFacts {
    let answerer: Answerer
    let requester: Requester
    let book: Playbook
    let now: Instant
    private(set) var account: String?
    /// The last order that the conversation made for an address.
    var reported: Mind.Reported?
    private(set) var accesses: [Access] = []
    /// What could not be answered, and why.
    private(set) var troubles: [HearthError] = []
    private var known: [String: AnswerReader?] = [:]

    init(answerer: Answerer, requester: Requester, book: Playbook, now: Instant) {
        self.answerer = answerer
        self.requester = requester
        self.book = book
        self.now = now
    }

    mutating func speak(of account: String?) {
        if account != self.account { known = [:] }
        self.account = account
    }

    /// What became of something changes what the answers say.
    mutating func forget() { known = [:] }

    /// A value in the words of a text, and in those for old people.
    struct Words: Sendable {
        var full: String
        var plain: String

        init(_ full: String, plain: String? = nil) {
            self.full = full
            self.plain = plain ?? full
        }
    }

    /// What came of asking: an outcome, values to tell, facts that are shown.
    struct Told {
        var outcome = "ok"
        var values: [String: Words] = [:]
        var facts: [Turn.Fact] = []
        var chart: AssistantReply.Chart?
        var steps: [AssistantReply.Step] = []
        var order: String?
    }

    // MARK: Documents

    mutating func ask(_ name: String, _ question: Answers.Question) -> AnswerReader? {
        if let found = known[name] { return found }
        let reply = answerer.reply(to: question, for: requester)
        accesses += reply.accesses
        let found: AnswerReader?
        switch reply.result {
        case .success(let document): found = AnswerReader(json: document.json)
        case .failure(let problem):
            found = nil
            troubles.append(
                HearthError(
                    .assistantUnanswered, "\(name) could not be answered: \(problem.code)", at: .address("answers"),
                    advice: "the customer was told that it cannot be looked up now, where it was asked for",
                    cause: problem.underlying))
        }
        known[name] = .some(found)
        return found
    }

    /// The words of a language; nil, and noted, where none are loaded.
    mutating func wording(of language: AnswerLanguage) -> Wording? {
        do {
            return try answerer.wording(of: language)
        } catch {
            troubles.append(
                HearthError(
                    .assistantUnanswered, "there are no words in \(language.rawValue)", at: .address("answers"),
                    cause: error))
            return nil
        }
    }

    mutating func spoken(
        _ name: String, _ question: (AnswerLanguage) -> Answers.Question
    ) -> (AnswerReader, Words)? {
        guard let document = ask(name, question(.chinese)), let words = document.words else { return nil }
        let plain = ask(name + ".plain", question(.plainChinese))?.words
        return (document, Words(words, plain: plain))
    }

    mutating func due() -> (AnswerReader, Words)? {
        guard let account else { return nil }
        return spoken("money.due") { .amountDue(account, season: nil, on: nil, $0, .present) }
    }

    mutating func explanation(_ versus: Explanation.Versus) -> (AnswerReader, Words)? {
        guard let account else { return nil }
        return spoken("explain.\(versus.rawValue)") {
            .explanation(account, season: nil, versus: versus, on: nil, $0, .present)
        }
    }

    mutating func triage() -> (AnswerReader, Words)? {
        guard let account else { return nil }
        return spoken("triage") { .triage(account, on: nil, $0, .present) }
    }

    mutating func workOrders() -> AnswerReader? {
        guard let account else { return nil }
        return ask("work_orders", .workOrders(account, .present))
    }

    mutating func orders() -> [AnswerReader]? { workOrders()?.list("work_orders") }

    mutating func followUps() -> [AnswerReader]? {
        guard let account else { return nil }
        return ask("notices", .notices(account, limit: 1, .chinese))?.list("follow_ups")
    }

    // MARK: Facts

    private static let kinds = [
        "billing.charges": "bill", "billing.payments": "payment", "dispatch.workOrders": "work_order",
        "dispatch.outages": "outage", "dispatch.temperatures": "temperature",
    ]

    static func facts(_ document: AnswerReader, _ question: String) -> [Turn.Fact] {
        [Turn.Fact(kind: "question", id: question, freshAt: nil)]
            + document.evidence.prefix(12).map { evidence in
                Turn.Fact(
                    kind: kinds[evidence.source] ?? "account", id: "\(evidence.source)/\(evidence.key)",
                    freshAt: evidence.instant)
            }
    }
}
