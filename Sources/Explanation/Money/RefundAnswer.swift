import Billing
import HeatModel
import JSONText

/// What is given back for cold rooms, from the readings of a season.
package struct RefundAnswer: TextAnswer {
    /// The season's explanation by the tariff: bill, temperatures, refund.
    package var explanation: Explanation

    package func json(in wordings: [Wording] = []) -> [UInt8] {
        JSONObject.make { json in
            json.text("question", "refund")
            json.text("account_number", explanation.account)
            json.text("season", explanation.season)
            json.text("as_of", explanation.asOf)
            json.status(explanation.refund == nil ? explanation.status : .explained, explanation.problem)
            if let refund = explanation.refund { json.object("refund") { refund.write(&$0) } }
            if let temperature = explanation.temperature { json.object("temperature") { temperature.write(&$0) } }
            json.texts("missing", explanation.gaps)
            json.texts(wordings, of: self)
        }
    }

    package func render(into text: inout AnswerText) {
        guard let refund = explanation.refund else {
            return text.line(explanation.status, explanation.season, explanation.problem)
        }
        refund.render(into: &text)
        for line in refund.lines { text.line(text: line.formula) }
    }
}
