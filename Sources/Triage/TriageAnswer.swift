package import Explanation
package import HeatModel
import JSONText

/// What was found, what the household can look at, and what to do next.
package struct TriageAnswer: TextAnswer {
    /// What cannot be said, and is no finding either.
    package enum Untold: String, Sendable {
        /// No outages have been read.
        case outages
        /// Neighbours' orders are counted of the present alone.
        case neighboursThen = "neighbours_then"
    }

    package var account: String
    /// The instant that it is of.
    package var at: Instant
    /// In the order of the rules.
    package var findings: [Finding] = []
    package var untold: [Untold] = []
    package var checks: [TriageRules.Check] = []
    package var action = TriageRules.Action.createOrder
    /// The finding that leads to the action; nil where none does.
    package var because: Finding.Kind?
    package var hints: [TriageRules.Hint] = []
    package var freshness: [Explanation.Freshness] = []

    /// The version of the document.
    package static let version: Int64 = 1

    package init(account: String, at: Instant) {
        self.account = account
        self.at = at
    }

    package func json(in wordings: [Wording]) -> [UInt8] {
        JSONObject.make { json in
            json.text("question", "triage")
            json.integer("version", Self.version)
            json.text("account_number", account)
            json.text("at", at)
            json.list("findings", findings) { json, finding in
                json.text("finding", finding.kind.rawValue)
                finding.detail.write(&json)
                json.evidence(finding.evidence)
                json.said(wordings) { finding.render(into: &$0) }
            }
            json.texts("not_told", untold.map(\.rawValue))
            json.list("first_checks", checks) { json, check in
                json.text("check", check.id)
                json.text("picture", check.picture)
                json.said(wordings) { $0.line(text: check.words(in: $0.wording.language)) }
            }
            json.object("next_action") { json in
                json.text("action", action.rawValue)
                json.text("because", because?.rawValue)
                json.texts("hints", hints.map(\.rawValue))
                json.said(wordings) { renderAction(into: &$0) }
            }
            json.freshness(freshness)
            json.texts(wordings, of: self)
        }
    }

    package func render(into text: inout AnswerText) {
        for finding in findings { finding.render(into: &text) }
        if findings.isEmpty { text.line("triage.nothing") }
        for reason in untold { text.line("triage.untold.\(reason == .outages ? "outages" : "neighboursThen")") }
        if !checks.isEmpty {
            text.line("triage.checks")
            for check in checks { text.line(text: "· " + check.words(in: text.wording.language)) }
        }
        renderAction(into: &text)
        text.stale(freshness)
    }

    private func renderAction(into text: inout AnswerText) {
        text.line("triage.action.\(action.rawValue)")
        if action == .createOrder || action == .joinOrder {
            for hint in hints { text.more("triage.hint.\(hint.rawValue)") }
        }
    }
}

extension TriageRules.Check {
    /// A language of which nothing is said is Chinese.
    func words(in language: String) -> String { words[language] ?? words["zh"] ?? "" }
}
