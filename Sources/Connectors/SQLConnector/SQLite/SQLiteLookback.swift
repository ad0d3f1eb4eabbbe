import HeatModel

/// Where a pull begins that looks back from a cursor value.
///
/// Integers go back by the plain number. Texts must be ISO dates or times (`2025-11-15`, `2025-11-15 08:30:00`, with `T`, a
/// fraction or an offset) and go back by seconds as the clock they are written in counts; fraction and offset are left
/// out of the result, which only makes it earlier.
struct SQLiteLookback {
    let connection: SQLiteConnection
    let stream: SQLStream

    func begin(_ from: SQLiteValue) throws -> SQLiteValue {
        if stream.lookback <= 0 { return from }
        switch from {
        case .integer(let number):
            let (value, overflow) = number.subtractingReportingOverflow(stream.lookback)
            return .integer(overflow ? .min : value)
        case .real: break
        case .text(let text):
            if let begin = try shifted(text) { return .text(begin) }
        }
        throw HearthError(
            .init("config.lookback"),
            "stream \(stream.name): a lookback is taken from integers and ISO times only, and the cursor column holds neither",
            at: .table(stream.relationName, key: nil),
            advice: "Use a query that writes the column as an ISO time, or set lookback to 0.")
    }

    private func shifted(_ text: String) throws -> String? {
        let bytes = Array(text.utf8)
        func digits(_ range: Range<Int>) -> Bool {
            range.upperBound <= bytes.count && bytes[range].allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        }
        func mark(_ at: Int, _ byte: Character) -> Bool { at < bytes.count && bytes[at] == byte.asciiValue }
        guard digits(0..<4), mark(4, "-"), digits(5..<7), mark(7, "-"), digits(8..<10) else { return nil }
        var format = "%Y-%m-%d"
        var kept = 10
        if bytes.count > 10 {
            guard mark(10, " ") || mark(10, "T"), digits(11..<13), mark(13, ":"), digits(14..<16) else { return nil }
            format += mark(10, "T") ? "T%H:%M" : " %H:%M"
            kept = 16
            if mark(16, ":") && digits(17..<19) {
                format += ":%S"
                kept = 19
            }
        }
        let statement = try connection.prepare("SELECT strftime(?1, ?2, ?3)", stream: stream)
        statement.bind(.text(format), at: 1)
        statement.bind(.text(String(decoding: bytes[..<kept], as: UTF8.self)), at: 2)
        statement.bind(.text("-\(stream.lookback) seconds"), at: 3)
        return try statement.step() ? statement.text(0) : nil
    }
}
