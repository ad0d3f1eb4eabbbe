import Foundation
import HeatModel
import Testing

@testable import LegacyEstate

@Suite struct DeterminismTests {
    private func outputs(_ estate: Estate) throws -> [UInt64] {
        try withTemporaryFolder { folder in
            try estate.writeBilling(sqlite: folder + "/billing.sqlite")
            let names = try estate.writeCustomer(dropFolder: folder)
            let pages = DispatchAnswer.Operation.allCases.flatMap { operation in
                DispatchAnswer(
                    orders: DispatchOrders(estate, []), operation: operation, wanted: .init(), page: 1, pageSize: 5000,
                    is12: false
                )
                .pieces().flatMap { $0 }
            }
            return [
                digest(try file(folder + "/billing.sqlite")), digest(try file(folder + "/" + names[0])), digest(pages),
            ]
        }
    }

    @Test func equalSeedsGiveEqualBytes() throws {
        let first = try outputs(Estate(EstateOptions(accounts: 700, seed: 42)))
        let second = try outputs(Estate(EstateOptions(accounts: 700, seed: 42)))
        #expect(first == second)
        let other = try outputs(Estate(EstateOptions(accounts: 700, seed: 43)))
        for (one, another) in zip(first, other) { #expect(one != another) }
    }

    /// A change of these digests changes every estate that someone may have kept figures of.
    @Test func digestsAreFixed() throws {
        let estate = Estate(EstateOptions(accounts: 700, seed: 42))
        let rows = try CollectedRows.of(estate)
        let text = rows.tables.map { table in
            table.map { $0.map { $0 ?? "\\N" }.joined(separator: "\t") }.joined(separator: "\n")
        }.joined(separator: "\n\n")
        let customer = try withTemporaryFolder { folder in
            try file(folder + "/" + estate.writeCustomer(dropFolder: folder)[0])
        }
        #expect([digest(text.utf8), digest(customer)] == Self.pinned)
    }

    private static let pinned: [UInt64] = [7_252_238_651_431_960_400, 7_031_510_754_437_056_112]

    @Test func anAccountIsTheSameFromAnySide() throws {
        let estate = Estate(EstateOptions(accounts: 1500, seed: 9, city: .harbin))
        estate.forEachAccount { account in
            #expect(estate.account(account.index) == account)
            #expect(estate.truth(account: account.number) == account)
        }
        #expect(estate.truth(account: AccountFacts.strayNumber(5)) == nil)
        #expect(estate.truth(account: AccountFacts.number(1500)) == nil)
    }

    @Test func withoutFaultsNothingIsPlanted() throws {
        let estate = Estate(EstateOptions(accounts: 400, plantFaults: false))
        #expect(estate.planted.isEmpty)
        #expect(try CollectedRows.of(estate).rows(.sf_yh).count == 400)
    }
}
