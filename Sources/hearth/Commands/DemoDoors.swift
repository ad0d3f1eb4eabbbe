import Actions
import Answers
import Foundation
import Gateway
import HeatModel
import Logging
import Pages
import SQLiteStore
import ServiceLifecycle
import Setup
import Store
import Synchronization

/// The doors of the demonstration company, open while its day is played: chat page, kiosk, desk and console on a free port of this machine.
final class DemoDoors: Sendable {
    let address: String
    /// For the desk; it ends with the day.
    let deskToken: String
    /// For the console; it ends with the day, too.
    let consoleToken: String
    private let services: ServiceGroup
    private let ended: DispatchSemaphore

    private init(
        address: String, deskToken: String, consoleToken: String, services: ServiceGroup, ended: DispatchSemaphore
    ) {
        self.address = address
        self.deskToken = deskToken
        self.consoleToken = consoleToken
        self.services = services
        self.ended = ended
    }

    /// Where they are, and what opens them.
    func lines(in say: Tongue) -> [String] {
        func line(_ door: String, _ name: String, _ token: String? = nil) -> String {
            let opened = token.map { "   " + say("令牌 \($0)", "with the token \($0)") } ?? ""
            return "\(Terminal.pad(name, 9)) \(address)/\(door)\(opened)"
        }
        return [
            line("chat", say("聊天页", "chat")), line("kiosk", say("自助机", "kiosk")),
            line("desk", say("坐席台", "desk"), deskToken), line("console", say("控制台", "console"), consoleToken),
        ]
    }

    static func open(_ options: CommonOptions) throws -> DemoDoors { try Blocking.run { try await make(options) } }

    private static func make(_ options: CommonOptions) async throws -> DemoDoors {
        let (workspace, store) = try options.servingWorkspace { configuration in
            configuration.serve.host = "127.0.0.1"
            configuration.serve.port = 0
            configuration.channels.company = "暖城供热客服"
            configuration.channels.chat = .init()
            configuration.channels.kiosk = .init()
            configuration.channels.desk = .init()
            configuration.channels.console = .init()
            configuration.channels.console?.appliesMappings = true
        }
        let (desk, console) = (BearerSecret(), BearerSecret())
        let now = Instant.now
        let end = Instant(microseconds: now.microseconds + 86_400_000_000, offsetMinutes: now.offsetMinutes)
        try store.add(desk.token(name: "demo-desk", scopes: [.desk], createdAt: now, expiresAt: end))
        try store.add(
            console.token(
                name: "demo-console", scopes: [.assistant, .engineer, .auditor], createdAt: now, expiresAt: end))
        let logger = Logger(label: "hearth.demo") { _ in SwiftLogNoOpLogHandler() }
        let post = try CustomerPost(workspace.configuration, rules: nil, logger: logger)
        let gateway = try await Gateway(
            workspace: workspace, store: store,
            log: try ChainedAccessLog(folder: workspace.configuration.serve.accessLog), logger: logger,
            openAPI: OpenAPIDocument.bytes, money: workspace.moneyAnswers,
            loops: workspace.configuration.serve.eventLoops,
            sites: CustomerDoors(
                settings: workspace.configuration.channels, configuration: workspace.configuration.path, post: post,
                notices: nil, workspace: workspace, logger: logger
            ).mounts)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = try GatewayServer(gateway) { port.yield($1) }
        // What customers report goes to dispatch.
        let outbox = Outbox(store: store, systems: try workspace.configuration.actionSystems())
        let actions = ActionService(outbox, logger: logger, stop: Interrupt.flag)
        let services = ServiceGroup(
            configuration: .init(services: [.init(service: server), .init(service: actions)], logger: logger))
        let ended = DispatchSemaphore(value: 0)
        let failure = Mutex<(any Error)?>(nil)
        Task.detached {
            do { try await services.run() } catch { failure.withLock { $0 = error } }
            port.finish()
            ended.signal()
        }
        guard let number = await ports.first(where: { _ in true }) else {
            throw failure.withLock { $0 } ?? CancellationError()
        }
        return DemoDoors(
            address: "http://127.0.0.1:\(number)", deskToken: desk.text, consoleToken: console.text,
            services: services, ended: ended)
    }

    /// Ends what is in flight, then the server.
    func stop() {
        Task.detached { [services] in await services.triggerGracefulShutdown() }
        _ = ended.wait(timeout: .now() + 10)
    }
}
