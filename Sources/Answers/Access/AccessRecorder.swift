/// Keeps who looked at what. Append-only.
///
/// ``append(_:)`` returns once the entries are in the log's file, in the system's hands: they outlive the process, whatever
/// ends it. They are brought to the disk itself once a second (``sync()``) and when the program ends: a loss of power may
/// cost the entries of the last second, never the order or the wholeness of those before.
package protocol AccessRecorder: AccessReading {
    /// Appends entries, each the inside of a JSON object, in one write.
    func append(_ entries: [[UInt8]]) throws
    func sync() throws
    /// - Throws: why nothing can be written down, where that is so.
    func check() throws
}

/// Reads who looked at what.
package protocol AccessReading: Sendable {
    /// Entries newest first, at most `limit`: of all logs or, where the page before ended somewhere, from there on; and of one
    /// account where that is given.
    func entries(account: String?, after end: AccessPage.End?, limit: Int) throws -> AccessPage
}

/// An entry with its place.
package struct RecordedAccess: Sendable {
    /// The log that it stands in: each program that writes has one of its own.
    package var log: String
    /// Its number in that log.
    package var position: Int64
    /// A JSON object.
    package var json: [UInt8]

    package init(log: String, position: Int64, json: [UInt8]) {
        self.log = log
        self.position = position
        self.json = json
    }
}

/// A page of what was recorded.
package struct AccessPage: Sendable {
    package var entries: [RecordedAccess]
    /// Nil where nothing is left.
    package var end: End?

    package init(entries: [RecordedAccess], end: End?) {
        self.entries = entries
        self.end = end
    }

    /// Where a page ended: in each log that has more, the number that what is left lies below.
    package struct End: Sendable, Equatable, CustomStringConvertible {
        package var positions: [String: Int64]

        package init(positions: [String: Int64]) { self.positions = positions }

        /// Reads what ``description`` writes: `access:120,mcp-1:7`.
        package init?(_ text: String) {
            positions = [:]
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let colon = part.lastIndex(of: ":"), colon > part.startIndex else { return nil }
                let digits = part[part.index(after: colon)...]
                guard (1...16).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0 &- 0x30 <= 9 }),
                    let position = Int64(digits)
                else { return nil }
                positions[String(part[..<colon])] = position
            }
        }

        package var description: String {
            positions.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
        }
    }
}
