import HeatModel

/// A date that a name holds in a declared format, as what names are compared by.
struct NameDate {
    var numbers: [NameKey.Number]
    /// What of the name follows it.
    var rest: String.UnicodeScalarView

    /// The first one; nil where there is none. A date does not begin or end amid digits.
    init?(_ format: DateFormat, in name: [Unicode.Scalar]) {
        let bytes = Array(String(String.UnicodeScalarView(name)).utf8)
        func isDigit(_ index: Int) -> Bool { bytes.indices.contains(index) && bytes[index] &- 0x30 <= 9 }
        for start in bytes.indices where !isDigit(start - 1) || !isDigit(start) {
            var date = DateParts()
            var end = start
            let isRead = bytes.withUnsafeBufferPointer { bytes in
                bytes.baseAddress.map { format.read($0, count: bytes.count, from: &end, into: &date) } ?? false
            }
            guard isRead, !isDigit(end), 1...12 ~= date.month, 1...31 ~= date.day else { continue }
            numbers = format.fields.sorted { $0.rawValue < $1.rawValue }.map { field in
                NameKey.Number(
                    digits: Array(String(date.value(field)).utf8).drop { $0 == 0x30 }.map { $0 }, width: 4,
                    role: field == .year ? .year : .datePart)
            }
            rest = String(decoding: bytes[end...], as: UTF8.self).unicodeScalars
            return
        }
        return nil
    }
}
