/// Keyed reads that may wait for another machine without holding a thread. A store on this machine answers at once: it does not
/// suspend its caller.
public protocol KeyedReader: Sendable {
    /// The stored view of an account number, as committed last; nil where there is none.
    func view(number: [UInt8]) async throws -> StoredView?
}
