import HearthTesting
import HeatModel
import Store

/// Events and their subscribers, broken where they are asked to be.
extension BrokenReader {
    func events(after position: EventPosition?, matching filter: EventFilter, limit: Int) throws -> [StoredEvent] {
        try store.ask()
        // The places of an account are left out.
        var filter = filter
        if fault == .eventsInOrder { filter.scope?.places = [] }
        return try reader.events(after: position, matching: filter, limit: limit)
    }
    func events(at positions: [EventPosition]) throws -> [StoredEvent] {
        try store.ask()
        return try reader.events(at: positions)
    }
    func lastEvent() throws -> EventPosition {
        try store.ask()
        return try reader.lastEvent()
    }
    func oldestEvent() throws -> EventPosition? {
        try store.ask()
        return try reader.oldestEvent()
    }
    func eventMemory(of subjects: [EventSubject]) throws -> [[UInt8]?] {
        try store.ask()
        return try reader.eventMemory(of: subjects)
    }
    func webhooks() throws -> [StoredWebhook] {
        try store.ask()
        return try reader.webhooks()
    }
    func webhookDeliveries(
        to name: String, isDead: Bool, after event: EventPosition, limit: Int
    ) throws -> [WebhookDelivery] {
        try store.ask()
        return try reader.webhookDeliveries(to: name, isDead: isDead, after: event, limit: limit)
    }
    func webhookDeliveryCount(to name: String, isDead: Bool) throws -> Int64 {
        try store.ask()
        return try reader.webhookDeliveryCount(to: name, isDead: isDead)
    }
}

extension BrokenWriter {
    func append(_ events: [IncomingEvent]) throws {
        try store.ask()
        try writer.append(events)
    }
    func setEventMemory(of subject: EventSubject, _ body: [UInt8]?) throws {
        try store.ask()
        // Nothing is forgotten.
        if body != nil || fault != .eventsRemembered { try writer.setEventMemory(of: subject, body) }
    }
    func trimEvents(keeping kept: Int64) throws {
        try store.ask()
        if fault != .eventsTrimmed { try writer.trimEvents(keeping: kept) }
    }
    func claimWebhook(
        _ name: String, from start: EventPosition, owner: LeaseOwner, seconds: Int64, isAlive: (LeaseOwner) -> Bool
    ) throws -> WebhookClaim? {
        try store.ask()
        return try writer.claimWebhook(name, from: start, owner: owner, seconds: seconds) {
            fault == .webhooksClaimed || isAlive($0)
        }
    }
    func settleWebhook(_ claim: WebhookClaim, _ step: WebhookStep, seconds: Int64) throws {
        try store.ask()
        // What was taken waits on.
        var step = step
        if fault == .webhookDeliveriesKept { step.delivered = [] }
        try writer.settleWebhook(claim, step, seconds: seconds)
    }
    func dropWebhookClaim(_ claim: WebhookClaim) throws {
        try store.ask()
        try writer.dropWebhookClaim(claim)
    }
    func replayWebhook(_ name: String, _ events: [EventPosition]) throws -> Int? {
        try store.ask()
        return try writer.replayWebhook(name, events)
    }
    func enableWebhook(_ name: String) throws -> Bool {
        try store.ask()
        return try writer.enableWebhook(name)
    }
}
