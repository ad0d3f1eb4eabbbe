import Assistant
import Foundation
import HeatModel
import SQLiteStore
import Store
import Testing
import Understanding

/// The assistant with the ears that it has in earnest: the plan's dialogues in customers' own words.
@Suite struct HeardTests {
    static let ear = Result { Listener(try Knowledge.load(folder: Company.repository + "/Config/knowledge")) }

    static let sayings: [(words: String, entry: String)] = [
        ("这个月的热费怎么交", "pay_"), ("热费在哪儿交啊", "pay_"), ("我家上个月的热费怎么比别人高", "ask_account"),
        ("为啥今年暖气费比去年贵这么多", "ask_account"),
        ("家里暖气不热怎么办", "cold_checks_plain"), ("报停需要什么手续", "suspend_general"), ("报停和销户有啥区别", "suspend_which"),
        ("师傅什么时候来啊", "ask_account"), ("户号忘了怎么查", "number_forgot"), ("我要投诉你们客服态度太差", "complaint"),
        ("暖气漏水把地板泡了,要索赔", "compensation"),
        ("能开发票吗", "invoice"), ("别再给我发催费短信了", "opt_out_how"), ("房子卖了怎么过户", "transfer_owner"),
        ("今年几号开始供暖", "season_dates"),
        ("你们营业厅几点上班", "office_info"), ("转人工", "human"), ("你好", "greeting"), ("我老了听不清,你慢点说", "elderly_help"),
        ("不热能退暖气费吗", "refund_how"),
        ("热费算错了,我家面积不对", "ask_account"), ("家里暖气管爆了喷水,满屋都是水", "leak_now"), ("给我讲个笑话", "none"),
        ("查一下我家室温", "temperature_how"),
    ]

    @Test func ownWordsAreAnswered() async throws {
        let company = try await Company.make(hearing: try Self.ear.get())
        for (words, entry) in Self.sayings {
            let reply = try company.customer(words).say(words)
            #expect(reply.entries.first?.hasPrefix(entry) == true, "\(words): \(reply.entries) \(reply.text)")
        }
    }

    /// After the order of a leak nothing begins anew: what is asked then is answered, and danger comes before it.
    @Test func aLeakIsFollowedToItsEnd() async throws {
        let company = try await Company.make(hearing: try Self.ear.get())
        let customer = company.customer()
        try customer.prove(try SeedTests.quiet(company))
        #expect(try customer.say("暖气管爆了，水喷得满屋都是").entries.last == "leak_ordered")
        for (words, entry) in [
            ("总阀在哪啊", "leak_valve"), ("还在喷", "leak_runs"), ("师傅啥时候到", "leak_when"), ("怎么还不来", "leak_when"),
        ] {
            let reply = try customer.say(words)
            #expect(reply.entries == [entry], "\(words): \(reply.entries)")
        }
        let danger = try customer.say("水到插座那了")
        #expect(danger.entries.first == "danger" && danger.holder == .waiting, "\(danger.entries)")
        #expect(try company.actions.count == 1)
        // Another who stops it, and one who needs nobody any more.
        for (words, entry) in [("关上了，不喷了", "leak_dry"), ("不用来了，我弄好了", "leak_cancel")] {
            let other = company.customer(words)
            try other.prove(try SeedTests.quiet(company))
            try other.say("暖气管爆了，水喷得满屋都是")
            if other.last?.entries.last == "leak_ordered" { #expect(try other.say(words).entries == [entry]) }
        }
        #expect(try company.actions.count == 1)
    }

    @Test func anAccountIsPutRightWhereItsProofIsAskedFor() async throws {
        let company = try await Company.make(hearing: try Self.ear.get())
        let account = try SeedTests.quiet(company)
        let other = try company.account { view, _ in view["account_number"] as? String != account.number }
        for correction in ["不对，是\(account.number)", account.number, "说错了是\(account.number)"] {
            let customer = company.customer(correction)
            try customer.say("绑定户号")
            try customer.say(other.number == account.number ? "99999999" : other.number)
            #expect(try customer.say(correction).entries == ["ask_id"], "\(correction)")
            let proved = try customer.say(account.lastSix)
            #expect(proved.text.contains("绑定好了,户号 \(account.number)"), "\(proved.text)")
        }
        let customer = company.customer()
        try customer.say("绑定户号")
        try customer.say("99999999")
        #expect(try customer.say("户号错了").entries == ["ask_account"])
    }

    @Test func smallWordsAreMetWithWhatTheyMean() async throws {
        let company = try await Company.make(hearing: try Self.ear.get())
        for (words, entry) in [
            ("谢谢", "thanks"), ("好的，再见", "thanks"), ("谢谢你啊", "thanks"), ("您好", "greeting"), ("我家欠多少钱", "ask_account"),
            ("我要缴费", "pay_new"), ("帮我看看对门102的暖气费交了没", "others_data"), ("热水器打不着火", "none"),
        ] {
            let reply = try company.customer(words).say(words)
            #expect(reply.entries.first == entry, "\(words): \(reply.entries)")
        }
        // 行 is no word of a home that has become warm; that it was tried is.
        let customer = company.customer()
        #expect(try customer.say("家里不热").entries == ["cold_checks_plain"])
        #expect(try customer.say("行").entries != ["cold_fine"])
        #expect(try customer.say("试了").entries == ["how_to_report"])
        let zero = company.customer("零", .hotline)
        try zero.turn(.opened)
        #expect(try zero.say("零").holder == .waiting)
    }

    @Test func theDialogueOfAColdHomeGoesToItsOrder() async throws {
        let company = try await Company.make(hearing: try Self.ear.get())
        let customer = company.customer()
        let account = try SeedTests.quiet(company)
        try customer.say("我想绑定户号")
        try customer.say("我的户号是\(account.number)")
        let proved = try customer.say(account.lastSix)
        #expect(proved.entries.contains("bound_ok"), "\(proved.text)")
        let checks = try customer.say("我家暖气片冰凉,一点都不热")
        #expect(checks.entries == ["cold_checks"], "\(checks.text)")
        let photo = try customer.say("都试过了还是不热")
        #expect(photo.entries == ["cold_photo"], "\(photo.text)")
        let order = try customer.say("没有照片,直接报修吧")
        #expect(order.entries == ["order_taken"], "\(order.text)")
        #expect(try company.actions.count == 1)
    }

    @Test func theDialogueOfABillGoesToAPersonWithWhatWasSaid() async throws {
        let company = try await Company.make(hearing: try Self.ear.get())
        let customer = company.customer()
        let account = try company.account { view, _ in !(view["payments"] as? [Any] ?? []).isEmpty }
        let how = try customer.say("怎么缴费")
        #expect(how.entries == ["pay_new"])
        try customer.say("我有户号")
        try customer.say(account.number)
        try customer.say(account.lastSix)
        let receipts = try customer.say("我按步骤缴了,但没收到缴费凭证")
        #expect(receipts.entries == ["receipts_trouble"], "\(receipts.text)")
        #expect(try customer.say("不对,扣了两次").holder == .waiting)
    }

    @Test func anAddressIsTakenAsItIsSaid() async throws {
        let company = try await Company.make(hearing: try Self.ear.get())
        let account = try SeedTests.quiet(company)
        let facts = try #require(account.view["facts"] as? [String: Any])
        let place = ["community", "building", "unit", "room"].map { facts[$0] as? String ?? "" }
        let customer = company.customer("x", .hotline)
        let reply = try customer.say("报修,\(place[0])\(place[1])号楼\(place[2])单元\(place[3]),暖气片阀门滴水")
        #expect(reply.entries == ["ask_phone"], "\(reply.entries) \(reply.text)")
        #expect(try customer.say("一三八零零零零一二三四").entries == ["order_taken_at"], "\(customer.last?.entries ?? [])")
        #expect(try company.actions.first?.request.account == account.number)
    }
}
