import ArgumentParser
import Explanation
import Foundation
import HeatModel
import Store
import Sync

struct Money: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answers about an account's money: what is due, why it rose, refunds, payments, suspension.",
        discussion: """
            EXAMPLES
              hearth money due 00012345 --on 2026-01-20
              hearth money rise 00012345
              hearth money refund 00012345 --rooms 45.0
              hearth money receipt 00012345
              hearth money suspension 00012345 --on 2026-09-15
            """, subcommands: [Due.self, Rise.self, RefundForCold.self, Receipts.self, Suspend.self])

    struct Options: ParsableArguments {
        @OptionGroup var common: CommonOptions
        @OptionGroup var wording: WordingOptions
        @Argument(help: "Account number (户号), leading zeros included.") var number: String
        @Argument(help: "Heating season (2025-2026); the latest one concerned if none is named.") var season: String?
        @Option(name: .customLong("on"), help: "The day that the answer is of (2026-01-20); today if none is named.")
        var day: String?

        /// Asks, and tells the answer in the form that is wanted.
        func answer<Answer: SpokenAnswer>(
            _ command: String, _ ask: (AnswerDesk, any StoreReader, String, CivilDate) throws -> Answer
        ) throws {
            let workspace = try common.workspace(ofStore: true)
            let desk = try workspace.answerDesk()
            let day = try day.map { try AnswerDay.parse($0) } ?? workspace.instant(of: nil).local.date
            let answer = try Lookup(workspace: workspace, command: "money \(command)").account(number) {
                (try workspace.store.read { try ask(desk, $0, AccountLookup.folded(number), day) }, [])
            }
            if common.json {
                return Terminal.say(String(decoding: answer.json(in: desk.wordings()), as: UTF8.self))
            }
            try Terminal.say(wording.text { desk.wordings[$0].map { answer.text($0) } })
        }
    }

    struct Due: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What must be paid on a day, late fee included.",
            discussion: "EXAMPLES\n  hearth money due 00012345 --on 2026-01-20")
        @OptionGroup var options: Options

        func run() throws {
            try options.answer("due") {
                try $0.amountDue(of: $2, season: options.season, on: $3, in: $1)
            }
        }
    }

    struct Rise: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Why the bill is another than the season before.",
            discussion: "EXAMPLES\n  hearth money rise 00012345")
        @OptionGroup var options: Options

        func run() throws {
            try options.answer("rise") {
                try $0.explanation(
                    of: $2, season: options.season, versus: .previous, today: $3, now: .now, in: $1)
            }
        }
    }

    struct RefundForCold: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "refund", abstract: "What is given back for cold rooms.",
            discussion: "EXAMPLES\n  hearth money refund 00012345\n  hearth money refund 00012345 --rooms 45.0")
        @OptionGroup var options: Options
        @Option(help: "Area of the bedrooms and living rooms that were too cold, ㎡.") var rooms: String?

        func run() throws {
            let area = try rooms.map { text in
                guard let area = ExactDecimal(text), area.units >= 0 else {
                    throw HearthError(.init("usage.badArea"), "\"\(text)\" is not an area", advice: "write it as 45.0")
                }
                return area
            }
            try options.answer("refund") {
                try $0.refund(of: $2, season: options.season, rooms: area, today: $3, now: .now, in: $1)
            }
        }
    }

    struct Receipts: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "receipt", abstract: "Where payments stand: waiting for the bank's file, posted, taken back.",
            discussion: "EXAMPLES\n  hearth money receipt 00012345")
        @OptionGroup var options: Options

        func run() throws {
            try options.answer("receipt") { desk, store, number, _ in
                try desk.receipts(of: number, season: options.season, in: store)
            }
        }
    }

    struct Suspend: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "suspension",
            abstract: "What suspending supply costs, by when to ask for it, and which documents to bring.",
            discussion: "EXAMPLES\n  hearth money suspension 00012345 --on 2026-09-15")
        @OptionGroup var options: Options

        func run() throws {
            try options.answer("suspension") {
                try $0.suspension(of: $2, season: options.season, requestedOn: $3, in: $1)
            }
        }
    }
}
