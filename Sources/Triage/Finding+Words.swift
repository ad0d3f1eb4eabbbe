import Explanation
import HeatModel
import JSONText
import Store

extension Finding {
    /// The finding in words.
    func render(into text: inout AnswerText) {
        let wording = text.wording
        text.line("triage.finding.\(kind.rawValue)", values(wording))
        if kind == .outage, case .outage(let outage, _) = detail {
            if let end = outage.expectedEnd {
                text.more("triage.end.expected", [(.end, .text(Explanation.minute(end)))])
            } else {
                text.more("triage.end.unknown")
            }
        }
    }

    /// What fills the placeholders of its sentence.
    private func values(_ wording: Wording) -> [(Wording.Placeholder, Wording.Value)] {
        func time(_ instant: Instant?) -> Wording.Value {
            .text(instant.map { Explanation.minute($0) } ?? wording.word("unknown"))
        }
        switch detail {
        case .none: return []
        case .outage(let outage, let level):
            return [
                (.level, .text(wording.word("level.\(level.name)"))), (.number, .text(outage.number ?? "")),
                (.kind, .text(wording.word(outage.kind.map { "outage.\($0.rawValue)" } ?? "unknown"))),
                (.reason, .text(outage.cause ?? wording.word("unknown"))), (.begins, time(outage.beginsAt)),
                (.end, time(outage.endedAt ?? outage.expectedEnd)),
            ]
        case .cluster(let cluster):
            return [
                (.level, .text(wording.word("level.\(cluster.level.name)"))),
                (.households, .integer(cluster.households)), (.begins, time(cluster.from)),
                (.end, time(cluster.through)),
            ]
        case .supply: return []
        case .arrears(let open, _): return [(.arrears, .fen(open))]
        case .order(let order):
            return [
                (.number, .text(order.number ?? "")), (.at, time(order.createdAt)),
                (.state, .text(wording.word(order.state.map { "order.\($0.rawValue)" } ?? "unknown"))),
            ]
        case .reading(let reading, let age):
            return [
                (.at, time(reading.measuredAt)), (.hours, .integer(Int(age))),
                (.celsius, .text(reading.celsius?.description ?? "")),
                (.method, .text(wording.word("method.\(reading.method?.rawValue ?? "unknown")"))),
            ]
        case .repeated(let count, let last): return [(.count, .integer(count)), (.at, time(last))]
        }
    }
}

extension Finding.Detail {
    /// The figures of a finding.
    func write(_ json: inout JSONObject) {
        switch self {
        case .none: break
        case .outage(let outage, let level):
            json.text("level", level.name)
            json.text("number", outage.number)
            json.text("kind", outage.kind?.rawValue)
            json.text("state", outage.state?.rawValue)
            json.text("cause", outage.cause)
            json.text("begins_at", outage.beginsAt)
            json.text("expected_end_at", outage.expectedEndAt)
            json.text("ended_at", outage.endedAt)
        case .cluster(let cluster):
            json.text("level", cluster.level.name)
            json.integer("households", Int64(cluster.households))
            json.text("from", cluster.from)
            json.text("through", cluster.through)
        case .supply(let state, let valve):
            json.text("supply_state", state?.rawValue)
            json.text("supply_valve", valve?.rawValue)
        case .arrears(let open, let dueOn):
            json.fen("open_fen", open)
            json.text("due_on", dueOn)
        case .order(let order):
            json.text("number", order.number)
            json.text("kind", order.kind?.rawValue)
            json.text("state", order.state?.rawValue)
            json.text("created_at", order.createdAt)
            json.text("appointed_at", order.appointedAt)
        case .reading(let reading, let age):
            json.text("celsius", reading.celsius)
            json.text("measured_at", reading.measuredAt)
            json.text("method", reading.method?.rawValue)
            json.integer("age_hours", age)
        case .repeated(let count, let last):
            json.integer("orders", Int64(count))
            json.text("last_at", last)
        }
    }
}
