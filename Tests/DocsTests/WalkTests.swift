import Foundation
import HearthTesting
import Testing

@testable import Docs

/// Every command of every page, run at a company that `hearth demo` has made, and what each page says that it prints.
@Suite struct WalkTests {
    /// A demo whose dispatch system keeps running.
    private final class Demo: @unchecked Sendable {
        let folder: String
        // Touched by the one test that owns it.
        private let process = Process()

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("docs-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: folder + "/company", withIntermediateDirectories: true)
            let log = folder + "/demo.log"
            _ = FileManager.default.createFile(atPath: log, contents: nil)
            process.executableURL = URL(fileURLWithPath: Program.path)
            process.arguments = ["demo", "--keep", "--lang", "en"]
            process.currentDirectoryURL = URL(fileURLWithPath: folder + "/company")
            process.environment = ["PATH": "/usr/bin:/bin", "TZ": "UTC"]
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
            process.standardError = process.standardOutput
            try process.run()
        }

        func wait() async throws {
            for _ in 0..<1200 {
                let log = try String(contentsOfFile: folder + "/demo.log", encoding: .utf8)
                if log.contains("Ctrl-C ends it") { return }
                try #require(process.isRunning, "\(log)")
                try await Task.sleep(for: .milliseconds(100))
            }
            Issue.record("the demo does not come to its end")
        }

        /// The demo's folder again, for a page of its own.
        func copy(_ page: String) throws -> String {
            let place = "\(folder)/\(page)"
            try FileManager.default.copyItem(atPath: folder + "/company", toPath: place)
            let file = place + "/hearth-demo/environment"
            let names = try String(contentsOfFile: file, encoding: .utf8)
            try names.replacing(folder + "/company/", with: place + "/").write(
                toFile: file, atomically: true, encoding: .utf8)
            return place
        }

        func end() {
            process.terminate()
            process.waitUntilExit()
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    @Test func everyPageIsWalked() async throws {
        let demo = try Demo()
        defer { demo.end() }
        try await demo.wait()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, name) in Manual.names.enumerated() {
                // Two cores.
                if index >= 3 { _ = try await group.next() }
                group.addTask {
                    let path = "\(Program.repository)/\(Manual.folder)/en/\(name).md"
                    let walk = PageWalk(try String(contentsOfFile: path, encoding: .utf8))
                    if walk.count == 0 { return }
                    let folder = try demo.copy(name)
                    let port = "\(try RemoteServer.freePort())"
                    let troubles = try await walk.troubles(
                        in: folder, environment: ["HEARTH_PORT": port, "HOME": folder, "LANG": "C.UTF-8"],
                        replacing: ["8080": port])
                    for trouble in troubles { Issue.record("\(name): \(trouble)") }
                }
            }
            try await group.waitForAll()
        }
    }

    /// What the walk is there to find: a command that fails, one that prints something else, one that does not end, what stands behind it.
    @Test func aPageThatIsWrongIsFound() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("walk-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func troubles(_ page: String, seconds: Int = 20) async throws -> [String] {
            try await PageWalk(page).troubles(in: folder, replacing: ["4711": "12"], seconds: seconds)
        }
        let fence = "```"
        let good = """
            \(fence)sh
            sleep 60 &
            x=4711
            \(fence)
            \(fence)sh
            (exit 1); (exit 3) || echo "x is $x, status $?"
            \(fence)
            \(fence)text
            x is 4711, … 3
            \(fence)
            """
        #expect(try await troubles(good) == [])
        #expect(try await troubles(good.replacing("… 3", with: "… 4")).count == 1)
        #expect(try await troubles(good.replacing("(exit 1)", with: "(exit 2)")) == ["2: ( exit 2 )"])
        let hanging = try await troubles(good.replacing("(exit 1)", with: "sleep 60"), seconds: 1)
        #expect(hanging.contains { $0.hasPrefix("did not come to its end") })
        let ended = try await troubles(good.replacing("x=4711", with: "exit"))
        #expect(ended.contains { $0.hasPrefix("was not reached") })
    }
}
