import Foundation
import HearthTesting
import HeatModel
import PostgresStore
import SQLiteStore
import Store
import StoreCopy
import StoreSQL
import Testing

@Suite(.enabled(if: PostgresServer.isInstalled)) struct CopyTests {
    private static let at = Instant(microseconds: 1_763_200_000_000_000, offsetMinutes: 480)

    /// A folder with a store of some records, history, views, events and what else has numbers.
    private final class Scene {
        let folder: String
        let store: SQLiteStore

        init(records: Int) throws {
            folder =
                FileManager.default.temporaryDirectory.appendingPathComponent("hearth-copy-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            store = try SQLiteStore(path: folder + "/hearth.db", cacheMegabytes: 1)
            try fill(store, records)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }
    }

    private static func fill(_ store: any Store, _ records: Int) throws {
        try store.write { store in
            let stream = try store.stream(named: "billing.charges", entity: .charge)
            let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "1", at: at)
            let origin = try store.beginOrigin(
                IncomingOrigin(
                    stream: stream, run: run, kind: "file", name: "账单.csv", digest: nil, byteCount: nil,
                    isSnapshot: true,
                    columns: ["id", "名称"]))
            for number in 0..<records {
                let key = Array("键\(number)".utf8)
                let account = try key.withUnsafeBytes { try store.introduceAccount(number: $0, run: run) }
                let body = Array("{\"due_fen\":\(number)}".utf8)
                try key.withUnsafeBytes { key in
                    try body.withUnsafeBytes { body in
                        let record = IncomingRecord(
                            stream: stream, key: key, account: account, rule: .accountNumber,
                            hash: ContentHash(UInt64(number), 2), body: body, raw: key, run: run, origin: origin,
                            ordinal: Int64(number), isVoided: false)
                        let id = try #require(try store.insert(record))
                        if number % 3 == 0 { try store.supersede(id, with: record) }
                        if number % 7 == 0 { _ = try store.end(id, run: run, reason: .vanished) }
                        try store.putView(account, body: body, runs: nil)
                    }
                }
            }
            try store.quarantine(
                IncomingQuarantine(
                    stream: stream, run: run, origin: origin, code: "record.badDate", message: "m", place: "p",
                    column: nil,
                    key: nil, ordinal: 1, candidates: [], raw: [0, 1, 0xFF] + [UInt8](repeating: 7, count: 9000),
                    isSplit: false))
            try store.append([
                IncomingEvent(type: "a", account: nil, place: nil, at: nil, body: [0x7B, 0x7D]),
                IncomingEvent(type: "b", account: AccountID(1), place: nil, at: at, body: [0x7B, 0x7D]),
            ])
            try store.trimEvents(keeping: 1)
            try store.add(
                AccessToken(
                    id: "t", name: "n", scopes: ["a"], digest: [UInt8](repeating: 1, count: 32), createdAt: at,
                    expiresAt: nil))
            try store.endRun(run, state: .success, at: at, error: nil, totals: [])
            try store.appendChain(Array("{\"a\":1}".utf8), sequence: 1, run: run)
            try store.reserveRuns(through: RunID(40))
            try store.setSetting("name", "value")
            for account in ["01", "02"] { try store.bind(customer, to: account) }
            try store.keepReply([1], to: customer, key: "1", most: 20)
        }
    }

    private static let customer = CustomerKey(channel: "chat", id: [1, 2])

    private func server() throws -> PostgresStore {
        try PostgresStore(conninfo: PostgresServer.shared().createDatabase().dsn)
    }

    /// Later numbers are those that the source would have given.
    private func next(_ store: any Store) throws -> [Int64] {
        try store.write { store in
            let stream = try store.stream(named: "another.stream", entity: .charge)
            let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "1", at: Self.at)
            try store.append([IncomingEvent(type: "c", account: nil, place: nil, at: nil, body: [0x7B, 0x7D])])
            let account = try Array("new".utf8).withUnsafeBytes { try store.introduceAccount(number: $0, run: run) }
            try store.bind(Self.customer, to: "03")
            #expect(try store.boundAccounts(of: Self.customer) == ["01", "02", "03"])
            try store.keepReply([2], to: Self.customer, key: "2", most: 20)
            #expect(try store.customerReply(Self.customer, key: "1") == [1])
            return [
                stream.number, run.number, try store.lastEvent().number, account.number, try store.lastChange().number,
            ]
        }
    }

    @Test func thereAndBackAgain() throws {
        let scene = try Scene(records: 500)
        let server = try server()
        let there = try StoreCopy(from: scene.store, to: server).run()
        let back = try SQLiteStore(path: scene.folder + "/back.db")
        #expect(try StoreCopy(from: server, to: back).run() == there)
        #expect(there.first { $0.name == "record_history" }?.rows ?? 0 > 200)
        #expect(there.filter { $0.rows > 0 }.count > 12)
        for store in [server, back] as [any Store] {
            #expect(try store.read { try $0.readEverything() } == scene.store.read { try $0.readEverything() })
            #expect(try store.read { try $0.runMark() } == scene.store.read { try $0.runMark() })
        }
        let numbers = try next(scene.store)
        #expect(try next(server) == numbers)
        #expect(try next(back) == numbers)
        #expect(numbers[1] == 41 && numbers[2] == 3)
    }

    /// Cut off again and again, it goes on and ends as one that was not.
    @Test func aCopyThatIsCutOffGoesOn() throws {
        let scene = try Scene(records: 9000)
        let server = try server()
        var (tries, looks) = (0, 0)
        while true {
            tries += 1
            var left = 3
            do {
                _ = try StoreCopy(from: scene.store, to: server).run(
                    isCancelled: {
                        left -= 1
                        return left < 0 && tries < 20
                    }, progress: { _, _ in looks += 1 })
                break
            } catch let error as HearthError {
                #expect(error.code.name == "run.cancelled")
                #expect(try server.read { try $0.setting(.unfinishedCopy) } != nil)
            }
        }
        #expect(tries > 5)
        #expect(try server.read { try $0.setting(.unfinishedCopy) } == nil)
        #expect(try server.read { try $0.readEverything() } == scene.store.read { try $0.readEverything() })
    }

    @Test func aStoreIsNotOverwritten() throws {
        let scene = try Scene(records: 3)
        let server = try server()
        try server.write { try $0.setSetting("name", "other") }
        #expect(throws: HearthError.self) { try StoreCopy(from: scene.store, to: server).run() }
        #expect(try server.read { try $0.setting("name") } == "other")
        #expect(try server.read { try $0.accountCount() } == 0)
    }

    /// What changes behind the copy's back is told, and the target stays what it is: no store.
    @Test func aSourceThatChangesMeanwhileIsTold() throws {
        let scene = try Scene(records: 50)
        let server = try server()
        var isChanged = false
        var code: String?
        do {
            _ = try StoreCopy(from: scene.store, to: server).run(progress: { table, _ in
                if table == "setting", !isChanged {
                    isChanged = true
                    try? scene.store.write { try $0.setSetting("name", "later") }
                }
            })
        } catch let error as HearthError { code = error.code.name }
        #expect(isChanged && code == "store.copyDiffers")
        #expect(try server.read { try $0.setting(.unfinishedCopy) } != nil)
    }

    private func refusal(from source: String, to target: String) -> HearthError? {
        do {
            _ = try StoreCopy(from: StorePlace(source), to: StorePlace(target))
            return nil
        } catch { return error as? HearthError }
    }

    /// What is refused before a row went makes nothing: neither a file nor a schema.
    @Test func aCopyThatIsRefusedLeavesNothing() throws {
        let scene = try Scene(records: 3)
        let (none, empty) = (scene.folder + "/none.db", scene.folder + "/empty.db")
        try Data().write(to: URL(fileURLWithPath: empty))
        let database = try PostgresServer.shared().createDatabase()
        #expect(refusal(from: scene.folder + "/hearth.db", to: none)?.code.name == "store.failed")
        #expect(refusal(from: empty, to: database.dsn)?.code.name == "store.missing")
        #expect(refusal(from: none, to: database.dsn)?.code.name == "store.missing")
        #expect(refusal(from: database.dsn, to: none)?.code.name == "store.missing")
        try scene.store.write { try $0.setSetting(.unfinishedCopy, "yes") }
        #expect(refusal(from: scene.folder + "/hearth.db", to: database.dsn)?.code.name == "store.unfinishedCopy")
        #expect(!FileManager.default.fileExists(atPath: none))
        #expect(try Data(contentsOf: URL(fileURLWithPath: empty)).isEmpty)
        #expect(try database.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [["0"]])
    }
}
