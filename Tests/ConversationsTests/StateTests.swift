import Answers
import Foundation
import HeatModel
import Requests
import SQLiteStore
import Store
import Testing

@testable import Conversations

/// Who may speak, who has a conversation, and what a repeat does.
@Suite struct StateTests {
    private func with(_ body: (Counter) throws -> Void) throws {
        let counter = try Counter()
        defer { counter.removeFolder() }
        try counter.view()
        try body(counter)
    }

    @Test func theAssistantIsSilentWhileAPersonHasIt() throws {
        try with { counter in
            let id = try counter.open()
            counter.say(id, "customer", "怎么还要交钱")
            #expect(counter.say(id, "assistant", "还应缴1,846.40元").json["state"] as? String == "assistant")
            let asked = counter.handOff(id, why: "bill")
            let handOff = try #require(asked.json["hand_off"] as? Int)
            #expect(asked.receipt?.isNew == true)
            // Nobody has it yet: it waits in the list, and the assistant may say so.
            counter.pass(seconds: 90)
            let waiting = try #require((counter.look(.handOffs).json["hand_offs"] as? [[String: Any]])?.first)
            #expect(waiting["state"] as? String == "waiting" && (waiting["waited_seconds"] as? Int ?? 0) >= 90)
            #expect(counter.say(id, "assistant", "正在转接").json["state"] as? String == "waiting")

            #expect(counter.at(.claimHandOff, handOff, agent: "d1").json["state"] as? String == "claimed")
            let refused = counter.say(id, "assistant", "我还能帮您什么?")
            #expect(refused.problem == "human-owns")
            #expect((refused.json["detail"] as? String)?.contains("say nothing") == true)
            #expect(counter.say(id, "customer", "有人吗").json["state"] as? String == "human")
            #expect(counter.at(.replyHandOff, handOff, agent: "d1", ["words": .text("我来核对")]).json["turn"] as? Int == 5)
            let since = try #require(
                counter.look(.handOff, ["id": .integer(handOff)]).json["since"] as? [[String: Any]])
            #expect(since.map { $0["words"] as? String } == ["正在转接", "有人吗", "我来核对"])
            #expect(since.map { $0["speaker"] as? String } == ["assistant", "customer", "human"])

            // Closed, it comes back.
            let closed = counter.at(.closeHandOff, handOff, agent: "d1", ["outcome": .text("resolved")])
            #expect(closed.json["state"] as? String == "closed")
            #expect(counter.say(id, "assistant", "还有什么可以帮您?").json["state"] as? String == "assistant")
            // No circle: the next hand-off needs a customer's word.
            #expect(counter.handOff(id).problem == "nothing-said")
            counter.say(id, "customer", "还是不对")
            let second = counter.handOff(id)
            #expect(second.json["joined"] as? Bool == false && second.json["hand_off"] as? Int != handOff)
            #expect(try counter.verification == nil)
        }
    }

    @Test func whoAsksTwiceJoins() throws {
        try with { counter in
            let id = try counter.open()
            let first = counter.handOff(id)
            let second = counter.handOff(id, why: "complaint")
            #expect(second.json["hand_off"] as? Int == first.json["hand_off"] as? Int)
            #expect(second.json["joined"] as? Bool == true && second.receipt?.isNew == false)
            #expect((counter.look(.handOffs).json["hand_offs"] as? [Any])?.count == 1)
        }
    }

    /// Of twenty at once one has it.
    @Test func oneOwner() async throws {
        let counter = try Counter()
        defer { counter.removeFolder() }
        try counter.view()
        let handOff = try #require(counter.handOff(try counter.open()).json["hand_off"] as? Int)
        let codes = await withTaskGroup(of: String.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let reply = counter.at(.claimHandOff, handOff, agent: "d\(number)")
                    return reply.problem.isEmpty ? reply.json["owner"] as? String ?? "?" : reply.problem
                }
            }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(codes.filter { $0 == "held-by-another" }.count == 19, "\(codes)")
        let owner = try #require(codes.first { $0 != "held-by-another" })
        #expect(try counter.store.read { try $0.handOff(HandOffID(Int64(handOff))) }?.owner == owner)
        #expect(try counter.store.read { try $0.handOff(HandOffID(Int64(handOff))) }?.fence == 1)
        #expect(try counter.verification == nil)
    }

    /// Whatever the order: after the claim there is no word of the assistant.
    @Test func assistantAndPersonRace() async throws {
        let counter = try Counter()
        defer { counter.removeFolder() }
        try counter.view()
        let id = try counter.open()
        let handOff = try #require(counter.handOff(id).json["hand_off"] as? Int)
        let problems = await withTaskGroup(of: (who: String, problem: String).self) { group in
            for number in 0..<30 {
                group.addTask { ("assistant", counter.say(id, "assistant", "第\(number)句").problem) }
                if number == 10 {
                    group.addTask { ("human", counter.at(.claimHandOff, handOff, agent: "d").problem) }
                }
                group.addTask { ("customer", counter.say(id, "customer", "问\(number)").problem) }
            }
            return await group.reduce(into: [(who: String, problem: String)]()) { $0.append($1) }
        }
        // Nobody is refused but the assistant, and for this alone.
        #expect(problems.count == 61)
        let refused = problems.filter { !$0.problem.isEmpty }
        #expect(refused.allSatisfy { $0.who == "assistant" && $0.problem == "human-owns" }, "\(refused)")
        let held = try #require(try counter.store.read { try $0.handOff(HandOffID(Int64(handOff))) })
        let claimed = try #require(held.claimedAt)
        let turns = try counter.store.read { try $0.turns(of: ConversationID(Int64(id)), after: 0, limit: 1000) }
        #expect(turns.filter { $0.speaker == .customer }.count == 30)
        #expect(turns.allSatisfy { $0.speaker != .assistant || $0.at.microseconds < claimed.microseconds })
        #expect(turns.map(\.number) == Array(1...Int64(turns.count)))
        #expect(try counter.verification == nil)
    }

    @Test func whoIsIdleMayLoseIt() throws {
        try with { counter in
            let handOff = try #require(counter.handOff(try counter.open()).json["hand_off"] as? Int)
            #expect(counter.at(.claimHandOff, handOff, agent: "d1").json["fence"] as? Int == 1)
            counter.pass(seconds: 1000)
            #expect(counter.at(.replyHandOff, handOff, agent: "d1", ["words": .text("稍等")]).problem.isEmpty)
            counter.pass(seconds: 1700)
            #expect(counter.at(.claimHandOff, handOff, agent: "d2").problem == "held-by-another")
            counter.pass(seconds: 200)
            #expect(counter.at(.claimHandOff, handOff, agent: "d2").json["fence"] as? Int == 2)
            #expect(counter.at(.replyHandOff, handOff, agent: "d1", ["words": .text("好了")]).problem == "not-owner")
            #expect(
                counter.at(.closeHandOff, handOff, agent: "d1", ["outcome": .text("resolved")]).problem == "not-owner")
            // Another token with the same agent's name is another owner.
            #expect(
                counter.at(.replyHandOff, handOff, agent: "d2", caller: "token:b", ["words": .text("好")]).problem
                    == "not-owner")
            #expect(counter.at(.closeHandOff, handOff, agent: "d2", ["outcome": .text("resolved")]).problem.isEmpty)
            #expect(counter.at(.claimHandOff, handOff, agent: "d3").problem == "hand-off-closed")
            #expect(counter.at(.replyHandOff, handOff, agent: "d2", ["words": .text("好")]).problem == "hand-off-closed")
            #expect(try counter.verification == nil)
        }
    }

    @Test func aRepeatIsAnsweredAsTheFirstWas() throws {
        try with { counter in
            let id = try counter.open()
            let first = counter.say(id, "customer", "多少钱 13812345678", key: "k")
            let again = counter.say(id, "customer", "多少钱 13812345678", key: "k")
            #expect(again.text == first.text && again.receipt?.isReplayed == true)
            #expect(counter.say(id, "customer", "另一句", key: "k").problem == "idempotency-key-in-use")
            #expect(counter.say(id, "assistant", "多少钱 13812345678", key: "k").problem == "idempotency-key-in-use")
            #expect(try counter.store.read { try $0.conversation(ConversationID(Int64(id))) }?.turns == 1)
            // A program that died after its transaction, and one that died before: the next one has the key, or does it.
            let next = try Counter(folder: counter.folder)
            #expect(next.say(id, "customer", "多少钱 13812345678", key: "k").text == first.text)
            // What was refused leaves its key free.
            let handOff = try #require(counter.handOff(id).json["hand_off"] as? Int)
            _ = counter.at(.claimHandOff, handOff)
            #expect(counter.say(id, "assistant", "好", key: "s").problem == "human-owns")
            _ = counter.at(.closeHandOff, handOff, ["outcome": .text("other")])
            #expect(counter.say(id, "assistant", "好", key: "s").problem.isEmpty)
        }
    }

    /// The same under one key from many at once is one turn.
    @Test func oneKeyIsOneTurn() async throws {
        let counter = try Counter()
        defer { counter.removeFolder() }
        try counter.view()
        let id = try counter.open()
        let others = try (0..<3).map { _ in try Counter(folder: counter.folder) }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<24 {
                group.addTask { _ = ([counter] + others)[number % 4].say(id, "customer", "同一句", key: "one") }
            }
        }
        #expect(try counter.store.read { try $0.conversation(ConversationID(Int64(id))) }?.turns == 1)
    }

    @Test func whoMayDoWhat() throws {
        try with { counter in
            let id = try counter.open()
            let handOff = try #require(counter.handOff(id).json["hand_off"] as? Int)
            let requests: [(RequestKind, Set<Scope>, [String: ArgumentValue])] = [
                (.openConversation, [.assistant, .desk], ["channel": .text("web")]),
                (
                    .turn, [.assistant, .desk],
                    ["id": .integer(id), "who": .text("customer"), "words": .text("好")]
                ),
                (.handOff, [.assistant, .desk], ["id": .integer(id), "why": .text("asked")]),
                (.claimHandOff, [.desk], ["id": .integer(handOff)]),
                (.replyHandOff, [.desk], ["id": .integer(handOff), "words": .text("好")]),
                (.closeHandOff, [.desk], ["id": .integer(handOff), "outcome": .text("other")]),
                (.feedback, [.assistant, .desk], ["conversation": .integer(id), "score": .integer(4)]),
            ]
            for (kind, allowed, arguments) in requests {
                for scope in Scope.allCases {
                    #expect(
                        (counter.ask(kind, arguments, scopes: [scope]).problem == "forbidden")
                            != allowed.contains(scope), "\(kind) \(scope)")
                }
            }
            let questions: [(QuestionKind, Set<Scope>, [String: ArgumentValue])] = [
                (.conversations, [.desk, .auditor], [:]),
                (.conversation, [.assistant, .desk, .auditor], ["id": .integer(id)]),
                (.handOffs, [.desk, .auditor], [:]), (.handOff, [.desk, .auditor], ["id": .integer(handOff)]),
                (.insights, [.auditor], ["month": .text("2026-12")]),
            ]
            for (kind, allowed, arguments) in questions {
                for scope in Scope.allCases {
                    #expect(
                        (counter.look(kind, arguments, scopes: [scope]).problem == "forbidden")
                            != allowed.contains(scope), "\(kind) \(scope)")
                }
            }
        }
    }

    @Test func whatIsWrongIsNamed() throws {
        try with { counter in
            let id = try counter.open()
            func wrong(_ more: [String: ArgumentValue]) -> String {
                let reply = counter.say(id, "customer", "好", more)
                return reply.problem.isEmpty ? "taken" : reply.parameter
            }
            #expect(
                counter.ask(.turn, ["id": .integer(id), "who": .text("human"), "words": .text("好")]).parameter == "who")
            #expect(
                counter.ask(.turn, ["id": .integer(id), "who": .text("customer"), "words": .text("\u{200B}")]).parameter
                    == "words")
            #expect(
                counter.ask(.turn, ["id": .integer(id), "who": .text("customer"), "words": .text("a\u{0}b")]).parameter
                    == "words")
            #expect(
                counter.ask(
                    .turn,
                    ["id": .integer(id), "who": .text("customer"), "words": .text(String(repeating: "冷", count: 4001))]
                ).parameter == "words")
            #expect(
                counter.ask(
                    .turn,
                    ["id": .integer(id), "who": .text("customer"), "words": .text(String(repeating: "冷", count: 4000))]
                ).problem.isEmpty)
            #expect(wrong(["intent": .text("13812345678")]) == "intent")
            #expect(wrong(["intent": .text("a13812345678")]) == "intent")
            #expect(wrong(["mark": .text("answered")]) == "mark")
            #expect(
                wrong(["account_number": .text("99")]) == "account_number"
                    || wrong(["account_number": .text("99")]) == "number")
            func fact(_ kind: String, _ id: String, _ at: String) -> ArgumentValue {
                .objects([["kind": kind, "id": id, "fresh_at": at]])
            }
            func told(_ facts: ArgumentValue) -> String {
                let reply = counter.say(id, "assistant", "好", ["facts": facts])
                return reply.problem.isEmpty ? "taken" : reply.parameter
            }
            #expect(told(fact("rumour", "1", "unknown")) == "facts[0].kind")
            #expect(told(fact("bill", "13812345678", "unknown")) == "facts[0].id")
            #expect(told(fact("bill", "11010519491231002X", "unknown")) == "facts[0].id")
            #expect(told(fact("bill", "billing.charges/1", "yesterday")) == "facts[0].fresh_at")
            #expect(told(fact("bill", "billing.charges/1", "unknown")) == "taken")
            #expect(
                counter.say(id, "assistant", "好", ["actions": .objects([["request": "1"]])]).parameter
                    == "actions[0].request")
            #expect(counter.ask(.feedback, ["conversation": .integer(id)]).parameter == "score")
            #expect(
                counter.ask(.feedback, ["conversation": .integer(id), "about": .text("answer"), "score": .integer(1)])
                    .parameter == "turn")
            #expect(
                counter.ask(
                    .feedback,
                    ["conversation": .integer(id), "about": .text("answer"), "turn": .integer(1), "score": .integer(1)]
                ).parameter == "turn")
            #expect(counter.say(99, "customer", "好").problem == "unknown-conversation")
            #expect(counter.at(.claimHandOff, 99).problem == "unknown-hand-off")
            #expect(
                counter.ask(.openConversation, ["channel": .text("wechat"), "account_number": .text("404")]).problem
                    == "unknown-account")
            #expect(counter.look(.insights, ["month": .text("2026-13")], scopes: [.auditor]).parameter == "month")
        }
    }

    @Test func anAccountThatIsKnownLater() throws {
        try with { counter in
            try counter.view("01000046")
            let id = try counter.open(account: nil)
            counter.say(id, "customer", "我要查费")
            let bound = counter.say(id, "customer", "户号01000045", ["account_number": .text(Counter.number)])
            #expect(bound.json["account_number"] as? String == Counter.number)
            #expect(counter.say(id, "customer", "户号", ["account_number": .text("01000046")]).problem == "other-account")
            let list = counter.look(.conversations, ["account": .text(Counter.number)])
            #expect((list.json["conversations"] as? [Any])?.count == 1)
        }
    }

    @Test func oldConversationsGo() throws {
        try with { counter in
            let old = try counter.open()
            counter.say(old, "assistant", "您好")
            let waits = try counter.open()
            counter.say(waits, "assistant", "您好")
            _ = counter.handOff(waits)
            counter.pass(seconds: 181 * 86_400)
            let young = try counter.open()
            let desk = counter.answerer.conversationDesk(ConversationSettings())
            #expect(try desk.forget(in: counter.store, keptDays: 180) == 1)
            #expect(counter.look(.conversation, ["id": .integer(old)]).problem == "unknown-conversation")
            #expect(counter.look(.conversation, ["id": .integer(waits)]).problem.isEmpty)
            #expect(counter.look(.conversation, ["id": .integer(young)]).problem.isEmpty)
            #expect(try counter.verification == nil)
            #expect(try desk.forget(in: counter.store, keptDays: 180) == 0)
        }
    }
}
