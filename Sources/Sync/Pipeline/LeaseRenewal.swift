import Dispatch
import Foundation
import HeatModel
import Store

/// Renews a run's lease on a thread of its own, so that a run that is at work keeps its stream however long a batch takes.
struct LeaseRenewal {
    /// Seconds between two renewals: four of them until the lease expires.
    private static let pause = Double(Lease.seconds) / 4

    private let stopping = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    init(of lease: Lease, in store: any Store) {
        Thread.detach(named: "hearth lease") { [stopping, ended] in
            renewing: while stopping.wait(timeout: .now() + Self.pause) == .timedOut {
                do {
                    try store.write { try $0.renewLease(lease) }
                } catch let error as HearthError where error.code == .runFenced {
                    // The run's next commit says so.
                    break renewing
                } catch {
                    // A store that is busy or full now may not be the next time.
                }
            }
            ended.signal()
        }
    }

    /// Ends the thread, and waits for it.
    func stop() {
        stopping.signal()
        ended.wait()
    }
}
