import Actions
import Answers
import Assistant
import Explanation
import Foundation
import HeatModel
import SQLiteStore
import Store
import Testing
import Understanding

/// Whole matters in customers' own words: what was said in one turn holds in the next.
@Suite struct HeardMattersTests {
    private static func real() async throws -> Company { try await Company.make(hearing: try HeardTests.ear.get()) }

    /// Community, building, unit and room of a home in which nothing is open.
    private static func place(_ company: Company) throws -> (parts: [String], number: String) {
        let account = try SeedTests.quiet(company)
        let facts = try #require(account.view["facts"] as? [String: Any])
        return (["community", "building", "unit", "room"].map { facts[$0] as? String ?? "" }, account.number)
    }

    private static func payload(_ action: StoredAction) -> String { String(decoding: action.request.payload, as: UTF8.self) }

    // MARK: An address in pieces

    @Test func anAddressInPiecesIsPutTogether() async throws {
        let company = try await Self.real()
        let (place, number) = try Self.place(company)
        let tellings = [
            [place[0], "\(place[1])号楼\(place[2])单元\(place[3])"],
            ["\(place[1])号楼\(place[2])单元\(place[3])", place[0]],
            [place[0], "\(place[1])号楼", "\(place[2])单元\(place[3])"],
            ["\(place[0])\(place[1])号楼\(place[2])单元", place[3]],
        ]
        for (index, pieces) in tellings.enumerated() {
            let customer = company.customer("pieces-\(index)")
            try customer.say("报修")
            try customer.say("温控器不亮了")
            try customer.say("没有户号")
            for piece in pieces.dropLast() {
                let asked = try customer.say(piece)
                #expect(asked.entries.count == 1 && asked.entries[0].hasPrefix("address_"), "\(pieces): \(asked.entries)")
                #expect(asked.text.contains(piece), "what was said is not told back: \(asked.text)")
            }
            #expect(try customer.say(pieces.last ?? "").entries == ["ask_phone"], "\(pieces): \(customer.last?.text ?? "")")
            #expect(try customer.say("不留电话").entries == ["order_taken_at"], "\(pieces): \(customer.last?.entries ?? [])")
        }
        #expect(try company.actions.allSatisfy { $0.request.account == number })
    }

    @Test func aPlaceThatWasNamedWithTheFaultIsNotAskedAgain() async throws {
        let company = try await Self.real()
        let (place, _) = try Self.place(company)
        let customer = company.customer()
        let leak = try customer.say("我家住\(place[0])小区,暖气管爆了,水喷得满屋都是")
        #expect(leak.entries == ["leak_now", "address_building"], "\(leak.entries)")
        let ordered = try customer.say("\(place[1])号楼\(place[2])单元\(place[3])")
        #expect(ordered.entries == ["leak_phone"], "\(ordered.entries)")
        #expect(try company.actions.count == 1)
    }

    // MARK: A number that is too short

    @Test func aNumberOfTooFewDigitsIsSaidToBeThat() async throws {
        let company = try await Self.real()
        for words in ["0100001", "户号是0100001", "零一零零零零一", "010000178"] {
            let customer = company.customer(words)
            try customer.say("绑定户号")
            let told = try customer.say(words)
            #expect(told.entries == ["account_length"] && told.text.contains("8 位"), "\(words): \(told.text)")
            #expect(told.messages.last?.wants == .accountNumber, "\(words)")
            #expect(try customer.say(try SeedTests.quiet(company).number).entries == ["ask_id"])
        }
        // Beside the question, and on the keys of a telephone.
        let beside = try company.customer("beside").say("查一下应缴多少,户号0100001")
        #expect(beside.entries == ["account_length", "ask_account"], "\(beside.entries)")
        let caller = company.customer("keys", .hotline)
        try caller.say("绑定户号")
        #expect(try caller.turn(.keys("0100001")).entries == ["account_length"])
        // Whoever says it thrice is given to a person.
        let stubborn = company.customer("stubborn")
        try stubborn.say("绑定户号")
        for _ in 0..<2 { #expect(try stubborn.say("0100001").holder == .assistant) }
        #expect(try stubborn.say("0100001").holder == .waiting)
    }

    @Test func anAddressInTheNumbersPlaceIsNoQuestionForOffices() async throws {
        let company = try await Self.real()
        for words in ["阳光花园3号楼2单元501", "我家住阳光花园3号楼2单元501室"] {
            let customer = company.customer(words)
            #expect(try customer.say("我要交暖气费").messages.last?.wants == .accountNumber, "\(words)")
            let told = try customer.say(words)
            #expect(told.entries == ["account_by_address"], "\(words): \(told.entries)")
            #expect(told.messages.last?.wants == .accountNumber, "\(words)")
            #expect(try customer.say("户号忘了").entries == ["number_forgot"], "\(words)")
        }
        let customer = company.customer("an address, then the number")
        try customer.say("绑定户号")
        try customer.say("阳光花园3号楼2单元501")
        #expect(try customer.say(try SeedTests.quiet(company).number).entries == ["ask_id"])
    }

    // MARK: An order for an address

    @Test func anOrderForAnAddressIsFollowedAndMovedInItsConversation() async throws {
        let company = try await Self.real()
        let (place, number) = try Self.place(company)
        let customer = company.customer()
        try customer.say("报修,\(place[0])\(place[1])号楼\(place[2])单元\(place[3]),暖气片阀门坏了")
        #expect(try customer.say("13800001234").entries == ["order_taken_at"])
        let request = try #require(try company.actions.first).id.number
        let followed = try customer.say("师傅什么时候来")
        #expect(followed.entries == ["progress_reported"] && followed.text.contains("受理编号 \(request)"), "\(followed.text)")
        #expect(!followed.text.contains(number), "the number of a home that is not proved")
        let moved = try customer.say("改约")
        #expect(moved.entries == ["change_what"] && moved.text.contains("受理编号 \(request)"), "\(moved.text)")
        let handed = try customer.say("明天下午三点以后")
        #expect(handed.entries == ["change_done"] && handed.holder == .waiting, "\(handed.entries)")
        let card = try #require(try company.handOffs(handed.conversation).first?.card)
        #expect(String(decoding: card, as: UTF8.self).contains("受理编号 \(request)"))
        // Another conversation knows nothing of it, and who joined another's order is told nothing of that.
        #expect(try company.customer("乙").say("师傅什么时候来").entries == ["ask_account"])
        let neighbour = company.customer("丙")
        try neighbour.say("报修,\(place[0])\(place[1])号楼\(place[2])单元\(place[3]),暖气片阀门坏了")
        #expect(try neighbour.say("不留电话").entries == ["order_taken_at"])
        let told = try neighbour.say("师傅什么时候来")
        #expect(told.entries == ["progress_reported"] && !told.text.contains("\(request)"), "\(told.text)")
        #expect(try company.actions.count == 1)
        company.clock.pass(hours: 13)
        #expect(try neighbour.say("师傅什么时候来").entries == ["ask_account"])
    }

    @Test func anEmergencyIsOrderedFirstAndAsksForATelephoneThen() async throws {
        let company = try await Self.real()
        let (place, number) = try Self.place(company)
        let customer = company.customer()
        try customer.say("暖气管爆了,水喷得满屋都是")
        let ordered = try customer.say("\(place[0])\(place[1])号楼\(place[2])单元\(place[3])")
        #expect(ordered.entries == ["leak_phone"] && ordered.messages.last?.wants == .phone, "\(ordered.entries)")
        let order = try #require(try company.actions.first)
        #expect(order.request.isUrgent && !Self.payload(order).contains("138"))
        // While its system has given no number yet, that is said.
        let early = try customer.say("13800001234")
        #expect(early.entries == ["leak_phone_lost", "leak_ordered_at"], "\(early.entries)")
        #expect(try company.actions.count == 1)
        // Once it has, the telephone goes to it.
        let other = company.customer("乙")
        let second = try company.account { view, facts in
            view["account_number"] as? String != number && facts["supply_state"] as? String == "normal"
                && (view["work_orders"] as? [Any] ?? []).isEmpty
                && ["community", "building", "unit", "room"].allSatisfy { facts[$0] is String }
        }
        let facts = second.view["facts"] as? [String: Any] ?? [:]
        let home = ["community", "building", "unit", "room"].map { facts[$0] as? String ?? "" }
        try other.say("暖气管爆了,水喷得满屋都是")
        #expect(try other.say("\(home[0])\(home[1])号楼\(home[2])单元\(home[3])").entries == ["leak_phone"])
        try company.confirmOrder(of: second.number, as: "WO2026000777")
        #expect(try other.say("我的电话13800005678").entries == ["leak_phone_added", "leak_ordered_at"], "\(other.last?.entries ?? [])")
        let amended = try #require(try company.actions.first { $0.request.kind == "amendWorkOrder" })
        #expect(amended.request.account == second.number)
        #expect(Self.payload(amended).contains("13800005678") && Self.payload(amended).contains("WO2026000777"))
        // Whoever must go leaves without one.
        #expect(try other.say("师傅啥时候到").entries == ["leak_when"])
    }

    /// Cancelling an order is no moving of it.
    @Test func aCancelledOrderIsNotToldAsMoved() async throws {
        let company = try await Self.real()
        let account = try SeedTests.quiet(company)
        for (index, words) in ["不用来了", "撤单", "别来了,我自己修好了"].enumerated() {
            let customer = company.customer("cancel-\(index)")
            try company.store.write { try $0.bind(Assistant.key(.chat, "cancel-\(index)"), to: account.number) }
            try customer.say("报修")
            try customer.say("温控器不亮了")
            try customer.say("改约")
            let cancelled = try customer.say(words)
            #expect(cancelled.entries == ["cancel_done"] && cancelled.holder == .waiting, "\(words): \(cancelled.entries)")
            #expect(cancelled.text.contains("撤掉") && !cancelled.text.contains("改约"), "\(cancelled.text)")
        }
        let asked = company.customer("at once")
        try company.store.write { try $0.bind(Assistant.key(.chat, "at once"), to: account.number) }
        #expect(try asked.say("维修取消吧,不用来了").entries == ["cancel_done"], "\(asked.last?.entries ?? [])")
    }

    /// Where water runs at an address that nobody knows, no system has failed: the address is not known.
    @Test func anUnknownAddressOfALeakIsNotToldAsABrokenSystem() async throws {
        let company = try await Self.real()
        let customer = company.customer()
        try customer.say("暖气管爆了,水喷得满屋都是")
        let unknown = try customer.say("月球花园9号楼9单元901")
        #expect(unknown.entries == ["leak_address_unknown"] && unknown.holder == .waiting, "\(unknown.entries)")
        #expect(unknown.text.contains("96777") && !unknown.text.contains("系统"), "\(unknown.text)")
        #expect(try company.actions.isEmpty)
    }

    // MARK: What is spoken of stays

    @Test func whoWantsItSlowerHearsTheSameInPlainWords() async throws {
        let company = try await Self.real()
        for words in ["慢点说", "说慢一点"] {
            let customer = company.customer(words)
            try customer.say("报停怎么办理")
            let plain = try #require(customer.last?.messages.last?.plain)
            let slow = try customer.say(words)
            #expect(slow.entries == ["slowly", "suspend_general"], "\(slow.entries)")
            #expect(slow.messages.last?.full == plain && !plain.contains("户号"), "\(slow.text)")
            // The choices are still there, and it is said slowly once.
            #expect(slow.choices.contains { $0.words == "按我家算" })
            #expect(try customer.say(words).entries == ["slowly", "suspend_general"])
            #expect(try customer.press("按我家算").entries == ["ask_account"])
        }
        let asked = company.customer("asked")
        try asked.say("绑定户号")
        try asked.say(try SeedTests.quiet(company).number)
        #expect(try asked.say("慢点说").entries == ["slowly", "ask_id"])
        #expect(try asked.say(try SeedTests.quiet(company).lastSix).entries == ["bound_ok"])
        let told = company.customer("told")
        let dates = try told.say("几号供暖")
        #expect(try told.say("你说慢点").entries == ["slowly"] + dates.entries)
    }

    @Test func aVisitIsComeBackToAfterBinding() async throws {
        let company = try await Self.real()
        let account = try SeedTests.quiet(company)
        let customer = company.customer()
        try customer.say("约测温")
        #expect(customer.last?.entries == ["temperature_how"], "\(customer.last?.entries ?? [])")
        #expect(try customer.say("绑定户号").entries == ["ask_account"])
        try customer.say(account.number)
        let bound = try customer.say(account.lastSix)
        #expect(bound.entries == ["bound_ok", "order_taken"], "\(bound.entries)")
        #expect(Self.payload(try #require(try company.actions.first)).contains("temperature"))
        // What else offered to bind a number is gone on with, too.
        let refund = company.customer("乙")
        try refund.say("不热能退暖气费吗")
        try refund.press("绑定户号")
        try refund.say(account.number)
        #expect(try refund.say(account.lastSix).entries == ["bound_ok", "refund_mine"], "\(refund.last?.entries ?? [])")
    }

    @Test func aPersonWhoIsSaidToBeCalledIsCalled() async throws {
        let company = try await Self.real()
        for words in ["换人", "转人工", "我要找你们领导"] {
            let reply = try company.customer(words).say(words)
            #expect(!reply.text.contains("已给您转人工") || reply.holder == .waiting, "\(words): \(reply.text)")
        }
        let pressed = company.customer("pressed")
        try pressed.say("能开发票吗")
        #expect(try pressed.press("换开或补开").holder == .waiting, "\(pressed.last?.text ?? "")")
        let changed = company.customer("changed")
        try changed.say("绑定户号")
        let reply = try changed.say("换人")
        #expect(reply.holder == .waiting && reply.entries == ["human"], "\(reply.entries)")
    }

    @Test func whatIsToldAfterDangerBelongsToIt() async throws {
        let company = try await Self.real()
        for danger in ["屋里有燃气味", "水漏到插座上了", "漏煤气了"] {
            let customer = company.customer(danger)
            #expect(try customer.say(danger).entries == ["danger"])
            for words in ["家里有老人", "家里有老人和孩子", "腿脚不好下不了楼", "在12楼"] {
                let more = try customer.say(words)
                #expect(more.entries == ["alarm_more", "danger"] && more.holder == .waiting, "\(words): \(more.entries)")
            }
            // Another matter is one, and ends it.
            #expect(try customer.say("几号供暖").entries == ["season_dates"], "\(customer.last?.entries ?? [])")
            #expect(try customer.say("家里有老人").entries.contains("alarm_more") == false)
        }
    }

    // MARK: The first sentence answers

    @Test func theDeadlineIsToldFirst() async throws {
        let company = try await Self.real()
        for words in ["什么时候截止", "热费交到几号"] {
            let stranger = try company.customer(words).say(words)
            #expect(stranger.entries == ["deadline"] && stranger.text.hasPrefix("热费要在 12 月 31 日 前缴清"), "\(stranger.text)")
            let owing = try company.account { _, facts in (facts["arrears_fen"] as? Int ?? 0) > 0 }
            let name = "known-\(words)"
            try company.store.write { try $0.bind(Assistant.key(.chat, name), to: owing.number) }
            let told = try company.customer(name).say(words)
            #expect(told.entries == ["deadline_mine"], "\(told.entries)")
            #expect(told.text.hasPrefix("缴费截止日 20"), "\(told.text)")
            #expect(told.text.components(separatedBy: "缴费截止日").count == 2, "told twice: \(told.text)")
            #expect(told.messages[0].short.hasPrefix("缴费截止日 20"), "\(told.messages[0].short)")
        }
    }

    /// Who may not suspend within the season is told that, and nothing that sounds as if they might.
    @Test func whatIsNotGrantedIsNotToldAsIfItWere() async throws {
        let company = try await Self.real()
        let general = try company.customer().say("报停怎么办理")
        #expect(general.entries == ["suspend_general"] && !general.text.contains("供热季里办的要先缴清"), "\(general.text)")
        let account = try company.account { view, facts in
            (facts["arrears_fen"] as? Int ?? 0) > 0 && (view["suspensions"] as? [Any] ?? []).isEmpty
        }
        try company.store.write { try $0.bind(Assistant.key(.chat, "乙"), to: account.number) }
        let mine = try company.customer("乙").say("报停怎么办理")
        #expect(mine.entries == ["suspend_mine"] && mine.text.hasPrefix("采暖期内办理报停:本采暖期不受理"), "\(mine.text)")
        #expect(!mine.text.contains("须先结清") && !mine.text.contains("按天计费"), "\(mine.text)")
        #expect(mine.messages[0].steps.isEmpty)
    }

    /// A bill that differs from the tariff in both seasons is not said to be the same and higher.
    @Test func aCorrectedBillIsNotSaidToBeTheSameAndHigher() async throws {
        let company = try await Self.real()
        var found = 0
        for household in try company.households() {
            let reply = company.answerer.reply(
                to: .explanation(household.number, season: nil, versus: .previous, on: nil, .chinese, .present),
                for: Requester(Caller(id: "test", scopes: ScopeSet([.assistant])), action: "test"))
            guard case .success(let document) = reply.result else { continue }
            let text = String(decoding: document.json, as: UTF8.self)
            guard text.contains("previous_billing_difference") else { continue }
            found += 1
            let name = "bill-\(household.number)"
            try company.store.write { try $0.bind(Assistant.key(.chat, name), to: household.number) }
            let told = try company.customer(name).say("为啥今年暖气费比去年贵这么多")
            #expect(told.entries == ["bill_previous"], "\(told.entries)")
            #expect(!told.text.contains("显得") && !told.text.contains("基本一样"), "\(told.text)")
            // A difference that is said to be given to a person is.
            #expect(!told.text.contains("已转人工") || told.holder == .waiting, "\(told.text)")
        }
        #expect(found > 0, "no bill of the company differs from the tariff in both seasons")
    }

    // MARK: Offices

    @Test func officesAreToldWhereTheyAreListed() async throws {
        let none = try await Self.real().customer().say("营业厅在哪")
        #expect(none.entries == ["office_info"] && none.text.contains("没有登记") && none.text.contains("96777"), "\(none.text)")
        let company = try await Company.make(
            hearing: try HeardTests.ear.get(),
            offices: """
                offices:
                  - {name: 阳光营业厅, address: 阳光路 1 号, hours: 每天 8:00–18:00, phone: "96778"}
                  - {name: 河东营业厅, address: 河东路 9 号}
                """)
        let told = try company.customer().say("营业厅在哪")
        #expect(told.entries == ["office_places"], "\(told.entries)")
        for part in ["阳光营业厅:阳光路 1 号,每天 8:00–18:00。", "96778", "河东营业厅:河东路 9 号,工作日 8:30–17:00。"] {
            #expect(told.text.contains(part), "\(part): \(told.text)")
        }
        #expect(told.messages[0].short.hasPrefix("阳光营业厅:阳光路 1 号"), "\(told.messages[0].short)")
    }
}
