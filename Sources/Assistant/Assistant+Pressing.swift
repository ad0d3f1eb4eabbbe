import Understanding

extension Assistant {
    /// Whether words may wait for nothing: danger, somebody hurt, water that runs, the wish for a person. As a turn would hear them; doors ask this before
    /// they hold a customer back, and have no words of their own for it.
    package func isPressing(_ words: String) -> Bool {
        let words = String(words.prefix(2000))
        let heard = hearing.hear(words, context: HearingContext())
        if !heard.marks.isDisjoint(with: [.danger, .despair, .hurt, .urgent, .waterRuns, .wantsHuman]) { return true }
        if book.company.person.hold(Play.bare(words)) { return true }
        guard case .understood(let intents) = heard.outcome else { return false }
        return intents.contains { ["leak_emergency", "human", "to_human"].contains($0) }
    }
}
