import Actions
import Answers
import Evidence
import HearthTesting
import HeatModel
import Requests
import SQLiteStore
import Store
import Testing

/// The store's answer to a commit gets lost: what was asked for is done once all the same, and the answer says so; where nobody can say,
/// nothing else is said.
@Suite struct UnsureTests {
    private func chainProblem(_ desk: Desk) throws -> String? {
        var verification = AuditVerification(store: desk.store, archive: nil)
        return try verification.run().problem.map { "\($0)" }
    }

    @Test(arguments: UnsureStore.Loss.allCases) func aReportIsOneOrder(_ loss: UnsureStore.Loss) throws {
        let desk = try Desk()
        desk.unsure.lose(loss)
        let reply = desk.ask("leak", key: "k", ["words": .text("漏水")])
        #expect(desk.unsure.lost == 1 && reply.problem.isEmpty && reply.receipt?.isNew == true, "\(reply.json)")
        #expect(reply.accesses.map { "\($0.outcome)" } == ["ok"])
        #expect(try desk.actions.count == 1)
        #expect(desk.ask("leak", key: "k", ["words": .text("漏水")]).bytes == reply.bytes)
        #expect(try desk.actions.count == 1)
        #expect(try chainProblem(desk) == nil)
    }

    @Test(arguments: UnsureStore.Loss.allCases) func aConversationIsOpenedAndHeardOnce(_ loss: UnsureStore.Loss) throws
    {
        let desk = try Desk()
        let requester = Requester(Caller(id: "token:a", scopes: ScopeSet([.assistant])), action: "test")
        func ask(_ kind: RequestKind, _ arguments: Arguments) throws -> Reply {
            desk.desk.reply(to: try Request(kind, arguments), for: requester)
        }
        desk.unsure.lose(loss)
        let opened = try ask(.openConversation, ["channel": .text("web"), "idempotency_key": .text("1")])
        #expect(opened.problem.isEmpty && desk.unsure.lost == 1, "\(opened.json)")
        desk.unsure.lose(loss)
        let said = try ask(
            .turn,
            [
                "id": .integer(1), "who": .text("customer"), "words": .text("您好"), "idempotency_key": .text("2"),
            ])
        #expect(said.problem.isEmpty && desk.unsure.lost == 2, "\(said.json)")
        let turns = try desk.store.read { try $0.turns(of: ConversationID(1), after: 0, limit: 100) }
        #expect(turns.map(\.words) == ["您好"])
        #expect(try desk.store.read { try $0.conversation(ConversationID(2)) } == nil)
        #expect(try chainProblem(desk) == nil)
    }

    @Test(arguments: UnsureStore.Loss.allCases) func anActionIsAcceptedAndDroppedOnce(_ loss: UnsureStore.Loss) throws {
        let desk = try Desk()
        let outbox = try desk.outbox()
        let request = try ActionRequest(.createWorkOrder, ["account": Desk.number, "problem": "leak"])
        desk.unsure.lose(loss)
        let acceptance = try outbox.accept(request, by: "dispatch", caller: "a", key: "k") { _ in [1] }
        switch acceptance {
        case .accepted(let action), .repeated(let action): #expect(action.id == ActionID(1))
        default: Issue.record("\(acceptance)")
        }
        desk.unsure.lose(loss)
        #expect(try outbox.drop(ActionID(1), by: "b", reason: "r").state == .dropped)
        #expect(try desk.unsure.lost == 2 && desk.actions.count == 1)
        #expect(try chainProblem(desk) == nil)
    }

    @Test(arguments: UnsureStore.Loss.allCases) func aTokenIsMadeAndRevokedOnce(_ loss: UnsureStore.Loss) throws {
        let desk = try Desk()
        let at = Instant(microseconds: 1_763_200_000_000_000, offsetMinutes: 480)
        desk.unsure.lose(loss)
        try desk.unsure.add(
            AccessToken(
                id: "t", name: "n", scopes: ["a"], digest: [UInt8](repeating: 1, count: 32), createdAt: at,
                expiresAt: nil))
        #expect(try desk.store.accessTokens().map(\.id) == ["t"])
        desk.unsure.lose(loss)
        #expect(try desk.unsure.revokeAccessToken("t", at: at))
        #expect(try desk.store.accessTokens().map(\.revokedAt) == [at] && desk.unsure.lost == 2)
    }

    /// Twice lost, nobody knows: neither a failure nor a success is told, and a repeat finds out.
    @Test func whatNobodyKnowsIsToldSo() throws {
        let desk = try Desk()
        desk.unsure.lose(.ofAnswer, times: 2)
        let reply = desk.ask("leak", key: "k")
        #expect(reply.problem == "outcome-unknown", "\(reply.json)")
        #expect(reply.accesses.map { "\($0.outcome)" } == ["unknown"])
        guard case .failure(let problem) = reply.result else { return }
        #expect(problem.mayHaveHappened && problem.retryAfter != nil && problem.detail?.contains("same key") == true)
        #expect(desk.ask("leak", key: "k").problem.isEmpty)
        #expect(try desk.actions.count == 1)
    }
}
