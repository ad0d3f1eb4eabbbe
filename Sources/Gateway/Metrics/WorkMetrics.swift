import Answers
import HeatModel
import Store

/// What is done for customers beside answering: what legacy systems were asked, what customers are told. Nothing in a label is of a person.
extension Gateway {
    /// Of the store as it stands: the page shows what is there now, so what was there and is not is set to 0.
    func noteWork(_ store: any StoreReader) throws {
        var gauges: [WorkGauge: Int64] = [:]
        for count in try store.actionCounts() {
            let labels = [count.system, count.kind]
            gauges[
                WorkGauge("hearth_actions", ["system", "kind", "state"], labels + [count.state.rawValue]), default: 0] +=
                count.count
            if count.isDead {
                gauges[WorkGauge("hearth_action_dead_letters", ["system", "kind"], labels), default: 0] += count.count
            }
        }
        let now = answerer.instant(nil).microseconds
        for (system, accepted) in try store.oldestUnsettledActions() {
            gauges[WorkGauge("hearth_action_oldest_seconds", ["system"], [system])] =
                max(0, now - accepted.microseconds) / 1_000_000
        }
        for count in try store.noticeCounts() {
            let state = count.state?.rawValue ?? "handed"
            gauges[WorkGauge("hearth_notices", ["rule", "state"], [count.rule, state])] = count.count
        }
        let overdue = try store.dueNotices(at: answerer.instant(nil), limit: 1).first
        gauges[WorkGauge("hearth_notice_overdue_seconds", [], [])] =
            overdue.map { max(0, now - $0.notice.notBefore.microseconds) / 1_000_000 } ?? 0
        metrics.show(gauges)
    }
}

/// One series.
struct WorkGauge: Hashable {
    var name: String
    var labels: [String]
    var values: [String]

    init(_ name: String, _ labels: [String], _ values: [String]) {
        self.name = name
        self.labels = labels
        self.values = values
    }
}
