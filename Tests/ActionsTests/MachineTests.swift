import Foundation
import HeatModel
import LegacyEstate
import Synchronization
import Testing

@testable import Actions

/// The parts that know no network.
@Suite struct MachineTests {
    @Test func aBreakerRestsAndTriesOnce() {
        var breaker = Breaker(failures: 2, rest: 100)
        #expect(breaker.allows(at: 0))
        breaker.end(isFailure: true, at: 0)
        breaker.end(isFailure: false, at: 1)
        breaker.end(isFailure: true, at: 2)
        #expect(breaker.allows(at: 2))
        breaker.end(isFailure: true, at: 3)
        #expect(!breaker.allows(at: 102) && breaker.allows(at: 103))
        breaker.begin()
        #expect(!breaker.allows(at: 104))
        // Others end that were under way before: they say nothing of the try.
        breaker.end(isFailure: nil, at: 104)
        #expect(breaker.allows(at: 104))
        breaker.begin()
        breaker.end(isFailure: true, at: 105)
        #expect(!breaker.allows(at: 204) && breaker.allows(at: 205))
        breaker.begin()
        breaker.end(isFailure: false, at: 206)
        #expect(breaker.state == .closed(failures: 0))
    }

    @Test func aClockThatIsPutForwardIsNoticed() {
        let begin = ContinuousClock.now
        let clocks = Mutex((wall: Int64(1_000_000_000_000), steady: begin))
        func pass(_ seconds: Int64, clock: Int64) {
            clocks.withLock {
                $0.steady += .seconds(seconds)
                $0.wall += clock * 1_000_000
            }
        }
        let watch = ClockWatch(
            wall: { clocks.withLock { Instant(microseconds: $0.wall, offsetMinutes: 0) } },
            steady: { clocks.withLock { $0.steady } })
        pass(100, clock: 101)
        #expect(watch.doubt(for: 60) == 0)
        pass(1, clock: 3601)
        #expect(watch.doubt(for: 60) == 60_000)
        pass(20, clock: 20)
        #expect(watch.doubt(for: 60) == 40_000)
        // Put back it makes time look short: nothing is believed early.
        pass(1, clock: -3599)
        #expect(watch.doubt(for: 60) == 39_000)
        pass(39, clock: 39)
        #expect(watch.doubt(for: 60) == 0)
        pass(1, clock: 11)
        #expect(watch.doubt(for: 60) == 60_000)
    }

    private static let reference = "K7Q2M4X9ABCDEFGH"

    private func judge(_ references: [[String]], kind: String = "不热", makesRecord: Bool = true) -> String {
        let records = references.enumerated().map { Trace(id: "WX\($0.offset)", kind: kind, references: $0.element) }
        switch Trace.judge(records, reference: Self.reference, kind: "不热", makesRecord: makesRecord, asOf: nil) {
        case .found(let ids): return ids.joined(separator: " ")
        case .absent: return "absent"
        case .ambiguous: return "ambiguous"
        default: return "other"
        }
    }

    @Test func aRecordIsOursByItsReference() {
        #expect(judge([]) == "absent")
        #expect(judge([["OTHER0123456789A"], [Self.reference]]) == "WX1")
        #expect(judge([["x", "k7q2m4x9abcdefgh "]]) == "WX0")
        #expect(judge([["K7Q2M4X9"]]) == "WX0" && judge([["K7Q2M4X"]]) == "ambiguous")
        #expect(judge([[Self.reference], [], [Self.reference]]) == "WX0 WX2")
        #expect(judge([["OTHER0123456789A"]]) == "absent")
        #expect(judge([[]]) == "ambiguous" && judge([[" "]]) == "ambiguous")
        #expect(judge([[]], kind: "漏水") == "absent")
        // A change makes no record: orders of the account without a reference say nothing.
        #expect(judge([[]], makesRecord: false) == "absent")
        #expect(judge([["K7Q2"]], makesRecord: false) == "ambiguous")
        #expect(judge([["OTHER"], ["K7Q2M4X9A"]], makesRecord: false) == "WX1")
        #expect(judge([["Z"]]) == "absent")
    }

    @Test func waitsGrowAndAreBounded() throws {
        var system = ActionSystem(name: "x", sink: FileSink(folder: "a", receipts: "b", kinds: []))
        system.base = 100
        system.cap = 1000
        var random = SystemRandomNumberGenerator()
        for (tries, most) in [(Int64(0), Int64(100)), (1, 200), (3, 800), (4, 1000), (62, 1000)] {
            let wait = system.wait(afterTries: tries, using: &random)
            #expect(wait <= most && wait * 2 >= most)
        }
    }

    @Test func referencesAreTheirOwn() {
        let made = Set((0..<1000).map { _ in ActionReference.make() })
        #expect(made.count == 1000 && made.allSatisfy { $0.utf8.count == 16 })
        #expect(Set(made.map { $0.prefix(ActionReference.leastPrefix) }).count == 1000)
    }

    private static let soap = """
        soap: {endpoint: "http://127.0.0.1:1/ws", namespaces: {d: urn:d}, timeouts: {total: 5}}
        settle: 30
        kinds:
          createWorkOrder: {body: "<d:C>{{account}}{{reference}}</d:C>", record: d:R, id: d:N}
        """

    @Test(arguments: [
        ("endpoint", "endpont", "unknown key \"endpont\""), ("http://127", "ftp://127", "not an http or https address"),
        ("settle: 30", "settle: 5", "\"settle\" must be longer"),
        ("{{reference}}", "", "no {{reference}}"), ("{{account}}", "{{acount}}", "{{acount}} is not known"),
        ("createWorkOrder", "makeWorkOrder", "unknown kind of action"), ("d:R", "e:R", "e"),
        ("kinds:", "types:", "unknown key \"types\""), ("soap:", "sop:", "must have one of"),
        ("id: d:N", "id: d:N, refused: [\"1\"]", "\"success\" does not say where"),
        ("id: d:N", "id: d:N, success: {path: d:S, is: \"0\"}, refused: [\"0\"]", "cannot mean success and refusal"),
        ("settle: 30", "settle: 30\ncodes: {colour: {a: b}}", "unknown key \"colour\""),
        ("settle: 30", "settle: 30\nprobe: {reference: {body: <d:Q/>, record: d:O, id: d:N}}", "needs \"references\""),
        (
            "settle: 30", "settle: 30\nprobe: {reference: {body: <d:Q/>, record: d:O, id: d:N, references: [d:F]}}",
            "has no {{reference}}"
        ),
    ]) func aMistakeIsReportedAtItsPlace(_ right: String, _ wrong: String, _ words: String) throws {
        #expect(actions(Self.soap).problems.isEmpty && actions(Self.soap).system != nil)
        let (system, problems) = actions(Self.soap.replacing(right, with: wrong))
        #expect(system == nil)
        #expect(problems.contains { $0.message.contains(words) }, "\(problems)")
        #expect(
            problems.allSatisfy {
                if case .file(_, let line, _)? = $0.place { return line > 0 }
                return false
            }, "\(problems)")
    }
}
