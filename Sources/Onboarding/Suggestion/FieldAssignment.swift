import HeatModel
import Records

/// Gives each field the column that fits it best, each column at most one field, and says how sure that is.
struct FieldAssignment {
    struct Pick {
        var column: Int
        var candidate: EntityReading.Candidate
        var confidence: Confidence
        /// Fields that fit the column as well.
        var rivals: [String]
        /// Columns that fit the field as well.
        var rivalColumns: [Int]
        /// Fields that fit the column as well, and that another column fits better.
        var settled: [String] = []
    }

    private(set) var picks: [Pick] = []

    /// Candidates within this of the best one cannot be told from it.
    private static let margin = 70
    private static let least = 500

    init(_ reading: EntityReading, profiles: [ColumnProfile], sample: StreamSample) {
        var pairs: [(column: Int, candidate: EntityReading.Candidate)] = []
        for (column, candidates) in reading.candidates.enumerated() {
            for candidate in candidates { pairs.append((column, candidate)) }
        }
        pairs.sort { left, right in
            if left.candidate.score != right.candidate.score { return left.candidate.score > right.candidate.score }
            if left.column != right.column { return left.column < right.column }
            return left.candidate.field < right.candidate.field
        }
        var taken: [String: (column: Int, score: Int)] = [:]
        var done: Set<Int> = []
        for pair in pairs where pair.candidate.score >= Self.least {
            if done.contains(pair.column) { continue }
            if pair.candidate.field.isEmpty {
                done.insert(pair.column)
                continue
            }
            if taken[pair.candidate.field] != nil { continue }
            taken[pair.candidate.field] = (pair.column, pair.candidate.score)
            done.insert(pair.column)
            picks.append(
                Pick(column: pair.column, candidate: pair.candidate, confidence: .likely, rivals: [], rivalColumns: []))
        }
        for index in picks.indices { judge(&picks[index], reading, profiles, taken) }
        weighAmounts(reading, sample)
        picks.sort { $0.column < $1.column }
    }

    private func judge(
        _ pick: inout Pick, _ reading: EntityReading, _ profiles: [ColumnProfile],
        _ taken: [String: (column: Int, score: Int)]
    ) {
        let candidate = pick.candidate
        let column = pick.column
        let near = reading.candidates[column].filter { other in
            other.field != candidate.field && other.score > candidate.score - Self.margin
        }
        // A field that another column fits clearly better is none of this column's: but that is a conclusion, and no word.
        let settled = near.filter { other in
            taken[other.field].map { $0.column != column && $0.score > other.score + 40 } ?? false
        }
        pick.rivals = near.map(\.field).filter { field in !settled.contains { $0.field == field } }
        pick.settled = settled.map(\.field)
        pick.rivalColumns = reading.candidates.indices.filter { other in
            guard other != column, let same = reading.candidates[other].first(where: { $0.field == candidate.field })
            else { return false }
            let best = reading.candidates[other].first
            return same.score > candidate.score - Self.margin && best?.field == candidate.field
        }
        if !pick.rivals.isEmpty || !pick.rivalColumns.isEmpty {
            pick.confidence = .open
            return
        }
        let isTested = profiles[column].filled > 0
        let byName = candidate.byName
        let isSure =
            isTested
            && (byName >= 840 || (byName >= 700 && candidate.byValues >= 300)
                || (byName >= 500 && candidate.byValues >= 600)
                || candidate.byValues >= 800)
            && settled.isEmpty
        pick.confidence = isSure ? .sure : .likely
    }

    /// What a charge has due is what was received, what is left and what was waived: a sum that holds in nearly all rows tells the
    /// columns apart.
    private mutating func weighAmounts(_ reading: EntityReading, _ sample: StreamSample) {
        guard reading.kind == .charge, let due = picks.first(where: { $0.candidate.field == "due" }),
            let received = picks.firstIndex(where: { $0.candidate.field == "received" }),
            let arrears = picks.first(where: { $0.candidate.field == "arrears" })
        else { return }
        let waived = picks.filter { ["discount", "reduction"].contains($0.candidate.field) }.map(\.column)
        func column(_ index: Int) -> [Int64?] { sample.values(index).map(Self.cents) }
        let (dues, paid, left) = (column(due.column), column(picks[received].column), column(arrears.column))
        let others = waived.map(column)
        var rows = 0
        var holds = 0
        var telling = 0
        for row in dues.indices {
            guard let due = dues[row], let paid = paid[row], let left = left[row] else { continue }
            rows += 1
            let relief = others.reduce(Int64(0)) { $0 + ($1[row] ?? 0) }
            if due == paid + left || due == paid + left + relief {
                holds += 1
                if paid != 0, paid != due { telling += 1 }
            }
        }
        guard rows > 20, holds * 100 >= rows * 95 else { return }
        picks[received].candidate.evidence.append(
            "in \(holds) of \(rows) rows \(sample.columns[due.column]) is the sum of it, \(sample.columns[arrears.column]) and what is waived"
        )
        if telling > 0, picks[received].confidence == .open, picks[received].rivalColumns.isEmpty {
            picks[received].confidence = .likely
        }
    }

    /// `-1,234.50` in hundredths; nil for what is no plain amount of at most two places.
    static func cents(_ text: String?) -> Int64? {
        guard let text else { return nil }
        var whole: Int64 = 0
        var places = -1
        var isNegative = false
        var any = false
        for byte in text.utf8 {
            switch byte {
            case 0x2D where !any: isNegative = true
            case 0x2C, 0x20: continue
            case 0x2E where places < 0: places = 0
            case 0x30...0x39:
                any = true
                if places >= 2 {
                    if byte != 0x30 { return nil }
                    continue
                }
                let (next, overflow) = whole.multipliedReportingOverflow(by: 10)
                if overflow || next > .max - 9 { return nil }
                whole = next + Int64(byte - 0x30)
                if places >= 0 { places += 1 }
            default: return nil
            }
        }
        if !any { return nil }
        for _ in max(places, 0)..<2 {
            let (next, overflow) = whole.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            whole = next
        }
        return isNegative ? -whole : whole
    }
}
