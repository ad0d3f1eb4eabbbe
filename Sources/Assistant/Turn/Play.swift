import Answers
import HeatModel
import Requests
import Store
import Understanding

/// One turn, from what the customer said to what they are told. It reads, and asks for what is to be done under keys of the turn, so that
/// the same turn may be played twice; what is kept of it the assistant writes.
struct Play {
    let book: Playbook
    let hearing: any Hearing
    let desk: RequestDesk
    let requester: Requester
    let turn: CustomerTurn
    /// Of the accounts that the customer has proved to be theirs.
    var bound: [String]
    /// Intents that are offered where nothing else is spoken of.
    let menu: [String]
    /// By which requests of this turn are known again.
    let keyPrefix: String
    /// Whether a person is waited for already.
    let isWaiting: Bool

    var mind: Mind
    var facts: AccountFacts
    /// What the customer is told, in order.
    var messages: [Draft] = []
    var shown: [Turn.Fact] = []
    var actions: [ActionID] = []
    var handOff: (reason: String, note: String?)?
    var binds: [String] = []
    var unbinds: [String] = []
    /// What the customer thinks, from 1 to 5, of an answer or a visit.
    var rating: (score: Int, subject: Feedback.Subject, answer: Int64)?
    var mark: Turn.Mark = .answered
    var intent: String?
    /// The last reply is said again.
    var isRepeat = false
    /// The least time that a comparison of secrets takes.
    var leastTime: Duration?
    /// What is known in this turn, by placeholder.
    var values: [String: AccountFacts.Words] = [:]
    var chart: AssistantReply.Chart?
    var steps: [AssistantReply.Step] = []
    var requests = 0
    var heard: Heard?
    /// What was heard of water in the words of a fault.
    var heardOfFault: (told: String, water: Water?)?
    /// Accesses beside those of the account's facts.
    var accesses: [Access] = []
    /// Why the last request was refused.
    var problem: String?

    /// A message before it is put into its forms.
    struct Draft {
        var entry: Entry
        var values: [String: AccountFacts.Words]
        var choices: [Mind.Offer] = []
        var chart: AssistantReply.Chart?
        var steps: [AssistantReply.Step] = []
        var wants = AssistantReply.Wants.words
    }

    init(
        book: Playbook, hearing: any Hearing, desk: RequestDesk, requester: Requester, turn: CustomerTurn,
        bound: [String], menu: [String],
        keyPrefix: String, isWaiting: Bool, mind: Mind, facts: AccountFacts
    ) {
        self.book = book
        self.hearing = hearing
        self.desk = desk
        self.requester = requester
        self.turn = turn
        self.bound = bound
        self.menu = menu
        self.keyPrefix = keyPrefix
        self.isWaiting = isWaiting
        self.mind = mind
        self.facts = facts
        // An account that is not the customer's any more is not spoken of.
        if let account = mind.account, !bound.contains(account) { self.mind.account = nil }
        if self.mind.account == nil, bound.count == 1 { self.mind.account = bound.first }
        if turn.plain { self.mind.isPlain = true }
        self.facts.speak(of: self.mind.account)
        self.facts.reported = mind.reported
    }

    /// - Parameter hasLost: what was spoken of before cannot be read any more.
    mutating func play(hasLost: Bool = false) {
        keepPhotos()
        if hasLost { tell(.lost) }
        switch turn.said {
        case .opened: open()
        case .choice(let id): choose(id)
        case .keys(let keys): press(keys)
        case .words(let words): say(words: words)
        }
        finish()
    }

    mutating func keepPhotos() {
        for attachment in turn.attachments where mind.photos.count < Mind.mostPhotos {
            if !mind.photos.contains(attachment) { mind.photos.append(attachment) }
        }
    }

    /// What may be chosen next is what the last message offers.
    mutating func finish() {
        if isRepeat { return forgetDigits() }
        if messages.isEmpty {
            tell(.nothingOpen)
            offerMenu()
        }
        // What ends a matter offers a person all the same.
        if handOff == nil, messages.allSatisfy(\.choices.isEmpty) {
            messages[messages.count - 1].choices = [Self.humanOffer]
        }
        mind.offered = messages.last(where: { !$0.choices.isEmpty })?.choices ?? []
        forgetDigits()
    }

    mutating func forgetDigits() {
        // No number of an identity card is kept.
        mind.slots[Slot.idLastSix.rawValue] = nil
        for index in mind.parked.indices { mind.parked[index].slots[Slot.idLastSix.rawValue] = nil }
        if mind.frames.isEmpty { mind.slots = [:] }
        for name in ["said", "symptom", "time", "words"] {
            mind.slots[name] = mind.slots[name].map(Self.withoutIdentity)
        }
    }
}
