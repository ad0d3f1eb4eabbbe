import Store

/// Every question there is. To add one: a case here and its row in the table, a case of ``Question`` with its
/// line in `init` and `kind`, and a function that answers it (``Answerer``). Every door follows from the row.
package enum QuestionKind: Int, CaseIterable, Sendable {
    case account, workOrders, trace, history, explanation, amountDue, receipts, refund, suspension
    case triage
    case addresses, phones, binding
    case runs, quarantine, quarantineEntry, freshness, accessLog
    case orderRequest, notices
    case actions, noticeList
    case events
    case conversations, conversation, handOffs, handOff, insights

    package var definition: DoorDefinition { Self.table[rawValue] }

    /// Whether a replica of the store may answer it. What people and programs do (conversations, actions and what waits for them) is asked
    /// of the primary, so that nobody misses what they did.
    package var readsReplica: Bool {
        switch self {
        case .account, .trace, .history, .explanation, .amountDue, .receipts, .refund, .suspension, .addresses, .runs,
            .quarantine,
            .quarantineEntry, .freshness:
            true
        case .workOrders, .triage, .phones, .binding, .accessLog, .orderRequest, .notices, .actions, .noticeList, .events,
            .conversations,
            .conversation,
            .handOffs, .handOff, .insights:
            false
        }
    }
}

extension QuestionKind {
    private static let table = allCases.map { row($0) }

    private static func row(_ kind: QuestionKind) -> DoorDefinition {
        switch kind {
        case .account:
            .init(
                "/v1/accounts/{number}", tool: "account_context", command: "account", "Everything known of an account",
                "The unified view of an account: facts with their sources, what is missing, disagreements between systems, seasons, charges, payments, readings, work orders. Personal data is masked unless the token allows it.",
                [.number, .asOf], lookup, cost: .keyed, concernsAccounts: true)
        case .workOrders:
            .init(
                "/v1/accounts/{number}/work-orders", tool: "work_orders", command: "work-orders", "Repair orders",
                "The account's repair work orders, each with its history.", [.number, .fresh, .asOf], lookup,
                cost: .keyed,
                concernsAccounts: true)
        case .trace:
            .init(
                "/v1/accounts/{number}/trace/{field}", tool: "trace_field", command: "trace",
                "Where a value comes from",
                "For each record that states a field: the source row, its raw columns, the mapping rule, the run, and what it said before. Of a fact, the record that the view shows comes first.",
                [
                    .number,
                    Parameter(
                        "field", .text(most: 100),
                        "A field as mapping files name it (area.building) or as answers do (area_building).",
                        isRequired: true),
                    Parameter(
                        "record", .record,
                        "Only this record, STREAM/KEY; the parts of a key of several columns are joined by U+001F, as views print them, or by a comma."
                    ), .stream, .asOf,
                ], lookup, concernsAccounts: true)
        case .history:
            .init(
                "/v1/accounts/{number}/history", tool: "account_history", command: "history", "What changed, and when",
                "Every version of every record of an account: what changed, when, in which run, from which position.",
                [.number, .stream], lookup, concernsAccounts: true)
        case .explanation:
            .init(
                "/v1/accounts/{number}/bills/{season}/explanation", tool: "explain_bill", command: "explain",
                "Why the bill is what it is",
                "Explains a heating bill to the fen, compared with similar households, with the season before, or with the tariff. Its text can be read out. With as_of the account is as it stood then; the peers are today's.",
                [
                    .number, .season,
                    Parameter(
                        "versus", .choice(["peers", "previous", "tariff"]), "What to compare with; peers without it.",
                        standard: .text("peers")), .day, .language(), .plain(), .asOf,
                ], money, cost: .keyed, concernsAccounts: true)
        case .amountDue:
            .init(
                "/v1/accounts/{number}/amount-due", tool: "amount_due", command: "money due", "What is to be paid",
                "What an account still owes for a season, by when, with discounts and late fees.",
                [.number, .season, .day, .fresh, .language(), .plain(), .asOf], money, cost: .keyed,
                concernsAccounts: true)
        case .receipts:
            .init(
                "/v1/accounts/{number}/receipts", tool: "payments", command: "money receipt", "Where payments stand",
                "The account's payments: waiting for the bank's file, posted, with an invoice, taken back.",
                [.number, .season, .fresh, .language(), .plain(), .asOf], money, cost: .keyed, concernsAccounts: true)
        case .refund:
            .init(
                "/v1/accounts/{number}/refund", tool: "refund_for_cold", command: "money refund",
                "What is given back for cold rooms", "What the tariff gives back for rooms that were too cold.",
                [
                    .number, .season,
                    Parameter(
                        "rooms", .area, "Area in ㎡ of the rooms that were too cold, where the tariff asks for it."),
                    .day, .language(), .plain(), .asOf,
                ], money, concernsAccounts: true)
        case .suspension:
            .init(
                "/v1/accounts/{number}/suspension", tool: "suspension_cost", command: "money suspension",
                "How heat is suspended, and what it costs",
                "Whether heat can be suspended (报停) for a season, by when it must be asked for, what it costs, which documents it takes, step by step and where; or how it is given up for good (销户). `ask` holds what the customer should be asked first: hand the answers on as intent and heating.",
                [
                    .number, .season, .day,
                    Parameter(
                        "intent", .choice(["suspend", "close"]),
                        "What the customer wants: suspend (报停) is for a time, close (销户) for good. Ask where it is not clear."
                    ),
                    Parameter(
                        "heating", .choice(["central", "own"]),
                        "How the home is heated: by the network (集中供暖), or by a boiler of its own (自采暖)."),
                    .language(), .plain(), .asOf,
                ], money, cost: .keyed, concernsAccounts: true)
        case .triage:
            .init(
                "/v1/accounts/{number}/triage", tool: "triage_cold_home", command: "triage", "Why a home is cold",
                "What stands between a home and its heat: an outage, many neighbours without heat, supply, valve, suspension, arrears, open orders, the last room temperature, what was before. Findings come in order with their evidence, then first checks and what to do next.",
                [
                    .number,
                    Parameter(
                        "on", .day,
                        "The day that the answer is of, at its noon, such as 2026-01-20; without it the moment of as_of, else now."
                    ), .language(), .plain(), .asOf,
                ], money, cost: .keyed, concernsAccounts: true)
        case .addresses:
            .init(
                "/v1/addresses", tool: "find_account", command: "addresses", "Find an account by address",
                "Finds the account at an address. Several candidates mean that the address is ambiguous: ask the customer, never guess.",
                [
                    Parameter(
                        "q", .text(most: 256), "As the customer says it: 阳光花园3号楼2单元501.", isRequired: true,
                        tool: "address"),
                    Parameter("community", .text(most: 256), "The community's name, where it is known."),
                    .limit(1...50, "Most candidates to return.", 10), .asOf,
                ], [.assistant], concernsAccounts: true)
        case .phones:
            .init(
                "/v1/phones/search", tool: "find_account_by_phone", command: "phones", "Find accounts by phone",
                "Finds the accounts that state a phone number.",
                [
                    Parameter(
                        "phone", .text(most: 40), "5 to 20 digits, with or without +86.", isRequired: true,
                        isPrivate: true), .asOf,
                ], [.pii], concernsAccounts: true)
        case .binding:
            .init(
                "/v1/bindings/verify", tool: "verify_binding", command: "binding",
                "Whether account and ID belong together",
                "Whether an account number and the last six of its holder's ID belong together. The same answer, after the same time, whichever of the two is wrong; failures are limited.",
                [
                    Parameter(
                        "account_number", .accountNumber, "Account number (户号) as printed on the bill.",
                        isRequired: true, isPrivate: true),
                    Parameter(
                        "id_last_six", .text(most: 64), "The last six characters of the holder's ID.",
                        isRequired: true, isPrivate: true),
                ], [.assistant], concernsAccounts: true)
        case .runs:
            .init(
                "/v1/runs", tool: "sync_runs", command: "runs", "Sync runs",
                "Sync runs, newest first, with their books and control totals.",
                [
                    .stream,
                    Parameter(
                        "only", .choice(RunChoice.Kind.allCases.map(\.rawValue)),
                        "whole: of a whole stream, not of one account. pulls: those that read one, no replay or remap. news: pulls that brought a change. failed: of a whole stream, and did not end well.",
                        standard: .text("all")),
                    Parameter("each", .integer(1...100), "At most so many of each stream."),
                    .limit(1...1000, "Most runs to return.", 20),
                    Parameter("run", .integer(1...9_007_199_254_740_991), "Only the run of this number."),
                ], [.engineer, .auditor])
        case .quarantine:
            .init(
                "/v1/quarantine", tool: "quarantine", command: "quarantine list",
                "Records that could not be taken over",
                "Records that could not be taken over, and why: counts of what is open, and a page of records, oldest first.",
                [
                    .stream, Parameter("code", .text(most: 64), "Only this code, such as record.badDate."),
                    Parameter(
                        "state", .choice(["open", "replayed", "resolved", "discarded", "all"]), "Only this state.",
                        standard: .text("open")),
                    Parameter(
                        "after", .integer(0...9_007_199_254_740_991), "`next` of the page before.",
                        standard: .integer(0)), .limit(1...500, "Most records to return.", 50),
                ], [.engineer, .auditor])
        case .quarantineEntry:
            .init(
                "/v1/quarantine/{id}", tool: "quarantine_entry", command: "quarantine show", "One record in quarantine",
                "One record in quarantine with its raw text, column by column. Columns of personal data, and text that could not be split, are masked.",
                [Parameter("id", .integer(1...9_007_199_254_740_991), "Number of the entry.", isRequired: true)],
                [.engineer, .auditor])
        case .freshness:
            .init(
                "/v1/freshness", tool: "data_freshness", command: "status", "How fresh the data is",
                "When each stream of the legacy systems was last read with success, and how far its data reaches.", [],
                lookup)
        case .accessLog:
            .init(
                "/v1/access-log", tool: "access_log", command: "access-log", "Who looked at which account",
                "Who looked at which account, when, and what was shown in clear; newest first.",
                [
                    Parameter("account", .text(most: 64), "Only accesses to this account."),
                    Parameter(
                        "after", .text(most: 4096),
                        "`next` of the page before: where it ended in each log that has more."),
                    .limit(1...1000, "Most entries to return.", 100),
                ], [.auditor])
        case .orderRequest:
            .init(
                "/v1/accounts/{number}/work-orders/requests/{id}", tool: "work_order_request",
                command: "work-order-request", "What became of a repair order that was asked for",
                "What became of a request for a repair order: accepted, sending, confirmed with the order's number, refused in the system's words, or unknown, which is neither success nor failure.",
                [
                    .number,
                    Parameter(
                        "id", .integer(1...9_007_199_254_740_991), "Its number, as the request was answered.",
                        isRequired: true), .language(), .plain(),
                ], lookup, concernsAccounts: true)
        case .actions:
            .init(
                "/v1/actions", tool: "actions", command: "actions list", "What legacy systems were asked to do",
                "What legacy systems were asked to do, the newest first, and how many stand alike: accepted, sending, confirmed, refused, dropped, or unknown, which is neither success nor failure. A dead one waits for a person. One that is named comes with each attempt.",
                [
                    Parameter("account", .text(most: 64), "Only of this account."),
                    Parameter(
                        "state",
                        .choice([
                            "all", "open", "accepted", "sending", "unknown", "confirmed", "refused", "dropped",
                        ]), "Only in this state; open is accepted, sending or unknown.", standard: .text("all")),
                    Parameter("dead", .flag, "Only those that wait for a person.", standard: .flag(false)),
                    Parameter(
                        "action", .integer(1...9_007_199_254_740_991),
                        "Only the action of this number, with each attempt."), .before,
                    .limit(1...500, "Most actions to return.", 50),
                ], operation, concernsAccounts: true)
        case .noticeList:
            .init(
                "/v1/notices", tool: "notice_list", command: "notices list", "What customers are told, or not and why",
                "Notices of all accounts, the newest first, and how many stand alike by rule: planned, put off, in the outbox, sent, unknown, or not sent with the reason. Without what is told, and to which phone.",
                [
                    Parameter(
                        "state",
                        .choice([
                            "all", "open", "planned", "deferred", "queued", "sending", "sent", "unknown", "notSent",
                        ]), "Only in this state; open is whatever is not settled.", standard: .text("open")),
                    Parameter("rule", .prose(most: 100), "Only of this rule."), .before,
                    .limit(1...500, "Most notices to return.", 50),
                ], operation, concernsAccounts: true)
        case .events:
            .init(
                "/v1/events", tool: "events", command: "events", "What has become true, as it does",
                "Events in the order in which they were noted, each a CloudEvent: a repair order accepted, sent to a crew, on the way, arrived, resolved, followed up, reopened or cancelled; a payment posted or taken back; a bill issued or corrected; supply changed; an outage begun, ended or cancelled. A page goes on behind `after`. As `text/event-stream` they come as they are noted.",
                [
                    Parameter(
                        "after", .text(most: 40),
                        "`next` of the page before, or the id of the last event that is known; without it a page begins with the oldest event that is kept, a stream with the next one."
                    ),
                    Parameter(
                        "type", .text(most: 1000),
                        "Only these types, with commas between them: order.enroute, or order for all of its kind."),
                    Parameter(
                        "account", .accountNumber,
                        "Only events of this account (户号), and of the places that it is in."),
                    .limit(1...1000, "Most events in a page.", 100),
                ], lookup, concernsAccounts: true)
        case .conversations:
            .init(
                "/v1/conversations", tool: "conversations", command: "conversations list",
                "Conversations with customers",
                "Conversations, newest first: whose, through which channel, who has them now. Without words.",
                [
                    Parameter("account", .text(most: 64), "Only of this account."), .before,
                    .limit(1...500, "Most conversations to return.", 50),
                ], talk, concernsAccounts: true)
        case .conversation:
            .init(
                "/v1/conversations/{id}", tool: "conversation", command: "conversations show",
                "A conversation with its turns",
                "What was said and answered, with the facts that were shown and how fresh they were, what was asked of systems, who has the conversation now, and what the customer thinks of it. Words were masked before they were kept.",
                [
                    Parameter(
                        "id", .integer(1...9_007_199_254_740_991), "Number of the conversation.", isRequired: true),
                    .after, .limit(1...500, "Most turns to return.", 200),
                ], [.assistant, .desk, .auditor], concernsAccounts: true)
        case .handOffs:
            .init(
                "/v1/hand-offs", tool: "hand_offs", command: "hand-offs list", "Conversations handed to a person",
                "Hand-offs in the order in which they were asked for, with how long each has waited.",
                [
                    Parameter(
                        "state", .choice(["open", "waiting", "claimed", "closed", "all"]),
                        "Only in this state; open is waiting or claimed.", standard: .text("open")), .after,
                    .limit(1...500, "Most hand-offs to return.", 100),
                ], talk, concernsAccounts: true)
        case .handOff:
            .init(
                "/v1/hand-offs/{id}", tool: "hand_off", command: "hand-offs show", "The card of a hand-off",
                "The card as it was made (why, what was asked, answered, paid and promised, open orders, whether the bill recomputes, a first sentence), what was said since, and the account's facts, masked unless the token allows them.",
                [
                    Parameter("id", .integer(1...9_007_199_254_740_991), "Number of the hand-off.", isRequired: true)
                ], talk, concernsAccounts: true)
        case .insights:
            .init(
                "/v1/insights", tool: "insights", command: "insights", "What a month's conversations tell",
                "Of the conversations opened in a month: top questions, most misunderstood answers, unanswered questions, hand-off reasons, satisfaction, first-contact resolution, with counts and masked examples.",
                [
                    Parameter(
                        "month", .text(most: 7), "On the company's clock, such as 2026-11.", isRequired: true)
                ], [.auditor])
        case .notices:
            .init(
                "/v1/accounts/{number}/notices", tool: "account_notices", command: "notices",
                "What the customer was told, and whether it is well again",
                "Notices of an account, the newest first: planned, put off, sent, or not sent and why; unknown is neither success nor failure. For each repair order that the crew says is done: whether the customer has confirmed it. The crew's word alone never counts.",
                [.number, .limit(1...1000, "Most notices to return.", 100), .language(), .plain()], lookup,
                concernsAccounts: true)
        }
    }

    private static let talk: [Scope] = [.desk, .auditor]
    private static let operation: [Scope] = [.desk, .engineer, .auditor]
    private static let lookup: [Scope] = [.assistant, .engineer, .auditor]
    private static let money: [Scope] = [.assistant, .auditor]
}

extension Parameter {
    package static let number = Parameter(
        "number", .accountNumber, "Account number (户号), leading zeros included.", isRequired: true,
        tool: "account_number")
    fileprivate static let season = Parameter(
        "season", .season, "Heating season such as 2025-2026; the latest with a bill without it.")
    fileprivate static let day = Parameter(
        "on", .day, "The day that the answer is of, such as 2026-01-20; without it that of as_of, else today.")

    package static func language(isPrivate: Bool = false) -> Parameter {
        Parameter(
            "lang", .choice(["zh", "en"]), "Language of the text.", standard: .text("zh"), isPrivate: isPrivate)
    }

    package static func plain(isPrivate: Bool = false) -> Parameter {
        Parameter(
            "plain", .flag, "Plainer Chinese, for elderly customers.", standard: .flag(false), isPrivate: isPrivate)
    }

    fileprivate static let fresh = Parameter(
        "fresh", .integer(1...30),
        "Reads this account's rows from their systems first, and waits so many seconds for them at the most. `fresh` in the answer tells of each stream whether it was read, or since when its rows are held and why. Without it the answer is from what the last sync brought."
    )
    fileprivate static let asOf = Parameter(
        "as_of", .asOf,
        "An earlier instant (RFC 3339) or a sync run's number: the answer is as things stood then.")
    fileprivate static let before = Parameter(
        "before", .integer(0...9_007_199_254_740_991), "`next` of the page before.", standard: .integer(0))
    fileprivate static let after = Parameter(
        "after", .integer(0...9_007_199_254_740_991), "`next` of the page before.", standard: .integer(0))
    fileprivate static let stream = Parameter("stream", .text(most: 256), "Only this stream, such as billing.charges.")

    fileprivate static func limit(_ range: ClosedRange<Int>, _ description: String, _ standard: Int) -> Parameter {
        Parameter("limit", .integer(range), description, standard: .integer(standard))
    }
}
