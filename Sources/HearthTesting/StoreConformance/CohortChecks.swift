import HeatModel
import Store

extension StoreConformance {
    private func house(_ building: String, station: String = "S1") -> PeerBuilding {
        PeerBuilding(company: "A", station: station, community: "阳光花园", building: building)
    }

    private func members(_ house: PeerBuilding, _ store: any StoreReader) throws -> [[UInt8]] {
        var bodies: [[UInt8]] = []
        try store.forEachCohortMember(of: house) { bodies.append(Array($0)) }
        return bodies
    }

    func cohortMembersMove(_ scene: StoreScene) throws {
        let (one, two) = (house("1"), house("2"))
        let accounts = try scene.store.write { store in try ["1", "2", "3"].map { try scene.account(store, $0) } }
        try scene.store.write { store in
            try store.putCohortMembers(
                accounts.enumerated().map { .init(account: $1, house: one, body: [UInt8($0)]) })
        }
        try scene.store.read { store in
            try expect(try members(one, store), is: [[0], [1], [2]], "members")
        }
        try scene.store.write { store in
            try store.putCohortMembers([
                .init(account: accounts[0], house: two, body: [0]), .init(account: accounts[1], house: nil, body: []),
                .init(account: accounts[2], house: one, body: [9]),
            ])
        }
        try scene.store.read { store in
            try expect(try members(one, store), is: [[9]], "members of the building that was left")
            try expect(try members(two, store), is: [[0]], "members of the building that was entered")
        }
    }

    func buildingsAreTouched(_ scene: StoreScene) throws {
        let (one, two) = (house("1"), house("2"))
        let account = try scene.store.write { store in try scene.account(store, "1") }
        func put(_ house: PeerBuilding, _ body: [UInt8]) throws -> [PeerBuilding] {
            try scene.store.write { store in
                try store.putCohortMembers([.init(account: account, house: house, body: body)])
                let touched = try store.touchedBuildings(limit: 10)
                for house in touched { try store.untouch(house) }
                return touched
            }
        }
        try expect(try put(one, [1]), is: [one], "buildings touched by a new member")
        try expect(try put(one, [1]), is: [], "buildings touched by a member that is as it was")
        try expect(try put(one, [2]), is: [one], "buildings touched by a changed member")
        try expect(try put(two, [2]), is: [one, two], "buildings touched by a move")
        try scene.store.write { try $0.touch($0.peerBuildings()) }
        // The building that was left has no members, and is forgotten.
        try expect(try scene.store.read { try $0.touchedBuildings(limit: 10) }, is: [two], "all buildings")
    }

    func cohortsKept(_ scene: StoreScene) throws {
        let (one, other) = (house("1"), house("2", station: "S2"))
        let accounts = try scene.store.write { store in try ["1", "2"].map { try scene.account(store, $0) } }
        try scene.store.write { store in
            try store.putCohortMembers([
                .init(account: accounts[0], house: one, body: [1]),
                .init(account: accounts[1], house: other, body: [1]),
            ])
            for kind in [Int64(7), 3] {
                try store.putCohortPage(one, kind: kind, [UInt8(kind)])
                try store.putCohort(.station, "A\u{1F}S1", kind: kind, [UInt8(kind)])
            }
            try store.putCohortPage(one, kind: 3, [4])
            try store.putCohort(.station, "A\u{1F}S1", kind: 7, nil)
        }
        try scene.store.read { store in
            try expect(try store.buildings(.community, like: one), is: [one, other], "buildings of the community")
            try expect(try store.buildings(.station, like: one), is: [one], "buildings of the station")
            try expect(try store.cohortKinds(one), is: [3, 7], "kinds of a building")
            try expect(try store.cohortPage(one, kind: 3) == [4], "a page is not the last that was put")
            try expect(try store.cohortPage(other, kind: 3) == nil, "another building's page is told")
            try expect(try store.cohortKinds(.station, "A\u{1F}S1"), is: [3], "kinds of a group")
            try expect(
                try store.cohort(.station, "A\u{1F}S1", kind: 3) == [3], "statistics are not those that were put")
            try expect(
                try store.cohort(.community, "A\u{1F}S1", kind: 3) == nil, "another level's statistics are returned")
            try expect(try store.cohort(.station, "A\u{1F}S1", kind: 7) == nil, "removed statistics are returned")
        }
    }

    func evidenceIsKnown(_ scene: StoreScene) throws {
        let (account, other) = try scene.store.write { store in
            let (account, other) = (try scene.account(store, "1"), try scene.account(store, "2"))
            for key in ["8", "5"] {
                _ = try scene.with(key, account: account, rule: .accountNumber) { try store.insert($0) }
            }
            _ = try scene.with("7", account: other, rule: .accountNumber) { try store.insert($0) }
            return (account, other)
        }
        try scene.store.write { store in
            try store.quarantine(
                IncomingQuarantine(
                    stream: scene.charges, run: scene.run, origin: scene.origin, code: "record.badDecimal", message: "",
                    place: "", column: nil, key: nil, ordinal: 1, candidates: [], raw: Array("x00012345y".utf8),
                    isSplit: false))
        }
        let before = try scene.store.read { try $0.runMark() }
        try scene.store.read { store in
            func runs(_ account: AccountID) throws -> [String] {
                var found: [String] = []
                try store.forEachRun(ofRecordsOf: account) { stream, key, run in
                    found.append(
                        "\(stream == scene.charges) \(String(decoding: key, as: UTF8.self)) \(run == scene.run)")
                }
                return found
            }
            try expect(try runs(account), is: ["true 5 true", "true 8 true"], "runs of an account's records")
            try expect(try runs(other), is: ["true 7 true"], "runs of another's records")
        }
        // A view says of which versions it is made; that stays while the records change.
        var packed = RecordRuns()
        "8".withBytes { packed.append(scene.charges, key: $0, scene.run) }
        "键".withBytes { packed.append(StreamID(300), key: $0, RunID(1 << 40)) }
        try scene.store.write { store in
            try packed.bytes.withUnsafeBytes { runs in
                try "{}".withBytes { try store.putView(account, body: $0, runs: runs) }
            }
        }
        try scene.store.read { store in
            var found: [String] = []
            try store.forEachRun(ofRecordsOf: account) { stream, key, run in
                found.append("\(stream) \(String(decoding: key, as: UTF8.self)) \(run)")
            }
            try expect(found, is: ["\(scene.charges) 8 \(scene.run)", "300 键 \(1 << 40)"], "runs of a view's records")
            try expect(try store.waitingRecords(of: .charge, naming: "00012345"), is: 1, "records that wait")
            try expect(try store.waitingRecords(of: .charge, naming: "00012346"), is: 0, "records of another that wait")
            try expect(try store.waitingRecords(of: .payment, naming: "00012345"), is: 0, "payments that wait")
            try expect(try store.lastSuccesses(), is: [:], "successes before a run has ended")
        }
        try scene.store.write {
            try $0.endRun(scene.run, state: .success, at: StoreScene.instant(5), error: nil, totals: [])
        }
        try scene.store.read { store in
            try expect(try store.lastSuccesses(), is: ["billing.charges": StoreScene.instant(0)], "successes")
            try expect(try store.runMark() != before, "the mark is the same after a run has ended")
        }
        let later = try scene.store.write { store in
            let run = try store.beginRun(
                stream: scene.charges, mode: "full", mappingVersion: "m", at: StoreScene.instant(10))
            try store.endRun(run, state: .success, at: StoreScene.instant(15), error: nil, totals: [])
            return run
        }
        try scene.store.read { store in
            for (run, start) in [(scene.run, 0), (later, 10)] as [(RunID, Int64)] {
                guard let moment = try store.moment(of: .run(run)) else { continue }
                let wanted = ["billing.charges": StoreScene.instant(start)]
                try expect(try store.lastSuccesses(at: moment), is: wanted, "successes as of run \(run)")
            }
            guard let end = try store.moment(of: .run(scene.run)) else { return }
            let before = Moment(microseconds: end.microseconds - 1)
            try expect(try store.lastSuccesses(at: before), is: [:], "successes as of before a run has ended")
        }
    }
}
