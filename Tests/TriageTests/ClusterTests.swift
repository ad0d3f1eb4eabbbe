import Explanation
import HeatModel
import Store
import Testing

@testable import Triage

/// So many neighbours without heat that an outage is likely; nothing is told of few.
@Suite struct ClusterTests {
    private func cluster(_ scene: Scene, _ home: Home = Home()) throws -> Finding.Cluster? {
        for finding in try scene.answer(home).findings {
            if case .cluster(let cluster) = finding.detail { return cluster }
        }
        return nil
    }

    private func cold() -> Home {
        var home = Home()
        home.order("noHeat", "dispatched", at: hours(-2))
        return home
    }

    /// The shipped rules ask for five households of a building, one's own included.
    @Test(arguments: [(3, false), (4, false), (5, true), (6, true)]) func othersAreCounted(
        _ count: Int, _ isLikely: Bool
    ) throws {
        let scene = try Scene()
        try scene.neighbours(count)
        #expect(try cluster(scene)?.households == (isLikely ? count : nil))
    }

    @Test(arguments: [(3, nil), (4, 5), (5, 6)]) func onesOwnOrderCountsOnce(_ others: Int, _ told: Int?) throws {
        let scene = try Scene()
        try scene.neighbours(others, own: true)
        #expect(try cluster(scene, cold())?.households == told)
    }

    /// A threshold below the floor tells nothing of two neighbours.
    @Test func fewAreNotSpokenOf() throws {
        let scene = try Scene()
        scene.rules.clusterBuilding = 2
        try scene.neighbours(2, own: true)
        #expect(try cluster(scene, cold()) == nil)
        #expect(try !scene.found(cold()).contains(.likelyOutage))
        try scene.neighbours(1)
        #expect(try cluster(scene, cold())?.households == 4)
    }

    @Test func placeKindAndTimeCount() throws {
        for (kind, building, ago) in [("leak", "3", 2), ("noHeat", "4", 2), ("noHeat", "3", 25)]
            as [(String, String, Int64)]
        {
            let scene = try Scene()
            try scene.neighbours(9, kind: kind, building: building, hoursAgo: ago)
            #expect(try cluster(scene) == nil, "\(kind) \(building) \(ago)")
        }
    }

    /// Whoever asks again and again does not see to the second when an order was made: it leaves the count at a whole hour.
    @Test func theTimeLookedBackOnBeginsAtAWholeHour() throws {
        let scene = try Scene()
        try scene.neighbours(5, hoursAgo: 23)
        func isLikely(_ minutes: Int64) throws -> Bool {
            let now = Instant(microseconds: noon.microseconds + minutes * 60_000_000, offsetMinutes: 480)
            return try scene.found(now: now).contains(.likelyOutage)
        }
        // The orders are of 12:59 on the day before.
        #expect(try isLikely(58) && isLikely(59) && !isLikely(60))
        #expect(try isLikely(0))
    }

    @Test func aStationIsLookedAtToo() throws {
        let scene = try Scene()
        for building in 10..<15 { try scene.neighbours(4, building: "\(building)") }
        let found = try #require(try cluster(scene))
        #expect(found.level == .station && found.households == 20)
        try scene.neighbours(5)
        #expect(try cluster(scene)?.level == .building)
    }

    /// Neither a number nor a record nor an exact time of another household is told.
    @Test func nobodyIsNamed() throws {
        let scene = try Scene()
        try scene.neighbours(6)
        let answer = try scene.answer()
        let finding = try #require(answer.findings.first { $0.kind == .likelyOutage })
        #expect(finding.evidence.isEmpty)
        guard case .cluster(let cluster) = finding.detail else { return }
        #expect(cluster.from == instant("2026-01-20T09:00:00+08:00"))
        #expect(cluster.through == instant("2026-01-20T10:00:00+08:00"))
        let json = String(decoding: answer.json(in: scene.money.wordings()), as: UTF8.self)
        for number in 1...7 { #expect(!json.contains("\"9\(number)\"")) }
        #expect(answer.action == .waitForNews)
    }

    @Test func nothingIsSaidOfThePast() throws {
        let scene = try Scene()
        try scene.neighbours(9)
        let run = try scene.nextRun()
        let answer = try scene.answer(asOf: run)
        #expect(answer.untold.contains(.neighboursThen))
        #expect(!answer.findings.contains { $0.kind == .likelyOutage })
    }

    @Test func aHomeWithoutAPlaceHasNoNeighbours() throws {
        let scene = try Scene()
        try scene.neighbours(9)
        var home = Home()
        for name in ["station", "community", "building"] { home.facts[name] = nil }
        #expect(try cluster(scene, home) == nil)
    }
}
