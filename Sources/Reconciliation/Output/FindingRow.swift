import HeatModel
import Store

/// A finding as it is written: texts made, evidence located.
struct FindingRow {
    struct Evidence {
        var stream: String
        var key: String
        /// Nil where the record is there no more.
        var position: RecordPosition?

        /// `billing.charges#123 (run 4, sf_fy 17)`
        var text: String {
            let place = position.map { " (run \($0.run), \($0.origin) \($0.ordinal))" } ?? ""
            return "\(stream)#\(key)\(place)"
        }
    }

    static let mostEvidence = 20

    var id: String
    var rule: Rule
    var finding: Finding
    var zh: String
    var en: String
    var evidence: [Evidence]

    init(key: [UInt8], _ finding: Finding, _ plan: CheckPlan, _ snapshot: Snapshot) throws {
        id = Finding.id(key)
        rule = plan.rules.rules[finding.rule]
        self.finding = finding
        zh = Self.text(rule.zh, finding)
        en = Self.text(rule.en, finding)
        evidence = []
        var seen: Set<Finding.Evidence> = []
        for item in finding.evidence.prefix(Self.mostEvidence) where seen.insert(item).inserted {
            let stream = plan.streams[item.stream]
            let position =
                try item.position
                ?? item.key.withUnsafeBytes {
                    try snapshot.store.position(stream: stream.id, key: $0, at: snapshot.moment)
                }
            evidence.append(Evidence(stream: stream.name, key: RecordKey.text(item.key), position: position))
        }
    }

    var evidenceText: String {
        let more = finding.evidence.count - Self.mostEvidence
        return evidence.map(\.text).joined(separator: "; ") + (more > 0 ? "; +\(more)" : "")
    }

    private static func text(_ template: String, _ finding: Finding) -> String {
        var text = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            text += rest[..<open]
            switch rest[rest.index(after: open)..<close] {
            case "account": text += finding.account
            case "season": text += finding.season
            case "subject": text += finding.subject
            case "found": text += finding.found
            case "expected": text += finding.expected
            case "money": text += Fen(finding.money).description
            default: text += finding.detail
            }
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }
}

/// The columns of the findings, in every output that has columns.
enum FindingColumn: String, CaseIterable {
    case id = "finding_id"
    case account = "account_number"
    case rule
    case season
    case subject
    case severity
    case blocks
    case money = "money_fen"
    case community
    case found
    case expected
    case detail
    case zh = "text_zh"
    case en = "text_en"
    case evidence

    func text(of row: FindingRow) -> String {
        switch self {
        case .id: row.id
        case .account: row.finding.account
        case .rule: row.rule.id
        case .season: row.finding.season
        case .subject: row.finding.subject
        case .severity: row.rule.severity.rawValue
        case .blocks: row.rule.blocks ? "true" : "false"
        case .money: String(row.finding.money)
        case .community: row.finding.community
        case .found: row.finding.found
        case .expected: row.finding.expected
        case .detail: row.finding.detail
        case .zh: row.zh
        case .en: row.en
        case .evidence: row.evidenceText
        }
    }
}
