/// An event of a `text/event-stream` (HTML, "Server-sent events").
struct ServerSentEvent: Sendable {
    /// What a client that comes back names as `Last-Event-ID`.
    var id: String?
    var event: String?
    /// Milliseconds after which a client whose connection broke comes back.
    var retry: Int?
    var data: String

    init(id: String? = nil, event: String? = nil, retry: Int? = nil, data: String) {
        self.id = id
        self.event = event
        self.retry = retry
        self.data = data
    }

    /// As it stands on the wire. Data of several lines is several fields; an id or a name ends at its first line break.
    var bytes: [UInt8] {
        var out: [UInt8] = []
        func field(_ name: StaticString, _ value: some Sequence<UInt8>) {
            name.withUTF8Buffer { out.append(contentsOf: $0) }
            out.append(contentsOf: ": ".utf8)
            out.append(contentsOf: value)
            out.append(0x0A)
        }
        // A client ignores an id that holds U+0000.
        if let id { field("id", Self.line(id).lazy.filter { $0 != 0 }) }
        if let event { field("event", Self.line(event)) }
        if let retry { field("retry", String(retry).utf8) }
        var text = data.utf8[...]
        while true {
            let line = text.prefix { $0 != 0x0A && $0 != 0x0D }
            field("data", line)
            text = text[line.endIndex...]
            guard let end = text.popFirst() else { break }
            if end == 0x0D, text.first == 0x0A { text = text.dropFirst() }
        }
        out.append(0x0A)
        return out
    }

    private static func line(_ text: String) -> Substring.UTF8View { text.utf8.prefix { $0 != 0x0A && $0 != 0x0D } }
}

/// Sends events.
struct EventWriter: Sendable {
    let writer: StreamWriter

    /// Returns once the socket takes more.
    ///
    /// - Throws: `CancellationError` where the client has gone or the server shuts down.
    func send(_ event: ServerSentEvent) async throws { try await writer.write(event.bytes) }
}
