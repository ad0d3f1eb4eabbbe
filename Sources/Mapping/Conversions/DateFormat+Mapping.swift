import HeatModel

/// Forms of dates that a mapping file declares: `M/d/yyyy`, `dd-MMM-yy`, `yyyy`. A time is read after them, as it stands.
extension DateFormat {
    /// Nil for what is no form of dates.
    init?(mapping text: String) {
        self.init(TextFolding.folded(text), takesShortNumbers: true)
        // A year in front with the day before the month: such a text reads as an ordinary date too.
        if fields == [.year, .day, .month] || fields.contains(.hour) { return nil }
    }

    /// Whether an ordinary form cannot be taken for this one nor this one for it: there are marks, or no day.
    var standsApart: Bool { hasMarks || !fields.contains(.day) }

    /// Reads a date from where the cursor stands; the cursor then stands behind it.
    func read(_ cursor: inout TextCursor, _ moment: inout LocalMoment) -> Bool {
        var date = DateParts()
        guard read(cursor.text.start, count: cursor.text.count, from: &cursor.index, into: &date) else { return false }
        (moment.year, moment.month, moment.day) = (date.year, date.month, date.day)
        return true
    }

    /// A text that both forms read, each in its own way; nil where there is none.
    func clashes(with other: DateFormat) -> String? {
        // Day, month and short year are all different, and each could be any of the others.
        for (year, month, day) in [(2009, 11, 10), (2012, 10, 11), (2010, 9, 12)] {
            var date = DateParts()
            (date.year, date.month, date.day) = (year, month, day)
            let text = text(of: date)
            var moment = LocalMoment()
            let isRead = Array(text.utf8).withUnsafeBufferPointer { bytes in
                guard let base = bytes.baseAddress else { return false }
                var cursor = TextCursor(Text(base, bytes.count), at: 0)
                return other.read(&cursor, &moment) && cursor.isAtEnd
            }
            if isRead, moment.year != year || moment.month != month || moment.day != day { return text }
        }
        return nil
    }
}
