import Actions
import ConfigurationFiles
import Foundation
import HearthTesting
import HeatModel
import LegacyEstate
import Store
import TestTraits
import Testing

/// `kill -9` of the worker and of the dispatch system at any instant, answers lost after they took effect: what stands in the system's
/// journal in the end is what was accepted, each once.
@Suite(.waitsForServers) struct ActionKillTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var seed: UInt64
        var kills: Int
        var testDescription: String { "\(kills) kills, seed \(seed)" }
    }

    /// `HEARTH_HEAVY_TESTS=1` makes it a matter of minutes.
    static let cases =
        ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] == nil
        ? [Case(seed: 31, kills: 20)] : [Case(seed: 31, kills: 1000)]

    @Test(arguments: cases) func everyKeyIsOneOrder(_ test: Case) async throws {
        let site = try ActionSite()
        var random = SeededGenerator(seed: test.seed)
        let estate = ActionSite.estate
        try site.startDispatch("seed=\(test.seed)," + ActionSite.misbehaviour)
        try site.startWorker()
        var accepted: [StoredAction] = []
        for kill in 0..<test.kills {
            for _ in 0..<1 + Int(random.next() % 3) {
                let account = estate.account(Int(random.next() % 300)).number
                let request = try ActionRequest(
                    .createWorkOrder, ["account": account, "problem": random.next() % 2 == 0 ? "noHeat" : "leak"])
                // A caller that got no answer asks again, with its key.
                let key = "key-\(accepted.count)"
                for _ in 0..<1 + Int(random.next() % 2) {
                    switch try site.outbox.accept(
                        request, by: "dispatch", caller: "desk", key: key, answer: { _ in [] })
                    {
                    case .accepted(let action): accepted.append(action)
                    case .repeated(let action): #expect(action.id == accepted.last?.id)
                    case let other: Issue.record("\(other)")
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(Int(random.next() % 400)))
            switch random.next() % 3 {
            case 0: try site.restartDispatch("seed=\(test.seed + UInt64(kill))," + ActionSite.misbehaviour)
            case 1: try site.restartWorker()
            default:
                try site.restartWorker()
                try site.restartDispatch("seed=\(test.seed + UInt64(kill))," + ActionSite.misbehaviour)
            }
        }
        site.stopWorker()
        try site.restartDispatch("")
        let ending = try await site.hearth("actions", "run", "--drain", "--json")
        #expect(ending.status == 0, "\(ending.output) \(ending.errors)")

        let journal = try DispatchEntry.all(inJournal: site.journal)
        let references = journal.map(\.reference)
        #expect(accepted.count >= test.kills)
        #expect(Set(references).count == references.count, "an order was made twice")
        #expect(Set(references) == Set(accepted.map(\.request.reference)), "an order was lost, or made for nobody")
        for action in accepted {
            let stands = try #require(try site.store.read { try $0.action(action.id) })
            let order = journal.first { $0.reference == action.request.reference }
            #expect(stands.state == .confirmed && stands.externalID == order?.order, "\(stands)")
        }
        let audit = try await site.hearth("audit", "verify", "--json")
        #expect(audit.status == 0, "\(audit.output) \(audit.errors)")
        print(
            "kill test: \(test.kills) kills, \(accepted.count) keys accepted, \(journal.count) orders in the journal, \(Set(references).count) of them different"
        )
        site.stopDispatch()
    }
}

/// Workers of several machines over one store: whatever they claim beside each other, each action is sent by one of them, once.
@Suite(.waitsForServers, .enabled(if: PostgresServer.isInstalled)) struct ManySendersTests {
    @Test func ofFiveHundredActionsNoneIsSentTwice() async throws {
        let site = try ActionSite(store: .server)
        try site.startDispatch("")
        var random = SeededGenerator(seed: 500)
        for number in 0..<500 {
            let account = ActionSite.estate.account(Int(random.next() % 300)).number
            let request = try ActionRequest(.createWorkOrder, ["account": account, "problem": "leak"])
            _ = try site.outbox.accept(request, by: "dispatch", caller: "desk", key: "\(number)", answer: { _ in [] })
        }
        try site.drain(workers: 2)
        let references = try DispatchEntry.all(inJournal: site.journal).map(\.reference)
        #expect(references.count == 500 && Set(references).count == 500)
        let rows = try site.places.rows(
            "SELECT state, count(*), count(DISTINCT process), max(tries) FROM action GROUP BY 1",
            of: site.folder + "/hearth.db")
        #expect(rows.count == 1 && rows[0][0] == "confirmed" && rows[0][1] == "500", "\(rows)")
        let senders = try site.places.rows(
            "SELECT count(*) FROM action_attempt WHERE kind = 'send' GROUP BY action_id HAVING count(*) > 1",
            of: site.folder + "/hearth.db")
        #expect(senders.isEmpty, "\(senders.count) actions were sent more than once")
        let audit = try await site.hearth("audit", "verify", "--json")
        #expect(audit.status == 0, "\(audit.output) \(audit.errors)")
        site.stopDispatch()
    }
}

/// The demo's dispatch system and a worker as processes of their own, and an outbox in this one.
final class ActionSite {
    static let estate = Estate(EstateOptions(accounts: 300, seed: 14, plantDiscrepancies: true))
    /// Of a thousand requests of each kind.
    static let misbehaviour =
        "slow=60,late=60,closesAfter=150,closesBefore=80,faultsAfter=60,faultsBefore=60,errorsAfter=60,queryCloses=100,queryFaults=100,delay=3000"

    let folder: String
    let store: any Store
    let places: StorePlaces
    let outbox: Outbox
    private let storeSetting: String
    private var dispatch: Process?
    private var worker: Process?
    private var server: Process?
    private(set) var port = 0

    var journal: String { folder + "/dispatch.journal" }
    private var environment: [String: String] {
        [
            "HEARTH_STORE": storeSetting, "HEARTH_ARCHIVE": folder + "/archive",
            "HEARTH_DISPATCH_URL": "http://127.0.0.1:\(port)/ws/dispatch",
            "HEARTH_DISPATCH_WRITER_PASSWORD": Estate.dispatchWriterPassword,
            "HEARTH_DISPATCH_USER": Estate.dispatchUser, "HEARTH_DISPATCH_PASSWORD": Estate.dispatchPassword,
            "HEARTH_BILLING_DRIVER": "sqlite", "HEARTH_BILLING_PATH": folder + "/billing.sqlite",
            "HEARTH_BILLING_CONNINFO": "", "HEARTH_CUSTOMER_DROPS": folder + "/drops", "PATH": "/usr/bin:/bin",
            "TZ": "UTC",
            "USER": "tester",
        ]
    }

    init(store kind: StoreKind = .standard) throws {
        folder =
            FileManager.default.temporaryDirectory.appendingPathComponent("hearth-actions-\(UUID().uuidString)").path
        for part in ["Config", "Mappings"] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: Program.repository + "/" + part, toPath: folder + "/" + part)
        }
        // Less patient than the shipped one.
        let path = folder + "/Config/hearth.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
            .replacing("timeouts: {connect: 5, total: 20}", with: "timeouts: {connect: 2, total: 2}")
            .replacing(/settle: 60 .*/, with: "settle: 12")
            .replacing(
                /attempts: 8 .*/,
                with:
                    "attempts: 1000\n      backoff: {baseMilliseconds: 50, capSeconds: 1}\n      breaker: {failures: 5, restSeconds: 1}"
            )
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        places = StorePlaces(kind, folder: folder)
        try places.configure(path)
        storeSetting = try places.setting(folder + "/hearth.db")
        store = try places.open(folder + "/hearth.db")
        var reader = ConfigurationReader(path: path)
        let kinds = "file: {folder: out, receipts: in}\nkinds: {createWorkOrder: {}}\n"
        // What is accepted here goes by the kinds alone; how it is sent is the worker's configuration.
        let section = try #require(reader.root(of: Array(kinds.utf8)).flatMap { reader.section($0, "actions") })
        let system = ActionsConfiguration.read("dispatch", section, zone: "Asia/Shanghai", reader: &reader)
        outbox = Outbox(store: store, systems: [try #require(system)])
    }

    deinit {
        stopWorker()
        stopServer()
        stopDispatch()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func start(_ arguments: [String], output: Any?) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output ?? FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Starts the system, at the port that it had, and waits until it says where it listens.
    func startDispatch(_ misbehaviour: String) throws {
        let pipe = Pipe()
        let process = try start(
            [
                "demo-dispatch", "--accounts", "300", "--seed", "14", "--port", "\(port)", "--journal", journal,
                "--misbehave", misbehaviour,
            ], output: pipe)
        let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.split(separator: ":").last?.prefix { $0.isNumber } ?? ""), "\(line)")
        dispatch = process
    }

    /// The other two systems, to be synced.
    func writeSystems() throws {
        try FileManager.default.createDirectory(atPath: folder + "/drops", withIntermediateDirectories: true)
        try Self.estate.writeBilling(sqlite: folder + "/billing.sqlite")
        try Self.estate.writeCustomer(dropFolder: folder + "/drops")
    }

    /// Starts `hearth serve`; its address.
    func startServer() throws -> String {
        let pipe = Pipe()
        server = try start(["serve", "--port", "0"], output: pipe)
        let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        return try #require(line.split(separator: "\n").first?.split(separator: " ").last.map(String.init), "\(line)")
    }

    func stopServer() { Self.end(&server) }

    /// Lets no file of the server's grow beyond `bytes`; any, without it.
    func limitFiles(ofServer bytes: Int?) async throws {
        let limit = bytes.map { "\($0):unlimited" } ?? "unlimited"
        let pid = try #require(server).processIdentifier
        let ending = try await Program.run(
            ["--pid", "\(pid)", "--fsize=\(limit)"], executable: "/usr/bin/prlimit", environment: [:], directory: folder
        )
        #expect(ending.status == 0, "\(ending)")
    }

    func startWorker() throws { worker = try start(["actions", "run"], output: nil) }

    /// Starts workers beside each other, each a process that ends when all is settled, and waits for them.
    func drain(workers: Int) throws {
        let all = try (0..<workers).map { _ in try start(["actions", "run", "--drain"], output: nil) }
        for worker in all {
            worker.waitUntilExit()
            #expect(worker.terminationReason == .exit && worker.terminationStatus == 0)
        }
    }

    func restartDispatch(_ misbehaviour: String) throws {
        stopDispatch()
        try startDispatch(misbehaviour)
    }

    func restartWorker() throws {
        stopWorker()
        try startWorker()
    }

    func stopWorker() { Self.end(&worker) }
    func stopDispatch() { Self.end(&dispatch) }

    /// `kill -9`.
    private static func end(_ process: inout Process?) {
        guard let running = process else { return }
        kill(running.processIdentifier, SIGKILL)
        running.waitUntilExit()
        process = nil
    }

    @discardableResult
    func hearth(_ arguments: String...) async throws -> Program.Ending { try await hearth(arguments) }

    @discardableResult
    func hearth(_ arguments: [String]) async throws -> Program.Ending {
        try await Program.run(arguments, environment: environment, directory: folder)
    }
}
