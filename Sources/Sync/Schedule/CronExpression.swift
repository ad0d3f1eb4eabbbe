/// `minute hour day month weekday`, as cron has it: `*`, `5`, `1-5`, `*/15`, `8,20`. Weekdays count from 0, Sunday; 7 is Sunday too.
/// Where both day and weekday are limited, either is enough.
package struct CronExpression: Sendable, Equatable {
    package let text: String
    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    private let limitsDays: Bool
    private let limitsWeekdays: Bool

    /// Nil where the text is no such expression.
    package init?(_ text: String) {
        let fields = text.split(separator: " ")
        guard fields.count == 5, let minutes = Self.values(fields[0], 0...59),
            let hours = Self.values(fields[1], 0...23),
            let days = Self.values(fields[2], 1...31), let months = Self.values(fields[3], 1...12),
            let weekdays = Self.values(fields[4], 0...7)
        else { return nil }
        self.text = text
        self.minutes = minutes
        self.hours = hours
        self.days = days
        self.months = months
        self.weekdays = Set(weekdays.map { $0 % 7 })
        limitsDays = fields[2].first != "*"
        limitsWeekdays = fields[4].first != "*"
    }

    package func matches(minute: Int, hour: Int, day: Int, month: Int, weekday: Int) -> Bool {
        guard minutes.contains(minute), hours.contains(hour), months.contains(month) else { return false }
        switch (limitsDays, limitsWeekdays) {
        case (true, true): return days.contains(day) || weekdays.contains(weekday)
        default: return days.contains(day) && weekdays.contains(weekday)
        }
    }

    private static func values(_ field: Substring, _ range: ClosedRange<Int>) -> Set<Int>? {
        var values: Set<Int> = []
        for item in field.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2 else { return nil }
            var step = 1
            if parts.count == 2 {
                guard let stated = Int(parts[1]), stated > 0 else { return nil }
                step = stated
            }
            let bounds: ClosedRange<Int>
            if parts[0] == "*" {
                bounds = range
            } else {
                let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
                guard ends.count <= 2, let first = ends[0], let last = ends.count == 2 ? ends[1] : first,
                    range.contains(first), range.contains(last), first <= last
                else { return nil }
                bounds = first...(parts.count == 2 && ends.count == 1 ? range.upperBound : last)
            }
            for value in stride(from: bounds.lowerBound, through: bounds.upperBound, by: step) { values.insert(value) }
        }
        return values
    }
}
