import Foundation

@testable import Understanding

/// Hears by a table of words: what the tests say, and nothing else. How people really speak is another room's business.
struct Ear: Hearing {
    static let table: [(String, String)] = [
        ("漏水了快来", "leak_emergency"), ("水喷出来", "leak_emergency"), ("缴了但没收到", "pay_failed_no_receipt"),
        ("没收到缴费凭证", "pay_failed_no_receipt"),
        ("怎么交", "pay_how"), ("怎么缴费", "pay_how"), ("应缴多少", "amount_due"), ("比别人高", "bill_higher_than_others"),
        ("比去年", "bill_higher_than_last_year"), ("涨了", "bill_higher_than_last_year"), ("算错", "bill_wrong_claim"),
        ("收费标准", "price_standard"), ("公摊", "shared_area"), ("发票", "invoice"), ("缴费记录", "payment_history"),
        ("截止", "deadline_late_fee"), ("绑定户号", "bind_account"), ("户号忘了", "account_number_lookup"),
        ("我的户号是多少", "account_number_lookup"), ("过户", "transfer_owner"), ("新房", "new_connection"), ("不热怎么办", "not_warm"),
        ("家里不热", "not_warm"), ("报修", "report_fault"), ("阀门滴水", "report_fault"), ("师傅什么时候来", "order_progress"),
        ("改到", "cancel_or_change_appointment"), ("改约", "cancel_or_change_appointment"), ("还没好", "follow_up_not_fixed"),
        ("修好了", "follow_up_fixed"), ("查温度", "room_temperature_query"), ("停热", "outage_notice"),
        ("几号供暖", "season_dates"),
        ("报停要交多少", "suspend_cost"), ("报停和销户", "suspend_vs_close"), ("报停", "suspend_how"), ("销户", "close_account"),
        ("恢复供热", "resume_supply"), ("退热费", "cold_refund"), ("索赔", "compensation_claim"), ("泡了", "compensation_claim"),
        ("投诉", "complaint"), ("老了", "elderly_help"), ("你好", "greeting_thanks"), ("别发短信", "unsubscribe_reminders"),
        ("没看懂", "feedback_on_answer"), ("营业厅在哪", "office_info"), ("天气", "none"), ("热泵补贴", "human"),
    ]

    func hear(_ words: String, context: HearingContext) -> Heard {
        var marks: Set<Heard.Mark> = []
        if words.contains("转人工") || words.contains("找真人") { marks.insert(.wantsHuman) }
        if words.contains("燃气味") { marks.formUnion([.danger, .urgent]) }
        if words.contains("漏水了快来") { marks.insert(.urgent) }
        if words.contains("水流") || words.contains("喷") { marks.insert(.waterRuns) }
        if words.contains("漏"), !words.contains("滴") { marks.insert(.waterLeaks) }
        if words.contains("烫伤") { marks.insert(.hurt) }
        if words.contains("不想活") { marks.insert(.despair) }
        if words.contains("邻居的电话") { marks.insert(.othersData) }
        if words.contains("忽略以上") { marks.insert(.injection) }
        if words.contains("混蛋") { marks.insert(.abuse) }
        if words.contains("老了") { marks.insert(.elderly) }
        var slots = Slots()
        let digits = words.split(whereSeparator: { !$0.isASCII || !$0.isNumber }).map(String.init)
        slots.account = digits.first { $0.count == 8 }
        slots.phone = digits.first { $0.count == 11 && $0.hasPrefix("1") }
        if let six = words.split(whereSeparator: { !$0.isASCII }).first(where: { $0.count == 6 }) {
            slots.idLastSix = String(six)
        }
        if let match = words.firstMatch(of: /([^0-9，,]{2,6})(\d+)号楼(\d+)单元(\d+)/) {
            slots.community = String(match.1)
            slots.building = String(match.2)
            slots.unit = String(match.3)
            slots.room = String(match.4)
        }
        var found: [(Int, String)] = []
        var rest = words
        for (phrase, intent) in Self.table where rest.contains(phrase) {
            let place = words.range(of: phrase).map { words.distance(from: words.startIndex, to: $0.lowerBound) } ?? 0
            rest = rest.replacing(phrase, with: "|")
            if !found.contains(where: { $0.1 == intent }) { found.append((place, intent)) }
        }
        let intents = found.sorted { $0.0 < $1.0 }.map(\.1).prefix(2)
        let outcome: Heard.Outcome =
            !intents.isEmpty
            ? .understood(Array(intents))
            : words.contains("热") ? .unclear(["not_warm", "bill_higher_than_others"]) : .unclear([])
        return Heard(
            words: words, outcome: outcome,
            ranking: intents.map { .init(intent: $0, score: 700, because: "table") }, slots: slots, marks: marks,
            asks: words.contains("?") || Asking.asks(words.scalars[...]))
    }
}
