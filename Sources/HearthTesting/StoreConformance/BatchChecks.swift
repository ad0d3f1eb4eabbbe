import HeatModel
import Store

extension StoreConformance {
    /// Hands out the buffers of texts.
    private func withKeys<Result>(
        _ texts: [String], _ found: [UnsafeRawBufferPointer] = [], _ body: ([UnsafeRawBufferPointer]) throws -> Result
    ) rethrows -> Result {
        guard let first = texts.first else { return try body(found) }
        return try first.withBytes { try withKeys(Array(texts.dropFirst()), found + [$0], body) }
    }

    func keysLookedUp(_ scene: StoreScene) throws {
        let (one, two) = try scene.store.write { store in
            (try scene.insert(store, "1"), try scene.insert(store, "2"))
        }
        let known = try scene.store.read { store in
            try withKeys(["2", "3", "1", "2"]) { try store.lookUp(stream: scene.charges, keys: $0) }
        }
        try expect(known.map(\.?.id), is: [two, nil, one, two], "records of keys")
        try expect(known[0]?.run, is: scene.run, "the run of a record")
        try expect(
            try scene.store.read { store in try withKeys([]) { try store.lookUp(stream: scene.charges, keys: $0) } }
                .count,
            is: 0, "records of no keys")
    }

    func changesApplied(_ scene: StoreScene) throws {
        let (account, old) = try scene.store.write { store in
            (try scene.account(store, "1"), try scene.insert(store, "old", body: "{\"a\":1}"))
        }
        let place = PlaceKey(community: "阳光花园", building: "1", unit: "", room: "101")
        let outcomes = try scene.store.write { store in
            try scene.with("new", account: account, rule: .introduced) { record in
                try "X-1".withBytes { id in
                    var record = record
                    record.statement = IncomingStatement(place: place, foreignID: id, system: "dispatch")
                    return try scene.with("old", body: "{\"a\":2}") { changed in
                        try store.apply([
                            .insert(record), .insert(record), .supersede(old, with: changed),
                            .end(old, run: scene.run, .vanished),
                        ])
                    }
                }
            }
        }
        guard outcomes.count == 4, case .inserted(let id) = outcomes[0], case .keyTaken = outcomes[1],
            case .superseded(let before) = outcomes[2], case .ended(_, let last) = outcomes[3]
        else { throw Unexpected(message: "changes became \(outcomes)") }
        try expect(before.text, is: "{\"a\":1}", "the body that was replaced")
        try expect(last.text, is: "{\"a\":2}", "the body that ended")
        try scene.store.read { store in
            try expect(try scene.record(store, "old") == nil, "the record that ended is there")
            try expect(try scene.history(store, "old").count, is: 2, "its earlier versions")
            let statement = try store.statement(of: id)
            try expect(statement?.place?.value, is: place, "the place that a new record states")
            try expect(statement?.foreignID?.value.id.text, is: "X-1", "the id that a new record states")
        }
        try scene.store.write { store in
            try scene.with("new", account: account, rule: .introduced) { record in
                _ = try store.apply([.supersede(id, with: record)])
                try expect(try store.statement(of: id) != nil, "a change that says nothing takes a statement away")
                var record = record
                record.statement = IncomingStatement(place: nil, foreignID: nil, system: "dispatch")
                _ = try store.apply([.supersede(id, with: record)])
                try expect(try store.statement(of: id) == nil, "what a version no longer states is there")
            }
        }
    }

    func accountsLookedUp(_ scene: StoreScene) throws {
        let one = try scene.store.write { try scene.account($0, "1") }
        let made = try scene.store.write { store in
            try withKeys(["3", "1", "3", "2"]) { try store.introduceAccounts(numbers: $0, run: scene.run) }
        }
        try expect(made.count == 4 && made[0] == made[2] && Set(made).count == 3, "accounts that were made")
        try expect(made[1], is: one, "an account that was there")
        let found = try scene.store.read { store in
            try withKeys(["2", "4", "3"]) { try store.accounts(numbers: $0) }
        }
        try expect(found, is: [made[3], nil, made[0]], "accounts of numbers")
        try expect(try scene.store.read { try $0.accountCount() }, is: 3, "accounts")
    }

    func viewsAnswerTouches(_ scene: StoreScene) throws {
        let ids = try scene.store.write { store in try ["1", "2", "3"].map { try scene.account(store, $0) } }
        try scene.store.write { try scene.touch($0, ids) }
        let touched = try scene.store.read { try $0.touchedAccounts(after: nil, limit: 9) }
        try scene.store.write { try scene.touch($0, [ids[1]]) }
        func put(_ text: String) throws -> [Bool] {
            try scene.store.write { store in
                try text.withBytes { body in
                    try store.putViews(
                        touched.map { IncomingView(account: $0.account, touch: $0.touch, body: body, runs: nil) })
                }
            }
        }
        try expect(try put("{}"), is: [true, false, true], "views stored")
        try scene.store.read { store in
            try expect(
                try store.touchedAccounts(after: nil, limit: 9).map(\.account), is: [ids[1]], "touched after that")
            try expect(
                try "2".withBytes { try store.view(number: $0) } == nil, "the view of one touched again is there")
            try expect(try "3".withBytes { try store.view(number: $0) }?.body.text, is: "{}", "a view that was stored")
        }
        try expect(try put("[]"), is: [false, false, false], "views stored a second time")
    }
}
