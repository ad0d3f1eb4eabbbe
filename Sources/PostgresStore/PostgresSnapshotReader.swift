import Dispatch
import HeatModel
import Store
import StoreSQL
import Synchronization

/// A connection of one thread that makes many keyed reads. The transaction begins with the first read after ``begin()``.
///
/// A connection that was lost is opened anew beside the thread, which an event loop is: until then ``begin()`` throws at once.
final class PostgresSnapshotReader: StateReader {
    private var session: Session
    private let next: NextSession
    private var isOpen = false
    private(set) var state = StoreState(commit: 0)

    init(_ open: @escaping @Sendable () throws -> Session) throws {
        session = try open()
        next = NextSession(open)
    }

    var reader: any StoreReader { session }

    func begin() throws {
        guard !isOpen else { return }
        if session.connection.isBroken { try replace() }
        do {
            state = try session.beginReading()
        } catch {
            session.takeBack()
            if session.connection.isBroken { next.open() }
            throw error
        }
        isOpen = true
    }

    private func replace() throws {
        do {
            guard let opened = try next.take() else { throw disconnected(nil) }
            session = opened
        } catch let error as HearthError where error.code == .storeDisconnected {
            throw error
        } catch {
            throw disconnected(error)
        }
    }

    /// - Parameter cause: why the last attempt to make another connection failed.
    private func disconnected(_ cause: (any Error)?) -> HearthError {
        HearthError(
            .storeDisconnected, "the connection to the store was lost", at: session.connection.target.place,
            advice: "another one is being made; ask again", cause: cause)
    }

    func end() {
        guard isOpen else { return }
        isOpen = false
        do { try session.commit() } catch { session.takeBack() }
    }

    func withView(number: UnsafeRawBufferPointer, _ body: (ViewSlice) throws -> Void) throws -> Bool {
        let view = try session.statement(
            "SELECT a.id, v.packing_id, v.packed FROM account a JOIN account_view v ON v.account_id = a.id WHERE a.number = ?1"
        )
        return try session.first(view.bind(1, text: number)) { try session.unpackingView($0, body) } != nil
    }

    func forEachView(after: AccountID?, _ body: (AccountID, UnsafeRawBufferPointer) throws -> Bool) throws {
        let views = try session.scan(
            "SELECT account_id, packing_id, packed FROM account_view WHERE account_id > ?1 ORDER BY account_id")
        views.bind(1, after?.number ?? Int64.min)
        defer { views.reset() }
        while try views.step() {
            if try !session.unpackingView(views, { try body(AccountID(views.int(0)), $0.body) }) { return }
        }
    }
}

/// A session that is opened on another thread, and then handed over.
private final class NextSession: Sendable {
    private enum State {
        case none, underWay
        case done(Opened)
        case failed(any Error)
    }

    /// `@unchecked Sendable`: of the thread that opens it until it stands in the state, then of the one that takes it out.
    private struct Opened: @unchecked Sendable { var session: Session }

    private let make: @Sendable () throws -> Session
    private let state = Mutex(State.none)

    init(_ make: @escaping @Sendable () throws -> Session) { self.make = make }

    /// Nil where none is there yet: it is opened then.
    ///
    /// - Throws: why the last attempt to open one failed; the next one is under way.
    func take() throws -> Session? {
        let before = state.withLock { state in
            defer { if case .underWay = state {} else { state = .none } }
            return state
        }
        if case .done(let opened) = before { return opened.session }
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
            do { made = .done(Opened(session: try make())) } catch { made = .failed(error) }
            state.withLock { $0 = made }
        }
    }
}
