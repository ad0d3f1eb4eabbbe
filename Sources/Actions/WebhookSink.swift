import Foundation
import HeatModel
import SOAPConnector
import Webhooks

/// Posts to an address of the company's, signed by Standard Webhooks 1.0 where a secret is given.
///
/// `webhook-id` is our reference, the same with each try: the receiver knows a repeat by it. So what got no clear answer is posted again,
/// where the receiver is said to go by it; else it waits for a person.
struct WebhookSink: ActionSink {
    var address: String
    /// What signs; several while keys are changed.
    var secrets: [[UInt8]]
    var headers: [String]
    var options: SOAPOptions
    /// Whether the receiver takes one `webhook-id` once.
    var goesByID: Bool
    var now: @Sendable () -> Int64 = { Instant.now.microseconds / 1_000_000 }
    let kinds: Set<ActionKind> = [.sendNotice]
    var longestCall: Int { (options.timeouts.total + 999) / 1000 }

    func send(_ letter: ActionLetter) -> SendOutcome {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(letter.texts) else {
            return .notSent(HearthError(.actionBadField, "the notice cannot be written as JSON"))
        }
        let body = Array(json)
        let stamp = now()
        let fields =
            headers + ["Content-Type: application/json; charset=utf-8"]
            + WebhookSignature.headers(id: letter.reference, timestamp: stamp, body: body, secrets: secrets)
        do {
            let reply = try HTTPCall(address, headers: fields, body: body, options: options).perform()
            switch reply.status {
            case 200..<300: return .confirmed(id: nil, words: nil)
            // What these answer nobody has followed; what lets nobody in, or is not there yet, may do so in a while.
            case 401, 403, 404:
                return .notSent(
                    HearthError(
                        .sourceUnauthorized, "the receiver lets nobody in: HTTP status \(reply.status)",
                        advice: "look at its address, and at the credentials in its headers"))
            case 400, 405, 410, 413, 415, 422:
                return .refused(words: "the receiver answers with HTTP status \(reply.status)")
            default:
                return .unclear(ActionErrors.noProof("the receiver answers with HTTP status \(reply.status)"))
            }
        } catch {
            switch error {
            case .notSent(let error): return .notSent(error)
            case .unclear(let error), .fault(_, let error): return .unclear(error)
            }
        }
    }

    var assumesAbsence: Bool { goesByID }

    func probe(_ letter: ActionLetter) -> ProbeOutcome {
        goesByID
            ? .absent(asOf: nil)
            : .failed(ActionErrors.noProof("the receiver cannot be asked, and is not said to go by webhook-id"))
    }
}
