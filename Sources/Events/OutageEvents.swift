import AccountView
package import HeatModel
import JSONText
package import Store

/// Tells when supply is interrupted at a place, and when it is there again, in the transaction that stores the record.
///
/// An outage is told begun once it is in effect, and ended or cancelled where it was told begun. A begin or an end that is stated for later is
/// told by the first reading of the stream after it, though the record is as it was (``OutagesAhead``).
package enum OutageEvents {
    /// - Parameters:
    ///   - outage: what the record says from now on.
    ///   - tells: whether it is told; else it is remembered as if it had been.
    package static func note(
        _ outage: Outage, stream: StreamID, key: UnsafeRawBufferPointer, in store: some EventWriter & SettingWriter,
        at now: Instant, tells: Bool
    ) throws {
        let subject = EventSubject.record(stream, key: Array(key))
        let known = try store.eventMemory(of: subject)
        let (events, memory) = judge(known.flatMap { OutageMemory($0) }, outage, at: now)
        if tells { try store.append(events) }
        if let memory, memory.bytes != known { try store.setEventMemory(of: subject, memory.bytes) }
        try OutagesAhead.note(outage.turn(after: now), stream: stream, key: Array(key), in: store)
    }

    /// Tells what time alone has made true of the stream's outages since it was last read.
    package static func noteDue(
        stream: StreamID, in store: some EventWriter & SettingWriter & RecordReader, at now: Instant
    ) throws {
        for key in try OutagesAhead(stream: stream, in: store).due(at: now) {
            try key.withUnsafeBytes { bytes in
                guard let record = try store.record(stream: stream, key: bytes), !record.isVoided else {
                    return try OutagesAhead.note(nil, stream: stream, key: key, in: store)
                }
                let outage = record.body.withUnsafeBytes { Outage(body: $0) }
                try note(outage, stream: stream, key: bytes, in: store, at: now, tells: true)
            }
        }
    }

    /// Whether ``noteDue(stream:in:at:)`` has anything to do.
    package static func isAnyDue(stream: StreamID, in store: some SettingReader, at now: Instant) throws -> Bool {
        try !OutagesAhead(stream: stream, in: store).due(at: now).isEmpty
    }

    /// - Parameter told: what has been told of it; nil for nothing.
    static func judge(
        _ told: OutageMemory?, _ outage: Outage, at now: Instant
    ) -> (events: [IncomingEvent], memory: OutageMemory?) {
        let place = outage.place
        func event(_ type: EventType, _ place: OutagePlace, _ at: Instant?) -> IncomingEvent {
            let time = at?.believed(at: now)
            let body = JSONObject.make { json in
                json.text("at", time)
                json.text("outage", outage.number)
                json.text("kind", outage.kind?.rawValue)
                json.text("reach", place.level.name)
                json.text("station", outage.station)
                json.text("community", outage.community)
                json.text("building", outage.building)
                json.text("cause", outage.cause)
                json.text("begins_at", outage.beginsAt)
                if type == .outageBegun { json.text("expected_end_at", outage.expectedEnd) }
            }
            return IncomingEvent(type: type.rawValue, account: nil, place: place, at: time, body: body)
        }
        let standing = outage.standing(at: now)
        let isOn = standing == .present || standing == .overdue
        let isOver = standing == .ended || standing == .cancelled
        let begin = outage.beginsAt?.believed(at: now)
        switch told {
        case .begun(let toldPlace):
            if isOver {
                let type: EventType = standing == .ended ? .outageEnded : .outageCancelled
                return (
                    [event(type, toldPlace, standing == .ended ? outage.endedAt : nil)],
                    .over((outage.endedAt ?? now).microseconds)
                )
            }
            // It turns out to concern another place.
            guard isOn, let place, place != toldPlace else { return ([], told) }
            return ([event(.outageCancelled, toldPlace, nil), event(.outageBegun, place, begin)], .begun(place))
        case .over(let end):
            // It has begun again only by a later begin; else it is an old reading.
            guard isOn, let place, let begin, begin.microseconds > end else { return ([], told) }
            return ([event(.outageBegun, place, begin)], .begun(place))
        case nil:
            if isOver { return ([], .over((outage.endedAt ?? now).microseconds)) }
            guard isOn, let place else { return ([], nil) }
            let isNews = begin.map { $0.isNews(at: now, within: EventRules.outage) } ?? (outage.state == .ongoing)
            return (isNews ? [event(.outageBegun, place, begin)] : [], .begun(place))
        }
    }
}

/// What has been told of an outage.
enum OutageMemory: Equatable {
    case begun(OutagePlace)
    /// Since when, in microseconds since 1970.
    case over(Int64)

    init?(_ bytes: [UInt8]) {
        let parts = String(decoding: bytes, as: UTF8.self).split(
            separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        switch (parts.first, parts.count) {
        case ("over", 2):
            guard let at = Int64(parts[1]) else { return nil }
            self = .over(at)
        case ("begun", 3):
            guard let level = Int(parts[1]).flatMap({ CohortLevel(rawValue: $0) }) else { return nil }
            self = .begun(OutagePlace(level: level, name: String(parts[2])))
        default: return nil
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .begun(let place): Array("begun \(place.level.rawValue) \(place.name)".utf8)
        case .over(let at): Array("over \(at)".utf8)
        }
    }
}
