import Synchronization

/// Runs tasks on threads of its own: what waits there for a server keeps no thread of the cooperative pool, which has one a core.
package final class WaitingThreads: TaskExecutor {
    package static let shared = WaitingThreads(8)

    private struct Queue {
        var jobs: [UnownedJob] = []
        var idle: Int
    }
    private let queue: Mutex<Queue>

    private init(_ threads: Int) { queue = Mutex(Queue(idle: threads)) }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isStarting = queue.withLock { queue in
            queue.jobs.append(job)
            if queue.idle == 0 { return false }
            queue.idle -= 1
            return true
        }
        if isStarting { OwnThread.start { self.work() } }
    }

    /// Until nothing is left to do.
    private func work() {
        while true {
            let next = queue.withLock { queue -> UnownedJob? in
                if queue.jobs.isEmpty {
                    queue.idle += 1
                    return nil
                }
                return queue.jobs.removeFirst()
            }
            guard let next else { return }
            next.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
