import Foundation
import Glibc

/// What one run of a case, in a process of its own, says of itself on its standard output.
struct Measurement: Codable {
    var rows: Int64
    /// Bytes read from the source, or, for a lookup, of the answers.
    var bytes: Int64
    var seconds: Double
    /// What the process used of all processors, from its start on; it says more than `seconds` where others work beside it.
    var processorSeconds: Double
    /// The most memory that the process ever held, in MiB.
    var peakMemory: Double
    /// Of single calls, where a case times each.
    var medianMicroseconds: Double?
    var p99Microseconds: Double?
    /// Bytes on the disk, where these are what the case is about.
    var storedBytes: Int64?
    /// Of what the case may take at most the share that it took, where no program is its reference.
    var share: Double?
    var note: String?

    init(rows: Int64, bytes: Int64, seconds: Double) {
        self.rows = rows
        self.bytes = bytes
        self.seconds = seconds
        peakMemory = Self.peakMemory()
        processorSeconds = Self.processorSeconds()
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// `VmHWM` of this process.
    private static func peakMemory() -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kilobytes = line.flatMap { Double($0.split(whereSeparator: { !$0.isNumber }).first ?? "") }
        return (kilobytes ?? 0) / 1024
    }
}

/// A case's line of output: medians of its runs.
struct BenchmarkLine: Encodable {
    var benchmark: BenchmarkCase
    var measurements: [Measurement]
    var reference: String?
    var referenceSeconds: [Double]
    var wanted: Double?
    var note: String?

    private var seconds: Double { Self.median(measurements.map(\.seconds)) }

    /// Seconds of the case ÷ seconds of its reference; nil without a reference. Of a store's size, its bytes ÷ those of the rows; of what
    /// is bounded by figures, the share of them.
    var ratio: Double? {
        let shares = measurements.compactMap(\.share)
        if !shares.isEmpty { return Self.rounded(Self.median(shares), 4) }
        if let first = measurements.first, let stored = first.storedBytes {
            return Self.rounded(Double(stored) / Double(max(1, first.bytes)), 4)
        }
        return referenceSeconds.isEmpty || measurements.isEmpty
            ? nil : Self.rounded(seconds / Self.median(referenceSeconds), 4)
    }

    private enum CodingKeys: String, CodingKey {
        case name = "case"
        case rows, bytes, seconds
        case rowsPerSecond = "rows_per_second"
        case megabytesPerSecond = "mb_per_second"
        case medianMicroseconds = "median_us"
        case p99Microseconds = "p99_us"
        case processorSeconds = "cpu_seconds"
        case peakMemory = "peak_rss_mb"
        case storedBytes = "stored_bytes"
        case reference
        case referenceSeconds = "reference_seconds"
        case ratio, wanted, runs, load, note
    }

    func encode(to encoder: any Encoder) throws {
        var line = encoder.container(keyedBy: CodingKeys.self)
        try line.encode(benchmark.rawValue, forKey: .name)
        if let first = measurements.first {
            try line.encode(first.rows, forKey: .rows)
            try line.encode(first.bytes, forKey: .bytes)
            try line.encode(Self.rounded(seconds, 4), forKey: .seconds)
            let processor = Self.median(measurements.map(\.processorSeconds))
            try line.encode(Self.rounded(processor, 2), forKey: .processorSeconds)
            try line.encode(Self.rounded(Double(first.rows) / seconds, 0), forKey: .rowsPerSecond)
            try line.encode(Self.rounded(Double(first.bytes) / seconds / 1_000_000, 1), forKey: .megabytesPerSecond)
        }
        let (medians, tails) = (
            measurements.compactMap(\.medianMicroseconds), measurements.compactMap(\.p99Microseconds)
        )
        if !medians.isEmpty { try line.encode(Self.rounded(Self.median(medians), 1), forKey: .medianMicroseconds) }
        if !tails.isEmpty { try line.encode(Self.rounded(Self.median(tails), 1), forKey: .p99Microseconds) }
        try line.encode(Self.rounded(measurements.map(\.peakMemory).max() ?? 0, 1), forKey: .peakMemory)
        try line.encodeIfPresent(reference, forKey: .reference)
        if !referenceSeconds.isEmpty {
            let reference = Self.median(referenceSeconds)
            try line.encode(Self.rounded(reference, 4), forKey: .referenceSeconds)
        }
        try line.encodeIfPresent(measurements.first?.storedBytes, forKey: .storedBytes)
        try line.encodeIfPresent(ratio, forKey: .ratio)
        try line.encodeIfPresent(wanted, forKey: .wanted)
        try line.encode(measurements.count, forKey: .runs)
        var load = [Double](repeating: 0, count: 1)
        if getloadavg(&load, 1) == 1 { try line.encode(Self.rounded(load[0], 2), forKey: .load) }
        try line.encodeIfPresent(note ?? measurements.first?.note, forKey: .note)
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    private static func rounded(_ value: Double, _ places: Int) -> Double {
        let scale = pow(10, Double(places))
        return (value * scale).rounded() / scale
    }
}
