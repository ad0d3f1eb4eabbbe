import HeatModel

/// What may be told of an order, so that nothing is told that is not true, or is not true any more.
///
/// - The state that stands is told, never one that was passed over.
/// - A state that comes twice is told once.
/// - A state below the one that was told is believed only by a time later than that one's: then the order has gone back. Without such a
///   time it is an old reading, and nothing is told.
/// - A state above it that is dated before it is an old reading too; a repair that is done counts all the same, unless the order has gone
///   back before.
/// - What is dated too long ago is no news, and is remembered as if it had been told.
struct OrderJudge {
    let now: Instant

    /// What is told, nil for nothing, and what counts as told from now on.
    func judge(_ told: OrderStanding?, _ order: OrderState) -> (event: EventType?, told: OrderStanding?) {
        guard let stage = order.stage, let standing = order.standing else { return (nil, told) }
        let time = order.time(of: stage)
        var after = standing
        if time == nil { after.noticed = now.microseconds }
        guard var told else {
            let isNews = (time ?? order.order.createdAt)?.isNews(at: now, within: EventRules.moving) == true
            return (isNews ? stage.event : nil, after)
        }
        told.hasReturned = told.hasReturned || standing.hasReturned
        after.hasReturned = told.hasReturned
        if stage == told.stage {
            // The same again, unless it was left in between.
            if let at = told.at, let time, time.microseconds > at, order.wasBelow(stage, after: at) {
                after.hasReturned = true
                return (tell(stage, time), after)
            }
            after.at = [told.at, standing.at].compactMap(\.self).max()
            after.noticed = after.at == nil ? told.noticed : nil
            return (nil, after)
        }
        let isLater = time.map { time in (told.at ?? told.noticed).map { time.microseconds > $0 } ?? false } ?? false
        if stage < told.stage {
            guard isLater else { return (nil, told) }
            after.hasReturned = true
            let event: EventType = stage.isOpen && !told.stage.isOpen ? .orderReopened : stage.event
            return (tell(stage, time) == nil ? nil : event, after)
        }
        let isOlder = time.map { time in told.at.map { time.microseconds < $0 } ?? false } ?? false
        // What is undated cannot be told from an old reading, once there may be such.
        let isDoubtful = told.hasReturned && time == nil
        if isDoubtful || isOlder && (stage.isOpen || told.hasReturned) { return (nil, told) }
        if isOlder { after.at = told.at }
        return (tell(stage, time), after)
    }

    private func tell(_ stage: OrderStage, _ time: Instant?) -> EventType? {
        let age = stage.isOpen ? EventRules.moving : EventRules.settled
        return time?.isNews(at: now, within: age) == false ? nil : stage.event
    }
}
