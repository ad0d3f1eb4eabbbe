import Assistant
import Foundation
import HeatModel
import SQLiteStore
import Store
import Testing

/// The dialogues of the plan, word by word where it has words.
@Suite struct SeedTests {
    @Test func aNewCustomerIsLedThroughBindingToTheSumAndTheLink() async throws {
        let company = try await Company.make()
        let customer = company.customer()
        let account = try company.account { _, facts in (facts["arrears_fen"] as? Int ?? 0) > 0 }
        let first = try customer.say("这个月的热费怎么交")
        #expect(first.entries == ["pay_new"] && first.text.contains("绑定户号") && first.text.contains("身份证后 6 位"))
        try #require(first.messages[0].steps.count == 3)
        let second = try customer.press("我有户号")
        #expect(second.messages.last?.wants == .accountNumber)
        let third = try customer.say(account.number)
        #expect(third.messages.last?.wants == .idLastSix)
        let paid = try customer.say(account.lastSix)
        #expect(paid.entries == ["bound_ok", "pay_open"] && paid.messages[1].link != nil, "\(paid.text)")
        #expect(paid.messages[1].full.hasPrefix("您家还应缴"))
        // Known by now: the sum at once.
        let again = try customer.say("怎么缴费")
        #expect(again.entries == ["pay_open"])
    }

    @Test func aColdHomeIsCheckedThenReportedWithAPhoto() async throws {
        let company = try await Company.make()
        let customer = company.customer()
        let account = try Self.quiet(company)
        try customer.prove(account)
        let first = try customer.say("家里不热怎么办")
        #expect(first.entries == ["cold_checks"], "\(first.text)")
        #expect(first.messages[0].steps.contains { $0.picture == "valve.svg" })
        let second = try customer.say("都试过了还是不热")
        #expect(
            second.entries == ["cold_photo"] && second.messages[0].wants == .photo && second.text.contains("住址已经带上"))
        let photo = CustomerTurn.Attachment(
            address: "/uploads/1.jpg", sha256: String(repeating: "a", count: 64), mediaType: "image/jpeg")
        let third = try customer.turn(.words(""), attachments: [photo])
        #expect(third.entries == ["order_taken"], "\(third.text)")
        let action = try #require(try company.actions.first)
        #expect(action.request.account == account.number && action.request.kind == "createWorkOrder")
        let asked = String(decoding: action.request.payload, as: UTF8.self)
        #expect(asked.contains("uploads") && asked.contains("noHeat"))
        let turns = try company.turns(third.conversation)
        #expect(turns.last?.actions == [action.id])
        // A second report joins it.
        let again = try customer.say("家里不热")
        #expect(!again.messages.isEmpty)
        try customer.say("都试过了")
        try customer.say("没有照片")
        #expect(try company.actions.count == 1)
    }

    /// An account with nothing that stands in the way of a new order.
    static func quiet(_ company: Company) throws -> (number: String, lastSix: String, view: [String: Any]) {
        try company.account { view, facts in
            (view["work_orders"] as? [Any] ?? []).isEmpty && facts["supply_state"] as? String == "normal"
                && facts["supply_valve"] as? String == "open" && (view["suspensions"] as? [Any] ?? []).isEmpty
                && (view["disconnections"] as? [Any] ?? []).isEmpty
        }
    }

    @Test func suspendingAndClosingAreToldApart() async throws {
        let company = try await Company.make()
        let customer = company.customer()
        let first = try customer.say("报停和销户有什么区别")
        #expect(first.text.contains("报停是暂时不用热,销户是永远不用。您是想暂时停,还是永远停?"))
        let second = try customer.say("暂时停")
        #expect(second.entries == ["suspend_general"] && second.messages[0].steps.count == 3)
        try customer.prove(try company.account())
        let mine = try customer.say("报停需要什么手续")
        #expect(
            mine.entries == ["suspend_mine"] && mine.messages[0].steps.isEmpty == mine.text.contains("不受理"),
            "\(mine.text)")
    }

    @Test func whyTheBillIsHigherIsExplainedWithAChart() async throws {
        let company = try await Company.make()
        let customer = company.customer()
        let account = try company.account { _, facts in
            (facts["method"] as? String) == "byArea" && (facts["arrears_fen"] as? Int ?? 0) > 0
        }
        try customer.say("我家上个月的热费怎么比别人高")
        try customer.say(account.number)
        let reply = try customer.say(account.lastSix)
        let bill = try #require(reply.messages.last)
        #expect(bill.entry.hasPrefix("bill_peers@") && bill.full.contains("元"), "\(bill.full)")
        #expect(bill.chart.map { $0.bars.count >= 2 } == true)
        #expect(bill.spoken.unicodeScalars.allSatisfy { !($0.value < 0x80) }, "\(bill.spoken)")
    }

    @Test func aWrongBillIsReckonedAgainAndHandedOver() async throws {
        let company = try await Company.make()
        let customer = company.customer()
        try customer.prove(try company.account { view, _ in !(view["charges"] as? [Any] ?? []).isEmpty })
        let reply = try customer.say("你们供热费算错了")
        #expect(["bill_equal", "bill_differs"].contains(reply.entries.last ?? "") && reply.holder == .waiting)
        #expect(try company.handOffs(reply.conversation).first?.reason == "bill")
    }

    @Test func notFixedGoesToAPersonAtOnce() async throws {
        let company = try await Company.make()
        let customer = company.customer()
        let account = try company.account { view, _ in
            (view["work_orders"] as? [[String: Any]] ?? []).last.map {
                ["completed", "closed"].contains($0["state"] as? String ?? "")
                    && ($0["created_at"] as? String ?? "") > "2025-12-01"
            } ?? false
        }
        try customer.prove(account)
        let reply = try customer.say("还没好")
        #expect(reply.entries == ["follow_not_well"] && reply.holder == .waiting, "\(reply.text)")
        let handOffs = try company.handOffs(reply.conversation)
        #expect(handOffs.count == 1 && handOffs[0].reason == "coldHome")
        // One wish for a person, in the conversation that the customer speaks in.
        #expect(try company.store.read { try $0.handOffs([.waiting], after: nil, limit: 10) }.count == 1)
        let order = (account.view["work_orders"] as? [[String: Any]])?.last?["number"] as? String ?? ""
        #expect(try company.store.read { try $0.followUp(account: account.number, order: order) }?.state == .reopened)
    }

    @Test func aPersonKnowsWhatWasAskedBefore() async throws {
        let company = try await Company.make()
        let customer = company.customer()
        try customer.prove(try company.account { view, _ in !(view["payments"] as? [Any] ?? []).isEmpty })
        try customer.say("怎么缴费")
        let receipts = try customer.say("我按步骤缴了但没收到缴费凭证")
        #expect(receipts.entries == ["receipts_trouble"], "\(receipts.text)")
        let reply = try customer.press("还是不对")
        #expect(reply.holder == .waiting)
        let card = try #require(try company.handOffs(reply.conversation).first?.card)
        #expect(String(decoding: card, as: UTF8.self).contains("怎么缴费"))
    }

    @Test func keyZeroIsAPersonForAnOldCustomer() async throws {
        let company = try await Company.make()
        let customer = company.customer("13800000000", .hotline)
        let hello = try customer.turn(.opened)
        #expect(hello.messages[0].spoken.contains("请问您想咨询缴费报修还是报停") || hello.messages[0].spoken.contains("缴费、报修还是报停"))
        let reply = try customer.turn(.keys("0"))
        #expect(reply.holder == .waiting)
        let conversation = try company.store.read { try $0.conversation(ConversationID(reply.conversation)) }
        #expect(conversation?.isElderly == true && conversation?.channel == "phone")
    }

    @Test func theHotlineTakesAnAddressAndMakesTheOrder() async throws {
        let company = try await Company.make()
        let account = try Self.quiet(company)
        let facts = try #require(account.view["facts"] as? [String: Any])
        let place = ["community", "building", "unit", "room"].map { facts[$0] as? String ?? "" }
        let customer = company.customer("x", .hotline)
        try customer.say("报修")
        let how = try customer.say("暖气片冰凉")
        #expect(how.entries == ["how_to_report"], "\(how.text)")
        try customer.press("说地址")
        let asked = try customer.say("\(place[0])\(place[1])号楼\(place[2])单元\(place[3])")
        #expect(asked.messages.last?.wants == .phone, "\(asked.text)")
        let reply = try customer.turn(.keys("13800001234"))
        #expect(reply.entries == ["order_taken_at"], "\(place) \(reply.text)")
        #expect(try company.actions.first?.request.account == account.number)
        #expect(!reply.text.contains(account.number), "the number of a home that is not proved")
    }

    @Test func elderlyWordsArePlain() async throws {
        let company = try await Company.make()
        let customer = company.customer()
        try customer.say("我老了,慢点说")
        try customer.say("绑定户号")
        let ask = try #require(customer.last?.messages.last)
        #expect(
            ask.plain.contains("供热编号") && ask.plain.replacing(" ", with: "").contains("8位数")
                && !ask.plain.contains("户号"))
    }
}
