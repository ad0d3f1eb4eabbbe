import Foundation
import HeatModel

/// An append-only log of JSON lines, each chained to the one before by SHA-256 (``ChainLine``), in files of a folder.
///
/// ```swift
/// let log = try AuditLog(folder: "audit", name: "access")
/// try await log.append(#"{"at":"2026-11-22T08:00:00+08:00","caller":"assistant","account":"00012345"}"#)
/// ```
///
/// Any number of threads feed it; one thread of its own chains and writes whatever has gathered while it wrote last. A log has
/// one writer: another process, or another `AuditLog` of the same folder and name, is refused.
///
/// After a crash the last line may be torn. It was never reported as written: the next writer takes it away and says so in a
/// line of its own.
///
/// Everything mutable is in `state`, guarded by `condition`.
package final class AuditLog: Sendable {
    /// What "written" means.
    package enum Durability: Sendable {
        /// The system has it: it outlives the process, but not a power failure.
        case written
        /// The disk has it; one `fdatasync` for all lines that came while the last one ran.
        case synced
    }

    private let files: LogFolder
    private let condition = NSCondition()
    private let state: State
    /// Bytes of events that may wait; a caller with more waits for room.
    private static let mostWaiting = 16 << 20

    /// Opens the log, making the folder as needed.
    ///
    /// - Parameter segmentBytes: about how long a file grows before the next one begins.
    /// - Throws: `audit.locked` where another writer has the log, `audit.failed` where it cannot be written,
    ///   `audit.damaged` where its last whole line is none of ours.
    package init(
        folder: String, name: String, segmentBytes: Int = 64 << 20, durability: Durability = .written
    ) throws {
        files = LogFolder(path: folder, name: name)
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw files.failure("the folder cannot be made", folder, error)
        }
        state = State(
            writer: try SegmentWriter(files: files, segmentBytes: segmentBytes, isSynced: durability == .synced))
        let thread = Thread { [condition, state] in Self.work(condition, state) }
        thread.name = "audit log"
        thread.start()
    }

    deinit { close() }

    /// Hands in an event and returns at once, with its number among those handed in, unless so much waits already that the
    /// caller must wait too.
    ///
    /// - Throws: `audit.badEvent`; what went wrong with the log before; `audit.closed`.
    @discardableResult
    package func post(_ event: [UInt8]) throws -> Int64 {
        try ChainLine.check(event)
        condition.lock()
        defer { condition.unlock() }
        while state.waiting.bytes.count > Self.mostWaiting, state.failure == nil, !state.isClosed { condition.wait() }
        try state.checkOpen()
        state.waiting.append(event)
        state.posted += 1
        if !state.isAwake { condition.broadcast() }
        return state.posted
    }

    /// Hands in an event and waits, without holding a thread, until it is written.
    package func append(_ event: [UInt8]) async throws {
        let ticket = try post(event)
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            condition.lock()
            defer { condition.unlock() }
            if state.written >= ticket {
                done.resume()
            } else if let failure = state.failure {
                done.resume(throwing: failure)
            } else {
                state.waiters.append((ticket, done))
            }
        }
    }

    package func append(_ event: String) async throws { try await append(Array(event.utf8)) }

    /// Waits, holding the thread, until all that was handed in is written.
    package func flush() throws {
        condition.lock()
        defer { condition.unlock() }
        let ticket = state.posted
        while state.written < ticket, state.failure == nil, !state.isEnded { condition.wait() }
        if state.written < ticket, let failure = state.failure { throw failure }
    }

    /// Chains and writes events on the calling thread, in one write, and returns once that is done: for a caller that gathers
    /// events itself, and for whom waking another thread would take longer than the writing.
    ///
    /// - Throws: `audit.badEvent`; what went wrong with the log, now or before; `audit.closed`.
    package func write(_ events: [[UInt8]]) throws {
        for event in events { try ChainLine.check(event) }
        condition.lock()
        defer { condition.unlock() }
        // The log's thread has the writer while it is at work.
        while state.isAwake || !state.waiting.ends.isEmpty, state.failure == nil, !state.isClosed { condition.wait() }
        try state.checkOpen()
        do {
            for event in events { try event.withUnsafeBytes { try state.writer.append($0) } }
            try state.writer.flush()
        } catch {
            let failure =
                error as? HearthError ?? HearthError(.auditFailed, "the log cannot be written", cause: error)
            state.failure = failure
            throw failure
        }
        state.posted += Int64(events.count)
        state.written += Int64(events.count)
        state.head = state.writer.head
    }

    /// Brings everything written to the disk. Writers do not wait for the disk meanwhile.
    package func sync() throws {
        try unsynced().sync()
    }

    private func unsynced() throws -> UnsyncedFiles {
        condition.lock()
        defer { condition.unlock() }
        while state.isAwake, state.failure == nil, !state.isClosed { condition.wait() }
        try state.checkOpen()
        return try state.writer.takeUnsynced()
    }

    /// Where the log stands: the last line written.
    package var head: ChainHead {
        condition.lock()
        defer { condition.unlock() }
        return state.head
    }

    /// Writes what waits and gives the log up for another writer. Whatever comes later is refused.
    package func close() {
        condition.lock()
        defer { condition.unlock() }
        state.isClosed = true
        condition.broadcast()
        while !state.isEnded { condition.wait() }
    }

    // MARK: The writing thread

    /// Events one after another.
    private struct Events {
        var bytes: [UInt8] = []
        var ends: [Int] = []

        mutating func append(_ event: [UInt8]) {
            bytes.append(contentsOf: event)
            ends.append(bytes.count)
        }

        mutating func removeAll() {
            bytes.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
        }
    }

    /// Guarded by the log's condition. `writer` is the log's thread's while that is at work (`isAwake`), else of the thread that holds the
    /// condition.
    private final class State: @unchecked Sendable {
        var waiting = Events()
        var posted: Int64 = 0
        var written: Int64 = 0
        var head: ChainHead
        var failure: HearthError?
        var waiters: [(ticket: Int64, done: CheckedContinuation<Void, any Error>)] = []
        /// Whether the thread is at work and will look again.
        var isAwake = false
        var isClosed = false
        var isEnded = false
        let writer: SegmentWriter

        init(writer: SegmentWriter) {
            self.writer = writer
            head = writer.head
        }

        func checkOpen() throws {
            if let failure { throw failure }
            if isClosed { throw HearthError(.auditClosed, "the log is closed") }
        }
    }

    private static func work(_ condition: NSCondition, _ state: State) {
        var batch = Events()
        while true {
            condition.lock()
            state.isAwake = false
            condition.broadcast()
            while state.waiting.ends.isEmpty, !state.isClosed { condition.wait() }
            if state.waiting.ends.isEmpty {
                condition.unlock()
                break
            }
            state.isAwake = true
            swap(&batch, &state.waiting)
            condition.broadcast()
            condition.unlock()

            let result = Result<Void, any Error> {
                var start = 0
                try batch.bytes.withUnsafeBytes { bytes in
                    for end in batch.ends {
                        try state.writer.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                        start = end
                    }
                }
                try state.writer.flush()
            }
            let count = Int64(batch.ends.count)
            batch.removeAll()

            condition.lock()
            var ready: [(done: CheckedContinuation<Void, any Error>, failure: HearthError?)] = []
            switch result {
            case .success:
                state.written += count
                state.head = state.writer.head
                state.waiters.removeAll { waiter in
                    if waiter.ticket > state.written { return false }
                    ready.append((waiter.done, nil))
                    return true
                }
            case .failure(let error):
                let failure =
                    error as? HearthError
                    ?? HearthError(.auditFailed, "the log cannot be written", cause: error)
                state.failure = failure
                ready = state.waiters.map { ($0.done, failure) }
                state.waiters = []
            }
            condition.broadcast()
            let failed = state.failure != nil
            condition.unlock()
            for (done, failure) in ready {
                if let failure { done.resume(throwing: failure) } else { done.resume() }
            }
            if failed { break }
        }
        state.writer.close()
        condition.lock()
        state.isEnded = true
        condition.broadcast()
        condition.unlock()
    }
}
