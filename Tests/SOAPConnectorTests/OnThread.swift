import Glibc

enum ProcessEnvironment {
    /// The seeds to run, where somebody looks into some: `1234` or `1200-1300`.
    static var seeds: ClosedRange<Int>? {
        guard let text = getenv("HEARTH_SEED") else { return nil }
        let bounds = String(cString: text).split(separator: "-").compactMap { Int($0) }
        guard let first = bounds.first, let last = bounds.last, first <= last else { return nil }
        return first...last
    }
}

/// Runs what blocks on a thread of its own.
func onThread(_ body: @escaping @Sendable () -> Void) async {
    final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    await withCheckedContinuation { continuation in
        let work = Unmanaged.passRetained(
            Work {
                body()
                continuation.resume()
            }
        ).toOpaque()
        var id = pthread_t()
        let code = pthread_create(
            &id, nil,
            { context in
                Unmanaged<Work>.fromOpaque(context!).takeRetainedValue().body()
                return nil
            }, work)
        precondition(code == 0, "no thread")
        pthread_detach(id)
    }
}
