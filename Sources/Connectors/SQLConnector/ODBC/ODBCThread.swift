import Foundation

/// A thread that a connection's calls are made on. Whoever waits for a call can ask the driver to cancel it, and leaves a call behind
/// that nothing ends.
final class ODBCThread: @unchecked Sendable {
    private let condition = NSCondition()
    // Guarded by the condition.
    private var call: (() -> Void)?
    private var isEnded = false

    init() {
        let thread = Thread { [self] in work() }
        thread.name = "odbc"
        thread.start()
    }

    private func work() {
        while true {
            condition.lock()
            while call == nil && !isEnded { condition.wait() }
            guard let next = call else {
                condition.unlock()
                return
            }
            condition.unlock()
            next()
            condition.lock()
            call = nil
            condition.broadcast()
            condition.unlock()
        }
    }

    /// Begins a call; the one before has ended.
    func start(_ body: @escaping () -> Void) {
        condition.lock()
        call = body
        condition.broadcast()
        condition.unlock()
    }

    /// Waits for the end of the call; `waiting` is asked every 200 ms meanwhile. What that throws leaves the call behind: then nothing
    /// the call uses may be touched any more.
    func wait(_ waiting: () throws -> Void) throws {
        condition.lock()
        while call != nil {
            if condition.wait(until: Date(timeIntervalSinceNow: 0.2)) { continue }
            condition.unlock()
            try waiting()
            condition.lock()
        }
        condition.unlock()
    }

    /// Ends the thread once the call under way has ended.
    func end() {
        condition.lock()
        isEnded = true
        condition.broadcast()
        condition.unlock()
    }
}
