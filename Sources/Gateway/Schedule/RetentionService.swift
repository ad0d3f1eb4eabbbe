import Actions
import Attachments
import Conversations
import Foundation
import HeatModel
package import Logging
import NIOPosix
import Requests
import ServiceLifecycle
package import Setup

/// Lets go, each hour, of what was kept as long as it is to be: conversations, settled actions, photos and videos.
package struct RetentionService: Service, CustomStringConvertible {
    /// What a log may say of it: nothing of the configuration, which may hold secrets.
    package var description: String { "retention" }

    private let gateway: Gateway
    private let configuration: HearthConfiguration
    private let logger: Logger

    package init(gateway: Gateway, workspace: Workspace, logger: Logger) {
        self.gateway = gateway
        configuration = workspace.configuration
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await forget()
                // Only a cancellation ends the sleep early.
                try? await Task.sleep(for: .seconds(3600))
            }
        }
    }

    private func forget() async {
        if let days = configuration.conversations.keptDays {
            await letGo("conversations") { gateway in
                try gateway.desk.conversations.forget(in: gateway.store, keptDays: days)
            }
        }
        if let days = configuration.keptActionDays {
            await letGo("actions") { gateway in
                try Outbox.forget(in: gateway.store, keptDays: days, now: .now)
            }
        }
        await letGo("photos and videos") { gateway in
            try gateway.attachments.sweep(now: Instant.now.microseconds)
        }
    }

    private func letGo(_ what: String, _ body: @escaping @Sendable (Gateway) throws -> Int) async {
        do {
            // The store and the disk block.
            let count = try await gateway.pool.runIfActive { [gateway] in try body(gateway) }
            if count > 0 { logger.info("\(what) were let go", metadata: ["count": "\(count)"]) }
        } catch is CancellationError {
            // The server ends.
        } catch {
            logger.error(
                "\(what) could not be let go",
                metadata: ["code": "\((error as? HearthError)?.code.name ?? "unknown")"])
        }
    }
}
