import Foundation
import Gateway
import HeatModel
import LegacyEstate
import Mapping
import SQLiteStore
import Store
import Sync
import Synchronization
import Testing

/// A company's store with `hearth serve` over it, in a folder of its own; the program is the built one, run as its users run it.
final class GatewaySite: Sendable {
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
            let result = await withCheckedContinuation { done in
                Thread.detachNewThread { done.resume(returning: Result { try sync(folder, dispatch: url) }) }
            }
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
    private let process = Mutex<Process?>(nil)
    private let listening = Mutex<(port: Int, scheme: String)>((0, "http"))

    var port: Int { listening.withLock { $0.port } }
    var address: String { listening.withLock { "\($0.scheme)://127.0.0.1:\($0.port)" } }
    var configuration: String { folder + "/Config/hearth.yaml" }

    /// Serves a copy of the company, hands it to `body` and clears everything away.
    /// - Parameters:
    ///   - serve: lines of the section `serve:`, indented by two.
    ///   - zone: the company's time zone, where it is another than the shipped configuration's.
    static func with(
        _ serve: String = "", zone: String? = nil, _ body: (GatewaySite) async throws -> Void
    ) async throws {
        let site = try GatewaySite(serve, zone: zone, try await template.value)
        do {
            try site.start()
            try await body(site)
        } catch {
            site.stop()
            throw error
        }
        site.stop()
    }

    private init(_ serve: String, zone: String?, _ template: Template) throws {
        folder =
            FileManager.default.temporaryDirectory.appendingPathComponent("hearth-gateway-\(UUID().uuidString)").path
        try FileManager.default.copyItem(atPath: template.folder, toPath: folder)
        try Self.writeConfiguration(folder, dispatch: "http://127.0.0.1:9/ws", serve: serve, zone: zone)
        let store = try SQLiteStore(path: folder + "/hearth.db")
        self.store = store
        var secrets: [ScopeSet: String] = [:]
        for scopes: [Scope] in [
            [.assistant], [.engineer], [.auditor], [.assistant, .pii], [.assistant, .pii, .engineer, .auditor],
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

    func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["serve", "--config", configuration, "--log-level", "error"]
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var line = ""
        while !line.hasSuffix("\n") {
            let part = output.fileHandleForReading.availableData
            try #require(!part.isEmpty, "hearth serve did not start")
            line += String(decoding: part, as: UTF8.self)
        }
        let words = line.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: ":")
        let port = try #require(words.last.flatMap { Int($0) })
        listening.withLock { $0 = (port, line.contains("https") ? "https" : "http") }
        self.process.withLock { $0 = process }
    }

    /// SIGTERM; the exit status.
    @discardableResult
    func terminate() -> Int32 {
        guard
            let process = process.withLock({ value in
                defer { value = nil }
                return value
            })
        else { return -1 }
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    var processIdentifier: pid_t { process.withLock { $0?.processIdentifier ?? 0 } }

    private func stop() {
        terminate()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs a program to its end; its status and what it wrote.
    static func run(_ path: String, _ arguments: [String], input: String = "") async throws -> (Int32, String) {
        try await Task.detached {
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
        }.value
    }

    /// Python with the packages that the tests need.
    static func python() async throws -> String {
        let (status, text) = try await run(repository + "/Tests/tools/python-env.sh", [])
        try #require(status == 0)
        return text.split(separator: "\n").last.map(String.init) ?? ""
    }
}
