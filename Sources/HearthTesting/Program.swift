package import Foundation

/// The built `hearth`, run as its users run it.
package enum Program {
    package struct Ending: Sendable {
        package var status: Int32
        /// Whether a signal ended it; `status` is its number then.
        package var isSignalled: Bool
        package var output: String
        package var errors: String

        /// Standard output as JSON.
        package func json() throws -> Any {
            try JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed)
        }
    }

    /// `hearth` stands beside the test bundle.
    package static let path: String = {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        let beside = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("hearth").path
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent(
            "hearth"
        ).path
    }()

    /// The top of the repository: Config/ and Mappings/ stand there.
    package static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Runs to the end. No thread of the pool waits: the dispatch service of the test answers on the pool meanwhile.
    /// - Parameter whileRunning: is given the process's number once it runs, on a thread of its own.
    package static func run(
        _ arguments: [String], executable: String = Program.path, environment: [String: String], directory: String,
        whileRunning: (@Sendable (pid_t) -> Void)? = nil
    ) async throws -> Ending {
        let files = (0..<2).map { _ in
            FileManager.default.temporaryDirectory.appendingPathComponent("hearth-\(UUID().uuidString)").path
        }
        for file in files { try Data().write(to: URL(fileURLWithPath: file)) }
        defer { for file in files { try? FileManager.default.removeItem(atPath: file) } }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = environment.merging(["PATH": "/usr/bin:/bin", "TZ": "UTC"]) { own, _ in own }
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardInput = FileHandle.nullDevice
        let handles = try files.map { try FileHandle(forWritingTo: URL(fileURLWithPath: $0)) }
        process.standardOutput = handles[0]
        process.standardError = handles[1]
        let ended: (Int32, Bool) = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = {
                continuation.resume(returning: ($0.terminationStatus, $0.terminationReason == .uncaughtSignal))
            }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
                return
            }
            if let whileRunning {
                let number = process.processIdentifier
                Thread.detachNewThread { whileRunning(number) }
            }
        }
        for handle in handles { try? handle.close() }
        let texts = try files.map { String(decoding: try Data(contentsOf: URL(fileURLWithPath: $0)), as: UTF8.self) }
        return Ending(status: ended.0, isSignalled: ended.1, output: texts[0], errors: texts[1])
    }
}
