import Audit
import Foundation

/// A folder of its own, removed with the last reference to it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-audit-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The log's files, in order.
    func files(_ name: String = "access") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path)
            .filter { $0.hasPrefix(name + "-") && $0.hasSuffix(".jsonl") }.sorted().map { path + "/" + $0 }
    }

    func read(_ file: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: file))) }
    func write(_ bytes: [UInt8], to file: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: file)) }

    func verify(anchors: [ChainHead] = []) throws -> LogVerification {
        try LogVerification.verify(folder: path, name: "access", anchors: anchors)
    }

    /// A log of some lines, closed; returns its head.
    @discardableResult
    func fill(lines: Int, segmentBytes: Int = 64 << 20) throws -> ChainHead {
        let log = try AuditLog(folder: path, name: "access", segmentBytes: segmentBytes)
        for number in 0..<lines { try log.post(event(number)) }
        try log.flush()
        log.close()
        return log.head
    }
}

func event(_ number: Int) -> [UInt8] {
    Array(#"{"at":"2026-11-22T08:00:00+08:00","caller":"assistant","account":"\#(10_000_000 + number)","说":"热费"}"#.utf8)
}

/// Runs a program; its exit status and what it printed.
func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

func script(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Scripts/\(name)").path
}
