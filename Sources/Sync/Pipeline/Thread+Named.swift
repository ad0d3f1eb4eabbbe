import Foundation

extension Thread {
    /// Starts a thread for blocking work, which has no place on the cooperative pool.
    static func detach(named name: String, _ work: @escaping @Sendable () -> Void) {
        let thread = Thread(block: work)
        thread.name = name
        thread.stackSize = 4 << 20
        thread.start()
    }
}
