import Billing
import Explanation
import HearthTesting
import HeatModel
import Testing

/// What must hold for any figures.
@Suite struct ShapleyTests {
    /// A random game: a value for each set of factors.
    private func game(_ count: Int, _ random: inout SeededGenerator) -> [Ratio] {
        (0..<(1 << count)).map { _ in
            Ratio(
                Int128(Int64.random(in: -9_000_000...9_000_000, using: &random)),
                over: Int128([1, 3, 100, 121, 7_000].randomElement(using: &random)!))
        }
    }

    private func shares(_ count: Int, _ game: [Ratio]) throws -> [Ratio] {
        try Shapley.shares(of: count) { game[Int($0)] }
    }

    private func equal(_ left: Ratio, _ right: Ratio) throws -> Bool { try left.compare(right) == 0 }

    @Test func theySumToTheDifference() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<300 {
            let count = Int.random(in: 0...5, using: &random)
            let game = game(count, &random)
            var sum = Ratio.zero
            for share in try shares(count, game) { sum = try sum + share }
            let difference = try game[game.count - 1] + -game[0]
            #expect(try equal(sum, count == 0 ? .zero : difference))
        }
    }

    @Test func alikeFactorsGetAlikeShares() throws {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<300 {
            var game = game(4, &random)
            // Factors 1 and 3 act alike: a set with one of them is worth what it is with the other.
            for mask in 0..<16 where mask & 0b0010 != 0 && mask & 0b1000 == 0 { game[mask ^ 0b1010] = game[mask] }
            let shares = try shares(4, game)
            #expect(try equal(shares[1], shares[3]))
        }
    }

    @Test func whatChangesNothingGetsNothing() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<300 {
            var game = game(4, &random)
            for mask in 0..<16 where mask & 0b0100 == 0 { game[mask | 0b0100] = game[mask] }
            #expect(try shares(4, game)[2].numerator == 0)
        }
    }

    @Test func swappingTheSidesNegates() throws {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<300 {
            let game = game(4, &random)
            let there = try shares(4, game)
            let back = try shares(4, game.reversed())
            for (one, other) in zip(there, back) { #expect(try equal(one, -other)) }
        }
    }

    @Test func theOrderPlaysNoPart() throws {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            let game = game(4, &random)
            let order = [0, 1, 2, 3].shuffled(using: &random)
            let plain = try shares(4, game)
            let shuffled = try Shapley.shares(of: 4) { mask in
                var original = 0
                for (place, factor) in order.enumerated() where mask & (1 << UInt32(place)) != 0 {
                    original |= 1 << factor
                }
                return game[original]
            }
            for (place, factor) in order.enumerated() { #expect(try equal(shuffled[place], plain[factor])) }
        }
    }

    @Test func productsHaveTheirClosedForms() throws {
        var random = SeededGenerator(seed: 6)
        func pair() -> (from: Ratio, to: Ratio) {
            (
                Ratio(ExactDecimal(units: Int64.random(in: 0...200_000, using: &random), places: 3)),
                Ratio(ExactDecimal(units: Int64.random(in: 0...200_000, using: &random), places: 3))
            )
        }
        for _ in 0..<200 {
            let (a, b, c) = (pair(), pair(), pair())
            func value(_ mask: UInt32, _ factors: [(from: Ratio, to: Ratio)]) throws(HearthError) -> Ratio {
                var product = Ratio.one
                for (index, factor) in factors.enumerated() {
                    product = try product * (mask & (1 << UInt32(index)) != 0 ? factor.to : factor.from)
                }
                return product
            }
            let two = try Shapley.shares(of: 2) { (mask) throws(HearthError) in try value(mask, [a, b]) }
            for (one, other) in zip(two, try Shapley.product(a, b)) { #expect(try equal(one, other)) }
            let three = try Shapley.shares(of: 3) { (mask) throws(HearthError) in try value(mask, [a, b, c]) }
            for (one, other) in zip(three, try Shapley.product(a, b, c)) { #expect(try equal(one, other)) }
        }
    }

    @Test func feniesAreSpreadExactly() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<1000 {
            let count = Int.random(in: 1...6, using: &random)
            var shares = (0..<count).map { _ in
                Ratio(
                    Int128(Int64.random(in: -500_000...500_000, using: &random)),
                    over: Int128([1, 3, 7, 100, 1_210].randomElement(using: &random)!))
            }
            if Bool.random(using: &random) { shares[0] = .zero }
            var sum = Ratio.zero
            for share in shares { sum = try sum + share }
            // Rounded lines may put the total a few fen beside the exact sum.
            let total = try sum.money(.init(.fen, .halfUp)) + Fen(Int64.random(in: -3...3, using: &random))
            guard let fen = try Apportionment.fen(shares, total: total) else {
                #expect(shares.allSatisfy { $0.numerator == 0 } && total != .zero)
                continue
            }
            #expect(fen.reduce(.zero) { $0 + $1 } == total)
            for (share, fen) in zip(shares, fen) where share.numerator == 0 { #expect(fen == .zero) }
            let back = try #require(try Apportionment.fen(shares.map { -$0 }, total: -total))
            #expect(back == fen.map { -$0 })
        }
        // A tie goes to the one that stands first.
        let half = Ratio(1, over: 200)
        #expect(try Apportionment.fen([half, half], total: Fen(1)) == [Fen(1), Fen(0)])
        #expect(try Apportionment.fen([-half, -half], total: Fen(-1)) == [Fen(-1), Fen(0)])
    }

    @Test func tooManyFactorsAreRefused() {
        #expect(throws: HearthError.self) { try Shapley.shares(of: 13) { _ in .zero } }
    }
}
