import HeatModel
import Store

/// The outages of a stream that will begin, or end, without a word from the system: each record's key, and the next moment at which the clock
/// alone makes it another thing.
///
/// Kept as a setting of the store, a line for each: microseconds since 1970, and the key in hexadecimal digits.
struct OutagesAhead: Equatable {
    private(set) var turns: [[UInt8]: Int64] = [:]

    init(stream: StreamID, in store: some SettingReader) throws {
        for line in (try store.setting(.outagesAhead(stream)) ?? "").split(separator: "\n") {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, let at = Int64(parts[0]), let key = Self.bytes(parts[1]) else {
                throw HearthError(
                    .storeCorrupt, "the list of outages ahead holds a line that is none, of \(line.count) characters",
                    at: .address("setting \(SettingName.outagesAhead(stream).text)"),
                    advice: "restore the store from a backup, or build it again from the archive")
            }
            turns[key] = at
        }
    }

    /// The keys whose moment has come, in their order.
    func due(at now: Instant) -> [[UInt8]] {
        turns.filter { $0.value <= now.microseconds }.keys.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// - Parameter turn: nil where the clock alone will change nothing.
    static func note(
        _ turn: Instant?, stream: StreamID, key: [UInt8], in store: some SettingWriter & SettingReader
    ) throws {
        var ahead = try OutagesAhead(stream: stream, in: store)
        guard ahead.turns[key] != turn?.microseconds else { return }
        ahead.turns[key] = turn?.microseconds
        try store.setSetting(.outagesAhead(stream), ahead.text)
    }

    private var text: String {
        turns.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { "\($0.value) \(Self.digits($0.key))" }.joined(separator: "\n")
    }

    private static func digits(_ key: [UInt8]) -> String {
        key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func bytes(_ digits: Substring) -> [UInt8]? {
        let digits = Array(digits.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}

extension Outage {
    /// The next stated moment after `now` at which the outage begins or ends by itself; nil where it is over or nothing is stated.
    func turn(after now: Instant) -> Instant? {
        switch standing(at: now) {
        case .ended, .cancelled: nil
        case .ahead, .present, .overdue, .unclear:
            [beginsAt, endedAt].compactMap(\.self).filter { $0.microseconds > now.microseconds }
                .min { $0.microseconds < $1.microseconds }
        }
    }
}
