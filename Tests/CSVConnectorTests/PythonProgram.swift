import Foundation
import Testing

/// Programs in Python beside this file.
enum PythonProgram {
    /// The environment that the tests' foreign programs run in, made once.
    static let interpreter = Result {
        let setUp = Process()
        setUp.executableURL = here.deletingLastPathComponent().appendingPathComponent("tools/python-env.sh")
        setUp.arguments = ["files"]
        let found = Pipe()
        setUp.standardOutput = found
        try setUp.run()
        let python = String(decoding: found.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        setUp.waitUntilExit()
        try #require(setUp.terminationStatus == 0)
        return python.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    static func path(_ script: String) -> String { here.appendingPathComponent("Services/\(script)").path }

    /// Runs a script to its end.
    static func run(_ script: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try interpreter.get())
        process.arguments = [path(script)] + arguments
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(script) failed")
    }
}
