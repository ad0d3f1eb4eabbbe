import Actions
import Answers
import ArgumentParser
import Assistant
import Foundation
import Gateway
import HeatModel
import Logging
import Mapping
import Metrics
import Notices
import ServiceLifecycle
import Setup
import Store
import Sync
import UnixSignals

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answers lookups over HTTP and MCP, until Ctrl-C or SIGTERM.",
        discussion: """
            Address, accepted callers and bounds are under `serve:` in the configuration. Every caller needs a
            token: `hearth token create`. Syncs run inside where schedules are configured, and events are delivered to whom
            webhooks.yaml names. A signal lets what is in flight end first. Of a store on servers a replica that can be read is enough to
            begin with: writes are refused until a primary is there.

            EXAMPLES
              hearth serve
              hearth serve --port 8443
              curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8080/v1/accounts/00012345
            """)

    @OptionGroup var options: CommonOptions
    @Option(help: "Listen here instead of where the configuration says.") var host: String?
    @Option(help: "Listen on this port; 0 takes a free one.") var port: Int?
    @OptionGroup var log: LogOptions
    @Option(help: "trace, debug, info, notice, warning, error or critical.") var logLevel = "info"

    func validate() throws {
        if let port, !(0...65_535).contains(port) { throw ValidationError("--port must be 0 to 65535") }
        if Logger.Level(rawValue: logLevel) == nil { throw ValidationError("--log-level is not known") }
    }

    func run() throws {
        MetricsSystem.bootstrap(GatewayMetrics.shared.exporter)
        log.begin(at: Logger.Level(rawValue: logLevel) ?? .info)
        // Who stops it before the server is there is heard, too.
        Interrupt.catchSignals()
        try Blocking.run {
            let logger = Logger(label: "hearth")
            let (workspace, store) = try options.servingWorkspace(madeBy: .serve, patience: .untilReadable) {
                configuration in
                if let host { configuration.serve.host = host }
                if let port { configuration.serve.port = port }
            } tell: {
                logger.warning("\($0)")
            }
            // A sync that cannot work is reported now, not at night.
            for schedule in workspace.configuration.serve.schedules {
                try workspace.configuration.requireSecrets(of: schedule.streams)
            }
            let rules = try NoticeRules.loadIfAny(besides: workspace.configuration.path)
            let post = try CustomerPost(workspace.configuration, rules: rules, logger: logger)
            let outbox = Outbox(
                store: store,
                systems: try workspace.configuration.actionSystems() + post.systems)
            // Also where nothing is sent: what is wrong in the rules is said now, not at night.
            let notices = try rules.map { rules in
                NoticeDesk(
                    rules: rules, channels: rules.sends ? post.channels : [], store: store,
                    money: try workspace.moneyAnswers(),
                    clock: CompanyClock(zone: workspace.configuration.timeZone),
                    refresh: { try workspace.readAnew($0, $1) }, address: { Assistant.address(in: $0) })
            }
            let log = try ChainedAccessLog(folder: workspace.configuration.serve.accessLog)
            let gateway = try await Gateway(
                workspace: workspace, store: store, log: log, logger: logger, openAPI: OpenAPIDocument.bytes,
                money: workspace.moneyAnswers, loops: workspace.configuration.serve.eventLoops,
                sites: CustomerDoors(
                    settings: workspace.configuration.channels, configuration: workspace.configuration.path,
                    post: post, notices: notices, workspace: workspace, logger: logger
                ).mounts)
            let scheme = workspace.configuration.serve.tls == nil ? "http" : "https"
            let server = try GatewayServer(gateway) { address, port in
                let host = address.contains(":") ? "[\(address)]" : address
                logger.notice("listening", metadata: ["address": "\(scheme)://\(host):\(port)"])
                Terminal.say("listening on \(scheme)://\(host):\(port)")
            }
            let primary = PrimaryService(store, logger: logger, stop: Interrupt.flag)
            let syncs = SyncService(workspace: workspace, gateway: gateway, stop: Interrupt.flag)
            let deliveries = WebhookService(
                gateway, try workspace.configuration.webhooks(), stop: Interrupt.flag)
            let actions = ActionService(outbox, logger: logger, stop: Interrupt.flag)
            let retention = RetentionService(gateway: gateway, workspace: workspace, logger: logger)
            let telling = NoticeService(notices, logger: logger, stop: Interrupt.flag)
            let services = ServiceGroup(
                configuration: .init(
                    services: [
                        .init(service: server), .init(service: primary), .init(service: syncs), .init(service: actions),
                        .init(service: deliveries), .init(service: retention), .init(service: telling),
                    ],
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
            if Interrupt.flag.isSet { return }
            let early = Task {
                while !Task.isCancelled {
                    if Interrupt.flag.isSet { return await services.triggerGracefulShutdown() }
                    try? await Task.sleep(for: .milliseconds(100))
                }
            }
            defer { early.cancel() }
            try await services.run()
        }
    }
}

/// Runs what is asynchronous from a command that is not, off the main thread's actor, and waits for its end.
enum Blocking {
    private final class Outcome<Value>: @unchecked Sendable {
        // Written before the semaphore is signalled, read after it was waited for.
        var result: Result<Value, any Error>?
    }

    static func run<Value>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
        let outcome = Outcome<Value>()
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            do { outcome.result = .success(try await body()) } catch { outcome.result = .failure(error) }
            done.signal()
        }
        done.wait()
        return try outcome.result!.get()
    }
}

extension CommonOptions {
    /// The workspace of a program that serves, and its store as what it is.
    ///
    /// - Parameters: as of ``HearthConfiguration/openStore(madeBy:patience:cacheMegabytes:tell:)``.
    func servingWorkspace(
        madeBy maker: StoreMaker? = nil, patience: PrimaryPatience = .none,
        _ change: (inout HearthConfiguration) -> Void = { _ in }, tell: (String) -> Void = Terminal.complain
    ) throws -> (Workspace, any Store) {
        var configuration = try HearthConfiguration.load(path: config)
        change(&configuration)
        let mappings = try MappingSet.load(directory: configuration.mappings)
        let store = try configuration.openStore(madeBy: maker, patience: patience, cacheMegabytes: 16, tell: tell)
        let workspace = Workspace(
            configuration: configuration, mappings: mappings, store: store, isCancelled: { Interrupt.flag.isSet })
        return (workspace, store)
    }
}
