import Foundation
import HeatModel

/// A program with its arguments, run to its end.
struct Command {
    let path: String
    let arguments: [String]

    init(_ path: String, _ arguments: [String]) {
        self.path = path
        self.arguments = arguments
    }

    /// A line of shell.
    init(shell line: String, _ arguments: String...) { self.init("/bin/sh", ["-c", line, "sh"] + arguments) }

    /// Its standard output.
    /// - Throws: ``HearthError`` `benchmark.failed` where it cannot be run or does not end with 0.
    func output(environment: [String: String] = [:]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        do {
            try process.run()
        } catch {
            throw failure("cannot be started", error)
        }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw failure("ended with \(process.terminationStatus)", nil) }
        return output
    }

    /// How long it takes, start and end included.
    func seconds() throws -> Double {
        let started = ContinuousClock.now
        _ = try output()
        return (ContinuousClock.now - started).seconds
    }

    private func failure(_ what: String, _ cause: (any Error)?) -> HearthError {
        HearthError(.benchmarkFailed, "\(([path] + arguments).joined(separator: " ")) \(what)", cause: cause)
    }

    /// Whether a program of this name is on PATH.
    static func exists(_ name: String) -> Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
