import Disclosure
import Foundation
import HearthTesting
import HeatModel
import JSONText
import SQLiteStore
import Store
import Testing

@testable import Events

/// Seeded lives of orders, of which the gateway sees now the present, now an old state, now half of it; the oracle knows the truth.
@Suite struct OrderLifeTests {
    /// What an order truly was, step by step.
    private struct Life {
        var steps: [(state: WorkOrderState, at: Int64)] = []
        var state: WorkOrderState { steps.last?.state ?? .waitingToBeScheduled }

        /// The view that the dispatch system would give of the first so many steps.
        func view(_ count: Int) -> String {
            let seen = steps.prefix(count)
            guard let last = seen.last else {
                return #"{"account_number":"1","work_orders":[],"work_order_events":[]}"#
            }
            // The system keeps the last time of each state, since the order was opened last.
            let opened = seen.lastIndex { $0.state == .waitingToBeScheduled } ?? 0
            func time(_ state: WorkOrderState, _ name: String) -> String {
                seen[opened...].last { $0.state == state }.map { #","\#(name)":"\#(Moments.text($0.at))""# } ?? ""
            }
            let order =
                #"{"source":"dispatch.workOrders","key":"W1","number":"W1","kind":"noHeat","state":"\#(last.state.rawValue)""#
                + #","created_at":"\#(Moments.text(seen[0].at))""# + time(.dispatched, "dispatched_at")
                + time(.inProgress, "started_at") + time(.completed, "completed_at") + time(.closed, "closed_at") + "}"
            let events = seen.enumerated().map {
                #"{"source":"dispatch.workOrderEvents","key":"W1\u001f\#($0)","work_order":"W1","state":"\#($1.state.rawValue)","at":"\#(Moments.text($1.at))"}"#
            }
            return
                #"{"account_number":"1","work_orders":[\#(order)],"work_order_events":[\#(events.joined(separator: ","))]}"#
        }
    }

    private static let way: [WorkOrderState] = [
        .waitingToBeScheduled, .scheduled, .dispatched, .enroute, .onSite, .inProgress, .completed, .closed,
    ]

    /// The stages as a customer counts them: an oracle of its own.
    private static func stage(_ state: WorkOrderState) -> Int {
        switch state {
        case .waitingToBeScheduled, .scheduled: 0
        case .dispatched: 1
        case .enroute: 2
        case .onSite, .inProgress: 3
        case .completed: 4
        case .closed: 5
        default: 6
        }
    }

    private static func stage(told type: String, _ body: String) -> Int {
        switch type {
        case "order.accepted": 0
        case "order.dispatched": 1
        case "order.enroute": 2
        case "order.arrived": 3
        case "order.resolved": 4
        case "order.visited": 5
        case "order.cancelled": 6
        // What it is reopened to stands in it.
        default:
            stage(
                WorkOrderState(
                    rawValue: body.split(separator: #""state":""#)[1].split(separator: "\"").first.map(String.init)!)!)
        }
    }

    private static let seeds = ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] == nil ? 0..<60 : 0..<1200

    @Test(arguments: seeds) func nothingToldIsUntrueAndTheLastToldIsTheLastTrue(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let teller = try Teller()
        var life = Life()
        var clock = Moments.start
        // The view of before the order.
        try teller.see(life.view(0), at: clock)
        var newestSeen = 0
        var told: [(type: String, stage: Int, at: Int64)] = []
        for _ in 0..<Int.random(in: 3...14, using: &random) {
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                clock += Int64.random(in: 60...3600, using: &random) * 1_000_000
                advance(&life, clock, &random)
            }
            clock += Int64.random(in: 1...600, using: &random) * 1_000_000
            let isOld = Int.random(in: 0..<3, using: &random) == 0
            let count = isOld ? Int.random(in: 0...newestSeen, using: &random) : life.steps.count
            let events = try teller.see(life.view(count), at: clock)
            if isOld {
                #expect(events.isEmpty, "seed \(seed): an old reading told \(events.map(\.type))")
            } else {
                newestSeen = count
            }
            for event in events {
                let body = String(decoding: event.body, as: UTF8.self)
                let stage = Self.stage(told: event.type, body)
                #expect(stage == Self.stage(life.state), "seed \(seed): told \(event.type), the order is \(life.state)")
                let at = try #require(event.at?.microseconds, "seed \(seed): \(event.type) without a time")
                #expect(
                    life.steps.contains { Self.stage($0.state) == stage && $0.at == at },
                    "seed \(seed): \(event.type) at a time when it was not")
                if let last = told.last { #expect(at > last.at, "seed \(seed): told backwards") }
                told.append((event.type, stage, at))
            }
            #expect(events.count <= 1, "seed \(seed): a look told several states of one order")
            if !isOld, !life.steps.isEmpty {
                #expect(told.last?.stage == Self.stage(life.state), "seed \(seed): the last told is not the last true")
            }
        }
    }

    /// One true step: on, back, cancelled or reopened.
    private func advance(_ life: inout Life, _ at: Int64, _ random: inout SeededGenerator) {
        guard let last = life.steps.last else {
            life.steps.append((.waitingToBeScheduled, at))
            return
        }
        let place = Self.way.firstIndex(of: last.state)
        let next: WorkOrderState
        switch Int.random(in: 0..<12, using: &random) {
        case 0 where last.state != .cancelled && last.state != .closed && last.state != .completed: next = .cancelled
        // Reopened, or called back.
        case 1 where last.state == .completed || last.state == .closed || last.state == .cancelled:
            next = .waitingToBeScheduled
        case 2 where last.state == .onSite || last.state == .enroute: next = .dispatched
        default:
            guard let place, place + 1 < Self.way.count else { return }
            next = Self.way[min(place + Int.random(in: 1...3, using: &random), Self.way.count - 1)]
        }
        life.steps.append((next, at))
    }

    @Test func anOldHistoryOfAKnownAccountIsNoNews() throws {
        let teller = try Teller()
        try teller.see(#"{"account_number":"1","work_orders":[]}"#, at: Moments.start)
        var life = Life()
        for (index, state) in Self.way.enumerated() {
            life.steps.append((state, Moments.start - 40 * 86_400_000_000 + Int64(index) * 3_600_000_000))
        }
        for count in [3, 8] { #expect(try teller.see(life.view(count), at: Moments.start + 1_000_000).isEmpty) }
    }

    /// What is typed in late is true all the same; of an order that has gone back it may be an old reading.
    @Test(arguments: [false, true]) func aRepairDatedBeforeTheArrivalIsTold(hasReturned: Bool) throws {
        let teller = try Teller()
        func view(_ state: String, _ more: String = "", _ steps: [(String, Int64)]) -> String {
            let events = steps.enumerated().map {
                #"{"source":"d.e","key":"\#($0)","work_order":"W1","state":"\#($1.0)","at":"\#(Moments.text(Moments.start + $1.1 * 60_000_000))"}"#
            }
            return
                #"{"account_number":"1","work_orders":[{"source":"d.w","key":"1","number":"W1","state":"\#(state)","created_at":"\#(Moments.text(Moments.start))"\#(more)}],"work_order_events":[\#(events.joined(separator: ","))]}"#
        }
        let way: [(String, Int64)] = [("dispatched", 10), ("enroute", 20)] + (hasReturned ? [("dispatched", 25)] : [])
        let now = Moments.start + 3_600_000_000
        try teller.see(view("dispatched", "", way), at: now)
        #expect(try teller.see(view("onSite", "", way + [("onSite", 40)]), at: now).map(\.type) == ["order.arrived"])
        let done = #","completed_at":"\#(Moments.text(Moments.start + 35 * 60_000_000))""#
        let told = try teller.see(view("completed", done, way + [("onSite", 40), ("completed", 35)]), at: now)
        #expect(told.map(\.type) == (hasReturned ? [] : ["order.resolved"]))
    }

    @Test func aFirstViewTellsNothing() throws {
        let teller = try Teller()
        let order = #"{"source":"d.w","key":"1","state":"enroute","created_at":"\#(Moments.text(Moments.start))"}"#
        #expect(try teller.see(#"{"account_number":"1","work_orders":[\#(order)]}"#, at: Moments.start).isEmpty)
    }

    /// A position is told while it is young, and read only while it is.
    @Test(arguments: [(0, true), (299, true), (301, false), (-60, true), (-200, false)])
    func aDistanceIsNoOlderThanFiveMinutes(age: Int, isTold: Bool) throws {
        let teller = try Teller()
        func order(_ state: String, _ more: String = "") -> String {
            #"{"account_number":"1","work_orders":[{"source":"d.w","key":"1","number":"W1","state":"\#(state)","created_at":"\#(Moments.text(Moments.start))","technician":"张大明"\#(more)}]}"#
        }
        let now = Moments.start + 3_600_000_000
        try teller.see(order("dispatched"), at: Moments.start)
        let seen = now - Int64(age) * 1_000_000
        let events = try teller.see(
            order("enroute", #","technician_distance":1200,"technician_seen_at":"\#(Moments.text(seen))""#), at: now)
        let event = try #require(events.first)
        #expect(events.map(\.type) == ["order.enroute"])
        func written(_ after: Int64, clear: Bool = false) -> String {
            var json = JSONBytes()
            CloudEvent(event) { Instant(microseconds: $0, offsetMinutes: 480) }.write(
                ViewForm(isUnmasked: clear), at: Instant(microseconds: now + after * 1_000_000, offsetMinutes: 0),
                into: &json)
            return json.text
        }
        #expect(written(0).contains("1200") == isTold)
        #expect(written(0).contains("seen_at") == isTold)
        #expect(!written(400).contains("1200") && !written(400).contains("seen_at"))
        #expect(written(400).contains(#""state":"enroute""#))
        #expect(written(0).contains("张*明") && written(0, clear: true).contains("张大明"))
        #expect(written(0).contains(#""type":"com.hearth.order.enroute""#))
        #expect(written(0).contains(#""time":""#) && written(0).contains("+08:00"))
    }
}
