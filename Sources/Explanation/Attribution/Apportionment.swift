package import Billing
package import HeatModel

/// Turns exact shares into whole fen that sum to a given total: the largest remainders get the fen that are left over.
package enum Apportionment {
    /// The shares, in 元, as fen. A share of exactly 0 stays 0. Ties go to the share that stands first, so the order must be a fixed
    /// one. Negating shares and total negates the result.
    ///
    /// - Returns: nil where the total cannot be spread: it is not 0, and every share is.
    package static func fen(_ shares: [Ratio], total: Fen) throws(HearthError) -> [Fen]? {
        struct Entry {
            var index: Int
            var fen: Int64
            /// What truncation toward zero left, in fen: between −1 and 1.
            var rest: Ratio
        }
        var entries: [Entry] = []
        for (index, share) in shares.enumerated() where share.numerator != 0 {
            let exact = try (share * Ratio(100)).reduced
            let (whole, rest) = exact.numerator.quotientAndRemainder(dividingBy: exact.denominator)
            guard let fen = Int64(exactly: whole) else {
                throw HearthError(.billingOverflow, "a share is too large")
            }
            entries.append(Entry(index: index, fen: fen, rest: Ratio(rest, over: exact.denominator)))
        }
        var left = total.amount - entries.reduce(0) { $0 + $1.fen }
        if entries.isEmpty { return left == 0 ? shares.map { _ in .zero } : nil }
        // The sign of what is left says from which end the remainders are served.
        let step: Int64 = left < 0 ? -1 : 1
        var order: [Int] = []
        for index in entries.indices {
            var place = order.count
            while place > 0 {
                let difference = try entries[index].rest.compare(entries[order[place - 1]].rest) * Int(step)
                if difference <= 0 { break }
                place -= 1
            }
            order.insert(index, at: place)
        }
        var next = 0
        // Rounded lines may leave more than one fen for a share: another round then.
        while left != 0 {
            entries[order[next]].fen += step
            left -= step
            next = (next + 1) % order.count
        }
        var result = shares.map { _ in Fen.zero }
        for entry in entries { result[entry.index] = Fen(entry.fen) }
        return result
    }
}
