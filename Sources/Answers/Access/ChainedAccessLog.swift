import Audit
import Foundation
import HeatModel
import JSONText

/// The access log as a chain of JSON lines (``Audit``): `hearth audit verify` shows when it was altered.
package final class ChainedAccessLog: AccessRecorder {
    /// Name of the log that `hearth serve` writes.
    package static let name = "access"

    private let folder: String
    private let log: AuditLog

    /// - Parameter name: a log has one writer; another process writes one of another name, in the same folder.
    /// - Throws: `audit.locked` where another process writes it.
    package init(folder: String, name: String = ChainedAccessLog.name) throws {
        self.folder = folder
        log = try AuditLog(folder: folder, name: name)
    }

    /// The first of `mcp-1`, `mcp-2`, … that no other process writes: for programs of which several may run.
    package static func firstFree(folder: String, program: String = "mcp") throws -> ChainedAccessLog {
        for number in 1...64 {
            do {
                return try ChainedAccessLog(folder: folder, name: "\(program)-\(number)")
            } catch let error as HearthError where error.code == .auditLocked {
                continue
            }
        }
        throw HearthError(
            .auditLocked, "64 programs write access logs already", at: .file(folder, line: 0, column: 0))
    }

    package func append(_ entries: [[UInt8]]) throws { try log.write(entries.map { [0x7B] + $0 + [0x7D] }) }

    package func sync() throws { try log.sync() }

    package func check() throws { try log.check() }

    /// Of every log of its folder.
    package func entries(account: String?, after end: AccessPage.End?, limit: Int) throws -> AccessPage {
        try AccessLogFolder(folder).entries(account: account, after: end, limit: limit)
    }
}

/// The logs of a folder, whichever programs write them.
package struct AccessLogFolder: AccessReading {
    private let folder: String

    package init(_ folder: String) { self.folder = folder }

    /// Of every log of the folder: what other programs wrote beside this one too. Entries of one log stay in their order; of
    /// several logs the latest comes first.
    package func entries(account: String?, after end: AccessPage.End?, limit: Int) throws -> AccessPage {
        var logs: [Reading] = []
        for name in try AuditLog.names(in: folder) {
            let before = end?.positions[name]
            // What came into being after the first page belongs to none.
            if end != nil, before == nil { continue }
            logs.append(try read(name, account, before: before, limit: limit))
        }
        var found: [RecordedAccess] = []
        while found.count < limit {
            let next = logs.indices.filter { logs[$0].next != nil }.max { logs[$0].instant < logs[$1].instant }
            guard let next, let entry = logs[next].take() else { break }
            found.append(entry)
        }
        var left: [String: Int64] = [:]
        for log in logs { left[log.name] = log.left }
        return AccessPage(entries: found, end: left.isEmpty ? nil : AccessPage.End(positions: left))
    }

    /// The newest entries of one log, to be taken from the newest on.
    private struct Reading {
        let name: String
        var entries: [(position: Int64, instant: Int64, json: [UInt8])] = []
        /// Whether there may be older ones that were not read.
        var hasMore = false
        private var taken = 0

        init(name: String) { self.name = name }

        var next: (position: Int64, instant: Int64, json: [UInt8])? { taken < entries.count ? entries[taken] : nil }
        var instant: Int64 { next?.instant ?? .min }

        mutating func take() -> RecordedAccess? {
            guard let next else { return nil }
            taken += 1
            return RecordedAccess(log: name, position: next.position, json: next.json)
        }

        /// The number that what is left lies below; nil where nothing is.
        var left: Int64? {
            if let next { return next.position + 1 }
            return hasMore ? entries.last?.position : nil
        }
    }

    private func read(_ name: String, _ account: String?, before: Int64?, limit: Int) throws -> Reading {
        var reading = Reading(name: name)
        // Most lines of a large log name other accounts, and are read no further. What JSON may escape is not looked for.
        let isPlain = account?.utf8.allSatisfy { $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26 } ?? false
        let wanted = isPlain ? Array((account ?? "").utf8) : []
        try LogEntries.forEachBackwards(folder: folder, name: name) { sequence, line in
            if let before, sequence >= before { return true }
            if !Self.stands(wanted, in: line) { return true }
            guard let event = ChainLine.event(of: line), Self.isAccess(event) else { return true }
            if let account, !Self.isOf(account, event) { return true }
            let instant = event.withUnsafeBytes { JSONMembers.value(of: "at", in: $0)?.jsonText }.flatMap {
                Instant($0)
            }
            reading.entries.append((sequence, instant?.microseconds ?? .min, event))
            reading.hasMore = reading.entries.count == limit
            return !reading.hasMore
        }
        return reading
    }

    /// Lines that open a file or tell of a torn line are the chain's own.
    private static func isAccess(_ event: [UInt8]) -> Bool { event.starts(with: Array("{\"at\":".utf8)) }

    private static func stands(_ wanted: [UInt8], in line: UnsafeRawBufferPointer) -> Bool {
        guard let first = wanted.first, let base = line.baseAddress else { return true }
        var at = 0
        while at + wanted.count <= line.count, let found = memchr(base + at, Int32(first), line.count - at) {
            let place = UnsafeRawPointer(found) - base
            if place + wanted.count <= line.count, memcmp(found, wanted, wanted.count) == 0 { return true }
            at = place + 1
        }
        return false
    }

    /// Whether an event is an access to the account: what else stands in it may be of the caller's making.
    private static func isOf(_ account: String, _ event: [UInt8]) -> Bool {
        event.withUnsafeBytes { event in
            guard let accounts = JSONMembers.value(of: "accounts", in: event) else { return false }
            var elements = JSONMembers(accounts)
            while let (_, element) = elements.next() { if element.jsonText == account { return true } }
            return false
        }
    }
}
