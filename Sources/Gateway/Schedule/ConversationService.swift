import Conversations
import Foundation
import HeatModel
package import Logging
import NIOPosix
import Requests
import ServiceLifecycle
package import Setup

/// Lets go, each hour, of conversations that were kept as long as they are to be.
package struct ConversationService: Service, CustomStringConvertible {
    /// What a log may say of it: nothing of the configuration, which may hold secrets.
    package var description: String { "retention of conversations" }

    private let gateway: Gateway
    private let keptDays: Int?
    private let logger: Logger

    package init(gateway: Gateway, workspace: Workspace, logger: Logger) {
        self.gateway = gateway
        keptDays = workspace.configuration.conversations.keptDays
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let keptDays { await forget(keptDays) }
                // Only a cancellation ends the sleep early.
                try? await Task.sleep(for: .seconds(3600))
            }
        }
    }

    private func forget(_ keptDays: Int) async {
        do {
            // The store blocks.
            let count = try await gateway.pool.runIfActive { [gateway] in
                try gateway.desk.conversations.forget(in: gateway.store, keptDays: keptDays)
            }
            if count > 0 { logger.info("conversations were let go", metadata: ["count": "\(count)"]) }
        } catch {
            logger.error(
                "conversations could not be let go",
                metadata: ["code": "\((error as? HearthError)?.code.name ?? "unknown")"])
        }
    }
}
