extension CursorOutcome {
    /// What lies beyond progress, for `check`; nothing where all values are sound.
    public func findings(_ subject: String, column: String) -> [CheckFinding] {
        var findings: [CheckFinding] = []
        if ahead.rows > 0 {
            findings.append(
                CheckFinding(
                    subject, .warning,
                    "\(column) holds \(ahead.rows) values ahead of anything that can be progress\(Self.example(ahead)): such rows are read by every pull and do not move the cursor",
                    advice: isCounter
                        ? "Ask what such values mean; if they are the counter's own, they count once more of their like follow."
                        : "Ask what such values mean; leave their rows out with where, if they are no records."))
        }
        if unusable.rows > 0 {
            findings.append(
                CheckFinding(
                    subject, .warning,
                    "\(column) holds \(unusable.rows) values that are none of its order\(order.map { " (\($0))" } ?? "")\(Self.example(unusable)): such rows are read by every pull and do not move the cursor",
                    advice: "Ask what such values mean, or declare the spelling with cursorFormat."))
        }
        return findings
    }

    private var isCounter: Bool { order == .number || order == .counter }

    private static func example(_ strays: CursorStrays) -> String { strays.example.map { ", such as \($0)" } ?? "" }
}

extension PullSummary {
    /// Adds what lies beyond progress in a cursor column, as `cursor.beyondProgress`.
    public mutating func notice(_ outcome: CursorOutcome, column: String, at place: String) {
        for finding in outcome.findings("", column: column) {
            notice("cursor.beyondProgress", finding.detail, at: place)
        }
    }
}
