import Foundation
import HearthTesting
import HeatModel
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Insights

/// A store that is filled with talk by chance.
private final class Talk {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("talk-\(UUID().uuidString)").path
    let store: SQLiteStore
    private let now = Mutex<Int64>(0)
    private var random: SeededGenerator
    static let begin: Int64 = {
        let day = CivilDate(year: 2026, month: 11, day: 1)!
        return (Int64(day.dayNumber) * 86_400 - 8 * 3600) * 1_000_000
    }()
    static let intents = (0..<14).map { "intent.\($0)" } + ["money.due", "triage"]

    init(seed: UInt64) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        random = SeededGenerator(seed: seed)
        let box = Clock()
        clock = box
        store = try SQLiteStore(path: folder + "/hearth.db", clock: { box.now.withLock { $0 } })
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private final class Clock: Sendable { let now = Mutex<Int64>(0) }
    private let clock: Clock

    private func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    /// So many turns over 45 days from some days before the month on.
    func fill(turns: Int) throws {
        var left = turns
        let step = 45 * 86_400_000_000 / Int64(max(1, turns))
        clock.now.withLock { $0 = Self.begin - 4 * 86_400_000_000 }
        while left > 0 {
            try store.write { store in
                for _ in 0..<min(200, left) where left > 0 { left -= try talk(store, step) }
            }
        }
    }

    private func talk(_ store: any StoreWriter, _ step: Int64) throws -> Int {
        let account = chance(80) ? "acc\(Int.random(in: 0..<max(20, 40), using: &random))" : nil
        let made = try store.openConversation(
            account: account, channel: "wechat", language: "zh", isElderly: false, caller: "t")
        let count = Int.random(in: 0...9, using: &random)
        for number in 0..<count {
            clock.now.withLock { $0 += step }
            let isCustomer = number % 2 == 0 || chance(10)
            var turn = Turn(
                number: 0, speaker: isCustomer ? .customer : chance(90) ? .assistant : .human,
                at: made.openedAt,
                words: chance(3) ? "=cmd <b>\(number)" : "第\(Int.random(in: 0..<30, using: &random))问", caller: "t")
            if chance(isCustomer ? 50 : 70) { turn.intent = Self.intents.randomElement(using: &random) }
            if turn.speaker == .assistant, chance(30) { turn.mark = Turn.Mark.allCases.randomElement(using: &random) }
            if isCustomer, chance(4) { turn.mark = .unanswered }
            // Told without being asked.
            if turn.speaker == .assistant, chance(15) { turn.intent = "notice.arrears" }
            _ = try store.addTurn(turn, to: made.id)
        }
        if chance(12) {
            let asked = try store.askHandOff(
                made.id, reason: ["asked", "bill", "complaint"].randomElement(using: &random)!, afterTurn: Int64(count),
                card: [0x7B, 0x7D], caller: "t")
            if chance(70) {
                _ = try store.claimHandOff(asked.id, owner: "a", idleSeconds: 60)
                _ = try store.closeHandOff(asked.id, owner: "a", outcome: "resolved", note: nil)
            }
        }
        for subject in Feedback.Subject.allCases where chance(20) {
            try store.putFeedback(
                Feedback(
                    conversation: made.id, subject: subject,
                    turn: subject == .answer ? Int64.random(in: 1...9, using: &random) : 0,
                    score: chance(80) ? Int64.random(in: 1...5, using: &random) : nil,
                    isSolved: chance(50) ? chance(70) : nil, words: nil, at: made.openedAt, caller: "t"))
        }
        return max(1, count)
    }

    /// The same figures, counted as they are told in the README, one by one, over everything at once.
    func naive() throws -> [String: String] {
        struct Whole {
            var conversation: Conversation
            var turns: [Turn]
            var handOffs: [HandOff]
            var feedback: [Feedback]
            var questions: [(turn: Turn, intent: String)] {
                turns.enumerated().filter { $0.element.speaker == .customer }.map { place, turn in
                    if let intent = turn.intent { return (turn, intent) }
                    let after = turns[(place + 1)...].prefix { $0.speaker != .customer }
                    return (turn, after.first { isAnswer($0) && $0.intent != nil }?.intent ?? "unknown")
                }
            }
            func isAnswer(_ turn: Turn) -> Bool { turn.speaker == .assistant && turn.intent != "notice.arrears" }
        }
        let all = try store.read { store in
            try store.conversations(account: nil, before: nil, limit: 1_000_000).reversed().map {
                Whole(
                    conversation: $0, turns: try store.turns(of: $0.id, after: 0, limit: 10_000),
                    handOffs: try store.handOffs(of: $0.id), feedback: try store.feedback(of: $0.id))
            }
        }
        let end = (Int64(CivilDate(year: 2026, month: 12, day: 1)!.dayNumber) * 86_400 - 8 * 3600) * 1_000_000
        let month = all.filter { (Self.begin..<end).contains($0.conversation.openedAt.microseconds) }
        var figures = [
            "conversations": "\(month.count)", "turns": "\(month.flatMap(\.turns).count)",
            "questions": "\(month.flatMap(\.questions).count)", "hand_offs": "\(month.flatMap(\.handOffs).count)",
        ]
        let byIntent = Dictionary(grouping: month.flatMap(\.questions), by: \.intent).mapValues(\.count)
        figures["top"] = byIntent.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(10)
            .map { "\($0.key) \($0.value)" }.joined(separator: ",")
        let byReason = Dictionary(grouping: month.flatMap(\.handOffs), by: \.reason).mapValues(\.count)
        figures["reasons"] = byReason.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) \($0.value)" }.joined(separator: ",")
        var missed: [String: Int] = [:]
        var unanswered = 0
        for whole in month {
            for (place, turn) in whole.turns.enumerated() where whole.isAnswer(turn) {
                let question = whole.turns[..<place].last { $0.speaker == .customer }
                let ofQuestion = question.flatMap { question in
                    whole.questions.first { $0.turn.number == question.number }?.intent
                }
                let opinion = whole.feedback.first { $0.subject == .answer && $0.turn == turn.number }
                let isBad = opinion.map { $0.isSolved == false || ($0.score ?? 5) <= 2 } ?? false
                if turn.mark == .misunderstood || isBad {
                    missed[turn.intent ?? ofQuestion ?? "unknown", default: 0] += 1
                }
            }
            for (place, turn) in whole.turns.enumerated() where turn.speaker == .customer {
                let after = whole.turns[(place + 1)...].prefix { $0.speaker != .customer }
                if turn.mark == .unanswered
                    || after.contains(where: { whole.isAnswer($0) && $0.mark == .unanswered })
                {
                    unanswered += 1
                }
            }
        }
        figures["missed"] = missed.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(10)
            .map { "\($0.key) \($0.value)" }.joined(separator: ",")
        figures["unanswered"] = "\(unanswered)"
        let scores = month.flatMap(\.feedback).filter { $0.subject == .conversation }.compactMap(\.score)
        figures["scores"] = (1...5).map { score in "\(scores.filter { $0 == score }.count)" }.joined(separator: ",")
        if !scores.isEmpty {
            // Hundredths, halves up: whole numbers alone.
            let hundredths = (scores.reduce(0, +) * 200 + Int64(scores.count)) / (2 * Int64(scores.count))
            figures["mean"] = "\(hundredths / 100)." + String(String(100 + hundredths % 100).dropFirst())
        }
        let contacts = month.filter { !$0.questions.isEmpty }
        let resolved = contacts.filter { whole in
            if !whole.handOffs.isEmpty || whole.feedback.contains(where: { $0.isSolved == false }) { return false }
            guard let account = whole.conversation.account else { return true }
            let intents = Set(whole.questions.map(\.intent)).subtracting(["unknown"])
            let opened = whole.conversation.openedAt.microseconds
            return !all.contains { other in
                other.conversation.id > whole.conversation.id && other.conversation.account == account
                    && other.conversation.openedAt.microseconds <= opened + 7 * 86_400_000_000
                    && other.conversation.openedAt.microseconds < end + 7 * 86_400_000_000
                    && !intents.isDisjoint(with: other.questions.map(\.intent))
            }
        }
        figures["contacts"] = "\(contacts.count) \(resolved.count)"
        return figures
    }
}

@Suite struct MonthTests {
    private static let month = ReportMonth("2026-11") { _ in 480 }!

    private func figures(_ report: MonthReport) -> [String: String] {
        var figures = [
            "conversations": "\(report.conversations)", "turns": "\(report.turns)", "questions": "\(report.questions)",
            "hand_offs": "\(report.handOffs)", "unanswered": "\(report.unanswered.count)",
            "top": report.topQuestions.map { "\($0.name) \($0.count)" }.joined(separator: ","),
            "reasons": report.handOffReasons.map { "\($0.name) \($0.count)" }.joined(separator: ","),
            "missed": report.misunderstood.map { "\($0.intent) \($0.count)" }.joined(separator: ","),
            "scores": report.satisfaction.distribution.map(String.init).joined(separator: ","),
            "contacts": "\(report.firstContact.conversations) \(report.firstContact.resolved)",
        ]
        figures["mean"] = report.satisfaction.mean
        return figures
    }

    @Test(arguments: 1...6) func itIsWhatANaiveCountSays(_ seed: Int) throws {
        let talk = try Talk(seed: UInt64(seed))
        try talk.fill(turns: 60 * seed * seed)
        let report = try talk.store.read { try MonthReport(Self.month, of: $0) }
        #expect(figures(report) == (try talk.naive()))
        #expect(report.conversations > 0)
        let contact = report.firstContact
        #expect(contact.conversations == contact.resolved + contact.handedOff + contact.notSolved + contact.cameBack)
    }

    @Test func anEmptyMonthIsNoError() throws {
        let talk = try Talk(seed: 1)
        let report = try talk.store.read { try MonthReport(Self.month, of: $0) }
        #expect(report.conversations == 0 && report.satisfaction.mean == nil && report.firstContact.rate == nil)
        for format in ReportFormat.allCases { #expect(try !report.bytes(format, folder: talk.folder).isEmpty) }
    }

    /// The same store, the same bytes; nothing in a cell is a formula, nothing on the page is markup.
    @Test func filesAreTheSameAndHarmless() throws {
        let talk = try Talk(seed: 9)
        try talk.fill(turns: 3000)
        let report = try talk.store.read { try MonthReport(Self.month, of: $0) }
        for format in ReportFormat.allCases {
            #expect(
                try report.bytes(format, folder: talk.folder) == report.bytes(format, folder: talk.folder), "\(format)")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let read = try decoder.decode(MonthReport.self, from: Data(report.json))
        #expect(read.json == report.json)
        let csv = String(decoding: try report.bytes(.csv), as: UTF8.self)
        #expect(csv.contains("'=cmd") && !csv.contains(",=cmd"), "some example begins with =")
        let page = String(decoding: try report.bytes(.html), as: UTF8.self)
        #expect(
            page.contains("&lt;b&gt;") && !page.contains("<b>第") && !page.contains("http://")
                && !page.contains("https://"))
        let path = talk.folder + "/page.html"
        try page.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try Self.parsed(path) == "balanced")
    }

    /// Whether each element of a page is closed where it should be.
    private static func parsed(_ path: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            """
            import sys
            from html.parser import HTMLParser
            class Page(HTMLParser):
                open = []
                def handle_starttag(self, tag, attributes):
                    assert tag in "html head meta title style body main h1 h2 div span b section p table thead tbody tr th td".split(), tag
                    if tag != "meta": self.open.append(tag)
                def handle_endtag(self, tag):
                    assert self.open.pop() == tag, tag
            page = Page()
            page.feed(open(sys.argv[1], encoding="utf-8").read())
            print("open" if page.open else "balanced")
            """, path,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test(arguments: ["2026-11", "2026-12", "2000-01"]) func months(_ text: String) {
        #expect(ReportMonth(text) { _ in 480 }?.name == text)
    }

    @Test(arguments: ["2026-13", "2026-00", "2026-1", "26-11", "2026/11", "2026-11-01", "", "１２３４-11", "-026-11"])
    func noMonths(_ text: String) { #expect(ReportMonth(text) { _ in 480 } == nil) }

    @Test func aMonthBeginsOnTheCompanysClock() throws {
        let month = try #require(ReportMonth("2026-11") { _ in 480 })
        #expect(month.range.lowerBound == Instant("2026-11-01T00:00:00+08:00")?.microseconds)
        #expect(month.range.upperBound == Instant("2026-12-01T00:00:00+08:00")?.microseconds)
    }

    /// A month of 100,000 turns, against the same naive count.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] != nil)) func aLargeMonth() throws {
        let talk = try Talk(seed: 77)
        try talk.fill(turns: 100_000)
        let clock = ContinuousClock()
        var report: MonthReport?
        let time = try clock.measure { report = try talk.store.read { try MonthReport(Self.month, of: $0) } }
        print("100,000 turns in \(time)")
        #expect(figures(try #require(report)) == (try talk.naive()))
    }
}
