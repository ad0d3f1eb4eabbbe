import Answers
import Synchronization

/// How many streams are open, of each caller and in all. Each holds a connection and up to 100 KB.
final class StreamLimits: Sendable {
    /// One stream's; given back when nothing holds it any more.
    final class Place: Sendable {
        private let limits: StreamLimits
        private let caller: String

        fileprivate init(_ limits: StreamLimits, _ caller: String) {
            self.limits = limits
            self.caller = caller
        }

        deinit { limits.leave(caller) }
    }

    private struct Open {
        var all = 0
        var callers: [String: Int] = [:]
    }

    private let most: Int
    private let mostPerCaller: Int
    private let open = Mutex(Open())

    init(most: Int, mostPerCaller: Int) {
        self.most = most
        self.mostPerCaller = mostPerCaller
    }

    /// Streams that are open.
    var count: Int { open.withLock { $0.all } }

    /// - Throws: a problem where the caller, or the server, has as many as it may.
    func enter(_ caller: String) throws(Problem) -> Place {
        try open.withLock { open throws(Problem) in
            if open.all >= most {
                throw Problem(503, "streams-exhausted", "Too many streams are open", retryAfter: 5)
            }
            if open.callers[caller, default: 0] >= mostPerCaller {
                throw Problem(
                    429, "too-many-streams", "Too many streams are open for this token",
                    detail: "\(mostPerCaller) at once are allowed", retryAfter: 5)
            }
            open.all += 1
            open.callers[caller, default: 0] += 1
        }
        return Place(self, caller)
    }

    private func leave(_ caller: String) {
        open.withLock { open in
            open.all -= 1
            let left = open.callers[caller, default: 1] - 1
            open.callers[caller] = left > 0 ? left : nil
        }
    }
}
