/// What proves that a pull read everything its stream had to give.
///
/// "Nothing more came" is no proof: a cut answer, a capped page and an expired session look the same. A connector names one
/// of these reasons, or none, and a run whose pull proves nothing is no success.
public struct Completeness: Hashable, Sendable, Codable {
    public enum Proof: String, Sendable, Hashable, Codable, CaseIterable {
        /// The database sent the end of a result that it read from one snapshot.
        case snapshotEnd = "snapshot_end"
        /// The system states how many records or pages there are, and as many came.
        case countedTotal = "counted_total"
        /// The system says that nothing follows: `hasMore` is false, the place for the next token is there and empty.
        case statedEnd = "stated_end"
        /// Pages were asked for until one added nothing.
        case emptyPage = "empty_page"
        /// The stream is one answer, read to its closing tag, with the surroundings of its records in it.
        case wholeAnswer = "whole_answer"
        /// Each file ends with a trailer, or has a manifest, that counts or sums its rows, and they agree.
        case trailer
        /// Each file was ready by its sign and was read to its end.
        case wholeFile = "whole_file"
        /// Everything that is there was read to its end before, and is known by its content.
        case knownContent = "known_content"
    }

    public var proof: Proof
    /// What was seen, for a person, without customer data: `12 pages, the last one empty`.
    public var detail: String

    public init(_ proof: Proof, _ detail: String) {
        self.proof = proof
        self.detail = detail
    }
}
