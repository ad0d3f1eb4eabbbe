import Foundation
import Store
import Understanding

/// What was said where a flow waits for it.
extension Play {
    func body(_ frame: Mind.Frame) -> Flow.Body? { book.flows[frame.flow]?.states[frame.state]?.body }

    mutating func go(_ state: String) {
        guard !mind.frames.isEmpty else { return }
        mind.frames[mind.frames.count - 1].state = state
        mind.frames[mind.frames.count - 1].misses = 0
    }

    /// Digits of a number of an account.
    var digits: Int? { book.company.accountDigits }

    mutating func goOn(_ heard: Heard, _ words: String, _ text: String) {
        guard let frame = mind.frames.last, case .ask(_, let want, let to, _, _)? = body(frame) else {
            mind.clearSubject()
            return answer(heard, words)
        }
        // Water that runs is never a word of something else.
        let asked = understood(heard)
        if asked == "leak_emergency", book.answers["leak_emergency"] != .flow(mind.frames[0].flow) {
            return changeSubject(heard, words)
        }
        if asked != "report_fault", Water(heard.marks) == .runs,
            !["report", "leak"].contains(mind.frames[0].flow), book.answers["report_fault"] != nil
        {
            park()
            mind.clearSubject()
            takeSlots(heard, words)
            return begin("report_fault", keepingSlots: true)
        }
        if let offer = Self.offer(meant: text, among: mind.offered) { return choose(offer.id) }
        if book.company.thanks.hold(text) { return leave() }
        if book.company.isRefusal(text), book.company.mayBeRefused(asked) { return leave() }
        if let want, book.company.unsure.hold(text), want != .words { return miss() }
        // Who says a number where its proof is asked for has another account in mind.
        if want == .idLastSix, let number = AskedSlot.corrected(text, digits) {
            mind.slots[Slot.account.rawValue] = number
            return run()
        }
        if want == nil || want == .which || want == .idLastSix, go(byTold: heard, text, choices(of: frame)) { return }
        if want == .address, hearPlace(heard, text, asked) {
            takeBeside(.address, heard)
            guard let whole = AddressPieces(kept: mind.slots).whole else { return run() }
            return take(whole, .address, to)
        }
        if let want, !want.takesAnyWords,
            let value = AskedSlot.value(of: want, in: text, heard.slots, bound: bound, accountDigits: digits)
        {
            takeBeside(want, heard)
            return take(value, want, to)
        }
        if want == .account, let count = AskedSlot.wrongCount(in: text, accountDigits: digits) { return miss(count) }
        if want == .account, AddressPieces(heard.slots).namesHome, !heard.asks {
            takePlace(heard)
            return miss(saying: .accountByAddress)
        }
        if let want, let value = AskedSlot.stated(want, heard.slots, accountDigits: digits), want.takesAnyWords {
            takeBeside(want, heard)
            return take(want == .symptom ? words : value, want, to)
        }
        if want == .symptom, text.count < 3, !book.company.faultSigns.contains(where: text.contains) {
            return miss()
        }
        let isOther =
            asked.map { asked in
                asked != "none" && asked != mind.intent && book.answers[asked] != .flow(mind.frames[0].flow)
                    && book.answers[asked] != nil
            } ?? false
        if asked == "human" { return wantPerson(words) }
        if let want, want.takesAnyWords,
            !(isOther && (heard.asks || (heard.ranking.first?.score ?? 0) >= 900))
        {
            takeBeside(want, heard)
            return take(String(words.prefix(300)), want, to)
        }
        // A yes to what is no question of yes or no.
        if book.company.yes.hold(text) { return miss() }
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

    func choices(of frame: Mind.Frame) -> [(id: String, to: String)] {
        if case .ask(_, _, _, let choices, _)? = body(frame) { choices } else { [] }
    }

    /// What was told beside what was asked for is not asked for again.
    mutating func takeBeside(_ want: Slot, _ heard: Heard) {
        for slot in [Slot.address, .account, .phone] where slot != want && mind.slots[slot.rawValue] == nil {
            if let value = AskedSlot.stated(slot, heard.slots, accountDigits: digits) { mind.slots[slot.rawValue] = value }
        }
    }

    /// Pieces of an address; false where the words hold none that is new.
    mutating func hearPlace(_ heard: Heard, _ text: String, _ asked: String?) -> Bool {
        let before = AddressPieces(kept: mind.slots)
        var (said, pieces) = (AddressPieces(heard.slots), before)
        // 501 where nothing but the room lacks; a name of two words or more where nothing but the place lacks.
        let written = SaidDigits.written(text.precomposedStringWithCompatibilityMapping)
        if said.isEmpty, before.asksFor == .addressRoom, (3...4).contains(written.count),
            written.allSatisfy(\.isASCIIDigit)
        {
            said.room = written
        }
        if said.community == nil, before.asksFor == .addressCommunity, asked == nil || asked == "none",
            (2...10).contains(text.count), text.allSatisfy({ $0.isLetter || $0.isNumber })
        {
            said.community = text
        }
        if said.isEmpty { return false }
        pieces.take(said)
        pieces.keep(in: &mind.slots)
        return pieces != before || pieces.whole != nil
    }

    /// A number or an address where there is a choice of how to tell it goes the way of that choice.
    mutating func go(
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
        if let number = AskedSlot.loneAccount(text, digits), let target = way(to: .account, orCall: true) {
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
        if !AddressPieces(heard.slots).isEmpty, let target = way(to: .address, orCall: false) {
            takePlace(heard)
            go(target)
            run()
            return true
        }
        return false
    }

    func understood(_ heard: Heard) -> String? {
        guard case .understood(let intents) = heard.outcome else { return nil }
        return intents.first
    }

    mutating func take(_ value: String, _ want: Slot, _ to: String?) {
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

    /// A number of too few digits, or too many: that is said at once.
    mutating func miss(_ count: Int) {
        values["digits_said"] = .init("\(count)")
        miss(saying: .accountLength)
    }

    /// What was said is not what is wanted: the entry says why, and asks for it.
    mutating func miss(saying reason: RoomEntry) {
        guard let frame = mind.frames.last, case .ask(_, let want, _, let choices, _)? = body(frame) else { return }
        mark = .unanswered
        mind.frames[mind.frames.count - 1].misses += 1
        if mind.frames[mind.frames.count - 1].misses >= Self.mostMisses { return wantPerson() }
        guard let entry = book.entries[reason.rawValue] else { return run() }
        tell(entry, waitingIn: frame, want: want, choices: choices)
    }

    /// Nothing that was said fits: what is wanted is said again, and a person offered.
    mutating func miss() {
        mark = .unanswered
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
}
