/// A part of a record's key: a column's text as pulled, or where the row stands.
enum KeyPart: Hashable, Sendable {
    case column(Int)
    /// The number of the record in its file; where files state changes, after the file's digest, as each has a line 1.
    case line
    /// How many rows of the origin before this one have the same text in all other columns of the key.
    case occurrence

    /// Words that `key:` may hold beside columns. A column of that name goes before.
    enum Position: String, CaseIterable, Sendable {
        case line
        case occurrence

        var part: KeyPart { self == .line ? .line : .occurrence }
    }

    var isPosition: Bool { self == .line || self == .occurrence }
}
