import Glibc
import HearthTesting
import HeatModel
import Records
import SOAPConnector
import Synchronization
import TestTraits
import Testing

/// 2,000 services that misbehave. For each, a pull that claims to be complete is so, and after a failure the next pull against the
/// healed service brings all: there is no third outcome.
@Suite(.waitsForServers) struct AdversaryTests {
    /// What the engine would have committed: the batch that ends an origin waits for the pull's end, and for its proof.
    struct Books {
        var rows: [String: [String?]] = [:]
        /// Records in quarantine, as they stood.
        var quarantine: [String] = []
        var cursor: Cursor?

        mutating func commit(_ batch: RawBatch) {
            for row in batch.texts { rows[row[0] ?? ""] = row }
            quarantine += batch.defects.map { String(decoding: $0.raw, as: UTF8.self) }
            cursor = batch.cursor ?? cursor
        }

        /// Nil for success, else why it failed.
        mutating func pull(_ connector: any Connector) -> HearthError? {
            var held: RawBatch?
            do {
                let summary = try connector.pull(.init(stream: "orders", cursor: cursor, batchRows: 3)) { batch in
                    if let before = held { commit(before) }
                    held = nil
                    if batch.endsOrigin { held = batch } else { commit(batch) }
                }
                if summary.completeness == nil { return HearthError(.init("run.unproven"), "nothing proves the end") }
                if let last = held { commit(last) }
                return nil
            } catch let error as HearthError { return error } catch {
                return HearthError(.init("test.foreign"), "\(error)")
            }
        }

        /// Rows that stood in the service before and after the pull, and are neither here nor in quarantine as they are.
        func lacks(_ expected: [Adversary.Row]) -> [Adversary.Row] {
            expected.filter { row in
                rows[row.no] != row.fields
                    && !quarantine.contains { $0.contains("no=\"\(row.no)\"") && $0.contains(row.at) }
            }
        }
    }

    static func outcome(_ seed: Int, breaking way: BrokenPull.Way? = nil) -> (wrong: String?, failures: [String]) {
        let service = Adversary(seed: seed)
        let address = LoopbackService.shared.address { service.answer($0) }
        defer { LoopbackService.shared.remove(address) }
        var failures: [String] = []
        func told(_ what: String) -> String {
            "seed \(seed): \(what)\n\(service.forms)\n\(service.history.joined(separator: "\n"))\n\(failures.joined(separator: "\n"))"
        }
        do {
            let right = try service.connector(address)
            let connector: any Connector =
                way.map { BrokenPull(connector: right, way: $0, pageSize: service.forms.size) } ?? right
            var books = Books()
            for round in 1...3 {
                let before = service.rows
                if let error = books.pull(connector) {
                    failures.append("\(error)")
                    if error.code.area != "source" { return (told("pull \(round) failed with \(error)"), failures) }
                } else {
                    let after = service.rows
                    let missing = books.lacks(before.filter { after.contains($0) })
                    if !missing.isEmpty {
                        return (told("pull \(round) claims to be complete and lacks \(missing)"), failures)
                    }
                    failures.append("")
                }
                service.goOn()
            }
            service.heal()
            var last: HearthError?
            for _ in 0..<2 {
                last = books.pull(connector)
                if last == nil { break }
            }
            if let last { return (told("the healed service cannot be read: \(last)"), failures) }
            let missing = books.lacks(service.rows)
            if !missing.isEmpty { return (told("the healed service was read and \(missing) are lacking"), failures) }
            return (nil, failures)
        } catch {
            return (told("\(error)"), failures)
        }
    }

    /// The seeds, taken one after another by several threads.
    final class Sweep: Sendable {
        let seeds: ClosedRange<Int>
        private let next: Mutex<Int>
        let wrong = Mutex<[String]>([])
        /// How often pulls ended in each way.
        let ends = Mutex<[String: Int]>([:])

        init(_ seeds: ClosedRange<Int>) {
            self.seeds = seeds
            next = Mutex(seeds.lowerBound)
        }

        func work() {
            while true {
                let seed = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                if seed > seeds.upperBound { return }
                let (problem, failures) = AdversaryTests.outcome(seed)
                if let problem { wrong.withLock { $0.append(problem) } }
                for failure in failures {
                    let code =
                        failure.isEmpty
                        ? "success" : String(failure.split(separator: "[").last?.prefix { $0 != "]" } ?? "")
                    ends.withLock { $0[code, default: 0] += 1 }
                }
            }
        }
    }

    /// `HEARTH_SEED=1234` runs that seed alone, `HEARTH_SEED=1200-1300` those.
    @Test func thereIsNoThirdOutcome() async {
        let sweep = Sweep(ProcessEnvironment.seeds ?? 1...2000)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { await OwnThread.run { sweep.work() } } }
        }
        let wrong = sweep.wrong.withLock { $0 }
        for problem in wrong.prefix(8) { Issue.record(Comment(rawValue: problem)) }
        #expect(wrong.isEmpty, "\(wrong.count) seeds")
        if sweep.seeds.count >= 2000 {
            // The troubles do come about, and are told apart; many pulls still end well.
            let ends = sweep.ends.withLock { $0 }
            #expect(ends["success", default: 0] > sweep.seeds.count)
            for code in [
                "source.badAnswer", "source.soapFault", "source.notSOAP", "source.truncated",
                "source.charsetContradiction",
                "source.tooLarge", "source.refused", "source.httpStatus", "source.totalMismatch",
            ] {
                #expect(ends[code, default: 0] > 5, "\(code): \(ends)")
            }
        }
    }

    /// Each way of being wrong is seen in some service.
    @Test(arguments: BrokenPull.Way.allCases) func brokenPullsAreSeen(_ way: BrokenPull.Way) async {
        let seen = Mutex(false)
        await OwnThread.run {
            let found = (1...600).contains { Self.outcome($0, breaking: way).wrong != nil }
            seen.withLock { $0 = found }
        }
        #expect(seen.withLock { $0 })
    }
}

enum ProcessEnvironment {
    /// The seeds to run, where somebody looks into some: `1234` or `1200-1300`.
    static var seeds: ClosedRange<Int>? {
        guard let text = getenv("HEARTH_SEED") else { return nil }
        let bounds = String(cString: text).split(separator: "-").compactMap { Int($0) }
        guard let first = bounds.first, let last = bounds.last, first <= last else { return nil }
        return first...last
    }
}
