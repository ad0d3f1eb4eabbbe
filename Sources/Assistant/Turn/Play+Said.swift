import Store
import Understanding

/// What the customer said, pressed or chose, and which way it goes.
extension Play {
    mutating func open() {
        tell(.greeting)
        if mind.frames.isEmpty { offerMenu() } else { run() }
    }

    mutating func choose(_ id: String) {
        // Only what was offered last, or what is always there, may be chosen.
        let parts = id.split(separator: ":", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count) {
        case ("x", 2) where parts[1] == "human": wantPerson()
        case ("x", 2) where parts[1] == "leave": leave()
        case ("x", 2) where parts[1] == "back": comeBack()
        case ("i", 2) where parts[1] == "bind_account" && book.answers[parts[1]] != nil: beginBinding()
        case ("i", 2) where book.answers[parts[1]] != nil: begin(parts[1])
        case ("f", 2), ("a", 2), ("s", 2):
            if mind.offered.contains(where: { $0.id == id }) { take(choice: id) } else { repeatStale() }
        default: repeatStale()
        }
    }

    /// Under which name stands what is gone on with once an account is proved.
    static let then = "then"

    /// An account is proved because of what was spoken of: that goes on then, and of an order that was made its progress.
    mutating func beginBinding() {
        let last = mind.reported == nil ? mind.lastIntent : "order_progress"
        begin("bind_account")
        guard let last, last != "bind_account", !mind.frames.isEmpty, book.answers[last] != nil,
            !book.company.neverOffered.contains(last)
        else { return }
        mind.slots[Self.then] = last
    }

    /// A choice of what is over, or of nothing.
    mutating func repeatStale() {
        tell(.stale)
        if mind.frames.isEmpty { offerMenu() } else { run() }
    }

    mutating func take(choice id: String) {
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

    mutating func press(_ keys: String) {
        let digits = keys.filter(\.isASCII)
        let pad = digits.replacing("*", with: "X")
        if digits == "0" {
            // Key 0 is who cannot or will not speak with a machine: mostly old people.
            if turn.channel == .hotline || turn.channel == .kiosk { mind.isElderly = true }
            return wantPerson()
        }
        if let frame = mind.frames.last, case .ask(_, let want?, let to, _, _)? = body(frame), digits.count > 1,
            let value = AskedSlot.value(of: want, in: pad, nil, bound: bound, accountDigits: self.digits)
        {
            return take(value, want, to)
        }
        if let frame = mind.frames.last, case .ask(_, .account?, _, _, _)? = body(frame),
            let count = AskedSlot.wrongCount(in: pad, accountDigits: self.digits)
        {
            return miss(count)
        }
        if digits == "9", !mind.frames.isEmpty { return leave() }
        if digits.count == 1, let offer = mind.offered.first(where: { $0.digit.map(String.init) == digits }) {
            return choose(offer.id)
        }
        if mind.frames.isEmpty, let account = AskedSlot.value(of: .account, in: pad, nil, bound: bound, accountDigits: self.digits)
        {
            mind.slots[Slot.account.rawValue] = account
            return begin("amount_due", keepingSlots: true)
        }
        miss()
    }

    mutating func say(words: String) {
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
        let context = HearingContext(
            afterFollowUp: mind.order != nil, openIntent: mind.intent, asksForPlace: asksForPlace)
        let heard = hearing.hear(words, context: context)
        self.heard = heard
        let text = Self.bare(words)
        if let entry = Self.alarm(heard.marks) {
            mind.clearSubject()
            mind.alarm = entry.rawValue
            tell(entry)
            return ask(person: "emergency", note: words)
        }
        if book.company.again.hold(text), mind.lastKey != nil {
            isRepeat = true
            return
        }
        if heard.marks.contains(.elderly) { mind.isElderly = true }
        if heard.marks.contains(.wantsHuman) || book.company.person.hold(text) { return wantPerson(words) }
        if heard.marks.contains(.othersData) { return refuse(.othersData) }
        if heard.marks.contains(.injection) { return refuse(.none) }
        if heard.marks.contains(.abuse), isNothing(heard) { return refuse(.abuse) }
        if let alarm = mind.alarm.flatMap(RoomEntry.init), isOfAlarm(heard, text) {
            tell(.alarmMore)
            tell(alarm)
            return ask(person: "emergency", note: words)
        }
        if book.company.leave.hold(text) { return leave() }
        if book.company.back.hold(text), !mind.parked.isEmpty { return comeBack() }
        if understood(heard) == "elderly_help", isSpeaking { return repeatSlowly() }
        mind.alarm = nil
        if mind.frames.isEmpty { return answer(heard, words) }
        goOn(heard, words, text)
    }

    /// What comes before everything else that was said.
    static func alarm(_ marks: Set<Heard.Mark>) -> RoomEntry? {
        if marks.contains(.despair) { return .despair }
        if marks.contains(.hurt) { return .hurt }
        return marks.contains(.danger) ? .danger : nil
    }

    /// Whether words only go on about the danger that was told of: where somebody is, who is with them. What is surely asked or told of
    /// another matter is none of it.
    func isOfAlarm(_ heard: Heard, _ text: String) -> Bool {
        guard mind.frames.isEmpty, !heard.marks.contains(.wantsHuman), !book.company.person.hold(text),
            !book.company.thanks.hold(text), !book.company.leave.hold(text), !book.company.again.hold(text),
            !mind.offered.contains(where: { Self.isOne(text, of: [$0.words] + $0.says) })
        else { return false }
        switch understood(heard) {
        case "none": return !heard.asks
        case nil, "human", "elderly_help": return true
        case "greeting_thanks": return text.contains(where: \.isNumber)
        default: return !heard.asks && (heard.ranking.first?.score ?? 0) < 900
        }
    }

    /// Whether something was spoken of that can be said once more.
    var isSpeaking: Bool {
        guard mind.lastKey != nil else { return false }
        let last = mind.lastIntent ?? "greeting_thanks"
        return !mind.frames.isEmpty || !["greeting_thanks", "elderly_help"].contains(last)
    }

    /// Who wants it slower hears the last reply in everyday words; what was spoken of goes on.
    mutating func repeatSlowly() {
        mind.isElderly = true
        mind.isPlain = true
        intent = "elderly_help"
        isRepeat = true
        tell(.slowly)
    }

    /// What is asked for is not given; what was spoken of goes on.
    mutating func refuse(_ entry: RoomEntry) {
        mark = .unanswered
        tell(entry)
        if !mind.frames.isEmpty { run() }
    }

    func isNothing(_ heard: Heard) -> Bool {
        guard case .understood(let intents) = heard.outcome else { return true }
        return intents.allSatisfy { $0 == "none" }
    }
}
