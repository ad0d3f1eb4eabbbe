import Foundation
import HearthTesting
import HeatModel
import PostgresStore
import Store
import TestTraits
import Testing

/// What is wrong with a server is told by its name and what to do; what is under way when a connection goes is there wholly or not at all.
@Suite(.waitsForServers, .enabled(if: PostgresServer.isInstalled)) struct TroubleTests {
    private func refused(_ conninfo: String) -> HearthError? { refusal { _ = try PostgresStore(conninfo: conninfo) } }

    private func value(_ store: PostgresStore) throws -> String? { try store.read { try $0.setting("name") } }

    @Test func aServerThatIsNotThereIsNamed() throws {
        let server = try PostgresServer.shared()
        for (conninfo, code) in [
            ("host=/nowhere dbname=x password=geheim", "store.unreachable"),
            (server.dsn(database: "none_of_the_name"), "store.noDatabase"),
        ] {
            let error = try #require(refused(conninfo))
            #expect(error.code.name == code && error.advice != nil, "\(error)")
            #expect(!"\(error) \(String(reflecting: error))".contains("geheim"))
        }
        #expect(refused("host = = =")?.code.name == "config.badValue")
    }

    @Test func aWrongPasswordIsTold() throws {
        let database = try PostgresServer.shared().createDatabase()
        _ = try? database.execute("CREATE ROLE hearth_password")
        _ = try? database.execute("CREATE ROLE guarded LOGIN PASSWORD 'right' IN ROLE hearth_password")
        let error = try #require(refused(database.dsn(user: "guarded", password: "geheim")))
        #expect(error.code.name == "store.unauthorized" && !String(reflecting: error).contains("geheim"), "\(error)")
    }

    @Test func aUserWithoutRightsIsTold() throws {
        let database = try PostgresServer.shared().createDatabase()
        _ = try? database.execute("CREATE ROLE reader LOGIN")
        try database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        let error = try #require(refused(database.dsn(user: "reader")))
        #expect(error.code.name == "store.notWritable" && error.advice != nil, "\(error)")
    }

    /// What a user may not do is named, as it opens the store and while it works, with the statement that gives it the right.
    @Test(arguments: [
        ("REVOKE USAGE ON SCHEMA public FROM PUBLIC", "has no schema to work in", "may use no schema"),
        ("REVOKE SELECT ON setting FROM meter", "permission denied for table setting", "may not read setting"),
        ("REVOKE SELECT ON committed FROM meter", "permission denied for table committed", "may not read committed"),
        (
            "REVOKE INSERT ON account, action, lease, record, setting FROM meter", "permission denied for table setting",
            "may not write account, action, lease and 2 other tables"
        ),
    ]) func aMissingRightIsNamed(_ revoked: String, _ said: String, _ trouble: String) throws {
        let database = try PostgresServer.shared().createDatabase()
        _ = try PostgresStore(conninfo: database.dsn)
        _ = try? database.execute("CREATE ROLE meter LOGIN")
        try database.execute(
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO meter; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO meter")
        let store = try PostgresStore(conninfo: database.dsn(user: "meter"), mustExist: true)
        try store.write { try $0.setSetting("name", "value") }
        #expect(store.troubles().isEmpty)
        try database.execute(revoked)
        let troubles = store.troubles()
        #expect(troubles.map(\.code.name) == ["store.notWritable"])
        #expect(troubles.first?.message.contains(trouble) == true && "\(troubles)".contains("GRANT"), "\(troubles)")
        let error = try #require(
            refusal {
                let fresh = try PostgresStore(conninfo: database.dsn(user: "meter"), mustExist: true)
                try fresh.write { store in
                    _ = try store.setting("name")
                    try store.setSetting("name", "other")
                }
            })
        #expect(error.code.name == "store.notWritable" && "\(error)".contains(said) && "\(error)".contains("GRANT"), "\(error)")
    }

    /// A real server that says to be of an older version.
    @Test func aServerThatIsTooOldIsNamed() throws {
        let database = try PostgresServer.shared().createDatabase()
        let version = try #require(try database.execute("SHOW server_version")[0][0]?.prefix(2))
        let folder = "/tmp/hearthold-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let name = ".s.PGSQL.\(database.server.port)"
        func stated(_ version: String) -> [UInt8] { Array("server_version\0\(version).".utf8) }
        let relay = try CutSocket(
            "\(folder)/\(name)", before: "\(database.server.socketDirectory)/\(name)",
            replacing: (of: stated(String(version)), by: stated("12")))
        defer { relay.close() }
        let error = try #require(refused("host=\(folder) port=\(database.server.port) dbname=\(database.name) user=postgres"))
        #expect(error.code.name == "store.serverTooOld" && "\(error)".contains("PostgreSQL 12."), "\(error)")
        #expect(error.advice?.contains("PostgreSQL 13 or later") == true && error.place != nil, "\(error)")
        #expect(try database.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [["0"]])
    }

    /// Of servers that a gateway is at work with: what is wrong is named, until it is well again.
    @Test func whatIsWrongWithAServerIsNamed() throws {
        let database = try PostgresServer.shared().createDatabase()
        try PostgresStore(conninfo: database.dsn).write { try $0.setSetting("name", "value") }
        _ = try? database.execute("CREATE ROLE clerk LOGIN")
        try database.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk")
        let store = try PostgresStore(conninfo: database.dsn(user: "clerk"), mustExist: true)
        #expect(try value(store) == "value")
        func codes() -> Set<String> { Set(store.troubles().map(\.code.name)) }
        #expect(codes() == ["store.notWritable"])
        #expect(refusal { try store.write { try $0.setSetting("name", "other") } }?.code.name == "store.notWritable")
        try database.execute(
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO clerk; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO clerk")
        try store.write { try $0.setSetting("name", "other") }
        #expect(codes() == [])
        try PostgresServer.shared().execute(
            "ALTER DATABASE \(database.name) SET default_transaction_read_only = on")
        #expect(codes() == ["store.readOnly"])
        #expect(store.troubles().allSatisfy { $0.advice != nil && $0.place != nil })
    }

    @Test func aDatabaseOfAnotherProgramIsLeftAlone() throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute("CREATE TABLE bill(id int PRIMARY KEY)")
        #expect(refused(database.dsn)?.code.name == "store.foreign")
        #expect(try database.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [["1"]])
        let error = refusal { _ = try PostgresStore(conninfo: database.dsn, mustExist: true) }
        #expect(error?.code.name == "store.foreign")
    }

    @Test func aStoreThatMustBeThereIsNotMade() throws {
        let database = try PostgresServer.shared().createDatabase()
        let error = try #require(refusal { _ = try PostgresStore(conninfo: database.dsn, mustExist: true) })
        #expect(error.code.name == "store.missing" && error.advice?.contains("search_path") == true, "\(error)")
        #expect(try database.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [["0"]])
        _ = try PostgresStore(conninfo: database.dsn)
        _ = try PostgresStore(conninfo: database.dsn, mustExist: true)
    }

    /// Told apart from a replica: there it helps to name the primary, here it does not.
    @Test func aServerThatTakesNoWritesIsNoReplica() throws {
        let database = try PostgresServer.shared().createDatabase()
        func setReadOnly(_ value: String) throws {
            try PostgresServer.shared().execute(
                "ALTER DATABASE \(database.name) SET default_transaction_read_only = \(value)")
        }
        try setReadOnly("on")
        let unmade = try #require(refused(database.dsn))
        #expect(unmade.code.name == "store.readOnly", "\(unmade)")
        try setReadOnly("off")
        let store = try PostgresStore(conninfo: database.dsn)
        try store.write { try $0.setSetting("name", "value") }
        try setReadOnly("on")
        let reading = try PostgresStore(conninfo: database.dsn, mustExist: true)
        #expect(try value(reading) == "value")
        let error = try #require(refusal { try reading.write { try $0.setSetting("name", "other") } })
        #expect(
            error.code.name == "store.readOnly" && error.advice?.contains("default_transaction_read_only") == true,
            "\(error)")
        // Who was refused holds up nobody.
        try store.write { try $0.setSetting("name", "third") }
        #expect(try value(reading) == "third")
    }

    @Test func aStoreWhoseVersionIsLostIsNamed() throws {
        let database = try PostgresServer.shared().createDatabase()
        _ = try PostgresStore(conninfo: database.dsn)
        try database.execute("DELETE FROM hearth_schema")
        let error = try #require(refused(database.dsn))
        #expect(
            error.code.name == "store.corrupt" && "\(error)".contains("hearth_schema") && error.advice != nil,
            "\(error)")
    }

    @Test func aStoreOfALaterVersionIsLeftAlone() throws {
        let database = try PostgresServer.shared().createDatabase()
        let store = try PostgresStore(conninfo: database.dsn)
        #expect(store.troubles().isEmpty)
        try database.execute("INSERT INTO hearth_schema(version) VALUES(99)")
        #expect(refused(database.dsn)?.code.name == "store.tooNew")
        // A machine that has it open already says so, too.
        let troubles = store.troubles()
        #expect(troubles.map(\.code.name) == ["store.tooNew"] && troubles[0].advice != nil, "\(troubles)")
    }

    @Test func anotherEncodingIsRefused() throws {
        let database = try PostgresServer.shared().createDatabase(encoding: "SQL_ASCII")
        #expect(refused(database.dsn)?.code.name == "store.wrongEncoding")
    }

    @Test func severalMayOpenANewStoreAtOnce() async throws {
        let dsn = try PostgresServer.shared().createDatabase().dsn
        await withTaskGroup(of: String?.self) { group in
            for _ in 0..<4 {
                group.addTask { await Elsewhere.run { refused(dsn).map { "\($0)" } } ?? nil }
            }
            for await trouble in group { #expect(trouble == nil) }
        }
    }

    /// Connections that the server ends while nothing is under way are opened anew, unseen.
    @Test func anIdleConnectionThatIsGoneIsReplaced() throws {
        let database = try PostgresServer.shared().createDatabase()
        let store = try PostgresStore(conninfo: database.dsn)
        try store.write { try $0.setSetting("name", "before") }
        #expect(try value(store) == "before")
        try endSessions(of: database)
        #expect(try value(store) == "before")
        try store.write { try $0.setSetting("name", "after") }
        #expect(try value(store) == "after")
    }

    private func endSessions(of database: PostgresDatabase) throws {
        try database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    }

    @Test func aTransactionWhoseConnectionGoesLeavesNothing() throws {
        let database = try PostgresServer.shared().createDatabase()
        let store = try PostgresStore(conninfo: database.dsn)
        let error = refusal {
            try store.write { writer in
                try writer.setSetting("name", "lost")
                try endSessions(of: database)
                try writer.setSetting("other", "lost")
            }
        }
        #expect(error?.code.name == "store.disconnected" && error?.advice != nil, "\(String(describing: error))")
        #expect(try value(store) == nil)
        try store.write { try $0.setSetting("name", "kept") }
        #expect(try value(store) == "kept")
    }

    /// A statement that fails and whose error is swallowed takes the whole transaction back, and that is told.
    @Test func aSwallowedErrorDoesNotCommitHalf() throws {
        let store = try PostgresStore(conninfo: PostgresServer.shared().createDatabase().dsn)
        let error = refusal {
            try store.write { writer in
                try writer.setSetting("name", "half")
                _ = try? writer.addTurn(
                    Turn(
                        number: 0, speaker: .customer, at: Instant(microseconds: 0, offsetMinutes: 0), words: "",
                        caller: ""),
                    to: ConversationID(7))
                _ = try? writer.appendChain([0x7B], sequence: 1, run: nil)
                _ = try? writer.keep(
                    KeptAnswer(caller: "a", key: "k", fingerprint: [], account: "1", action: nil, answer: []))
                _ = try? writer.keep(
                    KeptAnswer(caller: "a", key: "k", fingerprint: [], account: "1", action: nil, answer: []))
            }
        }
        #expect(error?.code.name == "store.failed", "\(String(describing: error))")
        #expect(try value(store) == nil)
    }

    /// The connection is cut after each number of bytes around the commit: who was told that it is there finds it there, who was told that
    /// nothing is finds nothing.
    @Test func aCommitThatIsCutOffIsFoundOut() throws {
        let database = try PostgresServer.shared().createDatabase()
        let folder = "/tmp/hearthcut-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let name = ".s.PGSQL.\(database.server.port)"
        let cut = try CutSocket("\(folder)/\(name)", before: "\(database.server.socketDirectory)/\(name)")
        defer { cut.close() }
        let conninfo = "host=\(folder) port=\(database.server.port) dbname=\(database.name) user=postgres"
        let direct = try PostgresStore(conninfo: database.dsn)
        func write(_ text: String) throws {
            try PostgresStore(conninfo: conninfo).write { try $0.setSetting("name", text) }
        }
        try write("whole")
        let all = cut.passed
        var (kept, lost) = (0, 0)
        for bytes in stride(from: all + 3, through: all - 90, by: -3) {
            cut.cut(after: bytes)
            let text = "after \(bytes)"
            let error = refusal { try write(text) }
            let isThere = try value(direct) == text
            if let error {
                #expect(error.code.name == "store.disconnected", "\(error)")
                #expect(!isThere, "\(bytes): what was said to be lost is there")
                lost += 1
            } else {
                #expect(isThere, "\(bytes): what was said to be kept is not there")
                kept += 1
            }
        }
        #expect(kept > 2 && lost > 2, "\(kept) \(lost)")
    }
}

/// A thread of its own: the store's calls block.
enum Elsewhere {
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async -> Value? {
        await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: try? body()) }.start()
        }
    }
}
