import AccountView
import Billing
import ConfigurationFiles
import Explanation
import Foundation
import HearthTesting
import HeatModel
import Store
import Testing

/// What an answer says where it cannot say much, and what it never says.
@Suite struct AnswerTests {
    private func explain(
        _ view: ViewText, _ versus: Explanation.Versus = .peers, season: String? = nil, around: Neighbourhood = .init(),
        now: String = "2026-01-20T12:00:00+08:00", rooms: ExactDecimal? = nil
    ) throws -> Explanation {
        try Explainer(book: shipped.get()).explain(
            AccountContext(view: view.bytes), season: season, versus: versus, asOf: day("2026-01-20"),
            now: instant(now),
            rooms: rooms, in: around)
    }

    private func said(_ answer: Explanation, _ language: String = "zh") throws -> String {
        answer.text(try #require(wordings.get()[language]))
    }

    private var plain: ViewText {
        var view = ViewText()
        view.charge("2025-2026", "heatByArea", "118.600", "m2", "25.000", 296_500)
        return view
    }

    /// Each kind of trouble has an answer of its own, in every language, none of them a zero.
    @Test func everyTroubleIsNamed() throws {
        var measured = ViewText()
        measured.facts["method"] = "twoPart"
        measured.charge("2025-2026", "heatBase", "118.600", "m2", "7.500", 88_950)
        measured.charge("2025-2026", "heatMetered", "100.000", "kWh", "0.130", 1_300)
        var contradictory = measured
        contradictory.reading("2025-2026", "500.000", "400.000", at: "2025-12-15T09:00:00+08:00")
        var overlapping = measured
        overlapping.reading("2025-2026", "100.000", "200.000", at: "2025-12-15T09:00:00+08:00")
        overlapping.reading("2025-2026", "150.000", "250.000", at: "2026-01-15T09:00:00+08:00")
        var foreign = plain
        foreign.facts["tariff"] = "XX-JM-1"
        var notCovered = plain
        notCovered.facts["method"] = "metered"
        var unsaid = plain
        unsaid.facts["method"] = nil
        unsaid.facts["class"] = nil
        let troubles: [(ViewText, Explanation.Versus, String?, Explanation.Status)] = [
            (plain, .peers, nil, .tooFewPeers), (plain, .tariff, "2019-2020", .noBill),
            (plain, .previous, nil, .noPreviousBill),
            (contradictory, .tariff, nil, .contradictoryReadings), (overlapping, .peers, nil, .contradictoryReadings),
            (foreign, .tariff, nil, .missingInput), (notCovered, .tariff, nil, .tariffNotCovered),
            (unsaid, .tariff, nil, .missingInput), (ViewText(), .peers, nil, .noBill),
        ]
        for (view, versus, season, status) in troubles {
            let answer = try explain(view, versus, season: season)
            #expect(answer.status == status, "\(answer.problem?.message ?? "")")
            #expect(answer.difference == nil && answer.parts.isEmpty && answer.reference == nil)
            #expect(answer.problem != nil)
            for language in try wordings.get().languages {
                let text = try said(answer, language)
                #expect(!text.isEmpty && !text.contains("{"))
                #expect(!text.contains(" 0.00 元") && !text.contains("explain."), "\(text)")
            }
            #expect((try? JSONSerialization.jsonObject(with: Data(answer.json()))) != nil)
        }
        #expect(throws: HearthError.self) { try explain(plain, season: "2025/2026") }
    }

    /// 14 households, or one with more than 15 % of the total, are no group, whatever the level; a wider one may be.
    @Test func thePrivacyFloorHolds() throws {
        var few = try #require(CohortStatistics.example(households: 14))
        few.building = exact("96.20")
        let answer = try explain(plain, around: .init(byLevel: [.building: few, .community: few, .station: few]))
        #expect(answer.status == .tooFewPeers)
        let text = try said(answer)
        #expect(text.contains("不作比较"))
        #expect(!text.contains("96.2") && !text.contains("14"))
        let document = String(decoding: answer.json(), as: UTF8.self)
        #expect(!document.contains("96.2") && !document.contains("250000") && !document.contains("households"))

        var uneven = try #require(CohortStatistics.example(households: 40))
        uneven.largest = uneven.total * 151 / 1000
        #expect(try explain(plain, around: .init(byLevel: [.building: uneven])).status == .tooFewPeers)
        uneven.largest = uneven.total * 150 / 1000
        #expect(try explain(plain, around: .init(byLevel: [.building: uneven])).status == .explained)

        let wide = try #require(CohortStatistics.example(households: 15))
        let wider = try explain(plain, around: .init(byLevel: [.building: few, .community: wide]))
        #expect(wider.status == .explained && wider.reference?.level == .community)
        #expect(try said(wider).contains("本小区"))
    }

    /// The middle of an odd number is one household's bill, and is told only to the 元; areas and heat are means.
    @Test func noHouseholdShowsThrough() throws {
        var random = SeededGenerator(seed: 8)
        for households in 15...40 {
            var reader = CohortMemberReader()
            var bytes: [UInt8] = []
            var bills: [Int64] = []
            var areas: [Int64] = []
            for number in 0..<households {
                // No two alike, and nothing round.
                let area = 80_000 + Int64(number) * 1_007 + Int64.random(in: 1...9, using: &random)
                let bill = Int64(number) * 3_331 + 200_037
                bills.append(bill)
                areas.append(area)
                var view = ViewText()
                view.facts["area_building"] = ExactDecimal(units: area, places: 3).description
                view.charge("2025-2026", "heatByArea", "1.000", "m2", "1.000", bill)
                let text = view.bytes
                bytes += text.withUnsafeBytes { reader.row(of: AccountID(Int64(number)), view: $0) }.body
            }
            var members: [CohortMember] = []
            bytes.withUnsafeBytes { bytes in CohortMember.forEach(in: bytes) { members.append($0) } }
            let statistics = try #require(CohortStatistics(members))
            #expect(statistics.households == households)
            #expect(!bills.contains(statistics.bill.amount), "\(households)")
            #expect(statistics.publication == (households % 2 == 1 ? .roundedToYuan : .medianMean))
            // The mean of the two in the middle, or of the three.
            let sorted = areas.sorted()
            let around =
                households % 2 == 0 ? [households / 2 - 1, households / 2] : [-1, 0, 1].map { households / 2 + $0 }
            let mean = ExactDecimal.divide(
                Int128(around.reduce(0) { $0 + sorted[$1] }), by: Int128(around.count) * 10, .halfUp)
            #expect(statistics.building == ExactDecimal(units: Int64(mean), places: 2))
            #expect(CohortStatistics(encoded: statistics.encoded) == statistics)
        }
    }

    @Test func suspendedPartAndCorrectedBillsAreNoMeasure() {
        var reader = CohortMemberReader()
        func body(_ view: ViewText) -> [UInt8] {
            let text = view.bytes
            return text.withUnsafeBytes { reader.row(of: AccountID(1), view: $0) }.body
        }
        #expect(!body(plain).isEmpty)
        var suspended = plain
        suspended.suspensions = [
            "{\"source\":\"billing.suspensions\",\"key\":\"1\",\"kind\":\"full\",\"season\":\"2025-2026\",\"state\":\"approved\"}"
        ]
        #expect(body(suspended).isEmpty)
        var line = plain
        line.charge("2025-2026", "suspension", "10.000", "m2", "5.000", 5_000)
        #expect(body(line).isEmpty)
        var corrected = plain
        corrected.charge("2025-2026", "adjustment", "1.000", "each", "-200.00", -20_000)
        #expect(body(corrected).isEmpty)
        var twice = plain
        twice.charge("2025-2026", "heatByArea", "118.600", "m2", "25.000", 296_500)
        #expect(body(twice).isEmpty)
        var opened = plain
        opened.facts["opened_on"] = "2025-12-20"
        #expect(body(opened).isEmpty)
        var nowhere = plain
        for key in ["station", "community", "building"] { nowhere.facts[key] = nil }
        #expect(body(nowhere).isEmpty)
    }

    /// Temperature and supply are shown, told not to matter, and never a part.
    @Test func warmthNeverExplainsAnAreaBill() throws {
        var view = plain
        view.facts["tariff"] = "BJ-JM-1"
        view.charges = []
        view.charge("2025-2026", "heatByArea", "118.600", "m2", "24.000", 284_640)
        view.facts["supply_state"] = "partial"
        for offset in 0..<6 { view.temperature("16.5", at: "2025-12-1\(offset)T10:00:00+08:00") }
        let answer = try explain(view, .tariff, rooms: exact("45.000"))
        #expect(answer.difference == .zero && answer.parts.isEmpty)
        #expect(answer.temperature?.count == 6 && answer.temperature?.isMetered == false)
        #expect(answer.refund?.standing == .due && answer.refund?.amount == Fen(2_142))
        let text = try said(answer)
        #expect(text.contains("不改变账单金额") && text.contains("21.42") && text.contains("16.5"))
        // Without the rooms' area the refund is said to be due, and its amount not to be known.
        let unknown = try explain(view, .tariff)
        #expect(unknown.refund?.standing == .roomAreasMissing && unknown.gaps.contains("room_areas"))
        #expect(try !said(unknown).contains("可退 0.00"))
    }

    @Test func readingsOfADayThatContradictAreLeftOutAndNamed() throws {
        var view = plain
        view.facts["tariff"] = "HB-JM-1"
        view.facts["area_usable"] = "90.000"
        view.charges = []
        view.charge("2025-2026", "heatByArea", "90.000", "m2", "38.320", 344_880)
        view.temperature("15.0", at: "2025-12-10T10:00:00+08:00")
        view.temperature("19.0", at: "2025-12-10T20:00:00+08:00")
        let answer = try explain(view, .tariff)
        #expect(answer.refund?.contradictoryDays == [day("2025-12-10")])
        #expect(answer.refund?.amount == .zero && answer.refund?.standing == Explanation.Refund.Standing.none)
        #expect(try said(answer).contains("对不上"))
    }

    @Test func oldAndMissingDataIsNamed() throws {
        let old = try explain(plain, .tariff, now: "2026-01-25T12:00:00+08:00")
        #expect(old.freshness.allSatisfy { $0.isStale })
        #expect(try said(old).contains("较旧"))
        var never = Neighbourhood()
        never.reads = nil
        #expect(try explain(plain, .tariff, around: never).freshness.allSatisfy { $0.isStale && $0.at == nil })
        let fresh = try explain(plain, .tariff)
        #expect(fresh.freshness.allSatisfy { !$0.isStale })
        #expect(fresh.gaps.contains("room_temperature"))
        #expect(try said(fresh).contains("未取到"))
    }

    /// Where the account is of then and its peers are of now, document and words say so.
    @Test func peersOfAnotherTimeAreNamed() throws {
        let statistics = try #require(CohortStatistics.example(households: 20))
        var around = Neighbourhood(byLevel: [.building: statistics])
        func isTold(_ answer: Explanation) throws -> (document: Bool, words: Bool) {
            let told = try wordings.get().languages.map { language in
                let text = try said(answer, language)
                return text.contains("同类用户的数据是现在的") || text.contains("peers are today's")
            }
            #expect(Set(told).count == 1)
            return (String(decoding: answer.json(), as: UTF8.self).contains("\"peers_as_of\":\"present\""), told[0])
        }
        #expect(try isTold(explain(plain, around: around)) == (false, false))
        around.comparesWithPresent = true
        #expect(try isTold(explain(plain, around: around)) == (true, true))
        #expect(try isTold(explain(plain, around: .init(comparesWithPresent: true))) == (true, true))
        for versus in [Explanation.Versus.tariff, .previous] {
            #expect(try isTold(explain(plain, versus, around: around)) == (false, false))
        }
        // Without a bill no peers were looked at.
        #expect(try isTold(explain(ViewText(), around: around)) == (true, false))
    }

    /// A line that waits in quarantine is not called an error of billing's.
    @Test func aLineInQuarantineIsNoBillingError() throws {
        var view = plain
        view.facts["tariff"] = "SY-JM-1"
        view.facts["area_ceiling_height"] = "3.800"
        view.charges = []
        view.charge("2025-2026", "heatByArea", "118.600", "m2", "26.000", 308_360)
        let wrong = try explain(view, .tariff)
        #expect(wrong.needsHandOff && wrong.parts.map(\.kind) == ["billing_difference"])
        let waiting = try explain(view, .tariff, around: .init(waiting: 1))
        #expect(!waiting.needsHandOff && waiting.parts.map(\.kind) == ["incomplete_bill"])
        #expect(waiting.gaps.contains("charges_in_quarantine"))
        #expect(waiting.difference == wrong.difference)
    }

    @Test func plainWordsForElderlyCustomers() throws {
        let statistics = try #require(CohortStatistics.example(households: 20))
        let answer = try explain(plain, around: .init(byLevel: [.building: statistics]))
        let usual = try said(answer)
        let simple = try said(answer, "zh_plain")
        #expect(usual.contains("采暖期") && !simple.contains("采暖期"))
        #expect(!simple.contains("计费") && simple.contains("暖气费"))
        #expect(try said(answer, "en").contains("comparable households"))
    }

    @Test func aBadFileOfAnswersIsTold() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("answers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let good = try String(contentsOf: repository.appendingPathComponent("Config/answers/zh.yaml"), encoding: .utf8)
        let bad = good.replacing("{difference} 元。\"\n    peers.less", with: "{diference} 元。\"\n    peers.less")
            .replacing("    no_bill:", with: "    no_bil:")
        try Data(bad.utf8).write(to: folder.appendingPathComponent("zh.yaml"))
        let errors = try #require(throws: ConfigurationErrors.self) { try Wordings.load(directory: folder.path) }
        let codes = errors.errors.map(\.code.name)
        #expect(
            codes.contains("config.badValue") && codes.contains("config.missingKey")
                && codes.contains("config.unknownKey"))
        #expect(errors.description.contains("did you mean \"difference\"?"))
        #expect(errors.errors.contains { if case .file(_, let line, _) = $0.place { line > 1 } else { false } })
    }

    /// A file from before a question was added is one problem, which says where its sentences are to be had.
    @Test func aFileThatLacksManySentencesIsOneProblem() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("answers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let good = try String(contentsOf: repository.appendingPathComponent("Config/answers/zh.yaml"), encoding: .utf8)
        let begin = try #require(good.range(of: "\ntriage:\n")).lowerBound
        let end = try #require(good.range(of: "\nwords:\n")).lowerBound
        let old = good[..<begin] + good[end...]
        try Data(old.utf8).write(to: folder.appendingPathComponent("zh.yaml"))
        let errors = try #require(throws: ConfigurationErrors.self) { try Wordings.load(directory: folder.path) }
        #expect(errors.errors.count == 1, "\(errors)")
        #expect(errors.errors.first?.message.contains("\"triage.finding.outage\" and ") == true)
        #expect(errors.errors.first?.advice != nil)
    }
}
