import Answers
import Assistant
import Attachments
import Explanation
import Foundation
import HeatModel
import LegacyEstate
import Mapping
import Requests
import SQLiteStore
import Setup
import Store
import Synchronization
import Triage
import Understanding

/// Turns of the assistant in this process: customers who have each proved another account speak from one to eight times, say what the
/// knowledge's examples say, press what is offered, tell numbers. First one thread, each turn timed; then four at once, on two cores.
enum Conversing {
    private static let threads = 4
    /// What is wanted of a turn, and of all threads.
    static let (mostSeconds, leastPerSecond) = (0.020, 2000.0)

    static func measured(_ folder: BenchmarkFolder) throws -> Measurement {
        let company = try EstateStore(folder.path, accounts: folder.rows / 5, withDispatch: true)
        try company.make { FileHandle.standardError.write(Data("\($0) …\n".utf8)) }
        try company.readThrough()
        let clock = Clock(company.estate.today)
        let store = try SQLiteStore(path: company.configuration.storePath, clock: { clock.now })
        let knowledge = try Knowledge.load(folder: EstateStore.repository + "/Config/knowledge")
        let assistant = try assistant(company, store, clock, knowledge)
        let turns = max(1000, min(20_000, company.accounts))
        let phrases = knowledge.examples.map(\.text)
        var speakers: [Speakers] = []
        for part in 0..<2 + threads {
            let turns = part < 2 ? turns : 2 * turns / threads
            speakers.append(try Speakers(part, turns: turns, of: company, store, phrases, clock))
        }
        // Warm: what is learned and read once.
        try speakers[0].speak(turns / 10, with: assistant)
        let (started, processor) = (ContinuousClock.now, processorSeconds)
        try speakers[1].speak(turns, with: assistant)
        let (seconds, alonePerTurn) = (
            (ContinuousClock.now - started).seconds, (processorSeconds - processor) / Double(turns)
        )
        var alone = speakers[1]
        alone.durations.sort()
        let before = processorSeconds
        let together = try speakTogether(speakers[2...], 2 * turns / threads, assistant)
        let perTurn = (processorSeconds - before) / Double(2 * turns)
        guard alone.money > 0, alone.temperatures > 0, alone.orders > 0 else {
            throw HearthError(.benchmarkFailed, "money, temperatures or orders were never answered: \(alone.told)")
        }
        var measurement = Measurement(rows: Int64(turns), bytes: alone.bytes, seconds: seconds)
        let (median, tail) = (alone.durations[turns / 2].seconds, alone.durations[turns * 99 / 100].seconds)
        let perSecond = Double(2 * turns) / together
        measurement.medianMicroseconds = median * 1e6
        measurement.p99Microseconds = tail * 1e6
        measurement.share = max(tail / mostSeconds, leastPerSecond / perSecond)
        measurement.note = """
            \(threads) threads: \(Int(perSecond)) turns a second; processor time a turn: \(Int(alonePerTurn * 1e6)) µs alone, \(Int(perTurn * 1e6)) \
            together; one: \(alone.told)
            """
        return measurement
    }

    /// Of all threads of this process: on a machine with other work it tells more than the clock.
    private static var processorSeconds: Double {
        var now = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }

    private static func assistant(
        _ company: EstateStore, _ store: SQLiteStore, _ clock: Clock, _ knowledge: Knowledge
    ) throws -> Assistant {
        let configuration = company.configuration
        let workspace = Workspace(
            configuration: configuration, mappings: try MappingSet.load(directory: configuration.mappings), store: store
        )
        let log = try ChainedAccessLog.firstFree(folder: configuration.serve.accessLog, program: "benchmark")
        let answerer = Answerer(
            store: store, mappings: workspace.mappings, log: log,
            bindings: BindingGuard(
                perAccount: configuration.serve.bindingsPerAccount, perCaller: configuration.serve.bindingsPerCaller),
            money: try MoneyAnswers.load(
                configuration: EstateStore.repository + "/Config",
                settings: ExplanationSettings(peers: configuration.peers, homeCity: configuration.homeCity)),
            triage: try TriageRules.loadIfAny(besides: configuration.path), refresh: { _, _, _ in [] },
            instant: { Instant(microseconds: $0?.microseconds ?? clock.now, offsetMinutes: 480) })
        let desk = RequestDesk(
            answerer,
            attachments: AttachmentFolder(AttachmentSettings(folder: company.folder + "/files"), store: store),
            outbox: { try workspace.outbox() })
        let folder = EstateStore.repository + "/Config/knowledge"
        return Assistant(
            try Playbook.load(folder: folder, intents: Set(knowledge.intents.map(\.id))), hearing: Listener(knowledge),
            desk: desk, access: log,
            onTrouble: { error in FileHandle.standardError.write(Data("\(error)\n".utf8)) },
            // The time that a refused proof waits on purpose is not the assistant's.
            pause: { _ in })
    }

    /// - Returns: seconds until all have spoken.
    private static func speakTogether(
        _ all: ArraySlice<Speakers>, _ turns: Int, _ assistant: Assistant
    ) throws -> Double {
        let problems = Mutex<[any Error]>([])
        let done = DispatchSemaphore(value: 0)
        let started = ContinuousClock.now
        for speakers in all {
            Thread {
                var speakers = speakers
                do { try speakers.speak(turns, with: assistant) } catch { problems.withLock { $0.append(error) } }
                done.signal()
            }.start()
        }
        for _ in all { done.wait() }
        let elapsed = ContinuousClock.now - started
        if let problem = problems.withLock(\.first) { throw problem }
        return elapsed.seconds
    }

    /// The estate's day, where each look is a little later than the one before.
    private final class Clock: Sendable {
        private let microseconds: Atomic<Int64>

        init(_ day: CivilDate) { microseconds = Atomic(Int64(day.dayNumber) * 86_400_000_000 + 2 * 3_600_000_000) }

        var now: Int64 { microseconds.add(1, ordering: .relaxed).newValue }
    }

    /// Customers one after another, each of an account of their own.
    private struct Speakers: Sendable {
        private let customers: [(name: String, number: String)]
        private let phrases: [String]
        private let clock: Clock
        private var random: SeededNumbers
        private var current = 0
        private var left = 0
        private var count = 0
        private var offered: [AssistantReply.Choice] = []
        var durations: [Duration] = []
        var bytes: Int64 = 0
        var (money, temperatures, orders, handOffs, failures, notUnderstood) = (0, 0, 0, 0, 0, 0)

        init(
            _ part: Int, turns: Int, of company: EstateStore, _ store: SQLiteStore, _ phrases: [String], _ clock: Clock
        ) throws {
            random = SeededNumbers(seed: UInt64(part) + 11)
            self.phrases = phrases
            self.clock = clock
            // Those of an earlier run are others: they have conversations.
            let run = "\(Instant.now.microseconds)-\(part)"
            var customers: [(name: String, number: String)] = []
            let estate = company.estate
            while customers.count < turns / 3 + 1 {
                let number = estate.account(Int.random(in: 0..<company.accounts, using: &random)).number
                let hasView = try Array(number.utf8).withUnsafeBytes { number in
                    try store.read { try $0.view(number: number) != nil }
                }
                if hasView { customers.append(("\(run)-\(customers.count)", number)) }
            }
            try store.write { store in
                for customer in customers {
                    try store.bind(Assistant.key(.chat, customer.name), to: customer.number)
                }
            }
            self.customers = customers
            durations.reserveCapacity(turns)
        }

        mutating func speak(_ turns: Int, with assistant: Assistant) throws {
            for _ in 0..<turns {
                let turn = next()
                let started = ContinuousClock.now
                let reply = try assistant.reply(to: turn)
                durations.append(ContinuousClock.now - started)
                note(reply)
            }
        }

        private mutating func next() -> CustomerTurn {
            if left == 0 {
                current = (current + 1) % customers.count
                left = Int.random(in: 1...8, using: &random)
                offered = []
            }
            left -= 1
            count += 1
            let at = Instant(microseconds: clock.now, offsetMinutes: 480)
            return CustomerTurn(
                channel: .chat, customer: customers[current].name, key: "\(count)", said: said(), at: at)
        }

        private mutating func said() -> CustomerTurn.Said {
            let phrase = phrases[Int.random(in: phrases.indices, using: &random)]
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<4:
                guard let choice = offered.randomElement(using: &random) else { return .words(phrase) }
                return .choice(choice.id)
            case 4: return .words("我的户号是\(customers[current].number)，\(phrase)")
            case 5: return .words("\(phrase)，另外\(phrases[Int.random(in: phrases.indices, using: &random)])")
            case 6: return .words("我家在阳光花园3号楼2单元501，从昨天晚上8点开始，\(phrase)，电话13800001234")
            case 7: return .words(["#", "嗯嗯", "asdf", "……？"].randomElement(using: &random) ?? "")
            case 8: return .keys("\(Int.random(in: 0...9, using: &random))")
            default: return .words(phrase)
            }
        }

        private mutating func note(_ reply: AssistantReply) {
            offered = reply.messages.last?.choices ?? []
            let entries = Set(reply.messages.map { $0.entry.prefix { $0 != "@" } })
            for message in reply.messages { bytes += Int64(message.full.utf8.count) }
            if reply.messages.contains(where: { EverydayWords.holds($0.full, "元") }) { money += 1 }
            if entries.contains("temperature_mine") { temperatures += 1 }
            if !entries.isDisjoint(with: ["progress", "order_taken", "order_joined"]) { orders += 1 }
            if reply.holder == .waiting { handOffs += 1 }
            if !entries.isDisjoint(with: ["sorry", "report_failed", "trouble"]) { failures += 1 }
            if !entries.isDisjoint(with: ["unclear", "unclear_again", "not_understood"]) { notUnderstood += 1 }
        }

        var told: String {
            """
            \(money) of money, \(temperatures) of temperatures, \(orders) of orders, \(handOffs) while a person is waited for, \
            \(failures) that could not be answered, \(notUnderstood) asked back
            """
        }
    }
}
