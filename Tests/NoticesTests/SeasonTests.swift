import Evidence
import Explanation
import Foundation
import HearthTesting
import HeatModel
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Actions
@testable import Notices

/// A season of arrears, with payments up to the second of sending, a gateway that misbehaves, and a process that is killed again and
/// again: nobody who has paid is reminded, nobody twice, nobody in quiet hours, and all others are.
@Suite struct SeasonTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var accounts: Int
        var seed: UInt64
        /// One transaction in so many is the last of its process.
        var killsOneIn: UInt64
        var wrong: UInt64
        var testDescription: String { "\(accounts) accounts, seed \(seed)" }
    }

    static let cases =
        ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] == nil
        ? [
            Case(accounts: 250, seed: 1, killsOneIn: 40, wrong: 25),
            Case(accounts: 500, seed: 2, killsOneIn: 0, wrong: 5),
        ]
        : [Case(accounts: 100_000, seed: 3, killsOneIn: 500, wrong: 5)]

    static let rules = """
        send: true
        wording: words.yaml
        fresh: required
        channels: {sms: {}, box: {}}
        rules:
          - {rule: arrears-3, kind: arrears, daysBefore: 3, at: "09:00", channels: [sms, box]}
          - {rule: arrears-0, kind: arrears, daysBefore: 0, at: "09:00", channels: [sms, box]}
        """
    static let words = """
        language: zh
        arrears-3: "户号{number}还应缴{open}元,截止{due_on}"
        arrears-0: "户号{number}还应缴{open}元,今天截止"
        """

    @Test(arguments: cases) func whoHasPaidIsNotReminded(_ test: Case) async throws {
        try await onThread { try Self.run(test) }
    }

    private static func run(_ test: Case) throws {
        let began = ContinuousClock.now
        let folder = try Folder()
        try Self.rules.write(toFile: folder.path + "/notices.yaml", atomically: true, encoding: .utf8)
        try Self.words.write(toFile: folder.path + "/words.yaml", atomically: true, encoding: .utf8)
        let rules = try NoticeRules.load(path: folder.path + "/notices.yaml")
        let zone = try #require(TimeZone(identifier: "Asia/Shanghai"))
        let season = try Season(test.accounts, seed: test.seed, zone: zone)
        let start = season.clock.instant(season.first.adding(days: -8), minute: 12 * 60).microseconds
        let time = Time(start)
        let clock = CompanyClock(zone: zone, present: { time.now })
        let disk = try SQLiteStore(path: folder.path + "/hearth.db", clock: { time.now })
        let town = try Town(season, disk, time)
        let money = try MoneyAnswers.load(
            configuration: Folder.repository + "/Config", settings: ExplanationSettings())
        let store = MortalStore(disk, seed: test.seed, oneIn: test.killsOneIn)

        // Who has paid at the moment of the check is not to be sent to. Between the check and the gateway somebody pays, now and then.
        let reminded = Mutex<[String]>([])
        let between = Mutex((random: SeededGenerator(seed: test.seed), count: 0))
        let onSend: @Sendable (String) -> Void = { account in
            if town.hasPaid(account) { reminded.withLock { $0.append(account) } }
            let pays = between.withLock { $0.random.next() % 50 == 0 }
            if pays, town.pay(account) { between.withLock { $0.count += 1 } }
        }
        let sms = Gateway(time: time, seed: test.seed + 1, wrong: test.wrong, onSend: onSend)
        let box = Gateway(time: time, seed: test.seed + 2, wrong: 0, onSend: onSend)
        func channel(_ name: String, _ gateway: Gateway) -> ActionSystem {
            var system = ActionSystem(name: ChannelConfiguration.prefix + name, sink: gateway)
            system.settle = 120
            system.attempts = 50
            system.cap = 60_000
            system.breakerFailures = 1_000_000
            return system
        }
        let channels = [channel("sms", sms), channel("box", box)]

        // The process, and its successors.
        var generation: Int32 = 0
        let refreshes = Mutex((random: SeededGenerator(seed: test.seed + 9), failed: 0, brought: 0))
        func makeDesk() -> (NoticeDesk, ActionWorker) {
            generation += 1
            let desk = NoticeDesk(
                rules: rules, channels: channels, store: store, money: money, clock: clock,
                refresh: { account, _ in
                    // Reading anew brings what was paid up to this second, or fails.
                    let (fails, pays) = refreshes.withLock { ($0.random.next() % 40 == 0, $0.random.next() % 60 == 0) }
                    if fails {
                        refreshes.withLock { $0.failed += 1 }
                        throw Killed()
                    }
                    if pays, town.pay(account) { refreshes.withLock { $0.brought += 1 } }
                    town.refresh(account)
                })
            let owner = LeaseOwner(host: LeaseOwner.current.host, process: 4_100_000 + generation, processStart: 1)
            let began = ContinuousClock.now
            let watch = ClockWatch(
                wall: { Instant(microseconds: time.now, offsetMinutes: 0) },
                steady: { [first = time.now] in began + .microseconds(time.now - first) })
            return (
                desk,
                ActionWorker(desk.outbox, atOnce: 1, pause: 1, owner: owner, clock: watch, onError: { _ in })
            )
        }
        var (desk, worker) = makeDesk()
        let end = season.clock.instant(season.last.adding(days: 2), minute: 0).microseconds
        var steps = 0
        while time.now < end {
            steps += 1
            // What billing's sync brings, a quarter of an hour late: what is fresh is read on demand.
            town.sync(upTo: time.now - 900_000_000)
            do {
                try desk.look()
                while try worker.workOnDue(atMost: 500) > 0 {}
            } catch is Killed {
                (desk, worker) = makeDesk()
                continue
            }
            // The next moment at which anything may happen: a minute by day, and by night an hour.
            let minute = Int(clock.now.local.microsecondOfDay / 60_000_000)
            let isDull = minute < 8 * 60 - 5 || minute > 12 * 60 && minute % 60 > 1
            time.pass(isDull ? 3_540_000_000 : minute > 10 * 60 ? 600_000_000 : 60_000_000)
        }
        while true {
            do { try desk.look() } catch is Killed { (desk, worker) = makeDesk(); continue }
            break
        }

        // MARK: What was delivered, against what the season says.
        let delivered = sms.state.withLock { $0.delivered } + box.state.withLock { $0.delivered }
        var byKey: [String: [Gateway.Delivery]] = [:]
        for one in delivered { byKey["\(one.rule)/\(one.account)", default: []].append(one) }
        #expect(reminded.withLock { $0 } == [], "reminded though paid")
        #expect(byKey.values.allSatisfy { $0.count == 1 }, "doubled")
        #expect(sms.state.withLock { $0.repeats } == 0 && box.state.withLock { $0.repeats } == 0)
        for one in delivered {
            let minute = Int(clock.local(one.at).local.microsecondOfDay / 60_000_000)
            #expect((8 * 60..<20 * 60).contains(minute), "told in quiet hours: \(one.at)")
        }
        let optedOut = season.optedOut
        var (due, missing, excused) = (0, 0, 0)
        var perDay: [String: Int] = [:]
        for one in delivered {
            let person = town.person(of: one.account)
            perDay["\(person) \(clock.local(one.at).local.date)", default: 0] += 1
        }
        #expect(perDay.values.allSatisfy { $0 <= 3 }, "told more than three times a day")
        for account in season.accounts {
            for (rule, days, late) in [("arrears-3", 3, 1), ("arrears-0", 0, 0)] {
                let key = "\(rule)/\(account.number)"
                let day = account.due.adding(days: -days)
                let closes = season.clock.instant(day.adding(days: late), minute: 20 * 60).microseconds
                let opens = season.clock.instant(day, minute: 9 * 60).microseconds
                let sent = byKey[key]?.first
                if let sent {
                    #expect(sent.at >= opens && sent.at < closes && !optedOut.contains(account.person), "\(key)")
                    #expect(sent.text.contains(account.number))
                }
                // Who owes until the day is over, and wants to know, is told.
                let paidAt = town.paidAt(account.number) ?? .max
                if optedOut.contains(account.person) || paidAt < closes { continue }
                due += 1
                if sent != nil { continue }
                let full = (0...late).contains { later in
                    perDay["\(town.person(of: account.number)) \(day.adding(days: later))", default: 0] >= 3
                }
                if full { excused += 1 } else { missing += 1 }
            }
        }
        #expect(missing == 0, "not told: \(missing) of \(due)")
        #expect(due > test.accounts / 2 && delivered.count > test.accounts / 2)

        // Every notice has ended, and the log says why it was not sent.
        let open = try disk.read {
            try $0.notices(
                NoticeFilter(states: [.planned, .deferred, .queued, .sending, .unknown]), before: nil, limit: 10)
        }
        #expect(open.isEmpty, "\(open.map { ($0.state, $0.reason, $0.action?.message) })")
        let notSent = try disk.read { try $0.notices(NoticeFilter(states: [.notSent]), before: nil, limit: 1_000_000) }
        #expect(!notSent.isEmpty && notSent.allSatisfy { $0.reason?.isEmpty == false })
        let sent = try disk.read { try $0.notices(NoticeFilter(states: [.sent]), before: nil, limit: 1_000_000) }
        #expect(Set(sent.map { "\($0.notice.rule)/\($0.notice.account)" }) == Set(byKey.keys))
        // The chain knows each step, that of an action given up for another channel too.
        var verification = AuditVerification(store: disk, archive: nil)
        let problem = try verification.run().problem
        #expect(problem == nil, "\(String(describing: problem))")
        // What the season is about did happen: processes ended, and people paid at the last moment.
        let kills = store.kills.withLock { $0 }
        #expect((kills > 0) == (test.killsOneIn > 0), "\(kills) kills")
        let (paidBetween, paidAnew) = (between.withLock { $0.count }, refreshes.withLock { $0.brought })
        #expect(paidBetween > 0, "nobody paid between check and delivery")
        #expect(paidAnew > 0, "nobody paid in the second of reading anew")
        let reasons = Dictionary(grouping: notSent.map { $0.reason ?? "" }) { $0 }.mapValues(\.count)
        let calls = sms.state.withLock { ($0.calls, $0.probes, $0.refused.count) }
        print(
            """
            season: \(test.accounts) accounts, \(sent.count + notSent.count) notices, \(delivered.count) delivered \
            (\(box.state.withLock { $0.delivered.count }) by the second channel), 0 to who has paid, 0 doubled, 0 in quiet hours, \
            \(due) owed until the end, \(excused) of them told enough that day, \(missing) missing; not sent: \
            \(reasons.sorted { $0.key < $1.key }); \(calls.0) requests, \(calls.1) receipts asked, \(calls.2) refusals, \
            \(paidBetween) paid between check and delivery, \(paidAnew) paid in the second of reading anew, \(kills) kills, \
            \(steps) looks, \(ContinuousClock.now - began)
            """)
    }
}

/// A season gone through once more, in a store that knows by now who has paid: told is who owed then.
@Suite struct SimulationTests {
    @Test func aSeasonIsToldAsItWouldHaveBeen() throws {
        let folder = try Folder()
        let yaml = SeasonTests.rules.replacing("fresh: required", with: "fresh: asStored")
        try yaml.write(toFile: folder.path + "/notices.yaml", atomically: true, encoding: .utf8)
        try SeasonTests.words.write(toFile: folder.path + "/words.yaml", atomically: true, encoding: .utf8)
        let zone = try #require(TimeZone(identifier: "Asia/Shanghai"))
        let season = try Season(150, seed: 5, zone: zone)
        let end = season.clock.instant(season.last.adding(days: 30), minute: 0).microseconds
        let real = try SQLiteStore(path: folder.path + "/hearth.db", clock: { end })
        let town = try Town(season, real, Time(end))
        town.sync(upTo: end)
        try real.copy(to: folder.path + "/copy.db")
        let time = SimulatedTime(0)
        let copy = try SQLiteStore(path: folder.path + "/copy.db", clock: { time.now })
        let report = try NoticeSimulation.run(
            rules: try NoticeRules.load(path: folder.path + "/notices.yaml"), copy: copy, time: time,
            money: try MoneyAnswers.load(configuration: Folder.repository + "/Config", settings: ExplanationSettings()),
            zone: zone, from: season.first.adding(days: -5), to: season.last.adding(days: 2))
        var expected: [String: Int] = [:]
        for account in season.accounts where !season.optedOut.contains(account.person) {
            for (rule, days) in [("arrears-3", 3), ("arrears-0", 0)] {
                let nine = season.clock.instant(account.due.adding(days: -days), minute: 9 * 60).microseconds
                if account.paidAt.map({ $0 > nine }) ?? true { expected[rule, default: 0] += 1 }
            }
        }
        #expect(report.told == expected && (expected["arrears-3"] ?? 0) > 60, "\(report.notTold)")
        #expect(report.inQuietHours == 0 && report.open == 0 && report.mostPerDay <= 3)
        #expect(!report.days.isEmpty && report.days.allSatisfy { $0.segments == $0.told.values.reduce(0, +) })
        #expect(
            try real.read { try $0.notices(NoticeFilter(), before: nil, limit: 1) }.isEmpty, "the store was written")
    }
}

/// The accounts' state as billing has it, and what of it the store knows.
final class Town: Sendable {
    private struct State {
        var accounts: [Season.Account]
        /// By when what is paid, in order.
        var payments: [(at: Int64, index: Int)]
        var next = 0
        var stale: Set<Int> = []
    }

    private let index: [String: Int]
    private let state: Mutex<State>
    private let store: SQLiteStore
    private let time: Time
    private let ids: [AccountID]

    init(_ season: Season, _ store: SQLiteStore, _ time: Time) throws {
        self.store = store
        self.time = time
        index = Dictionary(uniqueKeysWithValues: season.accounts.enumerated().map { ($1.number, $0) })
        var payments: [(at: Int64, index: Int)] = []
        for (index, account) in season.accounts.enumerated() {
            for at in [account.paidAt, account.partAt].compactMap(\.self) { payments.append((at, index)) }
        }
        payments.sort { ($0.at, $0.index) < ($1.at, $1.index) }
        state = Mutex(State(accounts: season.accounts, payments: payments))
        var ids: [AccountID] = []
        var begin = 0
        while begin < season.accounts.count {
            let part = season.accounts[begin..<min(begin + 1000, season.accounts.count)]
            begin += 1000
            ids += try store.write { store in
                let stream = try store.stream(named: "customer.residents", entity: .account)
                let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "m", at: .now)
                let made = try part.map { account in
                    var number = account.number
                    return try number.withUTF8 {
                        try store.introduceAccount(number: UnsafeRawBufferPointer($0), run: run)
                    }
                }
                for (account, id) in zip(part, made) {
                    try Season.view(account, at: time.now).withUnsafeBytes {
                        try store.putView(id, body: $0, runs: nil)
                    }
                }
                try store.endRun(run, state: .success, at: .now, error: nil, totals: [])
                try AuditTrail.noteRuns(store, archive: nil)
                return made
            }
        }
        self.ids = ids
        try store.write { store in
            for person in season.optedOut {
                try store.putConsent(
                    NoticeConsent(
                        person: person, about: "arrears", isWanted: false,
                        changedAt: Instant(microseconds: time.now, offsetMinutes: 0), by: "test"))
            }
        }
    }

    func hasPaid(_ number: String) -> Bool { paidAt(number).map { $0 <= time.now } ?? false }
    func paidAt(_ number: String) -> Int64? {
        index[number].flatMap { index in state.withLock { $0.accounts[index].paidAt } }
    }

    func person(of number: String) -> String {
        guard let index = index[number] else { return "" }
        return state.withLock { $0.accounts[index].person }
    }

    /// Pays now what is open; false where nothing is.
    func pay(_ number: String) -> Bool {
        guard let index = index[number] else { return false }
        return state.withLock { state in
            if let at = state.accounts[index].paidAt, at <= time.now { return false }
            state.accounts[index].paidAt = time.now
            state.stale.insert(index)
            return true
        }
    }

    /// The store learns what is true of an account now.
    func refresh(_ number: String) {
        guard let index = index[number] else { return }
        put([index])
    }

    /// The store learns of payments up to a moment.
    func sync(upTo moment: Int64) {
        let changed = state.withLock { state in
            var changed = state.stale
            state.stale = []
            while state.next < state.payments.count, state.payments[state.next].at <= moment {
                changed.insert(state.payments[state.next].index)
                state.next += 1
            }
            return changed.sorted()
        }
        if !changed.isEmpty { put(changed) }
    }

    private func put(_ indexes: [Int]) {
        do {
            try store.write { store in
                for index in indexes {
                    let account = state.withLock { $0.accounts[index] }
                    try Season.view(account, at: time.now).withUnsafeBytes {
                        try store.putView(ids[index], body: $0, runs: nil)
                    }
                }
            }
        } catch {
            Issue.record("\(error)")
        }
    }
}
