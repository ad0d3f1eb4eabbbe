import Testing

@testable import HeatModel

/// The typed entities and the catalogue state the same fields, so that neither can drift from the other.
@Suite struct EntityTests {
    private func keys<Key: RawRepresentable<String> & CaseIterable>(_ keys: Key.Type) -> [String] {
        keys.allCases.map(\.rawValue)
    }

    @Test func codingKeysAreTheCatalogue() {
        let typed: [(EntityKind, [String])] = [
            (.account, keys(AccountFacts.Key.self)), (.premises, keys(AccountFacts.Key.self)),
            (.season, keys(Season.Key.self)), (.charge, keys(Charge.Key.self)),
            (.payment, keys(Payment.Key.self)), (.meterReading, keys(MeterReading.Key.self)),
            (.roomTemperature, keys(RoomTemperature.Key.self)), (.suspension, keys(Suspension.Key.self)),
            (.disconnection, keys(Disconnection.Key.self)), (.workOrder, keys(WorkOrder.Key.self)),
            (.workOrderEvent, keys(WorkOrderEvent.Key.self)), (.outage, keys(Outage.Key.self)),
        ]
        #expect(typed.count == EntityKind.allCases.count)
        for (kind, keys) in typed { #expect(keys == kind.fields.map(\.jsonKey), "\(kind)") }
    }
}
