import HeatModel

/// A room temperature, measured on a visit or by a device in the room.
struct TemperatureFacts: Sendable {
    var ordinal: Int
    var accountNumber: String
    /// As published: `19.2`.
    var celsius: String
    var at: LocalTime
    /// `上门测温`, `测温仪` or `用户自报`.
    var method: String
    var place: String
    var workOrder: String?

    var id: String { Self.id(ordinal) }
    static func id(_ ordinal: Int) -> String { "CW" + Digits.padded(70_000_001 + ordinal, 9) }
}

extension Estate {
    /// Number of room temperatures in the past twelve months.
    package var temperatureCount: Int { (options.accounts + 3) / 4 }

    func temperature(_ ordinal: Int) -> TemperatureFacts {
        var random = SplitMix64(seed: options.seed, subject: .temperature, index: ordinal)
        var tenths = random.chance(120) ? random.within(135...179) : random.within(180...236)
        var celsius: String {
            faults.byTemperature[ordinal] == .badTemperature ? "十九度" : "\(tenths / 10).\(tenths % 10)"
        }
        let place = random.pick(["客厅", "主卧", "次卧", "书房"])
        let visitedCount = workOrderCount
        if ordinal % 2 == 0, visitedCount > 0, ordinal / 2 < visitedCount {
            let order = workOrder(ordinal / 2)
            let isLinkable = order.link == .number || order.link == .crosswalk || order.link == .address
            if isLinkable, let seen = order.time(of: "处理中") {
                // Where the city gives money back for cold rooms, none is found that was not paid for.
                if tariff.refundsColdRooms, tenths < 180 { tenths = 180 + tenths % 10 }
                return TemperatureFacts(
                    ordinal: ordinal, accountNumber: order.account.number, celsius: celsius, at: seen, method: "上门测温",
                    place: place, workOrder: order.number)
            }
        }
        if let cold = faults.temperatureAccounts[ordinal] { return coldVisit(ordinal, of: cold, place: place) }
        var index = random.below(options.accounts)
        while faults.byAccount[index] == .billingOnlyAccount { index = (index + 1) % options.accounts }
        let start = CivilDate(year: options.startYear(ofSeason: 1), month: 11, day: 20) ?? options.today
        let days = max(1, options.today.days(since: start))
        return TemperatureFacts(
            ordinal: ordinal, accountNumber: AccountFacts.number(index), celsius: celsius,
            at: LocalTime(start.adding(days: random.below(days)), second: random.below(86_400)),
            method: random.chance(900) ? "测温仪" : "用户自报", place: place, workOrder: nil)
    }

    /// A visit that found 15.0 °C in the present season.
    private func coldVisit(_ ordinal: Int, of index: Int, place: String) -> TemperatureFacts {
        let start = options.days(ofSeason: 1, tariff).lowerBound
        return TemperatureFacts(
            ordinal: ordinal, accountNumber: AccountFacts.number(index), celsius: "15.0",
            at: LocalTime(start.adding(days: 25), second: 50_000), method: "上门测温", place: place,
            workOrder: nil)
    }
}
