import Foundation
import HeatModel

/// What each case reached, beside what it should reach: `Thresholds.json`.
struct Thresholds: Decodable {
    struct Threshold: Decodable {
        /// The aim: the greatest ratio of a case's seconds to its reference's that is good enough.
        var wanted: Double
        /// The ratio that was measured last.
        var ratio: Double
        /// By what share of `ratio` a run may be slower before it counts as a regression.
        var margin: Double

        var most: Double { ratio * (1 + margin) }
    }

    /// Bills that the ratios were measured with.
    var rows: Int
    private var cases: [String: Threshold]

    subscript(_ benchmark: BenchmarkCase) -> Threshold? { cases[benchmark.rawValue] }

    /// What is wrong with a case's ratio; nil where nothing is.
    func miss(_ benchmark: BenchmarkCase, ratio: Double?) -> String? {
        guard let threshold = self[benchmark] else { return nil }
        guard let ratio else { return "\(benchmark.rawValue): not measured, or not its reference" }
        if ratio <= threshold.most { return nil }
        return "\(benchmark.rawValue): ratio \(ratio), at most \(threshold.most) (\(threshold.ratio) and its margin)"
    }

    /// - Throws: `benchmark.failed` for a file that cannot be read or names a case that does not exist, or leaves one out.
    static func load() throws -> Thresholds {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Thresholds.json")
        func failure(_ message: String, _ cause: (any Error)? = nil) -> HearthError {
            HearthError(
                .benchmarkFailed, message, at: .file(file.path, line: 0, column: 0),
                advice: "see Thresholds.swift for what the file holds", cause: cause)
        }
        let thresholds: Thresholds
        do {
            thresholds = try JSONDecoder().decode(Thresholds.self, from: Data(contentsOf: file))
        } catch {
            throw failure("the thresholds cannot be read", error)
        }
        for name in thresholds.cases.keys.sorted() where BenchmarkCase(rawValue: name) == nil {
            throw failure("there is no case \(name)")
        }
        for benchmark in BenchmarkCase.allCases where thresholds[benchmark] == nil {
            throw failure("there is no threshold of \(benchmark.rawValue)")
        }
        return thresholds
    }
}
