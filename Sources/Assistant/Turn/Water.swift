import Understanding

/// What was heard of water in words of a fault.
enum Water: Sendable {
    /// It runs: everybody is hurried.
    case runs
    /// It comes out, and nobody knows how much.
    case leaks

    /// Nil where water is not spoken of, or drips alone.
    init?(_ marks: Set<Heard.Mark>) {
        if marks.contains(.waterRuns) {
            self = .runs
        } else if marks.contains(.waterLeaks) {
            self = .leaks
        } else {
            return nil
        }
    }
}
