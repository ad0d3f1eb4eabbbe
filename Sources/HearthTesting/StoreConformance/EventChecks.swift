import HeatModel
import Store

/// Events, what is remembered of them, and where their subscribers stand.
extension StoreConformance {
    private func event(
        _ type: String, _ account: AccountID? = nil, _ place: OutagePlace? = nil, at: Instant? = nil,
        _ body: String = "{}"
    ) -> IncomingEvent {
        IncomingEvent(type: type, account: account, place: place, at: at, body: Array(body.utf8))
    }

    private func names(_ events: [StoredEvent]) -> [String] { events.map { "\($0.position.number) \($0.type)" } }

    func eventsInOrder(_ scene: StoreScene) throws {
        let building = OutagePlace(level: .building, name: "A\u{1F}3")
        let station = OutagePlace(level: .station, name: "A\u{1F}3")
        let (one, two) = try scene.store.write { (try scene.account($0, "01"), try scene.account($0, "02")) }
        func found(
            _ after: Int64?, _ types: Set<String> = [], _ scope: EventFilter.Scope? = nil, limit: Int = 100
        ) throws -> [StoredEvent] {
            try scene.store.read {
                try $0.events(
                    after: after.map { EventPosition($0) }, matching: EventFilter(types: types, scope: scope),
                    limit: limit)
            }
        }
        try expect(try scene.store.read { try $0.lastEvent() }, is: .start, "the last event where there is none")
        try expect(try scene.store.read { try $0.oldestEvent() }, is: nil, "the oldest event where there is none")
        try expect(names(try found(0)), is: [], "events where there are none")
        try scene.store.write { store in
            try store.append([event("a", one, at: StoreScene.instant(3), #"{"x":"户"}"#), event("b", two)])
        }
        try? scene.store.write { store in
            try store.append([event("lost", one)])
            throw Unexpected(message: "taken back")
        }
        scene.clock.advance(seconds: 5)
        try scene.store.write { store in
            try store.append([event("c", nil, building), event("a", nil, station), event("c", one)])
        }
        let all = try found(nil)
        try expect(names(all), is: ["1 a", "2 b", "3 c", "4 a", "5 c"], "all events")
        try expect(
            all[0],
            is: StoredEvent(
                position: EventPosition(1), mark: all[0].mark, type: "a", account: "01", place: nil,
                at: StoreScene.instant(3), notedAt: scene.clock.now - 5_000_000, body: Array(#"{"x":"户"}"#.utf8)),
            "an event")
        try expect(Set(all.map(\.mark)).count, is: 5, "marks that differ")
        try expect(all[2].place, is: building, "an event's place")
        try expect(all[4].notedAt, is: scene.clock.now, "when an event was noted")
        try expect(try found(nil).map(\.mark), is: all.map(\.mark), "marks that stay")
        try expect(names(try found(2, limit: 2)), is: ["3 c", "4 a"], "a page of events")
        try expect(names(try found(0, ["c", "b"])), is: ["2 b", "3 c", "5 c"], "events of two types")
        try expect(
            names(try found(0, [], .init(account: one, places: [building]))), is: ["1 a", "3 c", "5 c"],
            "events of an account and its building")
        try expect(
            names(try found(0, ["a"], .init(account: two, places: [building, station]))), is: ["4 a"],
            "events of one type of an account's places")
        try expect(
            names(try scene.store.read { try $0.events(at: [EventPosition(4), EventPosition(2), EventPosition(9)]) }),
            is: ["2 b", "4 a"], "events by their positions")
        try expect(try scene.store.read { try $0.lastEvent() }, is: EventPosition(5), "the last event")
    }

    func eventsTrimmed(_ scene: StoreScene) throws {
        try scene.store.write { store in try store.append((1...10).map { event("e\($0)") }) }
        func left() throws -> [Int64] {
            try scene.store.read {
                try $0.events(after: nil, matching: EventFilter(), limit: 100).map(\.position.number)
            }
        }
        try scene.store.write { try $0.trimEvents(keeping: 7) }
        try expect(try left(), is: [4, 5, 6, 7, 8, 9, 10], "events that are kept")
        try expect(try scene.store.read { try $0.oldestEvent() }, is: EventPosition(4), "the oldest event")
        for after in [2, 11] as [Int64] {
            do {
                _ = try scene.store.read {
                    try $0.events(after: EventPosition(after), matching: EventFilter(), limit: 1)
                }
                throw Unexpected(message: "events after \(after) were not refused")
            } catch let error as HearthError {
                try expect(error.code, is: .eventsGone, "the refusal of position \(after)")
            }
        }
        // A subscriber holds what it waits for, up to twice as much.
        let owner = LeaseOwner(host: "a", process: 1, processStart: 1)
        try scene.store.write { store in
            let claim = try store.claimWebhook("w", from: EventPosition(5), owner: owner, seconds: 60) { _ in true }
            guard let claim else { throw Unexpected(message: "a free subscriber was refused") }
            let waiting = WebhookDelivery(
                event: EventPosition(7), tries: 1, notBefore: 0, isDead: false, outcome: "500")
            try store.settleWebhook(claim, WebhookStep(position: EventPosition(10), waiting: [waiting]), seconds: 60)
            try store.trimEvents(keeping: 2)
        }
        try expect(try left(), is: [7, 8, 9, 10], "events that a subscriber waits for")
        try scene.store.write { try $0.trimEvents(keeping: 1) }
        try expect(try left(), is: [9, 10], "events that nobody may wait for so long")
        try scene.store.write { store in
            try store.append([event("next")])
            try store.trimEvents(keeping: 0)
        }
        try expect(try left().last, is: 11, "a position after the last")
    }

    func eventsRemembered(_ scene: StoreScene) throws {
        let (account, other) = try scene.store.write { (try scene.account($0, "01"), try scene.account($0, "02")) }
        let subjects: [EventSubject] = [
            .account(account), .record(scene.orders, key: [1]), .record(scene.charges, key: [1]),
            .record(scene.orders, key: [2]),
        ]
        func known() throws -> [[UInt8]?] {
            try scene.store.read { store in
                let known = try store.eventMemory(of: [.account(other)] + subjects + [.account(other)])
                try expect(known.first == [1] && known.last == [1], "what is remembered of another account")
                return Array(known.dropFirst().dropLast())
            }
        }
        try scene.store.write { try $0.setEventMemory(of: .account(other), [1]) }
        try expect(try known(), is: [nil, nil, nil, nil], "what is remembered of nothing")
        try scene.store.write { store in
            for (index, subject) in subjects.dropLast().enumerated() {
                try store.setEventMemory(of: subject, [UInt8(index), 9])
            }
        }
        try expect(try known(), is: [[0, 9], [1, 9], [2, 9], nil], "what is remembered")
        try scene.store.write { store in
            try store.setEventMemory(of: subjects[0], [7])
            try store.setEventMemory(of: subjects[1], nil)
        }
        try expect(try known(), is: [[7], nil, [2, 9], nil], "what is remembered last")
        try scene.store.write { try $0.setEventMemory(of: subjects[0], nil) }
        try expect(try known(), is: [nil, nil, [2, 9], nil], "what is forgotten")
    }

    func viewsTellWhatTheyReplace(_ scene: StoreScene) throws {
        let accounts = try scene.store.write { store in try ["1", "2", "3"].map { try scene.account(store, $0) } }
        func put(_ bodies: [String]) throws -> [String] {
            try scene.store.write { store in
                var told: [String] = []
                let all = bodies.map { Array($0.utf8) }
                // Their memory lives as long as the call.
                let buffers = all.map { bytes in
                    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
                    buffer.copyBytes(from: bytes)
                    return buffer
                }
                defer { for buffer in buffers { buffer.deallocate() } }
                let views = zip(accounts, buffers).map {
                    IncomingView(account: $0, touch: nil, body: UnsafeRawBufferPointer($1), runs: nil)
                }
                _ = try store.putViews(views) { told.append("\($0) \(String(decoding: $1, as: UTF8.self))") }
                return told
            }
        }
        try expect(try put(["a", "b"]), is: [], "what first views replace")
        try expect(try put(["a", "c", "d"]), is: ["1 b"], "what another view replaces")
        try expect(try put(["e", "c", "f"]), is: ["0 a", "2 d"], "what two views replace")
    }

    func webhooksClaimed(_ scene: StoreScene) throws {
        let one = LeaseOwner(host: "a", process: 1, processStart: 1)
        let two = LeaseOwner(host: "b", process: 2, processStart: 2)
        func claim(_ owner: LeaseOwner, _ name: String = "w", alive: Bool = true) throws -> WebhookClaim? {
            try scene.store.write {
                try $0.claimWebhook(name, from: EventPosition(3), owner: owner, seconds: 30) { _ in alive }
            }
        }
        func settle(_ claim: WebhookClaim?, _ position: Int64, missed: Int64 = 0, disabled: String? = nil) throws
            -> Bool
        {
            guard let claim else { throw Unexpected(message: "a subscriber was refused") }
            do {
                try scene.store.write {
                    try $0.settleWebhook(
                        claim,
                        WebhookStep(
                            position: EventPosition(position), delivered: [EventPosition(position)], missed: missed,
                            disabled: disabled), seconds: 30)
                }
                return true
            } catch let error as HearthError where error.code == .webhookFenced {
                return false
            }
        }
        func state(_ name: String = "w") throws -> StoredWebhook? {
            try scene.store.read { try $0.webhooks().first { $0.name == name } }
        }
        try expect(try state(), is: nil, "a subscriber that was never seen")
        let first = try claim(one)
        try expect(try claim(two), is: nil, "a subscriber that another owner has")
        try expect(try settle(first, 5), is: true, "whether the holder may write")
        scene.clock.advance(seconds: 29)
        try expect(try claim(two), is: nil, "a claim before it expires")
        try expect(try settle(first, 4, missed: 2), is: true, "whether the holder may write later")
        let second = try claim(two, alive: false)
        try expect(second != nil, "the claim of an owner that has ended was not lost")
        try expect(try settle(first, 9), is: false, "whether an earlier holder may write")
        scene.clock.advance(seconds: 31)
        let third = try claim(one)
        try expect(third != nil, "a claim that has expired was not lost")
        try expect(
            try state(),
            is: StoredWebhook(name: "w", position: EventPosition(5), disabled: nil, delivered: 2, missed: 2),
            "a subscriber")
        try expect(try settle(third, 7, disabled: "410"), is: true, "whether a new holder may write")
        try expect(try state()?.disabled, is: "410", "why a subscriber is disabled")
        try expect(try scene.store.write { try $0.enableWebhook("w") }, is: true, "whether it goes on")
        try expect(try scene.store.write { try $0.enableWebhook("x") }, is: false, "whether a stranger goes on")
        try expect(try state()?.disabled, is: nil, "why a subscriber that goes on is disabled")
        guard let third else { return }
        try scene.store.write { try $0.dropWebhookClaim(third) }
        try expect(try settle(third, 8), is: false, "whether one that gave its claim back may write")
        try expect(try claim(two) != nil, "a claim that was given back was not free")
        try expect(try claim(two, "v") != nil, "another subscriber was not free")
        try expect(try scene.store.read { try $0.webhooks().map(\.name) }, is: ["v", "w"], "subscribers")
    }

    func webhookDeliveriesKept(_ scene: StoreScene) throws {
        let owner = LeaseOwner(host: "a", process: 1, processStart: 1)
        func delivery(_ event: Int64, _ tries: Int64, isDead: Bool = false, _ outcome: String? = nil) -> WebhookDelivery
        {
            WebhookDelivery(
                event: EventPosition(event), tries: tries, notBefore: event * 10, isDead: isDead, outcome: outcome)
        }
        func list(_ isDead: Bool, to name: String = "w", after: Int64 = 0, limit: Int = 10) throws -> [WebhookDelivery]
        {
            try scene.store.read {
                try $0.webhookDeliveries(to: name, isDead: isDead, after: EventPosition(after), limit: limit)
            }
        }
        try scene.store.write { store in
            try store.append((1...6).map { event("e\($0)") })
            for name in ["v", "w"] {
                guard
                    let claim = try store.claimWebhook(
                        name, from: .start, owner: owner, seconds: 60, isAlive: { _ in true })
                else { throw Unexpected(message: "a free subscriber was refused") }
                try store.settleWebhook(
                    claim,
                    WebhookStep(
                        position: EventPosition(6),
                        waiting: [delivery(2, 1, "503"), delivery(3, 0), delivery(5, 10, isDead: true, "timeout")]),
                    seconds: 60)
                if name == "v" { continue }
                try store.settleWebhook(
                    claim,
                    WebhookStep(
                        position: EventPosition(6), delivered: [EventPosition(3)], waiting: [delivery(2, 2, "500")]),
                    seconds: 60)
            }
        }
        try expect(try list(false), is: [delivery(2, 2, "500")], "what waits")
        try expect(try list(true), is: [delivery(5, 10, isDead: true, "timeout")], "what was given up")
        try expect(try list(false, to: "v"), is: [delivery(2, 1, "503"), delivery(3, 0)], "what waits for another")
        try expect(try list(false, to: "v", after: 2), is: [delivery(3, 0)], "what waits behind an event")
        try expect(try list(false, to: "v", limit: 1), is: [delivery(2, 1, "503")], "a page of what waits")
        func counts(_ name: String) throws -> [Int64] {
            try scene.store.read { store in
                try [false, true].map { try store.webhookDeliveryCount(to: name, isDead: $0) }
            }
        }
        try expect([try counts("w"), try counts("v")], is: [[1, 1], [2, 1]], "how much waits, and was given up")
        let again = try scene.store.write {
            try $0.replayWebhook("w", [EventPosition(5), EventPosition(1), EventPosition(99)])
        }
        try expect(again, is: 2, "events that are delivered again")
        try expect(
            try list(false).map { "\($0.event.number) \($0.tries)" }, is: ["1 0", "2 2", "5 0"],
            "what waits after a replay")
        try expect(
            try scene.store.write { try $0.replayWebhook("x", [EventPosition(1)]) }, is: nil, "a stranger's replay")
    }
}
