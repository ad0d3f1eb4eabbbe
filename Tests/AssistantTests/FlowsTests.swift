import Assistant
import Foundation
import HeatModel
import SQLiteStore
import Store
import Testing
import Understanding

/// Each intent, asked by somebody who is not known and by somebody who is.
@Suite struct FlowsTests {
    /// Takes words for the intent that they name.
    struct Named: Hearing {
        func hear(_ words: String, context: HearingContext) -> Heard {
            Heard(words: words, outcome: .understood([words]), ranking: [], slots: Slots(), marks: [])
        }
    }

    /// What a customer is told first: not known, and known.
    static let answers: [(intent: String, stranger: String, known: Set<String>)] = [
        ("pay_how", "pay_new", ["pay_open", "pay_settled"]), ("amount_due", "pay_new", ["pay_open", "pay_settled"]),
        ("pay_failed_no_receipt", "ask_account", ["receipts_trouble"]),
        ("bill_higher_than_others", "ask_account", ["bill_peers"]),
        ("bill_higher_than_last_year", "ask_account", ["bill_previous"]),
        ("bill_wrong_claim", "ask_account", ["bill_equal", "bill_differs"]),
        ("price_standard", "price_standard", ["price_standard"]),
        ("shared_area", "shared_area", ["shared_area_mine"]), ("invoice", "invoice", ["invoice_mine"]),
        ("payment_history", "ask_account", ["payment_history"]), ("deadline_late_fee", "deadline", ["deadline_mine", "deadline_settled"]),
        ("bind_account", "ask_account", ["bound_already"]),
        ("account_number_lookup", "number_forgot", ["number_bound"]),
        ("transfer_owner", "transfer_owner", ["transfer_owner"]),
        ("new_connection", "new_connection", ["new_connection"]),
        ("not_warm", "cold_checks_plain", ["cold_checks"]), ("report_fault", "ask_symptom", ["ask_symptom"]),
        ("leak_emergency", "leak_now", ["leak_now"]), ("order_progress", "ask_account", ["no_order", "progress"]),
        ("cancel_or_change_appointment", "ask_account", ["no_open_order", "change_what"]),
        ("follow_up_not_fixed", "ask_account", ["follow_none"]),
        ("follow_up_fixed", "ask_account", ["follow_thanks"]),
        ("room_temperature_query", "temperature_how", ["temperature_none", "temperature_mine"]),
        ("outage_notice", "outage_how", ["outage_none", "outage_mine"]),
        ("season_dates", "season_dates", ["season_dates"]),
        ("suspend_how", "suspend_general", ["suspend_mine"]), ("suspend_cost", "ask_account", ["suspend_mine"]),
        ("suspend_vs_close", "suspend_which", ["suspend_which"]), ("close_account", "close_general", ["close_mine"]),
        ("resume_supply", "resume_general", ["resume_general", "resume_arrears"]),
        ("cold_refund", "refund_how", ["refund_mine"]),
        ("compensation_claim", "compensation", ["compensation"]), ("complaint", "complaint", ["complaint"]),
        ("to_human", "human", ["human"]),
        ("elderly_help", "elderly_help", ["elderly_help"]), ("greeting_thanks", "greeting", ["greeting"]),
        ("unsubscribe_reminders", "opt_out_how", ["opt_out_confirm"]),
        ("feedback_on_answer", "feedback_ask", ["feedback_ask"]),
        ("office_info", "office_info", ["office_info"]), ("none", "none", ["none"]), ("human", "human", ["human"]),
    ]

    @Test func everyIntentIsInTheTable() { #expect(Set(Self.answers.map(\.intent)) == FilesTests.intents) }

    @Test func eachIntentIsAnswered() async throws {
        let company = try await Company.make(hearing: Named())
        let number = try SeedTests.quiet(company).number
        for (intent, stranger, known) in Self.answers {
            try Self.check(intent, stranger, known, number, company)
        }
    }

    private static func check(
        _ intent: String, _ stranger: String, _ known: Set<String>, _ number: String, _ company: Company
    ) throws {
        let first = try company.customer("stranger-\(intent)").say(intent)
        #expect(first.entries.first == stranger, "\(intent): \(first.entries)")
        // Nothing of any account stands in what a stranger is told.
        #expect(!first.text.contains("010000") && first.text.firstMatch(of: /[0-9]\.[0-9]{2} 元/) == nil)
        try company.store.write { try $0.bind(Assistant.key(.chat, "known-\(intent)"), to: number) }
        let second = try company.customer("known-\(intent)").say(intent)
        // What a leak has asked for before stands open in what follows.
        #expect(known.contains(second.entries.first ?? ""), "\(intent): \(second.entries) \(second.text)")
        // The first sentence is said whole in the short form, and every form says something.
        for message in first.messages + second.messages {
            #expect(
                !message.short.isEmpty && !message.spoken.isEmpty && !message.plain.isEmpty
                    && message.entry.contains("@"))
            #expect(message.short.utf16.count <= 134, "\(message.entry): \(message.short)")
            #expect(!message.plain.contains("户号"), "\(message.entry): \(message.plain)")
            #expect(
                message.spoken.unicodeScalars.allSatisfy { !($0.value < 0x80) || $0.properties.isAlphabetic },
                "\(message.spoken)")
        }
    }
}
