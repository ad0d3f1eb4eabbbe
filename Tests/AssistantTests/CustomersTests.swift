import Answers
import Assistant
import Foundation
import HeatModel
import Requests
import SQLiteStore
import Store
import Testing
import Understanding

/// What customers met who said what they liked.
@Suite struct CustomersTests {
    private static func real() async throws -> Company { try await Company.make(hearing: try HeardTests.ear.get()) }

    @Test(arguments: ["漏水了", "暖气漏水", "家里漏水了怎么办"])
    func aLeakHearsOfTheValveFirst(words: String) async throws {
        let reply = try (try await Self.real()).customer().say(words)
        #expect(["leak_first", "leak_now"].contains(reply.entries.first ?? ""), "\(reply.entries)")
        #expect(reply.messages.first?.full.contains("阀门") == true)
    }

    @Test func waterThatRunsIsUrgentAndDripsAreNot() async throws {
        let company = try await Company.make()
        let customer = company.customer()
        try customer.prove(try SeedTests.quiet(company))
        try customer.say("报修")
        let leak = try customer.say("暖气片漏水")
        #expect(leak.entries == ["leak_first"], "\(leak.entries)")
        let taken = try customer.say("呃这个嘛看着挺多")
        #expect(taken.entries.starts(with: ["leak_now"]) && taken.holder == .waiting, "\(taken.entries)")
        let action = try #require(try company.actions.first)
        #expect(String(decoding: action.request.payload, as: UTF8.self).contains("\"urgent\":\"true\""))
        let other = company.customer("乙")
        try other.say("报修")
        #expect(try other.say("暖气片漏水了,水流一地").entries.first == "leak_now")
        let third = company.customer("丙")
        try third.say("报修")
        try third.say("暖气片漏水")
        #expect(try third.say("一滴一滴的").entries == ["how_to_report"])
    }

    @Test func remindersEndAfterAYesAloneAndComeBack() async throws {
        let company = try await Self.real()
        let customer = company.customer()
        let account = try SeedTests.quiet(company)
        try company.store.write { try $0.bind(Assistant.key(.chat, "甲"), to: account.number) }
        try customer.say("我早已缴清,勿再发提醒")
        #expect(customer.last?.entries == ["opt_out_confirm"], "\(customer.last?.entries ?? [])")
        #expect(try customer.say("不停").entries == ["opt_out_kept"])
        try customer.say("别再给我发催费短信了")
        #expect(try customer.say("是的").entries == ["opt_out_done"])
        for words in ["恢复短信提醒", "取消退订"] {
            let back = try customer.say(words)
            if back.entries == ["opt_out_confirm"] { try customer.say(words) }
            #expect(customer.last?.entries == ["opt_in_done"], "\(words): \(customer.last?.entries ?? [])")
        }
    }

    @Test func aFreshOrderIsNotDenied() async throws {
        let company = try await Company.make()
        let customer = company.customer()
        try customer.prove(try SeedTests.quiet(company))
        try customer.say("报修")
        #expect(try customer.say("温控器不亮了").entries == ["order_taken"])
        let asked = try customer.say("师傅什么时候来")
        #expect(asked.entries == ["progress"] && !asked.text.contains("没有查到"), "\(asked.entries) \(asked.text)")
    }

    @Test func aNumberIsTakenWhereverItIsSaid() async throws {
        let company = try await Self.real()
        let account = try SeedTests.quiet(company)
        for words in ["报停怎么办", "查一下我家室温", "不热能退暖气费吗", "别再给我发催费短信了"] {
            let customer = company.customer(words)
            try customer.say(words)
            let asked = try customer.say(account.number)
            #expect(asked.messages.last?.wants == .idLastSix, "\(words): \(asked.entries) \(asked.text)")
        }
        let customer = company.customer("丁")
        try customer.say("报修")
        try customer.say("暖气片不热了")
        #expect(try customer.say(account.number).messages.last?.wants == .idLastSix, "\(customer.last?.entries ?? [])")
        // Both in one message.
        let both = try company.customer("戊").say("\(account.number) \(account.lastSix)")
        #expect(both.entries.first == "bound_ok", "\(both.entries)")
    }

    @Test func anAddressBesideTheFaultIsNotAskedAgain() async throws {
        let company = try await Company.make()
        let facts = try #require(try SeedTests.quiet(company).view["facts"] as? [String: Any])
        let place = ["community", "building", "unit", "room"].map { facts[$0] as? String ?? "" }
        let address = "\(place[0])\(place[1])号楼\(place[2])单元\(place[3])"
        let customer = company.customer()
        try customer.say("报修")
        let reply = try customer.say("\(address),温控器不亮,电话13800001234")
        #expect(reply.entries.contains("order_taken_at"), "\(reply.entries)")
        let other = company.customer("乙")
        try other.say("报修")
        try other.say("温控器不亮")
        #expect(try other.say(address).entries == ["ask_phone"])
        #expect(try other.say("不留电话").entries.contains("order_taken_at"), "\(other.last?.entries ?? [])")
    }

    @Test func theRightSixAfterWrongOnesAreHeard() async throws {
        let company = try await Company.make()
        let account = try company.account()
        let customer = company.customer()
        try customer.say("绑定户号")
        try customer.say(account.number)
        #expect(try customer.say("000000").entries == ["bind_wrong"])
        #expect(try customer.say(account.lastSix).entries == ["bound_ok"], "\(customer.last?.entries ?? [])")
    }

    @Test func aRefusalBeginsNothing() async throws {
        let company = try await Self.real()
        for words in ["不用了", "没事了", "没有了", "我没说要报修", "不想报停", "取消报修"] {
            let customer = company.customer(words)
            try customer.turn(.opened)
            let reply = try customer.say(words)
            #expect(
                ["left", "nothing_open", "ask_account"].contains(reply.entries.first ?? ""),
                "\(words): \(reply.entries)")
            #expect(words == "取消报修" || reply.entries.first != "ask_account", "\(words): \(reply.entries)")
        }
    }

    @Test func digitsAreHeardAsTheyAreSaid() async throws {
        let company = try await Company.make()
        let account = try company.account { view, facts in
            (facts["holder_id_number"] as? String)?.last?.isNumber == true
        }
        let names: [Character: String] = [
            "0": "零", "1": "幺", "2": "二", "3": "三", "4": "四", "5": "五", "6": "六", "7": "七", "8": "八", "9": "九",
        ]
        func said(_ digits: String) -> String { digits.compactMap { names[$0] }.joined() }
        let facts = try #require(account.view["facts"] as? [String: Any])
        let identity = facts["holder_id_number"] as? String ?? ""
        let six = account.lastSix
        let split = "\(six.prefix(2))-\(six.dropFirst(2).prefix(2))-\(six.suffix(2))"
        for (index, words) in [said(six), "后六位是\(six)", identity, split].enumerated() {
            let customer = company.customer("h\(index)", .hotline)
            try customer.say("绑定户号")
            #expect(try customer.say(said(account.number)).messages.last?.wants == .idLastSix)
            #expect(try customer.say(words).entries == ["bound_ok"], "\(index): \(customer.last?.entries ?? [])")
        }
        let customer = company.customer("tel")
        try customer.say("绑定户号")
        for words in ["13800000000", "157985"] {
            #expect(try customer.say(words).messages.last?.wants == .accountNumber, "\(words)")
        }
    }

    /// The first figure is all that is owed, whether or not this season has a bill; each sum stands behind it.
    @Test func whatIsOwedOfAllSeasonsIsToldFirst() async throws {
        let company = try await Company.make()
        var found = 0
        for household in try company.households() where found < 5 {
            let document = try company.answerer.reply(
                to: .amountDue(household.number, season: nil, on: nil, .chinese, .present),
                for: Requester(Caller(id: "test", scopes: ScopeSet([.assistant])), action: "test")
            ).result.get().json
            guard let object = try JSONSerialization.jsonObject(with: Data(document)) as? [String: Any],
                let others = object["other_seasons"] as? [[String: Any]],
                let total = (object["total_open_fen"] as? Int).map({ Fen(Int64($0)) }),
                object["open_fen"] != nil || object["status"] as? String == "no_bill",
                let fen = others.compactMap({ $0["arrears_fen"] as? Int }).first(where: { $0 > 0 })
            else { continue }
            found += 1
            try company.store.write { try $0.bind(Assistant.key(.chat, household.number), to: household.number) }
            let reply = try company.customer(household.number).say("应缴多少")
            #expect(reply.entries == ["pay_open"], "\(reply.text)")
            #expect(reply.text.hasPrefix("您家还应缴 \(total) 元"), "\(total): \(reply.text)")
            #expect(reply.messages[0].short.contains("\(total) 元"), "\(total): \(reply.messages[0].short)")
            let digits = reply.text.filter(\.isNumber)
            #expect(digits.contains("\(fen)"), "\(fen): \(reply.text)")
            // Whatever the form, the sum is the one of all seasons.
            let message = try #require(reply.messages.first)
            for form in [message.full, message.short, message.plain] {
                #expect(form.contains("\(total) 元"), "\(total): \(form)")
            }
            #expect(message.short.contains(Fen(Int64(fen)).description), "\(fen): \(message.short)")
        }
        #expect(found > 0)
    }

    @Test func noBillIsSaidAsThat() async throws {
        let company = try await Company.make()
        let account = try company.account { view, _ in (view["charges"] as? [Any] ?? []).isEmpty }
        try company.store.write { try $0.bind(Assistant.key(.chat, "甲"), to: account.number) }
        let reply = try company.customer().say("应缴多少")
        #expect(reply.entries == ["pay_no_bill"] && reply.holder == .assistant, "\(reply.text)")
    }

    @Test func plainWordsStayForTheCustomer() async throws {
        let company = try await Company.make()
        let customer = company.customer("甲", .hotline)
        try customer.say("我老了,慢点说")
        let reply = try customer.say("怎么缴费")
        #expect(reply.messages[0].full == reply.messages[0].plain && !reply.text.contains("户号"), "\(reply.text)")
        #expect(!reply.messages[0].spoken.contains("点绑定") && !reply.messages[0].spoken.contains("第一步"))
    }

    @Test func ofTwoAccountsTheCustomerSaysWhich() async throws {
        let company = try await Company.make()
        let customer = company.customer()
        let one = try SeedTests.quiet(company)
        let two = try company.account { view, _ in view["account_number"] as? String != one.number }
        try customer.prove(one)
        // Words that are not understood leave the number in its place.
        try customer.say("绑定户号")
        #expect(try customer.say("嘟噜").text.contains(one.number))
        try customer.say("再绑一个户号")
        if customer.last?.messages.last?.wants != .accountNumber { try customer.press("再绑一个") }
        try customer.say(two.number)
        try customer.say(two.lastSix)
        #expect(try customer.say("应缴多少").entries == ["which_account"])
        #expect(try customer.say("第一个").entries.first?.hasPrefix("pay_") == true)
        #expect(try customer.say("切换").entries == ["which_account"])
        #expect(
            try customer.say(two.number).entries.first?.hasPrefix("pay_") == true, "\(customer.last?.entries ?? [])")
        #expect(
            try customer.say(one.number).entries.first?.hasPrefix("pay_") == true, "\(customer.last?.entries ?? [])")
    }

    @Test func theThirdMissIsAPersonAndHelpComesFirst() async throws {
        let company = try await Company.make()
        let customer = company.customer()
        for _ in 0..<2 { #expect(try customer.say("嘟噜嘟噜").holder == .assistant) }
        #expect(try customer.say("嘟噜嘟噜").holder == .waiting)
        let hurt = try company.customer("乙").say("孩子被烫伤了")
        #expect(hurt.entries == ["hurt"] && hurt.text.contains("120") && hurt.holder == .waiting)
        let despair = try company.customer("丙").say("我不想活了")
        #expect(despair.entries == ["despair"] && despair.holder == .waiting && !despair.text.contains("燃气"))
    }

    /// Doors that hold customers back let these pass.
    @Test func whoNeedsHelpWaitsForNothing() async throws {
        let assistant = try await Self.real().assistant
        for words in ["我不想活了，就这样吧", "孩子被烫伤了", "暖气片漏水了,水流一地", "屋里有燃气味", "转人工"] {
            #expect(assistant.isPressing(words), "\(words)")
        }
        for words in ["怎么缴费", "烧伤了怎么赔", "银行流水显示扣了两次"] { #expect(!assistant.isPressing(words), "\(words)") }
    }

    @Test func theLastReplyIsSaidAgain() async throws {
        let company = try await Company.make()
        let customer = company.customer("x", .hotline)
        let first = try customer.say("几号供暖")
        #expect(try customer.say("没听清").messages == first.messages)
        #expect(try customer.say("再说一遍").messages == first.messages)
        let ask = try customer.say("绑定户号")
        #expect(try customer.say("大声点").messages == ask.messages)
        #expect(try customer.say(try SeedTests.quiet(company).number).messages.last?.wants == .idLastSix)
    }

    @Test func eachOfTwoQuestionsIsAnswered() async throws {
        let company = try await Self.real()
        let reply = try company.customer().say("营业厅几点上班?今年几号开始供暖?")
        #expect(Set(reply.entries).isSuperset(of: ["office_info", "season_dates"]), "\(reply.entries)")
    }

    @Test(arguments: ["我邻居欠多少钱", "隔壁老王家暖气费多少", "501的电话", "谁家欠费最多"])
    func whatIsANeighboursIsNotTold(words: String) async throws {
        #expect(try (try await Self.real()).customer().say(words).entries == ["others_data"])
    }

    @Test func onlyAnOpenOrderIsChanged() async throws {
        let company = try await Company.make()
        let account = try company.account { view, _ in
            let orders = view["work_orders"] as? [[String: Any]] ?? []
            return !orders.isEmpty
                && orders.allSatisfy { ["completed", "closed", "cancelled"].contains($0["state"] as? String ?? "") }
        }
        try company.store.write { try $0.bind(Assistant.key(.chat, "甲"), to: account.number) }
        #expect(try company.customer().say("改约").entries == ["no_open_order"])
    }

    @Test func anOldOrderIsNotReopened() async throws {
        let company = try await Company.make()
        let account = try company.account { view, _ in
            let orders = view["work_orders"] as? [[String: Any]] ?? []
            return orders.contains { ["completed", "closed"].contains($0["state"] as? String ?? "") }
                && orders.allSatisfy { order in
                    ["created_at", "completed_at", "closed_at"].allSatisfy {
                        (order[$0] as? String ?? "") < "2025-11-01"
                    }
                }
        }
        try company.store.write { try $0.bind(Assistant.key(.chat, "甲"), to: account.number) }
        #expect(try company.customer().say("还没好").entries == ["follow_none"])
    }
}
