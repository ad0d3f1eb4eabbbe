import Answers
import Crypto
import Explanation
import Foundation
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
    private(set) var bound: [String]
    /// By which requests of this turn are known again.
    let keyPrefix: String
    /// Whether a person is waited for already.
    let isWaiting: Bool

    var mind: Mind
    var facts: AccountFacts
    /// What the customer is told, in order.
    private(set) var messages: [Draft] = []
    private(set) var shown: [Turn.Fact] = []
    private(set) var actions: [ActionID] = []
    private(set) var handOff: (reason: String, note: String?)?
    private(set) var binds: [String] = []
    private(set) var unbinds: [String] = []
    /// What the customer thinks, from 1 to 5, of an answer or a visit.
    private(set) var rating: (score: Int, subject: Feedback.Subject, answer: Int64)?
    private(set) var mark: Turn.Mark = .answered
    private(set) var intent: String?
    private(set) var misses = false
    /// The last reply is said again.
    private(set) var isRepeat = false
    /// The least time that a comparison of secrets takes.
    private(set) var leastTime: Duration?
    /// What is known in this turn, by placeholder.
    private var values: [String: AccountFacts.Words] = [:]
    private var chart: AssistantReply.Chart?
    private var steps: [AssistantReply.Step] = []
    private var requests = 0
    private var heard: Heard?

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
        bound: [String],
        keyPrefix: String, isWaiting: Bool, mind: Mind, facts: AccountFacts
    ) {
        self.book = book
        self.hearing = hearing
        self.desk = desk
        self.requester = requester
        self.turn = turn
        self.bound = bound
        self.keyPrefix = keyPrefix
        self.isWaiting = isWaiting
        self.mind = mind
        self.facts = facts
        // An account that is not the customer's any more is not spoken of.
        if let account = mind.account, !bound.contains(account) { self.mind.account = nil }
        if self.mind.account == nil, bound.count == 1 { self.mind.account = bound.first }
        if turn.plain { self.mind.isPlain = true }
        self.facts.speak(of: self.mind.account)
    }

    // MARK: What was said

    mutating func play() {
        keepPhotos()
        switch turn.said {
        case .opened: open()
        case .choice(let id): choose(id)
        case .keys(let keys): press(keys)
        case .words(let words): say(words: words)
        }
        finish()
    }

    private mutating func open() {
        tell(.greeting)
        if mind.frames.isEmpty { offerMenu() } else { run() }
    }

    private mutating func keepPhotos() {
        for attachment in turn.attachments where mind.photos.count < Mind.mostPhotos {
            if !mind.photos.contains(attachment) { mind.photos.append(attachment) }
        }
    }

    private mutating func choose(_ id: String) {
        // Only what was offered last, or what is always there, may be chosen.
        let parts = id.split(separator: ":", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count) {
        case ("x", 2) where parts[1] == "human": wantPerson()
        case ("x", 2) where parts[1] == "leave": leave()
        case ("x", 2) where parts[1] == "back": comeBack()
        case ("i", 2) where book.answers[parts[1]] != nil: begin(parts[1])
        case ("f", 2), ("a", 2), ("s", 2):
            if mind.offered.contains(where: { $0.id == id }) { take(choice: id) } else { repeatStale() }
        default: repeatStale()
        }
    }

    /// A choice of what is over, or of nothing.
    private mutating func repeatStale() {
        tell(.stale)
        if mind.frames.isEmpty { offerMenu() } else { run() }
    }

    private mutating func take(choice id: String) {
        let parts = id.split(separator: ":").map(String.init)
        guard let frame = mind.frames.last, case .ask(_, let want, let to, let choices, _)? = body(frame) else {
            return repeatStale()
        }
        switch parts.first {
        case "f" where parts.count == 4 && parts[1] == frame.flow && parts[2] == frame.state:
            guard let target = choices.first(where: { $0.id == parts[3] })?.to else { return repeatStale() }
            go(target)
        case "a" where want == .which && parts.count == 2 && bound.contains(parts[1]):
            mind.account = parts[1]
            facts.speak(of: parts[1])
            go(to ?? frame.state)
        case "s" where want == .satisfaction && parts.count == 2:
            mind.slots[Slot.satisfaction.rawValue] = parts[1]
            go(to ?? frame.state)
        default: return repeatStale()
        }
        run()
    }

    private mutating func press(_ keys: String) {
        let digits = keys.filter(\.isASCII)
        let pad = digits.replacing("*", with: "X")
        if digits == "0" {
            // Key 0 is who cannot or will not speak with a machine: mostly old people.
            if turn.channel == .hotline || turn.channel == .kiosk { mind.isElderly = true }
            return wantPerson()
        }
        if let frame = mind.frames.last, case .ask(_, let want?, let to, _, _)? = body(frame), digits.count > 1,
            let value = SlotReader.value(of: want, in: pad, nil, bound: bound)
        {
            return take(value, want, to)
        }
        if digits == "9", !mind.frames.isEmpty { return leave() }
        if digits.count == 1, let offer = mind.offered.first(where: { $0.digit.map(String.init) == digits }) {
            return choose(offer.id)
        }
        if mind.frames.isEmpty, let account = SlotReader.value(of: .account, in: pad, nil, bound: bound) {
            mind.slots[Slot.account.rawValue] = account
            return begin("amount_due", keepingSlots: true)
        }
        miss()
    }

    private mutating func say(words: String) {
        let words = String(words.prefix(2000))
        if words.allSatisfy(\.isWhitespace) {
            if !turn.attachments.isEmpty, let frame = mind.frames.last,
                case .ask(_, .photo?, let to?, _, _)? = body(frame)
            {
                go(to)
                return run()
            }
            // A photo that nothing asked for goes with the next report.
            return turn.attachments.isEmpty ? miss() : tell(.photoKept)
        }
        let context = HearingContext(afterFollowUp: mind.order != nil, openIntent: mind.intent)
        let heard = hearing.hear(words, context: context)
        self.heard = heard
        let text = Self.bare(words)
        if let entry = Distress.of(words) {
            mind.clearSubject()
            tell(entry)
            return ask(person: "emergency", note: words)
        }
        if heard.marks.contains(.danger) {
            mind.clearSubject()
            tell(.danger)
            return ask(person: "emergency", note: words)
        }
        if Self.isOne(text, of: Self.again), mind.lastKey != nil {
            isRepeat = true
            return
        }
        if heard.marks.contains(.elderly) { mind.isElderly = true }
        if heard.marks.contains(.wantsHuman) || Self.isOne(text, of: book.company.person) { return wantPerson(words) }
        if heard.marks.contains(.othersData) || Others.isAskedOf(text) { return refuse(.othersData) }
        if heard.marks.contains(.injection) { return refuse(.none) }
        if heard.marks.contains(.abuse), isNothing(heard) { return refuse(.abuse) }
        if Self.isOne(text, of: book.company.leave) { return leave() }
        if Self.isOne(text, of: book.company.back), !mind.parked.isEmpty { return comeBack() }
        if mind.frames.isEmpty { return answer(heard, words) }
        goOn(heard, words, text)
    }

    private static let again = [
        "再说一遍", "再说一次", "没听清", "没听清楚", "听不清", "大声点", "大点声", "重复一遍", "重说一遍", "你说什么", "没听见",
    ]

    /// What is asked for is not given; what was spoken of goes on.
    private mutating func refuse(_ entry: RoomEntry) {
        mark = .unanswered
        tell(entry)
        if !mind.frames.isEmpty { run() }
    }

    private func isNothing(_ heard: Heard) -> Bool {
        guard case .understood(let intents) = heard.outcome else { return true }
        return intents.allSatisfy { $0 == "none" }
    }

    /// Whether words are one of these, whatever they end with.
    static func isOne(_ text: String, of phrases: [String]) -> Bool {
        phrases.contains { $0 == text || core($0) == core(text) }
    }

    /// Words without the particles at their end.
    static func core(_ words: String) -> String {
        var text = Substring(words)
        while text.count > 1, let last = text.last, "吧呀啊哦嗯了呢".contains(last) { text.removeLast() }
        return String(text)
    }

    /// Words without what carries nothing at the ends.
    static func bare(_ words: String) -> String {
        let dropped: Set<Character> = ["。", "，", "！", "？", ".", ",", "!", "?", " ", "~", "～", "、", "\n", "　"]
        var text = Substring(words.precomposedStringWithCompatibilityMapping)
        while let first = text.first, dropped.contains(first) { text.removeFirst() }
        while let last = text.last, dropped.contains(last) { text.removeLast() }
        return String(text)
    }

    // MARK: Something new

    private mutating func answer(_ heard: Heard, _ words: String) {
        let text = Self.bare(words)
        if let same = mind.offered.first(where: { Self.isOne(text, of: [$0.words] + $0.says) }) {
            return choose(same.id)
        }
        if mind.parked.isEmpty, Refusal.isThanks(text) { return leave() }
        if Refusal.isOne(text), Refusal.mayRefuse(understood(heard)) { return leave() }
        if bound.count > 1, Self.isOne(text, of: Self.another) {
            mind.account = nil
            facts.speak(of: nil)
            let last = mind.lastIntent.flatMap { $0 == "bind_account" ? nil : $0 }
            return begin(last ?? "amount_due")
        }
        if let number = SlotReader.loneAccount(text) { return begin(account: number, words) }
        if let offer = Self.offer(meant: text, among: mind.offered) { return choose(offer.id) }
        if !mind.parked.isEmpty, mind.offered.contains(where: { $0.id == "x:back" }) {
            if Self.isOne(text, of: book.company.yes) { return comeBack() }
            if Self.isOne(text, of: book.company.no) { return leave() }
        }
        switch heard.outcome {
        case .understood(let intents):
            guard let first = intents.first else { return miss() }
            for next in intents.dropFirst().prefix(Mind.mostQueued) where book.answers[next] != nil && next != first {
                if !mind.queue.contains(next) { mind.queue.append(next) }
            }
            for next in others(in: words, than: intents) where mind.queue.count < Mind.mostQueued {
                if !mind.queue.contains(next) { mind.queue.append(next) }
            }
            takeSlots(heard, words)
            if first == "human" {
                mark = .unanswered
                intent = "human"
                return wantPerson(words)
            }
            if first == "none" {
                if Water.of(words) == nil { return nothing() }
                return begin("report_fault", keepingSlots: true)
            }
            begin(first, keepingSlots: true)
        case .unclear(let intents):
            // Water is never a word that is asked back about.
            if Water.of(words) != nil, book.answers["report_fault"] != nil {
                takeSlots(heard, words)
                return begin("report_fault", keepingSlots: true)
            }
            // A number alone is somebody who wants to know what stands under it.
            if heard.slots.account != nil {
                takeSlots(heard, words)
                return begin("amount_due", keepingSlots: true)
            }
            mind.unclear += 1
            mark = .unanswered
            misses = true
            if mind.unclear >= Self.mostMisses { return wantPerson(words) }
            let likely = intents.filter { book.answers[$0] != nil && $0 != "none" && $0 != "human" }
            if mind.unclear >= 2 || likely.isEmpty {
                tell(mind.unclear >= 2 ? .unclearAgain : .unclear, offering: likely.map(offer(of:)) + [Self.humanOffer])
            } else {
                tell(.unclear, offering: likely.map(offer(of:)) + [Self.humanOffer])
            }
        }
    }

    /// Questions that stand beside the one that was understood, each heard alone.
    private func others(in words: String, than intents: [String]) -> [String] {
        guard intents.count == 1, intents[0] != "none", intents[0] != "human" else { return [] }
        var text = words
        for word in ["？", "还有", "另外", "顺便"] { text = text.replacing(word, with: "?") }
        let parts = text.split(separator: "?").map(String.init).filter { $0.count >= 4 }
        guard parts.count > 1 else { return [] }
        return parts.compactMap { understood(hearing.hear($0, context: HearingContext())) }.filter {
            book.answers[$0] != nil && !["none", "human", intents[0]].contains($0)
        }
    }

    private static let another = ["切换", "切换户号", "换一个户号", "换户号", "换一户", "另一户", "另一户呢", "另一个户号", "另一个呢", "另外一户"]

    /// A number where none was asked for: of what was spoken of last, where that offered to bind one.
    private mutating func begin(account number: String, _ words: String) {
        let isOffered = mind.offered.contains { $0.id == "i:bind_account" }
        mind.slots = [:]
        mind.account = bound.contains(number) ? number : nil
        if mind.account == nil { mind.slots[Slot.account.rawValue] = number }
        if mind.account == nil, let digits = SlotReader.lastSix(beside: number, words) {
            mind.slots[Slot.idLastSix.rawValue] = digits
        }
        facts.speak(of: mind.account)
        let last = mind.lastIntent.flatMap { book.answers[$0] == nil ? nil : $0 } ?? "bind_account"
        begin(isOffered ? last : "amount_due", keepingSlots: true)
    }

    private mutating func nothing() {
        mark = .unanswered
        misses = true
        mind.unclear += 1
        if mind.unclear >= Self.mostMisses { return wantPerson() }
        intent = "none"
        if mind.unclear >= 2 {
            tell(.unclearAgain, offering: [Self.humanOffer])
        } else {
            tell(.none)
            offerMenu()
        }
    }

    private static let humanOffer = Mind.Offer(id: "x:human", words: "转人工", digit: 0, says: [])

    private func offer(of intent: String) -> Mind.Offer {
        Mind.Offer(id: "i:\(intent)", words: book.title(of: intent), digit: nil, says: [])
    }

    /// What a flow may use of what was said with the question.
    private mutating func takeSlots(_ heard: Heard, _ words: String) {
        for slot in Slot.allCases {
            if let value = SlotReader.stated(slot, heard.slots) { mind.slots[slot.rawValue] = value }
        }
        mind.slots["said"] = String(words.prefix(300))
        if let number = heard.slots.account, let digits = SlotReader.lastSix(beside: number, words) {
            mind.slots[Slot.idLastSix.rawValue] = digits
        }
        if let number = heard.slots.account {
            // Of another account than the customer's nothing is said before it is proved.
            mind.account = bound.contains(number) ? number : nil
            if mind.account != nil { mind.slots[Slot.account.rawValue] = nil }
            facts.speak(of: mind.account)
        }
    }

    mutating func begin(_ intent: String, keepingSlots: Bool = false) {
        park()
        let slots = keepingSlots ? mind.slots : [:]
        let photos = mind.photos
        mind.clearSubject()
        mind.slots = slots
        mind.photos = photos
        mind.unclear = 0
        if let turn = mind.lastTurn { mind.slots["rated"] = "\(turn)" }
        self.intent = self.intent ?? intent
        mind.intent = intent
        mind.lastIntent = intent
        if mind.account == nil, mind.slots[Slot.account.rawValue] == nil, bound.count == 1 {
            mind.account = bound.first
            facts.speak(of: mind.account)
        }
        switch book.answers[intent] {
        case .entry(let id):
            if let entry = book.entries[id] { tell(entry) }
            mind.clearSubject()
            goToNext()
        case .flow(let name):
            if let flow = book.flows[name] {
                mind.parked.removeAll { $0.frames.first?.flow == name }
                mind.frames = [Mind.Frame(flow: name, state: flow.start)]
            }
            run()
        case nil: nothing()
        }
    }

    /// What is left for something else is come back to.
    private mutating func park() {
        guard !mind.frames.isEmpty, let intent = mind.intent else { return }
        mind.parked.append(.init(frames: mind.frames, slots: mind.slots, intent: intent))
        if mind.parked.count > Mind.mostParked { mind.parked.removeFirst() }
        mind.frames = []
    }

    /// After one matter the next that was asked, then what was left for it.
    private mutating func goToNext() {
        if !mind.queue.isEmpty {
            let next = mind.queue.removeFirst()
            return begin(next)
        }
        guard handOff == nil, let left = mind.parked.last else { return }
        values["title"] = .init(book.title(of: left.intent))
        tell(
            .resume,
            offering: [
                Mind.Offer(id: "x:back", words: "接着办", digit: 1, says: book.company.yes),
                Mind.Offer(id: "x:leave", words: "先不办了", digit: 9, says: book.company.no), Self.humanOffer,
            ])
    }

    private mutating func comeBack() {
        guard let left = mind.parked.popLast() else { return repeatStale() }
        park()
        mind.clearSubject()
        mind.frames = left.frames
        mind.slots = left.slots
        mind.intent = left.intent
        intent = left.intent
        run()
    }

    private mutating func leave() {
        let title = mind.intent ?? mind.parked.last?.intent
        mind.clearSubject()
        mind.parked = []
        mind.queue = []
        values["title"] = .init(title.map { book.title(of: $0) } ?? "")
        tell(title == nil ? .nothingOpen : .left)
        offerMenu()
    }

    // MARK: A person

    /// Of words in a row that are not understood; then a person is called.
    private static let mostMisses = 3

    private mutating func wantPerson(_ words: String? = nil) {
        mind.unclear = 0
        intent = intent ?? "to_human"
        // What was said of the matter so far goes with it.
        let note = [mind.intent.map { "正在办:\(book.title(of: $0))" }, note(), words].compactMap(\.self).joined(
            separator: ";")
        mind.clearSubject()
        mind.parked = []
        mind.queue = []
        tell(isWaiting ? .waiting : .human)
        ask(person: "asked", note: note.isEmpty ? nil : note)
    }

    private mutating func ask(person reason: String, note: String?) {
        if handOff == nil || reason == "emergency" { handOff = (reason, note.map { String($0.prefix(900)) }) }
    }

    /// What the customer has told in this matter, for whoever takes over.
    private func note() -> String? {
        let told = ["symptom", "temperature", "time", "words"].compactMap { mind.slots[$0] }
        let all = told + [mind.slots["said"], mind.order.map { "维修单 \($0)" }].compactMap(\.self)
        var seen: Set<String> = []
        let each = all.filter { seen.insert($0).inserted }
        return each.isEmpty ? nil : each.joined(separator: ";")
    }

    // MARK: Going on in a flow

    private func body(_ frame: Mind.Frame) -> Flow.Body? { book.flows[frame.flow]?.states[frame.state]?.body }

    private mutating func go(_ state: String) {
        guard !mind.frames.isEmpty else { return }
        mind.frames[mind.frames.count - 1].state = state
        mind.frames[mind.frames.count - 1].misses = 0
    }

    private mutating func goOn(_ heard: Heard, _ words: String, _ text: String) {
        guard let frame = mind.frames.last, case .ask(_, let want, let to, _, _)? = body(frame) else {
            mind.clearSubject()
            return answer(heard, words)
        }
        // Water that runs is never a word of something else.
        let asked = understood(heard)
        if asked == "leak_emergency", book.answers["leak_emergency"] != .flow(mind.frames[0].flow) {
            return changeSubject(heard, words)
        }
        if asked != "report_fault", Water.of(words) == .runs,
            !["report", "leak"].contains(mind.frames[0].flow), book.answers["report_fault"] != nil
        {
            park()
            mind.clearSubject()
            takeSlots(heard, words)
            return begin("report_fault", keepingSlots: true)
        }
        if let offer = Self.offer(meant: text, among: mind.offered) { return choose(offer.id) }
        if Refusal.isThanks(text) { return leave() }
        if Refusal.isOne(text), Refusal.mayRefuse(asked) { return leave() }
        if let want, Refusal.isIgnorance(text), want != .words { return miss() }
        if want == nil || want == .which || want == .idLastSix, go(byTold: heard, text, choices(of: frame)) { return }
        if let want, !want.takesAnyWords, let value = SlotReader.value(of: want, in: text, heard.slots, bound: bound) {
            return take(value, want, to)
        }
        if let want, let value = SlotReader.stated(want, heard.slots), want.takesAnyWords {
            takeBeside(want, heard)
            return take(want == .symptom ? words : value, want, to)
        }
        if want == .symptom, text.count < 3, Water.of(text) == nil, !Self.faults.contains(where: text.contains) {
            return miss()
        }
        let isOther =
            asked.map { asked in
                asked != "none" && asked != mind.intent && book.answers[asked] != .flow(mind.frames[0].flow)
                    && book.answers[asked] != nil
            } ?? false
        if asked == "human" { return wantPerson(words) }
        if let want, want.takesAnyWords,
            !(isOther && (Self.isQuestion(words) || (heard.ranking.first?.score ?? 0) >= 900))
        {
            takeBeside(want, heard)
            return take(String(words.prefix(300)), want, to)
        }
        if isOther { return changeSubject(heard, words) }
        // The same question once more is answered from its beginning.
        if let asked, asked != "none", let flow = book.flows[mind.frames[0].flow], flow.intents.contains(asked) {
            mind.frames = [Mind.Frame(flow: flow.name, state: flow.start)]
            mind.intent = asked
            takeSlots(heard, words)
            return run()
        }
        miss()
    }

    /// Signs of a fault in few words.
    private static let faults = [
        "漏", "滴", "渗", "水", "响", "热", "冷", "凉", "冰", "阀", "管", "坏", "开", "关", "裂", "锈", "堵", "爆", "断",
    ]

    private func choices(of frame: Mind.Frame) -> [(id: String, to: String)] {
        if case .ask(_, _, _, let choices, _)? = body(frame) { choices } else { [] }
    }

    /// What was told beside what was asked for is not asked for again.
    private mutating func takeBeside(_ want: Slot, _ heard: Heard) {
        for slot in [Slot.address, .account] where slot != want && mind.slots[slot.rawValue] == nil {
            if let value = SlotReader.stated(slot, heard.slots) { mind.slots[slot.rawValue] = value }
        }
    }

    /// A number or an address where there is a choice of how to tell it goes the way of that choice.
    private mutating func go(
        byTold heard: Heard, _ text: String, _ choices: [(id: String, to: String)]
    ) -> Bool {
        guard let frame = mind.frames.last, let flow = book.flows[frame.flow] else { return false }
        func way(to slot: Slot, orCall: Bool) -> String? {
            choices.first { choice in
                switch flow.states[choice.to]?.body {
                case .ask(_, let want, _, _, _)?: want == slot
                case .call("account", _)?: orCall
                default: false
                }
            }?.to
        }
        if let number = SlotReader.loneAccount(text), let target = way(to: .account, orCall: true) {
            if bound.contains(number) {
                mind.account = number
                facts.speak(of: number)
            } else {
                mind.account = nil
                facts.speak(of: nil)
                mind.slots[Slot.account.rawValue] = number
            }
            go(target)
            run()
            return true
        }
        if let address = SlotReader.stated(.address, heard.slots), let target = way(to: .address, orCall: false) {
            mind.slots[Slot.address.rawValue] = address
            go(target)
            run()
            return true
        }
        return false
    }

    private func understood(_ heard: Heard) -> String? {
        guard case .understood(let intents) = heard.outcome else { return nil }
        return intents.first
    }

    private static func isQuestion(_ words: String) -> Bool {
        ["?", "？", "吗", "怎么", "多少", "什么", "咋", "几点", "为啥"].contains { words.contains($0) }
    }

    private mutating func changeSubject(_ heard: Heard, _ words: String) {
        park()
        mind.clearSubject()
        answer(heard, words)
    }

    private mutating func take(_ value: String, _ want: Slot, _ to: String?) {
        guard let frame = mind.frames.last else { return }
        if want == .which {
            mind.account = value
            facts.speak(of: value)
        } else {
            mind.slots[want.rawValue] = value
        }
        go(to ?? frame.state)
        run()
    }

    /// Nothing that was said fits: what is wanted is said again, and a person offered.
    private mutating func miss() {
        mark = .unanswered
        misses = true
        guard !mind.frames.isEmpty else {
            mind.unclear += 1
            if mind.unclear >= Self.mostMisses { return wantPerson() }
            if mind.unclear >= 2 {
                tell(.unclearAgain, offering: [Self.humanOffer])
            } else {
                tell(.unclear)
                offerMenu()
            }
            return
        }
        mind.frames[mind.frames.count - 1].misses += 1
        if mind.frames[mind.frames.count - 1].misses >= Self.mostMisses { return wantPerson() }
        if mind.frames[mind.frames.count - 1].misses >= 2 {
            tell(.unclearAgain, offering: [Self.humanOffer])
        } else {
            tell(.notUnderstood)
        }
        run()
    }

    /// The offer that words mean: the same words, or ones that hold an expression of it without turning it round.
    static func offer(meant text: String, among offers: [Mind.Offer]) -> Mind.Offer? {
        if let same = offers.first(where: { isOne(text, of: [$0.words] + $0.says) }) { return same }
        if text.count <= 3, let digit = Self.ordinal(text), let one = offers.first(where: { $0.digit == digit }) {
            return one
        }
        guard text.count <= 16 else { return nil }
        var best: (offer: Mind.Offer, length: Int)?
        for offer in offers {
            for phrase in [offer.words] + offer.says where phrase.count >= 2 {
                let core = core(phrase)
                guard text.contains(phrase) || (core.count >= 3 && text.contains(core)) else { continue }
                let turned = ["不", "没", "别", "未", "取消"].contains { text.contains($0) && !phrase.contains($0) }
                if !turned, phrase.count > best?.length ?? 0 { best = (offer, phrase.count) }
            }
        }
        return best?.offer
    }

    private static func ordinal(_ text: String) -> Int? {
        if let number = Int(text), (0...9).contains(number) { return number }
        var text = Substring(text)
        if text.hasPrefix("第") {
            text.removeFirst()
            if text.last == "个" { text.removeLast() }
        } else if text.count > 2 {
            return nil
        }
        let names = ["一": 1, "二": 2, "三": 3, "四": 4, "五": 5]
        return text.last.flatMap { names[String($0)] }
    }

    // MARK: States

    /// A flow that was read and checked has no longer way without the customer's word.
    private static let mostSteps = 200

    mutating func run() {
        var steps = 0
        while let frame = mind.frames.last {
            steps += 1
            guard let body = body(frame), steps < Self.mostSteps else {
                // The files have changed since, or one of them was never checked.
                mind.clearSubject()
                tell(.trouble, offering: [Self.humanOffer])
                return
            }
            switch body {
            case .branch(let cases, let otherwise):
                var target = otherwise
                for one in cases {
                    var holds = true
                    for condition in one.conditions where holds { holds = self.holds(condition) }
                    if holds {
                        target = one.to
                        break
                    }
                }
                go(target)
            case .act(let action, let on):
                let outcome = perform(action)
                go(on[outcome] ?? on[action.outcomes.last ?? ""] ?? frame.state)
            case .call(let name, _):
                guard let flow = book.flows[name] else { return leave() }
                mind.frames.append(Mind.Frame(flow: name, state: flow.start))
            case .say(let entry, let to):
                if let entry = book.entries[entry] { tell(entry) }
                go(to)
            case .ask(let entry, let want, let to, let choices, let listens):
                if let want, let to, isTold(want) {
                    go(to)
                    continue
                }
                if listens, let target = answered(entry, choices) {
                    go(target)
                    continue
                }
                if let entry = book.entries[entry] { tell(entry, waitingIn: frame, want: want, choices: choices) }
                return
            case .end(let entry, let ending):
                if let entry = entry.flatMap({ book.entries[$0] }) { tell(entry) }
                mind.frames.removeLast()
                guard let caller = mind.frames.last else {
                    // Of several, the next matter says which.
                    if !binds.isEmpty, bound.count > 1, mind.intent == "bind_account" {
                        mind.account = nil
                        facts.speak(of: nil)
                    }
                    mind.clearSubject()
                    return goToNext()
                }
                if case .call(_, let on)? = self.body(caller) { go(on[ending.rawValue] ?? caller.state) }
            }
        }
    }

    /// The choice that the words which began the flow make.
    private func answered(_ entry: String, _ choices: [(id: String, to: String)]) -> String? {
        guard case .words(let words) = turn.said, let entry = book.entries[entry] else { return nil }
        let offers = entry.choices.filter { !$0.isIntent }.map {
            Mind.Offer(id: $0.id, words: $0.words, digit: nil, says: $0.says)
        }
        let meant = Self.offer(meant: Self.bare(words), among: offers)
        return choices.first { $0.id == meant?.id }?.to
    }

    private var toldOfFault: String {
        [mind.slots["said"], mind.slots[Slot.symptom.rawValue]].compactMap(\.self).joined(separator: ";")
    }

    private func isTold(_ slot: Slot) -> Bool {
        switch slot {
        case .photo: !mind.photos.isEmpty
        case .which: mind.account != nil
        default: mind.slots[slot.rawValue] != nil
        }
    }

    private mutating func holds(_ condition: Condition) -> Bool {
        let holds: Bool
        switch condition.word {
        case .bound: holds = mind.account != nil
        case .several: holds = mind.account == nil && bound.count > 1 && mind.slots[Slot.account.rawValue] == nil
        case .elderly: holds = mind.isElderly
        case .photo: holds = !mind.photos.isEmpty
        case .urgent: holds = heard?.marks.contains(.urgent) ?? false
        case .told: holds = condition.of.flatMap(Slot.init).map(isTold) ?? false
        case .asked: holds = mind.intent == condition.of
        case .said: holds = condition.of.map { mind.slots["said"]?.contains($0) ?? false } ?? false
        case .waterRuns: holds = Water.of(toldOfFault) == .runs
        case .waterLeaks: holds = Water.of(toldOfFault) == .leaks
        default: holds = facts.holds(condition.word)
        }
        return holds != condition.isNegated
    }

    // MARK: Doing

    private mutating func perform(_ action: Action) -> String {
        switch action {
        case .ask(let question):
            let told = facts.tell(question)
            take(told)
            return told.outcome
        case .bind: return bind()
        case .choose:
            values["account"] = mind.account.map { .init($0) }
            return "ok"
        case .unbind:
            if let account = mind.account {
                unbinds.append(account)
                bound.removeAll { $0 == account }
                mind.account = nil
                facts.speak(of: nil)
            }
            return "ok"
        case .report(let fault): return report(fault)
        case .reportAt(let fault): return report(at: fault)
        case .followUp(let isWell): return followUp(isWell)
        case .optOut, .optIn:
            guard let account = mind.account else { return "unavailable" }
            let answer = request(
                .noticeWish, ["number": .text(account), "about": .text("all"), "wanted": .flag(action == .optIn)])
            return answer == nil ? "unavailable" : "ok"
        case .handOff(let reason):
            ask(person: reason, note: note())
            return "ok"
        case .remember(let memory):
            if memory == .elderly { mind.isElderly = true }
            mind.isPlain = true
            return "ok"
        case .forget(let slot):
            mind.slots[slot.rawValue] = nil
            if slot == .photo { mind.photos = [] }
            if slot == .which || slot == .account {
                mind.account = nil
                facts.speak(of: nil)
            }
            return "ok"
        case .rate(let score):
            let answer = mind.slots["rated"].flatMap { Int64($0) }
            rating = (score, mind.order == nil ? .answer : .visit, answer ?? 0)
            return "ok"
        }
    }

    private mutating func take(_ told: AccountFacts.Told) {
        values.merge(told.values) { $1 }
        chart = told.chart ?? chart
        if !told.steps.isEmpty { steps = told.steps }
        if let order = told.order { mind.order = order }
        for fact in told.facts where !shown.contains(fact) { shown.append(fact) }
    }

    private static let tried = "tried"

    private mutating func bind() -> String {
        let account = mind.slots[Slot.account.rawValue] ?? mind.slots[Self.tried] ?? ""
        let digits = mind.slots[Slot.idLastSix.rawValue] ?? ""
        // The number stands by for a second try of the digits; the digits never stay.
        mind.slots[Self.tried] = account
        mind.slots[Slot.account.rawValue] = nil
        mind.slots[Slot.idLastSix.rawValue] = nil
        let reply: Reply
        do {
            let question = try Answers.Question(
                .binding, ["account_number": .text(account), "id_last_six": .text(digits)])
            reply = desk.answerer.reply(to: question, for: requester)
        } catch {
            return "wrong"
        }
        accesses += reply.accesses
        leastTime = reply.leastTime ?? leastTime
        switch reply.result {
        case .success(let document):
            guard AnswerReader(json: document.json).flag("verified") == true else { return "wrong" }
            if !bound.contains(account) {
                bound.append(account)
                binds.append(account)
            }
            mind.account = account
            mind.slots[Self.tried] = nil
            facts.speak(of: account)
            values["account"] = .init(account)
            return "ok"
        case .failure(let problem):
            return problem.category == .limited ? "limited" : problem.category == .malformed ? "wrong" : "unavailable"
        }
    }

    /// Accesses beside those of the account's facts.
    private(set) var accesses: [Access] = []

    /// Has something done under a key of this turn; nil where it cannot be done.
    private mutating func request(_ kind: RequestKind, _ arguments: Arguments) -> AnswerReader? {
        var arguments = arguments
        requests += 1
        arguments["idempotency_key"] = .text("\(keyPrefix)-\(requests)")
        let reply: Reply
        do {
            var request = try Request(kind, arguments)
            if case .followUp(var answer) = request {
                answer.opensConversation = false
                request = .followUp(answer)
            }
            reply = desk.reply(to: request, for: requester)
        } catch {
            return nil
        }
        accesses += reply.accesses
        facts.forget()
        problem = nil
        switch reply.result {
        case .success(let document): return AnswerReader(json: document.json)
        case .failure(let failure):
            problem = failure.code
            return nil
        }
    }

    /// Why the last request was refused.
    private var problem: String?

    private func faultArguments(_ fault: Action.Fault) -> Arguments {
        var arguments: Arguments = ["kind": .text(kind(of: fault))]
        let said = mind.slots["said"]
        if let symptom = mind.slots[Slot.symptom.rawValue] ?? said {
            arguments["symptom"] = .text(String(symptom.prefix(60)))
        }
        let words = [said, mind.slots[Slot.symptom.rawValue], mind.slots[Slot.words.rawValue]].compactMap(\.self)
        if !words.isEmpty { arguments["words"] = .text(String(words.joined(separator: ";").prefix(1000))) }
        if let phone = mind.slots[Slot.phone.rawValue] { arguments["phone"] = .text(phone) }
        if let tenths = mind.slots[Slot.temperature.rawValue].flatMap(SlotReader.tenths) {
            arguments["temperature_tenths"] = .integer(tenths)
        }
        if !mind.photos.isEmpty {
            arguments["attachments"] = .objects(
                mind.photos.map { ["sha256": $0.sha256, "address": $0.address, "type": $0.mediaType] })
        }
        return arguments
    }

    private func kind(of fault: Action.Fault) -> String {
        guard fault == .fault else { return fault.rawValue }
        let said = (mind.slots[Slot.symptom.rawValue] ?? "") + (mind.slots["said"] ?? "")
        if said.contains("阀") { return "valve" }
        if said.contains("不热") || said.contains("冰凉") { return "noHeat" }
        return "other"
    }

    private mutating func report(_ fault: Action.Fault) -> String {
        guard let account = mind.account else { return "unavailable" }
        var arguments = faultArguments(fault)
        arguments["number"] = .text(account)
        guard let receipt = request(.faultReport, arguments), let text = receipt.words else { return "unavailable" }
        let plain = (try? desk.answerer.wording(of: .plainChinese))?.finish(text)
        values["report_text"] = .init(text, plain: plain)
        values["report_first"] = .init(
            ShortForm.firstSentence(of: text), plain: plain.map { ShortForm.firstSentence(of: $0) })
        if let action = receipt.integer("request") { actions.append(ActionID(action)) }
        if let order = receipt.text("order", "number") {
            shown.append(Turn.Fact(kind: "work_order", id: order, freshAt: nil))
            mind.order = order
        }
        return receipt.flag("joined") == true ? "joined" : "taken"
    }

    /// Of a home that is not proved to be the customer's: nothing of it is told but that the report was taken.
    private mutating func report(at fault: Action.Fault) -> String {
        guard let address = mind.slots[Slot.address.rawValue] else { return "unknown" }
        var arguments = faultArguments(fault)
        arguments["address"] = .text(String(address.prefix(60)))
        if request(.faultReportByAddress, arguments) != nil { return "taken" }
        switch problem {
        case "ambiguous-address", "incomplete-address": return "ambiguous"
        case "unknown-address": return "unknown"
        default: return "unavailable"
        }
    }

    private mutating func followUp(_ isWell: Bool) -> String {
        guard let account = mind.account, let order = mind.order else { return "unavailable" }
        var arguments: Arguments = [
            "number": .text(account), "order": .text(order), "answer": .text(isWell ? "well" : "notWell"),
        ]
        if let said = mind.slots["said"] { arguments["words"] = .text(said) }
        if let score = mind.slots[Slot.satisfaction.rawValue].flatMap(Int.init) {
            arguments["satisfaction"] = .integer(score)
        }
        guard let answer = request(.followUp, arguments), let text = answer.words else { return "unavailable" }
        values["follow_up_text"] = .init(text)
        if let action = answer.integer("request") { actions.append(ActionID(action)) }
        shown.append(Turn.Fact(kind: "work_order", id: order, freshAt: nil))
        return "ok"
    }

    // MARK: Telling

    private mutating func tell(_ name: RoomEntry, offering offers: [Mind.Offer] = []) {
        guard let entry = book.entries[name.rawValue] else { return }
        tell(entry)
        if !offers.isEmpty { offer(offers) }
    }

    private mutating func tell(_ entry: Entry) {
        messages.append(draft(entry))
        let own = entry.choices.filter(\.isIntent).map {
            Mind.Offer(id: "i:\($0.id)", words: $0.words, digit: $0.digit, says: $0.says)
        }
        if !own.isEmpty { offer(own) }
    }

    private mutating func tell(
        _ entry: Entry, waitingIn frame: Mind.Frame, want: Slot?, choices: [(id: String, to: String)]
    ) {
        var draft = draft(entry)
        draft.wants = want?.wants ?? (choices.isEmpty ? .words : .choice)
        messages.append(draft)
        var offers: [Mind.Offer] = entry.choices.map { choice in
            Mind.Offer(
                id: choice.isIntent ? "i:\(choice.id)" : "f:\(frame.flow):\(frame.state):\(choice.id)",
                words: choice.words,
                digit: choice.digit, says: choice.says)
        }
        if want == .which {
            offers += bound.prefix(8).map { Mind.Offer(id: "a:\($0)", words: "户号 \($0)", digit: nil, says: [$0]) }
        }
        if want == .satisfaction, !offers.contains(where: { $0.id.hasPrefix("s:") }) {
            offers += [("5", "满意"), ("3", "一般"), ("1", "不满意")].map {
                Mind.Offer(id: "s:\($0.0)", words: $0.1, digit: nil, says: [])
            }
        }
        offers += [Mind.Offer(id: "x:leave", words: "先不办了", digit: 9, says: []), Self.humanOffer]
        offer(offers)
    }

    private func draft(_ entry: Entry) -> Draft {
        var values = values
        if values["account"] == nil, let account = mind.account { values["account"] = .init(account) }
        if entry.id == RoomEntry.unclear.rawValue { values["first"] = values["first"] ?? .init("") }
        let own = entry.stepsFrom == nil ? [] : steps
        return Draft(
            entry: entry, values: values, chart: entry.hasChart ? chart : nil,
            steps: own)
    }

    /// Words without what may be the number of an identity card, or the last six of one.
    static func withoutIdentity(_ words: String) -> String {
        words.replacing(/[0-9]{5,17}[0-9Xx]/) { match in
            match.output.count == 6 || match.output.count == 15 || match.output.count == 18 ? "…" : String(match.output)
        }
    }

    /// Puts choices on the last message: what was offered before is not chosen any more.
    private mutating func offer(_ offers: [Mind.Offer]) {
        guard !messages.isEmpty else { return }
        var numbered: [Mind.Offer] = []
        var taken = Set(offers.compactMap(\.digit))
        for offer in offers where !numbered.contains(where: { $0.id == offer.id }) {
            var offer = offer
            if offer.digit == nil, let free = (1...8).first(where: { !taken.contains($0) }) {
                offer.digit = free
                taken.insert(free)
            }
            numbered.append(offer)
        }
        messages[messages.count - 1].choices = numbered
        if messages[messages.count - 1].wants == .words, mind.frames.isEmpty {
            messages[messages.count - 1].wants = .choice
        }
    }

    private mutating func offerMenu() {
        offer(book.company.menu.prefix(8).map(offer(of:)) + [Self.humanOffer])
    }

    /// What may be chosen next is what the last message offers.
    private mutating func finish() {
        if isRepeat { return forgetDigits() }
        if messages.isEmpty {
            tell(.nothingOpen)
            offerMenu()
        }
        mind.offered = messages.last(where: { !$0.choices.isEmpty })?.choices ?? []
        forgetDigits()
    }

    private mutating func forgetDigits() {
        // No number of an identity card is kept.
        mind.slots[Slot.idLastSix.rawValue] = nil
        for index in mind.parked.indices { mind.parked[index].slots[Slot.idLastSix.rawValue] = nil }
        if mind.frames.isEmpty { mind.slots = [:] }
        for name in ["said", "symptom", "time", "words"] {
            mind.slots[name] = mind.slots[name].map(Self.withoutIdentity)
        }
    }
}
