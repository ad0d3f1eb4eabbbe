import Explanation
import HeatModel
import Testing

@testable import Triage

/// Each finding by itself, and all of them in their order.
@Suite struct FindingTests {
    @Test func aHealthyHomeGetsChecksAndAnOrder() throws {
        let scene = try Scene()
        try scene.nextRun()
        let answer = try scene.answer()
        #expect(answer.findings.map(\.kind) == [.noReading])
        #expect(answer.checks.map(\.id) == ["valve", "airVent", "filter"])
        #expect(answer.action == .createOrder && answer.because == nil && answer.hints.isEmpty)
    }

    @Test(
        arguments: [
            ("supply_state", "stopped", .supplyStopped, .restoreSupply),
            ("supply_state", "partial", .supplyPartial, .createOrder),
            ("supply_valve", "closed", .valveClosed, .askForOpening),
            ("supply_valve", "disconnected", .valveClosed, .askForOpening),
        ] as [(String, String, Finding.Kind, TriageRules.Action)]) func supplyIsTold(
            _ fact: String, _ value: String, _ kind: Finding.Kind, _ action: TriageRules.Action
        ) throws
    {
        let scene = try Scene()
        var home = Home()
        home.facts[fact] = value
        let answer = try scene.answer(home)
        #expect(answer.findings.map(\.kind) == [kind, .noReading] && answer.action == action)
        #expect(answer.findings[0].evidence.map(\.source) == ["billing.accounts"])
        #expect(answer.checks.isEmpty == (kind != .supplyPartial))
    }

    @Test(
        arguments: [
            ("{\"kind\":\"full\",\"season\":\"2025-2026\",\"state\":\"approved\"}", .suspended),
            ("{\"kind\":\"full\",\"season\":\"2024-2025\",\"state\":\"approved\"}", nil),
            ("{\"kind\":\"full\",\"season\":\"2025-2026\",\"state\":\"requested\"}", nil),
            ("{\"kind\":\"full\",\"from\":\"2025-12-01\",\"to\":\"2026-01-10\",\"state\":\"approved\"}", nil),
            ("{\"kind\":\"full\",\"from\":\"2026-01-01\",\"to\":\"2026-02-10\",\"state\":\"approved\"}", .suspended),
            (
                "{\"kind\":\"partial\",\"ratio\":\"0.5000\",\"season\":\"2025-2026\",\"state\":\"approved\"}",
                .suspendedInPart
            ),
        ] as [(String, Finding.Kind?)]) func suspensionIsAsBilled(_ record: String, _ kind: Finding.Kind?) throws
    {
        let scene = try Scene()
        var home = Home()
        home.suspensions = ["{\"source\":\"billing.suspensions\",\"key\":\"S1\"," + record.dropFirst()]
        let answer = try scene.answer(home)
        #expect(answer.findings.map(\.kind).filter { $0 != .noReading } == (kind.map { [$0] } ?? []))
        if kind != nil { #expect(answer.findings[0].evidence.map(\.key) == ["S1"]) }
    }

    @Test func aHomeOffTheNetworkIsTold() throws {
        let scene = try Scene()
        var home = Home()
        home.disconnections = [
            "{\"source\":\"billing.disconnections\",\"key\":\"D1\",\"on\":\"2025-06-10\",\"state\":\"disconnected\"}"
        ]
        #expect(try scene.found(home) == [.disconnected])
        home.disconnections.append(
            "{\"source\":\"billing.disconnections\",\"key\":\"D2\",\"on\":\"2025-10-10\",\"state\":\"restored\"}")
        #expect(try scene.found(home) == [])
    }

    /// Arrears keep a home cold only where its supply was stopped for them.
    @Test func arrearsLeadToPaymentOnlyWithoutSupply() throws {
        let scene = try Scene()
        var home = Home()
        home.owes(12_300)
        home.owes(1_000, season: "2025-2026", dueOn: "2025-12-31")
        let answer = try scene.answer(home)
        #expect(answer.findings.map(\.kind) == [.arrears, .noReading] && answer.action == .createOrder)
        guard case .arrears(let open, _) = answer.findings[0].detail else { return #expect(Bool(false)) }
        #expect(open.amount >= 13_300)
        #expect(answer.findings[0].evidence.map(\.source).contains("billing.charges"))
        home.facts["supply_state"] = "stopped"
        let stopped = try scene.answer(home)
        #expect(stopped.action == .payArrears && stopped.because == .arrears)
    }

    /// What fell due first is told, not when the present season's bill does.
    @Test func arrearsAreDatedByWhatIsOverdue() throws {
        let scene = try Scene()
        var home = Home()
        home.owes(12_300)
        home.owes(1_000, season: "2025-2026", dueOn: "2026-03-01")
        guard case .arrears(let open, let dueOn)? = try scene.answer(home).findings.first?.detail else {
            return #expect(Bool(false))
        }
        #expect(open.amount == 12_300 && dueOn == CivilDate("2024-12-31"), "\(open) \(String(describing: dueOn))")
    }

    @Test func whatIsNotYetDueIsNoArrears() throws {
        let scene = try Scene()
        var home = Home()
        home.owes(250_000, season: "2025-2026", dueOn: "2026-03-01")
        #expect(try scene.found(home) == [])
    }

    @Test func openOrdersAreJoined() throws {
        let scene = try Scene()
        var home = Home()
        home.order("noHeat", "closed", at: hours(-9_000))
        home.order("leak", "dispatched", at: hours(-3))
        home.order("notWarm", "enroute", at: hours(-3))
        home.order("noHeat", "waitingToBeScheduled", at: hours(-1))
        let answer = try scene.answer(home)
        #expect(answer.findings.map(\.kind) == [.openOrder, .openOrder, .noReading, .repeated])
        #expect(answer.findings.prefix(2).map { $0.evidence[0].key } == ["WX3", "WX2"])
        #expect(answer.action == .joinOrder && answer.hints == [.checkBlockage])
        let json = String(decoding: answer.json(in: scene.money.wordings()), as: UTF8.self)
        #expect(!json.contains("13800000000"))
    }

    @Test func ordersOfUnknownStateDecideNothing() throws {
        let scene = try Scene()
        var home = Home()
        home.order("noHeat", nil, at: hours(-3))
        home.order("noHeat", "somewhere", at: hours(-4))
        home.order("noHeat", nil, at: nil)
        home.order("noHeat", "dispatched", at: nil)
        home.order("noHeat", "cancelled", at: hours(-90))
        let answer = try scene.answer(home)
        #expect(answer.findings.map(\.kind) == [.openOrder, .orderUnclear, .orderUnclear, .noReading])
    }

    @Test func historyHasAnEnd() throws {
        let scene = try Scene()
        var home = Home()
        home.order("noHeat", "closed", at: hours(-24 * 401))
        #expect(try scene.found(home) == [])
        home.order("notWarm", "completed", at: hours(-24 * 399))
        #expect(try scene.found(home) == [.repeated])
        #expect(try scene.answer(home).hints == [.checkBlockage])
    }

    @Test(
        arguments: [
            ("17.9", -1, .cold), ("18.0", -1, .warm), ("12.0", -24, .oldReading), ("12.0", -23, .cold),
            ("12.0", 1, .noReading), ("?", -1, .noReading),
        ] as [(String, Int, Finding.Kind)]) func aReadingIsJudgedByItsAge(
            _ celsius: String, _ at: Int, _ kind: Finding.Kind
        ) throws
    {
        let scene = try Scene()
        var home = Home()
        home.temperature(celsius, at: hours(at))
        let answer = try scene.answer(home)
        #expect(answer.findings.map(\.kind) == [kind])
        #expect(answer.action == .createOrder)
    }

    @Test func theLastReadingCounts() throws {
        let scene = try Scene()
        var home = Home()
        home.temperature("21.0", at: hours(-2))
        home.temperature("15.0", at: hours(-5))
        #expect(try scene.found(home) == [.warm])
    }

    /// Everything at once comes in the order of the rules, and the outage says what to do.
    @Test func allComeInTheOrderOfTheRules() throws {
        let scene = try Scene()
        for (key, begins, end) in [("A", -2, 2), ("B", -10, -1), ("C", 20, 30)] {
            try scene.outage(
                [
                    "community": "阳光花园", "begins_at": hours(begins), "expected_end_at": hours(end),
                ], key: key)
        }
        try scene.neighbours(9)
        var home = Home()
        home.facts["supply_state"] = "stopped"
        home.facts["supply_valve"] = "closed"
        home.owes(100)
        home.order("noHeat", "dispatched", at: hours(-1))
        home.order("noHeat", "closed", at: hours(-900))
        home.temperature("15.0", at: hours(-5))
        let answer = try scene.answer(home)
        #expect(
            answer.findings.map(\.kind) == [
                .outage, .outageOverdue, .likelyOutage, .arrears, .supplyStopped, .valveClosed, .openOrder,
                .outageAhead, .cold, .repeated,
            ])
        #expect(answer.action == .waitForEnd && answer.checks.isEmpty)
    }

    /// What the rules do not name is not told.
    @Test func theRulesSayWhatIsTold() throws {
        let scene = try Scene()
        scene.rules.steps = [.init(finding: .valveClosed, action: .callNow, with: nil, hint: nil)]
        var home = Home()
        home.facts["supply_state"] = "stopped"
        home.facts["supply_valve"] = "closed"
        let answer = try scene.answer(home)
        #expect(answer.findings.map(\.kind) == [.valveClosed] && answer.action == .callNow)
    }
}
