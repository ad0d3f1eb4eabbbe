import ConfigurationFiles
import Evidence
import Foundation
import HeatModel
import LegacyEstate
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Actions

/// A folder that is gone with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("actions-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A section `actions`, read.
func actions(_ yaml: String, folder: String = "/tmp") -> (system: ActionSystem?, problems: [HearthError]) {
    var reader = ConfigurationReader(path: folder + "/hearth.yaml")
    guard let root = reader.root(of: Array(yaml.utf8)), let section = reader.section(root, "actions") else {
        return (nil, reader.problems)
    }
    let system = ActionsConfiguration.read("dispatch", section, zone: "Asia/Shanghai", reader: &reader)
    return (system, reader.problems)
}

/// Whether tests run whose outcome hangs on a service of this process answering within seconds: beside others that keep all threads of
/// the pool busy it may take minutes. What they test is also tested by processes of their own (ActionKillTests).
let isHeavy = ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] != nil

/// The demo's dispatch system, alive, an outbox that writes it, and a store, in a folder of their own.
final class Desk: Sendable {
    static let estate = Estate(EstateOptions(accounts: 300, seed: 14, plantFaults: false))

    let folder: TemporaryFolder
    let service: DispatchService
    let store: SQLiteStore
    let outbox: Outbox
    let complaints = Mutex<[String]>([])

    /// - Parameters:
    ///   - total: the timeout, in seconds; and `settle`.
    ///   - probes: which of `reference` and `account` are configured.
    init(
        _ misbehaviour: String = "", total: Int = 600, settle: Int = 36_000, attempts: Int = 5,
        probes: [String] = ["reference", "account"],
        readsMoment: Bool = true, port: Int = 0
    ) async throws {
        folder = try TemporaryFolder()
        service = Self.estate.dispatchService()
        service.misbehave(try #require(DispatchMisbehaviour(misbehaviour)))
        let address = try await service.start(port: port)
        store = try SQLiteStore(path: folder.path + "/hearth.db")
        let yaml = try Self.yaml(
            address, total: total, settle: settle, attempts: attempts, probes: probes, readsMoment: readsMoment)
        let (system, problems) = actions(yaml)
        #expect(problems.isEmpty, "\(problems)")
        outbox = Outbox(store: store, systems: [try #require(system)])
    }

    /// The shipped section, at another address and less patient.
    static func yaml(
        _ address: String, total: Int = 600, settle: Int, attempts: Int, probes: [String], readsMoment: Bool
    ) throws -> String {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Config/hearth.yaml")
        let lines = try String(contentsOf: path, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        let begin = try #require(lines.firstIndex(of: "    actions:"))
        let end = lines[(begin + 1)...].firstIndex { !$0.isEmpty && !$0.hasPrefix("      ") } ?? lines.endIndex
        var text = lines[(begin + 1)..<end].map { $0.dropFirst(6) }.joined(separator: "\n")
        text = text.replacing(/endpoint: .*/, with: "endpoint: \(address)")
            .replacing(/user: \$.*/, with: "user: \(Estate.dispatchWriter)")
            .replacing(/password: \$.*/, with: "password: \(Estate.dispatchWriterPassword)")
            .replacing(/timeouts: .*/, with: "timeouts: {connect: \(total), total: \(total)}")
            .replacing(/settle: 60.*\n.*\n/, with: "settle: \(settle)\nattempts: \(attempts)\n")
        if !readsMoment { text = text.replacing(/\s+asOf: .*/, with: "") }
        for probe in ["reference", "account"] where !probes.contains(probe) {
            let all = text.split(separator: "\n", omittingEmptySubsequences: false)
            guard let from = all.firstIndex(where: { $0.hasPrefix("  \(probe):") }) else { continue }
            let to = all[(from + 1)...].firstIndex { !$0.hasPrefix("    ") } ?? all.endIndex
            text = (all[..<from] + all[to...]).joined(separator: "\n")
        }
        if probes.isEmpty { text = text.replacing(/probe: .*\n?/, with: "") }
        return text + "\nbackoff: {baseMilliseconds: 20, capSeconds: 1}\nbreaker: {failures: 1000, restSeconds: 1}\n"
    }

    func account(_ index: Int) -> String { Self.estate.account(index).number }

    @discardableResult
    func ask(
        _ index: Int = 7, kind: ActionKind = .createWorkOrder, key: String? = nil, _ more: [String: String] = [:]
    ) throws -> StoredAction {
        var values = ["account": account(index)]
        if kind == .createWorkOrder { values["problem"] = "noHeat" }
        values.merge(more) { _, new in new }
        let acceptance = try outbox.accept(
            ActionRequest(kind, values), by: "dispatch", caller: "desk", key: key ?? UUID().uuidString)
        guard case .accepted(let action) = acceptance else {
            throw HearthError(.actionNotSettled, "not accepted: \(acceptance)")
        }
        return action
    }

    /// Has everything sent that can be: to its end, or until a worker can do no more. Waits on a thread of its own.
    func drain(until isStopped: @escaping @Sendable () -> Bool = { false }) async {
        let worker = ActionWorker(outbox, atOnce: 4, pause: 20) { error in
            self.complaints.withLock { $0.append("\(error)") }
        }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                worker.run(drains: true, isStopped: isStopped)
                continuation.resume()
            }
        }
    }

    func state(_ action: StoredAction) throws -> StoredAction {
        try #require(try store.read { try $0.action(action.id) })
    }

    func attempts(_ action: StoredAction) throws -> [ActionAttempt] {
        try store.read { try $0.attempts(of: action.id) }
    }

    /// The chain is whole, and the outbox is what it says.
    func chainProblem() throws -> String? {
        var verification = AuditVerification(store: store, archive: nil)
        return try verification.run().problem.map { "\($0)" }
    }

    var made: [DispatchEntry] { service.entries.filter { $0.operation == .create } }
}
