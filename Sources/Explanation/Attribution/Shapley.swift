package import Billing
package import HeatModel

/// Exact Shapley values: what each factor contributes to a difference, averaged over every order in which the factors could be changed.
///
/// The shares sum to value(all) − value(none) exactly; factors that act alike get alike shares; one that changes nothing gets 0;
/// swapping the two sides negates every share; no order of the factors plays a part.
package enum Shapley {
    /// More factors than any bill has; 2ⁿ coalitions are evaluated.
    package static let mostFactors = 12

    /// The shares of `count` factors. `value` is evaluated once for each set of factors that are on the first side: bit i of the mask is
    /// factor i.
    ///
    /// - Throws: what `value` throws; `billing.overflow` where a share cannot be held exactly; `explanation.tooManyFactors`.
    package static func shares(
        of count: Int, value: (UInt32) throws(HearthError) -> Ratio
    ) throws(HearthError) -> [Ratio] {
        guard count <= mostFactors else {
            throw HearthError(.explanationTooManyFactors, "more than \(mostFactors) factors differ")
        }
        if count == 0 { return [] }
        let full = UInt32(1) << UInt32(count)
        var values: [Ratio] = []
        values.reserveCapacity(Int(full))
        for mask in 0..<full { values.append(try value(mask)) }
        var factorial: [Int128] = [1]
        for number in 1...count { factorial.append(factorial[number - 1] * Int128(number)) }
        var shares: [Ratio] = []
        for factor in 0..<count {
            let bit = UInt32(1) << UInt32(factor)
            // Σ over the sets without the factor of |S|!·(n−|S|−1)! · (v(S∪i) − v(S)), then ÷ n!.
            var sum = Ratio.zero
            for mask in 0..<full where mask & bit == 0 {
                let size = mask.nonzeroBitCount
                let weight = Ratio(factorial[size] * factorial[count - size - 1])
                sum = try sum + weight * (values[Int(mask | bit)] + -values[Int(mask)])
            }
            shares.append(try (sum * Ratio(1, over: factorial[count])).reduced)
        }
        return shares
    }

    /// The shares of two factors of a product: Δa·(b₀+b₁)/2 and Δb·(a₀+a₁)/2.
    package static func product(
        _ a: (from: Ratio, to: Ratio), _ b: (from: Ratio, to: Ratio)
    ) throws(HearthError) -> [Ratio] {
        let half = Ratio(1, over: 2)
        return [
            try (a.to + -a.from) * (b.from + b.to) * half,
            try (b.to + -b.from) * (a.from + a.to) * half,
        ]
    }

    /// The shares of three factors of a product: Δa·[(b₀c₀+b₁c₁)/3 + (b₀c₁+b₁c₀)/6], and so on.
    package static func product(
        _ a: (from: Ratio, to: Ratio), _ b: (from: Ratio, to: Ratio), _ c: (from: Ratio, to: Ratio)
    ) throws(HearthError) -> [Ratio] {
        func share(
            _ a: (from: Ratio, to: Ratio), _ b: (from: Ratio, to: Ratio), _ c: (from: Ratio, to: Ratio)
        ) throws(HearthError) -> Ratio {
            let same = try b.from * c.from + b.to * c.to
            let crossed = try b.from * c.to + b.to * c.from
            return try (a.to + -a.from) * (same * Ratio(1, over: 3) + crossed * Ratio(1, over: 6))
        }
        return [try share(a, b, c), try share(b, a, c), try share(c, a, b)]
    }
}
