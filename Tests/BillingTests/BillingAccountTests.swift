import Billing
import HeatModel
import Testing

/// Which of an account's records make its case.
@Suite struct BillingAccountTests {
    private static let season = HeatingSeason(startYear: 2025)

    private func book(_ rules: String = "") throws -> TariffBook {
        try oneCity("proration: {account: byDay}\nsuspension: {feeRatio: 0.3, insideSeason: byDay}\n" + rules)
    }

    private func account(_ change: (inout BillingAccount) -> Void) -> BillingAccount {
        var account = BillingAccount()
        account.facts.city = "A"
        account.facts.class = .resident
        account.facts.method = .byArea
        account.facts.areas.building = exact("100")
        change(&account)
        return account
    }

    private func off(_ on: String, _ state: Disconnection.State? = .disconnected) -> Disconnection {
        var record = Disconnection()
        record.on = CivilDate(on)
        record.state = state
        return record
    }

    private func stop(
        _ kind: Suspension.Kind = .full, season: String? = nil, from: String? = nil, to: String? = nil,
        state: Suspension.State? = .approved, ratio: String? = nil
    ) -> Suspension {
        var record = Suspension()
        record.kind = kind
        record.season = season
        record.from = from.flatMap { CivilDate($0) }
        record.to = to.flatMap { CivilDate($0) }
        record.state = state
        record.ratio = ratio.map(exact)
        return record
    }

    // MARK: On and off the network

    @Test(arguments: [(false, "2025-11-15..2026-01-09", 56), (true, "2025-11-15..2026-01-10", 57)])
    func theDayOfDisconnectionIsTheTariffs(_ charges: Bool, _ span: String, _ days: Int) throws {
        let book = try book("disconnection: {chargesLastDay: \(charges)}")
        for state in [Disconnection.State.disconnected, nil] {
            let made = account { $0.disconnections = [off("2026-01-10", state)] }.season(
                Self.season, billed: [], by: book)
            #expect(made.subject.connected?.description == span)
            #expect(try book.evaluate(made.subject).chargedDays == days)
            #expect(made.disconnections == [0] && !made.isDisconnected)
        }
    }

    @Test(arguments: [Disconnection.State.requested, .approved, .restored])
    func whatHasNotHappenedChangesNothing(_ state: Disconnection.State) throws {
        let made = account { $0.disconnections = [off("2026-01-10", state)] }
            .season(Self.season, billed: [], by: try book())
        #expect(made.subject.connected == nil && made.disconnections == [])
    }

    @Test func offTheNetworkAllTheSeasonNothingIsDue() throws {
        // Whatever a part of a season costs, and also where nothing says it.
        for rules in ["", "proration: {account: none}", "proration: none", "price: {amount: 0.2, per: day}"] {
            let book = try oneCity(rules)
            for day in ["2025-06-11", "2025-11-15"] {
                let made = account { $0.disconnections = [off(day)] }.season(Self.season, billed: [], by: book)
                #expect(made.isDisconnected)
                #expect(try book.evaluate(made.subject).total == .zero, "\(rules)")
            }
            // After the season it is none of its concern.
            let later = account { $0.disconnections = [off("2026-03-16")] }.season(Self.season, billed: [], by: book)
            #expect(later.subject.connected == nil)
        }
    }

    @Test func supplyRestored() throws {
        let book = try book()
        func span(_ records: [Disconnection]) -> (String?, Bool) {
            let made = account { $0.disconnections = records }.season(Self.season, billed: [], by: book)
            return (made.subject.connected?.description, made.subject.isInterrupted)
        }
        // Off in summer, on again in December.
        #expect(span([off("2025-06-01"), off("2025-12-01", .restored)]) == ("2025-12-01..2026-03-15", false))
        // On again before the season: nothing of it is lost.
        #expect(span([off("2025-06-01"), off("2025-10-01", .restored)]) == (nil, false))
        // The order of the records means nothing.
        #expect(span([off("2025-12-01", .restored), off("2025-06-01")]) == ("2025-12-01..2026-03-15", false))
        // Off and on within the season: no rule says what that costs, and nothing is guessed.
        let (_, isInterrupted) = span([off("2025-12-01"), off("2026-01-01", .restored)])
        #expect(isInterrupted)
        let made = account { $0.disconnections = [off("2025-12-01"), off("2026-01-01", .restored)] }
            .season(Self.season, billed: [], by: book)
        do {
            _ = try book.evaluate(made.subject)
            Issue.record("evaluated")
        } catch { #expect(error.code.name == "billing.notCovered") }
        // Off and on again on one day: never off.
        #expect(span([off("2025-12-01"), off("2025-12-01", .restored)]) == (nil, false))
    }

    // MARK: Suspensions

    private func stops(_ records: [Suspension], _ rules: String = "") throws -> [BillingCase.Suspension] {
        account { $0.suspensions = records }.season(Self.season, billed: [], by: try book(rules)).subject.suspensions
    }

    @Test func theSeasonOrTheDaysSayWhen() throws {
        #expect(try stops([stop(season: "2025-2026")]) == [.init(share: exact("1"))])
        #expect(try stops([stop(season: "2026-2027")]) == [])
        // Without a season its days tell: next season's is none of this one's.
        #expect(try stops([stop(from: "2026-11-15", to: "2027-03-15")]) == [])
        #expect(try stops([stop(from: "2025-10-01", to: "2026-04-30")]) == [.init(share: exact("1"))])
        let from = DaySpan(day("2026-01-01"), day("2026-03-15"))
        #expect(try stops([stop(from: "2026-01-01")]) == [.init(share: exact("1"), span: from)])
        #expect(try stops([stop()]) == [.init(share: exact("1"))])
    }

    @Test func whatWasNotGrantedSuspendsNothing() throws {
        for state in [Suspension.State.requested, .rejected] {
            #expect(try stops([stop(season: "2025-2026", state: state)]) == [])
        }
        for state in [Suspension.State.approved, .ended, nil] {
            #expect(try stops([stop(season: "2025-2026", state: state)]).count == 1)
        }
        var voided = stop(season: "2025-2026")
        voided.voided = true
        #expect(try stops([voided]) == [])
    }

    @Test func supplyTakenUpAgainEndsIt() throws {
        let until = DaySpan(day("2025-11-15"), day("2025-12-23"))
        let again = stop(.restore, from: "2025-12-24")
        #expect(try stops([stop(season: "2025-2026"), again]) == [.init(share: exact("1"), span: until)])
        // One that is only asked for ends nothing, nor does the end of an earlier one.
        #expect(
            try stops([stop(season: "2025-2026"), stop(.restore, from: "2025-12-24", state: .requested)]).count == 1)
        #expect(
            try stops([stop(season: "2025-2026"), stop(.restore, from: "2023-12-24")]) == [.init(share: exact("1"))])
        // Taken up again before the season began.
        #expect(try stops([stop(from: "2025-06-01"), stop(.restore, from: "2025-10-01")]) == [])
    }

    @Test func aPartIsAsLargeAsTheRecordSays() throws {
        #expect(try stops([stop(.partial, season: "2025-2026", ratio: "0.2500")]) == [.init(share: exact("0.2500"))])
        #expect(try stops([stop(.partial, season: "2025-2026")]) == [.init(share: nil)])
    }

    // MARK: Heat

    private func reading(_ unit: MeterReading.Unit, _ start: String?, _ end: String?, used: String? = nil, at: String)
        -> MeterReading
    {
        var reading = MeterReading()
        reading.season = "2025-2026"
        reading.meter = "M1"
        reading.unit = unit
        reading.startValue = start.map(exact)
        reading.endValue = end.map(exact)
        reading.consumption = used.map(exact)
        reading.readAt = Instant(at + "T08:00:00+08:00")
        return reading
    }

    @Test func heatIsTakenInThePricedUnit() throws {
        let book = try book(
            "twoPart: {base: 12, heat: {kWh: 0.16, GJ: 44.45}, factors: {MWh: {unit: kWh, times: 1000}, MJ: {unit: GJ, times: 0.001}, m3: {unit: kWh, times: 35}}}"
        )
        let measured = account {
            $0.facts.method = .twoPart
            $0.readings = [
                reading(.kWh, "100", "350.5", at: "2025-12-10"),
                reading(.MWh, nil, nil, used: "0.25", at: "2026-01-10"),
                reading(.MJ, nil, nil, used: "2500", at: "2026-02-10"),
                reading(.m3, nil, nil, used: "10", at: "2026-03-10"),
            ]
        }
        let made = measured.season(Self.season, billed: [], by: book)
        #expect(
            made.subject.consumption == [
                .init(exact("250.500"), .kWh), .init(exact("250.000"), .kWh), .init(exact("2.500"), .GJ),
                .init(exact("350.000"), .kWh),
            ])
        // 100 ㎡ × 12, 850.5 kWh × 0.16, 2.5 GJ × 44.45.
        #expect(try book.evaluate(made.subject).total == Fen(120_000 + 13_608 + 11_113))
    }

    @Test func whereNothingIsReadTheBillSaysWhatWasUsed() throws {
        let book = try book("twoPart: {base: 12, heat: {kWh: 0.16}}")
        let heat = BilledLine(
            .heatMetered, quantity: exact("900"), unit: .kWh, unitPrice: exact("0.16"), due: Fen(14_400))
        var silent = account { $0.facts.method = .twoPart }
        let billed = silent.season(Self.season, billed: [heat], by: book)
        #expect(billed.usesBilledHeat && billed.lacksReadings)
        #expect(billed.subject.consumption == [.init(exact("900"), .kWh)])
        #expect(silent.season(Self.season, billed: [], by: book).subject.consumption == nil)
        silent.listsReadings = true
        #expect(silent.season(Self.season, billed: [], by: book).subject.consumption == [])
    }

    @Test func readingsThatCannotAllBeTrue() throws {
        let book = try book("twoPart: {base: 12, heat: {kWh: 0.16}}")
        func contradictory(_ readings: [MeterReading]) -> [Int] {
            account {
                $0.facts.method = .twoPart
                $0.readings = readings
            }.season(Self.season, billed: [], by: book).contradictoryReadings
        }
        let first = reading(.kWh, "0", "100", at: "2025-12-10")
        #expect(contradictory([first, reading(.kWh, "100", "90", at: "2026-01-10")]) == [1])
        #expect(contradictory([reading(.kWh, "50", "120", at: "2026-01-10"), first]) == [0])
        #expect(contradictory([reading(.kWh, "0", "100", used: "99", at: "2026-01-10")]) == [0])
        #expect(contradictory([first, reading(.kWh, "100", "120", at: "2026-01-10")]) == [])
    }

    // MARK: The city

    @Test func oneFunctionTellsTheCity() throws {
        let book = try shipped.get()
        for code in ["TJ-JM-3", "TJ_JM", "TJ.JM.3", "TJ"] {
            #expect(book.city(stated: nil, code: code, home: "北京市") == "天津市")
        }
        #expect(book.city(stated: nil, code: "JM-3", home: "北京市") == "北京市")
        #expect(book.city(stated: nil, code: nil, home: nil) == nil)
        // A city that is stated is not taken for another one.
        #expect(book.city(stated: "上海市", code: "TJ-JM-3", home: "北京市") == "上海市")
    }
}
