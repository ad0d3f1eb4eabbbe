import Answers
import ArgumentParser
import Disclosure
import Foundation
import HeatModel
import Mapping
import Records
import Setup
import Store
import Sync

struct Quarantine: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Records that could not be taken over: look at them, try them again, put them aside.",
        discussion: """
            EXAMPLES
              hearth quarantine list billing.charges
              hearth quarantine show 17
              hearth quarantine replay --stream billing.charges
              hearth quarantine choose 17 00012345 --reason 'asked by telephone'
              hearth quarantine discard 17 --note 'test account'
            """,
        subcommands: [List.self, Show.self, Replay.self, Choose.self, Discard.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The entries, oldest first.",
            discussion: "EXAMPLE\n  hearth quarantine list billing.charges --code match.unknownAccount")

        @OptionGroup var options: CommonOptions
        @Argument(help: "Only this stream.") var stream: String?
        @Option(help: "Only this code.") var code: String?
        @Option(help: "open, replayed, resolved, discarded or all.") var state = "open"
        @Option(help: "How many; without it 100, and all of them with --json.") var limit: Int?
        @Option(help: "Only entries after this number.") var after: Int64?

        func validate() throws {
            if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
            if state != "all", QuarantineState(rawValue: state) == nil {
                throw ValidationError(
                    "--state must be one of \(QuarantineState.allCases.map(\.rawValue).joined(separator: ", ")), all")
            }
        }

        func run() throws {
            let questions = try LocalQuestions(options)
            let pages = Pages(list: self, questions: questions)
            if options.json {
                let page = try pages.page(after: after, limit: limit ?? .max)
                Terminal.say(page.document)
                if let next = page.next {
                    Terminal.note("\(page.records.count) shown; --after \(next) shows the next\n")
                }
                if !page.records.isEmpty { throw ExitCode(1) }
                return
            }
            var shown = 0
            let last = try pages.forEach(after: after, limit: limit ?? 100) { records in
                show(records)
                shown += records.count
            }
            if shown == 0 {
                return Terminal.say("nothing \(state == "all" ? "in quarantine" : "\(state) in quarantine")")
            }
            if let last {
                let more = try pages.count(after: last)
                if more > 0 {
                    Terminal.say(
                        "… \(shown) of \(shown + more) shown; --limit \(shown + more) shows all, --after \(last) the next"
                    )
                }
            }
            throw ExitCode(1)
        }

        /// A page as it comes, so that a long list needs no memory.
        private func show(_ entries: [Entry]) {
            Terminal.table(
                ["#id", "stream", "key", "place", "code", "why"],
                entries.map { ["\($0.id)", $0.stream, $0.key ?? "–", $0.place, $0.code, Self.why($0)] })
        }

        /// With the first account numbers of those that the record could belong to.
        private static func why(_ entry: Entry) -> String {
            if entry.candidates.isEmpty { return entry.message }
            let others = entry.candidates.count > 5 ? " and \(entry.candidates.count - 5) more" : ""
            return "\(entry.message): could be \(entry.candidates.prefix(5).joined(separator: ", "))\(others)"
        }

        /// What is shown of the document.
        private struct Entry: Decodable {
            var id: Int64
            var stream: String
            var key: String?
            var place: String
            var code: String
            var message: String
            var candidates: [String]
        }

        /// The list's entries, a page at a time.
        private struct Pages {
            let list: List
            let questions: LocalQuestions

            func page(after: Int64?, limit: Int) throws -> (document: AnswerDocument, records: [Entry], next: Int64?) {
                struct Page: Decodable {
                    var records: [Entry]
                    var next: Int64?
                }
                let document = try questions.ask(
                    .quarantine(
                        stream: list.stream, code: list.code, state: QuarantineState(rawValue: list.state),
                        after: after, limit: limit))
                let page = try document.decoded(as: Page.self)
                return (document, page.records, page.next)
            }

            /// - Returns: the last entry handed over, where there are more after it.
            func forEach(after: Int64?, limit: Int, _ body: ([Entry]) throws -> Void) throws -> Int64? {
                var after = after
                var left = limit
                while left > 0 {
                    let page = try page(after: after, limit: min(left, 1000))
                    if !page.records.isEmpty { try body(page.records) }
                    guard let next = page.next else { return nil }
                    after = next
                    left -= page.records.count
                }
                return after
            }

            /// How many entries there are after one. Documents of them would each count all that waits, too.
            func count(after last: Int64) throws -> Int {
                try questions.workspace.store.read { store in
                    let stream = try list.stream.map { try store.existingStream($0).id }
                    var count = 0
                    var after: QuarantineID? = QuarantineID(last)
                    while after != nil {
                        let page = try store.quarantine(
                            stream: stream, state: QuarantineState(rawValue: list.state), code: list.code,
                            after: after, limit: 1000)
                        count += page.count
                        after = page.count < 1000 ? nil : page.last?.id
                    }
                    return count
                }
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One entry with its raw text, column by column.",
            discussion: "EXAMPLE\n  hearth quarantine show 17 --unmask --reason 'mending the mapping'")

        @OptionGroup var options: CommonOptions
        @Argument(help: "Number of the entry.") var id: Int64
        @OptionGroup var disclosure: DisclosureOptions

        func run() throws {
            let document = try LocalQuestions(options, disclosure: disclosure).ask(
                .quarantineEntry, ["id": .integer(Int(id))], detail: "\(id)")
            if options.json { return Terminal.say(document) }
            let entry = try document.decoded(as: Entry.self)
            Terminal.say("entry \(entry.id) of \(entry.stream), \(entry.state)")
            Terminal.say("place    \(entry.place)")
            Terminal.say("why      \(entry.message) [\(entry.code)]")
            if let column = entry.column { Terminal.say("column   \(column)") }
            if let key = entry.key { Terminal.say("key      \(key)") }
            if !entry.candidates.isEmpty { Terminal.say("could be \(entry.candidates.joined(separator: ", "))") }
            Terminal.say("runs     \(entry.firstRun)…\(entry.lastRun)")
            if let note = entry.note { Terminal.say("note     \(note)") }
            Terminal.say("raw")
            if let columns = entry.raw.columns {
                Terminal.table(["  column", "text"], columns.map { ["  " + $0.column, $0.text ?? "NULL"] })
            } else {
                Terminal.say("  " + (entry.raw.text ?? "\(entry.raw.bytes ?? 0) bytes (--unmask shows them)"))
            }
        }

        /// What is shown of the document.
        private struct Entry: Decodable {
            struct Raw: Decodable {
                struct Column: Decodable {
                    var column: String
                    var text: String?
                }
                var columns: [Column]?
                var bytes: Int?
                var text: String?
            }
            var id: Int64
            var stream: String
            var state: String
            var code: String
            var message: String
            var place: String
            var column: String?
            var key: String?
            var candidates: [String]
            var firstRun: Int64
            var lastRun: Int64
            var note: String?
            var raw: Raw
        }
    }

    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tries entries again, after a mapping was mended or accounts have come.",
            discussion:
                """
                EXAMPLES
                  hearth quarantine replay 17 18
                  hearth quarantine replay --stream billing.charges --code record.badDecimal
                """)

        @OptionGroup var options: CommonOptions
        @Argument(help: "Numbers of entries; all open ones if none is named.") var ids: [Int64] = []
        @Option(help: "Only entries of this stream or source.") var stream: String?
        @Option(help: "Only entries that wait for this reason.") var code: String?

        private struct Result: Encodable {
            var replayed: Int64
            var refused: Int64
            var unreadable: Int64
        }

        func run() throws {
            Interrupt.catchSignals()
            let workspace = try options.workspace()
            for id in ids { _ = try workspace.store.read { try $0.existingQuarantine(id) } }
            let result = try workspace.replay(
                stream.map { [$0] } ?? [], ids: ids.map { QuarantineID($0) }, code: code)
            if options.json {
                try JSONOutput.print(
                    Result(replayed: result.replayed, refused: result.refused, unreadable: result.unreadable))
            } else {
                Terminal.say("\(result.replayed) went through, \(result.refused) refused again")
                if result.unreadable > 0 {
                    Terminal.say(
                        "\(result.unreadable) could not be split into columns: only the source can send them again")
                }
            }
            if result.refused + result.unreadable > 0 { throw ExitCode(1) }
        }
    }

    struct Choose: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says which account an entry is of that could be of several, and tries it again.",
            discussion: """
                Of the accounts that the entry could be of (`hearth quarantine show`). Each later reading of the record follows the
                choice, as long as the rules leave that account open. Who chose, what and why stands in the audit chain.

                EXAMPLES
                  hearth quarantine choose 17 00012345 --reason 'asked by telephone'
                  hearth quarantine choose 17 --withdraw --reason 'it was the other household'
                """)

        @OptionGroup var options: CommonOptions
        @Argument(help: "Number of the entry.") var id: Int64
        @Argument(help: "Number of the account.") var account: String?
        @Option(help: "Why; it stands in the audit chain: nothing personal.") var reason: String
        @Flag(help: "Take a choice back: the rules alone decide when the record is next read.") var withdraw = false

        func validate() throws {
            if withdraw == (account != nil) { throw ValidationError("one of an account and --withdraw is needed") }
            if reason.isEmpty || reason.count > MatchDecision.mostReason {
                throw ValidationError("--reason must be 1 to \(MatchDecision.mostReason) characters")
            }
        }

        func run() throws {
            Interrupt.catchSignals()
            let workspace = try options.workspace()
            let entry = QuarantineID(id)
            guard let account else {
                try workspace.store.settledWrite {
                    try MatchDecision.withdraw(of: entry, reason: reason, by: LocalAccess.user, in: $0)
                }
                if options.json { return try JSONOutput.print(["withdrawn": id]) }
                return Terminal.say("the choice on entry \(id) is withdrawn")
            }
            let wentThrough = try workspace.decide(entry, isOf: account, reason: reason, by: LocalAccess.user)
            if options.json {
                try JSONOutput.print(["went_through": wentThrough])
            } else {
                Terminal.say(
                    wentThrough
                        ? "entry \(id) went through: account \(account)"
                        : "the choice is kept, and the entry was refused again: `hearth quarantine show \(id)` says why"
                )
            }
            if !wentThrough { throw ExitCode(1) }
        }
    }

    struct Discard: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts entries aside for good; they stay in the store with your note.",
            discussion: "EXAMPLE\n  hearth quarantine discard 17 --note 'test account'")

        @OptionGroup var options: CommonOptions
        @Argument(help: "Numbers of entries.") var ids: [Int64]
        @Option(help: "Why.") var note: String

        func run() throws {
            let workspace = try options.workspace()
            try workspace.discard(ids, note: note)
            if options.json {
                try JSONOutput.print(["discarded": ids.count])
            } else {
                Terminal.say("\(ids.count) discarded")
            }
        }
    }
}

extension Workspace {
    /// Puts entries of the quarantine aside for good, all or none.
    ///
    /// - Parameter note: why; it stays with them.
    /// - Throws: `usage.unknownEntry` for a number that there is not.
    func discard(_ ids: [Int64], note: String) throws {
        try store.write { store in
            for id in ids {
                let entry = try store.existingQuarantine(id)
                try store.setQuarantineState(entry.id, .discarded, run: nil, note: note)
            }
        }
    }
}

extension StoreReader {
    func existingQuarantine(_ id: Int64) throws -> QuarantinedRecord {
        if let entry = try quarantined(QuarantineID(id)) { return entry }
        throw HearthError(
            .usageUnknownEntry, "there is no quarantine entry \(id)", at: .address("store"),
            advice: "`hearth quarantine list` shows them")
    }
}
