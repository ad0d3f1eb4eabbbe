import Actions
import ArgumentParser
import Foundation
import HeatModel
import Store

/// What every command that asks for something says of its key.
enum KeyHelp {
    static let text: ArgumentHelp = "The idempotency key: made once for what is wanted, the same for each repeat."
}

/// Why something that waits in the outbox is given up.
struct DropReason: ParsableArguments {
    @Option(help: "Why; it stands beside it, and with an action in the audit chain.") var reason: String

    func validate() throws {
        if reason.isEmpty || reason.count > Outbox.mostReason {
            throw ValidationError("--reason must be 1 to \(Outbox.mostReason) characters")
        }
    }
}

/// An attempt to reach a system, as it is shown.
struct AttemptDocument: Encodable {
    var number: Int64
    var kind: String
    var begunAt: String
    var endedAt: String?
    var result: String?
    var detail: String?

    /// - Parameter stamp: how an instant is written.
    init(_ attempt: ActionAttempt, stamp: (Instant) -> String) {
        number = attempt.number
        kind = attempt.kind.rawValue
        begunAt = stamp(attempt.begunAt)
        endedAt = attempt.endedAt.map(stamp)
        result = attempt.result
        detail = attempt.detail
    }

    static func table(_ attempts: [AttemptDocument]) {
        Terminal.table(
            ["  #no", "kind", "begun", "ended", "result", "detail"],
            attempts.map {
                ["  \($0.number)", $0.kind, $0.begunAt, $0.endedAt ?? "–", $0.result ?? "–", $0.detail ?? ""]
            })
    }
}
