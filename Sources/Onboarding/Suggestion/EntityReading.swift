import HeatModel

/// What a stream is read as: which field each column may be, for one entity.
struct EntityReading {
    /// A field that a column may be.
    struct Candidate {
        var field: String
        /// In thousandths, as the other ranks here.
        var score: Int
        /// What speaks for it, the strongest first.
        var evidence: [String]
        /// By the name alone.
        var byName: Int
        var byValues: Int
    }

    let kind: EntityKind
    /// Of each column its candidates, the best first.
    var candidates: [[Candidate]]
    /// How well the whole fits: the sum of what its columns are worth.
    var score: Int
    var byTable: (score: Int, how: String)?
    /// Whether the fields are there without which a record of the kind says nothing.
    var isWhole: Bool
    /// Whether the fields tell the kind from the one that has the same: billing's account from the customer system's premises.
    var isTold: Bool

    /// What is of use though the entity has no such field: for the account, the cursor, and rows that are void.
    static let beside: Set<String> = ["account.number", "account.id", "community", "address", "updatedAt", "voided"]

    private static let needed: [EntityKind: [[String]]] = [
        .account: [
            ["account.number", "account.id"],
            ["area.billing", "area.building", "method", "class", "tariff", "supply.state", "holder.name"],
        ],
        .premises: [
            ["account.number", "account.id"],
            ["area.building", "holder.name", "holder.phones", "community", "address"],
        ],
        .season: [["season"], ["startsOn"], ["endsOn"]],
        .charge: [["account.number", "account.id"], ["due"]],
        .payment: [["account.number", "account.id"], ["amount"], ["paidAt"]],
        .meterReading: [["account.number", "account.id"], ["endValue", "consumption"], ["readAt"]],
        .roomTemperature: [["celsius"], ["measuredAt"]],
        .suspension: [
            ["account.number", "account.id"], ["from", "kind", "suspendedShare"], ["from", "requestedOn", "to"],
        ],
        .disconnection: [["account.number", "account.id"], ["on"]],
        .workOrder: [["state", "kind"], ["createdAt", "description"]],
        .workOrderEvent: [["workOrder"], ["state"], ["at"]],
        .outage: [["beginsAt"], ["station", "community", "building"], ["expectedEndAt", "endedAt"]],
    ]
    /// What most tables have says little of which entity it is.
    private static let ordinary: Set<String> = [
        "account.number", "account.id", "voided", "season", "remark", "updatedAt", "community", "address", "number",
        "state",
        "status", "unit", "reason", "class",
    ]
    /// Fields of an account that rather billing, or rather the customer system, states.
    private static let ofBilling: Set<String> = [
        "method", "tariff", "area.billing", "arrears", "flags.locked", "flags.blacklisted", "area.suspended",
    ]
    private static let ofCustomers: Set<String> = [
        "holder.phones", "holder.idNumber", "flags.elderly", "flags.lowIncome", "networkNumber", "floor",
    ]

    init(_ kind: EntityKind, names: [[ColumnName]], profiles: [ColumnProfile], table: [ColumnName], lexicon: Lexicon) {
        self.kind = kind
        let entries = lexicon.entries(of: kind)
        candidates = zip(names, profiles).map { names, profile in
            Self.candidates(names, profile, entries, kind, lexicon)
        }
        var best: [String: Int] = [:]
        for column in candidates {
            if let first = column.first { best[first.field] = max(best[first.field] ?? 0, first.score) }
        }
        var score = 0
        for (field, value) in best.sorted(by: { $0.key < $1.key }) where value > 450 {
            var weight = Self.ordinary.contains(field) ? 250 : 1_000
            if kind == .account, Self.ofCustomers.contains(field) { weight = 400 }
            if kind == .premises, Self.ofBilling.contains(field) { weight = 400 }
            score += weight * value / 1_000
        }
        // Which of account and premises it is their fields tell: their tables are called alike.
        let facts: Set<EntityKind> = [.account, .premises]
        let terms = lexicon.entities.filter { $0.kind == kind || facts.contains(kind) && facts.contains($0.kind) }
            .flatMap(\.terms)
        for name in table {
            for term in terms {
                guard let fit = name.fit(term), fit.score > (byTable?.score ?? 0) else { continue }
                byTable = (fit.score, fit.how)
            }
        }
        score += 5 * (byTable?.score ?? 0) / 2
        func stated(_ fields: Set<String>) -> Int { fields.count { (best[$0] ?? 0) > 450 } }
        let (billing, customers) = (stated(Self.ofBilling), stated(Self.ofCustomers))
        isTold =
            switch kind {
            case .account: billing > customers
            case .premises: customers > billing
            default: true
            }
        isWhole = (Self.needed[kind] ?? []).allSatisfy { group in
            group.contains { (best[$0] ?? 0) > 450 }
        }
        self.score = score
    }

    private static func candidates(
        _ names: [ColumnName], _ profile: ColumnProfile, _ entries: [Lexicon.Entry], _ kind: EntityKind,
        _ lexicon: Lexicon
    ) -> [Candidate] {
        func best(_ terms: [Lexicon.Term]) -> ColumnName.Fit? {
            var found: ColumnName.Fit?
            for name in names {
                for term in terms {
                    guard let fit = name.fit(term), fit.score > (found?.score ?? 0) else { continue }
                    found = fit
                }
            }
            return found
        }
        let elsewhere = best(lexicon.others)
        var found: [Candidate] = []
        for entry in entries {
            let field = kind.field(named: entry.name)
            guard field != nil || Self.beside.contains(entry.name),
                let values = FieldEvidence.of(entry.name, field, profile, kind, lexicon)
            else { continue }
            let fit = best(entry.terms)
            // Some values say by themselves what they are.
            let speaks =
                values.support >= 600 && ["holder.idNumber", "holder.phones", "season", "phone"].contains(entry.name)
            let isWords =
                values.support >= 700 && field.map { if case .code = $0.type { true } else { false } } ?? false
            guard fit != nil || speaks || isWords else { continue }
            let name = fit?.score ?? 0
            let score = name + (1_000 - name) * values.support * (fit == nil ? 85 : 70) / 100_000
            var evidence = fit.map { [$0.how] } ?? []
            if let text = values.text { evidence.append(text) }
            found.append(
                Candidate(field: entry.name, score: score, evidence: evidence, byName: name, byValues: values.support))
        }
        if let elsewhere {
            // A word of the trade that no field takes, and fits as well, is no field.
            found.removeAll { $0.byName < elsewhere.score - 10 && $0.byValues < 600 }
            if found.contains(where: { abs($0.byName - elsewhere.score) <= 10 && $0.byValues < 600 }) {
                found.append(
                    Candidate(
                        field: "", score: elsewhere.score, evidence: [elsewhere.how], byName: elsewhere.score,
                        byValues: 0))
            }
        }
        return found.sorted { ($1.score, $0.field) < ($0.score, $1.field) }
    }
}
