import Actions
import Answers
import ArgumentParser
import ConfigurationFiles
import Explanation
import Foundation
import HeatModel
import Notices
import Requests
import SQLiteStore
import Setup
import Store
import Sync

/// What customers are told: what would go, what went, what did not and why.
struct NoticesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notices",
        abstract: "What customers are told, by the rules of Config/notices.yaml, and what not and why.",
        discussion: """
            A notice is planned, put off (deferred), in the outbox (queued), sending, sent, unknown (asked about before anything is sent
            again) or notSent, with its reason. Whether there is still reason to tell it is asked again at the moment of sending.

            EXAMPLES
              hearth notices plan --on 2026-12-28
              hearth notices list --state notSent --rule arrears-3
              hearth notices show 17
              hearth notices simulate --season 2026-2027
              hearth notices run --drain
            """,
        subcommands: [
            PlanDay.self, List.self, Show.self, Retry.self, Drop.self, Run.self, Simulate.self, OptOut.self,
        ], defaultSubcommand: List.self)

    struct PlanDay: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "plan",
            abstract: "What would be told on a day, through which channel, and what would not and why.",
            discussion: """
                Nothing is kept, and nothing is sent. What is due that day is asked as of that day, with what is known now.

                EXAMPLES
                  hearth notices plan --on 2026-12-28
                  hearth notices plan --on 2026-12-28 --json
                """)

        @OptionGroup var options: CommonOptions
        @Option(help: "The day, as 2026-12-28; today without it.") var on: String?

        func validate() throws {
            if let on, CivilDate(on) == nil { throw ValidationError("--on must be a day, as 2026-12-28") }
        }

        private struct Line: Encodable {
            var account: String
            var rule: String
            var about: String
            var at: String?
            var channel: String?
            var segments: Int?
            var reason: String?
            var text: String?
        }

        func run() throws {
            let site = try NoticeSite(options)
            let desk = try site.desk(channels: [])
            let day = on.flatMap { CivilDate($0) } ?? site.clock.now.local.date
            var (told, lines) = (0, [Line]())
            try desk.preview(on: day) { preview in
                if preview.at != nil { told += 1 }
                lines.append(
                    Line(
                        account: preview.notice.account, rule: preview.notice.rule, about: preview.notice.occasion,
                        at: preview.at.map { "\(site.clock.local($0.microseconds))" }, channel: preview.channel,
                        segments: preview.segments, reason: preview.reason, text: preview.text))
                return true
            }
            if options.json { return try JSONOutput.print(lines) }
            Terminal.table(
                ["account", "rule", "at", "channel", "#segments", "why", "text"],
                lines.map {
                    [
                        $0.account, $0.rule, $0.at ?? "not told", $0.channel ?? "–", $0.segments.map { "\($0)" } ?? "–",
                        $0.reason ?? "", $0.text ?? "",
                    ]
                })
            Terminal.say("\(day): \(told) would be told, \(lines.count - told) would not")
            if !desk.rules.sends { Terminal.note("nothing is sent: notices.yaml says send: false\n") }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Notices, the newest first.",
            discussion: """
                EXAMPLES
                  hearth notices list
                  hearth notices list --state unknown --state deferred
                  hearth notices list --account 00012345 --json
                """)

        @OptionGroup var options: CommonOptions
        @Option(help: "\(NoticeState.allCases.map(\.rawValue).joined(separator: ", ")); may stand several times.")
        var state: [String] = []
        @Option(help: "Only of this rule.") var rule: String?
        @Option(help: "Only of this account.") var account: String?
        @Option(help: "How many.") var limit = 100
        @Option(help: "Only notices before this number.") var before: Int64?

        func validate() throws {
            if !(1...1_000_000).contains(limit) { throw ValidationError("--limit must be 1 to 1000000") }
            for state in state where NoticeState(rawValue: state) == nil {
                throw ValidationError(
                    "--state must be one of \(NoticeState.allCases.map(\.rawValue).joined(separator: ", "))")
            }
        }

        func run() throws {
            let site = try NoticeSite(options)
            let filter = NoticeFilter(
                states: Set(state.compactMap { NoticeState(rawValue: $0) }), rule: rule, account: account)
            let found = try site.store.read {
                try $0.notices(filter, before: before.map { NoticeID($0) }, limit: limit)
            }
            let documents = found.map { NoticeDocument($0, attempts: nil, site) }
            if options.json { return try JSONOutput.print(documents) }
            if documents.isEmpty { return Terminal.say("no notice") }
            Terminal.table(
                ["#id", "state", "rule", "account", "about", "not before", "channel", "why"],
                documents.map {
                    [
                        "\($0.id)", $0.waitsForPerson ? "\($0.state) (waits for a person)" : $0.state, $0.rule,
                        $0.account,
                        $0.about, $0.notBefore, $0.channel ?? "–", $0.reason ?? "",
                    ]
                })
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One notice: what is told, every attempt, what became of it.",
            discussion: "EXAMPLES\n  hearth notices show 17\n  hearth notices show 17 --json")

        @OptionGroup var options: CommonOptions
        @Argument(help: "Its number.") var id: Int64

        func run() throws {
            let site = try NoticeSite(options)
            try NoticeDocument.show(NoticeID(id), site, asJSON: options.json)
        }
    }

    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Has a notice that is in the outbox tried again at once, also one that waits for a person.",
            discussion: """
                What may have been sent is asked about first, and whether there is still reason to send it, as ever.

                EXAMPLE
                  hearth notices retry 17
                """)

        @OptionGroup var options: CommonOptions
        @Argument(help: "Its number.") var id: Int64

        func run() throws {
            let site = try NoticeSite(options)
            _ = try site.desk(channels: []).retry(NoticeID(id), by: LocalAccess.user)
            try NoticeDocument.show(NoticeID(id), site, asJSON: options.json)
        }
    }

    struct Drop: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives up a notice that was not sent.",
            discussion: """
                EXAMPLE
                  hearth notices drop 17 --reason 'told by phone'
                """)

        @OptionGroup var options: CommonOptions
        @Argument(help: "Its number.") var id: Int64
        @Option(help: "Why; it stands with the notice.") var reason: String

        func validate() throws {
            if reason.isEmpty || reason.count > 200 { throw ValidationError("--reason must be 1 to 200 characters") }
        }

        func run() throws {
            let site = try NoticeSite(options)
            _ = try site.desk(channels: []).drop(NoticeID(id), by: LocalAccess.user, reason: reason)
            try NoticeDocument.show(NoticeID(id), site, asJSON: options.json)
        }
    }

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Plans, and sends what is due, until Ctrl-C.",
            discussion: """
                `hearth serve` does the same beside its answers; any number may run on one store. With --drain it ends once nothing that
                is due is left; what waits for its time, or for a person, stays.

                EXAMPLES
                  hearth notices run
                  hearth notices run --drain
                """)

        @OptionGroup var options: CommonOptions
        @Flag(help: "End once nothing that is due is left.") var drain = false
        @Option(help: "How many are sent beside each other.") var atOnce = 4

        func validate() throws { if !(1...64).contains(atOnce) { throw ValidationError("--at-once must be 1 to 64") } }

        func run() throws {
            Interrupt.catchSignals()
            let site = try NoticeSite(options)
            let desk = try site.desk(channels: site.channels())
            let runner = NoticeRunner(desk, atOnce: atOnce) { error in
                Terminal.complain((error as? HearthError)?.commandLineText ?? "\(error)")
            }
            runner.run(drains: drain) { Interrupt.flag.isSet }
            if !desk.rules.sends { Terminal.note("nothing is sent: notices.yaml says send: false\n") }
        }
    }

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
            try site.store.copy(to: path)
            let time = SimulatedTime(site.clock.instant(first, minute: 0).microseconds)
            let copy = try SQLiteStore(path: path, clock: { time.now })
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

    struct OptOut: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "opt-out", abstract: "Keeps that a customer wants no notices (退订), of one kind or of all.",
            discussion: """
                It counts for every phone of the account. --wanted takes it back.

                EXAMPLES
                  hearth notices opt-out 00012345 --key desk-2026-12-01-17
                  hearth notices opt-out 00012345 --about arrears --wanted --key desk-2026-12-01-18
                """)

        @OptionGroup var options: CommonOptions
        @Argument(help: "Account number.") var number: String
        @Option(help: "\(NoticeWish.subjects.joined(separator: ", ")).") var about = "all"
        @Flag(help: "They are wanted.") var wanted = false
        @Option(help: "The idempotency key: made once for what is wanted, the same for each repeat.") var key: String

        func run() throws {
            let arguments: Arguments = [
                "number": .text(number), "about": .text(about), "wanted": .flag(wanted), "idempotency_key": .text(key),
            ]
            let document = try LocalQuestions(options).ask(.noticeWish, arguments)
            if options.json { Terminal.say(document) } else { Terminal.say(document.text) }
        }
    }
}

/// The configuration, its rules of notices, and the store.
struct NoticeSite {
    let configuration: HearthConfiguration
    let rules: NoticeRules
    let store: SQLiteStore
    let clock: CompanyClock
    private let workspace: Workspace

    /// - Throws: `config.missing` where there are no rules.
    init(_ options: CommonOptions) throws {
        let (workspace, store) = try options.servingWorkspace(ofStore: true)
        self.workspace = workspace
        self.store = store
        configuration = workspace.configuration
        guard let rules = try NoticeRules.loadIfAny(besides: configuration.path) else {
            throw HearthError(
                .configMissing, "there are no rules of notices",
                at: .file(NoticeRules.path(besides: configuration.path), line: 0, column: 0),
                advice: "`hearth init` writes one into an empty folder: take it over from there")
        }
        self.rules = rules
        clock = CompanyClock(zone: configuration.timeZone)
    }

    func money() throws -> MoneyAnswers { try workspace.moneyAnswers() }

    func channels() throws -> [ActionSystem] { try NoticeRules.channels(of: configuration) }

    func desk(channels: [ActionSystem]) throws -> NoticeDesk {
        NoticeDesk(rules: rules, channels: channels, store: store, money: try money(), clock: clock)
    }
}

extension NoticeRules {
    /// The channels beside a configuration, with what they keep outside of the file.
    static func channels(of configuration: HearthConfiguration) throws -> [ActionSystem] {
        try channels(path: path(besides: configuration.path)) { $0.withOutsideValues(of: $1, $2) }
    }
}

/// A notice as it is shown: without its phone.
private struct NoticeDocument: Encodable {
    var id: Int64
    var rule: String
    var account: String
    var about: String
    var state: String
    var waitsForPerson: Bool
    var notBefore: String
    var expiresAt: String
    var plannedAt: String
    var changedAt: String
    var channel: String?
    var action: Int64?
    var reason: String?
    var text: String?
    var segments: Int?
    var attempts: [Attempt]?

    struct Attempt: Encodable {
        var number: Int64
        var kind: String
        var begunAt: String
        var endedAt: String?
        var result: String?
        var detail: String?
    }

    init(_ notice: StoredNotice, attempts: [ActionAttempt]?, _ site: NoticeSite) {
        func stamp(_ instant: Instant) -> String { "\(site.clock.local(instant.microseconds))" }
        id = notice.id.number
        rule = notice.notice.rule
        account = notice.notice.account
        about = notice.notice.occasion
        state = notice.state.rawValue
        waitsForPerson = notice.action?.isDead ?? false
        notBefore = stamp(notice.notice.notBefore)
        expiresAt = stamp(notice.notice.expiresAt)
        plannedAt = stamp(notice.plannedAt)
        changedAt = stamp(notice.changedAt)
        channel = notice.action.map { String($0.request.system.split(separator: "/").last ?? "") }
        action = notice.action?.id.number
        reason = notice.reason ?? notice.action?.message
        text = notice.telling?.text
        segments = notice.telling?.segments
        self.attempts = attempts?.map {
            Attempt(
                number: $0.number, kind: $0.kind.rawValue, begunAt: stamp($0.begunAt),
                endedAt: $0.endedAt.map(stamp), result: $0.result, detail: $0.detail)
        }
    }

    /// - Throws: `usage.unknownEntry` where there is none.
    static func show(_ id: NoticeID, _ site: NoticeSite, asJSON: Bool) throws {
        let found = try site.store.read { store in
            try store.notice(id).map { notice in
                (notice, try notice.action.map { try store.attempts(of: $0.id) } ?? [])
            }
        }
        guard let (notice, attempts) = found else {
            throw HearthError(
                .usageUnknownEntry, "there is no notice \(id)", at: .address("store"),
                advice: "`hearth notices list` shows them")
        }
        let document = NoticeDocument(notice, attempts: attempts, site)
        if asJSON { return try JSONOutput.print(document) }
        Terminal.say(
            "notice \(document.id)  \(document.state)\(document.waitsForPerson ? " (waits for a person)" : "")")
        Terminal.say("  \(document.rule) of account \(document.account), about \(document.about)")
        Terminal.say("  planned \(document.plannedAt), \(document.state) since \(document.changedAt)")
        Terminal.say("  not before \(document.notBefore), worth nothing from \(document.expiresAt) on")
        if let channel = document.channel, let action = document.action {
            Terminal.say("  through \(channel), action \(action)")
        }
        if let reason = document.reason { Terminal.say("  \(reason)") }
        if let text = document.text, let segments = document.segments {
            Terminal.say("  \(text) (\(segments) messages)")
        }
        Terminal.table(
            ["  #no", "kind", "begun", "ended", "result", "detail"],
            (document.attempts ?? []).map {
                ["  \($0.number)", $0.kind, $0.begunAt, $0.endedAt ?? "–", $0.result ?? "–", $0.detail ?? ""]
            })
    }
}
