import Foundation
import HearthTesting
import HeatModel
import PostgresStore
import Store
import TestTraits
import Testing

/// Programs that begin while no server of the store takes writes.
@Suite(.waitsForServers, .enabled(if: PostgresServer.isInstalled)) struct FailoverBeginTests {
    /// A workspace whose store is on servers.
    private final class Place {
        let folder: String
        private var running: [Process] = []

        init(_ store: String) throws {
            folder =
                FileManager.default.temporaryDirectory.appendingPathComponent("hearth-begin-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for part in ["Config", "Mappings"] {
                try FileManager.default.copyItem(atPath: Program.repository + "/" + part, toPath: folder + "/" + part)
            }
            let path = folder + "/Config/hearth.yaml"
            let text = try String(contentsOfFile: path, encoding: .utf8)
                .replacing(/(?m)^  sqlite: \$\{env:HEARTH_STORE.*$/, with: store)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }

        deinit {
            for process in running where process.isRunning { kill(process.processIdentifier, SIGKILL) }
            try? FileManager.default.removeItem(atPath: folder)
        }

        private var environment: [String: String] {
            [
                "HEARTH_ARCHIVE": folder + "/archive", "HEARTH_DISPATCH_WRITER_PASSWORD": "x",
                "HEARTH_DISPATCH_PASSWORD": "x",
                "HEARTH_CUSTOMER_DROPS": folder,
            ]
        }

        func hearth(_ arguments: [String]) async throws -> Program.Ending {
            try await Program.run(arguments, environment: environment, directory: folder)
        }

        /// A program at work, and what it says on standard output and error together.
        ///
        /// - Parameter input: what it reads; nothing where none is named.
        func start(_ arguments: [String], input: Pipe? = nil) throws -> (process: Process, lines: FileHandle) {
            let (process, pipe) = (Process(), Pipe())
            process.executableURL = URL(fileURLWithPath: Program.path)
            process.arguments = arguments
            process.environment = environment.merging(["PATH": "/usr/bin:/bin", "TZ": "UTC"]) { own, _ in own }
            process.currentDirectoryURL = URL(fileURLWithPath: folder)
            process.standardInput = input ?? FileHandle.nullDevice
            (process.standardOutput, process.standardError) = (pipe, pipe)
            try process.run()
            running.append(process)
            return (process, pipe.fileHandleForReading)
        }
    }

    /// Reads on until a line holds what is looked for, and returns it.
    private func line(with text: String, of lines: FileHandle) throws -> String {
        var said = ""
        while true {
            let part = lines.availableData
            try #require(!part.isEmpty, "it ended without \"\(text)\": \(said)")
            said += String(decoding: part, as: UTF8.self)
            let whole = said.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            if let found = whole.first(where: { $0.contains(text) }) { return String(found) }
        }
    }

    @Test func withoutAnyServerEachWaitsAsItIsMeantTo() async throws {
        let place = try Place("  postgres: host=/nowhere dbname=kept\n  failoverWait: 1")
        let began = ContinuousClock.now
        let sync = try await place.hearth(["sync"])
        #expect(ContinuousClock.now - began >= .seconds(1))
        let told = sync.errors.split(separator: "\n")
        #expect(sync.status == 2 && told.count == 2, "\(sync.errors)")
        #expect(told.first?.contains("waits for the store, for 1 s at most") == true, "\(sync.errors)")
        #expect(told.last?.contains("[store.unreachable]") == true, "\(sync.errors)")
        let asked = try await place.hearth(["account", "1"])
        #expect(
            asked.status == 2 && asked.errors.contains("store.unreachable") && !asked.errors.contains("waits"),
            "\(asked.errors)")

        for command in [["serve", "--port", "0"], ["actions", "run"], ["notices", "run"], ["events", "--follow"]] {
            let (process, lines) = try place.start(command)
            let waits = try line(with: "waits for the store, until", of: lines)
            #expect(waits.contains("store.unreachable") && waits.contains("postgresql /nowhere/kept"), "\(waits)")
            kill(process.processIdentifier, SIGINT)
            process.waitUntilExit()
            #expect(
                process.terminationReason == .exit && process.terminationStatus == 0,
                "\(command): \(process.terminationStatus)")
        }
    }

    private struct Answer {
        var status: Int
        var body: String
    }

    private func ask(_ address: String, _ arguments: [String] = []) async throws -> Answer {
        let ending = try await Program.run(
            ["-s", "-w", "\n%{http_code}", "--max-time", "60"] + arguments + [address], executable: "/usr/bin/curl",
            environment: [:], directory: "/")
        let lines = ending.output.split(separator: "\n")
        return Answer(status: Int(lines.last ?? "") ?? 0, body: lines.dropLast().joined())
    }

    /// The primary is gone, and its replica has not taken over: reads are answered, and it says which server is missing.
    @Test func aServerBeginsOnAReplicaAndGoesOnOnceThereIsAPrimary() async throws {
        let cluster = try PostgresCluster()
        defer { cluster.stop() }
        let place = try Place("  postgres: \(cluster.conninfo)\n  replicas: \(cluster.replicas)\n  failoverWait: 1")
        let made = try await place.hearth(["token", "create", "--json", "--name", "desk", "--scope", "assistant"])
        let token = try #require((try made.json() as? [String: Any])?["token"] as? String, "\(made.errors)")
        try cluster.primary.kill()

        let (process, lines) = try place.start(["serve", "--port", "0"])
        let listening = try line(with: "listening on http", of: lines)
        let address = try #require(listening.split(separator: " ").last.map(String.init))
        let caller = "Authorization: Bearer \(token)"
        let unknown = try await ask(address + "/v1/accounts/1", ["-H", caller])
        #expect(unknown.status == 404 && unknown.body.contains("unknown-account"), "\(unknown)")
        let ready = try await ask(address + "/readyz")
        #expect(ready.status == 200 && ready.body.contains("\"degraded\""), "\(ready)")
        #expect(ready.body.contains("writes wait: ") && ready.body.contains("store.unreachable"), "\(ready)")
        func open(_ key: String) async throws -> Answer {
            let fields = [caller, "Content-Type: application/json", "Idempotency-Key: \"\(key)\""].flatMap {
                ["-H", $0]
            }
            return try await ask(address + "/v1/conversations", fields + ["-d", "{\"channel\":\"wechat\"}"])
        }
        let early = try await open("a")
        #expect(early.status == 503, "\(early)")

        try cluster.promote()
        try cluster.replaceReplica()
        _ = try line(with: "the store takes writes", of: lines)
        let kept = try await open("b")
        #expect(kept.status == 200, "\(kept)")
        #expect(try await ask(address + "/readyz").body.contains("\"ready\""))
        kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    }

    /// Programs at work that lose the primary: they say nothing wrong meanwhile, and go on once another has taken over.
    @Test func whatFollowsAndWhatAnswersGoOnOverTheLossOfThePrimary() async throws {
        let cluster = try PostgresCluster()
        defer { cluster.stop() }
        let place = try Place("  postgres: \(cluster.conninfo)\n  replicas: \(cluster.replicas)\n  failoverWait: 20")
        func tell(_ order: String) throws {
            try PostgresStore(conninfo: cluster.conninfo).write { store in
                let run = try store.beginRun(
                    stream: store.stream(named: "billing.accounts", entity: .account), mode: "full",
                    mappingVersion: "1",
                    at: .now)
                let account = try Array("1".utf8).withUnsafeBytes {
                    try store.account(number: $0) ?? store.introduceAccount(number: $0, run: run)
                }
                try store.append([
                    IncomingEvent(
                        type: "order.resolved", account: account, place: nil, at: nil,
                        body: Array("{\"order\":\"\(order)\"}".utf8))
                ])
            }
        }
        try tell("WX1")
        let (following, told) = try place.start(["events", "--follow", "--after", "0", "--json"])
        _ = try line(with: "\"WX1\"", of: told)
        let asking = Pipe()
        let (answering, answers) = try place.start(["mcp"], input: asking)
        func ask(_ id: Int) throws -> String {
            let call =
                #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"account_context","arguments":{"account_number":"nobody"}}}"#
            asking.fileHandleForWriting.write(Data((call + "\n").utf8))
            return try line(with: "\"id\":\(id)", of: answers)
        }
        #expect(try ask(1).contains("unknown-account"))

        try cluster.primary.kill()
        // It asks the primary: what is not known is not answered.
        let meanwhile = try ask(2)
        #expect(meanwhile.contains("store-unavailable") && !meanwhile.contains("unknown-account"), "\(meanwhile)")
        try cluster.promote()
        try cluster.replaceReplica()
        try tell("WX2")
        let next = try line(with: "\"order\"", of: told)
        #expect(next.contains("\"WX2\""), "nothing is told twice, and nothing passed over: \(next)")
        #expect(try ask(3).contains("unknown-account"))
        try asking.fileHandleForWriting.close()
        kill(following.processIdentifier, SIGINT)
        for process in [following, answering] {
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        }
    }
}
