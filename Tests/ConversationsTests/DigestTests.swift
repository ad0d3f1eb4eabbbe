import Foundation
import HeatModel
import Store
import Testing

@testable import Evidence

/// What a digest in the chain is made of: chains of before hold digests of what JSONEncoder made of a turn.
@Suite struct DigestTests {
    private struct Kept: Encodable {
        var conversation: Int64
        var turn: Int64
        var speaker: String
        var atUs: Int64
        var words: String
        var facts: [[String?]]
        var actions: [Int64]
    }

    private static let words = [
        "", "还应缴 1,846.40 元", "\"好\" \\ / <&>", "一\n二\t三\r", "\u{0}\u{1}\u{1F}\u{7F}", "é e\u{301} \u{2028} \u{20BB7} \u{1F600}",
    ]

    @Test func turns() throws {
        let facts = [
            [], [Turn.Fact(kind: "question", id: "triage", freshAt: nil)],
            [
                Turn.Fact(kind: "bill", id: "billing.charges/1", freshAt: "2026-12-01T08:00:00+08:00"),
                Turn.Fact(kind: "question", id: "entry/pay_how/3", freshAt: nil),
            ],
        ]
        for words in Self.words {
            for facts in facts {
                for actions in [[], [ActionID(7)], [ActionID(7), ActionID(.max)]] {
                    let turn = Turn(
                        number: 12, speaker: .assistant, at: Instant(microseconds: -5, offsetMinutes: 480), words: words,
                        facts: facts, actions: actions, caller: "customer:0123")
                    let kept = Kept(
                        conversation: 3, turn: 12, speaker: "assistant", atUs: -5, words: words,
                        facts: facts.map { [$0.kind, $0.id, $0.freshAt] }, actions: actions.map(\.number))
                    let json = AuditTrail.json(of: turn, in: ConversationID(3))
                    #expect(json == (try AuditTrail.encoded(kept)), "\(String(decoding: json, as: UTF8.self))")
                }
            }
        }
    }

    @Test(arguments: ["assistant", "chat-1", "\"好\" \\ / \n\u{1}\u{7F}", "é \u{2028} \u{1F600}"])
    func linesOfWhatWasTold(by: String) throws {
        let told = AuditTrail.Told(
            conversation: 3, turn: .max, speaker: "assistant", sha256: String(repeating: "0a", count: 32), by: by)
        let json = AuditTrail.json(of: told)
        #expect(json == (try AuditTrail.encoded(AuditTrail.Event(told: told))), "\(String(decoding: json, as: UTF8.self))")
    }
}
