import HeatModel
import Store

extension StoreConformance {
    func runsKept(_ scene: StoreScene) throws {
        var counts = RunCounts()
        (
            counts.read, counts.new, counts.changed, counts.unchanged, counts.duplicate, counts.quarantined,
            counts.vanished
        ) = (21, 1, 2, 3, 4, 11, 6)
        let totals = [
            RunTotal(side: .pulled, measure: "due_fen", count: 2, sum: Fen(-5)),
            RunTotal(side: .stored, measure: "due_fen", count: 9, sum: Fen(1 << 50)),
        ]
        let error = HearthError(
            .sourceUnreachable, "the system is gone", at: .address("billing"), advice: "look for it")
        let second = try scene.store.write { store in
            try store.noteCounts(run: scene.run, counts, cursorAfter: nil)
            try store.endRun(scene.run, state: .failed, at: StoreScene.instant(5), error: error, totals: totals)
            return try scene.beginRun(store, mode: "full")
        }
        try scene.store.read { store in
            guard let run = try store.run(scene.run) else { throw Unexpected(message: "the run is not there") }
            try expect(run.stream, is: "billing.charges", "stream")
            let streams = try store.streams()
            try expect(streams.map(\.name), is: ["billing.charges", "dispatch.orders.of.2026"], "streams by name")
            try expect(streams.map(\.id), is: [scene.charges, scene.orders], "numbers of streams")
            try expect(streams.map(\.entity), is: [.charge, .workOrder], "entities of streams")
            try expect(run.mode, is: "incremental", "mode")
            try expect(run.state, is: .failed, "state")
            try expect(run.counts, is: counts, "books")
            try expect(run.totals, is: totals, "totals")
            try expect(run.startedAt, is: StoreScene.instant(0), "begin")
            try expect(run.endedAt, is: StoreScene.instant(5), "end")
            try expect(run.mappingVersion, is: StoreScene.mapping, "mapping")
            try expect(run.errorCode, is: "source.unreachable", "code of the error")
            try expect(run.errorMessage?.contains("the system is gone") == true, "the error's message is not kept")
            try expect(
                try store.runs(stream: scene.charges, limit: 9).map(\.id), is: [second, scene.run], "runs of a stream")
            try expect(try store.runs(stream: nil, limit: 2).count, is: 2, "at most two of all")
            try expect(try store.run(second)?.endedAt == nil, "a run that has not ended has an end")
        }
    }

    func firstPullsKnown(_ scene: StoreScene) throws {
        let unread = try scene.store.write { try $0.stream(named: "billing.unread", entity: .charge) }
        func known() throws -> FirstPull? {
            try scene.store.read { store in
                let pulls = try store.firstPulls()
                try expect(pulls[unread] == nil, "a stream that no run has asked was read")
                try expect(pulls[scene.orders]?.whole == nil, "a stream was read that another one's runs read")
                return pulls[scene.charges]
            }
        }
        let begun = StoreScene.instant(0)
        try expect(try known(), is: FirstPull(begunAt: begun, whole: nil), "a first run at work")
        let whole = try scene.store.write { store in
            try store.endRun(scene.run, state: .failed, at: StoreScene.instant(1), error: nil, totals: [])
            for mode in ["account", "replay", "remap"] {
                let run = try scene.beginRun(store, mode: mode)
                try store.endRun(run, state: .success, at: StoreScene.instant(2), error: nil, totals: [])
            }
            return try scene.beginRun(store, mode: "full")
        }
        try expect(try known(), is: FirstPull(begunAt: begun, whole: nil), "runs that read nothing to its end")
        try scene.store.write { store in
            try store.endRun(whole, state: .success, at: StoreScene.instant(3), error: nil, totals: [])
            let later = try scene.beginRun(store)
            try store.endRun(later, state: .success, at: StoreScene.instant(4), error: nil, totals: [])
        }
        try expect(try known(), is: FirstPull(begunAt: begun, whole: whole), "the first that read it to its end")
    }

    func cursorKept(_ scene: StoreScene) throws {
        try scene.store.write { store in
            try store.setCursor(stream: scene.charges, run: scene.run, cursor: "{\"a\":1}")
            try store.noteCounts(run: scene.run, RunCounts(), cursorAfter: "{\"a\":1}")
            try store.noteCounts(run: scene.run, RunCounts(), cursorAfter: nil)
            try store.endRun(scene.run, state: .success, at: StoreScene.instant(3), error: nil, totals: [])
            let next = try scene.beginRun(store)
            try store.endRun(next, state: .failed, at: StoreScene.instant(4), error: nil, totals: [])
            // One that moves it, and takes it back in the end.
            let back = try scene.beginRun(store)
            try store.setCursor(stream: scene.charges, run: back, cursor: "further")
            try store.noteCounts(run: back, RunCounts(), cursorAfter: "further")
            try store.setCursor(stream: scene.charges, run: back, cursor: "{\"a\":1}")
            try store.endRun(back, state: .failed, at: StoreScene.instant(5), error: nil, totals: [])
        }
        try scene.store.read { store in
            let state = try store.state(stream: scene.charges)
            try expect(state.cursor, is: "{\"a\":1}", "cursor")
            try expect(state.run, is: try store.runs(stream: scene.charges, limit: 1).first?.id, "the run that set it")
            try expect(state.succeededAt, is: StoreScene.instant(3), "the last success")
            try expect(try store.state(stream: scene.orders).cursor, is: nil, "the other stream's cursor")
            let runs = try store.runs(stream: scene.charges, limit: 9)
            try expect(runs.map(\.cursorBefore), is: ["{\"a\":1}", "{\"a\":1}", nil], "cursors before")
            try expect(runs.map(\.cursorAfter), is: ["{\"a\":1}", "{\"a\":1}", "{\"a\":1}"], "cursors after")
        }
        // The cursor is forgotten; what the run left is not.
        try scene.store.write { store in
            let last = try store.runs(stream: scene.charges, limit: 1)[0].id
            try store.setCursor(stream: scene.charges, run: last, cursor: nil)
            try expect(try store.state(stream: scene.charges).cursor, is: nil, "a cursor that was forgotten")
            try expect(try store.run(last)?.cursorAfter, is: "{\"a\":1}", "what a run that has ended left")
        }
    }

    func totalsAddUp(_ scene: StoreScene) throws {
        try scene.store.write { store in
            try store.addTotals(
                stream: scene.charges, records: 5, sums: [("due_fen", 5, 1 << 40), ("received_fen", 2, 7)])
            try store.addTotals(
                stream: scene.charges, records: -2, sums: [("due_fen", -2, -24), ("received_fen", 0, 0)])
            try store.addTotals(stream: scene.orders, records: 1, sums: [("fee_fen", 1, -3)])
        }
        try scene.store.read { store in
            let state = try store.state(stream: scene.charges)
            try expect(state.records, is: 3, "records")
            try expect(
                state.totals,
                is: [
                    RunTotal(side: .stored, measure: "due_fen", count: 3, sum: Fen((1 << 40) - 24)),
                    RunTotal(side: .stored, measure: "received_fen", count: 2, sum: Fen(7)),
                ], "totals")
            try expect(
                try store.state(stream: scene.orders).totals.map(\.sum), is: [Fen(-3)], "the other stream's totals")
        }
    }

    func originsKnown(_ scene: StoreScene) throws {
        func known(_ digest: String, _ stream: StreamID? = nil, since: RunID? = nil) throws -> Bool {
            try scene.store.read { try $0.isKnownOrigin(stream: stream ?? scene.charges, digest: digest, since: since) }
        }
        try expect(try known("aa"), is: false, "an origin that was begun is known")
        let later = try scene.store.write { store in
            try store.endOrigin(scene.origin, digest: nil, byteCount: 9)
            let learned = try scene.beginOrigin(store, "page", nil)
            try store.endOrigin(learned, digest: "bb", byteCount: nil)
            return try scene.beginRun(store)
        }
        try expect(
            [try known("aa"), try known("bb"), try known("cc"), try known("aa", scene.orders)],
            is: [true, true, false, false], "known origins")
        try expect(
            [try known("aa", since: scene.run), try known("aa", since: later)], is: [true, false], "known since a run")
        try scene.store.write { store in
            let again = try scene.beginOrigin(store, "a.csv", "aa", run: later)
            try store.endOrigin(again, digest: nil, byteCount: nil)
        }
        try expect(try known("aa", since: later), is: true, "known since it was read again")
        try scene.store.write { store in
            var snapshot = StoreScene.incoming(scene.charges, scene.run, "all.csv", "ss")
            snapshot.isSnapshot = true
            try store.endOrigin(try store.beginOrigin(snapshot), digest: nil, byteCount: nil)
        }
        try expect(try known("ss", since: later), is: true, "a snapshot that was read before the run named")
    }

    func lastSnapshotKnown(_ scene: StoreScene) throws {
        func last(_ stream: StreamID? = nil) throws -> SnapshotMark? {
            try scene.store.read { try $0.lastSnapshot(stream: stream ?? scene.charges) }
        }
        func read(_ name: String, _ digest: String, toItsEnd: Bool = true) throws {
            try scene.store.write { store in
                var snapshot = StoreScene.incoming(scene.charges, scene.run, name, digest)
                snapshot.isSnapshot = true
                let id = try store.beginOrigin(snapshot)
                if toItsEnd { try store.endOrigin(id, digest: nil, byteCount: nil) }
            }
        }
        func mark(_ name: String, _ digest: String, isWhole: Bool) -> SnapshotMark {
            SnapshotMark(name: name, digest: digest, isWhole: isWhole)
        }
        try expect(try last(), is: nil, "the snapshot of a stream of changes")
        try read("1.csv", "aa")
        try read("2.csv", "bb")
        try expect(try last(), is: mark("2.csv", "bb", isWhole: true), "the second snapshot")
        try expect(try last(scene.orders), is: nil, "the snapshot of another stream")
        try read("2.csv", "bb", toItsEnd: false)
        try expect(try last(), is: mark("2.csv", "bb", isWhole: true), "a second reading that was broken off")
        try read("3.csv", "aa", toItsEnd: false)
        try expect(try last(), is: mark("3.csv", "aa", isWhole: false), "a content that came back and was broken off")
        try read("3.csv", "aa")
        try expect(try last(), is: mark("3.csv", "aa", isWhole: true), "a content that came back")
    }

    func originsUnfinished(_ scene: StoreScene) throws {
        func reached(_ digest: String) throws -> Int64? {
            try scene.store.read { try $0.unfinishedOrigin(stream: scene.charges, digest: digest) }
        }
        try scene.store.write { try $0.noteProgress(of: scene.origin, ordinal: 40) }
        try expect([try reached("aa"), try reached("bb")], is: [40, nil], "how far they were read")
        let again = try scene.store.write { store in
            let again = try scene.beginOrigin(store, "other name.csv", "aa")
            try store.noteProgress(of: again, ordinal: 12)
            return again
        }
        try expect(try reached("aa"), is: 12, "how far the last reading came")
        try scene.store.write { try $0.endOrigin(again, digest: nil, byteCount: nil) }
        try expect(try reached("aa"), is: nil, "how far one that ended came")
    }
}
