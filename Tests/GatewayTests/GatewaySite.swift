import Answers
import Foundation
import HeatModel
import LegacyEstate
import Mapping
import NIOEmbedded
import Pages
import SQLiteStore
import Setup
import Store
import Sync
import Synchronization
import Testing

@testable import Gateway

/// A company's store, in a folder of its own, with a gateway over it.
final class GatewaySite: Sendable {
    /// How its gateway is asked.
    enum Way: Sendable {
        /// Requests are handed to the connection's handlers as bytes, without a socket, by a loop whose clock stands still.
        case inProcess
        /// A server of this process, over sockets.
        case live
        /// `hearth serve`, the built program, run as its users run it.
        case program
    }

    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// `hearth` stands beside the test bundle.
    static let program: String = {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        let beside = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("hearth").path
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent(
            "hearth"
        ).path
    }()

    /// The synced company, made once a process and copied for each test.
    private static let template = Task { try await Template.make() }

    private final class Template: Sendable {
        let folder: String

        private init() throws {
            let files = FileManager.default
            folder = files.temporaryDirectory.appendingPathComponent("hearth-gateway-\(UUID().uuidString)").path
            try files.createDirectory(atPath: folder + "/drops", withIntermediateDirectories: true)
            let kept = folder
            Self.removedAtExit.withLock { $0.append(kept) }
            atexit {
                for folder in Template.removedAtExit.withLock({ $0 }) {
                    try? FileManager.default.removeItem(atPath: folder)
                }
            }
        }

        static func make() async throws -> Template {
            let template = try Template()
            let folder = template.folder
            let estate = GatewaySite.estate
            try estate.writeBilling(sqlite: folder + "/billing.sqlite")
            try estate.writeCustomer(dropFolder: folder + "/drops")
            let dispatch = estate.dispatchService()
            let url = try await dispatch.start()
            // The service answers on the pool that tests run on: no thread of it may wait for the sync.
            let result = await Task { try await GatewaySite.onThread { try sync(folder, dispatch: url) } }.result
            await dispatch.stop()
            try result.get()
            return template
        }

        private static func sync(_ folder: String, dispatch: String) throws {
            try GatewaySite.writeConfiguration(folder, dispatch: dispatch, serve: "")
            let configuration = try HearthConfiguration.load(path: folder + "/Config/hearth.yaml")
            let store = try SQLiteStore(path: configuration.storePath)
            let workspace = Workspace(
                configuration: configuration, mappings: try MappingSet.load(directory: configuration.mappings),
                store: store)
            let outcome = try workspace.sync()
            try #require(!outcome.hasFailed)
            try store.checkpoint()
        }

        private static let removedAtExit = Mutex<[String]>([])
    }

    private static let estate = Estate(EstateOptions(accounts: 300, seed: 3, city: .tianjin))

    /// Drops the customer system's next day and takes it over; what changed in it.
    func syncNextDay() throws -> [EstateChange] {
        let next = Self.estate.advanced()
        try next.writeCustomer(dropFolder: folder + "/drops")
        let configuration = try HearthConfiguration.load(path: configuration)
        let workspace = Workspace(
            configuration: configuration, mappings: try MappingSet.load(directory: configuration.mappings), store: store
        )
        try #require(!workspace.sync(["customer"]).hasFailed)
        return next.changes
    }

    /// The shipped configuration with its variables filled in, and a section `serve:`.
    private static func writeConfiguration(
        _ folder: String, dispatch: String, serve: String, zone: String? = nil
    ) throws {
        let files = FileManager.default
        for part in ["Config", "Mappings"] where !files.fileExists(atPath: "\(folder)/\(part)") {
            try files.copyItem(atPath: "\(repository)/\(part)", toPath: "\(folder)/\(part)")
        }
        var text = try String(contentsOfFile: repository + "/Config/hearth.yaml", encoding: .utf8)
        for (name, value) in [
            "HEARTH_STORE": folder + "/hearth.db", "HEARTH_BILLING_DRIVER": "sqlite",
            "HEARTH_BILLING_PATH": folder + "/billing.sqlite", "HEARTH_BILLING_CONNINFO": "\"\"",
            "HEARTH_CUSTOMER_DROPS": folder + "/drops", "HEARTH_DISPATCH_URL": dispatch,
            "HEARTH_DISPATCH_USER": Estate.dispatchUser, "HEARTH_DISPATCH_PASSWORD": Estate.dispatchPassword,
        ] {
            text = text.replacing(try Regex("\\$\\{env:\(name)(:-[^}]*)?\\}"), with: value)
        }
        if let start = text.range(of: "\nserve:") { text = String(text[..<start.lowerBound]) + "\n" }
        text += "\nserve:\n  port: 0\n" + serve
        if let zone { text = text.replacing("\nzone: Asia/Shanghai", with: "\nzone: \(zone)") }
        try text.write(toFile: folder + "/Config/hearth.yaml", atomically: true, encoding: .utf8)
    }

    let folder: String
    let store: SQLiteStore
    /// A resident's account without a fault, and its holder's ID.
    let number: String
    let identity: String
    private let serving = Mutex<(any ServingGateway)?>(nil)

    var client: RawClient { RawClient(serving.withLock { $0?.way } ?? .socket(port: 0)) }
    /// Where a live gateway listens.
    var port: Int { if case .socket(let port) = client.way { port } else { 0 } }
    var address: String { "\(configurationText.contains("\n  tls:") ? "https" : "http")://127.0.0.1:\(port)" }
    var configuration: String { folder + "/Config/hearth.yaml" }

    /// Serves a copy of the company, hands it to `body` and clears everything away.
    /// - Parameters:
    ///   - serve: lines of the section `serve:`, indented by two.
    ///   - zone: the company's time zone, where it is another than the shipped configuration's.
    ///   - mounts, sites, doors: what another room would serve; not with the program.
    static func with(
        _ serve: String = "", zone: String? = nil, by way: Way = .inProcess, mounts: [String: Mount] = [:],
        sites: [WebMount] = [], doors: @escaping Doors = { _ in [] }, _ body: (GatewaySite) async throws -> Void
    ) async throws {
        let site = try GatewaySite(serve, zone: zone, try await template.value)
        defer { try? FileManager.default.removeItem(atPath: site.folder) }
        let all: Doors = { sites + (try doors($0)) }
        let gateway: any ServingGateway =
            switch way {
            case .inProcess: try await InProcessGateway(site.configuration, mounts, all)
            case .live: try await LiveGateway(site.configuration, mounts, all)
            case .program: try await ProgramGateway(site.configuration)
            }
        site.serving.withLock { $0 = gateway }
        do {
            try await body(site)
        } catch {
            _ = try? await site.stop()
            throw error
        }
        try await site.stop()
    }

    private var configurationText: String { (try? String(contentsOfFile: configuration, encoding: .utf8)) ?? "" }

    private init(_ serve: String, zone: String?, _ template: Template) throws {
        folder =
            FileManager.default.temporaryDirectory.appendingPathComponent("hearth-gateway-\(UUID().uuidString)").path
        try FileManager.default.copyItem(atPath: template.folder, toPath: folder)
        try Self.writeConfiguration(folder, dispatch: "http://127.0.0.1:9/ws", serve: serve, zone: zone)
        let store = try SQLiteStore(path: folder + "/hearth.db")
        self.store = store
        var secrets: [ScopeSet: String] = [:]
        for scopes: [Scope] in [
            [.assistant], [.engineer], [.auditor], [.desk], [.assistant, .pii], [.desk, .pii],
            [.assistant, .pii, .engineer, .auditor], [.assistant, .pii, .engineer, .auditor, .desk],
        ] {
            secrets[ScopeSet(scopes)] = try Self.add(scopes, to: store, expiresIn: 3600, name: "test")
        }
        self.secrets = secrets
        let numbers = try store.read { try $0.accounts(after: nil, limit: 300, at: nil).map(\.number) }
        var found: (String, String)?
        for candidate in numbers where found == nil {
            let view = try Array(candidate.utf8).withUnsafeBytes { number in
                try store.read { try $0.view(number: number)?.body ?? [] }
            }
            let object = try JSONSerialization.jsonObject(with: Data(view)) as? [String: Any]
            let facts = object?["facts"] as? [String: Any]
            if let identity = facts?["holder_id_number"] as? String, identity.count == 18,
                (facts?["holder_name"] as? String)?.count == 3, (object?["work_orders"] as? [Any])?.isEmpty == false,
                (object?["charges"] as? [Any])?.isEmpty == false
            {
                found = (candidate, identity)
            }
        }
        let chosen = try #require(found)
        number = chosen.0
        identity = chosen.1
    }

    /// Sets so many records of a stream aside.
    ///
    /// - Parameter candidates: accounts that they could be of.
    func quarantine(_ count: Int, candidates: [String] = []) throws {
        try store.write { store in
            let stream = try store.stream(named: "billing.charges", entity: .charge)
            let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "m", at: .now)
            let origin = try store.beginOrigin(
                IncomingOrigin(
                    stream: stream, run: run, kind: "file", name: "a.csv", digest: nil, byteCount: nil,
                    isSnapshot: false,
                    columns: ["日期"]))
            for number in 1...Int64(count) {
                try store.quarantine(
                    IncomingQuarantine(
                        stream: stream, run: run, origin: origin, code: candidates.isEmpty ? "record.badDate" : "match.ambiguousId",
                        message: "no \"day\", but {",
                        place: "a.csv:\(number)", column: "日期", key: Array("\(number)".utf8), ordinal: number,
                        candidates: candidates, raw: Array("row \(number)".utf8), isSplit: true))
            }
            try store.endRun(run, state: .success, at: .now, error: nil, totals: [])
        }
    }

    /// A repair order that was asked for, as the outbox has it.
    func ask(for account: String) throws {
        let request = IncomingAction(
            system: "dispatch", kind: "createWorkOrder", account: account, caller: "desk", key: "k",
            fingerprint: Array(repeating: 1, count: 32), reference: "R1",
            payload: Array("{\"account\":\"\(account)\",\"problem\":\"valve\"}".utf8))
        _ = try store.write { try $0.accept(request, answerWithin: 30) }
    }

    /// A notice to the account's customer, that waits for its time.
    func planNotice() throws {
        let now = Instant.now
        let later = Instant(microseconds: now.microseconds + 86_400_000_000, offsetMinutes: now.offsetMinutes)
        let notice = IncomingNotice(
            rule: "arrears-3", account: number, occasion: "2025-2026", notBefore: now, expiresAt: later)
        _ = try store.write { try $0.planNotice(notice, at: now) }
    }

    /// A connection to a gateway that is asked in process.
    func connect() async throws -> NIOAsyncTestingChannel {
        guard case .inProcess(let gateway) = client.way else { throw POSIXError(.ENOTCONN) }
        return try await gateway.connect()
    }

    /// Waits for what other threads bring about soon.
    func until(_ isTrue: () throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(600)
        while try !isTrue() {
            try #require(ContinuousClock.now < end)
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    func untilNoStreamIsOpen() async throws { try await until { try gateway.streams.count == 0 } }

    /// Begins a run that nobody ends; its number.
    func beginRun() throws -> Int64 {
        try store.write { store in
            let stream = try store.stream(named: "billing.charges", entity: .charge)
            return try store.beginRun(stream: stream, mode: "full", mappingVersion: "m", at: .now).number
        }
    }

    /// The facts of the first 300 accounts' views, by number.
    func facts() throws -> [String: [String: Any]] {
        let numbers = try store.read { try $0.accounts(after: nil, limit: 300, at: nil).map(\.number) }
        return try numbers.reduce(into: [:]) { found, number in
            let view = try Array(number.utf8).withUnsafeBytes { number in
                try store.read { try $0.view(number: number)?.body ?? [] }
            }
            let object = try? JSONSerialization.jsonObject(with: Data(view)) as? [String: Any]
            if let facts = object?["facts"] as? [String: Any] { found[number] = facts }
        }
    }

    /// Secrets that the server has known from its start.
    private let secrets: [ScopeSet: String]

    /// The secret of a token with these scopes that the server knows.
    func token(_ scopes: Scope...) throws -> String { try #require(secrets[ScopeSet(scopes)]) }

    /// The secret of a new token; a running server knows it within a second.
    func newToken(_ scopes: Scope..., expiresIn seconds: Int64 = 3600, name: String = "test") throws -> String {
        try Self.add(scopes, to: store, expiresIn: seconds, name: name)
    }

    private static func add(_ scopes: [Scope], to store: SQLiteStore, expiresIn seconds: Int64, name: String) throws
        -> String
    {
        let secret = BearerSecret()
        let now = Instant.now
        try store.add(
            secret.token(
                name: name, scopes: scopes, createdAt: now,
                expiresAt: Instant(microseconds: now.microseconds + seconds * 1_000_000, offsetMinutes: 0)))
        return secret.text
    }

    /// Ends the gateway in good order; of the program the exit status.
    @discardableResult
    func stop() async throws -> Int32 {
        let gateway = serving.withLock { value in
            defer { value = nil }
            return value
        }
        return try await gateway?.stop() ?? 0
    }

    /// Has the gateway look at its tokens and keys, as a server does each second.
    func renew() async throws { try await serving.withLock { $0 }?.gateway?.renew() }

    /// The gateway itself, where it is in this process.
    var gateway: Gateway { get throws { try #require(serving.withLock { $0 }?.gateway) } }

    /// Runs a program to its end; its status and what it wrote. On a thread of its own: a server of this process answers on the
    /// threads that tests run on.
    static func run(_ path: String, _ arguments: [String], input: String = "") async throws -> (Int32, String) {
        try await onThread {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
            let (given, output) = (Pipe(), Pipe())
            process.standardInput = given
            process.standardOutput = output
            process.standardError = output
            try process.run()
            if !input.isEmpty { given.fileHandleForWriting.write(Data(input.utf8)) }
            try given.fileHandleForWriting.close()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return (process.terminationStatus, text)
        }
    }

    static func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread { done.resume(with: Swift.Result { try body() }) }
        }
    }

    /// Python with the packages that the tests need.
    static func python() async throws -> String {
        let (status, text) = try await run(repository + "/Tests/tools/python-env.sh", [])
        try #require(status == 0)
        return text.split(separator: "\n").last.map(String.init) ?? ""
    }
}
