import CoreMetrics
import HeatModel
import Metrics
import NIOCore
import Store
import Synchronization

/// What the gateway counts, made beforehand so that counting costs an addition.
package final class GatewayMetrics: Sendable {
    /// One for a process: Prometheus reads it at `/metrics`.
    package static let shared = GatewayMetrics()

    package let exporter: PrometheusExporter
    private let routes: [PathMetrics]
    /// What ``show(_:)`` set last.
    private let shown = Mutex<Set<WorkGauge>>([])

    /// What each figure means, by its name.
    static let help = [
        "hearth_http_requests_total": "Requests by route and outcome.",
        "hearth_http_request_duration_seconds": "From the last byte of a request to its answer, by route.",
        "hearth_mcp_calls_total": "MCP tool calls by tool and outcome.",
        "hearth_sync_records_total": "Records read by syncs of this process, by stream and what became of them.",
        "hearth_sync_lag_seconds": "Since the end of the stream's last successful run.",
        "hearth_sync_failures_total": "Runs of this process that did not succeed, by stream.",
        "hearth_stream_records": "Records held, by stream.",
        "hearth_quarantine_records": "Open entries in quarantine, by stream.",
        "hearth_store_bytes": "Bytes of the store on disk.",
        "hearth_store_accounts": "Accounts known.",
        "hearth_webhook_behind": "Events that a subscriber has not come to yet, by webhook.",
        "hearth_webhook_waiting": "Events that a subscriber did not take yet, by webhook.",
        "hearth_webhook_given_up": "Events that a subscriber never took, by webhook.",
        "hearth_webhook_enabled":
            "1 where events are delivered, 0 where the subscriber has ended that, by webhook.",
        "hearth_actions":
            "What legacy systems and channels were asked to do and is still kept, by system, kind and state.",
        "hearth_action_dead_letters":
            "Actions that wait for a person, by system and kind; they are counted in hearth_actions, too.",
        "hearth_action_oldest_seconds": "Age of the oldest action that is not settled, by system; 0 where all are.",
        "hearth_action_breaker_open": "1 while a system is left in peace after failing again and again, by system.",
        "hearth_notices":
            "Notices by rule and state; of those that were handed over hearth_actions says what became.",
        "hearth_notice_overdue_seconds": "How long the notice that has waited longest is due.",
        "hearth_attachment_bytes": "Bytes of photos and videos that are kept.",
        "hearth_bindings_total": "Attempts to bind an account, by outcome.",
    ]

    init() {
        let exporter = PrometheusExporter(help: Self.help)
        self.exporter = exporter
        routes = Route.allCases.map { PathMetrics($0.path, exporter: exporter) }
    }

    func note(_ route: Route, _ status: Int) { routes[route.rawValue].note(status) }

    func note(_ route: Route, _ status: Int, since begun: NIODeadline) {
        routes[route.rawValue].note(status, since: begun)
    }

    /// What is counted of a path that another room serves.
    func path(_ path: String) -> PathMetrics { PathMetrics(path, exporter: exporter) }

    func count(_ label: String, _ dimensions: [(String, String)], by amount: Int64 = 1) {
        Counter(label: label, dimensions: dimensions, factory: exporter).increment(by: amount)
    }

    /// Sets these, and those that were shown before and are gone to 0.
    func show(_ gauges: [WorkGauge: Int64]) {
        let gone = shown.withLock { shown in
            defer { shown = Set(gauges.keys) }
            return shown.subtracting(gauges.keys)
        }
        for gauge in gone { set(gauge.name, Array(zip(gauge.labels, gauge.values)), 0) }
        for (gauge, value) in gauges { set(gauge.name, Array(zip(gauge.labels, gauge.values)), value) }
    }

    func set(_ label: String, _ dimensions: [(String, String)] = [], _ value: Int64) {
        Gauge(label: label, dimensions: dimensions, factory: exporter).record(value)
    }
}
