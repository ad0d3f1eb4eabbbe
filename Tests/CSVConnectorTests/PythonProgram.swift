import Foundation
import HearthTesting
import Testing

/// Programs in Python beside this file.
enum PythonProgram {
    private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    /// Runs a script to its end.
    static func run(_ script: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try RemoteServer.python.get())
        process.arguments = [here.appendingPathComponent("Services/\(script)").path] + arguments
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(script) failed")
    }
}
