import AccountView
import Store

/// Tables that should be what the records make of them, and are not.
struct DerivedChecks {
    /// Place of the rule in the rule set.
    let rule: Int

    func findings(_ recount: DerivedRecount) -> [Finding] {
        var findings = recount.differences.map { difference in
            var finding = Finding(rule: rule)
            finding.account = difference.account
            finding.subject = "\(difference.table.rawValue) \(difference.subject)"
            if let link = difference.link {
                let means = link.accounts.isEmpty ? "no account" : link.accounts.joined(separator: ", ")
                finding.found = difference.account
                finding.expected = means
                finding.detail =
                    "linked by \(link.rule == .place ? "its place" : "another system's id"), which means \(means) now: "
                    + (link.code.map { "the record is refused when it is next read (\($0))" }
                        ?? "the record moves there when it is next read")
            } else {
                finding.found = "differs"
                finding.expected = "as the records say"
                finding.detail =
                    "a fault of Hearth, or someone changed the store by hand: keep it and report it; a sound one can be rebuilt from the archive"
            }
            return finding
        }
        for table in DerivedRecount.Table.allCases {
            let count = recount.counts[table] ?? 0
            let named = Int64(recount.differences.count { $0.table == table })
            // What is counted at once is named once.
            if count <= named { continue }
            var finding = Finding(rule: rule)
            finding.subject = table.rawValue
            finding.found = String(count)
            finding.expected = "0"
            finding.detail = "differences in all"
            findings.append(finding)
        }
        return findings
    }
}
