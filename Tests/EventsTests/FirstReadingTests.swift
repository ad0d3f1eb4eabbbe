import HeatModel
import Store
import Testing

@testable import Events

/// A stream that is read for the first time, of accounts that are known already.
@Suite struct FirstReadingTests {
    private let accounts = "billing.accounts"
    private let charges = "billing.charges"
    private let payments = "bank.payments"
    private let hour: Int64 = 3_600_000_000

    private func view(
        charges: [(key: String, fen: Int)] = [], payments: [(key: String, fen: Int)] = [], state: String = "normal"
    )
        -> String
    {
        let bills = charges.map {
            #"{"source":"billing.charges","key":"\#($0.key)","season":"2025-2026","item":"heatByArea","due_fen":\#($0.fen)}"#
        }
        let paid = payments.map {
            #"{"source":"bank.payments","key":"\#($0.key)","paid_at":"\#(Moments.text(Moments.start))","amount_fen":\#($0.fen)}"#
        }
        return
            #"{"account_number":"1","facts":{"supply_state":"\#(state)"},"charges":[\#(bills.joined(separator: ","))],"#
            + #""payments":[\#(paid.joined(separator: ","))],"readings":[]}"#
    }

    private func types(_ events: [StoredEvent]) -> [String] { events.map(\.type) }

    /// A teller whose stream of accounts was read, and has shown the account; with the run that did.
    private func teller() throws -> (Teller, RunID) {
        let teller = try Teller()
        let run = try teller.beginRun(accounts, .account)
        try teller.endRun(run)
        try teller.see(view(), at: Moments.start, runs: [(accounts, "1", run)])
        return (teller, run)
    }

    @Test func whatAStreamSaysAtFirstIsNoNews() throws {
        let (teller, known) = try teller()
        let first = try teller.beginRun(charges, .charge)
        // Views may be made while it goes on.
        var runs = [(accounts, "1", known), (charges, "1", first)]
        #expect(types(try teller.see(view(charges: [("1", 100)]), at: Moments.start, runs: runs)) == [])
        try teller.endRun(first)
        runs.append((charges, "2", first))
        #expect(types(try teller.see(view(charges: [("1", 100), ("2", 50)]), at: Moments.start, runs: runs)) == [])
        // What it says later is, beside what it said at first.
        let later = try teller.beginRun(charges, .charge)
        runs.append((charges, "3", later))
        let told = try teller.see(view(charges: [("1", 100), ("2", 50), ("3", 7)]), at: Moments.start, runs: runs)
        #expect(types(told) == ["bill.corrected"])
        #expect(
            String(decoding: try #require(told.first).body, as: UTF8.self).contains(#""due_fen":157,"was_due_fen":150"#)
        )
    }

    @Test func newsOfOneStreamIsToldBesideAFirstReadingOfAnother() throws {
        let (teller, known) = try teller()
        let first = try teller.beginRun(charges, .charge)
        try teller.endRun(first)
        let bank = try teller.beginRun(payments, .payment)
        try teller.endRun(bank)
        let later = try teller.beginRun(payments, .payment)
        let told = try teller.see(
            view(charges: [("1", 100)], payments: [("a", 5), ("b", 7)]), at: Moments.start,
            runs: [(accounts, "1", known), (charges, "1", first), (payments, "a", bank), (payments, "b", later)])
        #expect(types(told) == ["payment.posted"])
        #expect(String(decoding: try #require(told.first).body, as: UTF8.self).contains(#""amount_fen":7"#))
        // A bill of a run after the first is one that is issued.
        let (other, account) = try self.teller()
        try other.endRun(try other.beginRun(charges, .charge))
        let issued = try other.see(
            view(charges: [("1", 100)]), at: Moments.start,
            runs: [(accounts, "1", account), (charges, "1", try other.beginRun(charges, .charge))])
        #expect(types(issued) == ["bill.issued"])
    }

    @Test func aStreamThatNeverComesToItsEndIsToldOfAfterADay() throws {
        let (teller, known) = try teller()
        let first = try teller.beginRun(charges, .charge)
        try teller.endRun(first, .failed)
        var runs = [(accounts, "1", known), (charges, "1", first)]
        #expect(types(try teller.see(view(charges: [("1", 100)]), at: Moments.start + 23 * hour, runs: runs)) == [])
        runs[1].2 = try teller.beginRun(charges, .charge, at: Moments.start + 25 * hour)
        let told = try teller.see(view(charges: [("1", 101)]), at: Moments.start + 25 * hour, runs: runs)
        #expect(types(told) == ["bill.corrected"])
    }

    @Test func aSystemThatIsAskedForTheFirstTimeChangesNoSupply() throws {
        let (teller, known) = try teller()
        let later = try teller.beginRun(accounts, .account)
        let told = try teller.see(view(state: "stopped"), at: Moments.start, runs: [(accounts, "1", later)])
        #expect(types(told) == ["supply.changed"])
        #expect(known < later)
    }
}
