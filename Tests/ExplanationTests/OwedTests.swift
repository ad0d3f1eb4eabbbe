import AccountView
import Billing
import Foundation
import HeatModel
import LegacyEstate
import SQLiteStore
import Store
import Testing

@testable import Explanation

/// What an account owes is judged once, and said whole.
@Suite struct OwedTests {
    /// Of every account: the sum of all, what is said of suspending, what is overdue, and billing's own arrears tell the same.
    @Test func everyAccountOwesOneSum() throws {
        let company = try Company(EstateOptions(accounts: 300, seed: 5, city: .tianjin, plantDiscrepancies: true))
        let languages = company.money.wordings()
        #expect(languages.count == 3)
        var owing = 0
        var settledThisSeason = 0
        var agreeing = 0
        try company.store.read { store in
            for index in 0..<300 {
                let number = company.estate.account(index).number
                guard let view = try Array(number.utf8).withUnsafeBytes({ try store.view(number: $0) }) else {
                    continue
                }
                let context = AccountContext(view: view.body)
                let due = try company.money.amountDue(
                    of: number, view: context, season: nil, on: company.today, in: store)
                let suspension = try company.money.suspension(
                    of: number, view: context, season: nil, requestedOn: company.today, in: store)
                #expect(suspension.arrears == due.totalOpen, "\(number)")
                let others = context.charges.filter { $0.value.season != due.season?.description }
                let bySeason = Dictionary(grouping: others) { $0.value.season ?? "" }.mapValues {
                    $0.reduce(Fen.zero) { $0 + ($1.value.arrears ?? .zero) }
                }
                let old = bySeason.values.filter { $0 > .zero }.reduce(Fen.zero, +)
                #expect(due.openOfOthers == old, "\(number)")
                #expect(due.totalOpen == (due.due?.open ?? .zero) + old, "\(number)")
                let isLate = due.dueOn.map { $0 < company.today } ?? false
                #expect(due.overdue == (isLate ? due.totalOpen : old), "\(number)")
                if due.agreesWithBilling, due.pending == .zero, let now = due.due,
                    now.lateFee?.amount ?? .zero == .zero,
                    now.credit == .zero, now.payable - now.paid == due.billingArrears
                {
                    let billed = context.charges.filter { $0.value.season == due.season?.description }
                        .reduce(Fen.zero) { $0 + ($1.value.arrears ?? .zero) }
                    #expect(due.totalOpen == billed + old, "\(number)")
                    agreeing += 1
                }
                let json = try JSONSerialization.jsonObject(with: Data(due.json(in: languages))) as? [String: Any]
                if due.due != nil { #expect(json?["total_open_fen"] as? Int64 == due.totalOpen.amount, "\(number)") }
                guard old > .zero else { continue }
                owing += 1
                if due.due?.open == .zero { settledThisSeason += 1 }
                for language in languages {
                    let text = due.text(language)
                    for (season, arrears) in bySeason where arrears > .zero {
                        #expect(text.contains(season) && text.contains("\(arrears)"), "\(number): \(text)")
                    }
                    #expect(text.contains("\(due.totalOpen)"), "\(number): \(text)")
                }
            }
        }
        // The estate has both: who owes for one winter alone, and for two.
        #expect(owing > 5 && settledThisSeason > 0, "\(owing) \(settledThisSeason)")
        #expect(agreeing > 0, "no account could be held against billing's own arrears")
    }

    /// A line that billing has voided is owed of no season, whatever it still says of arrears.
    @Test func whatIsVoidedIsNotOwed() throws {
        var view = ViewText()
        view.charge(
            "2023-2024", "heatByArea", "118.600", "m2", "25.000", 296_500,
            extra: ",\"arrears_fen\":296500,\"voided\":true")
        view.charge(
            "2024-2025", "heatByArea", "118.600", "m2", "25.000", 296_500,
            extra: ",\"received_fen\":296500,\"arrears_fen\":0")
        let money = MoneyAnswers(book: try shipped.get(), wordings: try wordings.get(), settings: ExplanationSettings())
        let due = try view.inStore {
            try money.amountDue(of: "00012345", season: nil, on: day("2025-09-15"), in: $0)
        }
        #expect(due.others.isEmpty && due.totalOpen == .zero && due.overdue == .zero, "\(due.others)")
        let suspension = try view.inStore {
            try money.suspension(of: "00012345", season: nil, requestedOn: day("2025-09-15"), in: $0)
        }
        #expect(suspension.arrears == .zero)
    }

    /// A late fee that is billed in the next season, of what is owed of the one before, is no bill of it: the bill before is told, and
    /// the late fee is owed.
    @Test(arguments: [nil, "2025-2026"]) func lateFeesAloneAreNoBill(_ season: String?) throws {
        var view = ViewText()
        view.charge(
            "2024-2025", "heatByArea", "118.600", "m2", "25.000", 296_500,
            extra: ",\"received_fen\":0,\"arrears_fen\":296500,\"due_on\":\"2024-12-31\"")
        view.charge("2025-2026", "lateFee", "1.000", "m2", "0.000", 12_345, extra: ",\"arrears_fen\":12345")
        let money = MoneyAnswers(book: try shipped.get(), wordings: try wordings.get(), settings: ExplanationSettings())
        let due = try view.inStore {
            try money.amountDue(of: "00012345", season: season, on: day("2026-01-20"), in: $0)
        }
        #expect(due.overdueSince == day("2024-12-31"))
        let words = due.text(try #require(try wordings.get()["zh"]))
        #expect(words.contains("123.45"), "\(words)")
        if season == nil {
            #expect(due.status == .explained && due.season?.description == "2024-2025")
            #expect(due.others.map(\.season) == ["2025-2026"] && due.openOfOthers == Fen(12_345))
        } else {
            #expect(due.status == .noBill && due.openOfOthers == Fen(296_500 + 12_345))
        }
    }

    /// Where there is no bill a customer is told so, and is not told of a season that nobody knows.
    @Test func noBillIsSaidInWords() throws {
        for (language, said) in [("zh", "还没有您家的供热账单"), ("zh_plain", "还没有您家的暖气费单子"), ("en", "no heating bill of yours")]
        {
            let wording = try #require(try wordings.get()[language])
            let none = AmountDueAnswer(account: "01000001", season: nil, on: day("2026-01-20"), status: .noBill)
            #expect(none.text(wording).contains(said), "\(none.text(wording))")
            #expect(!none.text(wording).contains(wording.word("unknown")))
            var one = none
            one.season = HeatingSeason(on: day("2026-01-20"))
            #expect(one.text(wording).contains("2025-2026"), "\(one.text(wording))")
            // Nothing for this winter, and arrears of another: both are said.
            one.others = [("2023-2024", Fen(12_345)), ("2024-2025", Fen(-500))]
            let text = one.text(wording)
            #expect(text.contains("2023-2024") && text.contains("123.45") && !text.contains("2024-2025"), "\(text)")
            #expect(one.totalOpen == Fen(12_345) && one.overdue == Fen(12_345))
        }
    }
}
