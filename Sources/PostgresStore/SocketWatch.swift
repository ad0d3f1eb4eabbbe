import CLibPQ
import Foundation
import Glibc
import HeatModel
import Synchronization

/// Tells who waits for a socket that it is ready: one thread looks at the sockets of all event loops, so that none of them does.
final class SocketWatch: Sendable {
    /// What became of a socket that was watched.
    enum Finding: Sendable {
        case ready
        /// Nothing came for as long as was said.
        case silent
    }

    private struct Entry {
        var descriptor: Int32
        var tell: @Sendable (Finding) -> Void
        /// Where it is watched at present.
        var deadline: ContinuousClock.Instant?
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var lastNumber: UInt64 = 0
        var isClosed = false
    }

    private let queue: Int32
    private let state = Mutex(State())
    /// Milliseconds after which it is looked for sockets that are silent.
    private static let tick: Int32 = 100

    init() throws {
        queue = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard queue >= 0 else {
            throw HearthError(.storeFailed, "the store's connections cannot be watched", at: .address("store"))
        }
    }

    func start() {
        let thread = Thread { [self] in
            var events = [epoll_event](repeating: epoll_event(), count: 64)
            while true {
                let count = epoll_wait(queue, &events, Int32(events.count), Self.tick)
                let isClosed = state.withLock { $0.isClosed }
                if isClosed { break }
                for event in events.prefix(Int(max(count, 0))) { tell(event.data.u64, .ready) }
                let now = ContinuousClock.now
                let late = state.withLock { state in
                    state.entries.filter { $0.value.deadline.map { $0 < now } ?? false }.map(\.key)
                }
                for number in late { tell(number, .silent) }
            }
            Glibc.close(queue)
        }
        thread.name = "hearth sockets"
        thread.start()
    }

    private func tell(_ number: UInt64, _ finding: Finding) {
        let tell = state.withLock { state in
            state.entries[number]?.deadline = nil
            return state.entries[number]?.tell
        }
        tell?(finding)
    }

    /// - Returns: the number under which it is watched from now on, with ``wait(_:forWriting:until:)``.
    func add(_ descriptor: Int32, _ tell: @escaping @Sendable (Finding) -> Void) -> UInt64 {
        let number = state.withLock { state in
            state.lastNumber += 1
            state.entries[state.lastNumber] = Entry(descriptor: descriptor, tell: tell)
            return state.lastNumber
        }
        var event = epoll_event()
        event.data.u64 = number
        epoll_ctl(queue, EPOLL_CTL_ADD, descriptor, &event)
        return number
    }

    /// Tells once, when there is something to read (or room to write), or nothing came until the deadline.
    func wait(_ number: UInt64, forWriting: Bool, until deadline: ContinuousClock.Instant) {
        let descriptor = state.withLock { state in
            state.entries[number]?.deadline = deadline
            return state.entries[number]?.descriptor
        }
        guard let descriptor else { return }
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | EPOLLONESHOT.rawValue | (forWriting ? EPOLLOUT.rawValue : 0)
        event.data.u64 = number
        epoll_ctl(queue, EPOLL_CTL_MOD, descriptor, &event)
    }

    /// To be called before the socket is closed: another one may get its number.
    func remove(_ number: UInt64) {
        guard let entry = state.withLock({ $0.entries.removeValue(forKey: number) }) else { return }
        var event = epoll_event()
        epoll_ctl(queue, EPOLL_CTL_DEL, entry.descriptor, &event)
    }

    /// Ends the thread, within a moment.
    func close() { state.withLock { $0.isClosed = true } }
}
