import Synchronization

/// Whose turn it is to ask a server for its transactions. MariaDB makes the list anew only where nobody has asked for a tenth of a second:
/// pulls that ask beside each other would get an old one for ever, and their cursors would stay.
enum ODBCTurn {
    private static let turns = Mutex<[String: ContinuousClock.Instant]>([:])

    /// The moment of the next free turn, which is the caller's from now on. It is a little later by chance, for the sake of other programs
    /// that ask at regular times.
    static func next(of server: String) -> ContinuousClock.Instant {
        turns.withLock { turns in
            let now = ContinuousClock.now
            let turn = max(now, turns[server] ?? now)
            turns[server] = turn + .milliseconds(Int.random(in: 120...180))
            return turn
        }
    }
}
