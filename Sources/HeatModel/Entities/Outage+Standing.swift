extension Outage {
    /// What an outage is at a moment.
    public enum Standing: String, Sendable, CaseIterable {
        /// It has been announced and has not begun.
        case ahead
        case present
        /// Its expected end is past, and nothing says that it has ended.
        case overdue
        case ended
        case cancelled
        /// What it states of itself cannot all be true, or does not tell whether it has begun.
        case unclear
    }

    /// What it is at `now`. An end that is stated counts before the state; a state counts before a begin.
    /// - Parameter isOtherDay: whether `now` is another day than that of the record: what stands in the state is of the record's then, and
    ///   the times alone tell.
    public func standing(at now: Instant, isOtherDay: Bool = false) -> Standing {
        if state == .cancelled { return .cancelled }
        if let endedAt, endedAt.microseconds <= now.microseconds {
            let isBackward = beginsAt.map { endedAt.microseconds < $0.microseconds } ?? false
            return isBackward && state != .ended ? .unclear : .ended
        }
        if state == .ended, !isOtherDay || endedAt == nil { return .ended }
        if state != .ongoing || isOtherDay {
            guard let beginsAt else { return .unclear }
            if beginsAt.microseconds > now.microseconds { return .ahead }
        }
        guard let end = expectedEnd else { return .present }
        return end.microseconds <= now.microseconds ? .overdue : .present
    }

    /// When supply is expected again: the end that is expected, else one that is stated. Nil where none is, and for one before the begin.
    public var expectedEnd: Instant? {
        guard let end = expectedEndAt ?? endedAt else { return nil }
        if let beginsAt, end.microseconds < beginsAt.microseconds { return nil }
        return end
    }

    /// What it concerns, the narrowest place that it names; nil where it names none.
    public enum Reach: String, Sendable, CaseIterable {
        case building
        case community
        case station
    }

    /// The narrowest place that it names. A building without its community is none.
    public var reach: Reach? {
        func isNamed(_ name: String?) -> Bool { name?.isEmpty == false }
        if isNamed(community) { return isNamed(building) ? .building : .community }
        return isNamed(building) ? nil : isNamed(station) ? .station : nil
    }
}
