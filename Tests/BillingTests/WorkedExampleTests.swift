import Billing
import HeatModel
import Testing

/// Bills worked out by hand, to the fen.
@Suite struct WorkedExampleTests {
    @Test func twoPartInTianjin() throws {
        let book = try shipped.get()
        var mine = household("天津市", area: "118.600")
        mine.method = .twoPart
        mine.consumption = [.init(exact("9800"), .kWh)]
        let bill = try book.evaluate(mine)
        #expect(bill.total == Fen(216_350))
        #expect(bill.lines.map(\.item) == [.heatBase, .heatMetered])
        #expect(
            bill.lines.map(\.formula) == [
                "118.600 ㎡ × 7.500 元/㎡ = 889.50 元", "9800.000 kWh × 0.130 元/kWh = 1,274.00 元",
            ])
        #expect(bill.lines[0].rule.version == "resident")
        guard case .file(let path, let line, _) = bill.lines[0].rule.place else { Issue.record("no place"); return }
        #expect(path.hasSuffix("tianjin.yaml"))
        #expect(line == 15)

        // The reference household: 96.20 ㎡ at 68 kWh/㎡.
        mine.areas.building = exact("96.200")
        mine.consumption = [.init(exact("6541.600"), .kWh)]
        #expect(try book.evaluate(mine).total == Fen(157_191))
    }

    @Test func byAreaAt24() throws {
        let book = try shipped.get()
        let mine = try book.evaluate(household("北京市", area: "118.600"))
        let reference = try book.evaluate(household("beijing", area: "96.200"))
        #expect(mine.total == Fen(284_640))
        #expect(reference.total == Fen(230_880))
        #expect(mine.total - reference.total == Fen(53_760))
        #expect(mine.lines.map(\.formula) == ["118.600 ㎡ × 24.000 元/㎡ = 2,846.40 元"])
        #expect(mine.sharedArea == .inside)
        #expect(mine.seasonDays == 121)
    }

    @Test func refundInBeijing() throws {
        let book = try shipped.get()
        var subject = household("北京市", area: "118.600")
        subject.coldRoomsArea = exact("45.000")
        let bill = try book.evaluate(subject)
        let readings = (0..<6).map {
            ColdRoomRefund.Reading(
                day: day("2025-12-10").adding(days: $0), temperature: TenthsOfDegree(165), method: .visit)
        }
        let refund = try bill.refund(readings, of: subject)
        #expect(refund.amount == Fen(2_142))
        #expect(refund.lines.map(\.formula) == ["24.000 元/㎡ ÷ 121 天 × 45.000 ㎡ × 6 天 × 40% = 21.42 元"])
        #expect(try book.evaluate(subject).total == bill.total)
    }

    @Test func suspensionInTianjin() throws {
        let book = try shipped.get()
        let subject = household("天津市", area: "118.600")
        let tariff = try book.tariff(for: subject)
        let offer = try tariff.suspensionOffer(subject, .init(share: exact("1")), requestedOn: day("2025-09-30"))
        #expect(offer.fee == Fen(59_300))
        #expect(offer.deadline == day("2025-09-30"))
        #expect(offer.standing == .inTime)
        #expect(offer.billWith?.total == Fen(59_300))
        #expect(offer.billWithout.total == Fen(296_500))
        #expect(offer.documents.contains("holderIdentity"))
        let late = try tariff.suspensionOffer(subject, .init(share: exact("1")), requestedOn: day("2025-10-01"))
        #expect(late.standing == .afterDeadline)
        #expect(late.fee == nil)
        let inside = try tariff.suspensionOffer(subject, .init(share: exact("1")), requestedOn: day("2025-12-01"))
        #expect(inside.standing == .insideSeason)
        #expect(inside.documents.contains("reason"))
        #expect(!inside.isPossible)
    }
}
