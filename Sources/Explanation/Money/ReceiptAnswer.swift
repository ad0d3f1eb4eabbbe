public import Billing
public import HeatModel

/// Where a payment stands: went through and waiting for the bank's file, posted, with an invoice, taken back.
public struct ReceiptAnswer: Sendable {
    public enum Standing: String, Sendable {
        case pending
        case posted
        case postedWithoutInvoice = "posted_without_invoice"
        case reversed
    }

    public struct Entry: Sendable {
        public var standing: Standing
        public var amount: Fen
        public var at: Instant?
        public var channel: Payment.Channel?
        public var serial: String?
        public var invoice: String?
        public var evidence: Explanation.Evidence
    }

    public var account: String
    public var season: HeatingSeason?
    /// The latest first.
    public var payments: [Entry]

    public func json(texts: [(language: String, text: String)] = []) -> [UInt8] {
        JSONObject.make { json in
            json.text("question", "receipt")
            json.text("account_number", account)
            json.text("season", season)
            json.list("payments", payments) { json, payment in
                json.text("standing", payment.standing.rawValue)
                json.fen("amount_fen", payment.amount)
                json.text("at", payment.at)
                json.text("channel", payment.channel?.rawValue)
                json.text("serial", payment.serial)
                json.text("invoice", payment.invoice)
                json.object("evidence") { payment.evidence.write(&$0) }
            }
            json.texts(texts)
        }
    }

    public func text(_ wording: Wording) -> String {
        if payments.isEmpty {
            return wording.finish(wording.say("money.receipt.none", [("season", season?.description ?? "")]))
        }
        let lines = payments.map { payment in
            wording.say(
                "money.receipt.\(payment.standing.rawValue)",
                [
                    ("at", payment.at.map { Explanation.minute($0) } ?? wording.word("unknown")),
                    ("amount", payment.amount.description), ("serial", payment.serial ?? wording.word("unknown")),
                    ("invoice", payment.invoice ?? ""),
                ])
        }
        return wording.finish(lines.joined(separator: "\n"))
    }
}
