import Foundation
import StoreSQL

/// Connections for reading, each opened when it is first needed and lent to one thread at a time.
///
/// A read of an account takes some microseconds; GRDB's pool adds a hop through a dispatch queue, transactions that are parsed each time, and a
/// look at the schema's version.
final class Readers: Sendable {
    /// Who comes when all are lent waits.
    private static let most = 4

    private let open: @Sendable () throws -> SQLiteSnapshotReader
    private let condition = NSCondition()
    private let state = State()

    /// Guarded by `condition`.
    private final class State: @unchecked Sendable {
        var idle: [SQLiteSnapshotReader] = []
        var count = 0
    }

    init(path: String, cacheMegabytes: Int, clock: @escaping StoreClock) {
        open = { try SQLiteSnapshotReader(path: path, cacheMegabytes: cacheMegabytes, clock: clock, waits: true) }
    }

    /// Runs a body within one snapshot.
    func read<Result>(_ body: (Session) throws -> Result) throws -> Result {
        if let held = Held.ofThisThread, held.owner === self, !held.isReading {
            let reader = try held.reader ?? take()
            held.reader = reader
            held.isReading = true
            defer { held.isReading = false }
            try reader.begin()
            return try body(reader.session)
        }
        let reader = try take()
        defer { putBack(reader) }
        try reader.begin()
        defer { reader.end() }
        return try body(reader.session)
    }

    // MARK: One snapshot for many reads

    /// What a thread keeps from one read to the next: a snapshot that begins anew after each commit of others finds its pages gone.
    private final class Held {
        let owner: Readers
        var reader: SQLiteSnapshotReader?
        var isReading = false

        init(_ owner: Readers) { self.owner = owner }

        private static let key: pthread_key_t = {
            var key = pthread_key_t()
            precondition(pthread_key_create(&key, nil) == 0, "no key for what a thread holds")
            return key
        }()

        /// It is kept alive by ``Readers/holding(_:)``, which takes it away before it returns.
        static var ofThisThread: Held? {
            get { pthread_getspecific(key).map { Unmanaged<Held>.fromOpaque($0).takeUnretainedValue() } }
            set { pthread_setspecific(key, newValue.map { Unmanaged.passUnretained($0).toOpaque() }) }
        }
    }

    /// Runs a body whose reads, on this thread, share a snapshot until it writes.
    func holding<Result>(_ body: () throws -> Result) rethrows -> Result {
        if Held.ofThisThread != nil { return try body() }
        let held = Held(self)
        Held.ofThisThread = held
        defer {
            Held.ofThisThread = nil
            letGo(held)
        }
        return try body()
    }

    /// To be called before this thread writes: it may wait long for others, and is to see what it has written.
    func letGo() {
        if let held = Held.ofThisThread, held.owner === self, !held.isReading { letGo(held) }
    }

    private func letGo(_ held: Held) {
        guard let reader = held.reader else { return }
        held.reader = nil
        reader.end()
        putBack(reader)
    }

    // MARK: Lending

    private func take() throws -> SQLiteSnapshotReader {
        condition.lock()
        while state.idle.isEmpty, state.count >= Self.most { condition.wait() }
        if let reader = state.idle.popLast() {
            condition.unlock()
            return reader
        }
        state.count += 1
        condition.unlock()
        do {
            return try open()
        } catch {
            condition.lock()
            state.count -= 1
            condition.signal()
            condition.unlock()
            throw error
        }
    }

    private func putBack(_ reader: SQLiteSnapshotReader) {
        condition.lock()
        state.idle.append(reader)
        condition.signal()
        condition.unlock()
    }
}
