import CSVConnector
import Foundation
import HeatModel
import Records

/// A drop folder of a test's own, gone with it.
final class DropBox: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "hearth-csv-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func put(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    func put(_ name: String, _ text: String) throws { try put(name, Array(text.utf8)) }

    /// Through iconv(1).
    func put(_ name: String, _ text: String, encoding: String) throws {
        try put(name, try Self.run("/usr/bin/iconv", ["-f", "UTF-8", "-t", encoding], Array(text.utf8)))
    }

    func fingerprint() throws -> String {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted().map { name in
            "\(name) \(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")).base64EncodedString())"
        }.joined(separator: "\n")
    }

    /// By a program that is not ours.
    static func sha256(_ bytes: [UInt8]) throws -> String {
        String(decoding: try run("/usr/bin/sha256sum", [], bytes).prefix(64), as: UTF8.self)
    }

    /// A program's output for an input.
    static func run(_ program: String, _ arguments: [String], _ input: [UInt8]) throws -> [UInt8] {
        let file = NSTemporaryDirectory() + "hearth-csv-input-" + UUID().uuidString
        try Data(input).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Array(bytes)
    }

    func stream(_ change: (inout CSVStream) -> Void = { _ in }) -> CSVStream {
        var stream = CSVStream(name: "residents", folder: path)
        change(&stream)
        return stream
    }
}

/// What a pull gave.
struct Pulled {
    var batches: [RawBatch] = []
    var summary = PullSummary()
    var error: HearthError?

    init(_ stream: CSVStream, _ change: (inout PullRequest) -> Void = { _ in }) {
        var request = PullRequest(stream: stream.name)
        change(&request)
        var batches: [RawBatch] = []
        do {
            summary = try CSVConnector(source: "customer", streams: [stream]).pull(request) { batches.append($0) }
        } catch {
            self.error = error as? HearthError
        }
        self.batches = batches
    }

    var rows: [[String?]] {
        batches.flatMap { batch in
            (0..<batch.rowCount).map { row in batch.columns.indices.map { batch.text(row: row, column: $0) } }
        }
    }
    var ordinals: [Int64] { batches.flatMap(\.ordinals) }
    var defects: [RecordDefect] { batches.flatMap(\.defects) }
    var codes: [String] { defects.map(\.code.name) }
    var places: [String] { defects.map { $0.place.description.split(separator: "/").last.map(String.init) ?? "" } }
    var ended: Int { batches.filter(\.endsOrigin).count }
}
