/// Where a chain stands: the number of its last line and that line's hash. The holder of a head can prove that the lines up to
/// it are those that led to it; it is worth the more, the farther from the chain it is kept.
package struct ChainHead: Hashable, Sendable, Codable {
    /// The first line has number 1; 0 is a chain without a line.
    package var sequence: Int64
    /// SHA-256, 64 lower-case hex digits.
    package var hash: String

    package init(sequence: Int64, hash: String) {
        self.sequence = sequence
        self.hash = hash
    }

    /// What the first line of a chain is hashed with: 64 zeros.
    package static let start = ChainHead(sequence: 0, hash: String(repeating: "0", count: 64))
}

extension ChainHead: CustomStringConvertible {
    /// `1204:9f86d0…`
    package var description: String { "\(sequence):\(hash)" }

    /// Reads `1204:9f86d0…`.
    package init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"), let sequence = Int64(text[..<colon]), sequence >= 0 else {
            return nil
        }
        let hash = text[text.index(after: colon)...]
        guard hash.utf8.count == 64, hash.utf8.allSatisfy({ Hex.isDigit($0) }) else { return nil }
        self.init(sequence: sequence, hash: String(hash))
    }
}
