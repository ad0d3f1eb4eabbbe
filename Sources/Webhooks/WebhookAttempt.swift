import Disclosure
import Events
import Foundation
import HeatModel
import JSONText
import SOAPConnector
import Store

/// One attempt to deliver an event to its subscriber.
struct WebhookAttempt {
    enum Outcome: Equatable {
        case delivered
        /// Not taken; what was said, in a short word, and how many milliseconds to wait where the subscriber says so.
        case failed(String, asked: Int64?, isOverwhelmed: Bool)
        /// The subscriber wants nothing any more.
        case gone
        /// The access log took no record of it; the code of why. It counts as none.
        case notRecorded(String)
        /// Broken off because the worker ends: it counts as none.
        case brokenOff
    }

    let endpoint: WebhookEndpoint
    let local: @Sendable (Int64) -> Instant
    /// Writes down that an account's data goes out, before it does.
    let record: WebhookWorker.Recorder

    /// Blocks its thread.
    func perform(_ event: StoredEvent, over post: HTTPPost, isStopped: @escaping @Sendable () -> Bool) -> Outcome {
        let now = Instant.now
        let message = CloudEvent(event, local: local)
        var json = JSONBytes()
        let shown = message.write(ViewForm(isUnmasked: endpoint.seesPersonalData), at: now, into: &json)
        let body = json.bytes
        do {
            try record(endpoint.name, event.account, shown)
        } catch {
            // Without a record there is no access, and nobody was asked.
            return .notRecorded((error as? HearthError)?.code.name ?? "\(error)")
        }
        let headers =
            ["Content-Type: \(CloudEvent.contentType)"]
            + WebhookSignature.headers(
                id: message.id, timestamp: now.microseconds / 1_000_000, body: body, secrets: endpoint.secrets)
        do {
            let reply = try post.send(body, headers: headers, isCancelled: isStopped)
            return Self.outcome(of: reply)
        } catch is CancellationError {
            return .brokenOff
        } catch let error as HearthError {
            return .failed(String(error.code.name.drop { $0 != "." }.dropFirst()), asked: nil, isOverwhelmed: false)
        } catch {
            return .failed("internal", asked: nil, isOverwhelmed: false)
        }
    }

    static func outcome(of reply: HTTPPost.Reply) -> Outcome {
        switch reply.status {
        case 200..<300: .delivered
        case 410: .gone
        case 429, 502, 503, 504: .failed("\(reply.status)", asked: reply.retryAfter, isOverwhelmed: true)
        default: .failed("\(reply.status)", asked: reply.retryAfter, isOverwhelmed: false)
        }
    }
}
