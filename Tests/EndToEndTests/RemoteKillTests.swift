import Foundation
import Glibc
import HearthTesting
import TestTraits
import Testing

/// The program is killed, or the line is cut, while drops come from a server: nothing is lost, and nothing is taken twice.
@Suite(.waitsForServers) struct RemoteKillTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var seed: UInt64
        var kills: Int
        /// By FTPS, else by SFTP.
        var byTLS = false
        var testDescription: String { "\(byTLS ? "FTPS" : "SFTP") seed \(seed)" }
    }

    /// `HEARTH_HEAVY_TESTS=1` makes it a matter of minutes.
    static let cases =
        ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] == nil
        ? [Case(seed: 51, kills: 8)] : (0..<4).map { Case(seed: 60 + $0, kills: 40, byTLS: $0 % 2 == 1) }

    @Test(arguments: cases) func aKilledDownloadIsGoneOnFrom(_ test: Case) async throws {
        let site = try RemoteSite(seed: test.seed, byTLS: test.byTLS)
        defer { site.clear() }
        let started = ContinuousClock.now
        let undisturbed = try await site.sync("calm")
        #expect(undisturbed.status == 0, "\(undisturbed.errors)")
        var longest = ContinuousClock.now - started
        let calm = try site.dump("calm")
        #expect(calm.count > 1000)

        var random = SeededGenerator(seed: test.seed)
        var (killed, inDownload) = (0, 0)
        while killed < test.kills {
            let had = site.spooled("killed")
            let ending: Program.Ending
            if test.byTLS || killed % 3 == 2 {
                // When so much has come, or at any instant: also while files get their names and rows are committed.
                let wait = UInt32(random.next() % UInt64(max(longest / .microseconds(1), 2)))
                let target = killed % 3 == 2 ? nil : had + Int(random.next() % UInt64(site.size))
                ending = try await site.sync("killed") { process in
                    if let target {
                        while site.spooled("killed") < target, kill(process, 0) == 0 { usleep(200) }
                    } else {
                        usleep(wait)
                    }
                    kill(process, SIGKILL)
                }
            } else {
                // Where the line neither passes on nor ends; every other time, after one that was cut.
                let bytes = 200_000 + Int(random.next() % 250_000)
                let relay = try site.server.cut(after: killed % 2 == 0 ? [-bytes] : [bytes / 2, -bytes])
                ending = try await site.sync("killed", port: relay.port) { process in
                    if relay.waitForWord() { kill(process, SIGKILL) }
                }
                relay.stop()
            }
            #expect(site.spooled("killed") >= had, "what was fetched is kept")
            if ending.isSignalled {
                killed += 1
                if site.hasParts("killed") { inDownload += 1 }
            } else {
                #expect(ending.status == 0, "\(ending.errors)")
                longest = longest * 0.7
                let loaded = try site.dump("killed")
                #expect(difference(loaded, calm) == nil, "after \(killed) kills")
                try site.forget("killed")
            }
        }
        #expect(inDownload > 1)
        let last = try await site.sync("killed")
        #expect(last.status == 0, "\(last.errors)")
        let loaded = try site.dump("killed")
        #expect(difference(loaded, calm) == nil, "after \(killed) kills")
        #expect(try site.names("killed") == site.names("drops"))
        for name in try site.names("drops") {
            #expect(try site.bytes("killed", name) == site.bytes("drops", name), "\(name)")
        }
        let store = try Database(path: site.folder + "/killed.db")
        #expect(try store.number("SELECT count(*) FROM run WHERE state = 'running'") == 0)
        #expect(try store.column("PRAGMA integrity_check") == ["ok"])
        // Nothing is new to one more.
        #expect(try await site.sync("killed").status == 0)
        #expect(try store.number("SELECT new + changed FROM run ORDER BY id DESC LIMIT 1") == 0)
    }
}

/// Drops on a server, and configurations that mirror them: the store, the archive and the spool of each have its name.
private final class RemoteSite: Sendable {
    let folder: String
    let server: RemoteServer
    /// Of all drops together.
    let size: Int
    private let byTLS: Bool

    init(seed: UInt64, byTLS: Bool) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "hearth-remote-\(UUID().uuidString)"
        ).path
        self.folder = folder
        self.byTLS = byTLS
        for part in ["Config", "Mappings", "drops"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
        }
        func write(_ path: String, _ text: String) throws {
            try text.write(toFile: "\(folder)/\(path)", atomically: true, encoding: .utf8)
        }
        // Later files correct what earlier ones said; a column that nothing reads makes them long.
        var random = SeededGenerator(seed: seed)
        var size = 0
        for (number, rows) in [(1, 1500), (2, 400), (10, 900)] {
            var text = "id,name,area,note\n"
            for row in 0..<rows {
                let note = (0..<24).map { _ in String(random.next(), radix: 36) }.joined()
                text += "\(10_000_000 + row),用户\(row),\(50 + (row + number) % 90),\(note)\n"
            }
            size += text.utf8.count
            try write("drops/yh_\(number).csv", text)
        }
        self.size = size
        server = byTLS ? try .ftp(folder + "/drops", tls: true) : try .openSSH()
        let login =
            byTLS
            ? "user: hearth, password: s3cret, ca: \(try TestCertificates.shared().authority)"
            : "user: \(NSUserName()), key: \(try RemoteServer.keys.get())/user, hostKey: [\"${env:HOST_KEY}\"]"
        try write(
            "Config/hearth.yaml",
            """
            store: {sqlite: "../${env:SITE}.db"}
            mappings: ../Mappings
            archive: {folder: "../${env:SITE}-archive"}
            sources:
              p:
                csv:
                  folder: "../${env:SITE}"
                  remote: {url: "${env:DROPS}", \(login), connectTimeout: 600, silenceTimeout: 600}
                streams: {f: {pattern: "*.csv", key: [id]}}

            """)
        try write(
            "Mappings/unified.yaml",
            "facts:\n  holder.name: {from: [p.f]}\n  area.building: {from: [p.f]}\nlists: {}\n")
        try write(
            "Mappings/p.f.yaml",
            """
            entity: account
            from: p.f
            key: [id]
            account: {column: id, as: accountNumber, introduces: true}
            fields:
              holder.name: {column: name, as: text}
              area.building: {column: area, as: decimal(3), unit: m2}

            """)
    }

    func clear() {
        server.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func sync(
        _ name: String, port: Int? = nil, whileRunning: (@Sendable (pid_t) -> Void)? = nil
    ) async throws -> Program.Ending {
        let scheme = byTLS ? "ftps" : "sftp"
        let path = byTLS ? "/" : folder + "/drops"
        return try await Program.run(
            ["sync", "--batch-rows", "50"],
            environment: [
                "SITE": name, "DROPS": "\(scheme)://127.0.0.1:\(port ?? server.port)\(path)",
                "HOST_KEY": try RemoteServer.fingerprint("host"),
            ],
            directory: folder, whileRunning: whileRunning)
    }

    func forget(_ name: String) throws {
        for suffix in [".db", ".db-wal", ".db-shm", "-archive", ""] {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)\(suffix)")
        }
    }

    /// What the store says of the company; of a cursor nothing, which names a spool's own files.
    func dump(_ name: String) throws -> [String] {
        try Database(path: "\(folder)/\(name).db").dump().map { line in
            line.hasPrefix("stream | ")
                ? line.split(separator: "|", maxSplits: 4).prefix(4).joined(separator: "|") : line
        }
    }

    private func all(_ name: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)")) ?? []
    }

    func names(_ name: String) throws -> [String] { all(name).filter { $0 != ".hearth.lock" }.sorted() }

    func hasParts(_ name: String) -> Bool { all(name).contains { $0.hasSuffix(".part") } }

    func bytes(_ name: String, _ file: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)/\(file)"))
    }

    /// How many bytes a spool holds, whole or not.
    func spooled(_ name: String) -> Int {
        all(name).reduce(0) { sum, file in
            let facts = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)/\(file)")
            return sum + (facts?[.size] as? Int ?? 0)
        }
    }
}
