import HeatModel

/// Which accounts and work orders carry which fault. Found by probing from a seeded start, so that it depends on nothing but
/// the options; its size is bounded whatever the number of accounts.
struct FaultPlan: Sendable {
    typealias Kind = PlantedFault.Kind

    /// Faults of billing and customer rows, by account index.
    let byAccount: [Int: Kind]
    /// Faults of work orders and temperatures, by ordinal.
    let byWorkOrder: [Int: Kind]
    let byTemperature: [Int: Kind]
    /// The accounts that planted temperatures are about.
    let temperatureAccounts: [Int: Int]
    /// Every fault in the order in which it was planted: kind and subject (account index or ordinal).
    let order: [(kind: Kind, subject: Int)]

    static let none = FaultPlan(
        byAccount: [:], byWorkOrder: [:], byTemperature: [:], temperatureAccounts: [:], order: [])

    private init(
        byAccount: [Int: Kind], byWorkOrder: [Int: Kind], byTemperature: [Int: Kind],
        temperatureAccounts: [Int: Int], order: [(kind: Kind, subject: Int)]
    ) {
        self.byAccount = byAccount
        self.byWorkOrder = byWorkOrder
        self.byTemperature = byTemperature
        self.temperatureAccounts = temperatureAccounts
        self.order = order
    }

    init(estate: Estate) {
        let accounts = estate.options.accounts
        let copies = max(1, min(40, accounts / 2000))
        var byAccount: [Int: Kind] = [:]
        var byWorkOrder: [Int: Kind] = [:]
        var byTemperature: [Int: Kind] = [:]
        var temperatureAccounts: [Int: Int] = [:]
        var order: [(kind: Kind, subject: Int)] = []
        // Accounts that a planted work order is about: nothing else may be wrong with them.
        var reserved: Set<Int> = []
        for (number, kind) in Kind.allCases.enumerated() {
            guard kind.isDiscrepancy ? estate.options.plantDiscrepancies : estate.options.plantFaults else { continue }
            for copy in 0..<copies {
                var random = SplitMix64(seed: estate.options.seed, subject: .plan, index: number * 1000 + copy)
                switch kind {
                case .ambiguousAddress, .addressOnly, .crosswalkOnly, .orphanWorkOrder, .unknownCode, .notFollowedUp,
                    .strangerPhone:
                    let count = estate.workOrderCount
                    guard count > 0 else { continue }
                    let start = random.below(count)
                    for probe in 0..<min(count, 5000) {
                        let ordinal = (start + probe) % count
                        if byWorkOrder[ordinal] != nil { continue }
                        let account = estate.account(estate.accountIndex(ofWorkOrder: ordinal))
                        if byAccount[account.index] != nil { continue }
                        if kind == .notFollowedUp, ordinal >= estate.firstOpenOrder { continue }
                        if kind == .ambiguousAddress, !Self.hasTwin(account, in: estate, planted: byAccount) {
                            continue
                        }
                        byWorkOrder[ordinal] = kind
                        reserved.formUnion(estate.accountsSharingRoom(account))
                        order.append((kind, ordinal))
                        break
                    }
                case .badTemperature:
                    let count = estate.temperatureCount
                    guard count > 0 else { continue }
                    let start = random.below(count)
                    for probe in 0..<count where byTemperature[(start + probe) % count] == nil {
                        byTemperature[(start + probe) % count] = kind
                        order.append((kind, (start + probe) % count))
                        break
                    }
                default:
                    let start = random.below(accounts)
                    for probe in 0..<min(accounts, 20_000) {
                        let index = (start + probe) % accounts
                        if byAccount[index] == nil, !reserved.contains(index),
                            Self.suits(kind, estate.account(index), estate)
                        {
                            if kind == .refundMissing {
                                // An odd ordinal is a device's reading: a visit's stands in its place.
                                let free = stride(from: 1, to: estate.temperatureCount, by: 2).first {
                                    byTemperature[$0] == nil
                                }
                                guard let free else { break }
                                byTemperature[free] = kind
                                temperatureAccounts[free] = index
                            }
                            byAccount[index] = kind
                            order.append((kind, index))
                            break
                        }
                    }
                }
            }
        }
        self.init(
            byAccount: byAccount, byWorkOrder: byWorkOrder, byTemperature: byTemperature,
            temperatureAccounts: temperatureAccounts, order: order)
    }

    /// Whether the same building has the same room in another unit, so that a place without the unit means two accounts.
    private static func hasTwin(_ account: AccountFacts, in estate: Estate, planted: [Int: Kind]) -> Bool {
        let twins = estate.accountsSharingRoom(account)
        return twins.count > 1 && twins.allSatisfy { planted[$0] == nil }
    }

    private static func suits(_ kind: Kind, _ account: AccountFacts, _ estate: Estate) -> Bool {
        if account.disconnectedOn != nil || !account.network.isEmpty || !account.suspensions.isEmpty { return false }
        switch kind {
        case .heightUnderstated:
            return account.isUnit && account.method == .byArea && account.ceilingHeight.units >= 3_300
                && (estate.tariff.height == nil
                    || estate.tariff.heightPercent(height: account.ceilingHeight, isUnit: true) > 0)
        case .staleArea: return account.method == .byArea && !account.splitsSharedArea
        case .areaDisagreement: return account.method == .byArea && !account.splitsSharedArea
        case .duplicateCharge, .conflictingCharge, .badTotal, .badDecimal, .impossibleDate, .voidedCharge:
            return account.method == .byArea
        case .paymentNotPosted:
            return account.method == .byArea && estate.maker.bill(account, season: 1).payments.isEmpty
        case .duplicatePayment: return !estate.maker.bill(account, season: 0).payments.isEmpty
        case .mojibakeName:
            return !account.isUnit
                && account.holderName.unicodeScalars.allSatisfy { (0x4E00...0x9FA5).contains($0.value) }
        case .badIdentityNumber: return account.idNumber.utf8.count == 18
        case .paymentMissing, .reversedCounted, .paymentTwice:
            let payments = estate.maker.bill(account, season: 0).payments
            return !payments.isEmpty && !payments.contains(where: \.isReversed)
        case .wrongProduct, .suspendedInFull, .disconnectedInFull: return account.method == .byArea
        case .wrongTariff:
            return account.method == .byArea && !account.isUnit && !account.splitsSharedArea
                && account.ceilingHeight.units <= 3_200
        case .refundMissing: return account.method == .byArea && !account.isUnit && !account.splitsSharedArea
        case .conflictingRow, .duplicateRow, .raggedRow, .undecodableRow, .badArea: return !account.isUnit
        default: return true
        }
    }
}
