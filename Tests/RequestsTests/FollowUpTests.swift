import Actions
import Answers
import Foundation
import HeatModel
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Requests

/// 恢复了吗: what customers say of repairs, at the one desk of all doors.
@Suite struct FollowUpTests {
    private static let able = [
        "dispatch":
            "file: {folder: out, receipts: in}\nkinds: {createWorkOrder: {}, reopenWorkOrder: {}, recordFollowUp: {}}\n"
    ]

    private func desk(_ state: String = "completed", systems: [String: String] = able) throws -> Desk {
        let desk = try Desk(systems: systems)
        try desk.view(Desk.number, [Desk.order("WX1", "noHeat", state, at: "2026-12-01T08:00:00+08:00")])
        return desk
    }

    private func answer(
        _ desk: Desk, _ answer: String, key: String = UUID().uuidString, order: String = "WX1",
        scopes: [Scope] = [.assistant], _ more: [String: ArgumentValue] = [:]
    ) -> Reply {
        var arguments: Arguments = [
            "number": .text(Desk.number), "order": .text(order), "answer": .text(answer), "idempotency_key": .text(key),
        ]
        for (name, value) in more { arguments[name] = value }
        let requester = Requester(Caller(id: "token:a", scopes: ScopeSet(scopes)), action: "test")
        do {
            return desk.desk.reply(to: try Request(.followUp, arguments), for: requester)
        } catch {
            return desk.desk.refusal(error, of: .followUp, account: Desk.number, to: requester)
        }
    }

    private func known(_ desk: Desk) throws -> FollowUp? {
        try desk.store.read { try $0.followUp(account: Desk.number, order: "WX1") }
    }

    @Test func wellIsToldToTheSystem() throws {
        let desk = try desk()
        let reply = answer(desk, "well", ["satisfaction": .integer(5), "words": .text("谢谢师傅")])
        #expect(reply.json["state"] as? String == "well" && reply.json["hand_off"] as? Bool == false)
        #expect(!String(decoding: reply.bytes, as: UTF8.self).contains("师傅"), "the answer holds the customer's words")
        let action = try #require(try desk.actions.first)
        #expect(action.request.kind == "recordFollowUp")
        #expect(
            action.fields == ["account": Desk.number, "order": "WX1", "satisfaction": "satisfied", "note": "谢谢师傅"])
        #expect(try known(desk)?.state == .well)
        // Without a satisfaction there is nothing to tell the system.
        let other = try self.desk()
        #expect(answer(other, "well").json["request"] == nil)
        #expect(try other.actions.isEmpty && known(other)?.state == .well)
    }

    @Test func notWellOpensItAgainAndTheSecondTimeEscalates() throws {
        let desk = try desk()
        let first = answer(desk, "notWell", key: "k1", ["words": .text("卧室还是凉的")])
        #expect(first.json["state"] as? String == "reopened" && first.json["escalated"] as? Bool == false)
        #expect(first.json["hand_off"] as? Bool == true && first.receipt?.isNew == true)
        var action = try #require(try desk.actions.first)
        #expect(action.request.kind == "reopenWorkOrder")
        #expect(action.fields == ["account": Desk.number, "order": "WX1", "reason": "卧室还是凉的"])
        // The same key again is the same answer; another one before the crew has been there asks for nothing more.
        #expect(answer(desk, "notWell", key: "k1", ["words": .text("卧室还是凉的")]).bytes == first.bytes)
        #expect(answer(desk, "notWell", key: "k1").problem == "idempotency-key-in-use")
        let joined = answer(desk, "notWell", key: "k2")
        #expect(joined.isJoined == true && joined.receipt?.isNew == false)
        #expect(try desk.actions.count == 1 && known(desk)?.reopenings == 1)
        // The crew has been there once more, as the planner of follow-ups sees.
        var followUp = try #require(try known(desk))
        followUp.state = .unconfirmed
        try desk.store.write { [followUp] in try $0.putFollowUp(followUp) }
        let second = answer(desk, "notWell", key: "k3")
        #expect(second.json["escalated"] as? Bool == true && second.json["reopenings"] as? Int == 2)
        #expect((second.json["text"] as? String)?.contains("2") == true)
        action = try #require(try desk.actions.first)
        #expect(action.fields["urgent"] == "true")
        #expect(try known(desk)?.wantsPerson == true)
        #expect(
            try desk.store.read { try $0.followUps(of: nil, limit: 10) }.count == 1, "the wish for a person is lost")
    }

    @Test func withoutASystemAPersonTakesOver() throws {
        let desk = try desk(systems: ["dispatch": "file: {folder: out, receipts: in}\nkinds: {createWorkOrder: {}}\n"])
        let reply = answer(desk, "notWell")
        #expect(reply.json["hand_off"] as? Bool == true && reply.json["request"] == nil)
        #expect(try desk.actions.isEmpty && known(desk)?.wantsPerson == true)
    }

    /// In the same transaction a conversation begins with what was said, and waits for a person with its card.
    @Test func aPersonIsAskedToTakeOver() throws {
        let desk = try desk()
        _ = answer(desk, "notWell", key: "k1", ["words": .text("卧室还是凉的")])
        let handOff = try #require(try desk.store.read { try $0.handOffs([.waiting], after: nil, limit: 10) }.first)
        #expect(handOff.reason == "coldHome")
        let turns = try desk.store.read { try $0.turns(of: handOff.conversation, after: 0, limit: 10) }
        #expect(turns.map(\.words) == ["卧室还是凉的"] && turns.first?.facts.first?.id == "WX1", "\(turns)")
        #expect(turns.first?.actions.count == 1)
        let card = String(decoding: handOff.card, as: UTF8.self)
        #expect(card.contains("WX1") && card.contains("第 1 次"), "\(card)")
        // A repeat asks for nobody more; the second time it is a complaint.
        _ = answer(desk, "notWell", key: "k1", ["words": .text("卧室还是凉的")])
        var followUp = try #require(try known(desk))
        followUp.state = .unconfirmed
        try desk.store.write { [followUp] in try $0.putFollowUp(followUp) }
        _ = answer(desk, "notWell", key: "k2")
        let all = try desk.store.read { try $0.handOffs([.waiting], after: nil, limit: 10) }
        #expect(all.map(\.reason) == ["coldHome", "complaint"])
    }

    @Test func whatIsNotDoneCannotBeAnswered() throws {
        for state in ["inProgress", "dispatched", "cancelled"] {
            #expect(answer(try desk(state), "well").problem == "order-not-done", "\(state)")
        }
        let desk = try desk()
        #expect(answer(desk, "well", order: "WX2").problem == "unknown-order")
        #expect(answer(desk, "well", scopes: [.engineer, .auditor, .pii]).problem == "forbidden")
        #expect(try desk.actions.isEmpty && known(desk) == nil)
    }

    @Test func whatIsWrongIsNamed() throws {
        let desk = try desk()
        func parameter(_ more: [String: ArgumentValue], answer text: String = "well") -> String? {
            answer(desk, text, more).json["parameter"] as? String
        }
        #expect(parameter([:], answer: "maybe") == "answer")
        #expect(parameter(["satisfaction": .integer(6)]) == "satisfaction")
        #expect(parameter(["satisfaction": .integer(0)]) == "satisfaction")
        #expect(parameter(["words": .text("")]) == "words")
        #expect(parameter(["words": .text("a\u{0}b")]) == "words")
        #expect(parameter(["words": .text(String(repeating: "凉", count: 1001))]) == "words")
        let requester = Requester(Caller(id: "token:a", scopes: ScopeSet([.assistant])), action: "test")
        for missing in ["number", "order", "answer", "idempotency_key"] {
            var arguments = Arguments()
            for (name, value) in [
                "number": Desk.number, "order": "WX1", "answer": "well", "idempotency_key": "k",
            ] where name != missing { arguments[name] = .text(value) }
            do {
                _ = desk.desk.reply(to: try Request(.followUp, arguments), for: requester)
                Issue.record("\(missing) is missing")
            } catch {
                #expect(error.parameter == missing)
            }
        }
    }

    /// The question that asks for the state: the crew's word alone is no confirmation.
    @Test func theCrewsWordIsNoConfirmation() throws {
        let desk = try desk("closed")
        func standing() throws -> [String: Any] {
            let requester = Requester(Caller(id: "token:a", scopes: ScopeSet([.assistant])), action: "test")
            let reply = desk.answerer.reply(
                to: try Question(.notices, ["number": .text(Desk.number), "lang": .text("zh")]), for: requester)
            return try #require((reply.json["follow_ups"] as? [[String: Any]])?.first, "\(reply.json)")
        }
        var stands = try standing()
        #expect(stands["confirmed"] as? Bool == false && stands["crew_says_done"] as? Bool == true)
        #expect(
            stands["state"] as? String == "unconfirmed" && (stands["text"] as? String)?.contains("还没有得到您的确认") == true)
        _ = answer(desk, "well")
        stands = try standing()
        #expect(stands["confirmed"] as? Bool == true && stands["state"] as? String == "well")
    }

    @Test func manyAtOnceAreOneReopening() async throws {
        let desk = try desk()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<16 {
                group.addTask { _ = self.answer(desk, "notWell", key: "k\(index % 8)") }
            }
            try await group.waitForAll()
        }
        #expect(try desk.actions.count == 1 && known(desk)?.reopenings == 1)
    }

    // MARK: Opting out

    @Test func aNumberOptsItselfOut() throws {
        let desk = try desk()
        let requester = Requester(Caller(id: "sms", scopes: ScopeSet([.assistant])), action: "test")
        func consents() throws -> [NoticeConsent] { try desk.store.read { try $0.consents(of: "13812345678") } }
        let first = desk.desk.optOut(phone: "+86 138-1234-5678", key: "k1", for: requester)
        #expect(first.json["wanted"] as? Bool == false)
        #expect(!String(decoding: first.bytes, as: UTF8.self).contains("138"))
        #expect(try consents().map { "\($0.about) \($0.isWanted) \($0.by)" } == ["all false sms"])
        #expect(desk.desk.optOut(phone: "13812345678", key: "k1", for: requester).bytes == first.bytes)
        #expect(desk.desk.optOut(phone: "13812345679", key: "k1", for: requester).problem == "idempotency-key-in-use")
        #expect(desk.desk.optOut(phone: "热", key: "k2", for: requester).problem == "invalid-parameter")
    }

    @Test func anOptOutCountsForTheAccount() throws {
        let desk = try desk()
        let requester = Requester(Caller(id: "token:a", scopes: ScopeSet([.assistant])), action: "test")
        func wish(_ more: [String: ArgumentValue], key: String) throws -> Reply {
            var arguments: Arguments = ["number": .text(Desk.number), "idempotency_key": .text(key)]
            for (name, value) in more { arguments[name] = value }
            return desk.desk.reply(to: try Request(.noticeWish, arguments), for: requester)
        }
        func consents() throws -> [String] {
            try desk.store.read { try $0.consents(of: "account:" + Desk.number) }.map { "\($0.about) \($0.isWanted)" }
        }
        let first = try wish([:], key: "k1")
        #expect(first.json["about"] as? String == "all" && first.json["wanted"] as? Bool == false)
        #expect(try consents() == ["all false"])
        #expect(try wish([:], key: "k1").bytes == first.bytes)
        #expect(try wish(["wanted": .flag(true)], key: "k1").problem == "idempotency-key-in-use")
        _ = try wish(["about": .text("arrears"), "wanted": .flag(true)], key: "k2")
        #expect(try consents() == ["all false", "arrears true"])
        #expect(throws: Problem.self) { try wish(["about": .text("advertising")], key: "k3") }
    }
}
