import HeatModel
import Records

/// Names for what was found: sources after what they are about, streams after what they hold.
struct StreamNames {
    private var streams: [StreamName: StreamName] = [:]
    private var back: [StreamName: StreamName] = [:]
    private var sources: [String: String] = [:]

    private static let plural: [EntityKind: String] = [
        .account: "accounts", .premises: "residents", .season: "seasons", .charge: "charges", .payment: "payments",
        .meterReading: "readings", .roomTemperature: "temperatures", .suspension: "suspensions",
        .disconnection: "disconnections", .workOrder: "workOrders", .workOrderEvent: "workOrderEvents",
        .outage: "outages",
    ]

    init(_ suggestions: [Suggestion], _ sources: [String]) {
        var taken: Set<String> = []
        for source in sources {
            let kinds = Set(suggestions.filter { $0.stream.source == source }.map(\.entity))
            var name = source
            if !kinds.isDisjoint(with: [.charge, .payment, .account]) {
                name = "billing"
            } else if !kinds.isDisjoint(with: [.workOrder, .workOrderEvent, .outage]) {
                name = "dispatch"
            } else if kinds.contains(.premises) {
                name = "customer"
            } else {
                name = "source"
            }
            let base = name
            var number = 2
            while !taken.insert(name).inserted {
                name = "\(base)\(number)"
                number += 1
            }
            self.sources[source] = name
            var used: Set<String> = []
            for suggestion in suggestions where suggestion.stream.source == source {
                let plural = Self.plural[suggestion.entity] ?? suggestion.stream.stream
                // Two streams of one entity keep their own names.
                let isAlone = suggestions.count { $0.stream.source == source && $0.entity == suggestion.entity } == 1
                var stream = isAlone ? plural : suggestion.stream.stream
                while !used.insert(stream).inserted { stream += "2" }
                streams[suggestion.stream] = StreamName(source: name, stream: stream)
            }
        }
        for (old, new) in streams { back[new] = old }
    }

    func new(_ name: StreamName) -> StreamName {
        streams[name] ?? StreamName(source: source(name.source), stream: name.stream)
    }

    func source(_ name: String) -> String { sources[name] ?? name }

    /// What it was called where it was found.
    func old(_ name: StreamName) -> String { (back[name] ?? name).stream }

    /// The stream's name before, in its source.
    func before(_ name: StreamName) -> String { back[name]?.stream ?? name.stream }
}
