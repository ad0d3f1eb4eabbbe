/// Days by which what has been silent for long is found.
///
/// An index over an instant changes at each turn of a conversation, an index over its day once a day: a turn leaves as many pages fewer to be
/// written.
enum StoreDay {
    /// The day of microseconds since 1970, by UTC.
    static func of(_ microseconds: Int64) -> Int64 {
        let (day, rest) = microseconds.quotientAndRemainder(dividingBy: 86_400_000_000)
        return rest < 0 ? day - 1 : day
    }
}
