import Foundation
import GRDBSQLite

/// Copies what was committed from the WAL into the store's file, on a thread and a connection of its own, so that a run
/// goes on writing meanwhile.
///
/// While writes follow each other closely there is always a little left to copy, and the WAL does not start over. The writer
/// therefore does the rest itself once the WAL is ``most`` pages long.
final class Checkpointer: Sendable {
    /// Pages in the WAL from which on copying is worth its fsyncs.
    private static let few: Int32 = 8192
    private static let most: Int32 = 24_576

    private let path: String
    private let condition = NSCondition()
    private let state = State()

    /// Guarded by `condition`.
    private final class State: @unchecked Sendable {
        var isWanted = false
        var isStopped = false
        var hasThread = false
    }

    init(path: String) { self.path = path }

    /// Has a writing connection tell of its commits. The checkpointer must outlive the connection.
    func watch(_ writer: OpaquePointer) {
        sqlite3_wal_hook(
            writer,
            { context, connection, _, pages in
                guard let context else { return SQLITE_OK }
                if pages >= Checkpointer.most {
                    // Busy is no failure: the other thread is at it.
                    sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
                } else if pages >= Checkpointer.few {
                    Unmanaged<Checkpointer>.fromOpaque(context).takeUnretainedValue().want()
                }
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Ends the thread, if there is one, and waits for it.
    func stop() {
        condition.lock()
        defer { condition.unlock() }
        state.isStopped = true
        condition.broadcast()
        while state.hasThread { condition.wait() }
    }

    private func want() {
        condition.lock()
        defer { condition.unlock() }
        if state.isStopped { return }
        state.isWanted = true
        condition.broadcast()
        if state.hasThread { return }
        state.hasThread = true
        let thread = Thread { [self] in work() }
        thread.name = "hearth checkpoint"
        thread.start()
    }

    private func work() {
        var connection: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
        if sqlite3_open_v2(path, &connection, flags, nil) == SQLITE_OK {
            // The pragma, unlike the function, opens the WAL of a connection that has not read anything.
            while isWantedAgain() { sqlite3_exec(connection, "PRAGMA wal_checkpoint(PASSIVE)", nil, nil, nil) }
        }
        // Where it could not be opened the writer does it all.
        sqlite3_close_v2(connection)
        condition.lock()
        state.hasThread = false
        condition.broadcast()
        condition.unlock()
    }

    /// Waits until there is something to do; false when there never will be.
    private func isWantedAgain() -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while !state.isWanted, !state.isStopped { condition.wait() }
        state.isWanted = false
        return !state.isStopped
    }
}
