import AccountView
import Billing
package import HeatModel
import Store

extension Explanation: TextAnswer {
    package func render(into text: inout AnswerText) {
        let wording = text.wording
        renderHeadline(into: &text)
        if peersAreOfPresent, status.isOfPeers { text.line("explain.peers_of_present") }
        if isRunning { text.line("explain.running") }
        for part in parts.sorted(by: { abs($0.fen.amount) > abs($1.fen.amount) }) { part.render(into: &text) }
        if let check, !check.agrees, needsHandOff { check.render(into: &text) }
        if let area { area.render(into: &text) }
        if let temperature { temperature.render(into: &text) }
        if let refund { refund.render(into: &text) }
        if let month {
            text.line(
                "explain.month",
                [
                    (.month, .integer(month.month)), (.days, .integer(month.days)),
                    (.seasonDays, .integer(month.seasonDays)), (.share, .fen(month.share)),
                ])
        }
        var missing: [String] = []
        for gap in gaps {
            let word = wording.word("gap.\(gap)", or: gap)
            if !missing.contains(word) { missing.append(word) }
        }
        if !missing.isEmpty { text.line("explain.missing", [(.list, wording.list(missing))]) }
        text.stale(freshness)
    }

    private func renderHeadline(into text: inout AnswerText) {
        guard status == .explained, let difference, let reference, let bill else {
            return text.line(status, season, problem)
        }
        let way = difference == .zero ? "same" : difference > .zero ? "more" : "less"
        let wording = text.wording
        text.line(
            "explain.headline.\(versus.rawValue).\(way)",
            [
                (.season, .text(season?.description ?? "")), (.mine, .fen(bill.due)), (.reference, .fen(reference.fen)),
                (.difference, .fen(difference.magnitude)),
                (.level, .text(reference.level.map { wording.word("level.\($0.name)") } ?? "")),
                (.households, reference.households.map { .integer($0) } ?? .text("")),
                (.previous, .text(reference.season?.description ?? "")),
            ])
    }

    /// `2025-12-20 14:05`, on the clock of the system that recorded it.
    package static func minute(_ instant: Instant) -> String {
        let (date, microseconds) = instant.local
        let minutes = microseconds / 60_000_000
        let (hour, minute) = (minutes / 60, minutes % 60)
        return "\(date) \(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }
}

extension AnswerText {
    /// Which sources have not been read for long, and when they were.
    package mutating func stale(_ freshness: [Explanation.Freshness]) {
        let stale = freshness.filter(\.isStale).map { entry in
            "\(entry.source) (\(entry.at.map { Explanation.minute($0) } ?? wording.word("unknown")))"
        }
        if !stale.isEmpty { line("explain.stale", [(.list, wording.list(stale))]) }
    }

    /// Why there is no answer.
    mutating func line(_ status: Explanation.Status, _ season: HeatingSeason?, _ problem: Explanation.Problem?) {
        line(
            "explain.status.\(status.rawValue)",
            [(.season, .text(season?.description ?? "")), (.message, .text(problem?.message ?? ""))])
    }
}

extension Fen {
    fileprivate var magnitude: Fen { Fen(abs(amount)) }
}

extension Explanation.Part {
    fileprivate func render(into text: inout AnswerText) {
        var change = change?.value ?? ""
        if change.hasPrefix("-") { change.removeFirst() }
        text.line(
            "explain.part.\(kind).\(fen < .zero ? "less" : "more")",
            [
                (.mine, .text(mine?.value ?? "")), (.reference, .text(reference?.value ?? "")),
                (.change, .text(change)),
                (.unit, .text(mine?.unit ?? "")), (.fen, .fen(fen.magnitude)),
            ])
    }
}

extension Explanation.Check {
    fileprivate func render(into text: inout AnswerText) {
        let wording = text.wording
        let cause = causes.first.map { cause in
            wording.list(cause.alternatives.map { wording.cause($0.kind, figure: $0.figure) })
        }
        text.line(
            "explain.check.differs",
            [
                (.difference, .fen(difference.magnitude)),
                (.cause, cause ?? .text(wording.sentence("explain.check.unexplained"))),
            ])
    }
}

extension Explanation.Area {
    fileprivate func render(into text: inout AnswerText) {
        let wording = text.wording
        func value(_ area: ExactDecimal?) -> Wording.Value {
            area.map { .decimal($0.shortened) } ?? .text(wording.word("unknown"))
        }
        var values: [(Wording.Placeholder, Wording.Value)] = [
            (.building, value(areas.building)), (.inner, value(areas.inner)), (.shared, value(areas.shared)),
        ]
        if let basis {
            values.append((.basis, .text(wording.word("basis.\(basis.rawValue)"))))
            values.append((.charged, value(charged)))
            text.line("explain.area.line", values)
        } else {
            text.line("explain.area.unknown_basis", values)
        }
        for disagreement in disagreements {
            let stated = disagreement.values.map { "\($0.stream) \($0.value)" }
            text.line("explain.area.disagreement", [(.values, wording.list(stated))])
        }
        if let shared { text.line("explain.shared.\(shared.rawValue)") }
    }
}

extension Explanation.Temperature {
    fileprivate func render(into text: inout AnswerText) {
        let wording = text.wording
        if let latest = readings.first {
            let method = latest.method.map { "method.\($0.rawValue)" } ?? "method.unknown"
            text.line(
                "explain.temperature.latest",
                [
                    (.at, .text(Explanation.minute(latest.at))), (.celsius, .text(latest.celsius.description)),
                    (.method, .text(wording.word(method))), (.count, .integer(count)),
                ])
            if let standard { text.more("explain.temperature.standard", [(.standard, .text(standard.description))]) }
        } else {
            text.line("explain.temperature.none")
        }
        let state = supply.state.map { "state.\($0.rawValue)" } ?? "state.unknown"
        text.more("explain.temperature.supply", [(.state, .text(wording.word(state)))])
        text.more(isMetered ? "explain.temperature.metered" : "explain.temperature.by_area")
    }
}

extension Explanation.Refund {
    func render(into text: inout AnswerText) {
        text.line(
            "explain.refund.\(standing.rawValue)", [(.days, .integer(coldDays)), (.amount, .fen(amount))])
        if !contradictoryDays.isEmpty {
            text.more("explain.refund.contradictory", [(.days, .integer(contradictoryDays.count))])
        }
    }
}
