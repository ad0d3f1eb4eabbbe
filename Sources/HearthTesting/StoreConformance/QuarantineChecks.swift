import HeatModel
import Store

extension StoreConformance {
    func quarantineOnce(_ scene: StoreScene) throws {
        let later = try scene.store.write { store in
            try scene.refuse(store, "raw", key: "1", code: "record.badDate")
            try scene.refuse(store, "raw", stream: scene.orders)
            try scene.refuse(store, "other")
            let later = try scene.beginRun(store)
            let origin = try scene.beginOrigin(store, "b.csv", "bb", run: later)
            try scene.refuse(
                store, "raw", key: "1", code: "match.unknownAccount", run: later, origin: origin, ordinal: 8)
            return later
        }
        let entries = try scene.store.read { try scene.entries($0) }
        try expect(
            entries.map { "\($0.stream) \($0.raw.text)" },
            is: ["billing.charges raw", "dispatch.orders.of.2026 raw", "billing.charges other"], "entries")
        try expect(entries[0].code, is: "match.unknownAccount", "the reason of now")
        try expect([entries[0].firstRun, entries[0].lastRun], is: [scene.run, later], "first and last run")
        try expect(entries[0].ordinal, is: 8, "where it was met last")
    }

    func quarantineComplete(_ scene: StoreScene) throws {
        try scene.store.write { store in
            try scene.refuse(
                store, "a\u{1F}\u{0}\u{1F}中", key: "k\u{1F}1", ordinal: 5, candidates: ["00000001", "00000002"])
            try store.quarantine(
                IncomingQuarantine(
                    stream: scene.charges, run: scene.run, origin: scene.origin, code: "record.undecodable",
                    message: "m", place: "p",
                    column: nil, key: nil, ordinal: 6, candidates: [], raw: [0xFF, 0xFE], isSplit: false))
        }
        try scene.store.read { store in
            let entries = try scene.entries(store)
            try expect(entries.count, is: 2, "entries")
            let (first, second) = (entries[0], entries[1])
            try expect(first.raw.text, is: "a\u{1F}\u{0}\u{1F}中", "raw")
            try expect(first.key?.text, is: "k\u{1F}1", "key")
            try expect(first.candidates, is: ["00000001", "00000002"], "candidates")
            try expect(
                [first.message, first.place, first.column], is: ["a message", "a.csv:5", "名称"],
                "message, place and column")
            try expect(first.columns, is: StoreScene.columns, "columns")
            try expect(first.origin, is: scene.origin, "origin")
            try expect(first.state, is: .open, "state")
            try expect(first.isSplit && !second.isSplit, "split")
            try expect(second.raw, is: [0xFF, 0xFE], "raw bytes")
            try expect(
                second.key == nil && second.column == nil && second.candidates.isEmpty,
                "something that was not given is there")
            try expect(try store.quarantined(second.id)?.raw, is: [0xFF, 0xFE], "raw of the entry found by its number")
        }
    }

    func quarantineStates(_ scene: StoreScene) throws {
        let texts = ["discarded", "resolved", "replayed"]
        let later = try scene.store.write { store in
            for text in texts { try scene.refuse(store, text) }
            let ids = try scene.entries(store).map(\.id)
            try store.setQuarantineState(ids[0], .discarded, run: nil, note: "a clerk's joke")
            try store.setQuarantineState(ids[1], .resolved, run: nil, note: nil)
            let later = try scene.beginRun(store)
            try store.setQuarantineState(ids[2], .replayed, run: later, note: nil)
            return later
        }
        let before = try scene.store.read { try scene.entries($0) }
        try expect(before.map(\.state), is: [.discarded, .resolved, .replayed], "states")
        try expect(before[0].note, is: "a clerk's joke", "note")
        try expect(before[2].lastRun, is: later, "the run that took it")
        try scene.store.write { store in
            for text in texts { try scene.refuse(store, text, run: later) }
        }
        let after = try scene.store.read { try scene.entries($0) }
        try expect(after.map(\.state), is: [.discarded, .open, .open], "states of entries that were met again")
        try expect(after[0].note, is: "a clerk's joke", "note of one that was met again")
    }

    func quarantineResolvedByKey(_ scene: StoreScene) throws {
        try scene.store.write { store in
            let later = try scene.beginRun(store)
            let next = try scene.beginOrigin(store, "b.csv", "bb", run: later)
            try scene.refuse(store, "before", key: "1", ordinal: 9)
            try scene.refuse(store, "same origin, before", key: "1", origin: next, ordinal: 3)
            try scene.refuse(store, "same origin, after", key: "1", origin: next, ordinal: 7)
            try scene.refuse(store, "another key", key: "2")
            try scene.refuse(store, "no key")
            try scene.refuse(store, "discarded", key: "1")
            try store.setQuarantineState(try scene.entries(store).last!.id, .discarded, run: nil, note: nil)
            try scene.refuse(store, "another stream", key: "1", stream: scene.orders)
            try "1".withBytes {
                try store.resolveQuarantine(stream: scene.charges, key: $0, run: later, through: next, ordinal: 5)
            }
        }
        try scene.store.read { store in
            try expect(
                try scene.entries(store, .resolved).map(\.raw.text), is: ["before", "same origin, before"], "resolved")
            try expect(
                try scene.entries(store, .open).map(\.raw.text),
                is: ["same origin, after", "another key", "no key", "another stream"], "open")
            let keys = try store.openQuarantineKeys(stream: scene.charges, limit: 9)
            try expect(keys?.map(\.text).sorted(), is: ["1", "2"], "keys of open entries")
            try expect(
                try store.openQuarantineKeys(stream: scene.charges, limit: 1) == nil,
                "more keys than asked for are given")
        }
    }

    func quarantineResolvedUnseen(_ scene: StoreScene) throws {
        try scene.store.write { store in
            for raw in ["gone", "seen again"] { try scene.refuse(store, raw) }
            try scene.refuse(store, "another stream", stream: scene.orders)
            let snapshot = try scene.beginOrigin(store, "b.csv", "bb")
            try scene.refuse(store, "seen again", origin: snapshot)
            try scene.refuse(store, "new", origin: snapshot)
            try store.resolveQuarantineUnseen(stream: scene.charges, origin: snapshot, run: scene.run)
        }
        try scene.store.read { store in
            try expect(try scene.entries(store, .resolved).map(\.raw.text), is: ["gone"], "resolved")
            try expect(
                try scene.entries(store, .open).map(\.raw.text), is: ["seen again", "another stream", "new"], "open")
        }
    }

    func quarantineInOrderOfSight(_ scene: StoreScene) throws {
        try scene.store.write { store in
            try scene.refuse(store, "seen again last", ordinal: 1)
            try scene.refuse(store, "third", ordinal: 30)
            try scene.refuse(store, "second", ordinal: 20)
            try scene.refuse(store, "resolved", ordinal: 2)
            try store.setQuarantineState(try scene.entries(store).last!.id, .resolved, run: nil, note: nil)
            let next = try scene.beginOrigin(store, "b.csv", "bb")
            try scene.refuse(store, "seen again last", code: "match.unknownPlace", origin: next, ordinal: 1)
            try scene.refuse(store, "other stream", stream: scene.orders)
        }
        try scene.store.read { store in
            let raws = try store.openQuarantineIDs(stream: scene.charges).map {
                try store.quarantined($0)?.raw.text ?? "nothing"
            }
            try expect(raws, is: ["second", "third", "seen again last"], "open entries")
            func code(_ raw: String) throws -> String? {
                try raw.withBytes { try store.openQuarantineCode(stream: scene.charges, raw: $0) }
            }
            try expect(
                [try code("seen again last"), try code("third"), try code("resolved"), try code("other stream")],
                is: ["match.unknownPlace", "record.badDate", nil, nil], "why rows wait")
        }
    }

    func quarantineListed(_ scene: StoreScene) throws {
        try scene.store.write { store in
            for (index, code) in ["b", "a", "b", "c"].enumerated() { try scene.refuse(store, "\(index)", code: code) }
            try scene.refuse(store, "0", code: "b", stream: scene.orders)
            try store.setQuarantineState(try scene.entries(store)[3].id, .discarded, run: nil, note: nil)
        }
        try scene.store.read { store in
            func list(
                _ stream: StreamID?, _ state: QuarantineState?, _ code: String?, after: QuarantineID? = nil,
                limit: Int = 9
            ) throws -> [String] {
                try store.quarantine(stream: stream, state: state, code: code, after: after, limit: limit).map(
                    \.raw.text)
            }
            try expect(try list(scene.charges, .open, nil), is: ["0", "1", "2"], "open ones of a stream")
            try expect(try list(nil, nil, "b"), is: ["0", "2", "0"], "by code")
            try expect(try list(nil, .discarded, nil), is: ["3"], "discarded ones")
            let first = try scene.entries(store)[0].id
            try expect(try list(scene.charges, nil, nil, after: first, limit: 2), is: ["1", "2"], "a page")
            let counts = try store.quarantineCounts().map { "\($0.stream) \($0.code) \($0.count)" }
            try expect(
                counts, is: ["billing.charges a 1", "billing.charges b 2", "dispatch.orders.of.2026 b 1"], "counts")
        }
    }
}
