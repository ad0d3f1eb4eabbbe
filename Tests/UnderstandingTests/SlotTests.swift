import Testing
import Understanding

/// What utterances name.
@Suite struct SlotTests {
    private func named(_ words: String) throws -> [String: String] { try Shared.hear(words).slots.named }

    @Test func addresses() throws {
        for words in [
            "金穗小区4号楼1单元602暖气不热", "金穗小区4-1-602暖气不热", "金穗小区四号楼一单元六零二暖气不热", "金穗小区４号楼１门６０２暖气不热",
            "我家住金穗小区4栋1单元602室,暖气不热",
        ] {
            let slots = try named(words)
            #expect(
                [slots["community"], slots["building"], slots["unit"], slots["room"]] == ["金穗小区", "4", "1", "602"],
                "\(words) \(slots)")
        }
        let two = try named("福源里6-302暖气不热")
        #expect([two["building"], two["unit"], two["room"]] == ["6", nil, "302"])
        let days = try named("金穗小区7号楼三天没热了，我家暖气片冰凉")
        #expect(days["building"] == "7" && days["room"] == nil && days["since"] == "三天", "\(days)")
        let letter = try named("春和家园A座1201暖气不热")
        #expect(letter["building"] == "A" && letter["room"] == "1201")
    }

    @Test func numbers() throws {
        #expect(try named("户号00912346，查一下欠费多少")["account"] == "00912346")
        #expect(try named("户号零零九一二三四六，查一下欠费多少")["account"] == "00912346")
        #expect(try named("绑定户号00912346，后六位10482x")["id_last6"] == "10482X")
        #expect(try named("单号WX0008812的维修师傅到哪了")["order"] == "WX0008812")
        #expect(try named("报修留的电话是13800138000，师傅几点来")["account"] == nil)
    }

    @Test func measures() throws {
        #expect(try named("屋里才16.4度，暖气不热")["temperature"] == "16.4")
        #expect(try named("屋里十三四度，暖气不热")["temperature"] == "13-14")
        #expect(try named("屋里16度半，暖气不热")["temperature"] == "16.5")
        #expect(try named("标准是不是18度")["temperature"] == nil)
        #expect(try named("2024-2025年度的账单怎么算错了")["season"] == "2024-2025")
        #expect(try named("我家96平交了2400元，是不是算错了")["area"] == "96")
        #expect(try named("我家96平交了2400元，是不是算错了")["amount"] == "2400")
        #expect(try named("今年要一千九百六，比去年高太多了")["amount"] == "1960")
        #expect(try named("我家一百平上下，一年多少钱")["area"] == nil)
        #expect(try named("扣了两千来块，没收到回执")["amount"] == nil)
    }

    @Test func pieces() throws {
        let cold = try named("打前天起客厅冰凉，暖气不热")
        #expect(cold["place"] == "客厅" && cold["since"] == "前天", "\(cold)")
        #expect(try named("约的维修改到后天下午三点行吗")["time"] == "后天下午三点")
        #expect(try named("用云闪付能交暖气费吗")["channel"] == "云闪付")
        #expect(try named("今天天气怎么样，客厅16度").isEmpty)
    }

    /// Said in ways of saying, not in words of a list.
    @Test func waysOfSaying() throws {
        for (words, symptom, place) in [
            ("书房阀门锈死了，来修一下", "阀门锈死了", "书房"), ("主卧这组上面烫下面凉，暖气不热", "上面烫下面凉", "主卧"),
            ("暖气管子里叮当叮当响，报修", "叮当叮当响", nil), ("快来人，热水正往床上喷", "往床上喷", nil),
            ("老人那屋暖气不热", "不热", "老人那屋"), ("不是漏水，暖气片不热", "不热", nil),
        ] {
            let slots = try named(words)
            #expect(slots["symptom"] == symptom && slots["place"] == place, "\(words) \(slots)")
        }
        #expect(try named("维修改到下礼拜四上午十点以后行吗")["time"] == "下礼拜四上午十点以后")
        #expect(try named("昨天报的修，师傅今天几点来")["time"] == nil)
        #expect(try named("约好下午三点到五点，师傅怎么还没来")["time"] == "下午三点到五点")
        #expect(try named("农行手机银行能交暖气费吗")["channel"] == "农行手机银行")
        #expect(try named("邻居家1700我家2260，为什么比他家高这么多")["amount"] == "2260")
        #expect(try named("热费比邻居多300，凭什么")["amount"] == nil)
        #expect(try named("停热停了三天，热费退不退")["since"] == "三天")
    }
}
