import HeatModel
import Store
import Testing

@testable import AccountView

/// No reader of a view counts a charge that is marked as another stream's.
@Suite struct RepeatedChargeReadingTests {
    private static func view(_ rows: String...) -> [UInt8] {
        Array(
            """
            {"account_number":"00000001","facts":{"class":"resident","method":"byArea","community":"甲","building":"1"},\
            "charges":[\(rows.joined(separator: ","))]}
            """.utf8)
    }

    private static let charge =
        #"{"source":"b.charges","key":"1","season":"2025-2026","item":"heatByArea","due_fen":200000}"#
    private static let repeated =
        #"{"source":"b.bills","key":"1","repeats":"b.charges","season":"2025-2026","item":"heatByArea","due_fen":200000}"#

    @Test func typedReadingLeavesItOut() {
        for rows in [Self.view(Self.charge, Self.repeated), Self.view(Self.repeated, Self.charge)] {
            let context = AccountContext(view: rows)
            #expect(context.charges.map(\.source) == [.init(source: "b.charges", key: "1")])
            #expect(context.charges.first?.value.due == Fen(200_000))
        }
    }

    @Test func peersCountItOnce() {
        func row(_ view: [UInt8]) -> [UInt8] {
            var reader = CohortMemberReader()
            return view.withUnsafeBytes { reader.row(of: AccountID(1), view: $0).body }
        }
        let once = row(Self.view(Self.charge))
        #expect(!once.isEmpty)
        #expect(row(Self.view(Self.charge, Self.repeated)) == once)
        #expect(row(Self.view(Self.repeated, Self.charge)) == once)
        // Without the mark the same item twice is a bill that was corrected: no measure for others.
        #expect(row(Self.view(Self.charge, Self.charge)).isEmpty)
    }
}
