import Answers
import Foundation
import HeatModel
import Logging
import Mapping
import Metrics
import NIOCore
import NIOEmbedded
import Pages
import SQLiteStore
import ServiceLifecycle
import Setup
import Store
import Synchronization
import Testing

@testable import Gateway
@testable import hearth

/// What other rooms serve at a gateway, made of what they may ask.
typealias Doors = @Sendable (ServedParts) throws -> [WebMount]

/// A gateway that can be asked.
protocol ServingGateway: Sendable {
    var way: RawClient.Way { get }
    /// Nil where it is in another process.
    var gateway: Gateway? { get }
    /// Ends it in good order; the exit status.
    func stop() async throws -> Int32
}

extension Gateway {
    /// As `hearth serve` makes it, with counters of its own.
    ///
    /// - Parameter other: its store, where it is another than the configuration's file; then it has a log of its own, too.
    static func made(
        configuration path: String, mounts: [String: Mount], sites: Doors = { _ in [] }, loops: Int,
        store other: (any Store)? = nil
    ) async throws -> Gateway {
        let configuration = try HearthConfiguration.load(path: path)
        let store = try other ?? SQLiteStore(path: configuration.storePath, cacheMegabytes: 4)
        let workspace = Workspace(
            configuration: configuration, mappings: try MappingSet.load(directory: configuration.mappings), store: store
        )
        let log = configuration.serve.accessLog + (other == nil ? "" : "-other")
        return try await Gateway(
            workspace: workspace, store: store, log: try ChainedAccessLog(folder: log),
            logger: Logger(label: "hearth.test") { _ in SwiftLogNoOpLogHandler() }, openAPI: OpenAPIDocument.bytes,
            money: workspace.moneyAnswers, loops: loops, metrics: GatewayMetrics(), mounts: mounts,
            sites: sites)
    }

    func renew() async throws {
        try await webTokens?.renew()
        try tokens.renew()
    }
}

/// The connection's handlers over channels that are no sockets, on a loop that works when it is given something to do.
final class InProcessGateway: ServingGateway {
    private let made: Gateway
    let loop = NIOAsyncTestingEventLoop()
    /// The loop's clock stands still by itself. Over servers callers wait by it.
    private let ticking: Task<Void, Never>?

    var gateway: Gateway? { made }
    var way: RawClient.Way { .inProcess(self) }

    init(
        _ configuration: String, _ mounts: [String: Mount] = [:], _ sites: Doors = { _ in [] },
        store: (any Store)? = nil
    ) async throws {
        made = try await Gateway.made(
            configuration: configuration, mounts: mounts, sites: sites, loops: 1, store: store)
        ticking =
            store == nil
            ? nil
            : Task { [loop] in
                while !Task.isCancelled {
                    try? await Task.sleep(for: .milliseconds(10))
                    await loop.advanceTime(by: .milliseconds(10))
                }
            }
    }

    func stop() async throws -> Int32 {
        try await made.close()
        ticking?.cancel()
        await ticking?.value
        await loop.shutdownGracefully()
        return 0
    }

    /// A connection of a client.
    func connect() async throws -> NIOAsyncTestingChannel {
        let channel = NIOAsyncTestingChannel(loop: loop)
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
        channel.remoteAddress = address
        try await loop.executeInContext { [made] in
            _ = GatewayChannel(gateway: made, certificate: nil).setup(channel: channel, logger: made.logger)
        }
        try await channel.connect(to: address)
        return channel
    }

    /// Sends bytes and gives back what comes until the gateway closes.
    func exchange(_ bytes: [UInt8]) async throws -> [UInt8] {
        let channel = try await connect()
        try await channel.writeInbound(ByteBuffer(bytes: bytes))
        var answer: [UInt8] = []
        await loop.run()
        while let buffer = try? await channel.waitForOutboundWrite(as: ByteBuffer.self) {
            answer.append(contentsOf: buffer.readableBytesView)
            await loop.run()
        }
        while let buffer = try await channel.readOutbound(as: ByteBuffer.self) {
            answer.append(contentsOf: buffer.readableBytesView)
        }
        return answer
    }
}

/// A server of this process, on a free port.
final class LiveGateway: ServingGateway {
    private let made: Gateway
    private let services: ServiceGroup
    private let running: Task<Void, any Error>
    private let port: Int

    var gateway: Gateway? { made }
    var way: RawClient.Way { .socket(port: port) }

    init(_ configuration: String, _ mounts: [String: Mount], _ sites: Doors = { _ in [] }) async throws {
        let made = try await Gateway.made(configuration: configuration, mounts: mounts, sites: sites, loops: 2)
        self.made = made
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = try GatewayServer(made) { _, number in port.yield(number) }
        let services = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: made.logger))
        self.services = services
        running = Task {
            defer { port.finish() }
            try await services.run()
        }
        self.port = try #require(await ports.first { _ in true }, "the server did not start")
    }

    func stop() async throws -> Int32 {
        await services.triggerGracefulShutdown()
        try await running.value
        return 0
    }
}

/// `hearth serve` in a process of its own.
final class ProgramGateway: ServingGateway {
    private let process: Process
    private let port: Int

    var gateway: Gateway? { nil }
    var way: RawClient.Way { .socket(port: port) }

    init(_ configuration: String) async throws {
        (process, port) = try await GatewaySite.onThread {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: GatewaySite.program)
            process.arguments = ["serve", "--config", configuration, "--log-level", "error"]
            let output = Pipe()
            process.standardOutput = output
            process.standardInput = FileHandle.nullDevice
            try process.run()
            var line = ""
            while !line.hasSuffix("\n") {
                let part = output.fileHandleForReading.availableData
                try #require(!part.isEmpty, "hearth serve did not start")
                line += String(decoding: part, as: UTF8.self)
            }
            let words = line.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: ":")
            return (process, try #require(words.last.flatMap { Int($0) }))
        }
    }

    /// SIGTERM.
    func stop() async throws -> Int32 {
        try await GatewaySite.onThread { [process] in
            process.terminate()
            process.waitUntilExit()
            return process.terminationStatus
        }
    }
}
