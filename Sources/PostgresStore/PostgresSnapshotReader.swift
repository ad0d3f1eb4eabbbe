import HeatModel
import Store
import StoreSQL

/// A connection of one thread that makes many keyed reads. The transaction begins with the first read after ``begin()``.
final class PostgresSnapshotReader: SnapshotReader {
    private let session: Session
    private var isOpen = false

    init(_ session: Session) { self.session = session }

    var reader: any StoreReader { session }

    func begin() throws {
        guard !isOpen else { return }
        do {
            try session.beginReading()
        } catch {
            session.takeBack()
            throw error
        }
        isOpen = true
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
