import Foundation
import HearthTesting
import TestTraits
import Testing

/// What `hearth init` writes is a workspace in which every command starts.
@Suite(.waitsForServers) struct InitTests {
    private func hearth(_ folder: String, _ arguments: [String]) async throws -> Program.Ending {
        try await Program.run(arguments, environment: [:], directory: folder)
    }

    private func workspace() async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-init-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let made = try await hearth(folder, ["init"])
        #expect(made.status == 0, "\(made.errors)")
        return folder
    }

    /// The shipped files are those of the repository, byte for byte, and all of them.
    @Test func whatIsWrittenIsWhatIsShipped() async throws {
        let folder = try await workspace()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var files = ["reconciliation.yaml"]
        for part in ["tariffs", "answers", "knowledge"] {
            // Every folder below it too, whatever its name.
            let below = try FileManager.default.subpathsOfDirectory(atPath: "\(Program.repository)/Config/\(part)")
            files += below.map { "\(part)/\($0)" }.filter { file in
                var isFolder: ObjCBool = false
                let path = "\(Program.repository)/Config/\(file)"
                return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
            }
        }
        for needed in ["knowledge/company.yaml", "knowledge/entries/pay.yaml", "knowledge/flows/pay.yaml"] {
            #expect(files.contains(needed), "\(needed)")
        }
        #expect(files.count >= 80)
        for file in files {
            let shipped = FileManager.default.contents(atPath: "\(Program.repository)/Config/\(file)")
            #expect(FileManager.default.contents(atPath: "\(folder)/Config/\(file)") == shipped, "\(file)")
        }
    }

    /// Where no clone of the repository is, the demo brings its own configuration, and every command works with it.
    @Test func theDemoNeedsNoClone() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-demo-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let demo = try await hearth(folder, ["demo", "--accounts", "200"])
        #expect(demo.status == 0 && demo.output.contains("hearth --workspace hearth-demo account"), "\(demo.errors)")
        // A bill that is higher, its parts, the row of its figure, and what the systems disagree on.
        for told in [
            "yuan more than the median bill", "Σ", "  raw       ysje = ", " findings worth ", "/console\n", "/chat   as account ",
            "curl -H 'Authorization: Bearer hearth_",
        ] {
            #expect(demo.output.contains(told), "\(told): \(demo.output)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["hearth-demo"])
        var files: [String] = []
        for part in ["Config", "Config/tariffs", "Config/answers", "Mappings"] {
            files += try FileManager.default.contentsOfDirectory(atPath: "\(Program.repository)/\(part)").filter {
                $0.hasSuffix(".yaml")
            }.map { "\(part)/\($0)" }
        }
        #expect(files.count >= 22)
        for file in files {
            let shipped = FileManager.default.contents(atPath: "\(Program.repository)/\(file)")
            var written = FileManager.default.contents(atPath: "\(folder)/hearth-demo/\(file)")
            if file == "Config/hearth.yaml" {
                // The repository's, and after it the doors.
                let whole = String(decoding: written ?? Data(), as: UTF8.self)
                let doors = try #require(whole.range(of: "\nchannels: "))
                written = Data(whole[..<doors.lowerBound].utf8)
            }
            #expect(written == shipped, "\(file)")
        }
        // The folder is a workspace: from outside of it, in it, and named by the environment.
        let look = try await Program.run(
            [
                "-c",
                """
                "$0" --workspace hearth-demo status && "$0" account 01000003 --workspace=hearth-demo &&
                HEARTH_WORKSPACE=hearth-demo "$0" trace 01000003 area.building && cd hearth-demo && "$0" account 01000003
                """, Program.path,
            ],
            executable: "/bin/bash", environment: [:], directory: folder)
        #expect(look.status == 0 && look.output.contains("billing.charges"), "\(look.output) \(look.errors)")
        let nowhere = try await hearth(folder, ["--workspace"])
        #expect(nowhere.status == 3 && nowhere.errors.contains("--workspace wants a folder"), "\(nowhere.errors)")
        // A configuration that is named and is not there is an error still.
        let named = try await hearth(folder, ["demo", "--config", "Config/other.yaml"])
        #expect(named.status == 3, "\(named.errors)")
    }

    /// No secret is set and nothing is synced: each command that needs neither works, the others say what they need.
    @Test func everyCommandStarts() async throws {
        let folder = try await workspace()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("用户编号,姓名,联系电话,建筑面积\n00012345,张三,13800138000,88.5\n".utf8).write(
            to: URL(fileURLWithPath: folder + "/drops/a.csv"))
        try Data().write(to: URL(fileURLWithPath: folder + "/drops/a.csv.done"))
        let number = "00012345"
        for (command, status): ([String], Int32) in [
            (["check"], 2), (["check", "customer"], 0), (["discover", "customer"], 0),
            (["preview", "customer.residents"], 0), (["plan", "customer"], 1), (["sync", "customer"], 0),
            (["sync"], 3), (["status"], 0), (["runs"], 0), (["state"], 0), (["quarantine"], 0),
            (["account", number], 0), (["history", number], 0), (["trace", number, "area.building"], 0),
            (["explain", number], 0), (["explain", number, "--versus", "tariff", "--lang", "en"], 0),
            (["money", "due", number], 0), (["money", "suspension", number], 0), (["reconcile"], 0),
            (["reconcile", "--recount", "--out", "again"], 0), (["diff", "reconciliation", "again"], 0),
            (["token", "create", "--name", "desk", "--scope", "assistant"], 0), (["token", "list"], 0), (["mcp"], 0),
            (["replay", "--plan"], 0), (["audit", "verify"], 0),
            (["audit", "export", "bundle", "--reason", "test"], 0),
        ] {
            let ending = try await hearth(folder, command)
            #expect(ending.status == status && !ending.isSignalled, "\(command): \(ending.output) \(ending.errors)")
        }
    }

    @Test func theServerStarts() async throws {
        let folder = try await workspace()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let script = """
            "$0" serve --port 0 >out 2>err & server=$!
            for try in $(seq 600); do grep -q listening out && break; sleep 0.1; done
            kill -TERM $server; wait $server; status=$?; cat out; cat err >&2; exit $status
            """
        let ending = try await Program.run(
            ["-c", script, Program.path], executable: "/bin/bash", environment: [:], directory: folder)
        #expect(ending.status == 0 && ending.output.contains("listening on http://127.0.0.1:"), "\(ending.errors)")
    }
}
