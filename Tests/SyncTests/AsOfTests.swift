import AccountView
import Foundation
import HearthTesting
import HeatModel
import Mapping
import Records
import SQLiteStore
import Store
import Testing

@testable import Sync

/// What was there when a run had ended, whatever came after it.
@Suite struct AsOfTests {
    /// What the assistant saw after a run.
    private struct Snapshot {
        var run: RunID
        var views: [String: String]
    }

    private func snapshot(_ house: House, _ unified: UnifiedView, _ run: RunID) throws -> Snapshot {
        _ = try ViewRefresh(store: house.store, unified: unified).run()
        var views: [String: String] = [:]
        try AccountViews(store: house.store, unified: unified).forEachView {
            views[$0] = String(decoding: $1, as: UTF8.self)
        }
        return Snapshot(run: run, views: views)
    }

    private func check(_ snapshots: [Snapshot], _ house: House, _ unified: UnifiedView) throws {
        let views = AccountViews(store: house.store, unified: unified)
        let numbers = Set(snapshots.flatMap(\.views.keys))
        for snapshot in snapshots {
            for number in numbers {
                let then = try views.view(number: number, asOf: .run(snapshot.run)).map {
                    String(decoding: $0, as: UTF8.self)
                }
                #expect(then == snapshot.views[number], "account \(number) as of run \(snapshot.run)")
            }
            var all: [String: String] = [:]
            try views.forEachView(asOf: .run(snapshot.run)) { all[$0] = String(decoding: $1, as: UTF8.self) }
            #expect(all == snapshot.views)
        }
    }

    /// After any sequence of syncs (new, changed, voided, moved and vanished records, accounts that come, rows that wait in
    /// quarantine, failed runs and one that dies), the view as of a run is the one that was stored after it.
    @Test(arguments: Weather.each(0..<10)) func anEarlierViewIsTheOneOfThen(_ weather: Weather) throws {
        let seed = weather.seed
        var random = SeededGenerator(seed: UInt64(seed) &+ 991)
        let house = try House(on: weather.kind)
        let unified = try MappingSet.load(directory: house.folder + "/Mappings").unified
        let customer = MemorySource("customer", [])
        let billing = MemorySource("billing", [])
        let policy = VanishPolicy(allowsAll: true)
        var residents = 2
        var charges: [Int: [String?]] = [:]
        var snapshots: [Snapshot] = []
        for _ in 0..<14 {
            let run: RunID
            if Int.random(in: 0..<4, using: &random) == 0 || snapshots.isEmpty {
                residents += Int.random(in: 0...2, using: &random)
                let area = "\(80 + Int.random(in: 0...2, using: &random))"
                let gone =
                    Int.random(in: 0..<5, using: &random) == 0 ? Int.random(in: 1...residents, using: &random) : 0
                customer.hold([
                    .table(
                        Texts.residentColumns,
                        (1...residents).filter { $0 != gone }.map { Texts.resident($0, area: area) })
                ])
                run = try house.run("customer.residents", customer, policy: policy).run
            } else {
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let key = Int.random(in: 1...12, using: &random)
                    charges[key] =
                        Int.random(in: 0..<5, using: &random) == 0
                        ? nil
                        : Texts.charge(
                            key, of: Int.random(in: 1...6, using: &random),
                            due: "\(Int.random(in: 1...9, using: &random))",
                            void: Int.random(in: 0..<6, using: &random) == 0 ? "1" : "0")
                }
                billing.hold([.table(Texts.chargeColumns, charges.keys.sorted().map { charges[$0]! })])
                billing.change {
                    $0.failsAfter = Int.random(in: 0..<4, using: &random) == 0 ? charges.count / 2 : nil
                }
                let mode: PullRequest.Mode = Bool.random(using: &random) ? .full : .incremental
                let dies = Int.random(in: 0..<5, using: &random) == 0
                run =
                    try dies
                    ? die(house, billing, policy)
                    : house.run("billing.charges", billing, mode: mode, policy: policy).run
            }
            snapshots.append(try snapshot(house, unified, run))
            try check([snapshots[snapshots.count - 1]], house, unified)
        }
        try check(snapshots, house, unified)
    }

    /// A run whose process ends without a word, and the next one's look around.
    private func die(_ house: House, _ source: MemorySource, _ policy: VanishPolicy) throws -> RunID {
        let stream = try house.stream("billing.charges", source)
        let report = try house.engine().run(stream, options: .init(policy: policy, batchRows: 3))
        // As if it had not come to its end: what it wrote of itself last is taken back.
        let dead = LeaseOwner(host: LeaseOwner.current.host, process: 1 << 29, processStart: 1)
        try house.damage("UPDATE run SET state = 'running', ended_at = NULL, ended_us = NULL WHERE id = \(report.run)")
        let id = try house.id("billing.charges")
        try house.store.write { store in
            _ = try store.takeLease(stream: id, owner: dead) { _ in false }
            try store.expireOrphanedRuns(isAlive: LeaseOwner.isAlive, at: house.now())
        }
        #expect(try house.store.read { try $0.run(report.run)?.state } == .interrupted)
        return report.run
    }

    @Test func anInstantIsWhatHadEndedByThen() throws {
        let house = try House()
        let unified = try MappingSet.load(directory: house.folder + "/Mappings").unified
        let views = AccountViews(store: house.store, unified: unified)
        let start = house.now()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, [Texts.charge(1, of: 1, due: "10")])])
        let first = try house.run("billing.charges", source)
        _ = try ViewRefresh(store: house.store, unified: unified).run()
        let before = try #require(try house.view("00000001"))
        let between = house.now()
        source.hold([.table(Texts.chargeColumns, [Texts.charge(1, of: 1, due: "20")])])
        try house.run("billing.charges", source)
        _ = try ViewRefresh(store: house.store, unified: unified).run()
        let after = try #require(try house.view("00000001"))
        #expect(before != after)

        func view(_ asOf: AsOf) throws -> String? {
            try views.view(number: "00000001", asOf: asOf).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(try view(.instant(between)) == before)
        // The same moment in another zone.
        #expect(try view(.instant(Instant(microseconds: between.microseconds, offsetMinutes: -300))) == before)
        #expect(try view(.run(first.run)) == before)
        #expect(try view(.present) == after)
        #expect(try view(.instant(house.now())) == after)
        #expect(try view(.instant(start)) == nil)
        #expect(try views.view(number: "12345678", asOf: .instant(between)) == nil)
        let error = #expect(throws: HearthError.self) { try view(.run(RunID(999))) }
        #expect(error?.code.name == "usage.unknownRun")
    }

    @Test func whatPeopleType() throws {
        #expect(try AsOf(argument: "12") == .run(RunID(12)))
        #expect(try AsOf(argument: "run 12") == .run(RunID(12)))
        #expect(try AsOf(argument: "now") == .present)
        let instant = try #require(Instant("2026-01-31T18:00:00+08:00"))
        #expect(try AsOf(argument: "2026-01-31T18:00:00+08:00") == .instant(instant))
        for text in ["", "yesterday", "2026-01-31", "2026-01-31T18:00:00", "-3", "0", "run"] {
            let error = #expect(throws: HearthError.self) { try AsOf(argument: text) }
            #expect(error?.code.name == "usage.badAsOf")
        }
    }
}
