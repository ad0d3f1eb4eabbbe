import Foundation
import HearthTesting
import Store
import Testing

@testable import Reconciliation

@Suite struct SpoolTests {
    /// Through files or in memory: the same findings in the same order.
    @Test(arguments: [3, 64, 10_000]) func anyNumberIsSorted(_ most: Int) throws {
        var random = SeededGenerator(seed: 3)
        let findings = (0..<1000).map { number in
            var finding = Finding(rule: Int.random(in: 0..<3, using: &random))
            finding.account = String(Int.random(in: 0..<90, using: &random))
            finding.subject = "甲\(number)"
            finding.money = Int64.random(in: -9...9, using: &random)
            finding.detail = String(repeating: "d", count: number % 7)
            finding.evidence = [
                .init(stream: 1, key: [UInt8(number % 256), 0x1F]),
                .init(stream: 0, key: [], position: RecordPosition(run: RunID(4), origin: "o", ordinal: 7)),
            ]
            return finding
        }
        try withFolder { folder in
            var spool = FindingSpool(ruleIDs: ["a.a", "b.b", "c.c"], folder: folder, most: most)
            for finding in findings.shuffled(using: &random) { try spool.append(finding) }
            var seen: [Finding] = []
            var last: [UInt8] = []
            try spool.forEach { key, finding in
                #expect(last.lexicographicallyPrecedes(key))
                last = key
                seen.append(finding)
            }
            spool.clear()
            #expect(seen.count == 1000 && Set(seen.map(\.subject)).count == 1000)
            let wanted = Dictionary(uniqueKeysWithValues: findings.map { ($0.subject, $0) })
            for finding in seen {
                let other = wanted[finding.subject]!
                #expect(
                    finding.account == other.account && finding.money == other.money && finding.detail == other.detail)
                #expect(finding.evidence == other.evidence && finding.rule == other.rule)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        }
    }
}
