import HeatModel

/// Days with which systems say "never".
///
/// No heating company has data of so long ago, so each is nothing rather than a day: the zero of MySQL (0000-00-00), the first of .NET
/// (0001-01-01), the zeros of Windows' file times (1601-01-01) and SQL Server's `datetime` (1753-01-01, 1900-01-01), the zeros of Delphi,
/// Access and Excel (1899-12-30, 1899-12-31). 1970-01-01 and 9999-12-31 are none of these: people write the one for an unknown day and
/// the other for "until further notice", but also mean them; `null:` can name them.
enum LongAgo {
    private static let never: Set<Int32> = {
        let days = [(1, 1, 1), (1601, 1, 1), (1753, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1)]
        return Set(days.compactMap { CivilDate(year: $0, month: $1, day: $2)?.dayNumber })
    }()

    /// What a day up to the year 1900 is: `.null` for never, `.none` for a day, `.badDate` for none.
    static func fault(_ moment: LocalMoment) -> Fault {
        if moment.year == 0 {
            // The year 0 does not exist: MySQL's zero, or the first day of .NET seen from a zone further west.
            return moment.month <= 12 && moment.day <= 31 ? .null : .badDate
        }
        guard let day = CivilDate(year: moment.year, month: moment.month, day: moment.day) else { return .badDate }
        if never.contains(day.dayNumber) { return .null }
        guard moment.offset != LocalMoment.noOffset else { return .none }
        // The moment is never where it falls on such a day anywhere on earth: a server may show it in a zone of its own.
        let second = moment.utcSecond
        let days = ((second - 12 * 3600).day)...((second + 14 * 3600).day)
        return days.contains { never.contains(Int32($0)) } ? .null : .none
    }
}

extension Int64 {
    /// The day of a second, both since 1970-01-01.
    var day: Int64 { self >= 0 ? self / 86_400 : (self - 86_399) / 86_400 }
}
