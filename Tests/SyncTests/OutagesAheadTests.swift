import HeatModel
import Store
import Testing

@testable import Sync

/// Outages that were announced begin and end by the clock, without another word from the system.
@Suite struct OutagesAheadTests {
    private static let outages = """
        entity: outage
        from: dispatch.outages
        key: [id]
        voided: {column: void, when: ["1"]}
        fields:
          number: {column: id, as: text}
          community: {column: community, as: community}
          building: {column: building, as: building}
          state: {column: state, as: code, codes: {"1": announced, "4": cancelled}}
          beginsAt: {column: begins, as: instant}
          endedAt: {column: ends, as: instant}
        """
    private static let start: Int64 = 1_763_200_000_000_000

    private static func instant(_ minutes: Int64) -> Instant {
        Instant(microseconds: start + minutes * 60_000_000, offsetMinutes: 480)
    }

    @Test func whatWasAnnouncedIsToldWhenItsTimeHasCome() throws {
        let house = try House(mappings: ["dispatch.outages": Self.outages, "unified": "facts: {}\nlists: {}\n"])
        var rows: [String: [String?]] = [:]
        func set(_ id: String, _ state: String = "1", begins: Int64, ends: Int64?, void: String = "0") {
            rows[id] = [
                id, "甲小区", id, state, Self.instant(begins).description, ends.map { Self.instant($0).description }, void,
            ]
        }
        func events(_ minutes: Int64) throws -> [String] {
            let last = try house.store.read { try $0.lastEvent() }
            let source = MemorySource(
                "dispatch",
                [
                    .table(
                        ["id", "community", "building", "state", "begins", "ends", "void"],
                        rows.sorted { $0.key < $1.key }.map(\.value), isSnapshot: true)
                ])
            let engine = SyncEngine(store: house.store, clock: { Self.instant(minutes) }, isCancelled: { false })
            let report = try engine.run(
                house.stream("dispatch.outages", source), options: .init(policy: VanishPolicy(allowsAll: true)))
            #expect(report.state == .success, "\(String(describing: report.error))")
            return try house.store.read { store in
                try store.events(after: last, matching: EventFilter(), limit: 99).map {
                    let minute = (($0.at?.microseconds ?? Self.start) - Self.start) / 60_000_000
                    return "\($0.type) \($0.place?.name.split(separator: "\u{1F}").last ?? "") \(minute)"
                }
            }
        }
        set("1", begins: 60, ends: 120)
        set("2", begins: 60, ends: 120)
        set("3", begins: 60, ends: nil)
        set("4", "4", begins: 60, ends: 120)
        set("5", begins: 60, ends: 120)
        set("6", begins: 60, ends: 120)
        set("7", begins: 60, ends: 120)
        // It is over when Hearth first sees it.
        set("8", begins: -120, ends: -60)
        #expect(try events(0) == [])
        #expect(try events(59) == [])
        // Called off, put off, withdrawn and gone before it begins.
        set("2", "4", begins: 60, ends: 120)
        set("5", begins: 90, ends: 120)
        set("6", begins: 60, ends: 120, void: "1")
        rows["7"] = nil
        #expect(try events(59) == [])
        #expect(try events(60) == ["outage.begun 1 60", "outage.begun 3 60"])
        #expect(try events(60) == [])
        #expect(try events(91) == ["outage.begun 5 90"])
        #expect(try events(119) == [])
        // Withdrawn while it is on: nobody waits for its end.
        set("3", begins: 60, ends: nil, void: "1")
        #expect(try events(119) == ["outage.cancelled 3 0"])
        #expect(try events(300) == ["outage.ended 1 120", "outage.ended 5 120"])
        #expect(try events(3000) == [])
    }

    /// Of one that began long before anybody looked again, only what is news is told.
    @Test func oldNewsAreNone() throws {
        let house = try House(mappings: ["dispatch.outages": Self.outages, "unified": "facts: {}\nlists: {}\n"])
        func events(_ minutes: Int64) throws -> [String] {
            let last = try house.store.read { try $0.lastEvent() }
            let source = MemorySource(
                "dispatch",
                [
                    .table(
                        ["id", "community", "building", "state", "begins", "ends", "void"],
                        [["1", "甲小区", "1", "1", Self.instant(60).description, nil, "0"]], isSnapshot: true)
                ])
            let engine = SyncEngine(store: house.store, clock: { Self.instant(minutes) }, isCancelled: { false })
            _ = try engine.run(house.stream("dispatch.outages", source), options: .init())
            return try house.store.read { try $0.events(after: last, matching: EventFilter(), limit: 99).map(\.type) }
        }
        #expect(try events(0) == [])
        #expect(try events(60 + 8 * 24 * 60) == [])
    }
}
