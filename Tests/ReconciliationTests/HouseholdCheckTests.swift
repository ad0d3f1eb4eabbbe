import Billing
import Foundation
import HeatModel
import Store
import Testing

@testable import Reconciliation

/// Right bills of which nothing may be said, and wrong ones of which one thing must be.
@Suite struct HouseholdCheckTests {
    private static let streams = [
        ("customer.residents", EntityKind.premises), ("billing.accounts", .account), ("billing.charges", .charge),
        ("billing.readings", .meterReading), ("billing.suspensions", .suspension), ("dispatch.orders", .workOrder),
        ("billing.disconnections", .disconnection),
    ].enumerated().map { StoredStream(id: StreamID(Int64($0 + 1)), name: $1.0, entity: $1.1) }

    /// In city B shared area is a line of its own.
    private static func tariffs(_ city: String) -> String {
        """
        city: \(city)
        common:
          source: x
          season: {start: 11-15, end: 03-15}
          area: building
          price: {amount: 25}
          suspension: {feeRatio: 0.20, measured: base}
          twoPart: {base: 7.5, heat: {kWh: 0.13}}
          metered: {heat: {kWh: 0.32}}
        versions:
          - {id: all, seasons: ..\(city == "B" ? ", area: inner, shared: {as: ownLine, price: 6}" : "")}
        """
    }

    /// The findings of a view, each as `rule season subject money`.
    private func told(
        _ view: String, _ phones: [String] = [], streams: [StoredStream] = Self.streams
    ) throws -> [String] {
        let rules = try RuleSet.load(path: repository.appendingPathComponent("Config/reconciliation.yaml").path)
        let book = try withFolder { folder in
            for city in ["A", "B"] { try write(Self.tariffs(city), to: folder + "/\(city).yaml") }
            return try TariffBook.load(directory: folder)
        }
        let placed = phones.enumerated().map {
            CheckPlan.PlacedRecord(stream: 5, key: Array("W\($0)".utf8), phone: CheckPlan.digits($1))
        }
        let plan = CheckPlan(
            rules: rules, book: book, streams: streams, incomplete: [], placed: [AccountID(1): placed],
            season: nil)
        let checker = AccountChecker(plan: plan, today: CivilDate("2026-04-20"))
        var reader = ScannedAccountReader(streams)
        var scanned = ScannedAccount()
        Array(view.utf8).withUnsafeBytes { bytes in
            reader.read(bytes, into: &scanned)
            _ = checker.check(scanned, AccountID(1))
        }
        return checker.findings.map { "\(rules.rules[$0.rule].id) \($0.season) \($0.subject) \($0.money)" }
    }

    private func view(_ facts: String, _ lists: String = "", city: String = "A") -> String {
        """
        {"account_number":"00000001","facts":{"city":"\(city)","class":"resident",\(facts)},\
        "fact_sources":[{"source":"customer.residents","key":"1"},{"source":"billing.accounts","key":"1"}]\(lists)}
        """
    }

    private func charges(_ season: String, _ lines: [(item: String, quantity: String, price: String, due: Int64)])
        -> String
    {
        let rows = lines.enumerated().map { index, line in
            """
            {"source":"billing.charges","key":"\(index)","season":"\(season)","item":"\(line.item)",\
            "quantity":"\(line.quantity)","unit":"\(line.item == "heatMetered" ? "kWh" : "m2")",\
            "unit_price":"\(line.price)","due_fen":\(line.due)}
            """
        }
        return ",\"charges\":[\(rows.joined(separator: ","))]"
    }

    private func readings(_ season: String, _ used: [String]) -> String {
        let rows = used.enumerated().map {
            "{\"source\":\"billing.readings\",\"key\":\"\($0)\",\"season\":\"\(season)\",\"unit\":\"kWh\",\"consumption\":\"\($1)\"}"
        }
        return ",\"readings\":[\(rows.joined(separator: ","))]"
    }

    private func suspension(_ season: String) -> String {
        ",\"suspensions\":[{\"source\":\"billing.suspensions\",\"key\":\"1\",\"season\":\"\(season)\",\"kind\":\"full\",\"state\":\"approved\"}]"
    }

    // MARK: Off the network

    /// Where its area is not known, the finding is worth the whole bill, and that it could not be evaluated is a finding of its own.
    @Test func aHouseholdOffTheNetworkWhoseBillCannotBeEvaluated() throws {
        let season = "2024-2025"
        let bill = charges(season, [("heatByArea", "80.000", "25.000", 200_000)])
        let off =
            ",\"disconnections\":[{\"source\":\"billing.disconnections\",\"key\":\"1\",\"on\":\"2024-06-01\",\"state\":\"disconnected\"}]"
        let finding = "lifecycle.disconnectedCharged \(season)  200000"
        #expect(try told(view(Self.plain + "\"byArea\"", bill + off)) == [finding])
        #expect(
            try told(view("\"method\":\"byArea\"", bill + off)) == [finding, "tariff.notCovered \(season)  0"])
    }

    // MARK: Suspended

    private static let plain = "\"area_building\":\"80.000\",\"method\":"

    @Test func aSuspendedHouseholdsRightBill() throws {
        let season = "2024-2025"
        for (method, published, share, due) in [
            ("byArea", "25.000", "5.000", Int64(40_000)), ("twoPart", "7.500", "1.500", 12_000),
        ] {
            for price in [published, share] {
                let right = view(
                    Self.plain + "\"\(method)\"",
                    charges(season, [("suspension", "80.000", price, due)]) + suspension(season))
                #expect(try told(right) == [], "\(method) \(price)")
                let wrong = view(
                    Self.plain + "\"\(method)\"",
                    charges(season, [("suspension", "80.000", price, due * 2)]) + suspension(season))
                let rule =
                    price == published
                    ? "tariff.suspension \(season) " : "arithmetic.product \(season) billing.charges#0"
                #expect(try told(wrong) == ["\(rule) \(due)"], "\(method) \(price)")
            }
        }
    }

    @Test func suspendedAndChargedInFull() throws {
        let season = "2024-2025"
        let byArea = view(
            Self.plain + "\"byArea\"",
            charges(season, [("heatByArea", "80.000", "25.000", 200_000)]) + suspension(season))
        #expect(try told(byArea) == ["lifecycle.suspendedCharged \(season)  160000"])
        let twoPart = view(
            Self.plain + "\"twoPart\"",
            charges(season, [("heatBase", "80.000", "7.500", 60_000), ("heatMetered", "1000.000", "0.130", 13_000)])
                + readings(season, ["400.000", "600.000"]) + suspension(season))
        #expect(try told(twoPart) == ["lifecycle.suspendedCharged \(season)  48000"])
        let unread = view(
            Self.plain + "\"twoPart\"", charges(season, [("heatBase", "80.000", "7.500", 60_000)]) + suspension(season))
        #expect(try told(unread) == ["lifecycle.suspendedCharged \(season)  48000"])
    }

    // MARK: Shared area

    @Test func sharedAreaOnALineOfItsOwn() throws {
        let season = "2025-2026"
        let shared = (item: "sharedArea", quantity: "10.000", price: "6.000", due: Int64(6_000))
        let heat = (item: "heatMetered", quantity: "1000.000", price: "0.130", due: Int64(13_000))
        let base = (item: "heatBase", quantity: "80.000", price: "7.500", due: Int64(60_000))
        func told(_ method: String, _ lines: [(item: String, quantity: String, price: String, due: Int64)]) throws
            -> [String]
        {
            let facts = "\"area_inner\":\"80.000\",\"area_shared\":\"10.000\",\"method\":\"\(method)\""
            let read = method == "byArea" ? "" : readings(season, ["1000.000"])
            return try self.told(view(facts, charges(season, lines) + read, city: "B"))
        }
        #expect(try told("byArea", [("heatByArea", "80.000", "25.000", 200_000), shared]) == [])
        #expect(try told("twoPart", [base, heat, shared]) == [])
        #expect(try told("metered", [("heatMetered", "1000.000", "0.320", 32_000), shared]) == [])
        #expect(try told("twoPart", [base, heat]) == ["tariff.lines \(season)  -6000"])
        #expect(
            try told("twoPart", [base, heat, ("sharedArea", "10.000", "6.000", 6_600)]) == [
                "arithmetic.product \(season) billing.charges#2 600"
            ])
    }

    // MARK: Readings

    @Test func heatWithoutAReading() throws {
        let season = "2024-2025"
        let lines = charges(
            season, [("heatBase", "80.000", "7.500", 60_000), ("heatMetered", "1000.000", "0.130", 13_000)])
        #expect(try told(view(Self.plain + "\"twoPart\"", lines)) == ["tariff.notCovered \(season)  0"])
        let backwards =
            ",\"readings\":[{\"source\":\"billing.readings\",\"key\":\"1\",\"season\":\"\(season)\",\"unit\":\"kWh\",\"start_value\":\"9.000\",\"end_value\":\"8.000\"}]"
        #expect(try told(view(Self.plain + "\"twoPart\"", lines + backwards)) == ["tariff.notCovered \(season)  0"])
    }

    // MARK: Telephones

    @Test func aTelephoneThatNobodyStatesContradictsNothing() throws {
        let known = "\"holder_phones\":[\"13800000001\",\"024-8888 0001\"]"
        let weak = { (order: Int) in "presence.weakLink  dispatch.orders#W\(order) 0" }
        #expect(try told(view(known), [""]) == [])
        #expect(try told(view(known), ["", "13800000001", "02488880001"]) == [])
        #expect(try told(view(known), ["", "13900000009"]) == [weak(1)])
        // Nor one beside an account that states none.
        #expect(try told(view("\"method\":\"byArea\""), ["13900000009", ""]) == [])
        #expect(try told(view("\"holder_phones\":[]"), ["13900000009"]) == [])
        #expect(try told(view("\"holder_phones\":[\"\"]"), ["13900000009"]) == [])
    }

    /// Card and premises have vanished; what is left of the account is named with its money.
    @Test(arguments: [
        (
            ",\"charges\":[{\"source\":\"billing.charges\",\"key\":\"1\",\"season\":\"2025-2026\",\"due_fen\":5000,\"received_fen\":2000}]",
            3000
        ),
        (
            ",\"payments\":[{\"source\":\"billing.payments\",\"key\":\"1\",\"amount_fen\":700},{\"source\":\"billing.payments\",\"key\":\"2\",\"amount_fen\":100,\"reversed\":true}]",
            -700
        ),
        (",\"work_orders\":[{\"source\":\"dispatch.orders\",\"key\":\"1\",\"state\":\"closed\"}]", 0), ("", nil),
    ])
    func anAccountThatNoSystemStates(_ lists: String, _ money: Int?) throws {
        func found(_ sources: String) throws -> [String] {
            let view = "{\"account_number\":\"00000001\",\"facts\":{},\"fact_sources\":[\(sources)]\(lists)}"
            let payments = StoredStream(id: StreamID(7), name: "billing.payments", entity: .payment)
            return try told(view, streams: Self.streams + [payments]).filter {
                $0.hasPrefix("presence.unstatedAccount")
            }
        }
        #expect(try found("") == (money.map { ["presence.unstatedAccount   \($0)"] } ?? []))
        #expect(try found("{\"source\":\"billing.accounts\",\"key\":\"1\"}") == [])
    }
}
