import Dispatch
import Synchronization

/// What is opened on another thread, and then handed over.
final class Renewal<Value>: Sendable {
    private enum State {
        case none, underWay
        case done(Opened)
        case failed(any Error)
    }

    /// `@unchecked Sendable`: of the thread that opens it until it stands in the state, then of the one that takes it out.
    private struct Opened: @unchecked Sendable { var value: Value }

    private let make: @Sendable () throws -> Value
    private let state = Mutex(State.none)

    init(_ make: @escaping @Sendable () throws -> Value) { self.make = make }

    /// Nil where none is there yet: it is opened then.
    ///
    /// - Throws: why the last attempt to open one failed; the next one is under way.
    func take() throws -> Value? {
        let before = state.withLock { state in
            defer { if case .underWay = state {} else { state = .none } }
            return state
        }
        if case .done(let opened) = before { return opened.value }
        open()
        if case .failed(let error) = before { throw error }
        return nil
    }

    func open() {
        let isFirst = state.withLock { state in
            switch state {
            case .none, .failed:
                state = .underWay
                return true
            case .underWay, .done: return false
            }
        }
        if !isFirst { return }
        DispatchQueue.global().async { [self] in
            // Where nobody answers, who asks next is told why, and has it tried again.
            let made: State
            do { made = .done(Opened(value: try make())) } catch { made = .failed(error) }
            state.withLock { $0 = made }
        }
    }
}
