/// Messages, and what they offer to choose.
extension Play {
    static let humanOffer = Mind.Offer(id: "x:human", words: "转人工", digit: 0, says: [])

    func offer(of intent: String) -> Mind.Offer {
        Mind.Offer(id: "i:\(intent)", words: book.title(of: intent), digit: nil, says: [])
    }

    mutating func tell(_ name: RoomEntry, offering offers: [Mind.Offer] = []) {
        guard let entry = book.entries[name.rawValue] else { return }
        tell(entry)
        if !offers.isEmpty { offer(offers) }
    }

    mutating func tell(_ entry: Entry) {
        messages.append(draft(entry))
        let own = entry.choices.filter(\.isIntent).map {
            Mind.Offer(id: "i:\($0.id)", words: $0.words, digit: $0.digit, says: $0.says)
        }
        if !own.isEmpty { offer(own) }
    }

    mutating func tell(
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

    func draft(_ entry: Entry) -> Draft {
        var values = values
        if values["account"] == nil, let account = mind.account { values["account"] = .init(account) }
        if entry.id == RoomEntry.unclear.rawValue { values["first"] = values["first"] ?? .init("") }
        let own = entry.stepsFrom == nil ? [] : steps
        return Draft(
            entry: entry, values: values, chart: entry.hasChart ? chart : nil,
            steps: own)
    }

    /// Puts choices on the last message: what was offered before is not chosen any more.
    mutating func offer(_ offers: [Mind.Offer]) {
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

    mutating func offerMenu() {
        offer(menu.map(offer(of:)) + [Self.humanOffer])
    }
}
