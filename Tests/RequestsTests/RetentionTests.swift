import Actions
import Answers
import Evidence
import Explanation
import HeatModel
import SQLiteStore
import Store
import Testing

@testable import Requests

/// Settled actions go after their time, and nothing that stood on them falls.
@Suite struct RetentionTests {
    private func verified(_ desk: Desk) throws -> String? {
        var verification = AuditVerification(store: desk.store, archive: nil)
        return try verification.run().problem.map { "\($0)" }
    }

    private func forget(_ desk: Desk) throws -> Int {
        try Outbox.forget(in: desk.store, keptDays: 400, now: desk.answerer.instant(nil))
    }

    @Test func keysAndTheChainOutliveActions() throws {
        let desk = try Desk()
        let first = desk.ask("noHeat", key: "k-1")
        let answer = try first.result.get().json
        try desk.settle(.confirmed(externalID: "WX1"))
        desk.ask("valve", key: "k-2")
        #expect(try desk.actions.count == 2)
        desk.pass(days: 399)
        #expect(try forget(desk) == 0)
        desk.pass(days: 2)
        #expect(try forget(desk) == 1 && forget(desk) == 0)
        // The one that is not settled stays, however old it is.
        #expect(try desk.actions.map(\.fault) == ["valve"])
        #expect(try verified(desk) == nil)
        // A repeat is answered as ever and makes nothing new; another request under the key is refused.
        let again = desk.ask("noHeat", key: "k-1")
        #expect(try again.result.get().json == answer && again.receipt?.isReplayed == true)
        #expect(try desk.actions.count == 1)
        guard case .failure(let problem) = desk.ask("leak", key: "k-1").result else {
            Issue.record("a key was taken for another request")
            return
        }
        #expect(problem.code == "idempotency-key-in-use")
        // What joined the open one still does; the fault that was dealt with is a new one.
        #expect(try desk.ask("valve", key: "k-3").result.get().text.isEmpty == false)
        #expect(try desk.actions.count == 1)
        desk.ask("noHeat", key: "k-4")
        #expect(try desk.actions.count == 2)
        #expect(try verified(desk) == nil)
    }

    /// One that was taken away without a word is missed.
    @Test func whatIsTakenAwayBehindTheChainIsMissed() throws {
        let desk = try Desk()
        desk.ask("noHeat", key: "k-1")
        try desk.settle(.confirmed(externalID: "WX1"))
        let gone = try desk.store.write { try $0.forgetActions(settledBefore: .max, limit: 10) }
        #expect(gone.count == 1)
        #expect(try verified(desk)?.contains("action 1") == true)
    }

    /// An account has hundreds of old ones: they go by the hundred.
    @Test func manyGo() throws {
        let desk = try Desk()
        for turn in 0..<1200 {
            _ = try desk.store.write { store in
                let request = IncomingAction(
                    system: "dispatch", kind: "createWorkOrder", account: Desk.number, caller: "a", key: "\(turn)",
                    fingerprint: [1], reference: "R\(turn)", payload: [0x7B, 0x7D])
                guard case .accepted(let action) = try store.accept(request, answerWithin: 0) else { return }
                _ = try store.dropAction(action.id, message: "over")
                try store.keep(
                    KeptAnswer(
                        caller: "a", key: "\(turn)", fingerprint: [1], account: Desk.number, action: action.id,
                        answer: [1]))
            }
        }
        desk.pass(days: 401)
        #expect(try forget(desk) == 1200)
        #expect(try desk.actions.isEmpty)
    }
}
