import AccountView
import Billing
import HeatModel
import Store

extension Explanation {
    /// The answer in words, a sentence or two a line.
    public func text(_ wording: Wording) -> String {
        var lines: [String] = []
        lines.append(headline(wording))
        if peersAreOfPresent, status.isOfPeers { lines.append(wording.say("explain.peers_of_present")) }
        if isRunning { lines.append(wording.say("explain.running")) }
        lines += parts.sorted { abs($0.fen.amount) > abs($1.fen.amount) }.map { say($0, wording) }
        if let check, !check.agrees, needsHandOff { lines.append(say(check, wording)) }
        if let area { lines += say(area, wording) }
        if let temperature { lines.append(say(temperature, wording)) }
        if let refund { lines.append(say(refund, wording)) }
        if let month {
            lines.append(
                wording.say(
                    "explain.month",
                    [
                        ("month", "\(month.month)"), ("days", "\(month.days)"), ("season_days", "\(month.seasonDays)"),
                        ("share", month.share.description),
                    ]))
        }
        let missing = gaps.map { wording.word("gap.\($0)", or: $0) }
        var named: [String] = []
        for gap in missing where !named.contains(gap) { named.append(gap) }
        if !named.isEmpty {
            lines.append(wording.say("explain.missing", [("list", named.joined(separator: wording.word("separator")))]))
        }
        let stale = freshness.filter(\.isStale).map { entry in
            "\(entry.source) (\(entry.at.map { Self.minute($0) } ?? wording.word("unknown")))"
        }
        if !stale.isEmpty {
            lines.append(wording.say("explain.stale", [("list", stale.joined(separator: wording.word("separator")))]))
        }
        return wording.finish(lines.filter { !$0.isEmpty }.joined(separator: "\n"))
    }

    private func headline(_ wording: Wording) -> String {
        guard status == .explained, let difference, let reference, let bill else {
            return wording.say(
                "explain.status.\(status.rawValue)",
                [("season", season?.description ?? ""), ("message", problem?.message ?? "")])
        }
        let way = difference == .zero ? "same" : difference > .zero ? "more" : "less"
        return wording.say(
            "explain.headline.\(versus.rawValue).\(way)",
            [
                ("season", season?.description ?? ""), ("mine", bill.due.description),
                ("reference", reference.fen.description), ("difference", Fen(abs(difference.amount)).description),
                ("level", reference.level.map { wording.word("level.\($0.name)") } ?? ""),
                ("households", reference.households.map { "\($0)" } ?? ""),
                ("previous", reference.season?.description ?? ""),
            ])
    }

    private func say(_ part: Part, _ wording: Wording) -> String {
        var change = part.change?.value ?? ""
        if change.hasPrefix("-") { change.removeFirst() }
        return wording.say(
            "explain.part.\(part.kind).\(part.fen < .zero ? "less" : "more")",
            [
                ("mine", part.mine?.value ?? ""), ("reference", part.reference?.value ?? ""), ("change", change),
                ("unit", part.mine?.unit ?? ""), ("fen", Fen(abs(part.fen.amount)).description),
            ])
    }

    private func say(_ check: Check, _ wording: Wording) -> String {
        let cause = check.causes.first.map { cause in
            cause.alternatives.map { wording.word("cause.\($0.kind)", [("figure", $0.figure)]) }
                .joined(separator: wording.word("separator"))
        }
        return wording.say(
            "explain.check.differs",
            [
                ("difference", Fen(abs(check.difference.amount)).description),
                ("cause", cause ?? wording.say("explain.check.unexplained")),
            ])
    }

    private func say(_ area: Area, _ wording: Wording) -> [String] {
        let unknown = wording.word("unknown")
        func text(_ value: ExactDecimal?) -> String { value?.shortened.description ?? unknown }
        var values = [
            ("building", text(area.areas.building)), ("inner", text(area.areas.inner)),
            ("shared", text(area.areas.shared)),
        ]
        var lines: [String] = []
        if let basis = area.basis {
            values += [("basis", wording.word("basis.\(basis.rawValue)")), ("charged", text(area.charged))]
            lines.append(wording.say("explain.area.line", values))
        } else {
            lines.append(wording.say("explain.area.unknown_basis", values))
        }
        for disagreement in area.disagreements {
            let stated = disagreement.values.map { "\($0.stream) \($0.value)" }.joined(
                separator: wording.word("separator"))
            lines.append(wording.say("explain.area.disagreement", [("values", stated)]))
        }
        if let shared = area.shared { lines.append(wording.say("explain.shared.\(shared.rawValue)")) }
        return lines
    }

    private func say(_ temperature: Temperature, _ wording: Wording) -> String {
        var sentences: [String] = []
        if let latest = temperature.readings.first {
            let method = latest.method.map { "method.\($0.rawValue)" } ?? "method.unknown"
            sentences.append(
                wording.say(
                    "explain.temperature.latest",
                    [
                        ("at", Self.minute(latest.at)), ("celsius", latest.celsius.description),
                        ("method", wording.word(method)), ("count", "\(temperature.count)"),
                    ]))
            if let standard = temperature.standard {
                sentences.append(wording.say("explain.temperature.standard", [("standard", standard.description)]))
            }
        } else {
            sentences.append(wording.say("explain.temperature.none"))
        }
        let state = temperature.supply.state.map { "state.\($0.rawValue)" } ?? "state.unknown"
        sentences.append(wording.say("explain.temperature.supply", [("state", wording.word(state))]))
        sentences.append(
            wording.say(temperature.isMetered ? "explain.temperature.metered" : "explain.temperature.by_area"))
        return sentences.joined(separator: wording.language.hasPrefix("zh") ? "" : " ")
    }

    func say(_ refund: Refund, _ wording: Wording) -> String {
        var text = wording.say(
            "explain.refund.\(refund.standing.rawValue)",
            [("days", "\(refund.coldDays)"), ("amount", refund.amount.description)])
        if !refund.contradictoryDays.isEmpty {
            text +=
                (wording.language.hasPrefix("zh") ? "" : " ")
                + wording.say("explain.refund.contradictory", [("days", "\(refund.contradictoryDays.count)")])
        }
        return text
    }

    /// `2025-12-20 14:05`, on the clock of whoever recorded it.
    static func minute(_ instant: Instant) -> String {
        let (date, microseconds) = instant.local
        let minutes = microseconds / 60_000_000
        let (hour, minute) = (minutes / 60, minutes % 60)
        return "\(date) \(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }
}
