import HeatModel
import Store

/// The chain of what happened to the store.
extension StoreConformance {
    func chainKept(_ scene: StoreScene) throws {
        try scene.store.write { store in
            try expect(try store.lastChainLine() == nil, "a new store has a chain")
            for number in 1...5 as ClosedRange<Int64> {
                try store.appendChain(Array("{\"说\":\(number)}".utf8), sequence: number, run: nil)
            }
            for wrong in [5, 7] as [Int64] {
                do {
                    try store.appendChain(Array("{}".utf8), sequence: wrong, run: nil)
                } catch is HearthError { continue }
                throw Unexpected(message: "line \(wrong) was taken after line 5")
            }
        }
        try scene.store.read { store in
            try expect(try store.lastChainLine()?.line.text, is: "{\"说\":5}", "last line")
            let lines = try store.chainLines(after: 1, limit: 3)
            try expect(lines.map(\.sequence), is: [2, 3, 4], "numbers of the lines asked for")
            try expect(lines.map(\.line.text), is: ["{\"说\":2}", "{\"说\":3}", "{\"说\":4}"], "lines asked for")
        }
    }

    func runsChained(_ scene: StoreScene) throws {
        try scene.store.write { store in
            try expect(try store.unchainedRuns(), is: [], "runs to chain while both are at work")
            let second = try scene.beginRun(store)
            for run in [second, scene.run] {
                try store.endRun(run, state: .failed, at: StoreScene.instant(1), error: nil, totals: [])
            }
            try expect(try store.unchainedRuns(), is: [scene.run, second], "runs to chain")
            try store.appendChain(Array("{}".utf8), sequence: 1, run: scene.run)
            try expect(try store.unchainedRuns(), is: [second], "runs to chain after one was")
            _ = try scene.beginRun(store)
            func ended(_ after: RunID?, _ limit: Int) throws -> [String] {
                try store.endedRuns(after: after, limit: limit).map { "\($0.run) \($0.sequence ?? 0)" }
            }
            try expect(
                try ended(nil, 9), is: ["\(scene.run) 1", "\(second) 0"], "runs that have ended, with their lines")
            try expect(try ended(scene.run, 9), is: ["\(second) 0"], "runs that have ended after one")
            try expect(try ended(nil, 1), is: ["\(scene.run) 1"], "runs that have ended, one of them")
        }
    }

    func runsReserved(_ scene: StoreScene) throws {
        try scene.store.write { store in
            try store.reserveRuns(through: RunID(700))
            try store.reserveRuns(through: RunID(4))
            let run = try scene.beginRun(store)
            try expect(run, is: RunID(701), "the run after those reserved")
            try store.noteCounts(run: run, RunCounts(), cursorAfter: nil)
            try store.noteCounts(run: run, RunCounts(), cursorAfter: nil)
            try expect(try store.run(run)?.batches, is: 2, "how often its books were written")
        }
    }
}
