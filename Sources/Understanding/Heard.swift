/// What a customer's words are taken to mean. Deterministic: the same words, knowledge and context give the same value, with scores that
/// are whole numbers.
package struct Heard: Sendable, Equatable {
    package enum Outcome: Sendable, Equatable {
        /// One question, or two in the order in which they were asked; after one, those that were asked in so many words beside it.
        case understood([String])
        /// Nothing reaches the floor: the likeliest intents, at most two, to ask back with; empty hands over.
        case unclear([String])
    }

    /// What beside the question is to be minded.
    package enum Mark: String, Sendable, CaseIterable {
        case urgent, danger, abuse, injection, othersData, negation, elderly, wantsHuman, noise
        /// Somebody is hurt, or does not want to live.
        case hurt, despair
        /// Water runs; or it comes out and, unless it runs, nobody knows how much.
        case waterRuns, waterLeaks
    }

    /// The words in one form: NFKC, full width to half, without what carries nothing.
    package var words: String
    /// Intents as `Config/knowledge` names them; `none` and `human` are the two that are not answered as a question.
    package var outcome: Outcome
    /// Every intent that was considered with its score, best first, at most ten: what `hearth knowledge try` shows.
    package var ranking: [Ranked]
    package var slots: Slots
    package var marks: Set<Mark>
    /// Whether the words ask for something, rather than tell it.
    package var asks: Bool

    package struct Ranked: Sendable, Equatable {
        package var intent: String
        /// 0 to 1,000.
        package var score: Int
        /// The example, word or rule that speaks for it most; said of the first three.
        package var because: String
    }

    package init(
        words: String, outcome: Outcome, ranking: [Ranked], slots: Slots, marks: Set<Mark>, asks: Bool = false
    ) {
        self.words = words
        self.outcome = outcome
        self.ranking = ranking
        self.slots = slots
        self.marks = marks
        self.asks = asks
    }
}

/// What was said just before, as far as it changes what words mean.
package struct HearingContext: Sendable, Equatable {
    /// The customer answers a follow-up ("is it warm again?").
    package var afterFollowUp: Bool
    /// The intent whose flow is open, if any: words that fit it count a little more.
    package var openIntent: String?
    /// The customer was asked where they live: a place is read out of words that mean nothing else.
    package var asksForPlace: Bool

    package init(afterFollowUp: Bool = false, openIntent: String? = nil, asksForPlace: Bool = false) {
        self.afterFollowUp = afterFollowUp
        self.openIntent = openIntent
        self.asksForPlace = asksForPlace
    }
}
