import ConfigurationFiles
import Foundation
import HeatModel
import Testing

@testable import Assistant

/// Entries and flows as people write them: each mistake is told at its place.
@Suite struct FilesTests {
    private static let knowledge = Company.repository + "/Config/knowledge"

    @Test func whatIsShippedIsWhole() throws {
        let problems = Playbook.problems(folder: Self.knowledge, intents: Self.intents)
        #expect(problems.isEmpty, "\(problems.map(\.description).joined(separator: "\n"))")
    }

    /// The fixed list, with the two that are no question.
    static let intents: Set<String> = [
        "pay_how", "amount_due", "pay_failed_no_receipt", "bill_higher_than_others", "bill_higher_than_last_year",
        "bill_wrong_claim", "price_standard", "shared_area", "invoice", "payment_history", "deadline_late_fee",
        "bind_account", "account_number_lookup", "transfer_owner", "new_connection", "not_warm", "report_fault",
        "leak_emergency", "order_progress", "cancel_or_change_appointment", "follow_up_not_fixed", "follow_up_fixed",
        "room_temperature_query", "outage_notice", "season_dates", "suspend_how", "suspend_cost", "suspend_vs_close",
        "close_account", "resume_supply", "cold_refund", "compensation_claim", "complaint", "to_human", "elderly_help",
        "greeting_thanks", "unsubscribe_reminders", "feedback_on_answer", "office_info", "none", "human",
    ]

    /// The shipped files with one change in one of them, and what is said of it.
    private func problems(_ file: String, _ from: String, _ to: String) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("knowledge-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.copyItem(atPath: Self.knowledge, toPath: folder + "/knowledge")
        try FileManager.default.copyItem(atPath: Company.repository + "/Config/pictures", toPath: folder + "/pictures")
        let path = folder + "/knowledge/" + file
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try #require(text.contains(from), "\(from) is not in \(file)")
        try text.replacing(from, with: to, maxReplacements: 1).write(toFile: path, atomically: true, encoding: .utf8)
        return Playbook.problems(folder: folder + "/knowledge", intents: Self.intents).map {
            "\($0)".replacing(folder + "/knowledge/", with: "")
        }
    }

    @Test(arguments: [
        ("flows/pay.yaml", "stopped: stopped}\n  due:", "stopped: gone}\n  due:", "\"gone\" is no state"),
        ("flows/pay.yaml", "do: ask due", "do: ask dew", "nothing that can be done"),
        ("flows/pay.yaml", "{if: arrears, to: open}", "{if: arears, to: open}", "is no condition"),
        ("flows/pay.yaml", "{if: told account", "{if: told acount", "nothing that is asked for"),
        ("flows/pay.yaml", "  ways: {end", "  lost: {end: done}\n  ways: {end", "nothing leads to state \"lost\""),
        (
            "flows/pay.yaml", "{ok: whether, unavailable: failed, none: none}", "{ok: whether}",
            "what follows \"unavailable\""
        ),
        ("flows/pay.yaml", "say: pay_open", "say: pay_opn", "is no entry"),
        ("flows/pay.yaml", "forgot: forgot, other", "forget: forgot, other", "is no choice of entry"),
        ("flows/change.yaml", "want: time", "want: tim", "is not a want"),
        ("flows/leak.yaml", ", want: address, to: report_at}", "}", "no way out"),
        (
            "flows/elderly.yaml", "told: {end: done, say: elderly_help}", "told: {say: elderly_help, to: mark}",
            "comes back to itself"
        ),
        (
            "flows/elderly.yaml", "told: {end: done, say: elderly_help}", "told: {say: elderly_help, to: mark}",
            "never comes to an end"
        ),
        (
            "flows/account.yaml", "known: {do: choose, to: done}",
            "known: {call: bind, on: {done: done, stopped: done}}", "calls itself"
        ),
        ("flows/pay.yaml", "{end: done, say: pay_settled}", "{end: done, say: refund_mine}", "is not known in state"),
        ("flows/pay.yaml", "intents: [pay_how", "intents: [pay_haw", "is no intent"),
        ("flows/pay.yaml", "start: begin", "begin: begin", "unknown key"),
        ("entries/pay.yaml", "{open} 元,点下面就能缴", "{opne} 元,点下面就能缴", "is no placeholder"),
        ("entries/pay.yaml", "{open} 元,点下面就能缴", "{open 元,点下面就能缴", "is no placeholder: letters"),
        ("entries/pay.yaml", "to: pay_link", "to: pay_lnk", "is no address"),
        ("entries/pay.yaml", "version: 2\n    title", "title", "needs \"version\""),
        ("entries/cold.yaml", "picture: valve.svg", "picture: valv.svg", "there is no pictures/valv.svg"),
        ("entries/talk.yaml", "id: greeting", "id: greetings", "there is no entry \"greeting\""),
        (
            "entries/talk.yaml", "{to: not_warm, words: 家里不热, digit: 2}", "{to: not_wram, words: 家里不热, digit: 2}",
            "nothing answers"
        ),
        ("flows/office.yaml", "intents: [office_info]", "intents: []", "nothing answers the intent \"office_info\""),
        ("entries/claims.yaml", "short: 对不起。", "short: \(String(repeating: "对不起", count: 50))。", "takes 3 messages"),
        ("company.yaml", "hotline: \"96777\"", "hotlin: \"96777\"", "needs \"hotline\""),
        ("company.yaml", "account_digits: 8", "account_digits: 3", "account_digits"),
        ("company.yaml", "account_digits: 8", "# none", "is no placeholder"),
        ("company.yaml", "pay_deadline: 12 月 31 日\n", "", "needs \"pay_deadline\""),
        ("offices.yaml", "offices: []", "offices: [{name: 阳光营业厅}]", "needs \"address\""),
        ("offices.yaml", "offices: []", "offices: 阳光营业厅", "must be a list"),
        ("offices.yaml", "offices: []", "halls: []", "unknown key"),
        ("company.yaml", "pay_link: https", "pay_link: gopher", "http or https"),
        ("company.yaml", "  [amount_due, not_warm", "  [amount_dew, not_warm", "nothing answers"),
        ("company.yaml", "[report_fault, not_warm", "[report_folt, not_warm", "nothing answers"),
        ("company.yaml", "    rounding: 尾数\n", "", "lacks \"rounding\""),
        ("company.yaml", "more: \"多 {sum} 元\"", "more: \"多 {fen} 元\"", "holds {sum}"),
        ("entries/cold.yaml", "id: order_crew", "id: order_crow", "there is no entry \"order_crew\""),
        ("entries/cold.yaml", "班组:{crew}", "班组:{kilometres}", "is not known"),
    ])
    func mistakesAreToldAtTheirPlace(file: String, from: String, to: String, says: String) throws {
        let problems = try problems(file, from, to)
        #expect(problems.contains { $0.contains(says) }, "\(problems)")
        #expect(problems.allSatisfy { $0.contains(".yaml") }, "\(problems)")
    }
}
