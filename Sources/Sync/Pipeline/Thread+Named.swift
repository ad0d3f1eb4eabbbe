package import Foundation

extension Thread {
    /// Starts a thread for blocking work, which has no place on the cooperative pool.
    ///
    /// - Parameter niceness: What it gives way by to the others, as `setpriority(2)` has it. Linux alone keeps one for each thread;
    ///   elsewhere it is left out.
    package static func detach(named name: String, niceness: Int32 = 0, _ work: @escaping @Sendable () -> Void) {
        let thread = Thread {
            #if os(Linux)
                // 0 is the calling thread. One that may not be nicer works as it is.
                if niceness > 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
            #endif
            work()
        }
        thread.name = name
        thread.stackSize = 4 << 20
        thread.start()
    }
}
