import HeatModel
import Store

extension StoreConformance {
    private func feed(_ scene: StoreScene, after position: ChangePosition = .start, limit: Int = 99) throws
        -> [AccountChange]
    {
        try scene.store.read { try $0.changes(after: position, limit: limit) }
    }

    func feedInOrder(_ scene: StoreScene) throws {
        try expect(try feed(scene).isEmpty, "a new store has changes")
        let ids = try scene.store.write { store in try (1...400).map { try scene.account(store, "\($0)") } }
        let later = try scene.store.write { store in
            try scene.touch(store, [ids[0], ids[399], ids[7]], .inserted)
            return try scene.beginRun(store)
        }
        struct TakeBack: Error {}
        do {
            try scene.store.write { store in
                try scene.touch(store, [ids[3]])
                throw TakeBack()
            }
        } catch is TakeBack {}
        try scene.store.write { store in
            try store.touch(
                [
                    TouchedRecords(account: ids[7], kinds: [.changed, .removed]),
                    TouchedRecords(account: ids[8], kinds: []),
                ],
                entity: .payment, run: later)
        }
        let changes = try feed(scene)
        try expect(changes.map(\.account), is: [ids[0], ids[7], ids[399], ids[7]], "accounts that changed")
        try expect(changes.map(\.run), is: [scene.run, scene.run, scene.run, later], "runs of changes")
        try expect(
            changes.map(\.kind),
            is: Array(repeating: .records(.charge, .inserted), count: 3) + [.records(.payment, [.changed, .removed])],
            "kinds of changes")
        let positions = changes.map(\.position)
        try expect(positions == positions.sorted() && Set(positions).count == 4, "positions do not grow")
        try expect(try scene.store.read { try $0.lastChange() }, is: positions[3], "the last position")
        for (index, position) in positions.enumerated() {
            try expect(try feed(scene, after: position), is: Array(changes[(index + 1)...]), "what follows a position")
            try expect(
                try feed(scene, after: position, limit: 1), is: Array(changes[(index + 1)...].prefix(1)), "the next one"
            )
        }
        try expect(try scene.store.read { try $0.touchedCount() }, is: 4, "accounts whose views wait")
    }

    func feedOfViews(_ scene: StoreScene) throws {
        let ids = try scene.store.write { store in try ["1", "2"].map { try scene.account(store, $0) } }
        func put(_ bodies: [String]) throws -> [AccountID] {
            let last = try scene.store.read { try $0.lastChange() }
            try scene.store.write { store in
                for (id, body) in zip(ids, bodies) {
                    try body.withBytes { try store.putView(id, body: $0, runs: nil) }
                }
            }
            let changes = try feed(scene, after: last)
            try expect(changes.allSatisfy { $0.kind == .view && $0.run == nil }, "changes of views are \(changes)")
            return changes.map(\.account)
        }
        try expect(try put(["{}", "{}"]), is: ids, "accounts that had no view")
        try expect(try put(["{}", "[]"]), is: [ids[1]], "accounts whose view is another")
        try expect(try put(["{}", "[]"]), is: [], "accounts whose view is the same")
    }

    func feedOfAnAccount(_ scene: StoreScene) throws {
        let ids = try scene.store.write { store in try (1...9).map { try scene.account(store, "\($0)") } }
        for part in [ids, [ids[1], ids[8]], [ids[4]], [ids[4], ids[8]]] {
            try scene.store.write { try scene.touch($0, part) }
        }
        for id in [ids[4], ids[8], ids[0]] {
            let all = try feed(scene).filter { $0.account == id }
            let own = try scene.store.read { try $0.changes(of: id, after: .start, limit: 99) }
            try expect(own, is: all, "changes of an account")
            let rest = try scene.store.read { try $0.changes(of: id, after: all[0].position, limit: 1) }
            try expect(rest, is: Array(all.dropFirst().prefix(1)), "the next change of an account")
        }
    }

    func feedTrimmed(_ scene: StoreScene) throws {
        let ids = try scene.store.write { store in try (1...3).map { try scene.account(store, "\($0)") } }
        for _ in 0..<4 { try scene.store.write { try scene.touch($0, ids) } }
        let all = try feed(scene)
        try scene.store.write { try $0.trimChanges(keeping: 5) }
        try expect(try feed(scene, after: all[6].position), is: Array(all[7...]), "the last five")
        func isGone(_ position: ChangePosition) throws -> Bool {
            do {
                _ = try feed(scene, after: position)
                return false
            } catch let error as HearthError where error.code == .changesGone {
                return true
            }
        }
        try expect(try isGone(.start), is: true, "what was let go of can be asked for")
        try expect(try isGone(ChangePosition(all[11].position.number + 1)), is: true, "a position that was never given")
        try scene.store.write { try $0.trimChanges(keeping: 0) }
        let last = try scene.store.read { try $0.lastChange() }
        try expect(last, is: all[11].position, "the last position after all was let go of")
        try scene.store.write { try scene.touch($0, [ids[0]]) }
        try expect(try feed(scene, after: last).map(\.account), is: [ids[0]], "what follows after all was let go of")
        try expect(try feed(scene, after: last).allSatisfy { $0.position > last }, "a position is given twice")
    }
}
