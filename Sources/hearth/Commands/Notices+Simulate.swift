import ArgumentParser
import Foundation
import HeatModel
import Notices
import PostgresStore
import SQLiteStore
import Setup
import Store
import StoreCopy
import Sync

extension NoticesCommand {
    struct Simulate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Goes through a season hour by hour: what would be told on which day, and what not and why.",
            discussion: """
                It works on a copy of the store that is removed afterwards, through channels that send nothing. Payments and outages count
                from their own times on. What was told before counts as told. Rules of kind progress are left out: the store knows where
                orders stand now.

                EXAMPLES
                  hearth notices simulate --season 2026-2027
                  hearth notices simulate --season 2026-2027 --rule arrears-3 --rule arrears-0
                  hearth notices simulate --from 2026-12-20 --to 2027-01-05 --json
                """)

        @OptionGroup var options: CommonOptions
        @Option(help: "From 1 October to 30 April, as 2026-2027.") var season: String?
        @Option(help: "The first day, as 2026-12-20.") var from: String?
        @Option(help: "The last day.") var to: String?
        @Option(help: "Only this rule; may stand several times.") var rule: [String] = []

        private func days() throws -> (CivilDate, CivilDate) {
            if let season {
                let years = season.split(separator: "-")
                guard let first = years.first.flatMap({ Int($0) }), season == "\(first)-\(first + 1)",
                    let begin = CivilDate(year: first, month: 10, day: 1),
                    let end = CivilDate(year: first + 1, month: 4, day: 30)
                else { throw ValidationError("--season must be two years that follow each other, as 2026-2027") }
                return (from.flatMap { CivilDate($0) } ?? begin, to.flatMap { CivilDate($0) } ?? end)
            }
            guard let from, let to else { throw ValidationError("name --season, or --from and --to") }
            guard let first = CivilDate(from), let last = CivilDate(to), first <= last else {
                throw ValidationError("--from and --to must be days, the first not after the last")
            }
            return (first, last)
        }

        func validate() throws {
            for text in [from, to].compactMap(\.self) where CivilDate(text) == nil {
                throw ValidationError("--from and --to must be days, as 2026-12-20")
            }
            _ = try days()
        }

        private struct Document: Encodable {
            struct Day: Encodable {
                var day: String
                var told: [String: Int]
                var segments: Int
            }
            var from: String
            var to: String
            var told: [String: Int]
            var notTold: [String: [String: Int]]
            var segments: Int
            var mostPerPersonAndDay: Int
            var inQuietHours: Int
            var notEnded: Int
            var leftOut: [String]
            var days: [Day]
        }

        /// A copy of the store in a file, under a clock of its own.
        private static func copy(of store: any Store, at path: String, _ time: SimulatedTime) throws -> SQLiteStore {
            if let file = store as? SQLiteStore { try file.copy(to: path) }
            let copy = try SQLiteStore(path: path, clock: { time.now })
            if let server = store as? PostgresStore {
                _ = try StoreCopy(from: server, to: copy).run(isCancelled: { Interrupt.flag.isSet })
            }
            return copy
        }

        func run() throws {
            Interrupt.catchSignals()
            let site = try NoticeSite(options)
            let (first, last) = try days()
            for name in rule where site.rules.rule(name) == nil {
                throw HearthError(
                    .usageUnknownEntry, "there is no rule \"\(name)\"", at: .address("--rule"),
                    advice: NearestName.advice(name, among: site.rules.rules.map(\.name)))
            }
            var rules = site.rules
            if !rule.isEmpty { rules.rules.removeAll { !rule.contains($0.name) } }
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-\(UUID().uuidString)")
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            defer { try? FileManager.default.removeItem(at: folder) }
            let path = folder.appendingPathComponent("simulated.db").path
            let time = SimulatedTime(site.clock.instant(first, minute: 0).microseconds)
            let copy = try Self.copy(of: site.store, at: path, time)
            let report = try NoticeSimulation.run(
                rules: rules, copy: copy, time: time, money: site.money(), zone: site.configuration.timeZone,
                from: first, to: last
            ) { day in
                if Terminal.isInteractive {
                    Terminal.note("\r\u{1B}[2K\(day.day): \(day.told.values.reduce(0, +)) told")
                }
                return !Interrupt.flag.isSet
            }
            if Terminal.isInteractive { Terminal.note("\r\u{1B}[2K") }
            if options.json {
                return try JSONOutput.print(
                    Document(
                        from: "\(first)", to: "\(last)", told: report.told, notTold: report.notTold,
                        segments: report.segments, mostPerPersonAndDay: report.mostPerDay,
                        inQuietHours: report.inQuietHours, notEnded: report.open, leftOut: report.leftOut,
                        days: report.days.map { .init(day: "\($0.day)", told: $0.told, segments: $0.segments) }))
            }
            let names = rules.rules.map(\.name).filter { !report.leftOut.contains($0) }
            Terminal.table(
                ["day"] + names.map { "#" + $0 } + ["#segments"],
                report.days.map { day in
                    ["\(day.day)"] + names.map { day.told[$0].map { "\($0)" } ?? "–" } + ["\(day.segments)"]
                })
            for (rule, reasons) in report.notTold.sorted(by: { $0.key < $1.key }) {
                for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) {
                    Terminal.say("\(rule): \(count) not told: \(reason)")
                }
            }
            let told = report.told.values.reduce(0, +)
            Terminal.say(
                "\(told) told in \(report.segments) messages, at most \(report.mostPerDay) to one person a day, \(report.inQuietHours) in quiet hours, \(report.open) not ended"
            )
            if !report.leftOut.isEmpty { Terminal.note("left out: \(report.leftOut.joined(separator: ", "))\n") }
        }
    }
}
