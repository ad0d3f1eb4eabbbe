import Glibc

/// Threads for what blocks: the cooperative pool must not wait.
package enum OwnThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Begins a thread that nothing waits for.
    package static func start(_ body: @escaping @Sendable () -> Void) {
        var id = pthread_t()
        let work = Unmanaged.passRetained(Work(body)).toOpaque()
        let code = pthread_create(
            &id, nil,
            { context in
                if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, work)
        precondition(code == 0, "no thread")
        pthread_detach(id)
    }

    /// Runs the body on a thread of its own, to its end.
    package static func run(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            start {
                body()
                continuation.resume()
            }
        }
    }
}
