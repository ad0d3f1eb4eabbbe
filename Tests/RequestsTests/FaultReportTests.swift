import Actions
import Answers
import Evidence
import Foundation
import HeatModel
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Requests

/// What is asked for when a fault is reported, and what stands already.
@Suite struct FaultReportTests {
    @Test func aReportIsOneActionWithWhatHearthAdds() throws {
        let desk = try Desk()
        let hash = String(repeating: "0af", count: 21) + "b"
        let reply = desk.ask(
            "noHeat",
            [
                "symptom": .text("暖气片冰凉"), "words": .text("客厅\n和主卧都不热"), "phone": .text("+86 138-1234-5678"),
                "temperature_tenths": .integer(165), "wanted_at": .text("2026-12-11T01:00:00.5Z"),
                "attachments": .objects([["sha256": hash, "address": "https://p.example/1", "type": "image/jpeg"]]),
            ])
        #expect(reply.receipt?.isNew == true && reply.receipt?.isReplayed == false)
        let action = try #require(try desk.actions.first)
        #expect(try desk.actions.count == 1 && action.state == .accepted && action.request.caller == "token:a")
        let fields = action.fields
        #expect(fields["words"] == "客厅\n和主卧都不热" && fields["phone"] == "13812345678")
        #expect(fields["problem"] == "noHeat" && fields["urgent"] == "false")
        // On the company's clock, whatever offset the caller has.
        #expect(fields["wantedAt"] == "2026-12-11T09:00:00+08:00")
        let note = fields["note"] ?? ""
        for part in ["阳光花园3号楼2单元501", "GW-17", "东站", "正常", "16.5", "暖气片冰凉", hash, "https://p.example/1"] {
            #expect(note.contains(part), "\(part): \(note)")
        }
        #expect(!note.contains("主卧") && !note.contains("张"))
        let json = reply.json
        #expect(json["request"] as? Int64 == action.id.number && json["state"] as? String == "accepted")
        #expect(json["network_number"] as? String == "GW-17" && json["hint"] == nil && json["do_now"] == nil)
        // Nothing personal, whoever asks.
        let text = String(decoding: reply.bytes, as: UTF8.self)
        for secret in ["张", "501", "138", "主卧", "冰凉", hash] { #expect(!text.contains(secret), "\(secret): \(text)") }
        #expect(reply.accesses.map(\.accounts) == [[Desk.number]])
        #expect(try chainProblem(desk) == nil)
    }

    private func chainProblem(_ desk: Desk) throws -> String? {
        var verification = AuditVerification(store: desk.store, archive: nil)
        return try verification.run().problem.map { "\($0)" }
    }

    /// The longest of everything still fits into what systems keep.
    @Test func theLongestNoteIsKeptWhole() throws {
        let desk = try Desk()
        let last = "https://p.example/" + String(repeating: "z", count: 182)
        let list = (0..<5).map { _ in
            ["sha256": String(repeating: "f", count: 64), "address": last, "type": "video/mp4"]
        }
        let reply = desk.ask(
            "noHeat",
            [
                "symptom": .text(String(repeating: "🔥", count: 60)),
                "words": .text(String(repeating: "冷", count: 1000)),
                "temperature_tenths": .integer(-300), "attachments": .objects(list),
            ])
        #expect(reply.receipt?.isNew == true, "\(reply.json)")
        let note = try #require(try desk.actions.first?.fields["note"])
        #expect(note.count <= CrewNote.most && note.hasSuffix(last))
    }

    @Test func aLeakIsUrgentAndSaysWhatToDo() throws {
        let desk = try Desk()
        let reply = desk.ask("leak")
        #expect(reply.json["urgent"] as? Bool == true && (reply.json["do_now"] as? String)?.contains("阀门") == true)
        #expect(try desk.actions.first?.fields["urgent"] == "true")
        let english = desk.ask("leak", ["lang": .text("en")])
        #expect(english.isJoined == true && (english.json["do_now"] as? String)?.contains("valves") == true)
        #expect((english.json["text"] as? String)?.hasPrefix("Do three things now") == true)
    }

    // MARK: History

    @Test(arguments: [
        ("noHeat", "completed", "2025-12-03T08:00:00+08:00", true),
        ("noHeat", "closed", "2026-03-01T08:00:00+08:00", true),
        ("noHeat", "completed", "2025-11-30T23:59:59+08:00", false),
        ("noHeat", "cancelled", "2026-01-03T08:00:00+08:00", false),
        ("leak", "completed", "2026-01-03T08:00:00+08:00", false),
    ])
    func theSameFaultOfTheLastTwelveMonthsIsAHint(
        _ kind: String, _ state: String, _ created: String, isHint: Bool
    ) throws {
        let desk = try Desk()
        try desk.view(Desk.number, [Desk.order("WX1", kind, state, at: created)])
        let reply = desk.ask("noHeat")
        #expect(reply.isJoined == false)
        let hint = reply.json["hint"] as? String ?? ""
        #expect(hint.contains("重点检查暖气片堵塞") == isHint && hint.contains(created.prefix(7)) == isHint, "\(hint)")
        #expect(try desk.actions.first?.fields["note"]?.contains("重点检查") == isHint)
    }

    // MARK: Joining

    @Test func anOpenOrderIsJoined() throws {
        let desk = try Desk()
        try desk.view(
            Desk.number,
            [
                Desk.order("WX1", "noHeat", "completed", at: "2026-12-01T08:00:00+08:00"),
                Desk.order("WX2", "noHeat", "enroute", at: "2026-12-09T08:00:00+08:00"),
            ])
        let reply = desk.ask("noHeat", key: "k")
        #expect(reply.isJoined == true && reply.receipt?.isNew == false)
        let order = reply.json["order"] as? [String: Any]
        #expect(order?["number"] as? String == "WX2" && order?["state"] as? String == "enroute")
        #expect((reply.json["text"] as? String)?.contains("WX2") == true)
        #expect(try desk.actions.isEmpty)
        // The order is done meanwhile: the repeat still says what was said.
        try desk.view(Desk.number)
        let again = desk.ask("noHeat", key: "k")
        #expect(again.bytes == reply.bytes && again.receipt?.isReplayed == true)
        // Something worse is another problem.
        #expect(desk.ask("leak").isJoined == false)
        #expect(try desk.actions.count == 1)
    }

    @Test func aRequestOnItsWayIsJoinedUntilTheViewSaysMore() throws {
        let desk = try Desk()
        let first = desk.ask("noHeat")
        let number = try #require(first.json["request"] as? Int64)
        func joins() -> Int64? {
            let reply = desk.ask("noHeat", caller: "token:b")
            return reply.isJoined == true ? reply.json["request"] as? Int64 : nil
        }
        #expect(joins() == number)
        try desk.settle(.unknown(after: 0, isDead: false))
        #expect(joins() == number)
        // A dead letter is not being dealt with.
        try desk.settle(.unknown(after: 0, isDead: true))
        let dead = desk.ask("noHeat", caller: "token:c")
        #expect(dead.json["request"] as? Int64 == number && dead.json["waits_for_person"] as? Bool == true)
        #expect((dead.json["text"] as? String)?.contains("工作人员") == true, "\(dead.json)")
        _ = try desk.store.write { try $0.retryAction(ActionID(number)) }
        try desk.settle(.confirmed(externalID: "WX9"))
        let reply = desk.ask("noHeat")
        #expect(reply.isJoined == true && (reply.json["order"] as? [String: Any])?["number"] as? String == "WX9")
        // The sync brings it: the view decides from now on.
        try desk.view(Desk.number, [Desk.order("WX9", "noHeat", "dispatched", at: "2026-12-10T10:00:00+08:00")])
        #expect(joins() == number)
        try desk.view(Desk.number, [Desk.order("WX9", "noHeat", "completed", at: "2026-12-10T10:00:00+08:00")])
        #expect(joins() == nil)
        #expect(try desk.actions.count == 2)
        #expect(try chainProblem(desk) == nil)
    }

    @Test func whatWasRefusedOrDroppedIsNotJoined() throws {
        let desk = try Desk()
        desk.ask()
        try desk.settle(.refused, message: "户号不存在")
        #expect(desk.ask().isJoined == false)
        let number = try #require(try desk.actions.first?.id)
        _ = try Outbox(store: desk.store, systems: []).drop(number, by: "wang", reason: "by hand")
        #expect(desk.ask().isJoined == false)
        #expect(try desk.actions.count == 3)
    }

    /// A dispatch system that answers with no number, and one whose order no sync ever brings.
    @Test func aConfirmedRequestThatTheViewNeverShows() throws {
        let desk = try Desk()
        desk.ask()
        try desk.settle(.confirmed(externalID: nil))
        #expect(desk.ask().isJoined == true)
        try desk.view(Desk.number, [Desk.order("WX3", "noHeat", "closed", at: "2026-12-10T10:05:00+08:00")])
        #expect(desk.ask().isJoined == false)
        try desk.settle(.confirmed(externalID: "LOST"))
        desk.pass(days: 6)
        #expect(desk.ask().isJoined == true)
        desk.pass(days: 2)
        #expect(desk.ask().isJoined == false)
    }

    // MARK: Many at once

    private func atOnce(_ count: Int, _ body: @escaping @Sendable (Int) -> Reply) -> [Reply] {
        let replies = Mutex<[Reply]>([])
        let (ready, done) = (DispatchSemaphore(value: 0), DispatchGroup())
        for index in 0..<count {
            done.enter()
            Thread.detachNewThread {
                ready.wait()
                let reply = body(index)
                replies.withLock { $0.append(reply) }
                done.leave()
            }
        }
        for _ in 0..<count { ready.signal() }
        done.wait()
        return replies.withLock { $0 }
    }

    @Test func twentyCallersAtOnceGetOneOrder() throws {
        let desk = try Desk()
        let replies = atOnce(20) { desk.ask("noHeat", key: "k\($0)", caller: "token:\($0 % 7)") }
        #expect(try desk.actions.count == 1)
        #expect(replies.filter { $0.isJoined == false }.count == 1)
        #expect(replies.filter { $0.isJoined == true }.count == 19)
        #expect(Set(replies.map { $0.json["request"] as? Int64 }).count == 1)
        #expect(try chainProblem(desk) == nil)
    }

    /// A repeat waits for nobody: it is told so, or gets the answer.
    @Test func oneKeyTwentyTimesAtOnceIsOneAnswer() throws {
        let desk = try Desk()
        let replies = atOnce(20) { _ in desk.ask("leak", key: "k") }
        #expect(try desk.actions.count == 1)
        let answers = Set(replies.filter { $0.problem.isEmpty }.map(\.bytes))
        #expect(answers.count == 1)
        #expect(replies.filter { $0.receipt?.isReplayed == false }.count == 1)
        for reply in replies where !reply.problem.isEmpty { #expect(reply.problem == "request-in-flight") }
        #expect(desk.ask("leak", key: "k").bytes == answers.first)
        #expect(desk.desk.requestsUnderWay == 0)
    }

    /// While the first is being worked on, a repeat is refused at once.
    @Test func aRepeatInFlightIsToldToWait() throws {
        let desk = try Desk()
        let (isHeld, isFree, isDone) = (
            DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
        )
        Thread.detachNewThread {
            try? desk.store.write { _ in
                isHeld.signal()
                isFree.wait()
            }
        }
        isHeld.wait()
        let first = Mutex<Reply?>(nil)
        Thread.detachNewThread {
            let reply = desk.ask("noHeat", key: "k")
            first.withLock { $0 = reply }
            isDone.signal()
        }
        while desk.desk.requestsUnderWay == 0 { usleep(1000) }
        let second = desk.ask("noHeat", key: "k")
        isFree.signal()
        isDone.wait()
        #expect(second.problem == "request-in-flight")
        guard case .failure(let problem) = second.result else { return }
        #expect(problem.retryAfter == 1 && problem.category == .conflict)
        #expect(first.withLock { $0 }?.isJoined == false)
    }

    // MARK: Keys

    @Test func aKeyIsItsCallersAndOfOneRequest() throws {
        let desk = try Desk()
        let first = desk.ask("noHeat", key: "k")
        for other in [
            desk.ask("leak", key: "k"), desk.ask("noHeat", key: "k", ["words": .text("x")]),
            desk.ask("noHeat", key: "k", ["lang": .text("en")]), desk.ask("noHeat", key: "k", number: "01000046"),
        ] {
            #expect(other.problem == "idempotency-key-in-use")
            #expect(other.json["parameter"] as? String == "idempotency_key")
        }
        // The same, written otherwise.
        #expect(desk.ask("noHeat", key: "k", number: "０１００００４５").bytes == first.bytes)
        #expect(desk.ask("noHeat", key: "k", caller: "token:b").isJoined == true)
        #expect(try desk.actions.count == 1)
        // What was refused leaves its key free.
        #expect(desk.ask("noHeat", key: "free", number: "no such").problem == "unknown-account")
        #expect(desk.ask("valve", key: "free").isJoined == false)
    }

    /// A key of the outbox is not taken for another request's.
    @Test func aKeyThatTheOutboxHasIsInUse() throws {
        let desk = try Desk()
        let outbox = try desk.outbox()
        _ = try outbox.accept(
            ActionRequest(.createWorkOrder, ["account": "01000099", "problem": "leak"]), by: "dispatch",
            caller: "token:a", key: "k", answer: { _ in [] })
        #expect(desk.ask("noHeat", key: "k").problem == "idempotency-key-in-use")
        #expect(try desk.actions.count == 1)
    }

    // MARK: Refusals

    @Test func whatIsWrongIsNamedAndNotRepeated() throws {
        let desk = try Desk()
        let hash = String(repeating: "a", count: 64)
        func attached(_ sha: String, _ address: String, _ type: String) -> ArgumentValue {
            .objects([["sha256": sha, "address": address, "type": type]])
        }
        let cases: [(String, ArgumentValue, String)] = [
            ("kind", .text("stop"), "kind"), ("words", .text(""), "words"),
            ("words", .text(String(repeating: "冷", count: 1001)), "words"),
            ("words", .text(String(repeating: "a", count: 10_000)), "words"),
            ("words", .text("张三\u{0}"), "words"), ("symptom", .text("张三\u{1B}[31m"), "symptom"),
            ("phone", .text("张三 138"), "phone"), ("phone", .text("1381234567813812345678"), "phone"),
            ("wanted_at", .text("tomorrow"), "wanted_at"),
            ("wanted_at", .text("2026-12-08T10:00:00+08:00"), "wanted_at"),
            ("wanted_at", .text("2026-12-10T09:45:00+08:00"), "wanted_at"),
            ("wanted_at", .text("2028-01-01T10:00:00+08:00"), "wanted_at"),
            ("temperature_tenths", .integer(601), "temperature_tenths"),
            (
                "attachments",
                .objects(Array(repeating: ["sha256": hash, "address": "https://x/y", "type": "image/png"], count: 6)),
                "attachments"
            ),
            ("attachments", .objects([["sha256": hash]]), "attachments"),
            ("attachments", attached("A", "https://x/y", "image/png"), "attachments[0].sha256"),
            ("attachments", attached(hash, "javascript:alert(1)", "image/png"), "attachments[0].address"),
            ("attachments", attached(hash, "https://x/y z", "image/png"), "attachments[0].address"),
            ("attachments", attached(hash, "https://x/y", "text/html"), "attachments[0].type"),
            ("lang", .text("fr"), "lang"), ("idempotency_key", .text(""), "idempotency_key"),
        ]
        for (name, value, parameter) in cases {
            var more: [String: ArgumentValue] = [:]
            if name != "kind", name != "idempotency_key" { more[name] = value }
            var (kind, key) = ("noHeat", UUID().uuidString)
            if name == "kind", case .text(let text) = value { kind = text }
            if name == "idempotency_key", case .text(let text) = value { key = text }
            let reply = desk.ask(kind, key: key, more)
            #expect(reply.json["parameter"] as? String == parameter, "\(name): \(reply.json)")
            guard case .failure(let problem) = reply.result else { continue }
            #expect(problem.category == (problem.code == "unworkable-time" ? .conflict : .malformed))
            let said = "\(problem.title) \(problem.detail ?? "")"
            #expect(!said.contains("张三") && !said.contains("138"), "\(said)")
        }
        #expect(try desk.actions.isEmpty)
        for scopes: [Scope] in [[.engineer], [.auditor], [.pii], [.engineer, .auditor, .pii], []] {
            let reply = desk.ask(scopes: scopes)
            #expect(reply.problem == "forbidden" && reply.accesses.map(\.accounts) == [[]])
        }
        #expect(desk.ask(number: "09999999").problem == "unknown-account")
        #expect(desk.ask("noHeat", ["words": .text("冷🥶\t了\n😀")]).isJoined == false)
    }

    /// No system, two systems, and one that knows no such word.
    @Test func withoutOneSystemNothingIsTaken() throws {
        let able = "file: {folder: out, receipts: in}\nkinds: {createWorkOrder: {}}\n"
        for systems in [[:], ["a": able, "b": able]] {
            let desk = try Desk(systems: systems)
            #expect(desk.ask().problem == "no-order-system")
            #expect(try desk.actions.isEmpty)
        }
        let desk = try Desk(systems: ["dispatch": able + "codes: {problem: {leak: 漏水}}\n"])
        let reply = desk.ask("valve")
        #expect(reply.json["parameter"] as? String == "kind", "\(reply.json)")
        #expect(desk.ask("leak").isJoined == false)
    }

    // MARK: What became of it

    @Test func theStatusSaysWhatIsKnown() throws {
        let desk = try Desk()
        let asked = desk.ask("noHeat", ["words": .text("张三")])
        let id = try #require(asked.json["request"] as? Int64)
        func status(_ number: String = Desk.number, _ lang: AnswerLanguage = .chinese) -> Reply {
            let requester = Requester(Caller(id: "t", scopes: ScopeSet([.auditor])), action: "test")
            return desk.answerer.reply(to: .orderRequest(number, ActionID(id), lang), for: requester)
        }
        func expect(_ state: String, _ words: String, settled: Bool) {
            let json = status().json
            #expect(json["state"] as? String == state && json["settled"] as? Bool == settled, "\(json)")
            #expect((json["text"] as? String)?.contains(words) == true, "\(json)")
        }
        expect("accepted", "还没有送到", settled: false)
        try desk.settle(.unknown(after: 0, isDead: false))
        expect("unknown", "还不知道", settled: false)
        #expect((status(Desk.number, .english).json["text"] as? String)?.contains("not known yet") == true)
        try desk.settle(.unknown(after: 0, isDead: true))
        expect("unknown", "工作人员", settled: false)
        #expect(status().json["waits_for_person"] as? Bool == true)
        #expect(status("01000046").problem == "unknown-request")
        _ = try desk.store.write { try $0.retryAction(ActionID(id)) }
        try desk.settle(.confirmed(externalID: "WX7"))
        expect("confirmed", "WX7", settled: true)
        #expect(status().json["order_number"] as? String == "WX7")
        #expect(!String(decoding: status().bytes, as: UTF8.self).contains("张三"))
    }
}
