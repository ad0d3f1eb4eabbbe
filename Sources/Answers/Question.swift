import Events
package import Explanation
import Foundation
package import HeatModel
package import Store

/// One question, as a value. It says what is asked, not who asks (``Requester``) nor through which door.
///
/// ```swift
/// let question = Question.amountDue("00012345", season: nil, on: nil, .chinese, .present)
/// let reply = answerer.reply(to: question, for: requester)
/// ```
package enum Question: Sendable {
    case account(String, AsOf)
    case workOrders(String, AsOf, fresh: Int? = nil)
    case trace(String, field: String, record: RecordName?, AsOf)
    case history(String, stream: String?)
    case explanation(String, season: String?, versus: Explanation.Versus, on: CivilDate?, AnswerLanguage, AsOf)
    case amountDue(String, season: String?, on: CivilDate?, AnswerLanguage, AsOf, fresh: Int? = nil)
    case receipts(String, season: String?, AnswerLanguage, AsOf, fresh: Int? = nil)
    case refund(String, season: String?, rooms: ExactDecimal?, on: CivilDate?, AnswerLanguage, AsOf)
    case suspension(
        String, season: String?, on: CivilDate?, intent: SuspensionProcedures.Intent?,
        heating: SuspensionProcedures.Heating?, AnswerLanguage, AsOf)
    case triage(String, on: CivilDate?, AnswerLanguage, AsOf)
    case addresses(String, community: String?, limit: Int, AsOf)
    case phones(String, AsOf)
    /// Whether an account and the last six of its holder's ID belong together.
    case binding(String, lastSix: String)
    /// The newest runs, or the one that is named.
    case runs(stream: String?, only: RunChoice.Kind = .all, each: Int? = nil, limit: Int, run: Int64? = nil)
    /// A page of the quarantine; no state is every state.
    case quarantine(stream: String?, code: String?, state: QuarantineState?, after: Int64?, limit: Int)
    case quarantineEntry(Int64)
    case freshness
    case accessLog(account: String?, after: AccessPage.End?, limit: Int)
    /// What became of a repair order that was asked for.
    case orderRequest(String, ActionID, AnswerLanguage)
    case events(EventQuestion)
    case conversations(account: String?, before: Int64?, limit: Int)
    case conversation(ConversationID, after: Int64, limit: Int)
    case handOffs(Set<HandOff.State>, after: Int64?, limit: Int)
    case handOff(HandOffID)
    /// `2026-11`
    case insights(month: String)
    /// What the customer was told, and what they answered.
    case notices(String, limit: Int, AnswerLanguage)
    /// What legacy systems were asked to do, or the one that is named.
    case actions(ActionFilter, only: Int64?, before: Int64?, limit: Int)
    /// Notices of all accounts.
    case noticeList(NoticeFilter, before: Int64?, limit: Int)

    /// A record of a stream, `billing.charges/123`, or every record of it.
    package struct RecordName: Sendable, Hashable {
        package var stream: String
        /// The parts of a key of several columns are joined by U+001F, as views print them, or by a comma, as people type them.
        package var key: String?

        package init(stream: String, key: String?) {
            self.stream = stream
            self.key = key
        }

        init(_ text: String) throws(Problem) {
            let parts = text.split(separator: "/", maxSplits: 1)
            guard parts.count == 2, !parts[0].contains("\u{1F}") else {
                throw .parameter("record", "must be STREAM/KEY, as in billing.charges/123")
            }
            self.init(stream: String(parts[0]), key: String(parts[1]))
        }
    }

    /// The question that arguments ask.
    ///
    /// - Throws: a problem that names the argument that is missing or wrong.
    package init(_ kind: QuestionKind, _ arguments: Arguments) throws(Problem) {
        let read = ArgumentReader(definition: kind.definition, arguments: arguments)
        switch kind {
        case .account: self = .account(try read.accountNumber(), try read.asOf())
        case .workOrders: self = .workOrders(try read.accountNumber(), try read.asOf(), fresh: try read.fresh())
        case .trace:
            var record = try read.text("stream").map { RecordName(stream: $0, key: nil) }
            if let name = try read.text("record") { record = try RecordName(name) }
            self = .trace(
                try read.accountNumber(), field: try read.required("field"), record: record, try read.asOf())
        case .history: self = .history(try read.accountNumber(), stream: try read.text("stream"))
        case .explanation:
            let versus = try read.required("versus")
            self = .explanation(
                try read.accountNumber(), season: try read.season(),
                versus: Explanation.Versus.allCases.first { $0.rawValue == versus } ?? .peers, on: try read.day(),
                try read.language(), try read.asOf())
        case .amountDue:
            self = .amountDue(
                try read.accountNumber(), season: try read.season(), on: try read.day(), try read.language(),
                try read.asOf(), fresh: try read.fresh())
        case .receipts:
            self = .receipts(
                try read.accountNumber(), season: try read.season(), try read.language(), try read.asOf(),
                fresh: try read.fresh())
        case .refund:
            self = .refund(
                try read.accountNumber(), season: try read.season(), rooms: try read.area("rooms"), on: try read.day(),
                try read.language(), try read.asOf())
        case .suspension:
            self = .suspension(
                try read.accountNumber(), season: try read.season(), on: try read.day(),
                intent: try read.text("intent").flatMap { SuspensionProcedures.Intent(rawValue: $0) },
                heating: try read.text("heating").flatMap { SuspensionProcedures.Heating(rawValue: $0) },
                try read.language(), try read.asOf())
        case .triage:
            self = .triage(try read.accountNumber(), on: try read.day(), try read.language(), try read.asOf())
        case .addresses:
            let text = try read.required("q")
            let community = try read.text("community")
            for (name, value) in [("q", text), ("community", community ?? "")] where value.unicodeScalars.count > 60 {
                throw .parameter(name, "must not be longer than 60 characters")
            }
            self = .addresses(text, community: community, limit: try read.integer("limit") ?? 10, try read.asOf())
        case .phones:
            guard let phone = PhoneIndex.folded(try read.required("phone")) else {
                throw .parameter("phone", "must hold 5 to 20 digits")
            }
            self = .phones(phone, try read.asOf())
        case .binding:
            self = .binding(
                try read.accountNumber("account_number"),
                lastSix: try BindingGuard.lastSix(try read.required("id_last_six")))
        case .runs:
            self = .runs(
                stream: try read.text("stream"), only: RunChoice.Kind(rawValue: try read.required("only")) ?? .all,
                each: try read.integer("each"), limit: try read.integer("limit") ?? 20,
                run: try read.integer("run").map { Int64($0) })
        case .quarantine:
            let code = try read.text("code")
            if let code, !code.utf8.allSatisfy({ ($0 | 0x20) &- 0x61 < 26 || $0 == 0x2E }) {
                throw .parameter("code", "must be letters and dots, as in record.badDate")
            }
            let after = try read.integer("after") ?? 0
            self = .quarantine(
                stream: try read.text("stream"), code: code,
                state: QuarantineState(rawValue: try read.required("state")), after: after == 0 ? nil : Int64(after),
                limit: try read.integer("limit") ?? 50)
        case .quarantineEntry: self = .quarantineEntry(Int64(try read.integer("id") ?? 0))
        case .freshness: self = .freshness
        case .orderRequest:
            self = .orderRequest(
                try read.accountNumber(), ActionID(Int64(try read.integer("id") ?? 0)), try read.language())
        case .events:
            let after = try read.text("after")
            let id = after.flatMap { EventID($0) }
            if after != nil, id == nil {
                throw .parameter("after", "must be the id of an event, as in 120-9f3ac2d1")
            }
            self = .events(
                EventQuestion(
                    types: try read.text("type").map { text throws(Problem) in try EventQuestion.types(text) } ?? [],
                    account: arguments["account"] == nil ? nil : try read.accountNumber("account"), after: id,
                    limit: try read.integer("limit") ?? 100))
        case .conversations:
            let before = try read.integer("before") ?? 0
            let account = try read.plainAccount()
            self = .conversations(
                account: account,
                before: before == 0 ? nil : Int64(before), limit: try read.integer("limit") ?? 50)
        case .conversation:
            self = .conversation(
                ConversationID(Int64(try read.integer("id") ?? 0)), after: Int64(try read.integer("after") ?? 0),
                limit: try read.integer("limit") ?? 200)
        case .handOffs:
            let states: Set<HandOff.State> =
                switch try read.required("state") {
                case "open": [.waiting, .claimed]
                case "all": Set(HandOff.State.allCases)
                case let name: Set(HandOff.State(rawValue: name).map { [$0] } ?? [])
                }
            self = .handOffs(
                states, after: Int64(try read.integer("after") ?? 0), limit: try read.integer("limit") ?? 100)
        case .handOff: self = .handOff(HandOffID(Int64(try read.integer("id") ?? 0)))
        case .insights: self = .insights(month: try read.required("month"))
        case .notices:
            self = .notices(
                try read.accountNumber(), limit: try read.integer("limit") ?? 100, try read.language())
        case .actions:
            let states: Set<ActionState> =
                switch try read.required("state") {
                case "all": []
                case "open": Set(ActionState.allCases.filter { !$0.isFinal })
                case let name: Set([ActionState(rawValue: name)].compactMap(\.self))
                }
            let before = try read.integer("before") ?? 0
            self = .actions(
                ActionFilter(
                    states: states, account: try read.plainAccount(), isDead: try read.flag("dead") ? true : nil),
                only: try read.integer("action").map { Int64($0) }, before: before == 0 ? nil : Int64(before),
                limit: try read.integer("limit") ?? 50)
        case .noticeList:
            let states: Set<NoticeState> =
                switch try read.required("state") {
                case "all": []
                case "open": Set(NoticeState.allCases.filter { !$0.isFinal })
                case let name: Set([NoticeState(rawValue: name)].compactMap(\.self))
                }
            let before = try read.integer("before") ?? 0
            self = .noticeList(
                NoticeFilter(states: states, rule: try read.text("rule")), before: before == 0 ? nil : Int64(before),
                limit: try read.integer("limit") ?? 50)
        case .accessLog:
            let account = try read.plainAccount()
            let after = try read.text("after")
            let end = after.flatMap { AccessPage.End($0) }
            if after != nil, end == nil {
                throw .parameter("after", "must be \"next\" of the page before, as in access:120,mcp-1:7")
            }
            self = .accessLog(account: account, after: end, limit: try read.integer("limit") ?? 100)
        }
    }

    package var kind: QuestionKind {
        switch self {
        case .account: .account
        case .workOrders: .workOrders
        case .trace: .trace
        case .history: .history
        case .explanation: .explanation
        case .amountDue: .amountDue
        case .receipts: .receipts
        case .refund: .refund
        case .suspension: .suspension
        case .triage: .triage
        case .addresses: .addresses
        case .phones: .phones
        case .binding: .binding
        case .runs: .runs
        case .quarantine: .quarantine
        case .quarantineEntry: .quarantineEntry
        case .freshness: .freshness
        case .accessLog: .accessLog
        case .orderRequest: .orderRequest
        case .events: .events
        case .conversations: .conversations
        case .conversation: .conversation
        case .handOffs: .handOffs
        case .handOff: .handOff
        case .insights: .insights
        case .notices: .notices
        case .actions: .actions
        case .noticeList: .noticeList
        }
    }

    /// The account that is asked about by its number; nil where none is named.
    package var account: String? {
        switch self {
        case .account(let number, _), .workOrders(let number, _, _), .trace(let number, _, _, _),
            .history(let number, _),
            .explanation(let number, _, _, _, _, _), .amountDue(let number, _, _, _, _, _),
            .receipts(let number, _, _, _, _), .refund(let number, _, _, _, _, _),
            .suspension(let number, _, _, _, _, _, _),
            .orderRequest(let number, _, _), .triage(let number, _, _, _), .notices(let number, _, _):
            number
        case .events(let question): question.account
        default: nil
        }
    }
}

extension Question {
    /// How many seconds the caller waits for the account's rows to be read again, and which of them matter; nil where they are not.
    package var fresh: (seconds: Int, entities: Set<EntityKind>)? {
        switch self {
        case .amountDue(_, _, _, _, _, let seconds?): (seconds, [.charge, .payment, .suspension])
        case .receipts(_, _, _, _, let seconds?): (seconds, [.payment])
        case .workOrders(_, _, let seconds?): (seconds, [.workOrder, .workOrderEvent])
        default: nil
        }
    }
}

extension ArgumentReader {
    /// An account by which a list is narrowed, whether there is such a one or not.
    func plainAccount() throws(Problem) -> String? {
        let account = try text("account")
        if let account, !account.utf8.allSatisfy({ $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26 }) {
            throw .parameter("account", "must be an account number: letters and digits")
        }
        return account
    }

    /// - Throws: a problem where an earlier moment is asked about: no system tells what it had then.
    func fresh() throws(Problem) -> Int? {
        let seconds = try integer("fresh")
        if seconds != nil, try text("as_of") != nil {
            throw .parameter("fresh", "cannot stand beside as_of: no system tells what it had then")
        }
        return seconds
    }

    func asOf() throws(Problem) -> AsOf {
        guard let text = try text("as_of") else { return .present }
        guard let asOf = (try? AsOf(argument: text)) ?? Self.instantWithBlank(text) else {
            throw .parameter(
                "as_of",
                "is \"\(text)\"; it must be an instant with its offset, as in 2026-01-31T18:00:00+08:00 (in a URL + is written %2B), or a run's number"
            )
        }
        return asOf
    }

    /// In a query a bare `+` is a blank: `2026-01-31T18:00:00 08:00` is an instant whose sign was lost on the way.
    private static func instantWithBlank(_ text: String) -> AsOf? {
        guard let blank = text.lastIndex(of: " "), text[..<blank].contains(":") else { return nil }
        return try? AsOf(argument: text[..<blank] + "+" + text[text.index(after: blank)...])
    }
}
