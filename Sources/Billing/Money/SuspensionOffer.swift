public import HeatModel

/// What suspending supply costs and saves.
public struct SuspensionOffer: Sendable {
    public enum Standing: String, Sendable {
        /// Before the deadline.
        case inTime
        /// After the deadline and before the season.
        case afterDeadline
        /// During the season.
        case insideSeason
        /// The season is over.
        case afterSeason
        /// Shorter than the minimum term.
        case tooShort
    }

    public var standing: Standing
    /// Whether the rule grants it.
    public var isPossible: Bool
    /// Last day of a request in time; nil where the rule states none.
    public var deadline: CivilDate?
    /// What stays due for the suspended part; nil where it is not possible.
    public var fee: Fen?
    /// The whole bill with and without it.
    public var billWith: Evaluation?
    public var billWithout: Evaluation
    /// Keys of the documents to bring.
    public var documents: [String]
    public var rule: RuleReference
}

extension Tariff {
    /// What a suspension requested on a day would cost.
    ///
    /// - Parameters:
    ///   - subject: the account without that suspension.
    ///   - suspension: a span of nil means all of the season, or what is left of it.
    /// - Throws: `billing.notCovered` where the version has no rule of suspension, and as ``evaluate(_:)``.
    public func suspensionOffer(
        _ subject: BillingCase, _ suspension: BillingCase.Suspension, requestedOn day: CivilDate
    ) throws(HearthError) -> SuspensionOffer {
        let reference = rule("suspension")
        guard let rule = self.suspension else {
            throw BillingProblem.notCovered("version \(self.id) has no rule of suspension", rule: reference)
        }
        let without = try evaluate(subject)
        let span = without.span
        let deadline: CivilDate? =
            switch rule.deadline {
            case .date(let day): day.date(around: without.season)
            case .daysBeforeSeason(let days): span.first.adding(days: -days)
            case nil: nil
            }
        var requested = suspension
        var standing = SuspensionOffer.Standing.inTime
        if day > span.last {
            standing = .afterSeason
        } else if day >= span.first {
            standing = .insideSeason
            let wanted = requested.span ?? span
            requested.span = DaySpan(max(wanted.first, day), wanted.last)
        } else if let deadline, day > deadline {
            standing = .afterDeadline
        }
        let days = (requested.span?.intersection(span) ?? span).days
        switch rule.minimumTerm {
        case .season? where days < span.days && standing != .insideSeason: standing = .tooShort
        case .days(let least)? where days < least: standing = .tooShort
        default: break
        }
        let isPossible = standing == .inTime || (standing == .insideSeason && rule.insideSeason == .byDay)
        var with: Evaluation?
        if isPossible {
            var changed = subject
            changed.suspensions.append(requested)
            with = try evaluate(changed)
        }
        let fee = with.map { bill in bill.amount(of: .suspension) }
        return SuspensionOffer(
            standing: standing, isPossible: isPossible, deadline: deadline, fee: fee, billWith: with,
            billWithout: without,
            documents: standing == .insideSeason ? rule.documentsInside : rule.documentsOutside, rule: reference)
    }
}
