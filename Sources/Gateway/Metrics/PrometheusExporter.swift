package import CoreMetrics
import Synchronization

/// What swift-metrics counts, in Prometheus' text format. Timers and aggregating recorders become histograms, other recorders
/// and meters gauges.
package final class PrometheusExporter: MetricsFactory, Sendable {
    private struct Series {
        var labels: String
        var value: any PrometheusSeries
    }

    private struct Family {
        var type: String
        var series: [Series] = []
    }

    private let families = Mutex<[String: Family]>([:])
    private let help: [String: String]

    /// - Parameter help: the help text of a metric, by its name.
    package init(help: [String: String] = [:]) { self.help = help }

    /// The metric of that name and these labels, made on first sight; a fresh one, never exported, where the name is taken by
    /// another kind of metric.
    private func series<Made: PrometheusSeries>(
        _ label: String, _ dimensions: [(String, String)], type: String, _ make: () -> Made
    ) -> Made {
        let name = Self.name(label)
        let labels = dimensions.map { "\(Self.name($0.0))=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        return families.withLock { families in
            var family = families[name] ?? Family(type: type)
            if family.type != type { return make() }
            if let known = family.series.first(where: { $0.labels == labels })?.value as? Made { return known }
            let made = make()
            family.series.append(Series(labels: labels, value: made))
            families[name] = family
            return made
        }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, type: "counter") { PrometheusNumber() }
    }

    package func makeFloatingPointCounter(label: String, dimensions: [(String, String)])
        -> any FloatingPointCounterHandler
    {
        series(label, dimensions, type: "counter") { PrometheusNumber() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, type: "gauge") { PrometheusNumber() }
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return series(label, dimensions, type: "histogram") { PrometheusHistogram() } }
        return series(label, dimensions, type: "gauge") { PrometheusNumber() }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, type: "histogram") { PrometheusHistogram() }
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private func remove(_ handler: AnyObject) {
        families.withLock { families in
            for name in families.keys { families[name]?.series.removeAll { $0.value === handler } }
        }
    }

    /// Everything, in the order of the names.
    package func text() -> String {
        let families = families.withLock { $0 }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) where !family.series.isEmpty {
            text += "# HELP \(name) \(help[name] ?? "As counted by the program.")\n# TYPE \(name) \(family.type)\n"
            for series in family.series.sorted(by: { $0.labels < $1.labels }) {
                series.value.write(name, series.labels, into: &text)
            }
        }
        return text
    }

    /// Letters, digits and underscores.
    private static func name(_ text: String) -> String {
        var name = ""
        for character in text.unicodeScalars {
            let isFit =
                character.isASCII && (character.properties.isAlphabetic || ("0"..."9").contains(character))
                || character == "_"
            name.unicodeScalars.append(isFit ? character : "_")
        }
        if let first = name.unicodeScalars.first, ("0"..."9").contains(first) { name = "_" + name }
        return name
    }

    private static func escaped(_ text: String) -> String {
        // Scalar by scalar: \r\n is one character, and so is a quote with a combining mark.
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// A metric with its labels.
protocol PrometheusSeries: AnyObject, Sendable {
    func write(_ name: String, _ labels: String, into text: inout String)
}

/// A number that is added to or set.
final class PrometheusNumber: PrometheusSeries, CounterHandler, FloatingPointCounterHandler, MeterHandler,
    RecorderHandler
{
    private let whole = Atomic<Int64>(0)
    private let part = Mutex<Double>(0)

    func increment(by amount: Int64) { whole.add(amount, ordering: .relaxed) }
    func increment(by amount: Double) { part.withLock { $0 += amount } }
    func decrement(by amount: Double) { part.withLock { $0 -= amount } }
    func set(_ value: Int64) { whole.store(value, ordering: .relaxed) }
    func set(_ value: Double) {
        whole.store(0, ordering: .relaxed)
        part.withLock { $0 = value }
    }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    func reset() {
        whole.store(0, ordering: .relaxed)
        part.withLock { $0 = 0 }
    }

    func write(_ name: String, _ labels: String, into text: inout String) {
        let part = part.withLock { $0 }
        let whole = whole.load(ordering: .relaxed)
        let value = part == 0 ? "\(whole)" : "\(Double(whole) + part)"
        text += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(value)\n"
    }
}

/// Durations, from 50 µs to 10 s, in seconds.
final class PrometheusHistogram: PrometheusSeries, TimerHandler, RecorderHandler {
    private static let bounds: [(nanoseconds: Int64, text: String)] = [
        (50_000, "5e-05"), (100_000, "0.0001"), (250_000, "0.00025"), (500_000, "0.0005"), (1_000_000, "0.001"),
        (2_500_000, "0.0025"), (5_000_000, "0.005"), (10_000_000, "0.01"), (25_000_000, "0.025"), (50_000_000, "0.05"),
        (100_000_000, "0.1"), (250_000_000, "0.25"), (500_000_000, "0.5"), (1_000_000_000, "1"), (2_500_000_000, "2.5"),
        (10_000_000_000, "10"),
    ]

    private let counts = Counts()
    private let sum = Atomic<Int64>(0)

    /// Atomics of its own for each bucket, the last without a bound.
    private final class Counts: Sendable {
        let values: [PrometheusBucket]
        init() { values = (0...PrometheusHistogram.bounds.count).map { _ in PrometheusBucket() } }
    }

    func recordNanoseconds(_ duration: Int64) {
        var index = 0
        while index < Self.bounds.count, duration > Self.bounds[index].nanoseconds { index += 1 }
        counts.values[index].count.add(1, ordering: .relaxed)
        sum.add(duration, ordering: .relaxed)
    }

    func record(_ value: Int64) { recordNanoseconds(value.multipliedReportingOverflow(by: 1_000_000_000).partialValue) }
    func record(_ value: Double) { recordNanoseconds(Int64(min(max(value * 1e9, 0), 9e18))) }

    func write(_ name: String, _ labels: String, into text: inout String) {
        let prefix = labels.isEmpty ? "" : labels + ","
        var total: Int64 = 0
        for (index, bucket) in counts.values.enumerated() {
            total += bucket.count.load(ordering: .relaxed)
            let bound = index < Self.bounds.count ? Self.bounds[index].text : "+Inf"
            text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(total)\n"
        }
        let shown = labels.isEmpty ? "" : "{\(labels)}"
        text += "\(name)_sum\(shown) \(Double(sum.load(ordering: .relaxed)) / 1e9)\n\(name)_count\(shown) \(total)\n"
    }
}

final class PrometheusBucket: Sendable {
    let count = Atomic<Int64>(0)
}
