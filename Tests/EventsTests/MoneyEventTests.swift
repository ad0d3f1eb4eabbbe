import HearthTesting
import HeatModel
import SQLiteStore
import Store
import Testing

@testable import Events

/// Payments, bills, supply and outages.
@Suite struct MoneyEventTests {
    private func view(
        payments: [String] = [], charges: [String] = [],
        supply: String = #""supply_state":"normal","supply_valve":"open""#
    ) -> String {
        #"{"account_number":"1","facts":{"class":"resident",\#(supply)},"charges":[\#(charges.joined(separator: ","))],"payments":[\#(payments.joined(separator: ","))],"readings":[]}"#
    }

    private func payment(_ key: String, _ fen: Int64, days: Int64 = 0, _ more: String = "") -> String {
        #"{"source":"billing.payments","key":"\#(key)","season":"2025-2026","paid_at":"\#(Moments.text(Moments.start - days * 86_400_000_000))","amount_fen":\#(fen)\#(more)}"#
    }

    private func charge(_ key: String, _ fen: Int64, item: String = "heatByArea", season: String = "2025-2026")
        -> String
    {
        #"{"source":"billing.charges","key":"\#(key)","season":"\#(season)","item":"\#(item)","due_fen":\#(fen)}"#
    }

    private func types(_ events: [StoredEvent]) -> [String] { events.map(\.type) }
    private let now = Moments.start + 60_000_000

    @Test func aPaymentIsToldOnceWhateverItsReadingsDo() throws {
        let teller = try Teller()
        func see(_ payments: String...) throws -> [String] { types(try teller.see(view(payments: payments), at: now)) }
        let (pending, posted, back) = (#","reconciled":false"#, #","reconciled":true"#, #","reversed":true"#)
        #expect(try see() == [])
        #expect(try see(payment("1", 100, pending)) == [])
        #expect(try see(payment("1", 100, posted)) == ["payment.posted"])
        #expect(try see(payment("1", 100, pending)) == [])
        #expect(try see(payment("1", 100, posted)) == [])
        #expect(try see() == [])
        #expect(try see(payment("1", 100, posted), payment("2", 50)) == ["payment.posted"])
        #expect(try see(payment("2", 50)) == [])
        #expect(try see(payment("1", 100, back), payment("2", 50)) == ["payment.reversed"])
        #expect(try see(payment("1", 100, posted), payment("2", 50)) == [])
        #expect(try see(payment("1", 100, back), payment("2", 50)) == [])
        // Of long ago: no news, but that the bank's file has come is.
        #expect(try see(payment("2", 50), payment("3", 1, days: 9), payment("4", 1, days: 9, pending)) == [])
        #expect(
            try see(payment("2", 50), payment("3", 1, days: 9), payment("4", 1, days: 9, posted)) == ["payment.posted"])
        #expect(try teller.store.read { try $0.eventMemory(of: .account(teller.account)) } != nil)
    }

    @Test func aBillIsIssuedOnceAndCorrectedWhereItsDueIsAnotherOne() throws {
        let teller = try Teller()
        func see(_ charges: String...) throws -> [StoredEvent] { try teller.see(view(charges: charges), at: now) }
        #expect(types(try see()) == [])
        #expect(types(try see(charge("1", 284_640))) == ["bill.issued"])
        #expect(types(try see(charge("1", 284_640), charge("2", 500, item: "lateFee"))) == [])
        let corrected = try see(charge("1", 284_640), charge("3", -12_000, item: "adjustment"))
        #expect(types(corrected) == ["bill.corrected"])
        let body = String(decoding: try #require(corrected.first).body, as: UTF8.self)
        #expect(body == #"{"season":"2025-2026","due_fen":272640,"was_due_fen":284640,"lines":2}"#)
        #expect(types(try see()) == [])
        #expect(types(try see(charge("1", 272_640))) == [])
        #expect(types(try see(charge("1", 272_640), charge("9", 1, season: "2019-2020"))) == [])
        #expect(types(try see(charge("1", 272_641), charge("9", 1, season: "2019-2020"))) == ["bill.corrected"])
    }

    @Test func supplyIsToldWhereItStandsOtherwise() throws {
        let teller = try Teller()
        func see(_ supply: String) throws -> [String] {
            try teller.see(view(supply: supply), at: now).map { String(decoding: $0.body, as: UTF8.self) }
        }
        let (normal, stopped) = (#""supply_state":"normal""#, #""supply_state":"stopped""#)
        #expect(try see(normal) == [])
        #expect(try see(stopped) == [#"{"state":"stopped","was_state":"normal"}"#])
        #expect(try see(#""tariff":"x""#) == [])
        #expect(try see(stopped) == [])
        #expect(try see(#""tariff":"x""#) == [])
        #expect(try see(normal) == [#"{"state":"normal","was_state":"stopped"}"#])
        #expect(try see(normal + #","supply_valve":"open""#) == [])
        #expect(
            try see(normal + #","supply_valve":"closed""#)
                == [#"{"state":"normal","valve":"closed","was_valve":"open"}"#])
    }

    /// Whatever is changed of a view, the cheap look misses nothing that the judge would tell.
    @Test(arguments: 0..<100) func theCheapLookMissesNothing(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        func some(_ most: Int, _ make: (Int) -> String) -> [String] {
            (0..<Int.random(in: 0...most, using: &random)).map { _ in make(Int.random(in: 0...3, using: &random)) }
        }
        func any() -> String {
            view(
                payments: some(3) { payment("\($0)", Int64($0)) }, charges: some(3) { charge("\($0)", Int64($0)) },
                supply: [#""supply_state":"normal""#, #""tariff":"a","supply_state":"stopped""#].randomElement(
                    using: &random)!)
        }
        let (before, after) = (any(), any())
        let instant = Instant(microseconds: now, offsetMinutes: 480)
        let concerns = Array(before.utf8).withUnsafeBytes { before in
            Array(after.utf8).withUnsafeBytes { after in
                var judge = AccountJudge(account: AccountID(1), at: instant)
                judge.judge(
                    AccountStanding(view: before, at: instant), AccountStanding(view: after, at: instant), EventMemory()
                )
                return (judge.events.isEmpty && judge.memory.isEmpty, ViewDifference(before, after).concernsEvents)
            }
        }
        if !concerns.0 { #expect(concerns.1, "seed \(seed)") }
    }

    @Test func anOutageIsToldOfItsPlaceOnceAndToItsEnd() throws {
        let teller = try Teller()
        let stream = try teller.store.write { try $0.stream(named: "dispatch.outages", entity: .outage) }
        func see(_ change: (inout Outage) -> Void) throws -> [String] {
            var outage = Outage()
            outage.number = "T1"
            (outage.community, outage.building) = ("阳光花园", "3")
            outage.beginsAt = Instant(microseconds: Moments.start, offsetMinutes: 480)
            change(&outage)
            return try teller.store.write { store in
                let last = try store.lastEvent()
                try Array("T1".utf8).withUnsafeBytes {
                    try OutageEvents.note(
                        outage, stream: stream, key: $0, in: store, at: Instant(microseconds: now, offsetMinutes: 480),
                        tells: true)
                }
                return try store.events(after: last, matching: EventFilter(), limit: 9).map {
                    "\($0.type) \($0.place?.name.split(separator: "\u{1F}").last ?? "")"
                }
            }
        }
        let end = Instant(microseconds: Moments.start + 30_000_000, offsetMinutes: 480)
        #expect(
            try see {
                ($0.state, $0.beginsAt) = (.announced, Instant(microseconds: now + 9_000_000_000, offsetMinutes: 0))
            } == [])
        #expect(try see { $0.state = .ongoing } == ["outage.begun 3"])
        #expect(try see { $0.state = .ongoing } == [])
        #expect(try see { ($0.state, $0.building) = (.ongoing, "4") } == ["outage.cancelled 3", "outage.begun 4"])
        #expect(try see { ($0.state, $0.building, $0.endedAt) = (.ended, "4", end) } == ["outage.ended 4"])
        #expect(try see { ($0.state, $0.building) = (.ongoing, "4") } == [])
        #expect(try see { ($0.state, $0.building, $0.endedAt) = (.ended, "4", end) } == [])
        let again = Instant(microseconds: end.microseconds + 10_000_000, offsetMinutes: 480)
        #expect(try see { ($0.state, $0.building, $0.beginsAt) = (.ongoing, "4", again) } == ["outage.begun 4"])
        #expect(try see { ($0.state, $0.beginsAt) = (.cancelled, again) } == ["outage.cancelled 4"])
    }
}
