import Evidence
import Foundation
import HearthTesting
import HeatModel
import Store
import Synchronization
import TestTraits
import Testing

/// `kill -9` of the program that tells customers, at any instant, while they pay, and a gateway of short messages whose answers are lost
/// after they took effect: each is told once who owed when sending began, and nobody who had paid.
@Suite(.waitsForServers) struct NoticeKillTests {
    static let isHeavy = ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] != nil

    /// Over a server two programs tell customers beside each other.
    @Test(arguments: StoreKind.each) func everyNoticeIsToldOnce(_ kind: StoreKind) async throws {
        let light = kind == .standard ? (120, 8, UInt64(7)) : (60, 4, UInt64(7))
        let (accounts, kills, seed) = Self.isHeavy ? (1500, 150, UInt64(7)) : light
        var random = SeededGenerator(seed: seed)
        let gateway = ShortMessages(seed: seed)
        defer { gateway.stop() }
        let site = try NoticeSite(gateway: gateway.address, accounts: accounts, store: kind)
        for _ in 0..<(kind == .server ? 2 : 1) { try site.start() }
        for _ in 0..<kills {
            for _ in 0..<6 {
                try await Task.sleep(for: .milliseconds(Int(random.next() % 200)))
                for _ in 0..<max(1, accounts / kills / 10) { try site.pay(Int(random.next() % UInt64(accounts))) }
            }
            try site.restart()
        }
        site.stop()
        gateway.behave()
        var ending = try await site.hearth("notices", "run", "--drain")
        // What is unknown is asked about once enough time has passed.
        for _ in 0..<30 where try site.isUnderWay() {
            try await Task.sleep(for: .seconds(1))
            ending = try await site.hearth("notices", "run", "--drain")
        }
        #expect(ending.status == 0, "\(ending.errors)")

        let delivered = gateway.delivered
        let references = delivered.map(\.reference)
        #expect(Set(references).count == references.count, "told twice")
        #expect(Set(delivered.map(\.account)).count == delivered.count, "told twice")
        var (told, paid) = (0, 0)
        for index in 0..<accounts {
            let number = NoticeSite.number(index)
            let message = delivered.first { $0.account == number }
            let paidAt = site.paidAt[index]
            let found = try site.store.read { try $0.notice(rule: "arrears-3", account: number, occasion: "2026-2027") }
            guard let notice = found else {
                // Paid before anybody looked.
                paid += 1
                #expect(message == nil && paidAt != nil, "\(number) owes and was forgotten")
                continue
            }
            #expect(
                notice.state == (message == nil ? .notSent : .sent), "\(number) \(notice.state) \(notice.reason ?? "")")
            guard message != nil else {
                paid += 1
                #expect(paidAt != nil, "\(number) owes and was not told: \(notice.reason ?? "")")
                continue
            }
            told += 1
            // Both were read within a transaction of one store: whichever is earlier was first.
            let action = try #require(notice.action)
            let began = try site.store.read { try $0.attempts(of: action.id) }.last { $0.kind == .send }?.begunAt
            #expect(paidAt.map { $0 >= began?.microseconds ?? 0 } ?? true, "\(number) had paid when sending began")
        }
        let audit = try await site.hearth("audit", "verify", "--json")
        #expect(audit.status == 0, "\(audit.output) \(audit.errors)")
        let shown = try await site.hearth("notices", "list", "--json", "--limit", "10000")
        #expect(shown.status == 0 && !shown.output.contains("138000"), "a phone is shown")
        let one = try await site.hearth("notices", "show", "1")
        #expect(one.status == 0 && !one.output.contains("138000") && one.output.contains("arrears-3"), "\(one.errors)")
        print(
            "notice kill test: \(kills) kills, \(accounts) accounts, \(told) told once, \(paid) paid in time, \(gateway.requests) requests, \(gateway.receipts) receipts asked"
        )
    }
}

/// A gateway on the loopback: keeps what it delivered, and loses answers and requests.
private final class ShortMessages: Sendable {
    struct Message: Sendable {
        var reference: String
        var account: String
    }

    private struct State {
        var random: SeededGenerator
        var delivered: [Message] = []
        var requests = 0
        var receipts = 0
        var misbehaves = true
    }

    private final class Kept: Sendable {
        let state: Mutex<State>
        init(seed: UInt64) { state = Mutex(State(random: SeededGenerator(seed: seed))) }
    }

    private let kept: Kept
    let address: String

    init(seed: UInt64) {
        let kept = Kept(seed: seed)
        self.kept = kept
        address = LoopbackService.shared.address { request in
            var lost = LoopbackService.Answer("{}")
            lost.cut = 0
            func said(_ json: String) -> LoopbackService.Answer { .init(type: "application/json", json) }
            let isReceipt = request.path.contains("/receipt")
            let values =
                (try? JSONSerialization.jsonObject(with: Data(request.body.utf8))) as? [String: String] ?? [:]
            // So that there is a middle of it.
            if !isReceipt, kept.state.withLock({ $0.misbehaves }) { usleep(120_000) }
            return kept.state.withLock { state in
                let fate = state.misbehaves ? state.random.next() % 10 : 9
                if isReceipt {
                    state.receipts += 1
                    if fate == 0 { return lost }
                    let list = state.delivered.map { "{\"OutId\":\"\($0.reference)\"}" }.joined(separator: ",")
                    return said("{\"Code\":\"OK\",\"Total\":\(state.delivered.count),\"List\":[\(list)]}")
                }
                state.requests += 1
                // Lost before it is read.
                if fate < 2 { return lost }
                state.delivered.append(Message(reference: values["id"] ?? "", account: values["account"] ?? ""))
                // Delivered, and the answer is lost, or says otherwise.
                if fate < 4 { return lost }
                if fate == 4 { return .init(status: 502, type: "text/plain", "bad gateway") }
                return said("{\"Code\":\"OK\"}")
            }
        }
    }

    var delivered: [Message] { kept.state.withLock { $0.delivered } }
    var requests: Int { kept.state.withLock { $0.requests } }
    var receipts: Int { kept.state.withLock { $0.receipts } }
    func behave() { kept.state.withLock { $0.misbehaves = false } }
    func stop() { LoopbackService.shared.remove(address) }
}

/// A workspace whose accounts owe what is due in three days, and the program that tells them.
private final class NoticeSite {
    let folder: String
    let store: any Store
    private let places: StorePlaces
    private let storeSetting: String
    private(set) var paidAt: [Int: Int64] = [:]
    private let due: CivilDate
    private var processes: [Process] = []

    static func number(_ index: Int) -> String { "\(20_000_000 + index)" }

    init(gateway: String, accounts: Int, store kind: StoreKind) throws {
        folder =
            FileManager.default.temporaryDirectory.appendingPathComponent("hearth-notices-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for part in ["Config", "Mappings"] {
            try FileManager.default.copyItem(atPath: Program.repository + "/" + part, toPath: folder + "/" + part)
        }
        try """
        send: true
        lookSeconds: 1
        quietHours: {from: "00:00", to: "00:00"}
        wording: words.yaml
        channels:
          sms:
            http:
              url: \(gateway)/send
              json: '{"to":"{{phone}}","text":"{{text}}","id":"{{reference}}","account":"{{account}}"}'
              success: {path: Code, is: [OK]}
              timeout: 2
              receipt: {url: \(gateway)/receipt, json: '{"to":"{{phone}}"}', success: {path: Code, is: [OK]}, records: List, reference: OutId, total: Total}
            settle: 3
            attempts: 1000
            backoff: {baseMilliseconds: 50, capSeconds: 1}
            breaker: {failures: 1000, restSeconds: 1}
        rules:
          - {rule: arrears-3, kind: arrears, daysBefore: 3, lateDays: 3, at: "00:00", perDay: 100, fresh: asStored, channels: [sms]}
        """.write(toFile: folder + "/Config/notices.yaml", atomically: true, encoding: .utf8)
        try "language: zh\narrears-3: 户号{number}还应缴{open}元\n".write(
            toFile: folder + "/Config/words.yaml", atomically: true, encoding: .utf8)
        places = StorePlaces(kind, folder: folder)
        try places.configure(folder + "/Config/hearth.yaml")
        storeSetting = try places.setting(folder + "/hearth.db")
        store = try places.open(folder + "/hearth.db")
        due = Instant(microseconds: Instant.now.microseconds, offsetMinutes: 480).local.date.adding(days: 3)
        try store.write { store in
            let stream = try store.stream(named: "customer.residents", entity: .account)
            let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "m", at: .now)
            for index in 0..<accounts {
                var number = Self.number(index)
                let account = try number.withUTF8 {
                    try store.introduceAccount(number: UnsafeRawBufferPointer($0), run: run)
                }
                try view(index, isPaid: false).withUnsafeBytes { try store.putView(account, body: $0, runs: nil) }
            }
            try store.endRun(run, state: .success, at: .now, error: nil, totals: [])
            try AuditTrail.noteRuns(store, archive: nil)
        }
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func view(_ index: Int, isPaid: Bool) -> [UInt8] {
        let number = Self.number(index)
        let received = isPaid ? 12_345 : 0
        return Array(
            """
            {"account_number":"\(number)","facts":{"class":"resident","holder_phones":["138000\(10_000 + index)"]},"charges":[{"source":"billing.charges","key":"c","season":"2026-2027","item":"heatByArea","due_fen":12345,"received_fen":\(received),"arrears_fen":\(12_345 - received),"due_on":"\(due)"}],"payments":[],"work_orders":[]}
            """.utf8)
    }

    /// As a sync brings it: a view in a transaction.
    func pay(_ index: Int) throws {
        if paidAt[index] != nil { return }
        paidAt[index] = try store.write { store in
            var number = Self.number(index)
            let account = try #require(try number.withUTF8 { try store.account(number: UnsafeRawBufferPointer($0)) })
            try view(index, isPaid: true).withUnsafeBytes { try store.putView(account, body: $0, runs: nil) }
            return Instant.now.microseconds
        }
    }

    func isUnderWay() throws -> Bool {
        try !store.read {
            try $0.notices(
                NoticeFilter(states: [.planned, .deferred, .queued, .sending, .unknown]), before: nil, limit: 1)
        }.isEmpty
    }

    private var environment: [String: String] {
        [
            "HEARTH_STORE": storeSetting, "HEARTH_ARCHIVE": folder + "/archive", "PATH": "/usr/bin:/bin",
            "HEARTH_DISPATCH_URL": "http://127.0.0.1:1/", "HEARTH_BILLING_DRIVER": "sqlite",
            "HEARTH_BILLING_PATH": folder + "/billing.sqlite", "HEARTH_BILLING_CONNINFO": "",
            "HEARTH_CUSTOMER_DROPS": folder + "/drops", "TZ": "UTC", "USER": "tester",
        ]
    }

    func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = ["notices", "run"]
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        processes.append(process)
    }

    func stop() {
        for process in processes {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        processes = []
    }

    func restart() throws {
        let count = processes.count
        stop()
        for _ in 0..<count { try start() }
    }

    @discardableResult
    func hearth(_ arguments: String...) async throws -> Program.Ending {
        try await Program.run(arguments, environment: environment, directory: folder)
    }
}
