import HeatModel

/// One matter from its first question to its end, as states. A customer may leave any of them.
struct Flow: Sendable {
    let name: String
    let version: Int
    let title: String
    let intents: [String]
    let start: String
    let states: [String: State]
    /// States in the file's order.
    let order: [String]
    let place: Place

    struct State: Sendable {
        var body: Body
        var place: Place
    }

    /// One thing happens in a state.
    enum Body: Sendable {
        /// The first whose conditions all hold, else `otherwise`.
        case branch([(conditions: [Condition], to: String)], otherwise: String)
        /// Something is asked or done, and goes on by what came of it.
        case act(Action, on: [String: String])
        /// Another flow, and back.
        case call(String, on: [String: String])
        /// A word, and on.
        case say(String, to: String)
        /// A word, and then the customer's; nothing is asked that the words which began the flow answer, where it listens to them.
        case ask(String, want: Slot?, to: String?, choices: [(id: String, to: String)], listens: Bool)
        case end(say: String?, Ending)
    }

    enum Ending: String, Sendable, CaseIterable { case done, stopped }
}

/// What a customer may be asked for.
enum Slot: String, Sendable, CaseIterable {
    case account, idLastSix, phone, address, symptom, time, temperature, photo, which, satisfaction, words

    /// Whether any words will do.
    var takesAnyWords: Bool { self == .symptom || self == .time || self == .words }

    var wants: AssistantReply.Wants {
        switch self {
        case .account: .accountNumber
        case .idLastSix: .idLastSix
        case .phone: .phone
        case .photo: .photo
        case .which, .satisfaction: .choice
        default: .words
        }
    }
}

/// A word about the customer or the account that a flow may hang on.
struct Condition: Sendable {
    enum Word: String, Sendable, CaseIterable {
        /// The account is known: the one that was chosen, or the only one that is bound.
        case bound
        /// Several accounts are bound and none was chosen.
        case several
        case arrears, suspended, disconnected, supplyStopped, outage, openOrder, doneOrder
        /// No account is spoken of, and the conversation made an order for an address.
        case reported
        /// Rules and bill differ.
        case billDiffers
        case elderly, photo, urgent
        /// A slot was told.
        case told
        /// The intent that began the flow.
        case asked
        /// The words that began the flow hold this one.
        case said
        /// By what was told, water runs; or it comes out and nobody knows how much.
        case waterRuns, waterLeaks
    }

    var word: Word
    /// Of `told` the slot, of `asked` the intent, of `said` the word.
    var of: String?
    var isNegated: Bool
}

/// Something that the room can ask or do.
enum Action: Sendable, Hashable {
    case ask(Question)
    case bind, unbind, choose
    case report(Fault)
    case reportAt(Fault)
    case addPhone
    case followUp(isWell: Bool)
    case optOut, optIn
    case handOff(String)
    case remember(Memory)
    case forget(Slot)
    case rate(Int)

    enum Question: String, Sendable, CaseIterable {
        case due, peers, previous, tariff, triage, outage, receipts, suspension, closing, refund, orders, openOrders,
            doneOrder, reported,
            temperature, area, offices
    }

    enum Fault: String, Sendable, CaseIterable { case noHeat, leak, temperature, fault }
    enum Memory: String, Sendable, CaseIterable { case elderly, plain }

    /// `ask due`, `handOff bill`.
    init?(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        switch (words.first, words.count) {
        case ("ask", 2):
            guard let question = Question(rawValue: words[1]) else { return nil }
            self = .ask(question)
        case ("bind", 1): self = .bind
        case ("unbind", 1): self = .unbind
        case ("choose", 1): self = .choose
        case ("report", 2), ("reportAt", 2):
            guard let fault = Fault(rawValue: words[1]) else { return nil }
            self = words[0] == "report" ? .report(fault) : .reportAt(fault)
        case ("followUp", 2):
            guard words[1] == "well" || words[1] == "notWell" else { return nil }
            self = .followUp(isWell: words[1] == "well")
        case ("addPhone", 1): self = .addPhone
        case ("optOut", 1): self = .optOut
        case ("optIn", 1): self = .optIn
        case ("handOff", 2):
            guard ConversationReasons.all.contains(words[1]) else { return nil }
            self = .handOff(words[1])
        case ("remember", 2):
            guard let memory = Memory(rawValue: words[1]) else { return nil }
            self = .remember(memory)
        case ("forget", 2):
            guard let slot = Slot(rawValue: words[1]) else { return nil }
            self = .forget(slot)
        case ("rate", 2):
            guard let score = Int(words[1]), (1...5).contains(score) else { return nil }
            self = .rate(score)
        default: return nil
        }
    }

    /// All that may be written, for the nearest name.
    static let known =
        Question.allCases.map { "ask \($0.rawValue)" } + ["bind", "unbind", "choose", "addPhone", "optOut", "optIn"]
        + (1...5).map { "rate \($0)" }
        + Fault.allCases.flatMap { ["report \($0.rawValue)", "reportAt \($0.rawValue)"] }
        + ["followUp well", "followUp notWell"] + ConversationReasons.all.map { "handOff \($0)" }
        + Memory.allCases.map { "remember \($0.rawValue)" } + Slot.allCases.map { "forget \($0.rawValue)" }

    /// What may come of it: a flow says for each where it goes on.
    var outcomes: [String] {
        switch self {
        case .ask(.due), .ask(.outage), .ask(.orders), .ask(.openOrders), .ask(.doneOrder), .ask(.temperature):
            ["ok", "none", "unavailable"]
        case .ask(.offices): ["ok", "none"]
        case .ask, .optOut, .optIn, .addPhone: ["ok", "unavailable"]
        case .bind: ["ok", "wrong", "limited", "unavailable"]
        case .unbind, .choose, .handOff, .remember, .forget, .rate: ["ok"]
        case .report: ["taken", "joined", "unavailable"]
        case .reportAt: ["taken", "ambiguous", "unknown", "unavailable"]
        case .followUp: ["ok", "unavailable"]
        }
    }

    /// What may be told after it, where the outcome is the first one (or `joined`).
    var values: [String] {
        switch self {
        case .ask(.due): ["due_text", "due_first", "due_deadline", "due_rest", "open", "season", "account"]
        case .ask(.peers), .ask(.previous), .ask(.tariff): ["explain_text", "explain_first", "explain_lead", "account"]
        case .ask(.triage): ["triage_text", "triage_first"]
        case .ask(.outage): ["outage_text"]
        case .ask(.receipts): ["receipts_text", "receipts_first"]
        case .ask(.suspension), .ask(.closing): ["suspension_text", "suspension_first"]
        case .ask(.refund): ["refund_text", "refund_first"]
        case .ask(.offices): ["office_list", "office_first"]
        case .ask(.orders), .ask(.openOrders), .ask(.reported): ["order_text", "order_first"]
        case .ask(.doneOrder): ["order"]
        case .ask(.temperature): ["temperature_text"]
        case .ask(.area): ["area_text"]
        case .report: ["report_text", "report_first"]
        case .followUp: ["follow_up_text"]
        case .bind, .choose: ["account"]
        default: []
        }
    }

    /// Whether what may be told holds for an outcome.
    func tells(_ outcome: String) -> Bool { outcome == "ok" || outcome == "taken" || outcome == "joined" }
}
