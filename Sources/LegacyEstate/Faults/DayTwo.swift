package import HeatModel

/// What happened in the legacy systems between the first day and the second: the truth of an incremental run.
package struct EstateChange: Sendable, Codable, Hashable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// A charge with the same key, a corrected amount and a later update; its account's card is corrected as well.
        case billReissued
        /// A new payment, and the charges that it paid.
        case paymentAdded
        /// A work order in its next state, with one more event.
        case workOrderAdvanced
        /// A customer row with another phone number.
        case customerChanged
        /// A customer row that is no longer there.
        case customerRemoved
        /// A customer row of an account that did not exist.
        case customerAdded
    }

    package var kind: Kind
    /// `billing.charges`
    package var stream: String
    package var key: String
    package var accountNumber: String
    /// Change of the account's arrears, where money moved.
    package var money: Fen?
}

/// Which accounts and work orders change on the second day: one in a thousand of each kind, at least one.
struct DayTwoPlan: Sendable {
    let byAccount: [Int: EstateChange.Kind]
    let byWorkOrder: Set<Int>
    let order: [(kind: EstateChange.Kind, subject: Int)]

    static let none = DayTwoPlan(byAccount: [:], byWorkOrder: [], order: [])

    private init(byAccount: [Int: EstateChange.Kind], byWorkOrder: Set<Int>, order: [(EstateChange.Kind, Int)]) {
        self.byAccount = byAccount
        self.byWorkOrder = byWorkOrder
        self.order = order
    }

    init(estate: Estate) {
        let accounts = estate.options.accounts
        let copies = max(1, accounts / 1000)
        let open = estate.openWorkOrders
        var byAccount: [Int: EstateChange.Kind] = [:]
        var byWorkOrder: Set<Int> = []
        var order: [(EstateChange.Kind, Int)] = []
        for (number, kind) in EstateChange.Kind.allCases.enumerated() {
            for copy in 0..<copies {
                if kind == .customerAdded {
                    if copy < max(1, copies / 4) { order.append((kind, accounts + copy)) }
                    continue
                }
                var random = SplitMix64(
                    seed: estate.options.seed, subject: .change, index: number * 10_000_000 + copy)
                if kind == .workOrderAdvanced {
                    guard !open.isEmpty else { continue }
                    let ordinal = open[random.below(open.count)]
                    if byWorkOrder.insert(ordinal).inserted { order.append((kind, ordinal)) }
                    continue
                }
                let start = random.below(accounts)
                for probe in 0..<min(accounts, 2000) {
                    let index = (start + probe) % accounts
                    if byAccount[index] != nil || estate.faults.byAccount[index] != nil { continue }
                    let account = estate.account(index)
                    if Self.suits(kind, account, estate) {
                        byAccount[index] = kind
                        order.append((kind, index))
                        break
                    }
                }
            }
        }
        self.init(byAccount: byAccount, byWorkOrder: byWorkOrder, order: order)
    }

    private static func suits(_ kind: EstateChange.Kind, _ account: AccountFacts, _ estate: Estate) -> Bool {
        switch kind {
        case .billReissued:
            account.method == .byArea && account.disconnectedOn == nil && account.network.isEmpty
                && account.suspensions.isEmpty
                && !account.splitsSharedArea && estate.maker.bill(account, season: 1).payments.isEmpty
        case .paymentAdded:
            account.method == .byArea && estate.maker.bill(account, season: 1).arrears > .zero
                && estate.maker.bill(account, season: 1).payments.isEmpty
        case .customerChanged, .customerRemoved: !account.isUnit
        case .workOrderAdvanced, .customerAdded: false
        }
    }
}
