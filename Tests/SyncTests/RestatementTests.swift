import Foundation
import HeatModel
import Mapping
import Records
import SQLiteStore
import Store
import Testing

@testable import Setup
@testable import Sync

/// A store that an earlier version has filled, with the places and ids as that version kept them: one of each, whichever came last.
@Suite struct RestatementTests {
    /// Takes the file back to where the earlier version left it, with its faults: account 1 has lost its place, and the id of two accounts
    /// means the second.
    private static let asBefore = """
        DELETE FROM grdb_migrations WHERE identifier LIKE '11 %';
        DROP TABLE place; DROP TABLE crosswalk;
        CREATE TABLE crosswalk(
            system TEXT NOT NULL, external_id TEXT NOT NULL, account_id INTEGER NOT NULL,
            PRIMARY KEY(system, external_id)) WITHOUT ROWID;
        CREATE TABLE place(
            account_id INTEGER PRIMARY KEY, community TEXT NOT NULL, building TEXT NOT NULL, unit TEXT NOT NULL,
            room TEXT NOT NULL);
        CREATE INDEX place_key ON place(community, building, room, unit);
        INSERT INTO place VALUES(1, '', '', '', ''), (2, '甲小区', '1', '1', '102'), (3, '旧小区', '1', '1', '1');
        INSERT INTO crosswalk VALUES('erp', '601-4', 2), ('erp', 'gone', 3), ('billing', 'B1', 1);
        """

    private func upgraded() throws -> (House, SQLiteStore) {
        let house = try House(mappings: Town.all)
        try house.take(
            "customer.residents", Town.residentColumns,
            (1...7).map { Town.resident("0000000\($0)", room: "10\($0)", door: $0 < 3 ? "601-4" : nil) })
        try house.take("billing.cards", Town.cardColumns, [["B1", "00000001", "80"], ["B2", "00000002", "80"]])
        try house.take(
            "dispatch.orders", Town.orderColumns,
            [
                ["W1", nil, nil, "甲小区", "1-1-103", "2026-01-01T08:00:00"],
                ["W2", nil, "777", nil, nil, "2026-01-01T08:00:00"],
            ])
        try (house.store as? SQLiteStore)?.checkpoint()
        let copy = house.folder + "/older.db"
        try FileManager.default.copyItem(atPath: house.database, toPath: copy)
        try StoreDump.execute(copy, Self.asBefore)
        return (house, try SQLiteStore(path: copy))
    }

    private func places(_ store: SQLiteStore) throws -> [[String]] {
        try (1...7).map { room in
            try store.read { store in
                try store.accounts(
                    at: PlaceKey(community: "甲小区", building: "1", unit: "1", room: "10\(room)"), limit: 9
                ).compactMap { try store.accountNumber($0) }
            }
        }
    }

    private func accounts(_ store: SQLiteStore, _ system: String, _ id: String) throws -> [AccountID] {
        try Array(id.utf8).withUnsafeBytes { id in
            try store.read { try $0.accounts(system: system, externalID: id, limit: 9) }
        }
    }

    /// Until the records have been gone through, the store answers as before; then it says what they state.
    @Test(.ofTheStoresFile) func anUpgradedStoreIsMended() throws {
        let (house, store) = try upgraded()
        #expect(try places(store)[1] == ["00000002"] && places(store)[0] == [])
        #expect(try accounts(store, "erp", "601-4") == [AccountID(2)])
        try Restatement(store: store, mappings: house.mappings()).run()
        #expect(try places(store) == (1...7).map { ["0000000\($0)"] })
        #expect(try accounts(store, "erp", "601-4") == [AccountID(1), AccountID(2)])
        #expect(try accounts(store, "erp", "gone") == [] && accounts(store, "billing", "B2") == [AccountID(2)])
        #expect(try store.read { try $0.communities() } == ["甲小区"])
        // Nothing is left to do, and what waits in quarantine is to be tried again.
        #expect(try store.read { try $0.setting(.restated) } == "")
        #expect(try store.read { try $0.setting(.accountsChangedBy) } == SettingName.restated.text)
    }

    /// Cut after any number of transactions, the next process goes on, and meanwhile nothing is found twice or lost for good.
    @Test(.ofTheStoresFile, arguments: 0..<8) func itGoesOnWhereItWasCut(transactions: Int) throws {
        let (house, store) = try upgraded()
        var left = transactions
        try Restatement(store: store, mappings: house.mappings(), chunk: 2).run {
            left -= 1
            return left < 0
        }
        let last = try SQLiteStore(path: house.folder + "/older.db")
        try Restatement(store: last, mappings: house.mappings(), chunk: 3).run()
        let counts = try last.read { try $0.statementCounts() }
        #expect(counts == (try house.store.read { try $0.statementCounts() }))
        #expect(try places(last) == (1...7).map { ["0000000\($0)"] })
        #expect(try accounts(last, "erp", "601-4") == [AccountID(1), AccountID(2)])
    }

    /// The first sync does it, before any record is matched.
    @Test func theFirstSyncMatchesByWhatTheRecordsState() throws {
        let (house, store) = try upgraded()
        let configuration = HearthConfiguration(
            path: house.folder + "/hearth.yaml", storePath: house.folder + "/older.db",
            mappings: house.folder + "/Mappings", policy: VanishPolicy(),
            sources: [
                .init(
                    name: "dispatch",
                    connector: MemorySource(
                        "dispatch",
                        [
                            .table(
                                Town.orderColumns,
                                [
                                    ["W5", nil, nil, "甲小区", "1-1-101", "2026-01-01T08:00:00"],
                                    ["W6", nil, "601-4", nil, nil, "2026-01-01T08:00:00"],
                                ], isSnapshot: false)
                        ]), zone: "Asia/Shanghai", streams: ["orders"])
            ])
        let workspace = Workspace(
            configuration: configuration, mappings: try house.mappings(), store: store, clock: { house.now() })
        let outcome = try workspace.sync()
        #expect(outcome.reports.map(\.counts.new) == [1] && outcome.quarantined == 1)
        let waiting = try store.read {
            try $0.quarantine(stream: nil, state: .open, code: "match.ambiguousId", after: nil, limit: 9)
        }
        #expect(waiting.map(\.candidates) == [["00000001", "00000002"]])
    }

    @Test func aNewStoreHasNothingToGoThrough() throws {
        let house = try House(mappings: Town.all)
        #expect(try house.setting(SettingName.restated.text) == nil)
        try Restatement(store: house.store, mappings: house.mappings()).run()
        #expect(try house.setting(SettingName.restated.text) == nil)
    }
}
