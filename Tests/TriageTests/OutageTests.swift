import Explanation
import HeatModel
import Testing

@testable import Triage

/// Which outages concern a home, and what they are at a moment.
@Suite struct OutageTests {
    @Test(
        arguments: [
            (["community": "阳光花园", "building": "3"], true), (["community": "阳光花园"], true),
            (["station": "HRZ0001"], true), (["community": "阳光花园", "building": "4"], false),
            (["community": "翠湖", "building": "3"], false), (["station": "HRZ0002"], false), (["building": "3"], false),
            ([:], false), (["community": "", "building": ""], false),
            // The narrowest place counts: the station beside it says where the building hangs.
            (["station": "HRZ0002", "community": "阳光花园", "building": "3"], true),
            (["station": "HRZ0001", "community": "阳光花园", "building": "4"], false),
        ] as [([String: String], Bool)]) func itConcernsItsPlace(_ place: [String: String], _ isFound: Bool) throws
    {
        let scene = try Scene()
        try scene.outage([
            "state": "ongoing", "station": place["station"] ?? "", "community": place["community"] ?? "",
            "building": place["building"] ?? "", "begins_at": hours(-2), "expected_end_at": hours(2),
        ])
        #expect(try scene.found() == (isFound ? [.outage] : []))
    }

    /// Begin, expected end, end and state, and what is made of them at noon.
    @Test(
        arguments: [
            (-2, 2, nil, "ongoing", .outage), (-2, 2, nil, nil, .outage), (-2, 2, nil, "announced", .outage),
            (-2, nil, nil, "ongoing", .outage), (-71, nil, nil, "ongoing", .outage),
            (-73, nil, nil, "ongoing", .outageUnclear), (-300, nil, nil, "ongoing", nil),
            (-10, -1, nil, "ongoing", .outageOverdue), (-10, 0, nil, "ongoing", .outageOverdue),
            (-60, -25, nil, "ongoing", .outageUnclear), (-500, -400, nil, "ongoing", nil),
            (-10, -1, -1, "ended", .outageEnded), (-10, -1, -1, nil, .outageEnded),
            (-10, 3, 0, "ongoing", .outageEnded),
            (-40, -30, -13, "ended", nil), (-10, 5, nil, "ended", nil), (-10, 5, nil, "cancelled", nil),
            (20, 24, nil, "announced", .outageAhead), (71, 80, nil, "announced", .outageAhead),
            (73, 80, nil, "announced", nil), (20, 24, nil, nil, .outageAhead),
            // The system says that it has begun, whatever was planned.
            (2, 5, nil, "ongoing", .outage),
            // An end before the begin, and no begin.
            (-2, -4, nil, "ongoing", .outage), (-2, 4, -5, "ongoing", .outageUnclear),
            (-2, 4, -5, "ended", .outageEnded),
            (nil, 4, nil, "announced", .outageUnclear), (nil, 4, nil, "ongoing", .outage),
            (nil, nil, nil, "announced", nil), (nil, nil, nil, "ongoing", .outageUnclear),
            // An end in the future of one that is said to have ended; one that went on for long after its end.
            (-10, 5, 6, "ended", nil), (-2, nil, -20, "ongoing", .outageUnclear),
            (nil, nil, nil, nil, nil),
        ] as [(Int?, Int?, Int?, String?, Finding.Kind?)]) func itIsJudgedByItsTimes(
            _ begins: Int?, _ expected: Int?, _ ended: Int?, _ state: String?, _ wanted: Finding.Kind?
        ) throws
    {
        let scene = try Scene()
        try scene.outage([
            "state": state ?? "-", "community": "阳光花园", "building": "3", "begins_at": begins.map(hours) ?? "-",
            "expected_end_at": expected.map(hours) ?? "-", "ended_at": ended.map(hours) ?? "-",
        ])
        #expect(try scene.found() == (wanted.map { [$0] } ?? []))
    }

    /// Of another day the times tell: what came later is not told as past.
    @Test(
        arguments: [
            (-4, 6, 6, "ended", .outage), (-4, 6, -1, "ended", .outageEnded), (20, 24, 24, "ended", .outageAhead),
            (20, nil, nil, "ongoing", .outageAhead), (24 * 80, 24 * 81, 24 * 81, "ended", nil),
            (24 * 20, nil, nil, "ongoing", nil),
        ] as [(Int, Int?, Int?, String, Finding.Kind?)]) func ofAnotherDayItsTimesTell(
            _ begins: Int, _ expected: Int?, _ ended: Int?, _ state: String, _ wanted: Finding.Kind?
        ) throws
    {
        let scene = try Scene()
        try scene.outage([
            "state": state, "community": "阳光花园", "building": "3", "begins_at": hours(begins),
            "expected_end_at": expected.map(hours) ?? "-", "ended_at": ended.map(hours) ?? "-",
        ])
        var home = Home()
        home.order("noHeat", "dispatched", at: hours(30))
        home.order("noHeat", "completed", at: hours(31))
        let answer = try scene.answer(home, isOtherDay: true)
        #expect(answer.findings.map(\.kind).filter { $0 != .noReading } == (wanted.map { [$0] } ?? []))
        #expect(answer.untold.contains(.neighboursThen))
    }

    /// Whatever clock a system states its times by, they are told by the company's.
    @Test func timesAreToldOnTheCompanysClock() throws {
        let scene = try Scene()
        try scene.outage([
            "state": "ongoing", "community": "阳光花园", "building": "3", "begins_at": "2026-01-20T02:00:00Z",
            "expected_end_at": "2026-01-20T18:30:00Z",
        ])
        var home = Home()
        home.order("noHeat", "dispatched", at: "2026-01-20T00:15:00Z")
        home.temperature("17.5", at: "2026-01-20T01:45:00Z")
        let answer = try scene.answer(home)
        let text = answer.text(try #require(scene.money.wordings(for: ["zh"]).first))
        for part in ["2026-01-20 10:00", "2026-01-21 02:30", "2026-01-20 08:15", "2026-01-20 09:45"] {
            #expect(text.contains(part), "\(part): \(text)")
        }
    }

    @Test func itsRecordIsTheEvidence() throws {
        let scene = try Scene()
        try scene.outage([
            "number": "TG1", "kind": "unplanned", "state": "ongoing", "community": "阳光花园", "building": "3",
            "cause": "管道漏水", "begins_at": hours(-2), "expected_end_at": hours(2),
        ])
        let answer = try scene.answer()
        let evidence = try #require(answer.findings.first?.evidence.first)
        #expect(evidence.source == "dispatch.outages" && evidence.key == "TG1" && evidence.run == 1)
        #expect(answer.action == .waitForEnd && answer.because == .outage && answer.checks.isEmpty)
        let wordings = scene.money.wordings(for: ["zh", "zh_plain", "en"])
        let text = wordings.map { answer.text($0) }.joined(separator: "\n")
        for part in ["本楼", "管道漏水", "2026-01-20 14:00", "停暖了", "in your building", "a fault"] {
            #expect(text.contains(part), "\(part): \(text)")
        }
        let json = String(decoding: answer.json(in: wordings), as: UTF8.self)
        #expect(json.contains("\"finding\":\"outage\",\"level\":\"building\",\"number\":\"TG1\""), "\(json)")
    }

    /// What is corrected, moved or taken away counts at once, and the past stays what it was.
    @Test func correctionsCountAndThePastStays() throws {
        let scene = try Scene()
        func put(_ building: String, ended: String?) throws {
            try scene.outage([
                "state": "-", "community": "阳光花园", "building": building, "begins_at": hours(-30),
                "expected_end_at": hours(2), "ended_at": ended ?? "-",
            ])
        }
        try put("3", ended: nil)
        let first = try scene.nextRun()
        try put("4", ended: nil)
        #expect(try scene.found() == [])
        let second = try scene.nextRun()
        // Ended long ago, as is found out now.
        try put("3", ended: hours(-20))
        #expect(try scene.found() == [])
        let third = try scene.nextRun()
        try scene.vanish("TG1")
        let fourth = try scene.nextRun()
        try put("3", ended: nil)
        #expect(try scene.found() == [.outage])
        let past = try [first, second, third, fourth].map { try scene.found(asOf: $0) }
        #expect(past == [[.outage], [], [], []])
        try scene.outage(["community": "阳光花园", "building": "3", "state": "ongoing"], voided: true)
        #expect(try scene.found() == [])
    }

    @Test func severalComeTheLatestFirst() throws {
        let scene = try Scene()
        for (key, begins) in [("A", -5), ("C", -1), ("B", -3)] {
            try scene.outage(
                [
                    "number": key, "state": "ongoing", "station": "HRZ0001", "begins_at": hours(begins),
                    "expected_end_at": hours(4),
                ], key: key)
        }
        #expect(
            try scene.answer().findings.filter { $0.kind == .outage }.map { $0.evidence[0].key } == ["C", "B", "A"])
    }

    @Test func withoutOutagesThatIsSaid() throws {
        let scene = try Scene()
        #expect(try scene.answer().untold == [.outages])
        try scene.nextRun()
        #expect(try scene.answer().untold == [])
    }
}
