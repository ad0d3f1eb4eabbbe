import Foundation
import HeatModel
package import Logging
import ServiceLifecycle
package import Store
package import Sync

/// Looks for the server that takes writes, where the store was opened without one, until it is there.
package struct PrimaryService: Service, CustomStringConvertible {
    /// What a log may say of it: nothing of the configuration, which may hold secrets.
    package var description: String { "search for the primary" }

    private let servers: (any ReplicatedStore)?
    private let logger: Logger
    private let stop: StopSignal

    /// - Parameter stop: set when the server is to end.
    package init(_ store: any Store, logger: Logger, stop: StopSignal) {
        servers = store as? any ReplicatedStore
        self.logger = logger
        self.stop = stop
    }

    package func run() async throws {
        await ServerWork.run(until: stop) { [servers, logger] isStopped in
            guard let servers, !servers.hasFoundPrimary else { return }
            var told: String?
            var pause = 0.2
            while !isStopped() {
                do {
                    try servers.findPrimary()
                    return logger.notice("the store takes writes")
                } catch {
                    let code = (error as? HearthError)?.code.name ?? "unknown"
                    if code != told {
                        ServerWork.log(error, of: "writes wait, answers come from a replica", to: logger)
                    }
                    told = code
                }
                let next = Date(timeIntervalSinceNow: pause)
                while !isStopped(), Date() < next { Thread.sleep(forTimeInterval: 0.1) }
                pause = min(pause * 2, 5)
            }
        }
    }
}
