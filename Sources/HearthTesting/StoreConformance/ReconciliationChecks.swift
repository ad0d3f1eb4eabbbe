import HeatModel
import Store

extension StoreConformance {
    private func end(_ run: RunID, _ minute: Int64, _ store: any StoreWriter) throws -> Moment {
        try store.endRun(run, state: .success, at: StoreScene.instant(minute), error: nil, totals: [])
        guard let moment = try store.moment(of: .run(run)) else {
            throw Unexpected(message: "a run's end is no moment")
        }
        return moment
    }

    func viewsWalked(_ scene: StoreScene) throws {
        let ids = try scene.store.write { store in try ["2", "1", "3"].map { try scene.account(store, $0) } }
        try scene.store.write { store in
            for id in [ids[2], ids[0]] { try "\(id)".withBytes { try store.putView(id, body: $0, runs: nil) } }
        }
        try scene.store.read { store in
            var walked: [String] = []
            try store.forEachView { id, body in walked.append("\(id) \(Array(body).text)") }
            try expect(walked, is: [ids[0], ids[2]].map { "\($0) \($0)" }, "views walked")
            try expect(try store.view(ids[2])?.body.text, is: "\(ids[2])", "an account's view")
            try expect(try store.view(ids[1]) == nil, "an account without a view has one")
        }
    }

    func recordsReconciled(_ scene: StoreScene) throws {
        let account = try scene.store.write { try scene.account($0, "1") }
        let first = try scene.store.write { store in
            for (key, rule, isVoided) in [
                ("b", LinkRule.place, false), ("a", .accountNumber, false), ("v", .place, true),
            ] {
                _ = try scene.with(key, account: account, rule: rule, ordinal: 7, voided: isVoided) {
                    try store.insert($0)
                }
            }
            try scene.insert(store, "o")
            return try end(scene.run, 10, store)
        }
        try scene.store.write { store in
            let run = try scene.beginRun(store)
            for key in ["a", "b"] {
                guard let id = try key.withBytes({ try store.current(stream: scene.charges, key: $0) })?.id else {
                    continue
                }
                _ = try scene.with(key, body: "{2}", account: account, rule: .accountNumber, run: run, ordinal: 9) {
                    try store.supersede(id, with: $0)
                }
            }
            _ = try end(run, 20, store)
        }
        try scene.store.read { store in
            for (moment, ordinal, placed, body) in [
                (nil, 9, [], "{2}"), (first, 7, ["b"], "{}"),
            ] as [(Moment?, Int64, [String], String)] {
                let position = try "b".withBytes { try store.position(stream: scene.charges, key: $0, at: moment) }
                try expect(position?.ordinal, is: ordinal, "where a record stood")
                try expect(position?.origin, is: "a.csv", "in what it stood")
                var keys: [String] = []
                try store.forEachPlacedRecord(at: moment) {
                    keys.append("\(Array($1.key).text)\($0 == account ? "" : "?")")
                }
                try expect(keys, is: placed, "records linked by place")
                keys = []
                try store.forEachLeftOutRecord(at: moment) { keys.append(Array($0.key).text) }
                try expect(keys, is: ["o", "v"], "records in no view")
                keys = []
                try store.forEachRecord(heldAt: moment) { record, account, isVoided in
                    keys.append("\(Array(record.key).text) \(Array(record.body).text) \(account != nil) \(isVoided)")
                }
                try expect(
                    keys.sorted(),
                    is: ["a \(body) true false", "b \(body) true false", "o {} false false", "v {} true true"],
                    "all records")
            }
            try expect(try store.originName(scene.origin), is: "a.csv", "the name of an origin")
            try expect(try store.hasEnded(scene.run, by: first), is: true, "a run by its end")
            try expect(
                try store.hasEnded(scene.run, by: Moment(microseconds: first.microseconds - 1)), is: false,
                "a run before its end")
        }
    }

    func quarantineOfThePast(_ scene: StoreScene) throws {
        let (first, second) = try scene.store.write { store in
            for raw in ["x", "y", "z"] { try scene.refuse(store, raw, key: raw) }
            let first = try end(scene.run, 10, store)
            let run = try scene.beginRun(store)
            try "x".withBytes {
                try store.resolveQuarantine(
                    stream: scene.charges, key: $0, run: run, through: scene.origin, ordinal: 99)
            }
            return (first, try end(run, 20, store))
        }
        func waiting(_ moment: Moment, after: QuarantineID? = nil, limit: Int = 9) throws -> [String] {
            try scene.store.read { try $0.quarantine(at: moment, after: after, limit: limit) }.map(\.raw.text)
        }
        try expect(try waiting(first), is: ["x", "y", "z"], "what waited then")
        try expect(try waiting(second), is: ["y", "z"], "what waited after one was resolved")
        try expect(try waiting(Moment(microseconds: first.microseconds - 1)), is: [], "what waited before all")
        let ids = try scene.store.read { try scene.entries($0) }.map(\.id)
        try expect(try waiting(first, after: ids[0], limit: 1), is: ["y"], "a page of what waited")
        try expect(try scene.store.read { try $0.quarantined(ids[1]) }?.raw.text, is: "y", "an entry by its number")
    }

    func repeatsCounted(_ scene: StoreScene) throws {
        func run(_ mode: String, duplicate: Int64, _ minute: Int64) throws -> Moment {
            try scene.store.write { store in
                let run = try scene.beginRun(store, mode: mode)
                var counts = RunCounts()
                counts.duplicate = duplicate
                try store.noteCounts(run: run, counts, cursorAfter: nil)
                let total = RunTotal(side: .duplicate, measure: "due_fen", count: duplicate, sum: Fen(duplicate * 100))
                try store.endRun(run, state: .success, at: StoreScene.instant(minute), error: nil, totals: [total])
                return try store.moment(of: .run(run)) ?? Moment(microseconds: 0)
            }
        }
        _ = try run("incremental", duplicate: 1, 10)
        let full = try run("full", duplicate: 2, 20)
        _ = try run("incremental", duplicate: 4, 30)
        try scene.store.read { store in
            try expect(try store.repeatedRows(stream: scene.charges, at: nil), is: 6, "repeated rows")
            try expect(try store.repeatedRows(stream: scene.charges, at: full), is: 2, "repeated rows as of then")
            try expect(
                try store.repeatedMoney(stream: scene.charges, at: nil),
                is: [RunTotal(side: .duplicate, measure: "due_fen", count: 6, sum: Fen(600))], "their money")
            try expect(try store.repeatedRows(stream: scene.orders, at: nil), is: 0, "another stream's repeated rows")
        }
    }

    func newestRuns(_ scene: StoreScene) throws {
        let (first, later) = try scene.store.write { store in
            (try end(scene.run, 10, store), try scene.beginRun(store))
        }
        try scene.store.read { store in
            try expect(try store.newestRun(at: nil), is: later, "the newest run")
            try expect(try store.newestRun(at: first), is: scene.run, "the newest run as of then")
            try expect(try store.newestRun(of: scene.charges, at: nil)?.id, is: later, "a stream's newest run")
            try expect(try store.newestRun(of: scene.charges, at: first)?.id, is: scene.run, "the same as of then")
            try expect(try store.newestRun(of: scene.orders, at: first)?.id, is: nil, "one that has not ended")
        }
    }

    func placesShared(_ scene: StoreScene) throws {
        try scene.store.write { store in
            for (number, room) in [("3", "101"), ("1", "101"), ("2", "102"), ("4", "")] {
                let (account, record) = (try scene.account(store, number), try scene.insert(store, number))
                try store.setPlace(
                    PlaceKey(community: "阳光花园", building: "1", unit: "", room: room), of: account, statedBy: record)
            }
        }
        let shared = try scene.store.read { try $0.sharedPlaces() }
        try expect(shared.map(\.numbers), is: [["1", "3"]], "accounts at one place")
        try expect(shared.map(\.community), is: ["阳光花园"], "its community")
    }

    func linkedRecords(_ scene: StoreScene) throws {
        let ids = try scene.store.write { store in
            let account = try scene.account(store, "1")
            let ids = try [("1", LinkRule.place), ("2", .accountNumber), ("3", .place)].compactMap { key, rule in
                try scene.with(key, account: account, rule: rule) { try store.insert($0) }
            }
            try store.setPlace(
                PlaceKey(community: "A", building: "", unit: "", room: ""), of: account, statedBy: RecordID(-1))
            return ids
        }
        try expect(ids.count, is: 3, "records")
        func linked(after: RecordID? = nil, limit: Int = 9) throws -> [RecordID] {
            try scene.store.read { store in
                try store.records(in: scene.charges, linkedBy: .place, after: after, limit: limit).map(\.id)
            }
        }
        try expect(try linked(), is: [ids[0], ids[2]], "records linked by place")
        try expect(try linked(limit: 1), is: [ids[0]], "the first of them")
        try expect(try linked(after: ids[0]), is: [ids[2]], "those after it")
        try expect(try scene.store.read { try $0.communities() }, is: ["A"], "a place of a record that is not there")
        try scene.store.write { try $0.removeStatementsOfNoRecord() }
        try expect(try scene.store.read { try $0.communities() }, is: [], "places after they were taken away")
        try expect(try scene.store.read { try $0.record(ids[1]) }?.rule, is: .accountNumber, "a record by its number")
    }

    func buildingsKnown(_ scene: StoreScene) throws {
        func building(_ name: String) -> PeerBuilding {
            PeerBuilding(company: "A", station: "S", community: "阳光花园", building: name)
        }
        let ids = try scene.store.write { store in try ["1", "2"].map { try scene.account(store, $0) } }
        try scene.store.write { store in
            try store.putCohortMembers([
                .init(account: ids[0], house: building("2"), body: [1]),
                .init(account: ids[1], house: building("1"), body: [2]),
            ])
            try store.putCohortPage(building("1"), kind: 3, [4])
            try store.putCohort(.station, "A\u{1F}S", kind: 3, [5])
        }
        try scene.store.read { store in
            try expect(try store.peerBuildings(), is: [building("1"), building("2")], "buildings")
            let member = try store.cohortMember(ids[0])
            try expect(member?.house, is: building("2"), "a member's building")
            try expect(member?.body, is: [1], "a member's body")
            try expect(try store.cohortMember(AccountID(99)) == nil, "an account that is no member is one")
            let counts = try store.cohortCounts()
            try expect([counts.members, counts.pages, counts.groups], is: [2, 1, 1], "members, pages, groups")
        }
    }
}
