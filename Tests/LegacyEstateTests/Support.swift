import Foundation
import HeatModel
import Testing

@testable import LegacyEstate

/// Keeps every row of the billing system, by table.
struct CollectedRows: BillingSink {
    private(set) var tables: [[[String?]]] = Array(repeating: [], count: BillingTable.allCases.count)

    mutating func write(_ table: BillingTable, _ row: borrowing RowBuffer) throws {
        var fields: [String?] = []
        var start = 0
        for end in row.ends {
            if end < 0 {
                fields.append(nil)
            } else {
                fields.append(String(decoding: row.bytes[start..<Int(end)], as: UTF8.self))
                start = Int(end)
            }
        }
        tables[table.rawValue].append(fields)
    }

    /// The rows of a table with their columns' names.
    func rows(_ table: BillingTable) -> [[String: String]] {
        tables[table.rawValue].map { fields in
            var row: [String: String] = [:]
            for (column, field) in zip(table.columns, fields) { row[column.name] = field }
            return row
        }
    }

    static func of(_ estate: Estate) throws -> CollectedRows {
        var writer = BillingWriter(estate: estate, sink: CollectedRows())
        try writer.writeAll()
        return writer.sink
    }
}

/// A folder that is gone after the test.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("estate-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}

/// Runs a Python program, the reference that is not ours, and returns what it printed.
func python(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", program] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
}

func pythonJSON<Value: Decodable>(_ type: Value.Type, _ program: String, _ arguments: [String]) throws -> Value {
    try JSONDecoder().decode(type, from: Data(try python(program, arguments).utf8))
}

/// The same on a thread of its own: a server of ours answers on the threads that an async test must not block.
func pythonJSON<Value: Decodable & Sendable>(
    apart type: Value.Type, _ program: String, _ arguments: [String]
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(with: Result { try pythonJSON(type, program, arguments) })
        }
    }
}

func fen(_ text: String?) -> Int64? { text.flatMap { ExactDecimal($0) }?.exactly(places: 2)?.units }

/// FNV-1a of bytes: a fixed digest of what must never change by accident.
func digest(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
}

func file(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
