import Explanation
import HeatModel

/// What Hearth adds to a report for whoever comes: apart from the customer's own words.
enum CrewNote {
    /// Longer than this the systems are not asked to keep one.
    static let most = 2000

    /// - Parameter hint: what the last twelve months suggest; nil where they suggest nothing.
    static func text(
        _ report: FaultReport, _ situation: AccountSituation, hint: String?, in wording: Wording
    ) -> String {
        let facts = situation.facts
        let unknown = wording.word("unknown")
        func known(_ text: String?) -> Wording.Value { .text(text.map { String($0.prefix(120)) } ?? unknown) }
        var lines = [
            wording.sentence(
                "orders.note.place",
                [
                    (.address, known(situation.address)), (.network, known(facts.networkNumber)),
                    (.station, known(facts.station)),
                    (.state, .text(facts.supply.state.map { wording.word("state.\($0.rawValue)") } ?? unknown)),
                    (.valve, .text(facts.supply.valve.map { wording.word("valve.\($0.rawValue)") } ?? unknown)),
                ])
        ]
        if let hint { lines.append(hint) }
        if let symptom = report.symptom {
            lines.append(wording.sentence("orders.note.symptom", [(.values, .text(symptom))]))
        }
        if let tenths = report.temperature {
            let celsius = ExactDecimal(units: Int64(tenths), places: 1)
            lines.append(wording.sentence("orders.note.temperature", [(.celsius, .decimal(celsius))]))
        }
        for attachment in report.attachments {
            lines.append(
                wording.sentence(
                    "orders.note.attachment",
                    [(.values, .text("SHA-256 \(attachment.sha256)")), (.address, .text(attachment.address))]))
        }
        // One line: systems keep remarks of one line.
        let text = lines.joined(separator: "\(wording.blank)").replacing(/\s+/, with: " ")
        return text.count > most ? text.prefix(most - 1) + "…" : text
    }
}
