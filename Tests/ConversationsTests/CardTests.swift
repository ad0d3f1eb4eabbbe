import Answers
import Foundation
import Requests
import SQLiteStore
import Store
import Testing

@Suite struct CardTests {
    private static let orders =
        "\"work_orders\":[{\"source\":\"dispatch.workOrders\",\"key\":\"W1\",\"number\":\"W1\",\"kind\":\"noHeat\",\"state\":\"scheduled\",\"created_at\":\"2026-12-09T09:00:00+08:00\",\"appointed_at\":\"2026-12-11T09:00:00+08:00\",\"description\":\"张小明家\"},{\"source\":\"dispatch.workOrders\",\"key\":\"W0\",\"number\":\"W0\",\"kind\":\"leak\",\"state\":\"closed\",\"created_at\":\"2026-11-09T09:00:00+08:00\"}]"

    private func card(_ counter: Counter, _ handOff: Int, scopes: [Scope] = [.desk]) throws -> (
        card: [String: Any], all: [String: Any]
    ) {
        let all = counter.look(.handOff, ["id": .integer(handOff)], scopes: scopes).json
        return (try #require(all["card"] as? [String: Any], "\(all)"), all)
    }

    @Test func itSaysWhatAPersonNeeds() throws {
        let counter = try Counter()
        defer { counter.removeFolder() }
        try counter.view(Counter.number, Self.orders, elderly: true)
        let id = try counter.open()
        counter.say(id, "customer", "家里不热,怎么还没人来", ["intent": .text("triage")])
        counter.say(
            id, "assistant", "维修单W1已排期",
            ["facts": .objects([["kind": "work_order", "id": "W1", "fresh_at": "2026-12-10T09:00:00+08:00"]])])
        let handOff = try #require(counter.handOff(id, why: "coldHome", "等不及了").json["hand_off"] as? Int)
        let (card, all) = try card(counter, handOff)
        #expect(card["why"] as? String == "coldHome" && card["why_in_words"] as? String == "等不及了")
        #expect(
            card["elderly"] as? Bool == true && card["plain_words"] as? Bool == true
                && card["large_print"] as? Bool == true)
        #expect((card["asked"] as? [[String: Any]])?.map { $0["words"] as? String } == ["家里不热,怎么还没人来"])
        let answered = try #require((card["answered"] as? [[String: Any]])?.first)
        #expect((answered["facts"] as? [[String: Any]])?.first?["fresh_at"] as? String == "2026-12-10T09:00:00+08:00")
        // Open is what the one judge of orders says.
        let orders = try #require(card["open_orders"] as? [[String: Any]])
        #expect(
            orders.map { $0["number"] as? String } == ["W1"]
                && orders[0]["appointed_at"] as? String == "2026-12-11T09:00:00+08:00")
        // No bill: what cannot be said is said to be so, never a zero.
        #expect((card["recomputation"] as? [String: Any])?["result"] as? String == "cannot_say")
        #expect((card["amount_due"] as? [String: Any])?["status"] as? String == "no_bill")
        #expect((card["triage"] as? [String: Any])?["finding"] as? String != nil)
        #expect((card["suggested"] as? String)?.contains("W1") == true, "\(card["suggested"] ?? "")")
        // The account as the scope allows.
        #expect((all["account"] as? [String: Any])?["holder_name"] as? String == "张*明")
        let clear = try self.card(counter, handOff, scopes: [.desk, .pii])
        #expect((clear.all["account"] as? [String: Any])?["holder_name"] as? String == "张小明")
        let reply = counter.look(.handOff, ["id": .integer(handOff)], scopes: [.desk, .pii])
        #expect(reply.accesses.first?.accounts == [Counter.number] && reply.accesses.first?.showsPersonalData == true)
    }

    /// The same figures as the questions' own answers, to the byte.
    @Test func itsAnswersAreTheQuestionsAnswers() throws {
        let counter = try Counter()
        defer { counter.removeFolder() }
        try counter.view(
            Counter.number,
            "\"charges\":[{\"source\":\"billing.charges\",\"key\":\"1\",\"season\":\"2026-2027\",\"item\":\"base\",\"due_fen\":284640,\"received_fen\":100000,\"arrears_fen\":184640,\"due_on\":\"2026-12-31\"}]"
        )
        let id = try counter.open(lang: "en")
        let handOff = try #require(counter.handOff(id, why: "bill").json["hand_off"] as? Int)
        let (card, _) = try card(counter, handOff)
        let due = counter.look(
            .amountDue, ["number": .text(Counter.number), "lang": .text("en")], scopes: [.assistant])
        let own = try #require(card["amount_due"] as? [String: Any])
        #expect(NSDictionary(dictionary: own) == NSDictionary(dictionary: due.json), "\(own) \(due.json)")
        #expect(own["status"] as? String == "explained")
        let explanation = counter.look(
            .explanation, ["number": .text(Counter.number), "versus": .text("tariff")], scopes: [.assistant]
        ).json
        // Nothing says of which city the account is: no tariff is its own, and neither answer has a figure.
        #expect(explanation["recomputation"] == nil && explanation["status"] as? String == "missing_input")
        let recomputation = try #require(card["recomputation"] as? [String: Any])
        #expect(recomputation["result"] as? String == "cannot_say", "\(recomputation)")
        #expect(recomputation["status"] as? String == "missing_input", "\(recomputation)")
        #expect((card["suggested"] as? String)?.hasPrefix("Hello") == true)
    }

    /// Nothing that is missing holds up a hand-off.
    @Test func itIsMadeOfNothing() throws {
        let counter = try Counter(hasWords: false)
        defer { counter.removeFolder() }
        try counter.view()
        for account in [nil, Counter.number] {
            let id = try counter.open(account: account)
            let handOff = try #require(counter.handOff(id).json["hand_off"] as? Int)
            let (card, _) = try card(counter, handOff)
            let parts = (card["not_available"] as? [[String: Any]])?.compactMap { $0["part"] as? String }
            #expect(parts == (account == nil ? ["account"] : ["money"]))
        }
    }
}
