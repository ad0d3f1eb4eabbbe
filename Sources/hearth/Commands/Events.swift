import Answers
import ArgumentParser
import Events
import Foundation
import HeatModel
import JSONText
import Pages
import Store
import Sync

/// What has become true, as it does.
struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "What has become true of accounts and places: the last of it, or all as it comes.",
        discussion: """
            Types: \(EventType.allCases.map(\.rawValue).joined(separator: ", ")); `order` is all of its kind.
            Personal data is masked. With --json an event a line, as a CloudEvent.

            EXAMPLES
              hearth events
              hearth events --account 00012345 --type order
              hearth events --follow --json
              hearth events --after 120-9f3ac2d1 --limit 1000 --json
            """)

    @OptionGroup var options: CommonOptions
    @Option(help: "Only these types, or kinds of them, with commas between them.") var type: String?
    @Option(help: "Only of this account, and of the places that it is in.") var account: String?
    @Option(help: "Those behind this one.") var after: String?
    @Option(help: "How many.") var limit = 20
    @Flag(help: "Go on with those that come, until Ctrl-C.") var follow = false

    func validate() throws {
        if !(1...1000).contains(limit) { throw ValidationError("--limit must be 1 to 1000") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let questions = try LocalQuestions(options, patience: follow ? .untilStopped : .none)
        guard follow else {
            let document = try questions.ask(.events, arguments(after: after ?? start(questions), limit: limit))
            if options.json { return Terminal.say(document) }
            let page = try document.decoded(as: Page.self)
            for event in page.events { Terminal.say(event.line()) }
            if page.events.isEmpty { Terminal.say("no event") }
            return
        }
        var next = after
        if next == nil { next = String(try questions.lastEvent().number) }
        while !Interrupt.flag.isSet {
            do { try show(questions, after: &next) } catch let error as HearthError where error.isOfFailover {
                _ = try PrimaryPatience.untilStopped.reach { try questions.lastEvent() }
            }
        }
    }

    /// Those that have come, where any have.
    private func show(_ questions: LocalQuestions, after next: inout String?) throws {
        // Only what may show something is asked, and written down.
        if let known = next.flatMap({ EventID($0) }), try questions.lastEvent() <= known.position {
            return Thread.sleep(forTimeInterval: 0.05)
        }
        let document = try questions.ask(.events, arguments(after: next, limit: 1000))
        let page = try document.decoded(as: Page.self)
        if options.json {
            document.events { Terminal.say($0) }
        } else {
            for event in page.events { Terminal.say(event.line()) }
        }
        next = page.next
    }

    /// From where on the last ones are shown; of all, where not all are asked for.
    private func start(_ questions: LocalQuestions) throws -> String? {
        if type != nil || account != nil { return nil }
        let (oldest, last) = (try questions.oldestEvent()?.number ?? 1, try questions.lastEvent().number)
        return String(max(last - Int64(limit), oldest - 1))
    }

    private func arguments(after: String?, limit: Int) -> Arguments {
        var arguments: Arguments = ["limit": .integer(limit)]
        arguments["after"] = after.map { .text($0) }
        arguments["type"] = type.map { .text($0) }
        arguments["account"] = account.map { .text($0) }
        return arguments
    }

    /// A page as it is shown to people.
    struct Page: Decodable {
        struct Event: Decodable {
            struct Facts: Decodable {
                var order: String?
                var state: String?
                var technicianDistance: Int64?
                var amount: String?
                var due: String?
                var wasDue: String?
                var season: String?
                var cause: String?
            }

            var type: String
            var subject: String
            var time: String
            var data: Facts

            /// `2026-01-20T10:32:00+08:00  01000045  order.enroute  WX020000123, 1200 m`
            func line(in say: Tongue = .english) -> String {
                let distance = data.technicianDistance.map { say("距用户 \($0) 米", "\($0) m away") }
                let due = data.due.map { due in (data.wasDue.map { "\($0) → " } ?? "") + say("\(due) 元", "\(due) yuan")
                }
                let words = [
                    data.order, distance, data.amount.map { say("\($0) 元", "\($0) yuan") }, due, data.season,
                    data.order == nil ? data.state.map { say.word($0, of: "supply") } : nil, data.cause,
                ].compactMap(\.self)
                let what = say.word(String(type.dropFirst(EventType.prefix.count)), of: "event")
                return "\(time)  \(subject)  \(what)  \(words.joined(separator: ", "))"
            }
        }

        var events: [Event]
        var next: String
    }
}

extension AnswerDocument {
    /// Each event of a page, as its JSON.
    fileprivate func events(_ body: (String) -> Void) {
        json.withUnsafeBytes { bytes in
            guard let list = JSONMembers.value(of: "events", in: bytes) else { return }
            var elements = JSONMembers(list)
            while let (_, element) = elements.next() { body(String(decoding: element, as: UTF8.self)) }
        }
    }
}
