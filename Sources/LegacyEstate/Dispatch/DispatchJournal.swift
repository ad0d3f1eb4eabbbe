import Foundation
import HeatModel

/// A line of the dispatch system's journal: something that was written and took effect.
package struct DispatchEntry: Codable, Sendable, Equatable {
    /// The operations by which the system is written: all but the last are for callers, too.
    package enum Operation: String, Codable, Sendable, CaseIterable {
        case create = "CreateWorkOrder"
        case amend = "AmendWorkOrder"
        case cancel = "CancelWorkOrder"
        case reopen = "ReopenWorkOrder"
        case visit = "RecordVisit"
        /// A crew goes on: by the crew's own device alone, no caller asks for it.
        case advance = "AdvanceOrder"

        /// Those that a caller may ask for.
        package static let allCases: [Operation] = [.create, .amend, .cancel, .reopen, .visit]
    }

    package var operation: Operation
    /// When it took effect, in milliseconds since 1970.
    package var at: Int64
    /// Number of the order.
    package var order: String
    /// What the caller put into the free field, as far as the system keeps it.
    package var reference = ""
    /// Of a new order.
    package var account: String?
    package var kind: String?
    package var isUrgent: Bool?
    package var phone: String?
    package var description: String?
    /// The time that the customer wants, in seconds of the company's clock since 1970.
    package var appointed: Int64?
    /// Reason or remark.
    package var note: String?
    package var satisfaction: String?
    /// Of a crew that goes on: where the order stands, how many metres are left, who it is.
    package var state: String?
    package var distance: Int?
    package var crew: String?
    package var technician: String?

    /// - Parameter order: the order's number; empty for one that is to be made.
    package init(operation: Operation, at: Int64 = 0, order: String = "") {
        self.operation = operation
        self.at = at
        self.order = order
    }
}

/// A file of entries, one JSON object a line, each on the disk before its caller is answered.
///
/// A last line without its end was being written when the process died: it took no effect and nobody was answered, so it is cut off.
final class DispatchJournal {
    private let file: FileHandle
    private let encoder = JSONEncoder()
    private(set) var entries: [DispatchEntry]

    /// Opens the file, or makes it.
    /// - Throws: ``HearthError`` `source.failed` where it cannot be read or written, or holds something else.
    init(path: String) throws {
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            if !FileManager.default.fileExists(atPath: path) {
                try Data().write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
            }
            let found = try Self.read(path)
            entries = found.entries
            file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            try file.truncate(atOffset: UInt64(found.length))
            try file.seekToEnd()
        } catch {
            throw HearthError(
                .init("source.failed"), "the dispatch system's journal cannot be read",
                at: .file(path, line: 0, column: 0), advice: "name another file", cause: error)
        }
    }

    deinit { try? file.close() }

    func append(_ entry: DispatchEntry) throws {
        try file.write(contentsOf: encoder.encode(entry) + [0x0A])
        try file.synchronize()
        entries.append(entry)
    }

    /// The entries of a journal, and the length of its whole lines in bytes.
    static func read(_ path: String) throws -> (entries: [DispatchEntry], length: Int) {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        guard let end = data.lastIndex(of: 0x0A) else { return ([], 0) }
        let decoder = JSONDecoder()
        let lines = data[...end].split(separator: 0x0A)
        return (try lines.map { try decoder.decode(DispatchEntry.self, from: $0) }, end - data.startIndex + 1)
    }
}

extension DispatchEntry {
    /// The entries of a journal, also of one whose service is at work or was killed.
    package static func all(inJournal path: String) throws -> [DispatchEntry] { try DispatchJournal.read(path).entries }
}
