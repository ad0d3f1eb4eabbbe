import CoreMetrics
import Metrics
import NIOCore

/// What is counted of the requests to one path.
struct PathMetrics: Sendable {
    static let outcomes = [
        "ok", "not_modified", "refused", "unauthorized", "forbidden", "not_found", "limited", "failed",
    ]

    /// By outcome.
    private let requests: [Counter]
    private let duration: Metrics.Timer

    /// - Parameter path: with its parts in braces: what stands for them is in no label.
    init(_ path: String, exporter: PrometheusExporter) {
        requests = Self.outcomes.map { outcome in
            Counter(
                label: "hearth_http_requests_total", dimensions: [("route", path), ("outcome", outcome)],
                factory: exporter)
        }
        duration = Metrics.Timer(
            label: "hearth_http_request_duration_seconds", dimensions: [("route", path)],
            preferredDisplayUnit: .seconds, factory: exporter)
    }

    func note(_ status: Int) {
        let outcome =
            switch status {
            // A form that was taken leads to the next page.
            case 200..<300, 303: 0
            case 304: 1
            case 401: 3
            case 403: 4
            case 404: 5
            case 429: 6
            case 400..<500: 2
            default: 7
            }
        requests[outcome].increment()
    }

    func note(_ status: Int, since begun: NIODeadline) {
        note(status)
        duration.recordNanoseconds((.now() - begun).nanoseconds)
    }
}
