/// The first thing that is wrong with a chain, or with what a chain vouches for.
package struct ChainProblem: Hashable, Sendable {
    package enum Kind: String, Sendable {
        /// It is not what was written.
        case altered
        /// Something that was written is not there.
        case removed
        /// It was written into another archive than the one that was looked at.
        case elsewhere
        /// It was not written by us, or stands there twice.
        case inserted
        /// It ends before a head that was noted elsewhere.
        case truncated
        /// Its last line is not whole: a crash, which the next writer mends, or a cut.
        case torn
        /// Each line follows from the one before, yet not to a head that was noted elsewhere: the chain was made again.
        case rewritten
    }

    package var kind: Kind
    /// Which line of which file, which object, which run.
    package var place: String
    /// Number of the line in the chain, where it is one.
    package var sequence: Int64?
    package var message: String

    package init(_ kind: Kind, at place: String, sequence: Int64? = nil, _ message: String) {
        self.kind = kind
        self.place = place
        self.sequence = sequence
        self.message = message
    }
}

extension ChainProblem: CustomStringConvertible {
    package var description: String { "\(place): \(kind.rawValue): \(message)" }
}
