import Foundation
import HeatModel
import SOAPConnector

/// Tells through an HTTP gateway of short messages, whose request is a template and whose answer is JSON.
///
/// Such gateways know no idempotency key, and answer late what they have sent: after anything but a clear answer the receipt is asked
/// for, and nothing is sent again before.
struct HTTPSink: ActionSink {
    struct Request: Sendable {
        var address: HTTPTemplate
        /// Nil for a GET.
        var body: HTTPTemplate?
        var isJSON: Bool
        /// Where the answer's code stands, and which codes mean success.
        var codePath: String
        var success: Set<String>
    }

    /// What asks which messages there are.
    struct Receipt: Sendable {
        var request: Request
        /// Where the messages stand, and in each our reference and its state.
        var records: String
        var reference: String
        var state: String?
        var failed: Set<String>
        /// Where the answer says how many there are in all, so that a part of them is known for one.
        var total: String
    }

    var request: Request
    var headers: [String]
    var options: SOAPOptions
    var refusals: Set<String>
    var idPath: String?
    var receipt: Receipt?
    let kinds: Set<ActionKind> = [.sendNotice, .sendMessage]
    var longestCall: Int { (options.timeouts.total + 999) / 1000 }

    /// What a template may name, beside the placeholders of wordings.
    static let names: Set<String> = ["reference", "phone", "text", "account", "rule", "day"]

    private func ask(_ request: Request, _ letter: ActionLetter) throws(SOAPCall.Failure) -> (code: String?, json: Any)
    {
        let values = letter.texts
        let kind =
            request.isJSON ? "application/json; charset=utf-8" : "application/x-www-form-urlencoded; charset=utf-8"
        let call = HTTPCall(
            request.address.fill(values, .percent),
            headers: headers + (request.body == nil ? [] : ["Content-Type: \(kind)"]),
            body: request.body.map { Array($0.fill(values, request.isJSON ? .json : .percent).utf8) }, options: options)
        let reply = try call.perform()
        if reply.status == 401 || reply.status == 403 {
            throw .notSent(
                HearthError(
                    .sourceUnauthorized, "the gateway lets nobody in: HTTP status \(reply.status)",
                    advice: "look at the credentials in its headers"))
        }
        guard reply.status < 300 else {
            throw .unclear(ActionErrors.noProof("the gateway answers with HTTP status \(reply.status)"))
        }
        guard let json = try? JSONSerialization.jsonObject(with: Data(reply.body), options: [.fragmentsAllowed]) else {
            throw .unclear(ActionErrors.noProof("the gateway's answer is no JSON"))
        }
        return (Self.texts(at: request.codePath, in: json).first, json)
    }

    func send(_ letter: ActionLetter) -> SendOutcome {
        do {
            let (code, json) = try ask(request, letter)
            guard let code else { return .unclear(ActionErrors.noProof("the gateway's answer has no code")) }
            if request.success.contains(code) {
                return .confirmed(id: idPath.flatMap { Self.texts(at: $0, in: json).first }, words: nil)
            }
            // Its words may quote the number or the text: the code alone says why.
            let said = "the gateway answers with code \(SystemWords.clean(code))"
            return refusals.contains(code) ? .refused(words: said) : .unclear(ActionErrors.noProof(said))
        } catch {
            switch error {
            case .notSent(let error): return .notSent(error)
            case .unclear(let error), .fault(_, let error): return .unclear(error)
            }
        }
    }

    func probe(_ letter: ActionLetter) -> ProbeOutcome {
        guard let receipt else { return .failed(ActionErrors.noProof("the gateway cannot be asked for a receipt")) }
        do {
            let (code, json) = try ask(receipt.request, letter)
            guard let code, receipt.request.success.contains(code) else {
                return .failed(
                    ActionErrors.noProof(
                        "asked for a receipt, the gateway answers with code \(SystemWords.clean(code ?? "none"))"))
            }
            let records = Self.values(at: receipt.records, in: json)
            // Of a message without a reference nobody knows whose it is: the path may be wrong.
            if records.contains(where: { Self.texts(at: receipt.reference, in: $0).isEmpty }) {
                return .failed(ActionErrors.noProof("a message of the receipt has no \(receipt.reference)"))
            }
            let ours = records.filter { Self.texts(at: receipt.reference, in: $0).first == letter.reference }
            if ours.isEmpty {
                guard let stated = Self.texts(at: receipt.total, in: json).first.flatMap({ Int($0) }) else {
                    return .failed(ActionErrors.noProof("the receipt does not say how many messages there are"))
                }
                if stated > records.count {
                    return .failed(ActionErrors.noProof("the gateway shows a part of the messages that there are"))
                }
                return .absent(asOf: nil)
            }
            let states = ours.map { record in receipt.state.flatMap { Self.texts(at: $0, in: record).first } ?? "" }
            if states.allSatisfy({ receipt.failed.contains($0) }) {
                return .refused(words: "the gateway could not deliver it")
            }
            return .found(ids: ours.map { record in idPath.flatMap { Self.texts(at: $0, in: record).first } ?? "" })
        } catch {
            return .failed(error.error)
        }
    }

    /// What stands at a path, `Details.Detail`; of an array every element.
    private static func values(at path: String, in json: Any) -> [Any] {
        var found: [Any] = [json]
        func spread(_ value: Any) -> [Any] { (value as? [Any])?.flatMap(spread) ?? [value] }
        for name in path.split(separator: ".") {
            found = found.flatMap(spread).compactMap { ($0 as? [String: Any])?[String(name)] }
        }
        return found.flatMap(spread)
    }

    private static func texts(at path: String, in json: Any) -> [String] {
        values(at: path, in: json).compactMap { value in
            if let text = value as? String { return text }
            if value is NSNull { return nil }
            return (value as? NSNumber).map { "\($0)" }
        }
    }
}
