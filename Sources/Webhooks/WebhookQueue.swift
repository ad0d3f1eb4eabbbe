import Store

/// What a subscriber is still to be sent, in the order that is promised: of an account, and of a place, one event after the other; an
/// event that is not taken holds up those behind it, and no others.
///
/// A value without a clock: times are microseconds of the caller's.
struct WebhookQueue {
    struct Item {
        var event: StoredEvent
        var tries: Int64 = 0
        /// Whether the store has it as waiting.
        var isKept = false
        /// When it was read from the log of events.
        var readAt: Int64
    }

    private struct Lane {
        /// By position.
        var items: [Item] = []
        var notBefore: Int64 = 0
        var isUnderWay = false
    }

    private var lanes: [String: Lane] = [:]
    /// Lanes whose first event may be sent, in the order in which they became so.
    private var ready: [String] = []
    private var firstReady = 0
    /// Lanes that wait for a time.
    private var delayed: [String: Int64] = [:]
    private(set) var positions: Set<EventPosition> = []
    private(set) var underWay = 0

    var count: Int { positions.count }

    static func lane(of event: StoredEvent) -> String {
        event.account.map { "account " + $0 } ?? event.place.map { "\($0.level.name) \($0.name)" } ?? ""
    }

    /// Adds an event where it belongs; one that is here already stays as it is.
    mutating func add(_ item: Item, notBefore: Int64 = 0) {
        guard positions.insert(item.event.position).inserted else { return }
        let name = Self.lane(of: item.event)
        var lane = lanes.removeValue(forKey: name) ?? Lane()
        // The first is on its way: nothing comes before it any more.
        let from = lane.isUnderWay ? 1 : 0
        let place =
            lane.items.indices.dropFirst(from).first { lane.items[$0].event.position > item.event.position }
            ?? lane.items.endIndex
        lane.items.insert(item, at: place)
        let isFirst = place == 0
        if isFirst { lane.notBefore = notBefore }
        let wasWaiting = delayed[name] != nil
        if isFirst, !lane.isUnderWay {
            if notBefore > 0 {
                if lane.items.count == 1 || wasWaiting { delayed[name] = notBefore }
            } else if lane.items.count == 1 || wasWaiting {
                delayed[name] = nil
                ready.append(name)
            }
        }
        lanes[name] = lane
    }

    /// Has an event that waits tried at once, as if for the first time.
    mutating func hurry(_ position: EventPosition) {
        for (name, lane) in lanes where lane.items.first?.event.position == position && !lane.isUnderWay {
            lanes[name]?.items[0].tries = 0
            lanes[name]?.notBefore = 0
            if delayed.removeValue(forKey: name) != nil { ready.append(name) }
        }
    }

    /// The next event to be sent; nil where none may be yet.
    mutating func next(at now: Int64) -> Item? {
        for (name, time) in delayed where time <= now {
            delayed[name] = nil
            ready.append(name)
        }
        guard firstReady < ready.count else { return nil }
        let name = ready[firstReady]
        firstReady += 1
        if firstReady > 1024, firstReady * 2 > ready.count {
            ready.removeFirst(firstReady)
            firstReady = 0
        }
        guard let item = lanes[name]?.items.first else { return nil }
        lanes[name]?.isUnderWay = true
        underWay += 1
        return item
    }

    /// The event on its way is done with: taken, or given up.
    mutating func settle(_ event: StoredEvent) {
        let name = Self.lane(of: event)
        guard var lane = lanes.removeValue(forKey: name), lane.isUnderWay else { return }
        underWay -= 1
        lane.isUnderWay = false
        lane.items.removeFirst()
        positions.remove(event.position)
        guard !lane.items.isEmpty else { return }
        lane.notBefore = 0
        lanes[name] = lane
        ready.append(name)
    }

    /// The event on its way was not taken: it is tried again from `time` on.
    mutating func delay(_ event: StoredEvent, tries: Int64, until time: Int64) {
        let name = Self.lane(of: event)
        guard lanes[name]?.isUnderWay == true else { return }
        underWay -= 1
        lanes[name]?.isUnderWay = false
        lanes[name]?.items[0].tries = tries
        lanes[name]?.notBefore = time
        delayed[name] = time
    }

    /// Events that the store does not have as waiting yet, and that were read before `moment` or wait for a time.
    ///
    /// - Returns: as they are to be kept; they count as kept.
    mutating func keep(readBefore moment: Int64, now: Int64) -> [WebhookDelivery] {
        var kept: [WebhookDelivery] = []
        for name in Array(lanes.keys) {
            guard let lane = lanes[name] else { continue }
            for (index, item) in lane.items.enumerated() where !item.isKept {
                guard item.readAt <= moment || lane.notBefore > now else { continue }
                lanes[name]?.items[index].isKept = true
                kept.append(
                    WebhookDelivery(
                        event: item.event.position, tries: item.tries, notBefore: index == 0 ? lane.notBefore : 0,
                        isDead: false, outcome: nil))
            }
        }
        return kept
    }

    /// The first event that the store does not have as waiting.
    var firstUnkept: EventPosition? {
        lanes.values.lazy.flatMap { $0.items.lazy.filter { !$0.isKept }.map(\.event.position) }.min()
    }
}
