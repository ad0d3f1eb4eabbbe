import Answers
import Foundation
import Requests
import Store
import Testing

/// Heat that is to be suspended: asked for once a season, where the tariff grants it and nothing is owed.
@Suite struct SuspensionTests {
    private static let systems = ["crm": "file: {folder: out, receipts: in}\nkinds: {requestSuspension: {}}\n"]

    /// A desk in early September, with an account of Tianjin's tariff.
    private func desk(
        arrears: Int = 0, systems: [String: String] = Self.systems, at now: String = "2026-09-05T10:00:00+08:00"
    ) throws -> Desk {
        let desk = try Desk(at: now, systems: systems)
        try desk.bill(Desk.number, arrears: arrears)
        return desk
    }

    private func ask(_ desk: Desk, key: String = "k", _ more: [String: ArgumentValue] = [:]) -> Reply {
        var arguments: Arguments = ["number": .text(Desk.number), "idempotency_key": .text(key)]
        for (name, value) in ["from": .text("2026-11-01")].merging(more, uniquingKeysWith: { $1 }) {
            arguments[name] = value
        }
        let requester = Requester(Caller(id: "token:a", scopes: ScopeSet([.assistant])), action: "test")
        do {
            return desk.desk.reply(to: try Request(.suspension, arguments), for: requester)
        } catch {
            return desk.desk.refusal(error, of: .suspension, account: Desk.number, to: requester)
        }
    }

    @Test func isAskedForOnceASeason() throws {
        let desk = try desk()
        let first = ask(desk, ["reason": .text("长期在外地"), "phone": .text("138 1234 5678")])
        #expect(first.json["joined"] as? Bool == false && first.receipt?.isNew == true, "\(first.json)")
        #expect((first.json["text"] as? String)?.contains("还没有批准") == true)
        #expect(!String(decoding: first.bytes, as: UTF8.self).contains("外地"))
        let action = try #require(try desk.actions.first)
        #expect(
            action.request.kind == "requestSuspension"
                && action.fields == [
                    "account": Desk.number, "from": "2026-11-01", "reason": "长期在外地", "phone": "13812345678",
                ])
        #expect(ask(desk, ["reason": .text("长期在外地"), "phone": .text("138 1234 5678")]).bytes == first.bytes)
        #expect(ask(desk).problem == "idempotency-key-in-use")
        let second = ask(desk, key: "k2", ["from": .text("2026-11-15")])
        #expect(second.json["joined"] as? Bool == true && second.receipt?.isNew == false)
        #expect(try desk.actions.count == 1)
        let id = try #require(first.json["request"] as? Int)
        let status = desk.answerer.reply(
            to: .orderRequest(Desk.number, ActionID(Int64(id)), .chinese),
            for: Requester(Caller(id: "a", scopes: ScopeSet([.assistant])), action: "test"))
        #expect(status.json["kind"] as? String == "suspension" && status.json["state"] as? String == "accepted")
    }

    @Test func whatIsNotGrantedIsRefusedWithItsReason() throws {
        #expect(ask(try desk(arrears: 5000)).problem == "arrears-first")
        #expect(ask(try desk(at: "2026-10-20T10:00:00+08:00")).problem == "suspension-not-possible")
        #expect(ask(try desk(systems: [:])).problem == "no-suspension-system")
        let desk = try desk()
        #expect(ask(desk, ["from": .text("2026-09-01")]).problem == "unworkable-time")
        for (name, value) in [("from", "2026-13-01"), ("to", "2026-10-01"), ("phone", "12"), ("reason", "")] {
            #expect(ask(desk, [name: .text(value)]).problem == "invalid-parameter", "\(name)")
        }
        #expect(try desk.actions.isEmpty)
    }
}
