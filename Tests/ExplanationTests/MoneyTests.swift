import AccountView
import Billing
import Explanation
import Foundation
import HeatModel
import SQLiteStore
import Store
import Testing

/// The other questions about money, of a store that holds one account.
@Suite struct MoneyTests {
    private func ask<Answer>(_ view: ViewText, _ question: (MoneyAnswers, any StoreReader) throws -> Answer) throws
        -> Answer
    {
        let money = MoneyAnswers(book: try shipped.get(), wordings: try wordings.get(), settings: ExplanationSettings())
        return try view.inStore { try question(money, $0) }
    }

    private func said(_ say: (Wording) -> String) throws -> String { say(try #require(try wordings.get()["zh"])) }

    private func payment(
        _ amount: Int64, at: String, reconciled: Bool = true, invoice: String = "FP1", more: String = ""
    ) -> String {
        "{\"source\":\"billing.payments\",\"key\":\"L\(amount)\",\"season\":\"2025-2026\",\"paid_at\":\"\(at)\",\"amount_fen\":\(amount),\"channel\":\"wechat\",\"serial\":\"L\(amount)\",\"reconciled\":\(reconciled)\(invoice.isEmpty ? "" : ",\"invoice_number\":\"\(invoice)\"")\(more)}"
    }

    /// 应缴2,846.40元,已缴1,000.00元,还应缴1,846.40元,截止12月31日; ten days late in Tianjin 36.93 more.
    @Test func whatIsDue() throws {
        var view = ViewText()
        view.facts["area_building"] = "113.856"
        view.charge(
            "2025-2026", "heatByArea", "113.856", "m2", "25.000", 284_640,
            extra: ",\"received_fen\":100000,\"arrears_fen\":184640,\"due_on\":\"2025-12-31\"")
        view.payments = [payment(100_000, at: "2025-12-01T10:00:00+08:00")]
        let before = try ask(view) { try $0.amountDue(of: "00012345", season: nil, on: day("2025-12-20"), in: $1) }
        #expect(
            before.due?.payable == Fen(284_640) && before.due?.paid == Fen(100_000) && before.due?.open == Fen(184_640))
        #expect(before.dueOn == day("2025-12-31") && before.agreesWithBilling)
        let text = try said { before.text($0) }
        for words in ["2,846.40", "1,000.00", "1,846.40", "2025-12-31"] { #expect(text.contains(words), "\(text)") }
        let late = try ask(view) {
            try $0.amountDue(of: "00012345", season: "2025-2026", on: day("2026-01-10"), in: $1)
        }
        #expect(late.due?.lateFee?.amount == Fen(3_693))
        #expect(late.due?.open == Fen(188_333))
        #expect(try said { late.text($0) }.contains("36.93"))
    }

    @Test func paidButNoReceipt() throws {
        var view = ViewText()
        view.charge("2025-2026", "heatByArea", "118.600", "m2", "25.000", 296_500, extra: ",\"arrears_fen\":296500")
        view.payments = [
            payment(296_500, at: "2026-01-19T10:05:00+08:00", reconciled: false, invoice: ""),
            payment(1_000, at: "2026-01-18T10:00:00+08:00", more: ",\"reversed\":true"),
            payment(2_000, at: "2026-01-17T10:00:00+08:00", invoice: ""),
            payment(3_000, at: "2026-01-16T10:00:00+08:00"),
        ]
        let answer = try ask(view) { try $0.receipts(of: "00012345", season: nil, in: $1) }
        #expect(answer.payments.map(\.standing) == [.pending, .reversed, .postedWithoutInvoice, .posted])
        let text = try said { answer.text($0) }
        #expect(text.contains("请勿重复缴费") && text.contains("2026-01-19 10:05"))
        view.payments.removeLast(3)
        // Nothing is open: the money is there, and only billing does not know it yet.
        let due = try ask(view) { try $0.amountDue(of: "00012345", season: nil, on: day("2026-01-20"), in: $1) }
        #expect(due.pending == Fen(296_500) && due.due?.paid == Fen(296_500))
        #expect(try said { due.text($0) }.contains("请勿重复缴费"))
        let nothing = try ask(ViewText()) { try $0.receipts(of: "00012345", season: "2025-2026", in: $1) }
        #expect(try said { nothing.text($0) }.contains("没有取到"))
    }

    /// 20 % = 593.00 before the deadline; too late afterwards; in the season other documents and no grant.
    @Test func whatSuspendingCosts() throws {
        var view = ViewText()
        view.charge(
            "2024-2025", "heatByArea", "118.600", "m2", "25.000", 296_500,
            extra: ",\"received_fen\":291500,\"arrears_fen\":5000")
        func offer(_ on: String, _ season: String? = nil) throws -> SuspensionAnswer {
            try ask(view) { try $0.suspension(of: "00012345", season: season, requestedOn: day(on), in: $1) }
        }
        let early = try offer("2025-09-15")
        #expect(early.season.description == "2025-2026")
        #expect(early.offer?.fee == Fen(59_300) && early.saved == Fen(237_200))
        // The 50.00 with its late fee, as the answer about what is due has it.
        let due = try ask(view) { try $0.amountDue(of: "00012345", season: nil, on: day("2025-09-15"), in: $1) }
        #expect(early.arrears == due.totalOpen && due.totalOpen > Fen(5_000))
        let text = try said { early.text($0) }
        for words in ["593.00", "2025-09-30", "户主身份证", "\(early.arrears)"] { #expect(text.contains(words), "\(text)") }
        let late = try offer("2025-10-15")
        #expect(late.offer?.isPossible == false)
        #expect(try said { late.text($0) }.contains("已过办理期限"))
        let inside = try offer("2025-12-15")
        #expect(inside.offer?.standing == .insideSeason && inside.offer?.documents.contains("reason") == true)
        #expect(try said { inside.text($0) }.contains("采暖期内"))
        var foreign = view
        foreign.facts["tariff"] = "XX-1"
        let none = try ask(foreign) {
            try $0.suspension(of: "00012345", season: nil, requestedOn: day("2025-09-15"), in: $1)
        }
        #expect(none.offer == nil && none.problem != nil)
    }

    @Test func everyAnswerIsADocumentInEveryLanguage() throws {
        var view = ViewText()
        view.charge("2025-2026", "heatByArea", "118.600", "m2", "25.000", 296_500, extra: ",\"arrears_fen\":296500")
        view.payments = [payment(10_000, at: "2025-12-01T10:00:00+08:00")]
        let documents: [[UInt8]] = try ask(view) { money, store in
            let due = try money.amountDue(of: "00012345", season: nil, on: day("2026-01-20"), in: store)
            let receipts = try money.receipts(of: "00012345", season: nil, in: store)
            let offer = try money.suspension(of: "00012345", season: nil, requestedOn: day("2026-01-20"), in: store)
            let refund = try money.refund(
                of: "00012345", season: nil, rooms: nil, today: day("2026-01-20"),
                now: instant("2026-01-20T08:00:00+08:00"),
                in: store)
            let why = try money.explanation(
                of: "00012345", season: nil, versus: .previous, today: day("2026-01-20"),
                now: instant("2026-01-20T08:00:00+08:00"), in: store)
            return [
                due.json(in: money.wordings()), receipts.json(in: money.wordings()),
                offer.json(in: money.wordings()), refund.json(in: money.wordings()),
                why.json(in: money.wordings()),
            ]
        }
        for document in documents {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(document)) as? [String: Any])
            let texts = try #require(object["text"] as? [[String: String]])
            #expect(texts.map { $0["language"] } == ["en", "zh", "zh_plain"])
            for text in texts { #expect(!(text["text"] ?? "").isEmpty && !(text["text"] ?? "{").contains("{")) }
        }
        #expect(throws: HearthError.self) {
            try ask(view) { try $0.amountDue(of: "99999999", season: nil, on: day("2026-01-20"), in: $1) }
        }
    }
}
