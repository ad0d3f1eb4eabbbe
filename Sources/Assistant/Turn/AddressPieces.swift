import Understanding

/// An address as it is told, at once or piece by piece over turns: 小区 first, then 楼, 单元, 室.
struct AddressPieces: Equatable {
    var community: String?
    var building: String?
    var unit: String?
    var room: String?

    /// Under which names they stand in a matter's slots.
    private static let names = ["community", "building", "unit", "room"]

    init(_ heard: Slots) {
        (community, building, unit, room) = (heard.community, heard.building, heard.unit, heard.room)
    }

    init(kept slots: [String: String]) {
        (community, building, unit, room) = (slots["community"], slots["building"], slots["unit"], slots["room"])
    }

    var isEmpty: Bool { community == nil && building == nil && unit == nil && room == nil }

    /// What was said later holds. Another building has other units, and another unit has other rooms.
    mutating func take(_ later: AddressPieces) {
        if let said = later.building, let building, said != building { (unit, room) = (nil, nil) }
        if let said = later.unit, let unit, said != unit { room = nil }
        community = later.community ?? community
        building = later.building ?? building
        unit = later.unit ?? unit
        room = later.room ?? room
    }

    func keep(in slots: inout [String: String]) {
        for (name, value) in zip(Self.names, [community, building, unit, room]) { slots[name] = value }
    }

    /// 阳光花园3号楼2单元501: without a building or a room it is no address.
    var whole: String? {
        guard community != nil, building != nil, room != nil else { return nil }
        return known
    }

    /// Whether it says of one home which it is, perhaps without the place that everybody around knows.
    var namesHome: Bool { room != nil && (community != nil || building != nil) }

    /// What is known of it, as it is said.
    var known: String {
        (community ?? "") + (building.map { "\($0)号楼" } ?? "") + (unit.map { "\($0)单元" } ?? "") + (room ?? "")
    }

    /// What asks for the rest; nil where nothing is known, or nothing lacks.
    var asksFor: RoomEntry? {
        if isEmpty || whole != nil { return nil }
        if community == nil { return .addressCommunity }
        return building == nil ? .addressBuilding : .addressRoom
    }
}
