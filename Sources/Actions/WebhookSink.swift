import Crypto
import Foundation
import HeatModel
import SOAPConnector

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
        var fields =
            headers + [
                "Content-Type: application/json; charset=utf-8", "webhook-id: \(letter.reference)",
                "webhook-timestamp: \(stamp)",
            ]
        if !secrets.isEmpty {
            let signatures = secrets.map { Self.signature(of: body, id: letter.reference, at: stamp, secret: $0) }
            fields.append("webhook-signature: \(signatures.joined(separator: " "))")
        }
        do {
            let reply = try HTTPCall(address, headers: fields, body: body, options: options).perform()
            switch reply.status {
            case 200..<300: return .confirmed(id: nil, words: nil)
            // What these answer nobody has followed.
            case 400, 401, 403, 404, 405, 410, 413, 415, 422:
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

    /// `v1,` and the HMAC-SHA256 of `id.timestamp.body`, in base64.
    static func signature(of body: [UInt8], id: String, at seconds: Int64, secret: [UInt8]) -> String {
        let signed = Array("\(id).\(seconds).".utf8) + body
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: secret))
        return "v1," + Data(code).base64EncodedString()
    }

    /// The bytes of `whsec_…`; nil where they are no 24 to 64 bytes in base64.
    static func secret(_ text: String) -> [UInt8]? {
        let base64 = text.hasPrefix("whsec_") ? String(text.dropFirst(6)) : text
        guard let data = Data(base64Encoded: base64), (24...64).contains(data.count) else { return nil }
        return Array(data)
    }
}
