import AccountView
import Foundation
import HeatModel
import Mapping
import Records
import SQLiteStore
import Store

@testable import Sync

/// A company in which several streams lead records to accounts: two state places, one brings accounts in without any, and three register ids
/// of other systems. Its charges and orders find their accounts by all of that.
enum Town {
    static let residentColumns = ["no", "community", "building", "unit", "room", "door", "void"]
    static func residents(registers: String? = "erp", statesPlaces: Bool = true) -> String {
        """
        entity: premises
        from: customer.residents
        key: [no]
        account: {column: no, as: accountNumber, introduces: true\(registers.map { ", registers: {system: \($0), column: door}" } ?? "")}
        voided: {column: void, when: ["1"]}
        fields:
          class: {value: resident}
          remark: {column: community, as: text}
        \(statesPlaces ? places : "")
        """
    }

    private static let places = """
          community: {column: community, as: community}
          building: {column: building, as: building}
          unit: {column: unit, as: unit}
          room: {column: room, as: room}
        """

    static let doorColumns = ["id", "no", "community", "address", "door"]
    static let doors = """
        entity: premises
        from: customer.doors
        key: [id]
        account:
          column: no
          as: accountNumber
          introduces: true
          registers: {system: erp, column: door}
          address: {community: community, column: address}
        fields:
          station: {column: community, as: text}
        """

    static let cardColumns = ["id", "no", "area"]
    static func cards(introduces: Bool = true, registers: Bool = true) -> String {
        """
        entity: account
        from: billing.cards
        key: [id]
        account: {column: no, as: accountNumber\(introduces ? ", introduces: true" : "")\(registers ? ", registers: {system: billing, column: id}" : "")}
        fields:
          method: {value: byArea}
          area.billing: {column: area, as: decimal(3)}
        """
    }

    static let chargeColumns = ["id", "no", "payer", "season", "due"]
    static let charges = """
        entity: charge
        from: billing.charges
        key: [id]
        account: {column: no, as: accountNumber, crosswalk: {system: billing, column: payer}}
        fields:
          season: {column: season, as: season}
          item: {value: heatByArea}
          due: {column: due, as: money(yuan), required: true}
        """

    static let orderColumns = ["id", "no", "door", "community", "address", "at"]
    static let orders = """
        entity: workOrder
        from: dispatch.orders
        key: [id]
        account:
          column: no
          as: accountNumber
          crosswalk: {system: erp, column: door}
          address: {community: community, column: address}
        fields:
          kind: {value: other}
          state: {value: dispatched}
          createdAt: {column: at, as: instant}
        """

    /// A stream whose mapping fills no places can give no facts of them.
    static func unified(statesPlaces: Bool = true) -> String {
        """
        facts:
          class: {from: [customer.residents]}
          method: {from: [billing.cards]}
          station: {from: [customer.doors]}
        \(statesPlaces ? placeFacts : "")
          area.billing: {from: [billing.cards]}
        lists:
          charges: {from: [billing.charges], order: [season]}
          work_orders: {from: [dispatch.orders], order: [createdAt]}
        """
    }

    private static let placeFacts = """
          community: {from: [customer.residents]}
          building: {from: [customer.residents]}
          unit: {from: [customer.residents]}
          room: {from: [customer.residents]}
        """

    static var all: [String: String] {
        [
            "customer.residents": residents(), "customer.doors": doors, "billing.cards": cards(),
            "billing.charges": charges, "dispatch.orders": orders, "unified": unified(),
        ]
    }

    /// Groups of two may be spoken of, so that some are and some are not.
    static let peers = PeerRules(leastHouseholds: 2, largestShare: 800)

    /// The same digits as an old input method writes them.
    static func fullWidth(_ digits: String) -> String {
        String(String.UnicodeScalarView(digits.unicodeScalars.compactMap { Unicode.Scalar($0.value + 0xFEE0) }))
    }

    /// A resident's row; the number in one of its spellings.
    static func resident(
        _ no: String, community: String = "甲小区", building: String? = "1号楼", unit: String? = "1单元",
        room: String? = "101",
        door: String? = nil, void: String = "0"
    ) -> [String?] { [no, community, building, unit, room, door, void] }
}

extension House {
    func mappings() throws -> MappingSet { try MappingSet.load(directory: folder + "/Mappings") }

    /// The derived tables, made again from the records and compared.
    func recount(peers: PeerRules = Town.peers, by known: MappingSet? = nil) throws -> DerivedRecount {
        let tables = DerivedTables(mappings: try known ?? mappings(), peers: peers)
        return try store.read { try tables.recount($0) }
    }

    func refresh(peers: PeerRules = Town.peers, by known: MappingSet? = nil) throws {
        _ = try ViewRefresh(store: store, unified: try known?.unified ?? mappings().unified).run()
        _ = try CohortRefresh(store: store, rules: peers).run()
    }

    func accounts(at community: String, _ building: String, _ unit: String, _ room: String) throws -> [String] {
        try store.read { store in
            try store.accounts(
                at: PlaceKey(community: community, building: building, unit: unit, room: room), limit: 99
            ).compactMap { try store.accountNumber($0) }
        }
    }

    func accounts(by system: String, _ id: String) throws -> [String] {
        try Array(id.utf8).withUnsafeBytes { id in
            try store.read { store in
                try store.accounts(system: system, externalID: id, limit: 99).compactMap { try store.accountNumber($0) }
            }
        }
    }

    /// Reads a table whole; by mappings that were loaded before, where there are some.
    @discardableResult
    func take(
        _ name: String, _ columns: [String], _ rows: [[String?]], isSnapshot: Bool = true, by known: MappingSet? = nil
    ) throws -> RunReport {
        let source = MemorySource(
            String(name.prefix { $0 != "." }), [.table(columns, rows, isSnapshot: isSnapshot)])
        let file = known?.files.first { $0.key.description == name }?.value
        let stream =
            try file.map { SyncStream(name: $0.stream, connector: source, mapping: $0, zone: "Asia/Shanghai") }
            ?? stream(name, source)
        return try engine().run(stream, options: .init(policy: VanishPolicy(allowsAll: true), batchRows: 3))
    }
}

extension DerivedRecount {
    /// Without links that are in doubt: what the records say has changed since they were made.
    var ofTables: [Table: Int64] { counts.filter { $0.key != .links } }
}
