/// What a customer's words name, in one form: half width, Chinese numbers as digits, nil where not named.
package struct Slots: Sendable, Equatable {
    package var community: String?
    package var building: String?
    package var unit: String?
    package var room: String?
    /// Half width, leading zeros kept.
    package var account: String?
    /// The last six of an identity card, an X in capitals.
    package var idLastSix: String?
    /// Degrees Celsius that the customer measured, as text: "16.4", "13-14".
    package var temperature: String?
    /// "2025-2026", where both years are named.
    package var season: String?
    /// Yuan of this account's bill or payment.
    package var amount: String?
    /// Square metres of this account.
    package var area: String?
    package var order: String?
    /// A mobile telephone's, eleven digits; no label of a trial.
    package var phone: String?
    package var symptom: String?
    package var place: String?
    package var since: String?
    package var channel: String?
    package var time: String?

    package init() {}
}

extension Slots {
    /// By the names that labelled files use; what is not named is left out.
    package var named: [String: String] {
        let all: [(String, String?)] = [
            ("community", community), ("building", building), ("unit", unit), ("room", room), ("account", account),
            ("id_last6", idLastSix), ("temperature", temperature), ("season", season), ("amount", amount),
            ("area", area),
            ("order", order), ("symptom", symptom), ("place", place), ("since", since), ("channel", channel),
            ("time", time),
        ]
        return Dictionary(uniqueKeysWithValues: all.compactMap { name, value in value.map { (name, $0) } })
    }
}
