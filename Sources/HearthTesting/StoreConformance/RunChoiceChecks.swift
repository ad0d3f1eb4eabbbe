import HeatModel
import Store

extension StoreConformance {
    func runsChosen(_ scene: StoreScene) throws {
        func run(
            _ mode: String, _ state: RunState, new: Int64 = 0, of stream: StreamID? = nil, _ store: any StoreWriter
        ) throws -> RunID {
            var counts = RunCounts()
            (counts.read, counts.new, counts.unchanged) = (3, new, 3 - new)
            let run = try store.beginRun(
                stream: stream ?? scene.charges, mode: mode, mappingVersion: StoreScene.mapping,
                at: StoreScene.instant(0))
            try store.noteCounts(run: run, counts, cursorAfter: nil)
            if state != .running {
                let total = RunTotal(side: .stored, measure: "due_fen", count: new, sum: Fen(run.number))
                try store.endRun(run, state: state, at: StoreScene.instant(5), error: nil, totals: [total])
            }
            return run
        }
        let (news, failed, replay, quiet, orders, working) = try scene.store.write { store in
            (
                try run("full", .success, new: 2, store), try run("incremental", .failed, new: 1, store),
                try run("replay", .success, new: 1, store), try run("incremental", .success, store),
                try run("full", .interrupted, of: scene.orders, store), try run("incremental", .running, store)
            )
        }
        try scene.store.write { store in
            for _ in 0..<9 {
                _ = try run("account", .failed, new: 1, store)
                _ = try run("account", .success, new: 1, of: scene.orders, store)
            }
        }
        try scene.store.read { store in
            func chosen(_ kind: RunChoice.Kind, _ stream: StreamID? = nil, each: Int? = nil, _ limit: Int = 99) throws
                -> [RunID]
            {
                try store.runs(RunChoice(kind, stream: stream, each: each), limit: limit).map(\.id).filter {
                    $0 >= news
                }
            }
            try expect(
                try chosen(.whole), is: [working, orders, quiet, replay, failed, news], "runs of whole streams")
            try expect(
                try chosen(.pulls), is: [working, orders, quiet, failed, news], "what read whole streams")
            try expect(try chosen(.news), is: [failed, news], "what brought news")
            try expect(try chosen(.failed), is: [orders, failed], "what failed")
            try expect(try chosen(.failed, scene.charges), is: [failed], "what failed of a stream")
            try expect(try chosen(.all).count, is: 24, "all")
            try expect(try chosen(.whole, nil, 2), is: [working, orders], "the newest two")
            try expect(try chosen(.whole, each: 1), is: [working, orders], "the last of each")
            try expect(try chosen(.pulls, each: 2), is: [working, orders, quiet], "the last two of each")
            try expect(try chosen(.pulls, each: 2, 2), is: [working, orders], "no more than the limit")
            try expect(try chosen(.news, scene.charges, each: 1), is: [failed], "the last of one stream")
            let totals = try store.runs(RunChoice(.news, each: 2), limit: 9).map { $0.totals.map(\.sum) }
            try expect(totals, is: [[Fen(failed.number)], [Fen(news.number)]], "their totals")
        }
    }
}
