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
/// Where it cannot be written (a full disk), everybody who hands something in is told so, until it can: once a second the next caller
/// has the log go on behind its last whole line. What could not be written then is lost, and was reported so.
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
    /// How often it is tried to go on after a failure.
    private static let pause = Duration.seconds(1)

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
        try checkOpen()
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
            if let failure = state.losses.last(where: { $0.tickets.contains(ticket) })?.failure {
                done.resume(throwing: failure)
            } else if state.written >= ticket {
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
        defer { state.lost = nil }
        if let failure = state.failure ?? state.lost { throw failure }
    }

    /// Whether it can be written, as far as is known.
    ///
    /// - Throws: what went wrong with it; `audit.closed`.
    package func check() throws {
        condition.lock()
        defer { condition.unlock() }
        try checkOpen()
    }

    /// To be called with the condition held.
    private func checkOpen() throws {
        if state.isClosed { throw HearthError(.auditClosed, "the log is closed") }
        guard let failure = state.failure else { return }
        // Whoever tries has the writer for himself.
        guard !state.isAwake, ContinuousClock.now - state.triedAt >= Self.pause else { throw failure }
        state.triedAt = .now
        do {
            try state.writer.reopen()
        } catch {
            throw failure
        }
        state.head = state.writer.head
        state.failure = nil
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
        try checkOpen()
        do {
            for event in events { try event.withUnsafeBytes { try state.writer.append($0) } }
            try state.writer.flush()
        } catch {
            let failure =
                error as? HearthError ?? HearthError(.auditFailed, "the log cannot be written", cause: error)
            state.fail(failure)
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
        try checkOpen()
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
        /// Events that were handed in and are not there: the last few failures' of them.
        var losses: [(tickets: ClosedRange<Int64>, failure: HearthError)] = []
        /// The failure of some of them, until somebody flushes.
        var lost: HearthError?
        /// When it was last tried to go on after a failure.
        var triedAt = ContinuousClock.now
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

        /// What was handed in and is not written is not going to be.
        func fail(_ failure: HearthError) {
            self.failure = failure
            triedAt = .now
            if written < posted {
                lost = failure
                losses = losses.suffix(63) + [(written + 1...posted, failure)]
            }
            waiting.removeAll()
            written = posted
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
                state.fail(failure)
                ready = state.waiters.map { ($0.done, failure) }
                state.waiters = []
            }
            condition.broadcast()
            condition.unlock()
            for (done, failure) in ready {
                if let failure { done.resume(throwing: failure) } else { done.resume() }
            }
        }
        state.writer.close()
        condition.lock()
        state.isEnded = true
        condition.broadcast()
        condition.unlock()
    }
}
