import HeatModel

extension HearthError.Code {
    static let benchmarkFailed = Self("benchmark.failed")
    static let benchmarkMissing = Self("benchmark.missing")
}
