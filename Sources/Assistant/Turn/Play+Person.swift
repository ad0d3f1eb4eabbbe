/// A person is called, with what was said so far.
extension Play {
    /// Of words in a row that are not understood; then a person is called.
    static let mostMisses = 3

    mutating func wantPerson(_ words: String? = nil) {
        mind.unclear = 0
        intent = intent ?? "to_human"
        // What was said of the matter so far goes with it.
        let note = [mind.intent.map { "正在办:\(book.title(of: $0))" }, note(), words].compactMap(\.self).joined(
            separator: ";")
        mind.clearSubject()
        mind.parked = []
        mind.queue = []
        // Nobody reads at a terminal what a person says later.
        tell(turn.channel == .kiosk ? .humanAtKiosk : isWaiting ? .waiting : .human)
        ask(person: "asked", note: note.isEmpty ? nil : note)
    }

    mutating func ask(person reason: String, note: String?) {
        if handOff == nil || reason == "emergency" { handOff = (reason, note.map { String($0.prefix(900)) }) }
    }

    /// What the customer has told in this matter, for whoever takes over.
    func note() -> String? {
        let told = ["symptom", "temperature", "time", "words"].compactMap { mind.slots[$0] }
        let reported = mind.account == nil ? mind.reported?.request.map { "受理编号 \($0)" } : nil
        let all = told + [mind.slots["said"], mind.order.map { "维修单 \($0)" }, reported].compactMap(\.self)
        var seen: Set<String> = []
        let each = all.filter { seen.insert($0).inserted }
        return each.isEmpty ? nil : each.joined(separator: ";")
    }
}
