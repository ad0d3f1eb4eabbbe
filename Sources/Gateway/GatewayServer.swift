import Answers
import Foundation
import HeatModel
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
package import Setup
import Synchronization

/// Serves a gateway over HTTP until it is asked to stop, then finishes what is in flight.
package struct GatewayServer: Service, CustomStringConvertible {
    /// What a log may say of it: nothing of the configuration, which may hold secrets.
    package var description: String { "HTTP server" }

    private let gateway: Gateway
    private let certificate: ServerCertificate?
    private let group: MultiThreadedEventLoopGroup
    private let onRunning: @Sendable (_ address: String, _ port: Int) -> Void

    /// - Parameter onRunning: is given the address once it listens.
    package init(_ gateway: Gateway, onRunning: @escaping @Sendable (_ address: String, _ port: Int) -> Void) throws {
        self.gateway = gateway
        self.onRunning = onRunning
        certificate = try gateway.settings.tls.map { try ServerCertificate($0) }
        group = MultiThreadedEventLoopGroup(numberOfThreads: gateway.settings.eventLoops)
    }

    package func run() async throws {
        let settings = gateway.settings
        let onRunning = self.onRunning
        let server = GatewayChannel(gateway: gateway, certificate: certificate).server(
            configuration: ServerConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: nil, backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(settings.maxConnections)),
            onServerRunning: { channel in
                onRunning(channel.localAddress?.ipAddress ?? settings.host, channel.localAddress?.port ?? settings.port)
            },
            eventLoopGroup: group, logger: gateway.logger)
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: server), .init(service: Renewal(gateway: gateway, certificate: certificate))],
            logger: gateway.logger)
        configuration.maximumGracefulShutdownDuration = .seconds(settings.shutdownTimeout)
        let services = ServiceGroup(configuration: configuration)
        do {
            try await withGracefulShutdownHandler {
                try await services.run()
            } onGracefulShutdown: {
                Task { await services.triggerGracefulShutdown() }
            }
        } catch {
            try? await gateway.close()
            try? await group.shutdownGracefully()
            throw Self.explained(error, settings.host, settings.port)
        }
        try await gateway.close()
        try await group.shutdownGracefully()
    }

    private static func explained(_ error: any Error, _ host: String, _ port: Int) -> any Error {
        guard let error = error as? IOError else { return error }
        return HearthError(
            .serveCannotListen, "cannot listen: \(String(cString: strerror(error.errnoCode)))",
            at: .address("\(host):\(port)"),
            advice: "another program may have the port; name another under `serve: port:`",
            cause: error)
    }

    /// Looks each second whether tokens, keys or certificates have changed, brings the access log to the disk, and has the store
    /// note each hour, and at the end, how far the log has come.
    private struct Renewal: Service, CustomStringConvertible {
        var description: String { "renewal" }
        let gateway: Gateway
        let certificate: ServerCertificate?

        func run() async throws {
            await cancelWhenGracefulShutdown {
                var seconds = 0
                while !Task.isCancelled {
                    do { try await Task.sleep(for: .seconds(1)) } catch { return }
                    seconds += 1
                    await renew(notesHeads: seconds % 3600 == 0)
                }
            }
        }

        private func renew(notesHeads: Bool) async {
            await attempt("keys of web tokens") { try await gateway.webTokens?.renew() }
            await blocking("tokens") { try gateway.tokens.renew() }
            await blocking("certificate") {
                if try certificate?.renew() ?? false { gateway.logger.notice("a new TLS certificate is in use") }
            }
            await blocking("access log") { try gateway.log.sync() }
            if notesHeads { await blocking("the access log's head") { try gateway.workspace.noteLogHeads() } }
        }

        /// What reads files or the store waits on the gateway's own threads.
        private func blocking(_ what: String, _ body: @escaping @Sendable () throws -> Void) async {
            await attempt(what) { try await gateway.pool.runIfActive(body) }
        }

        private func attempt(_ what: String, _ body: () async throws -> Void) async {
            do {
                try await body()
            } catch is CancellationError {
                // The end has come: what is left is done there.
            } catch {
                gateway.logger.error("cannot renew", metadata: ["what": "\(what)", "error": "\(error)"])
            }
        }
    }
}

extension ServeSettings {
    /// How many event loops serve: as many as the machine has processors where nothing else is said.
    package var eventLoops: Int { threads ?? System.coreCount }
}
