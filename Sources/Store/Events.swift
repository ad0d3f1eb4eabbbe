public import HeatModel

/// Where an event stands. Positions grow with the commits, one by one; none is given twice.
public struct EventPosition: Sendable, Hashable, Comparable {
    public var number: Int64
    /// Before everything.
    public static let start = EventPosition(0)

    public init(_ number: Int64) { self.number = number }
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// Something that became true of an account, or of a place, about to be noted.
public struct IncomingEvent: Sendable, Hashable {
    /// `order.enroute`
    public var type: String
    /// Whom it concerns; nil where it is about a place.
    public var account: AccountID?
    /// Where it holds, for all accounts there; nil where it is about one account.
    public var place: OutagePlace?
    /// When it became true, where that is known.
    public var at: Instant?
    /// A JSON object in the house's form: personal data in clear, money in fen.
    public var body: [UInt8]

    public init(type: String, account: AccountID?, place: OutagePlace?, at: Instant?, body: [UInt8]) {
        self.type = type
        self.account = account
        self.place = place
        self.at = at
        self.body = body
    }
}

/// An event as it is kept: it never changes.
public struct StoredEvent: Sendable, Hashable {
    public var position: EventPosition
    /// Chance that tells it from an event of another store, or of a store brought back from a copy, at the same position.
    public var mark: UInt32
    public var type: String
    /// The account's number.
    public var account: String?
    public var place: OutagePlace?
    public var at: Instant?
    /// Microseconds since 1970, when it was committed, by the store's clock.
    public var notedAt: Int64
    public var body: [UInt8]

    public init(
        position: EventPosition, mark: UInt32, type: String, account: String?, place: OutagePlace?, at: Instant?,
        notedAt: Int64, body: [UInt8]
    ) {
        self.position = position
        self.mark = mark
        self.type = type
        self.account = account
        self.place = place
        self.at = at
        self.notedAt = notedAt
        self.body = body
    }
}

/// Which events are wanted.
public struct EventFilter: Sendable, Hashable {
    /// Those of one account and of the places that it is in.
    public struct Scope: Sendable, Hashable {
        public var account: AccountID
        public var places: [OutagePlace]

        public init(account: AccountID, places: [OutagePlace]) {
            self.account = account
            self.places = places
        }
    }

    /// None wants every type.
    public var types: Set<String>
    /// Nil wants every account and place.
    public var scope: Scope?

    public init(types: Set<String> = [], scope: Scope? = nil) {
        self.types = types
        self.scope = scope
    }
}

/// Of what is remembered what has been told: an account, or a record that concerns a place.
public enum EventSubject: Sendable, Hashable {
    case account(AccountID)
    case record(StreamID, key: [UInt8])
}

/// What has become true of accounts and places, in the order of the commits. Events are noted in the transaction that makes them true.
public protocol EventReader {
    /// Events after a position, in order, at most `limit`; nil begins with the oldest that is kept. With a scope as long as the events of
    /// the account and its places, without one as long as the log after the position.
    ///
    /// - Throws: `events.gone` where events after `position` are no longer kept, or it is none that was given yet.
    func events(after position: EventPosition?, matching filter: EventFilter, limit: Int) throws -> [StoredEvent]
    /// The events at these positions that are kept, in order.
    func events(at positions: [EventPosition]) throws -> [StoredEvent]
    /// The position of the last event; `start` where there never was one. One keyed read.
    func lastEvent() throws -> EventPosition
    /// The position of the oldest event that is kept; nil where there is none.
    func oldestEvent() throws -> EventPosition?
    /// What was remembered of each last, in the same order; nil where nothing is. The bytes mean something only to their writer. One round
    /// trip for all accounts.
    func eventMemory(of subjects: [EventSubject]) throws -> [[UInt8]?]
}

extension EventReader {
    /// What was remembered of it last; nil where nothing is. One keyed read.
    public func eventMemory(of subject: EventSubject) throws -> [UInt8]? { try eventMemory(of: [subject]).first ?? nil }
}

public protocol EventWriter: EventReader {
    /// Notes events, in their order.
    func append(_ events: [IncomingEvent]) throws
    /// Puts what is remembered in place of what was; nil forgets it.
    func setEventMemory(of subject: EventSubject, _ body: [UInt8]?) throws
    /// Lets go of the oldest events beyond `kept`, but of none that a subscriber still waits for (``WebhookReader``) unless it is older
    /// than twice as many. The last event always stays.
    func trimEvents(keeping kept: Int64) throws
}

extension HearthError {
    /// The refusal of a position whose events are not kept.
    public static func eventsGone(after position: EventPosition) -> HearthError {
        HearthError(
            .eventsGone, "the events after position \(position.number) are not kept", at: .address("store"),
            advice: "ask for what holds now, then go on from the events' last position")
    }
}
