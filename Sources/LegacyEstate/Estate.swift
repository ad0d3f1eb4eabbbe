package import HeatModel

/// A heating company of N accounts with its three legacy systems: billing (SQL), dispatch (SOAP) and customer (CSV drops).
///
/// Everything is derived from the options alone, account by account, so that a million accounts take no more memory than
/// two thousand, and the same options give the same bytes on every machine.
///
///     let estate = Estate(EstateOptions(accounts: 2000))
///     try estate.writeBilling(sqlite: "billing.sqlite")
///     try estate.writeCustomer(dropFolder: "drop")
///     let dispatch = estate.dispatchService()
///     let address = try dispatch.start()
package struct Estate: Sendable {
    package let options: EstateOptions
    package let tariff: CityTariff
    /// 1 on the first day, 2 after ``advanced()``.
    package private(set) var day = 1
    private(set) var faults = FaultPlan.none
    private(set) var changesPlan = DayTwoPlan.none

    package init(_ options: EstateOptions = EstateOptions()) {
        self.options = options
        tariff = CityTariff(options.city)
        if options.plantFaults || options.plantDiscrepancies { faults = FaultPlan(estate: self) }
    }

    /// The same company a day later: see ``changes``.
    package func advanced() -> Estate {
        if day == 2 { return self }
        var next = self
        next.changesPlan = DayTwoPlan(estate: self)
        next.day = 2
        return next
    }

    /// The day on which the systems are seen.
    package var today: CivilDate { options.today.adding(days: day - 1) }

    /// When the changes of the second day happened, in all systems.
    var changeTime: LocalTime { LocalTime(options.today.adding(days: 1), second: 30_600) }

    var maker: BillMaker { BillMaker(options: options, tariff: tariff) }

    func community(_ index: Int) -> Community {
        Community(index: index / Community.accountsPerCommunity, options: options, tariff: tariff)
    }

    /// The truth about the account with this position, 0…`options.accounts` − 1.
    package func account(_ index: Int) -> AccountFacts {
        AccountFacts(index: index, community: community(index), options: options, tariff: tariff)
    }

    /// The truth about an account by its number, nil where the estate has no such account.
    package func truth(account number: String) -> AccountFacts? {
        guard number.utf8.count == 8, let value = Int(number), (value - 1_000_003) % 7 == 0 else { return nil }
        let index = (value - 1_000_003) / 7
        return (0..<options.accounts).contains(index) ? account(index) : nil
    }

    /// The right bills of an account by the city's tariff, the earlier season first, without any planted fault and as they
    /// stand on the first day.
    package func bills(of account: AccountFacts) -> [Bill] { (0...1).map { maker.bill(account, season: $0) } }

    /// Calls back with each account in order.
    func forEachAccount(_ body: (AccountFacts) throws -> Void) rethrows {
        var community = community(0)
        for index in 0..<options.accounts {
            if index / Community.accountsPerCommunity != community.index { community = self.community(index) }
            try body(AccountFacts(index: index, community: community, options: options, tariff: tariff))
        }
    }

    /// The accounts of the same building whose room has the same number, this one included, in order.
    func accountsSharingRoom(_ account: AccountFacts) -> [Int] {
        let perUnit = Community.accountsPerBuilding / account.unitsOfBuilding
        let base = account.index - (account.unit - 1) * perUnit
        return (0..<account.unitsOfBuilding).map { base + $0 * perUnit }.filter { $0 < options.accounts }
    }
}
