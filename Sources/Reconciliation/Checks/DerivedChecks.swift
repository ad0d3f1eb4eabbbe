import AccountView

/// Tables that should be what the records make of them, and are not.
struct DerivedChecks {
    /// Place of the rule in the rule set.
    let rule: Int

    func findings(_ recount: DerivedRecount) -> [Finding] {
        var findings = recount.differences.map { difference in
            var finding = Finding(rule: rule)
            finding.account = difference.account
            finding.subject = "\(difference.table.rawValue) \(difference.subject)"
            if difference.table == .links {
                finding.found = difference.account
                finding.expected = difference.means
                finding.detail =
                    "linked by another system's id, which means \(difference.means) now: the record is refused when it is next read"
            } else {
                finding.found = "differs"
                finding.expected = "as the records say"
                finding.detail =
                    "a fault of hearth or a hand in the store: keep it and report it; `hearth replay --into FILE` builds a sound one of the archive"
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
