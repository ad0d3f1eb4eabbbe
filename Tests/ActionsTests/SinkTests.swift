import Foundation
import GRDBSQLite
import HeatModel
import SQLiteStore
import Store
import Testing

@testable import Actions

/// Writing by SQL and by files.
@Suite struct SinkTests {
    private func run(_ outbox: Outbox) async {
        let worker = ActionWorker(outbox, pause: 20) { error in Issue.record("\(error)") }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                worker.run(drains: true) { false }
                continuation.resume()
            }
        }
    }

    private func rows(_ path: String, _ sql: String) throws -> [String] {
        var handle: OpaquePointer?
        try #require(sqlite3_open(path, &handle) == SQLITE_OK)
        defer { sqlite3_close(handle) }
        var statement: OpaquePointer?
        try #require(sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK)
        defer { sqlite3_finalize(statement) }
        var found: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            found.append(
                (0..<sqlite3_column_count(statement)).map { column in
                    sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "NULL"
                }.joined(separator: "|"))
        }
        return found
    }

    private func ask(_ outbox: Outbox, _ kind: ActionKind, _ values: [String: String]) throws -> StoredAction {
        let acceptance = try outbox.accept(
            ActionRequest(kind, values), by: "dispatch", caller: "desk", key: UUID().uuidString)
        guard case .accepted(let action) = acceptance else {
            throw HearthError(.actionNotSettled, "not accepted: \(acceptance)")
        }
        return action
    }

    @Test func aStatementIsOneTransaction() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/legacy.sqlite"
        _ = try rows(
            path,
            "CREATE TABLE o(id INTEGER PRIMARY KEY, account TEXT, words TEXT, ref TEXT, state TEXT CHECK(state <> 'bad'))"
        )
        let (system, problems) = actions(
            """
            sql: {driver: sqlite, path: \(path)}
            settle: 90
            attempts: 2
            backoff: {baseMilliseconds: 10, capSeconds: 1}
            kinds:
              createWorkOrder:
                statement: "INSERT INTO o(account, words, ref, state) VALUES (:account, :words, :reference, :problem) RETURNING 'N' || id"
              cancelWorkOrder: {statement: "UPDATE o SET state = 'cancelled', ref = :reference WHERE account = :account AND state <> 'cancelled'"}
            probe: {query: "SELECT 'N' || id FROM o WHERE ref = :reference"}
            """, folder: folder.path)
        #expect(problems.isEmpty, "\(problems)")
        let store = try SQLiteStore(path: folder.path + "/hearth.db")
        let outbox = Outbox(store: store, systems: [try #require(system)])
        // A value is bound, whatever it holds.
        let words = "'); DROP TABLE o; -- :account ::text"
        let one = try ask(outbox, .createWorkOrder, ["account": "1", "problem": "leak", "words": words])
        let bad = try ask(outbox, .createWorkOrder, ["account": "2", "problem": "bad"])
        let none = try ask(outbox, .cancelWorkOrder, ["account": "9", "order": "x"])
        await run(outbox)
        func state(_ action: StoredAction) throws -> StoredAction {
            try #require(try store.read { try $0.action(action.id) })
        }
        #expect(try state(one).state == .confirmed && state(one).externalID == "N1")
        #expect(try rows(path, "SELECT account, words, state FROM o") == ["1|\(words)|leak"])
        #expect(try state(bad).state == .refused && state(bad).message?.contains("CHECK") == true)
        #expect(try state(none).state == .refused && state(none).message == "no row is there that it could change")
        _ = try rows(path, "INSERT INTO o(account, state) VALUES ('1', 'leak')")
        let two = try ask(outbox, .cancelWorkOrder, ["account": "1", "order": "x"])
        await run(outbox)
        // More than one row would change: nothing is kept.
        #expect(try state(two).state == .refused)
        #expect(try rows(path, "SELECT count(*) FROM o WHERE state = 'cancelled'") == ["0"])
        // A worker that died after the commit: the row is found.
        let left = try ask(outbox, .createWorkOrder, ["account": "3", "problem": "leak"])
        let dead = LeaseOwner(host: LeaseOwner.current.host, process: Int32.max - 1, processStart: 1)
        try store.write { store in
            let claim = try store.claimAction(systems: ["dispatch"], owner: dead, seconds: 600) { _ in true }
            _ = try store.beginAttempt(try #require(claim), .send)
        }
        _ = try rows(path, "INSERT INTO o(account, ref, state) VALUES ('3', '\(left.request.reference)', 'leak')")
        await run(outbox)
        #expect(try state(left).state == .confirmed && state(left).externalID == "N3")
        #expect(try rows(path, "SELECT count(*) FROM o WHERE account = '3'") == ["1"])
    }

    @Test func whatCannotBeWrittenBySQLIsRefusedAtItsPlace() {
        let yaml =
            "sql: {driver: odbc, dsn: x}\nkinds: {cancelWorkOrder: {statement: \"DELETE FROM t WHERE r = :referenc\"}}\n"
        let problems = actions(yaml).problems.map(\.message)
        #expect(
            problems.contains { $0.contains("ODBC") } && problems.contains { $0.contains(":referenc is not known") })
    }

    @Test func aFileIsPutThereOnceAndItsReceiptReadBack() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/in", withIntermediateDirectories: true)
        let (system, problems) = actions(
            """
            file: {folder: \(folder.path)/out, receipts: \(folder.path)/in}
            attempts: 3
            backoff: {baseMilliseconds: 10, capSeconds: 1}
            kinds: {requestSuspension: {}}
            """, folder: folder.path)
        #expect(problems.isEmpty, "\(problems)")
        let store = try SQLiteStore(path: folder.path + "/hearth.db")
        let outbox = Outbox(store: store, systems: [try #require(system)])
        let values = ["from": "2026-11-15", "reason": "出国", "account": "1"]
        func state(_ action: StoredAction) throws -> StoredAction {
            try #require(try store.read { try $0.action(action.id) })
        }
        let one = try ask(outbox, .requestSuspension, values)
        await run(outbox)
        // Nobody has answered: nobody knows.
        #expect(try state(one).state == .unknown && state(one).isDead)
        let name = "requestSuspension-\(one.request.reference).json"
        func files() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out").filter { !$0.hasPrefix(".") }
        }
        #expect(try files() == [name])
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/out/\(name)"))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: String])
        #expect(
            object["from"] == "2026-11-15" && object["reference"] == one.request.reference && object["reason"] == "出国")
        try FileManager.default.removeItem(atPath: "\(folder.path)/out/\(name)")
        _ = try outbox.retry(one.id, by: "test")
        await run(outbox)
        // It was taken away, and the receipt is not there yet: it is not put there again.
        #expect(try files().isEmpty && state(one).state == .unknown)
        try Data("TZ-77\n".utf8).write(to: URL(fileURLWithPath: "\(folder.path)/in/\(one.request.reference).ok"))
        _ = try outbox.retry(one.id, by: "test")
        await run(outbox)
        #expect(try state(one).state == .confirmed && state(one).externalID == "TZ-77")
        let two = try ask(outbox, .requestSuspension, values.merging(["account": "2"]) { $1 })
        try Data("欠费不能报停\n".utf8).write(to: URL(fileURLWithPath: "\(folder.path)/in/\(two.request.reference).error"))
        await run(outbox)
        #expect(try state(two).state == .refused && state(two).message == "欠费不能报停")
    }

    /// A worker that died before the file stood there: it is put there by the next.
    @Test func aFileThatWasNeverThereIsPutThere() async throws {
        let folder = try TemporaryFolder()
        for name in ["in", "out"] {
            try FileManager.default.createDirectory(atPath: folder.path + "/" + name, withIntermediateDirectories: true)
        }
        let sink = FileSink(folder: folder.path + "/out", receipts: folder.path + "/in", kinds: [.requestSuspension])
        let letter = ActionLetter(kind: .requestSuspension, reference: "K7Q2M4X9ABCDEFGH", values: ["account": "1"])
        guard case .absent = sink.probe(letter) else {
            Issue.record("a file that nobody put there is not absent")
            return
        }
        guard case .unclear = sink.send(letter), case .failed = sink.probe(letter) else {
            Issue.record("what was put there is not awaited")
            return
        }
    }
}
