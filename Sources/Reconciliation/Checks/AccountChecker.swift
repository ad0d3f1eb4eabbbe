import Billing
import HeatModel
import JSONText
import Store

/// Checks one account after another, in one thread.
final class AccountChecker {
    let plan: CheckPlan
    /// The last day that the systems know of; nil while that is not known yet.
    var today: CivilDate?
    var findings: [Finding] = []
    /// The account cannot be judged before `today` is known.
    var needsToday = false
    /// The account being checked: its texts live as long as its check, and become strings where a finding needs them.
    private var numberText = ViewBytes(start: nil, count: 0)
    private var communityText: ViewBytes?
    var number: String { numberText.text }
    /// What the account before said of its city, and what that means.
    var lastStated: [UInt8] = []
    var lastIsFact = false
    var lastCity: String?

    init(plan: CheckPlan, today: CivilDate? = nil) {
        self.plan = plan
        self.today = today
    }

    /// Adds the account's findings. Returns false, and adds none, where it must be checked again once the day is known.
    func check(_ scanned: ScannedAccount, _ account: AccountID) -> Bool {
        let before = findings.count
        needsToday = false
        numberText = scanned.number
        communityText = scanned.community
        checkPresence(scanned, account)
        if !scanned.repeatedCharges.isEmpty { checkRepeated(scanned.repeatedCharges) }
        if !scanned.repeatedPayments.isEmpty { checkRepeated(scanned.repeatedPayments) }
        checkLines(scanned)
        checkBills(scanned)
        checkLife(scanned)
        if needsToday, today == nil {
            findings.removeLast(findings.count - before)
            return false
        }
        return true
    }

    func add(_ rule: Int?, _ make: (inout Finding) -> Void) {
        guard let rule else { return }
        var finding = Finding(rule: rule)
        finding.account = number
        finding.community = communityText?.text ?? ""
        make(&finding)
        if plan.isWanted(season: finding.season) { findings.append(finding) }
    }

    func isBeyond(_ money: Int64, _ rule: Int?) -> Bool {
        guard let rule else { return false }
        return abs(money) > plan.rules.rules[rule].allowedFen
    }

    func evidence(_ source: ScannedAccount.Source) -> Finding.Evidence {
        .init(stream: source.stream, key: Array(source.key.text.utf8))
    }

    func subject(_ source: ScannedAccount.Source) -> String {
        Self.subject(plan.streams[source.stream].name, Array(source.key.text.utf8))
    }

    /// `billing.charges#123`
    static func subject(_ stream: String, _ key: [UInt8]) -> String {
        "\(stream)#\(RecordKey.text(key))"
    }
}
