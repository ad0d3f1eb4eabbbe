import HeatModel
import Records
import Store

extension StoreConformance {
    func runLogsKept(_ scene: StoreScene) throws {
        var log = RunLog()
        log.add(.init(after: 0, .info, "begins: full"))
        try scene.store.write { try $0.noteLog(run: scene.run, log) }
        try expect(try scene.store.read { try $0.log(of: scene.run) }, is: log, "the log so far")
        for number in 1...Int64(RunLog.most + 5) {
            log.add(.init(after: number, .warning, "\"第 \(number) 页\" " + String(repeating: "长", count: RunLog.longest)))
        }
        log.add(.init(after: 9_000_000_000, .error, "ends"))
        try expect(log.lines.count, is: RunLog.most + 1, "lines")
        try expect(log.lines.last?.text, is: "ends", "the last line")
        try expect(log.leftOut, is: 6, "lines left out")
        let other = try scene.store.write { store in
            try store.noteLog(run: scene.run, log)
            return try scene.beginRun(store)
        }
        try scene.store.read { store in
            try expect(try store.log(of: scene.run), is: log, "the log")
            try expect(try store.log(of: other), is: nil, "the log of one that wrote none")
            try expect(try store.log(of: RunID(1 << 40)), is: nil, "the log of no run")
        }
        // Of a run that is as far on, though there is none: what began long before it is let go.
        try scene.store.write { try $0.noteLog(run: RunID(scene.run.number + RunLog.mostRuns - 1), log) }
        try expect(try scene.store.read { try $0.log(of: scene.run) } != nil, is: true, "whether a young one is kept")
        try scene.store.write { try $0.noteLog(run: RunID(scene.run.number + RunLog.mostRuns), log) }
        try expect(try scene.store.read { try $0.log(of: scene.run) }, is: nil, "one that is old enough")
    }

    func pullEndsKept(_ scene: StoreScene) throws {
        let end = PullEnd(
            completeness: Completeness(.countedTotal, "12 of 12 pages, \"第一页\" first"), limit: 5,
            notices: [
                PullNotice("csv.encodingTaken", "read as GB18030", at: "yh_2.csv"),
                PullNotice("cursor.beyondNow", "3 values"),
            ], noticesLeftOut: 7, newestData: StoreScene.instant(-60))
        let (failed, empty) = try scene.store.write { store in
            try store.notePull(run: scene.run, end)
            try store.endRun(scene.run, state: .success, at: StoreScene.instant(5), error: nil, totals: [])
            let failed = try scene.beginRun(store)
            try store.notePull(run: failed, PullEnd(limit: 1, newestData: StoreScene.instant(-5)))
            try store.endRun(failed, state: .failed, at: StoreScene.instant(6), error: nil, totals: [])
            let empty = try scene.beginRun(store)
            try store.endRun(empty, state: .success, at: StoreScene.instant(7), error: nil, totals: [])
            return (failed, empty)
        }
        try scene.store.read { store in
            try expect(try store.run(scene.run)?.pull, is: end, "what the pull said")
            try expect(
                try store.runs(stream: scene.charges, limit: 9).map(\.pull),
                is: [.empty, PullEnd(limit: 1, newestData: StoreScene.instant(-5)), end], "what the pulls said")
            try expect(try store.run(failed)?.completeness, is: nil, "the proof of one that was cut")
            try expect(try store.run(empty)?.pull, is: .empty, "what a run without a pull said")
            let state = try store.state(stream: scene.charges)
            try expect(state.newestData, is: StoreScene.instant(-60), "the newest data of a success")
            try expect(try store.state(stream: scene.orders).newestData, is: nil, "the other stream's newest data")
        }
        // Each proof by itself.
        for proof in Completeness.Proof.allCases {
            let run = try scene.store.write { store in
                let run = try scene.beginRun(store)
                try store.notePull(run: run, PullEnd(completeness: Completeness(proof, "seen")))
                return run
            }
            try expect(
                try scene.store.read { try $0.run(run)?.completeness }, is: Completeness(proof, "seen"),
                "a proof by \(proof.rawValue)")
        }
    }

    func nestedTakesBack(_ scene: StoreScene) throws {
        struct Stop: Error {}
        try scene.store.write { store in
            try store.setSetting("before", "1")
            do {
                try store.nested {
                    try store.setSetting("before", "2")
                    try store.setSetting("within", "2")
                    try store.setCursor(stream: scene.charges, run: scene.run, cursor: "within")
                    // A set of columns that is new, too.
                    _ = try store.beginOrigin(
                        StoreScene.incoming(scene.charges, scene.run, "b.csv", nil, columns: ["only", "here"]))
                    throw Stop()
                }
                throw Unexpected(message: "the error of a nested transaction did not come through")
            } catch is Stop {}
            try expect(try store.setting("before"), is: "1", "what was set before, within the transaction")
            let kept = try store.nested {
                try store.setSetting("after", "3")
                return 3
            }
            try expect(kept, is: 3, "what a nested transaction returns")
        }
        try scene.store.read { store in
            try expect(
                [try store.setting("before"), try store.setting("within"), try store.setting("after")],
                is: ["1", nil, "3"], "what was set before, within and after")
            try expect(try store.state(stream: scene.charges).cursor, is: nil, "the cursor set within")
        }
    }
}
