import Audit
import Foundation
import HeatModel

/// The access log as a chain of JSON lines (``Audit``): `hearth audit verify` shows when somebody has altered it.
public final class ChainedAccessLog: AccessRecorder {
    /// Name of the log that `hearth serve` writes.
    public static let name = "access"

    private let folder: String
    private let log: AuditLog

    /// - Parameter name: a log has one writer; another process writes one of another name, in the same folder.
    /// - Throws: `audit.locked` where another process writes it.
    public init(folder: String, name: String = ChainedAccessLog.name) throws {
        self.folder = folder
        log = try AuditLog(folder: folder, name: name)
    }

    /// The first of `mcp-1`, `mcp-2`, … that no other process writes: for programs of which several may run.
    public static func firstFree(folder: String) throws -> ChainedAccessLog {
        for number in 1...64 {
            do {
                return try ChainedAccessLog(folder: folder, name: "mcp-\(number)")
            } catch let error as HearthError where error.code.name == "audit.locked" {
                continue
            }
        }
        throw HearthError(
            .init("audit.locked"), "64 programs write access logs already", at: .file(folder, line: 0, column: 0))
    }

    public func append(_ entries: [[UInt8]]) throws { try log.write(entries.map { [0x7B] + $0 + [0x7D] }) }

    public func sync() throws { try log.sync() }

    public func entries(account: String?, before: Int64?, limit: Int) throws -> [RecordedAccess] {
        let wanted = account.map { Array("\"\($0)\"".utf8) }
        var found: [RecordedAccess] = []
        try LogEntries.forEachBackwards(folder: folder, name: Self.name) { sequence, line in
            if let before, sequence >= before { return true }
            guard let event = ChainLine.event(of: line), Self.isAccess(event) else { return true }
            if let wanted, !Self.contains(event, wanted) { return true }
            found.append(RecordedAccess(position: sequence, json: event))
            return found.count < limit
        }
        return found
    }

    /// Lines that open a file or tell of a torn line are the chain's own.
    private static func isAccess(_ event: [UInt8]) -> Bool { event.starts(with: Array("{\"at\":".utf8)) }

    private static func contains(_ event: [UInt8], _ wanted: [UInt8]) -> Bool {
        guard let first = wanted.first, event.count >= wanted.count else { return false }
        for start in 0...event.count - wanted.count where event[start] == first {
            if event[start..<start + wanted.count].elementsEqual(wanted) { return true }
        }
        return false
    }
}
