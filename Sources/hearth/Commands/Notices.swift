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
        @OptionGroup var why: DropReason

        func run() throws {
            let site = try NoticeSite(options)
            _ = try site.desk(channels: []).drop(NoticeID(id), by: LocalAccess.user, reason: why.reason)
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
            let site = try NoticeSite(options, patience: drain ? .bounded : .untilStopped)
            let desk = try site.desk(channels: site.channels())
            let runner = NoticeRunner(desk, atOnce: atOnce) { error in
                Terminal.complain((error as? HearthError)?.commandLineText ?? "\(error)")
            }
            runner.run(drains: drain) { Interrupt.flag.isSet }
            if !desk.rules.sends { Terminal.note("nothing is sent: notices.yaml says send: false\n") }
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
        @Option(help: KeyHelp.text) var key: String

        func run() throws {
            let arguments: Arguments = [
                "number": .text(number), "about": .text(about), "wanted": .flag(wanted), "idempotency_key": .text(key),
            ]
            let document = try LocalQuestions(options).ask(.noticeWish, arguments)
            if options.json { Terminal.say(document) } else { Terminal.say(document.text) }
        }
    }
}
