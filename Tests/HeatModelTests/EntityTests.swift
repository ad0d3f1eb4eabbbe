import Foundation
import Testing

@testable import HeatModel

/// The typed entities and the catalogue state the same fields, so that neither can drift from the other.
@Suite struct EntityTests {
    private func keys<Key: CodingKey & CaseIterable>(_ keys: Key.Type) -> [String] { keys.allCases.map(\.stringValue) }

    @Test func codingKeysAreTheCatalogue() {
        let typed: [(EntityKind, [String])] = [
            (.account, keys(AccountFacts.CodingKeys.self)), (.premises, keys(AccountFacts.CodingKeys.self)),
            (.season, keys(Season.CodingKeys.self)), (.charge, keys(Charge.CodingKeys.self)),
            (.payment, keys(Payment.CodingKeys.self)), (.meterReading, keys(MeterReading.CodingKeys.self)),
            (.roomTemperature, keys(RoomTemperature.CodingKeys.self)), (.suspension, keys(Suspension.CodingKeys.self)),
            (.disconnection, keys(Disconnection.CodingKeys.self)), (.workOrder, keys(WorkOrder.CodingKeys.self)),
            (.workOrderEvent, keys(WorkOrderEvent.CodingKeys.self)),
        ]
        #expect(typed.count == EntityKind.allCases.count)
        for (kind, keys) in typed { #expect(keys == kind.fields.map(\.jsonKey), "\(kind)") }
    }

    /// A body that states every field, each code in turn, comes back as it was.
    private func roundTrip<Entity: Codable & Hashable>(_ type: Entity.Type, _ kind: EntityKind) throws {
        for turn in 0..<12 {
            var body: [String: Any] = [:]
            for field in kind.fields {
                body[field.jsonKey] =
                    switch field.type {
                    case .text: "文字 \(turn)"
                    case .textList: ["13900000000"]
                    case .code(let values): values[turn % values.count]
                    case .decimal(let places): ExactDecimal(units: Int64(turn * 977), places: places).description
                    case .fen: turn * 31
                    case .tenthsOfDegree: "19.\(turn % 10)"
                    case .date: "2025-11-\(10 + turn)"
                    case .instant: "2025-11-15T08:30:00.25+08:00"
                    case .integer: turn
                    case .boolean: turn % 2 == 0
                    }
            }
            let entity = try JSONDecoder().decode(type, from: JSONSerialization.data(withJSONObject: body))
            let back = try JSONSerialization.jsonObject(with: JSONEncoder().encode(entity)) as? NSDictionary
            #expect(back == body as NSDictionary, "\(kind)")
        }
        let empty = try JSONDecoder().decode(type, from: Data("{}".utf8))
        #expect(try JSONEncoder().encode(empty) == Data("{}".utf8))
    }

    @Test func bodiesComeBackUnchanged() throws {
        try roundTrip(AccountFacts.self, .account)
        try roundTrip(Season.self, .season)
        try roundTrip(Charge.self, .charge)
        try roundTrip(Payment.self, .payment)
        try roundTrip(MeterReading.self, .meterReading)
        try roundTrip(RoomTemperature.self, .roomTemperature)
        try roundTrip(Suspension.self, .suspension)
        try roundTrip(Disconnection.self, .disconnection)
        try roundTrip(WorkOrder.self, .workOrder)
        try roundTrip(WorkOrderEvent.self, .workOrderEvent)
    }

    @Test func anUnknownCodeIsRefused() {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Charge.self, from: Data(#"{"item":"heating"}"#.utf8))
        }
    }
}
