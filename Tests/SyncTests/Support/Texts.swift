/// Mapping files and rows of a small company.
enum Texts {
    static let all = [
        "customer.residents": residents, "billing.accounts": accounts, "billing.charges": charges,
        "billing.seasons": seasons,
        "dispatch.orders": orders, "unified": unified,
    ]

    static let residentColumns = ["no", "name", "community", "building", "unit", "room", "area"]
    static let residents = """
        entity: premises
        from: customer.residents
        key: [no]
        account:
          column: no
          as: accountNumber
          address: {community: community, building: building, unit: unit, room: room}
          introduces: true
        fields:
          holder.name: {column: name, as: text}
          community: {column: community, as: community}
          building: {column: building, as: building}
          unit: {column: unit, as: unit}
          room: {column: room, as: room}
          area.building: {column: area, as: decimal(3)}
        """
    static func resident(_ number: Int, community: String = "阳光花园", unit: String = "1", area: String = "90")
        -> [String?]
    {
        [
            "\(Int64(100_000_000 + number))".dropFirst().description, "张\(number)", community, "1", unit,
            "\(100 + number)", area,
        ]
    }

    static let accountColumns = ["id", "no", "area", "charged"]
    static let accounts = """
        entity: account
        from: billing.accounts
        key: [id]
        account: {column: no, as: accountNumber, registers: {system: billing, column: id}}
        fields:
          area.building: {column: area, as: decimal(3)}
          area.billing: {column: charged, as: decimal(3)}
        """

    static let chargeColumns = ["id", "no", "payer", "season", "due", "received", "void"]
    static let charges = """
        entity: charge
        from: billing.charges
        key: [id]
        account: {column: no, as: accountNumber, crosswalk: {system: billing, column: payer}}
        voided: {column: void, when: ["1"]}
        fields:
          number: {column: id, as: text}
          season: {column: season, as: season}
          due: {column: due, as: money(yuan), required: true}
          received: {column: received, as: money(yuan)}
        """
    static func charge(
        _ id: Int, of account: Int = 1, due: String = "100.00", received: String? = "0", season: String = "2025-2026",
        void: String = "0"
    ) -> [String?] {
        ["\(id)", "\(Int64(100_000_000 + account))".dropFirst().description, nil, season, due, received, void]
    }

    static let seasonColumns = ["id", "name", "starts"]
    static let seasons = """
        entity: season
        from: billing.seasons
        key: [id]
        fields:
          season: {column: name, as: season}
          startsOn: {column: starts, as: date}
        """

    static let orderColumns = ["id", "no", "payer", "community", "address", "at"]
    static let orders = """
        entity: workOrder
        from: dispatch.orders
        key: [id]
        account:
          column: no
          as: accountNumber
          crosswalk: {system: billing, column: payer}
          address: {community: community, column: address}
        fields:
          number: {column: id, as: text}
          createdAt: {column: at, as: instant}
        """
    static func order(
        _ id: Int, no: String? = nil, payer: String? = nil, community: String? = nil, address: String? = nil,
        at: String = "2025-12-01 08:00:00"
    ) -> [String?] {
        ["W\(id)", no, payer, community, address, at]
    }

    static let unified = """
        facts:
          holder.name: {from: [customer.residents]}
          community: {from: [customer.residents]}
          area.building: {from: [customer.residents, billing.accounts], tolerance: 0.010}
          area.billing: {from: [billing.accounts]}
        lists:
          charges: {from: [billing.charges], order: [season, number]}
          orders: {from: [dispatch.orders], order: [createdAt]}
        """
}
