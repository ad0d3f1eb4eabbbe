import HeatModel
import Store

/// The store's past: what was there when a run had ended.
extension StoreConformance {
    /// Ends a run at a minute of the scene's day and returns the moment.
    private func end(_ run: RunID, _ minute: Int64, _ store: any StoreWriter) throws -> Moment {
        try store.endRun(run, state: .success, at: StoreScene.instant(minute), error: nil, totals: [])
        guard let moment = try store.moment(of: .run(run)) else {
            throw Unexpected(message: "an ended run is no moment")
        }
        return moment
    }

    /// An account with a record that the scene's run made, a later run changed, and one after that ended.
    private struct Story {
        var account: AccountID
        var other: AccountID
        var made: Moment
        var changed: Moment
        var ended: Moment
    }

    private func tell(_ scene: StoreScene) throws -> Story {
        try scene.store.write { store in
            let account = try scene.account(store, "1")
            let id = try scene.insert(store, "k", body: "{\"a\":1}", account: account)
            try scene.insert(store, "v", body: "{\"v\":1}", account: account, voided: true)
            let working = try scene.beginRun(store, scene.orders)
            _ = try scene.with("a", body: "{\"o\":1}", account: account, stream: scene.orders, run: working) {
                try store.insert($0)
            }
            let made = try end(scene.run, 10, store)
            let second = try scene.beginRun(store)
            for step in 2...3 {
                _ = try scene.with("k", body: "{\"a\":\(step)}", account: account, run: second) {
                    try store.supersede(id, with: $0)
                }
            }
            let other = try scene.with("b", body: "{\"b\":1}", run: second) { record in
                let other = try "0".withBytes { try store.introduceAccount(number: $0, run: second) }
                var record = record
                record.account = other
                _ = try store.insert(record)
                return other
            }
            let changed = try end(second, 20, store)
            let third = try scene.beginRun(store)
            _ = try store.end(id, run: third, reason: .vanished)
            let ended = try end(third, 30, store)
            return Story(account: account, other: other, made: made, changed: changed, ended: ended)
        }
    }

    private func bodies(_ scene: StoreScene, _ account: AccountID, _ moment: Moment) throws -> [String] {
        try scene.store.read { store in
            var bodies: [String] = []
            try store.forEachRecord(of: account, at: moment) { bodies.append(Array($0.body).text) }
            return bodies
        }
    }

    func pastIsKept(_ scene: StoreScene) throws {
        let story = try tell(scene)
        let early = Moment(microseconds: story.made.microseconds - 1)
        // The run that made the record of the other stream is still at work: it belongs to no moment yet.
        try expect(try bodies(scene, story.account, early), is: [], "before the first run had ended")
        try expect(try bodies(scene, story.account, story.made), is: ["{\"a\":1}"], "after the first run")
        try expect(try bodies(scene, story.account, story.changed), is: ["{\"a\":3}"], "after the second run")
        try expect(try bodies(scene, story.account, story.ended), is: [], "after the third run")
        let records = try scene.store.read { try $0.records(of: story.account, at: story.made) }
        try expect(records.map(\.body.text), is: ["{\"a\":1}", "{\"v\":1}"], "all records after the first run")
        try expect(records.map { $0.ended == nil }, is: [true, true], "records as of then have no end")
        try expect(
            try scene.store.read { try $0.hasEnded(scene.run, by: story.made) && !$0.hasEnded(scene.run, by: early) },
            "whether a run had ended by then is wrong")
    }

    func pastOfStreams(_ scene: StoreScene) throws {
        let story = try tell(scene)
        func walk(_ moment: Moment) throws -> [String] {
            try scene.store.read { store in
                var found: [String] = []
                try store.forEachRecord(in: scene.charges, at: moment) { account, record in
                    found.append("\(Array(record.key).text) \(account == story.account) \(Array(record.body).text)")
                }
                return found
            }
        }
        try expect(try walk(story.made), is: ["k true {\"a\":1}"], "after the first run")
        try expect(try walk(story.changed), is: ["b false {\"b\":1}", "k true {\"a\":3}"], "after the second run")
        try expect(try walk(story.ended), is: ["b false {\"b\":1}"], "after the third run")
    }

    func accountsOfThePast(_ scene: StoreScene) throws {
        let story = try tell(scene)
        try scene.store.read { store in
            try expect(
                try "0".withBytes { try store.account(number: $0, at: story.made) } == nil, "an account of later")
            try expect(
                try "0".withBytes { try store.account(number: $0, at: story.changed) }, is: story.other, "account 0")
            func page(_ after: String?, _ limit: Int, _ moment: Moment?) throws -> [String] {
                try store.accounts(after: after.map { Array($0.utf8) }, limit: limit, at: moment).map(\.number)
            }
            try expect(try page(nil, 9, story.made), is: ["1"], "accounts after the first run")
            try expect(try page(nil, 9, nil), is: ["0", "1"], "accounts now")
            try expect(try page(nil, 1, story.changed), is: ["0"], "a page of accounts")
            try expect(try page("0", 9, story.changed), is: ["1"], "the next page of accounts")
        }
    }

    func historyOfAccounts(_ scene: StoreScene) throws {
        let story = try tell(scene)
        try scene.store.write { store in
            // The record of the other account moves to this one and away again: only then it is its own.
            for owner in [story.account, story.other] {
                guard let id = try "b".withBytes({ try store.current(stream: scene.charges, key: $0) })?.id else {
                    return
                }
                let run = try scene.beginRun(store)
                _ = try scene.with("b", body: "{\"of\":\(owner == story.account)}", account: owner, run: run) {
                    try store.supersede(id, with: $0)
                }
            }
        }
        let history = try scene.store.read { try $0.history(of: story.account) }
        try expect(
            history.map { "\($0.key.text) \($0.body.text) \($0.ended?.reason.rawValue ?? "")" },
            is: ["b {\"of\":true} changed", "k {\"a\":1} changed", "k {\"a\":2} changed", "k {\"a\":3} vanished"],
            "the account's history")
    }

    func momentsDiffer(_ scene: StoreScene) throws {
        let moments = try scene.store.write { store in
            var moments = [try end(scene.run, 10, store)]
            // The clock stands still, then goes back.
            for minute in [10, 10, 5] as [Int64] { moments.append(try end(try scene.beginRun(store), minute, store)) }
            return moments
        }
        try expect(
            zip(moments, moments.dropFirst()).allSatisfy { $0 < $1 }, "runs that ended one after another: \(moments)")
        try scene.store.read { store in
            try expect(try store.moment(of: .present), is: nil, "the present")
            let instant = StoreScene.instant(10)
            try expect(
                try store.moment(of: .instant(instant)), is: Moment(microseconds: instant.microseconds), "an instant")
        }
    }

    func momentsRefused(_ scene: StoreScene) throws {
        func refusal(_ run: RunID) throws -> String? {
            do {
                _ = try scene.store.read { try $0.moment(of: .run(run)) }
                return nil
            } catch let error as HearthError {
                return error.code.name
            }
        }
        try expect(try refusal(scene.run), is: "usage.runNotEnded", "a run at work")
        try expect(try refusal(RunID(4711)), is: "usage.unknownRun", "a run that never was")
    }

    func deadRunsEnd(_ scene: StoreScene) throws {
        let dead = LeaseOwner(host: "a", process: 1, processStart: 1)
        let alive = LeaseOwner(host: "a", process: 2, processStart: 1)
        let moment = try scene.store.write { store in
            _ = try store.takeLease(stream: scene.charges, owner: dead) { _ in true }
            let run = try scene.beginRun(store)
            _ = try store.takeLease(stream: scene.orders, owner: alive) { _ in true }
            let working = try scene.beginRun(store, scene.orders)
            try store.expireOrphanedRuns(isAlive: { $0 == alive }, at: StoreScene.instant(40))
            try expect(try store.run(run)?.state, is: .interrupted, "state of the run that was cut off")
            try expect(try store.run(working)?.state, is: .running, "state of the run at work")
            return try store.moment(of: .run(run))
        }
        try expect(moment.map { $0.microseconds >= StoreScene.instant(40).microseconds }, is: true, "its end")
    }

    func unchangedViews(_ scene: StoreScene) throws {
        let account = try scene.store.write { try scene.account($0, "1") }
        func view(_ moment: Moment) throws -> String? {
            try scene.store.read { store in try "1".withBytes { try store.unchangedView(number: $0, since: moment) } }?
                .body.text
        }
        func put(_ text: String) throws {
            try scene.store.write { store in try text.withBytes { try store.putView(account, body: $0, runs: nil) } }
        }
        let made = try scene.store.write { store in
            for run in try store.runs(stream: scene.orders, limit: 9) { _ = try end(run.id, 9, store) }
            return try end(scene.run, 10, store)
        }
        try put("one")
        try expect(try view(made), is: "one", "a view that has not changed since")
        try expect(try view(Moment(microseconds: made.microseconds - 1)), is: nil, "a view of later")
        let second = try scene.store.write { store in
            let run = try scene.beginRun(store)
            try scene.touch(store, [account])
            return run
        }
        try expect(try view(made), is: nil, "a view of an account that was touched")
        let changed = try scene.store.write { try end(second, 20, $0) }
        try scene.store.write { store in
            let touched = try store.touchedAccounts(after: nil, limit: 9)
            try "two".withBytes { body in
                _ = try store.putViews(
                    touched.map { IncomingView(account: $0.account, touch: $0.touch, body: body, runs: nil) })
            }
        }
        try expect(try view(made), is: nil, "a view that has changed since")
        try expect(try view(changed), is: "two", "a view that has not changed since the second run")
    }
}
