import Foundation
import HearthTesting
import Testing

/// Files and foreign programs of these tests.
enum Support {
    static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

    static func description(_ name: String) -> String { "\(here)/Descriptions/\(name)" }

    /// A folder of its own that is gone afterwards.
    static func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "hearth-onboarding-\(UUID().uuidString)"
        ).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(folder)
    }

    /// Runs a program to its end and gives its output.
    static func output(_ arguments: [String], executable: String, directory: String = here) async throws -> String {
        let ending = try await Program.run(
            arguments, executable: executable, environment: ["HOME": NSHomeDirectory()], directory: directory)
        try #require(ending.status == 0, "\(executable) \(arguments): \(ending.errors)")
        return ending.output
    }

    /// The Python that has zeep.
    static func zeep() async throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let ending = try await Program.run(
            ["\(here)/../tools/python-env.sh", "zeep"], executable: "/bin/sh",
            environment: ["HOME": NSHomeDirectory(), "PATH": path], directory: here)
        try #require(ending.status == 0, "\(ending.errors)")
        return ending.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
