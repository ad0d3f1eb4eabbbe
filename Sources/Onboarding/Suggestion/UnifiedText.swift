import HeatModel
import Records

/// `unified.yaml` for suggested mappings: the account's facts by the streams that state them, and its lists.
struct UnifiedText {
    private let suggestions: [Suggestion]

    init(_ suggestions: [Suggestion]) { self.suggestions = suggestions }

    private static let lists: [(name: String, kind: EntityKind, order: [String])] = [
        ("charges", .charge, ["season", "number"]), ("payments", .payment, ["paidAt", "number"]),
        ("readings", .meterReading, ["readAt", "meter"]), ("suspensions", .suspension, ["season", "from"]),
        ("disconnections", .disconnection, ["on"]), ("work_orders", .workOrder, ["createdAt", "number"]),
        ("work_order_events", .workOrderEvent, ["workOrder", "at"]), ("temperatures", .roomTemperature, ["measuredAt"]),
    ]
    /// Rather billing's to say than the customer system's.
    private static let ofBilling: Set<String> = [
        "class", "tariff", "area.billing", "area.suspended", "method", "supply.state", "supply.valve", "arrears",
        "flags.locked", "flags.blacklisted", "heatSource", "area.basis",
    ]

    var text: String {
        var lines = [
            "# The account view: for each fact the streams that may state it, the first that does wins. A tolerance makes a",
            "# difference beyond it a finding; without one any difference between the named streams is.", "facts:",
        ]
        let stating = suggestions.filter { $0.entity == .premises || $0.entity == .account }
        var facts = 0
        for field in EntityKind.account.fields where field.name != "updatedAt" {
            var streams = stating.filter { one in one.applied.contains { $0.field == field.name } }
            let billingFirst = Self.ofBilling.contains(field.name)
            streams.sort { left, right in
                ((left.entity == .account) == billingFirst ? 0 : 1, left.stream.description)
                    < ((right.entity == .account) == billingFirst ? 0 : 1, right.stream.description)
            }
            if streams.isEmpty { continue }
            facts += 1
            var tolerance = ""
            if streams.count > 1, case .decimal = field.type { tolerance = ", tolerance: 0.010" }
            lines.append(
                "  \(field.name): {from: [\(streams.map(\.stream.description).joined(separator: ", "))]\(tolerance)}")
        }
        if facts == 0 { lines[2] = "facts: {}" }
        var lists: [String] = []
        for list in Self.lists {
            let streams = suggestions.filter { $0.entity == list.kind && list.kind.belongsToAccount }
            if streams.isEmpty { continue }
            lists.append(
                "  \(list.name): {from: [\(streams.map(\.stream.description).joined(separator: ", "))], order: [\(list.order.joined(separator: ", "))]}"
            )
        }
        lines.append(lists.isEmpty ? "lists: {}" : "lists:")
        return (lines + lists).joined(separator: "\n") + "\n"
    }
}
