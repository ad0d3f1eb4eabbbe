import Foundation
import HearthTesting
import Synchronization

/// A subscriber that fails, hangs, cuts and answers twice, as a seed says; what it took, in the order in which it did.
final class Receiver: Sendable {
    struct Taken: Sendable {
        var id: String
        var account: String
        var number: Int64
        /// Whether it answered that it took it.
        var isAccepted: Bool
        /// What came, as it was sent.
        var body: String
    }

    private struct State {
        var random: SeededGenerator
        var taken: [Taken] = []
        var tries: [String: Int] = [:]
    }

    enum Mood: Sendable {
        case obliging
        /// So many of a hundred attempts go wrong, and none of one message after so many.
        case bad(of100: Int, most: Int, hangs: Double)
        /// Every attempt gets this status.
        case status(Int, headers: [String])
    }

    private let state: Mutex<State>
    private let mood: Mutex<Mood>
    private let secret: [UInt8]
    private let problems = Mutex<[String]>([])
    private let addressed = Mutex("")
    var address: String { addressed.withLock { $0 } }
    var taken: [Taken] { state.withLock { $0.taken } }
    /// What was not as Standard Webhooks says.
    var complaints: [String] { problems.withLock { $0 } }

    init(seed: UInt64 = 1, mood: Mood = .obliging, secret: [UInt8]) {
        state = Mutex(State(random: SeededGenerator(seed: seed)))
        self.mood = Mutex(mood)
        self.secret = secret
        let address = LoopbackService.shared.address { [self] in answer($0) }
        addressed.withLock { $0 = address }
    }

    func close() { LoopbackService.shared.remove(address) }
    func become(_ mood: Mood) { self.mood.withLock { $0 = mood } }

    private func answer(_ request: LoopbackService.Request) -> LoopbackService.Answer {
        let id = request.headers["webhook-id"] ?? ""
        check(request, id)
        let body = (try? JSONSerialization.jsonObject(with: Data(request.body.utf8))) as? [String: Any] ?? [:]
        func take(_ isAccepted: Bool) {
            state.withLock { state in
                state.taken.append(
                    Taken(
                        id: id, account: body["subject"] as? String ?? "",
                        number: Int64(id.prefix { $0 != "-" }) ?? 0, isAccepted: isAccepted, body: request.body))
            }
        }
        switch mood.withLock({ $0 }) {
        case .obliging:
            take(true)
            return .init(type: "", "")
        case .status(let status, let headers):
            take(false)
            return .init(status: status, type: "", headers: headers, "")
        case .bad(let share, let most, let hangs):
            let way: Int? = state.withLock { state in
                state.tries[id, default: 0] += 1
                if state.tries[id, default: 0] > most { return nil }
                return Int.random(in: 0..<100, using: &state.random) < share
                    ? Int.random(in: 0..<6, using: &state.random) : nil
            }
            switch way {
            case nil:
                take(true)
                return .init(type: "", "ok")
            // It took it, and the answer is lost: the same comes again.
            case 0?:
                take(false)
                var answer = LoopbackService.Answer(type: "", "half")
                answer.cut = 1
                return answer
            case 1?:
                take(false)
                Thread.sleep(forTimeInterval: hangs)
                return .init(type: "", "late")
            case 2?: return .init(status: 500, type: "", "")
            case 3?: return .init(status: 302, type: "", headers: ["Location: \(address)"], "")
            case 4?: return .init(status: 400, type: "", "")
            default:
                take(false)
                return .init(status: 503, type: "", headers: ["Retry-After: 0"], "")
            }
        }
    }

    private func check(_ request: LoopbackService.Request, _ id: String) {
        func complain(_ text: String) { problems.withLock { $0.append(text) } }
        if id.split(separator: "-").count != 2 { complain("id \(id)") }
        let stamp = Int64(request.headers["webhook-timestamp"] ?? "") ?? 0
        if abs(Double(stamp) - Date().timeIntervalSince1970) > 60 { complain("timestamp \(stamp)") }
        if request.body.utf8.count > 20_000 { complain("\(request.body.utf8.count) bytes") }
        let wanted = Oracle.signature("\(id).\(stamp).\(request.body)", secret)
        let signatures = (request.headers["webhook-signature"] ?? "").split(separator: " ")
        if !signatures.contains(where: { $0 == "v1,\(wanted)" }) { complain("signature of \(id)") }
        if request.headers["content-type"] != "application/cloudevents+json" { complain("content type") }
    }
}
