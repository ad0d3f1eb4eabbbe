import Understanding

/// A flow goes from state to state until it waits for the customer or ends.
extension Play {
    /// A flow that was read and checked has no longer way without the customer's word.
    static let mostSteps = 200

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
                // Of an address of which something is known the rest is asked for.
                let rest = want == .address ? AddressPieces(kept: mind.slots).asksFor : nil
                if rest != nil { values["address_known"] = .init(AddressPieces(kept: mind.slots).known) }
                if let entry = book.entries[rest?.rawValue ?? entry] {
                    askAgain(for: entry, in: book.flows[frame.flow])
                    tell(entry, waitingIn: frame, want: want, choices: choices)
                }
                return
            case .end(let entry, let ending):
                let next = mind.frames.count == 1 && ending == .done && !binds.isEmpty ? mind.slots[Self.then] : nil
                if let entry = entry.flatMap({ book.entries[$0] }) { tell(entry) }
                mind.frames.removeLast()
                guard let caller = mind.frames.last else {
                    // Of several, the next matter says which.
                    if !binds.isEmpty, bound.count > 1, mind.intent == "bind_account" {
                        mind.account = nil
                        facts.speak(of: nil)
                    }
                    mind.clearSubject()
                    if let next { return begin(next) }
                    return goToNext()
                }
                if case .call(_, let on)? = self.body(caller) { go(on[ending.rawValue] ?? caller.state) }
            }
        }
    }

    /// Whether a flow waits for an address, or for how it is told.
    var asksForPlace: Bool {
        guard let frame = mind.frames.last, let flow = book.flows[frame.flow],
            case .ask(_, let want, _, let choices, _)? = body(frame)
        else { return false }
        if want == .address { return true }
        return choices.contains { choice in
            if case .ask(_, .address?, _, _, _)? = flow.states[choice.to]?.body { true } else { false }
        }
    }

    /// Where a question is said once more, what it tells of the answers is asked of them anew, as its flow does.
    mutating func askAgain(for entry: Entry, in flow: Flow?) {
        guard let flow, mind.account != nil else { return }
        for name in flow.order {
            guard case .act(.ask(let question), _)? = flow.states[name]?.body else { continue }
            let tells = Action.ask(question).values.filter { $0 != "account" }
            if entry.names.contains(where: { tells.contains($0) && values[$0] == nil })
                || entry.stepsFrom?.question == question && steps.isEmpty
            {
                take(facts.tell(question))
            }
        }
    }

    /// The choice that the words which began the flow make.
    func answered(_ entry: String, _ choices: [(id: String, to: String)]) -> String? {
        guard case .words(let words) = turn.said, let entry = book.entries[entry] else { return nil }
        let offers = entry.choices.filter { !$0.isIntent }.map {
            Mind.Offer(id: $0.id, words: $0.words, digit: nil, says: $0.says)
        }
        let meant = Self.offer(meant: Self.bare(words), among: offers)
        return choices.first { $0.id == meant?.id }?.to
    }

    /// What all that was told of the fault says of water, in this turn and before.
    mutating func water() -> Water? {
        let told = [mind.slots["said"], mind.slots[Slot.symptom.rawValue]].compactMap(\.self).joined(separator: ";")
        if let known = heardOfFault, known.told == told { return known.water }
        let water = Water(hearing.hear(told, context: HearingContext()).marks)
        heardOfFault = (told, water)
        return water
    }

    func isTold(_ slot: Slot) -> Bool {
        switch slot {
        case .photo: !mind.photos.isEmpty
        case .which: mind.account != nil
        default: mind.slots[slot.rawValue] != nil
        }
    }

    mutating func holds(_ condition: Condition) -> Bool {
        let holds: Bool
        switch condition.word {
        case .bound: holds = mind.account != nil
        case .several: holds = mind.account == nil && bound.count > 1 && mind.slots[Slot.account.rawValue] == nil
        case .reported: holds = mind.account == nil && mind.slots[Slot.account.rawValue] == nil && mind.reported != nil
        case .elderly: holds = mind.isElderly
        case .photo: holds = !mind.photos.isEmpty
        case .urgent: holds = heard?.marks.contains(.urgent) ?? false
        case .told: holds = condition.of.flatMap(Slot.init).map(isTold) ?? false
        case .asked: holds = mind.intent == condition.of
        case .said: holds = condition.of.map { mind.slots["said"]?.contains($0) ?? false } ?? false
        case .waterRuns: holds = water() == .runs
        case .waterLeaks: holds = water() == .leaks
        default: holds = facts.holds(condition.word)
        }
        return holds != condition.isNegated
    }
}
