import Foundation
import GRDBSQLite
import HeatModel
import LegacyEstate
import SQLiteStore
import Store
import Testing

@testable import Actions

@Suite struct AcceptingTests {
    @Test func aKeyIsOneAction() async throws {
        let desk = try await Desk()
        let request = try ActionRequest(.createWorkOrder, ["account": desk.account(1), "problem": "leak"])
        let other = try ActionRequest(.createWorkOrder, ["account": desk.account(1), "problem": "noHeat"])
        func accept(_ request: ActionRequest, _ caller: String = "a", answer: String? = nil) throws -> ActionAcceptance
        {
            try desk.outbox.accept(
                request, by: "dispatch", caller: caller, key: "k",
                answer: answer.map { text in { _ in Array(text.utf8) } })
        }
        guard case .accepted(let first) = try accept(request, answer: "202") else {
            Issue.record("not accepted")
            return
        }
        #expect(try accept(request, answer: "again") == .repeated(first) && first.answer == Array("202".utf8))
        #expect(try accept(other) == .conflict(first.id))
        guard case .accepted(let second) = try accept(request, "b") else {
            Issue.record("another caller's key is taken")
            return
        }
        #expect(try accept(request, "b") == .inFlight(second))
        #expect(second.request.reference != first.request.reference)
        #expect(try desk.chainProblem() == nil)
        await desk.service.stop()
    }

    @Test func whatCannotBeAskedForIsRefused() async throws {
        let desk = try await Desk()
        let account = desk.account(1)
        func refusal(_ kind: ActionKind, _ values: [String: String], by system: String = "dispatch") -> String {
            do {
                _ = try desk.outbox.accept(ActionRequest(kind, values), by: system, caller: "a", key: "k")
                return "accepted"
            } catch { return (error as? HearthError).map { "\($0.code) \($0.place?.description ?? "")" } ?? "\(error)" }
        }
        let good = ["account": account, "problem": "leak"]
        func with(_ name: String, _ value: String) -> [String: String] { good.merging([name: value]) { $1 } }
        #expect(refusal(.createWorkOrder, ["account": account]) == "action.missingField problem")
        #expect(refusal(.createWorkOrder, with("color", "red")) == "action.badField color")
        #expect(refusal(.createWorkOrder, with("problem", "music")) == "action.badField problem")
        #expect(refusal(.createWorkOrder, with("words", "")) == "action.badField words")
        #expect(refusal(.createWorkOrder, with("words", "a\u{0}b")) == "action.badField words")
        #expect(
            refusal(.createWorkOrder, with("words", String(repeating: "冷", count: 2001))) == "action.badField words")
        #expect(refusal(.createWorkOrder, with("wantedAt", "tomorrow")) == "action.badField wantedAt")
        #expect(refusal(.createWorkOrder, with("urgent", "1")) == "action.badField urgent")
        #expect(refusal(.createWorkOrder, good, by: "billing") == "action.unknownSystem billing")
        #expect(
            refusal(.requestSuspension, ["account": account, "from": "2026-11-15"]).hasPrefix("action.unknownKind"))
        #expect(try desk.store.read { try $0.actions(ActionFilter(), before: nil, limit: 9) }.isEmpty)
        await desk.service.stop()
    }

    /// What a system repeats of a request is masked before it is kept.
    @Test func theSystemsWordsAreMasked() throws {
        let request = try ActionRequest(
            .createWorkOrder,
            ["account": "00012345", "problem": "leak", "phone": "13812345678", "words": "张三家漏水"])
        let said = SystemWords.masked("户号00012345的张三家漏水\n重复(13812345678,身份证120101199001011234)", of: request)
        #expect(said.contains("00012345") && !said.contains("张三") && !said.contains("13812345678"))
        #expect(!said.contains("120101199001011234") && !said.contains("\n"))
        #expect(said.contains("138****5678"))
    }

    /// Nor does it show in parts: on one line, cut off, quoted from the middle, with other marks between.
    @Test(arguments: [
        "备注不合格: ref 我叫张小明 家里有老人李奶奶", "备注不合格: 有老人李奶", "我叫,张小明", "call 139-1234-5678", "022-8888-6666",
        String(repeating: "长", count: 190) + "手机13912345678",
    ]) func noPartOfWhatIsPersonalIsKept(_ said: String) throws {
        let words = "ref 我叫张小明\n家里有老人李奶奶\n" + String(repeating: "长", count: 300)
        let request = try ActionRequest(
            .createWorkOrder, ["account": "00012345", "problem": "leak", "phone": "13912345678", "words": words])
        let kept = SystemWords.masked(SystemWords.clean(said), of: request)
        for part in ["张小明", "李奶", "1391", "1234", "8888"] { #expect(!kept.contains(part), "\(kept)") }
    }

    /// An action that was altered in the store is found by its line of the chain.
    @Test(arguments: [
        "UPDATE action SET state = 'refused'", "UPDATE action SET payload = '{}'",
        "UPDATE action SET external_id = 'WX1'",
        "DELETE FROM action",
    ]) func tamperingShows(_ sql: String) async throws {
        let desk = try await Desk()
        try desk.ask()
        await desk.drain()
        #expect(try desk.chainProblem() == nil)
        var handle: OpaquePointer?
        try #require(sqlite3_open(desk.folder.path + "/hearth.db", &handle) == SQLITE_OK)
        defer { sqlite3_close(handle) }
        try #require(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
        #expect(try desk.chainProblem()?.contains("action 1") == true)
        await desk.service.stop()
    }
}
