package import Disclosure
package import HeatModel
package import JSONText
package import Store

/// An event as it goes out: a CloudEvent 1.0 in its JSON format.
package struct CloudEvent {
    /// What all events of a gateway come from; with the id it names an event.
    package static let source = "urn:hearth:events"
    package static let contentType = "application/cloudevents+json"

    let event: StoredEvent
    /// The company's clock.
    let local: (Int64) -> Instant

    /// - Parameter local: a moment in microseconds since 1970 with the offset that the company's clock has then.
    package init(_ event: StoredEvent, local: @escaping (Int64) -> Instant) {
        self.event = event
        self.local = local
    }

    package var id: String { EventID(event).description }

    /// Appends it in the form that its reader may see. Returns the personal fields that stand in it in clear.
    ///
    /// A position of somebody on the way that has grown old since the event was noted is left out, whenever it is read.
    @discardableResult
    package func write(_ form: ViewForm, at now: Instant, into json: inout JSONBytes) -> PersonalFieldSet {
        json.raw("{\"specversion\":\"1.0\"")
        json.member("id", id)
        json.member("source", Self.source)
        json.member("type", EventType.prefix + event.type)
        json.member("subject", subject)
        json.member("time", local(event.at?.microseconds ?? event.notedAt).description)
        json.member("notedtime", local(event.notedAt).description)
        json.member("datacontenttype", "application/json")
        json.key("data")
        let shown = event.body.withUnsafeBytes { writeBody($0, form, at: now, into: &json) }
        json.raw("}")
        return shown
    }

    /// The number of the account, or the place.
    private var subject: String? {
        event.account ?? event.place.map { "\($0.level.name)/\($0.name.replacing("\u{1F}", with: "/"))" }
    }

    /// Appends the body; of one whose position has grown old, all that stands before it.
    private func writeBody(
        _ body: UnsafeRawBufferPointer, _ form: ViewForm, at now: Instant, into json: inout JSONBytes
    ) -> PersonalFieldSet {
        guard let seen = JSONMembers.value(of: "technician_seen_at", in: body).flatMap({ Instant($0.text) }),
            !seen.isNews(at: now, within: EventRules.position)
        else { return form.write(body, into: &json) }
        var kept = JSONBytes(capacity: body.count)
        kept.raw("{")
        var members = JSONMembers(body)
        while let (key, value) = members.next() {
            if key.equals("technician_distance") || key.equals("technician_seen_at") { continue }
            kept.key(String(decoding: key, as: UTF8.self))
            kept.raw(value)
        }
        kept.raw("}")
        return kept.withUnsafeBytes { form.write($0, into: &json) }
    }
}

/// What an event is known by: its position, and what tells it from another store's.
package struct EventID: Hashable, Sendable, CustomStringConvertible {
    package var position: EventPosition
    package var mark: UInt32?

    package init(_ event: StoredEvent) {
        position = event.position
        mark = event.mark
    }

    package init(_ position: EventPosition) { self.position = position }

    /// Reads `120-9f3ac2d1`, or a position alone.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = parts.first, first.allSatisfy(\.isNumber), let number = Int64(first), parts.count <= 2 else {
            return nil
        }
        position = EventPosition(number)
        if parts.count == 2 {
            guard parts[1].utf8.count == 8, let mark = UInt32(parts[1], radix: 16) else { return nil }
            self.mark = mark
        }
    }

    package var description: String {
        guard let mark else { return String(position.number) }
        let hex = String(mark, radix: 16)
        return "\(position.number)-\(String(repeating: "0", count: 8 - hex.utf8.count))\(hex)"
    }

    /// The position that a reader goes on from.
    ///
    /// - Throws: `events.gone` where the store's event of this position is another one: it was brought back from a copy, or built anew.
    package func checked(in store: some EventReader) throws -> EventPosition {
        if let mark, let event = try store.events(at: [position]).first, event.mark != mark {
            throw HearthError.eventsGone(after: position)
        }
        return position
    }
}
