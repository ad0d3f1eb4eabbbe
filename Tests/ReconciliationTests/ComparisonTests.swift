import Foundation
import HearthTesting
import HeatModel
import Testing

@testable import Reconciliation

@Suite struct ComparisonTests {
    private func compare(_ before: [Row], _ after: [Row], mark: Bool = false) throws -> (
        counts: Comparison.Counts, told: [Comparison.Difference]
    ) {
        try withFolder { folder in
            try write(before, to: folder + "/findings.csv")
            try FileManager.default.createDirectory(atPath: folder + "/later", withIntermediateDirectories: true)
            try write(after, to: folder + "/later/findings.csv", mark: mark)
            var told: [Comparison.Difference] = []
            let counts = try Comparison.run(folder, folder + "/later/findings.csv") { told.append($0) }
            return (counts, told)
        }
    }

    @Test func eachKindIsTold() throws {
        let before = [
            Row(account: "", subject: "billing.charges", money: 0), Row(account: "00000001", money: 100),
            Row(account: "00000002", money: 200), Row(account: "00000003", money: -300),
        ]
        var after = before
        after.remove(at: 1)
        after[1].money = 250
        after[1].found = "=2"
        after.insert(Row(account: "00000002", season: "2026-2027", money: 7), at: 2)
        let (counts, told) = try compare(before, after)
        #expect(told.map(\.kind) == [.resolved, .changed, .new])
        #expect(told[0].account == "00000001" && told[0].before == Fen(100) && told[0].after == nil)
        #expect(
            told[1].changes == [
                .init(field: "money_fen", from: "200", to: "250"), .init(field: "found", from: "1", to: "'=2"),
            ])
        #expect(told[2].season == "2026-2027" && told[2].after == Fen(7))
        #expect(counts.persisting.findings == 2 && counts.persisting.money == Fen(-300))
        #expect(counts.persisting.absolute == Fen(300))
        #expect(counts.new.money == Fen(7) && counts.resolved.money == Fen(100) && counts.changed.money == Fen(250))
        #expect(counts.moneyChange == Fen(7 - 100 + 50) && !counts.isSame)
        #expect(told[1].csvLines.contains(",200,250,money_fen,200,250,") && told[1].csvLines.contains(",found,1,"))
    }

    @Test func theSameIsTheSame() throws {
        let rows = (0..<50).map { Row(account: String(10_000_000 + $0)) }
        #expect(try compare(rows, rows).counts.isSame)
        #expect(try compare(rows, rows, mark: true).counts.isSame)
        #expect(try compare([], []).counts.isSame)
        #expect(try compare([], rows).counts.new.findings == 50)
        #expect(try compare(rows, []).counts.resolved.findings == 50)
    }

    /// Against sets: any two sorted files, with subjects that need quotes and marks.
    @Test(arguments: 1...8) func asSetsHaveIt(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let subjects = ["", "a", "b,c", "=x", "\"q\"", "甲\n乙", "+1", "'y"]
        func rows() -> [String: Row] {
            var all: [String: Row] = [:]
            for _ in 0..<200 {
                let row = Row(
                    account: String(1000 + Int.random(in: 0..<20, using: &random)),
                    season: ["", "2025-2026"].randomElement(using: &random)!,
                    subject: subjects.randomElement(using: &random)!, money: Int64.random(in: -5...5, using: &random))
                all["\(row.account)\u{1F}\(row.rule)\u{1F}\(row.season)\u{1F}\(row.subject)"] = row
            }
            return all
        }
        func sorted(_ rows: [String: Row]) -> [Row] {
            rows.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { rows[$0]! }
        }
        let (one, other) = (rows(), rows())
        let (counts, told) = try compare(sorted(one), sorted(other))
        let common = Set(one.keys).intersection(other.keys)
        #expect(Int(counts.new.findings) == other.count - common.count)
        #expect(Int(counts.resolved.findings) == one.count - common.count)
        #expect(Int(counts.changed.findings) == common.count { one[$0]!.money != other[$0]!.money })
        #expect(Int(counts.persisting.findings) == common.count { one[$0]!.money == other[$0]!.money })
        #expect(told.count == Int(counts.new.findings + counts.resolved.findings + counts.changed.findings))
        let change = other.values.reduce(0) { $0 + $1.money } - one.values.reduce(0) { $0 + $1.money }
        #expect(counts.moneyChange == Fen(change))
    }

    @Test func whatIsNoOutputIsRefused() throws {
        try withFolder { folder in
            let good = folder + "/good.csv"
            try write([Row(account: "1"), Row(account: "2")], to: good)
            let text = try String(contentsOfFile: good, encoding: .utf8)
            let header = String(text.prefix { $0 != "\r\n" }) + "\r\n"
            let broken = [
                "empty": "", "other": "a,b\r\n1,2\r\n",
                "unsorted": header + Row(account: "2").line + Row(account: "1").line,
                "twice": header + Row().line + Row().line, "short": header + "a,b,c\r\n",
                "cut": String(text.dropLast(30)) + "\"", "money": header + Row().line.replacing(",100,", with: ",1x0,"),
            ]
            for (name, text) in broken {
                try write(text, to: folder + "/\(name).csv")
                let error = #expect(throws: HearthError.self, "\(name)") {
                    _ = try Comparison.run(folder + "/\(name).csv", good) { _ in }
                }
                #expect(error?.code.area == "usage", "\(name)")
            }
            #expect(throws: HearthError.self) { _ = try Comparison.run(folder + "/none.csv", good) { _ in } }
            #expect(throws: HearthError.self) { _ = try Comparison.run(folder, good) { _ in } }
        }
    }
}
