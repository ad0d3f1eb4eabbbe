package import HeatModel

/// An action on its way to a system.
package struct ActionLetter: Sendable {
    package var kind: ActionKind
    package var reference: String
    /// By field, in the system's own words where the configuration translates them.
    package var values: [String: String]
    /// When the first request that may have taken effect was begun; nil before there was one.
    package var firstSent: Instant?

    package init(kind: ActionKind, reference: String, values: [String: String], firstSent: Instant? = nil) {
        self.kind = kind
        self.reference = reference
        self.values = values
        self.firstSent = firstSent
    }
}

/// What sending brought.
package enum SendOutcome: Sendable {
    /// The system says that it did it.
    case confirmed(id: String?, words: String?)
    /// The system says that it does not do it, and it is known that it did not.
    case refused(words: String)
    /// It is certain that nothing has taken effect.
    case notSent(HearthError)
    /// The same, of a system that works and says that this one is to wait so many milliseconds: never given up for having waited.
    case later(Int64, HearthError)
    /// It may have taken effect.
    case unclear(HearthError)
}

/// What asking brought.
package enum ProbeOutcome: Sendable {
    /// The system has it; under several numbers where somebody else repeated it.
    case found(ids: [String])
    /// The system says that it does not do it.
    case refused(words: String)
    /// Nothing of it is there, as of this moment of the system's data; nil where it does not tell.
    case absent(asOf: Instant?)
    /// It cannot be told whether what is there is ours.
    case ambiguous(words: String)
    case failed(HearthError)
    /// The system can be asked nothing of the kind: a person has to say what became of it.
    case unanswerable
}

/// How a system is written.
package protocol ActionSink: Sendable {
    /// The kinds that the system can be asked for.
    var kinds: Set<ActionKind> { get }
    /// The longest that sending or asking takes, in seconds.
    var longestCall: Int { get }
    /// Sends once. Blocks its thread.
    func send(_ letter: ActionLetter) -> SendOutcome
    /// Asks whether the system has it. Blocks its thread.
    func probe(_ letter: ActionLetter) -> ProbeOutcome
    /// Whether ``probe(_:)`` says `absent` without having asked, because what comes twice does no harm there.
    var assumesAbsence: Bool { get }
}

extension ActionSink {
    package var assumesAbsence: Bool { false }
}
