import Billing
import HeatModel

/// What is given back for cold rooms, from the readings of a season.
public struct RefundAnswer: Sendable {
    /// The season's explanation by the tariff: bill, temperatures, refund.
    public var explanation: Explanation

    public func json(texts: [(language: String, text: String)] = []) -> [UInt8] {
        JSONObject.make { json in
            json.text("question", "refund")
            json.text("account_number", explanation.account)
            json.text("season", explanation.season)
            json.text("as_of", explanation.asOf)
            json.status(explanation.refund == nil ? explanation.status : .explained, explanation.problem)
            if let refund = explanation.refund { json.object("refund") { refund.write(&$0) } }
            if let temperature = explanation.temperature { json.object("temperature") { temperature.write(&$0) } }
            json.texts("missing", explanation.gaps)
            json.texts(texts)
        }
    }

    public func text(_ wording: Wording) -> String {
        guard let refund = explanation.refund else {
            return wording.status(explanation.status, explanation.season, explanation.problem)
        }
        var lines = [explanation.say(refund, wording)]
        lines += refund.lines.map(\.formula)
        return wording.finish(lines.joined(separator: "\n"))
    }
}
