import ArgumentParser
import Events
import Foundation
import HeatModel
import Setup
import Store
import Webhooks

/// Who events are delivered to, and what became of the deliveries.
struct WebhooksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks",
        abstract: "Who events are delivered to, what waits and what was given up; deliver again.",
        discussion: """
            Subscribers stand in webhooks.yaml beside the configuration; `hearth serve` delivers to them.

            EXAMPLES
              hearth webhooks list
              hearth webhooks show assistant
              hearth webhooks replay assistant --from 2026-01-20T08:00:00+08:00 --to 2026-01-20T12:00:00+08:00
              hearth webhooks enable assistant
            """,
        subcommands: [List.self, Show.self, Replay.self, Enable.self], defaultSubcommand: List.self)

    private struct Subscriber: Encodable {
        var name: String
        /// `new`, `active`, `disabled`, `not_configured`
        var state: String
        var reason: String?
        var position: Int64
        /// Events in the log behind the position.
        var behind: Int64
        var delivered: Int64
        var waiting: Int64
        var dead: Int64
        var missed: Int64
    }

    private struct Delivery: Encodable {
        var event: String
        var type: String?
        var subject: String?
        var tries: Int64
        var notBefore: String?
        var outcome: String?
    }

    fileprivate struct Scene {
        let configuration: HearthConfiguration
        let endpoints: [WebhookEndpoint]
        let store: any Store

        init(_ options: CommonOptions) throws {
            configuration = try HearthConfiguration.load(path: options.config)
            endpoints = try configuration.webhooks()
            store = try configuration.openStore()
        }

        func known(_ name: String) throws {
            let names = Set(endpoints.map(\.name)).union(try store.read { try $0.webhooks().map(\.name) })
            if names.contains(name) { return }
            throw HearthError(
                .usageUnknownWebhook, "there is no webhook \"\(name)\"", at: .address("webhooks.yaml"),
                advice: NearestName.advice(name, among: names.sorted()))
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Subscribers: how far each is, what waits, what was given up.",
            discussion: "EXAMPLES\n  hearth webhooks list\n  hearth webhooks list --json")

        @OptionGroup var options: CommonOptions

        func run() throws {
            let scene = try Scene(options)
            let configured = Set(scene.endpoints.map(\.name))
            let subscribers = try scene.store.read { store in
                let (last, known) = (try store.lastEvent().number, try store.webhooks())
                let unseen = configured.subtracting(known.map(\.name)).map {
                    Subscriber(
                        name: $0, state: "new", position: 0, behind: 0, delivered: 0, waiting: 0, dead: 0, missed: 0)
                }
                return try known.map { hook in
                    Subscriber(
                        name: hook.name,
                        state: !configured.contains(hook.name)
                            ? "not_configured" : hook.disabled == nil ? "active" : "disabled",
                        reason: hook.disabled, position: hook.position.number, behind: last - hook.position.number,
                        delivered: hook.delivered,
                        waiting: try store.webhookDeliveryCount(to: hook.name, isDead: false),
                        dead: try store.webhookDeliveryCount(to: hook.name, isDead: true), missed: hook.missed)
                } + unseen
            }.sorted { $0.name < $1.name }
            if options.json { return try JSONOutput.print(subscribers) }
            if subscribers.isEmpty { return Terminal.say("nobody: webhooks.yaml beside the configuration names whom") }
            Terminal.table(
                ["name", "state", "#position", "#behind", "#delivered", "#waiting", "#given up", "#missed"],
                subscribers.map {
                    [
                        $0.name, $0.reason.map { why in "disabled (\(why))" } ?? $0.state, "\($0.position)",
                        "\($0.behind)",
                        "\($0.delivered)", "\($0.waiting)", "\($0.dead)", "\($0.missed)",
                    ]
                })
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What waits for a subscriber, and what was given up.",
            discussion: "EXAMPLES\n  hearth webhooks show assistant\n  hearth webhooks show assistant --dead --json")

        @OptionGroup var options: CommonOptions
        @Argument(help: "Its name in webhooks.yaml.") var name: String
        @Flag(help: "Only what was given up.") var dead = false
        @Option(help: "How many.") var limit = 100

        func validate() throws {
            if !(1...10_000).contains(limit) { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() throws {
            let scene = try Scene(options)
            try scene.known(name)
            let local = scene.configuration.local
            let (waiting, given) = try scene.store.read { store in
                func list(_ isDead: Bool) throws -> [Delivery] {
                    let found = try store.webhookDeliveries(to: name, isDead: isDead, after: .start, limit: limit)
                    let events = Dictionary(
                        try store.events(at: found.map(\.event)).map { ($0.position, $0) },
                        uniquingKeysWith: { first, _ in first })
                    return found.map { delivery in
                        let event = events[delivery.event]
                        return Delivery(
                            event: event.map { EventID($0).description } ?? "\(delivery.event.number)",
                            type: event?.type, subject: event.map { $0.account ?? "a place" }, tries: delivery.tries,
                            notBefore: isDead ? nil : local(delivery.notBefore).description, outcome: delivery.outcome)
                    }
                }
                return (dead ? [] : try list(false), try list(true))
            }
            if options.json { return try JSONOutput.print(["waiting": waiting, "given_up": given]) }
            for (title, list) in [("waits", waiting), ("given up", given)] where !list.isEmpty {
                Terminal.say(title)
                Terminal.table(
                    ["event", "type", "about", "#tries", "not before", "last outcome"],
                    list.map {
                        [
                            $0.event, $0.type ?? "gone", $0.subject ?? "–", "\($0.tries)", $0.notBefore ?? "–",
                            $0.outcome ?? "–",
                        ]
                    })
            }
            if waiting.isEmpty, given.isEmpty { Terminal.say("nothing waits, nothing was given up") }
        }
    }

    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Has events delivered again, under the ids that they had.",
            discussion: """
                By when they were noted, or by their ids, both ends included; or what was given up. `hearth serve` sends them within a second.

                EXAMPLES
                  hearth webhooks replay assistant --from 2026-01-20T08:00:00+08:00 --to 2026-01-20T12:00:00+08:00
                  hearth webhooks replay assistant --from 120 --to 140
                  hearth webhooks replay assistant --dead
                """)

        @OptionGroup var options: CommonOptions
        @Argument(help: "Its name in webhooks.yaml.") var name: String
        @Option(help: "An instant with its offset, or an event's id.") var from: String?
        @Option(help: "An instant with its offset, or an event's id.") var to: String?
        @Flag(help: "What was given up.") var dead = false

        private enum Bound {
            case moment(Int64)
            case position(Int64)

            init(_ text: String, _ option: String) throws {
                if let id = EventID(text) {
                    self = .position(id.position.number)
                } else if let instant = Instant(text) {
                    self = .moment(instant.microseconds)
                } else {
                    throw ValidationError("\(option) must be an instant with its offset, or an event's id")
                }
            }

            /// Below zero for an event before it, above for one behind it.
            func side(of event: StoredEvent) -> Int64 {
                switch self {
                case .moment(let moment): event.notedAt - moment
                case .position(let position): event.position.number - position
                }
            }
        }

        func validate() throws {
            if dead == (from != nil || to != nil) { throw ValidationError("name --from and --to, or --dead") }
            if !dead, from == nil || to == nil { throw ValidationError("--from and --to belong together") }
        }

        func run() throws {
            let bounds = try from.flatMap { from in
                try to.map { (try Bound(from, "--from"), try Bound($0, "--to")) }
            }
            let scene = try Scene(options)
            try scene.known(name)
            let endpoint = scene.endpoints.first { $0.name == name }
            var count = 0
            var after: EventPosition?
            while true {
                let (page, wanted): (Int, [EventPosition]) = try scene.store.read { store in
                    guard let bounds else {
                        let dead = try store.webhookDeliveries(
                            to: name, isDead: true, after: after ?? .start, limit: 1000)
                        after = dead.last?.event
                        return (dead.count, dead.map(\.event))
                    }
                    let events = try store.events(
                        after: after, matching: EventFilter(types: endpoint?.types ?? []), limit: 1000)
                    after = events.last?.position
                    let accounts = endpoint?.accounts ?? []
                    let wanted = events.filter { event in
                        bounds.0.side(of: event) >= 0 && bounds.1.side(of: event) <= 0
                            && (accounts.isEmpty || event.account.map { accounts.contains($0) } ?? true)
                    }
                    return (events.count, wanted.map(\.position))
                }
                count += try scene.store.write { try $0.replayWebhook(name, wanted) } ?? 0
                if page < 1000 { break }
            }
            if options.json { return try JSONOutput.print(["replayed": count]) }
            Terminal.say("\(count) events are delivered again")
        }
    }

    struct Enable: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Has deliveries go on that ended with 410, from where they stood.",
            discussion: "EXAMPLES\n  hearth webhooks enable assistant")

        @OptionGroup var options: CommonOptions
        @Argument(help: "Its name in webhooks.yaml.") var name: String

        func run() throws {
            let scene = try Scene(options)
            try scene.known(name)
            let isKnown = try scene.store.write { try $0.enableWebhook(name) }
            if options.json { return try JSONOutput.print(["enabled": isKnown]) }
            Terminal.say(
                isKnown ? "\(name) is delivered to" : "\(name) has not been delivered to yet: nothing holds it up")
        }
    }
}
