package import Billing
package import HeatModel
import JSONText

/// Where a payment stands: went through and waiting for the bank's file, posted, with an invoice, taken back.
package struct ReceiptAnswer: TextAnswer {
    package enum Standing: String, Sendable {
        case pending
        case posted
        case postedWithoutInvoice = "posted_without_invoice"
        case reversed
    }

    package struct Entry: Sendable {
        package var standing: Standing
        package var amount: Fen
        package var at: Instant?
        package var channel: Payment.Channel?
        package var serial: String?
        package var invoice: String?
        package var evidence: Explanation.Evidence
    }

    package var account: String
    package var season: HeatingSeason?
    /// The latest first.
    package var payments: [Entry]
    /// Streams that were to be read again for this answer, and could not be: since when what is held of them stands.
    package var held: [Explanation.Freshness] = []

    package func json(in wordings: [Wording] = []) -> [UInt8] {
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
            json.texts(wordings, of: self)
        }
    }

    package func render(into text: inout AnswerText) {
        renderPayments(into: &text)
        text.stale(held)
    }

    private func renderPayments(into text: inout AnswerText) {
        if payments.isEmpty {
            guard let season else { return text.line("money.receipt.none_ever") }
            return text.line("money.receipt.none", [(.season, .text(season.description))])
        }
        let unknown = text.wording.word("unknown")
        for payment in payments {
            text.line(
                "money.receipt.\(payment.standing.rawValue)",
                [
                    (.at, .text(payment.at.map { Explanation.minute($0) } ?? unknown)), (.amount, .fen(payment.amount)),
                    (.serial, .text(payment.serial ?? unknown)), (.invoice, .text(payment.invoice ?? "")),
                ])
        }
    }
}
