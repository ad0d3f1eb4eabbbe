/// Keyed reads for one thread that makes many: a connection of its own with its statements prepared, and one snapshot for as
/// many reads as the thread likes. Not to be used by two threads at once.
///
/// Between ``begin()`` and ``end()`` all reads see the state that was committed when the first of them was made. A snapshot
/// that is held keeps the store from reusing its log, so it is to be ended within milliseconds.
public protocol SnapshotReader: AnyObject {
    func begin() throws
    func end()
    /// Reads of the snapshot; outside of one each read has its own.
    var reader: any StoreReader { get }
    /// Hands the account's stored view to `body`, in place. False where there is none.
    func withView(number: UnsafeRawBufferPointer, _ body: (ViewSlice) throws -> Void) throws -> Bool
    /// Goes through all stored views, in the order in which accounts came in.
    func forEachView(after: AccountID?, _ body: (AccountID, UnsafeRawBufferPointer) throws -> Bool) throws
}

/// A store that hands out such readers.
public protocol SnapshotReading: Sendable {
    func makeSnapshotReader(cacheMegabytes: Int) throws -> any SnapshotReader
}
