import HeatModel
import Store
import StoreSQL

/// A connection of one thread that makes many keyed reads. The transaction begins with the first read after ``begin()``.
///
/// A connection that was lost is opened anew beside the thread, which an event loop is: until then ``begin()`` throws at once.
final class PostgresSnapshotReader: StateReader {
    private var session: Session
    private let next: Renewal<Session>
    private var isOpen = false
    private(set) var state = StoreState(commit: 0)

    /// - Parameters:
    ///   - session: the first one; where it is no connection yet, one is made beside the thread at once.
    ///   - open: makes another one.
    init(_ session: Session, then open: @escaping @Sendable () throws -> Session) {
        self.session = session
        next = Renewal(open)
        if session.connection.isBroken { next.open() }
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
