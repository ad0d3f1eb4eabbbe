import HeatModel
import Records

/// Follows a column of texts whose order the system cannot compare by: all rows come, in the order of their key, and each is judged here.
/// The cursor moves at the end of the pull only.
struct JudgedCursor {
    private let order: CursorOrder
    private let offsetMinutes: Int16
    private let now: Int64
    /// Where the pull begins: a moment, or a value of another order.
    private let moment: Int64
    private let begin: String?
    private let readsDigitless: Bool
    private let progress: String?
    /// The greatest value seen that is progress.
    private(set) var best: String?

    /// - Parameters:
    ///   - from: where the last pull left off; nil reads all.
    ///   - progress: the greatest value that is progress; of times now bounds them.
    /// - Throws: ``HearthError`` `config.lookback` where one cannot be taken from such values.
    init(_ rule: CursorRule, from: String?, progress: String?) throws {
        guard case .judged(let order) = rule.kind else { preconditionFailure("not a judged column") }
        self.order = order
        offsetMinutes = rule.now.offsetMinutes
        now = rule.now.microseconds
        self.progress = progress.map { rule.session.content($0) }
        let content = from.map { rule.session.content($0) }
        best = content
        let lookback = SQLLookback(seconds: max(0, rule.stream.lookback), now: rule.now, zone: rule.session.zone)
        moment = order.isTime ? content.flatMap { lookback.moment($0, order) } ?? .min : .min
        readsDigitless = order == .text && content?.contains(where: \.isNumber) == true
        guard !order.isTime, lookback.seconds > 0, let content else {
            begin = order.isTime ? nil : content
            return
        }
        guard order != .text, let whole = order.whole(content) else { throw rule.noLookback }
        let (back, overflows) = whole.subtractingReportingOverflow(lookback.seconds)
        begin = String(overflows ? .min : back)
    }

    /// Whether a pull hands the row over that has this value; notes how far it moves the cursor.
    mutating func takes(_ value: String?) -> Bool {
        guard let value else { return true }
        if order.isTime {
            guard let stands = order.moment(value, offsetMinutes: offsetMinutes) else { return true }
            if stands <= now, best.flatMap({ order.moment($0, offsetMinutes: offsetMinutes) }) ?? .min < stands {
                best = value
            }
            return stands >= moment
        }
        func isBefore(_ left: String, _ right: String) -> Bool? {
            order.isBefore(left, right, offsetMinutes: offsetMinutes)
        }
        guard isBefore(value, value) != nil else { return true }
        if let progress, isBefore(progress, value) == false, best.map({ isBefore($0, value) == true }) ?? true {
            best = value
        }
        guard let begin else { return true }
        if order == .text {
            return isBefore(value, begin) == false || (readsDigitless && !value.contains(where: \.isNumber))
        }
        return isBefore(value, begin) == false || isBefore("0", value) == false
    }
}
