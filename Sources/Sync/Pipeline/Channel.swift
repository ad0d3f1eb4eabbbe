import Foundation

/// A bounded queue between two threads of a run, so that a fast stage waits for a slow one and memory stays put.
///
/// Everything mutable is guarded by `condition`.
final class Channel<Element: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private let capacity: Int
    private var elements: [Element] = []
    private var isFinished = false
    private var failure: (any Error)?
    private var isAbandoned = false

    init(capacity: Int) { self.capacity = capacity }

    /// Waits for room. False once the receiver has gone: the sender should stop.
    func send(_ element: consuming Element) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while elements.count >= capacity, !isAbandoned { condition.wait() }
        if isAbandoned { return false }
        elements.append(element)
        condition.broadcast()
        return true
    }

    /// Ends the sending; elements already sent are still received.
    func finish(throwing error: (any Error)? = nil) {
        condition.lock()
        defer { condition.unlock() }
        if isFinished { return }
        isFinished = true
        failure = error
        condition.broadcast()
    }

    /// The next element, nil at the end; throws what the sender finished with.
    func receive() throws -> Element? {
        condition.lock()
        defer { condition.unlock() }
        while elements.isEmpty, !isFinished { condition.wait() }
        if elements.isEmpty {
            if let failure { throw failure }
            return nil
        }
        let element = elements.removeFirst()
        condition.broadcast()
        return element
    }

    /// Ends the receiving: senders stop waiting.
    func abandon() {
        condition.lock()
        defer { condition.unlock() }
        isAbandoned = true
        elements.removeAll()
        condition.broadcast()
    }
}
