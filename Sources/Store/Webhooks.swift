public import HeatModel

/// A subscriber that events are delivered to, as far as the store knows it.
public struct StoredWebhook: Sendable, Hashable {
    public var name: String
    /// Every event up to here has been delivered, waits as a ``WebhookDelivery``, or is not for this subscriber.
    public var position: EventPosition
    /// Why nothing is delivered any more; nil where it is.
    public var disabled: String?
    /// Events delivered in all.
    public var delivered: Int64
    /// Events that were let go of before they could be delivered.
    public var missed: Int64

    public init(name: String, position: EventPosition, disabled: String?, delivered: Int64, missed: Int64) {
        self.name = name
        self.position = position
        self.disabled = disabled
        self.delivered = delivered
        self.missed = missed
    }
}

/// An event that a subscriber has not taken yet.
public struct WebhookDelivery: Sendable, Hashable {
    public var event: EventPosition
    /// Attempts that failed.
    public var tries: Int64
    /// Microseconds since 1970 before which it is not tried again.
    public var notBefore: Int64
    /// Given up: it waits for a person.
    public var isDead: Bool
    /// Of the last attempt: the status of the answer, or a short word for what went wrong.
    public var outcome: String?

    public init(event: EventPosition, tries: Int64, notBefore: Int64, isDead: Bool, outcome: String?) {
        self.event = event
        self.tries = tries
        self.notBefore = notBefore
        self.isDead = isDead
        self.outcome = outcome
    }
}

/// The right to deliver to a subscriber: one worker at a time, in whichever process.
public struct WebhookClaim: Sendable, Hashable {
    public var name: String
    /// The fencing number.
    public var fence: Int64

    public init(name: String, fence: Int64) {
        self.name = name
        self.fence = fence
    }
}

/// What a worker has done since it last said so.
public struct WebhookStep: Sendable, Hashable {
    /// How far it has read the events.
    public var position: EventPosition
    /// Taken by the subscriber: they wait no longer.
    public var delivered: [EventPosition]
    /// Those that wait from now on, or wait otherwise than before.
    public var waiting: [WebhookDelivery]
    /// Events that were gone.
    public var missed: Int64
    /// Ends the deliveries, for this reason.
    public var disabled: String?

    public init(
        position: EventPosition, delivered: [EventPosition] = [], waiting: [WebhookDelivery] = [], missed: Int64 = 0,
        disabled: String? = nil
    ) {
        self.position = position
        self.delivered = delivered
        self.waiting = waiting
        self.missed = missed
        self.disabled = disabled
    }
}

/// Where subscribers stand in the log of events, and what waits for them.
public protocol WebhookReader {
    /// By name.
    func webhooks() throws -> [StoredWebhook]
    /// What waits for a subscriber, or is given up, in the order of the events, at most `limit`.
    func webhookDeliveries(
        to name: String, isDead: Bool, after event: EventPosition, limit: Int
    ) throws -> [WebhookDelivery]
    /// Counts them.
    func webhookDeliveryCount(to name: String, isDead: Bool) throws -> Int64
}

public protocol WebhookWriter: WebhookReader {
    /// Claims a subscriber for `seconds`; one that is not known yet begins behind `start`. Nil where another owner has it.
    ///
    /// A claim is lost where `isAlive` says that its owner has ended, and where it has expired, as a ``Lease``.
    func claimWebhook(
        _ name: String, from start: EventPosition, owner: LeaseOwner, seconds: Int64, isAlive: (LeaseOwner) -> Bool
    ) throws -> WebhookClaim?
    /// Notes what was done, and has the claim hold for `seconds` from now.
    ///
    /// - Throws: `webhook.fenced` where another owner has claimed the subscriber since.
    func settleWebhook(_ claim: WebhookClaim, _ step: WebhookStep, seconds: Int64) throws
    /// Gives the claim back; nothing happens where it is no longer held.
    func dropWebhookClaim(_ claim: WebhookClaim) throws
    /// Has events delivered again, whatever became of them. Those that are not kept, and those that its worker has not come to yet, are
    /// passed over.
    ///
    /// - Returns: how many; nil where there is no such subscriber.
    func replayWebhook(_ name: String, _ events: [EventPosition]) throws -> Int?
    /// Has deliveries go on. False where there is no such subscriber.
    func enableWebhook(_ name: String) throws -> Bool
}

extension WebhookClaim {
    /// The refusal of a claim that is no longer held.
    public var fenced: HearthError {
        HearthError(
            .webhookFenced, "subscriber \(name) was claimed by another worker since this one claimed it",
            at: .address("store"), advice: "nothing more is written by this claim; the other worker goes on")
    }
}
