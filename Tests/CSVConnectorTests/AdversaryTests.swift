import CSVConnector
import Foundation
import HeatModel
import Records
import Synchronization
import Testing

/// Two thousand senders at odds with what was agreed. For each pull: what is there comes with its right values, or the pull fails or
/// says which record it could not read; and once the folder is as it should be, everything comes. Never a success with something
/// missing or wrong.
@Suite struct AdversaryTests {
    private static let seeds = 2_000

    @Test(arguments: 0..<20) func noThirdOutcome(_ part: Int) throws {
        let box = try DropBox()
        var outcomes = (successes: 0, failures: 0, defects: 0)
        let share = Self.seeds / 20
        for seed in part * share..<(part + 1) * share {
            box.clear()
            if let problem = try Self.play(seed: UInt64(seed), box, &outcomes) {
                Issue.record("seed \(seed): \(problem)")
                return
            }
        }
        // A run that never fails, or never succeeds, asks nothing.
        #expect(outcomes.successes > share && outcomes.failures > share / 4 && outcomes.defects > 0)
    }

    private static func play(
        seed: UInt64, _ box: DropBox, _ outcomes: inout (successes: Int, failures: Int, defects: Int)
    ) throws -> String? {
        var folder = AdversaryFolder(seed: seed, box: box)
        let ledger = Ledger(folder.stream)
        for _ in 0..<(2 + seed % 3) {
            try folder.nextDay()
            let error = ledger.sync()
            outcomes.defects += ledger.defects.count
            if error == nil { outcomes.successes += 1 } else { outcomes.failures += 1 }
            if let problem = judge(folder, ledger, error) {
                return "\(problem)\n\(folder.story)\n\(String(describing: error))"
            }
        }
        try folder.heal()
        if let error = ledger.sync() { return "the healed folder fails: \(error)\n\(folder.story)" }
        let held = ledger.records.mapValues { $0.map { $0 ?? "NULL" } }
        if held != folder.truth {
            return "after healing: \(difference(held, folder.truth))\n\(folder.story)"
        }
        return nil
    }

    private static func judge(_ folder: AdversaryFolder, _ ledger: Ledger, _ error: HearthError?) -> String? {
        let held = ledger.records.mapValues { $0.map { $0 ?? "NULL" } }
        let versions = folder.versions
        // Whatever happens, what is held was true once.
        for (key, fields) in held where versions[key]?.contains(fields) != true {
            return "\(fields) was never true of \(key)"
        }
        if let error {
            if error.place == nil || error.advice == nil { return "the error lacks a place or an advice" }
            return error.code.area == "source" || error.code.name == "run.massVanish"
                ? nil : "the code is \(error.code)"
        }
        if let failing = folder.days.first(where: { $0.fate == .fails }) {
            return "success in spite of \(failing.deeds)"
        }
        let told = ledger.everyDefect.map { String(decoding: $0.raw, as: UTF8.self) }
        let wrong = Set(held.keys).union(folder.visible.keys).filter { held[$0] != folder.visible[$0] }
        let untold = wrong.filter { key in !told.contains { $0.contains(key) } }
        return untold.isEmpty
            ? nil : "success with \(difference(held.filter { untold.contains($0.key) }, folder.visible))"
    }

    private static func difference(_ held: [String: [String]], _ truth: [String: [String]]) -> String {
        Set(held.keys).union(truth.keys).filter { held[$0] != truth[$0] }.sorted().prefix(3).map {
            "\($0): \(held[$0] ?? []) instead of \(truth[$0] ?? [])"
        }.joined(separator: ", ")
    }

    /// The judge can say no: a ledger that forgets a record, or keeps a wrong one, is found out.
    @Test func theJudgeFindsWhatIsMissing() throws {
        let box = try DropBox()
        var folder = AdversaryFolder(seed: 1, box: box)
        try folder.heal()
        let ledger = Ledger(folder.stream)
        #expect(ledger.sync() == nil && Self.judge(folder, ledger, nil) == nil)
        let key = try #require(ledger.records.keys.sorted().first)
        let fields = ledger.records[key]
        ledger.records[key] = nil
        #expect(Self.judge(folder, ledger, nil)?.hasPrefix("success with") == true)
        ledger.records[key] = fields?.map { $0.map { $0 + "?" } }
        #expect(Self.judge(folder, ledger, nil)?.contains("was never true") == true)
    }
}
