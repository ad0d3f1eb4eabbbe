import Answers
import Events
import HeatModel
import JSONText
import NIOPosix
import Store

/// `/v1/events` as a stream that goes on for as long as its reader listens.
extension Gateway {
    /// Milliseconds after which a client whose connection broke comes back.
    private static let retry = 2000
    /// How often a stream that shows nothing asks whether its reader may still see anything.
    private static let check = Duration.seconds(1)

    /// - Parameters:
    ///   - known: the field `Last-Event-ID`, which says more than `after`: it is of this very stream.
    ///   - isAllowed: whether its reader may still see what it asks for.
    func events(
        _ call: Call, after known: String?, _ isAllowed: @escaping @Sendable () -> Bool
    ) -> Answer {
        let (asked, first): (EventQuestion, EventPage)
        do {
            (asked, first) = try begin(call, after: known)
        } catch {
            return answer(to: error, of: call, account: call.account)
        }
        var answer = Answer.events { [self] writer in
            var (question, page) = (asked, first)
            try await writer.writer.write(Array("retry: \(Self.retry)\n\n".utf8))
            while true {
                var bytes: [UInt8] = []
                for item in page.items {
                    let data = String(decoding: item.json, as: UTF8.self)
                    bytes +=
                        ServerSentEvent(
                            id: item.id.description, event: EventType.prefix + item.type, data: data
                        ).bytes
                }
                if !bytes.isEmpty { try await writer.writer.write(bytes) }
                question.after = page.next
                if !page.hasMore { await pulse.wait(after: page.next.position, atMost: Self.check) }
                try Task.checkCancellation()
                // It ends whole: a client that comes back is told why it may not.
                guard isAllowed() else { return }
                page = try await pool.runIfActive { [question] in try self.page(question, call) }
            }
        }
        answer.accesses = first.accesses
        return answer
    }

    private func begin(_ call: Call, after known: String?) throws -> (EventQuestion, EventPage) {
        guard case .events(var question) = try call.question(.events) else { throw Problem.notFound }
        if let known, !known.isEmpty {
            guard let id = EventID(known) else {
                throw Problem(
                    .malformed, "invalid-header", "A header is wrong",
                    detail: "\"Last-Event-ID\" must be the id of an event, as in 120-9f3ac2d1",
                    parameter: "Last-Event-ID")
            }
            question.after = id
        }
        return try store.read { store in
            if question.after == nil {
                // What was before the stream is not asked for.
                let last = try store.lastEvent()
                question.after = try store.events(at: [last]).first.map { EventID($0) } ?? EventID(last)
            }
            return (question, try answerer.eventPage(question, call.requester, store))
        }
    }

    /// The next page of a stream, written down before it is shown.
    private func page(_ question: EventQuestion, _ call: Call) throws -> EventPage {
        let page = try store.read { try answerer.eventPage(question, call.requester, $0) }
        if page.items.isEmpty { return page }
        try log.append(
            page.accesses.map { access in
                var json = JSONBytes()
                json.raw("\"at\":\"\(WallClock.now(in: offsetMinutes))\",")
                access.write(caller: call.caller.id, peer: call.peer, requestID: call.requestID, into: &json)
                return json.bytes
            })
        return page
    }
}
