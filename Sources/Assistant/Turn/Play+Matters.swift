import Store
import Understanding

/// Matters: which is begun, left for another and come back to.
extension Play {
    mutating func answer(_ heard: Heard, _ words: String) {
        let text = Self.bare(words)
        if let same = mind.offered.first(where: { Self.isOne(text, of: [$0.words] + $0.says) }) {
            return choose(same.id)
        }
        if mind.parked.isEmpty, book.company.thanks.hold(text) { return leave() }
        if book.company.isRefusal(text), book.company.mayBeRefused(understood(heard)) { return leave() }
        if bound.count > 1, book.company.another.hold(text) {
            mind.account = nil
            facts.speak(of: nil)
            let last = mind.lastIntent.flatMap { $0 == "bind_account" ? nil : $0 }
            return begin(last ?? "amount_due")
        }
        if let number = AskedSlot.loneAccount(text, digits) { return begin(account: number, words) }
        if let offer = Self.offer(meant: text, among: mind.offered) { return choose(offer.id) }
        if !mind.parked.isEmpty, mind.offered.contains(where: { $0.id == "x:back" }) {
            if book.company.yes.hold(text) { return comeBack() }
            if book.company.no.hold(text) { return leave() }
        }
        switch heard.outcome {
        case .understood(let intents):
            guard let first = intents.first else { return miss() }
            for next in intents.dropFirst() where book.answers[next] != nil && next != first {
                if mind.queue.count < Mind.mostQueued, !mind.queue.contains(next) { mind.queue.append(next) }
            }
            takeSlots(heard, words)
            if first == "human" {
                mark = .unanswered
                intent = "human"
                return wantPerson(words)
            }
            if first == "none" {
                if Water(heard.marks) == nil { return nothing() }
                return begin("report_fault", keepingSlots: true)
            }
            begin(first, keepingSlots: true)
        case .unclear(let intents):
            // Water is never a word that is asked back about.
            if Water(heard.marks) != nil, book.answers["report_fault"] != nil {
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
            if mind.unclear >= Self.mostMisses { return wantPerson(words) }
            // A person is offered in any case.
            let likely = intents.filter { book.answers[$0] != nil && !["none", "human", "to_human"].contains($0) }
            if mind.unclear < 2, likely.isEmpty {
                tell(.unclear)
                return offerMenu()
            }
            tell(mind.unclear >= 2 ? .unclearAgain : .unclear, offering: likely.map(offer(of:)) + [Self.humanOffer])
        }
    }

    /// A number where none was asked for: of what was spoken of last, where that offered to bind one.
    mutating func begin(account number: String, _ words: String) {
        let isOffered = mind.offered.contains { $0.id == "i:bind_account" }
        mind.slots = [:]
        mind.account = bound.contains(number) ? number : nil
        if mind.account == nil { mind.slots[Slot.account.rawValue] = number }
        if mind.account == nil, let digits = AskedSlot.lastSix(beside: number, words) {
            mind.slots[Slot.idLastSix.rawValue] = digits
        }
        facts.speak(of: mind.account)
        let last = mind.lastIntent.flatMap { book.answers[$0] == nil ? nil : $0 } ?? "bind_account"
        begin(isOffered ? last : "amount_due", keepingSlots: true)
    }

    mutating func nothing() {
        mark = .unanswered
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

    /// What a flow may use of what was said with the question.
    mutating func takeSlots(_ heard: Heard, _ words: String) {
        for slot in Slot.allCases {
            if let value = AskedSlot.stated(slot, heard.slots, accountDigits: digits) { mind.slots[slot.rawValue] = value }
        }
        takePlace(heard)
        mind.slots["said"] = String(words.prefix(300))
        if let number = heard.slots.account, let digits = AskedSlot.lastSix(beside: number, words) {
            mind.slots[Slot.idLastSix.rawValue] = digits
        }
        if let number = heard.slots.account, let count = AskedSlot.wrongCount(in: number, accountDigits: digits) {
            values["digits_said"] = .init("\(count)")
            tell(.accountLength)
        } else if let number = heard.slots.account {
            // Of another account than the customer's nothing is said before it is proved.
            mind.account = bound.contains(number) ? number : nil
            if mind.account != nil { mind.slots[Slot.account.rawValue] = nil }
            facts.speak(of: mind.account)
        }
    }

    /// What the words say of an address, whole or not.
    mutating func takePlace(_ heard: Heard) {
        var pieces = AddressPieces(kept: mind.slots)
        pieces.take(AddressPieces(heard.slots))
        pieces.keep(in: &mind.slots)
        if let whole = pieces.whole { mind.slots[Slot.address.rawValue] = whole }
    }

    mutating func begin(_ intent: String, keepingSlots: Bool = false) {
        // A person who is said to be called is called, however it was asked for.
        if intent == "to_human" { return wantPerson() }
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
            if id == RoomEntry.greeting.rawValue { offerMenu() }
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
    mutating func park() {
        guard !mind.frames.isEmpty, let intent = mind.intent else { return }
        mind.parked.append(.init(frames: mind.frames, slots: mind.slots, intent: intent))
        if mind.parked.count > Mind.mostParked { mind.parked.removeFirst() }
        mind.frames = []
    }

    /// After one matter the next that was asked, then what was left for it.
    mutating func goToNext() {
        if !mind.queue.isEmpty {
            let next = mind.queue.removeFirst()
            return begin(next)
        }
        guard handOff == nil, let left = mind.parked.last else { return }
        values["title"] = .init(book.title(of: left.intent))
        tell(
            .resume,
            offering: [
                Mind.Offer(id: "x:back", words: "接着办", digit: 1, says: book.company.yes.list),
                Mind.Offer(id: "x:leave", words: "先不办了", digit: 9, says: book.company.no.list), Self.humanOffer,
            ])
    }

    mutating func comeBack() {
        guard let left = mind.parked.popLast() else { return repeatStale() }
        park()
        mind.clearSubject()
        mind.frames = left.frames
        mind.slots = left.slots
        mind.intent = left.intent
        intent = left.intent
        run()
    }

    mutating func leave() {
        let title = mind.intent ?? mind.parked.last?.intent
        mind.clearSubject()
        mind.parked = []
        mind.queue = []
        values["title"] = .init(title.map { book.title(of: $0) } ?? "")
        tell(title == nil ? .nothingOpen : .left)
        offerMenu()
    }

    mutating func changeSubject(_ heard: Heard, _ words: String) {
        park()
        mind.clearSubject()
        answer(heard, words)
    }
}
