import HeatModel
import Store

extension StoreConformance {
    func keyTakenOnce(_ scene: StoreScene) throws {
        let again = try scene.store.write { store in
            try scene.insert(store, "1", body: "{\"a\":1}")
            return try scene.with("1", body: "{\"a\":2}") { try store.insert($0) }
        }
        try expect(again == nil, "a second insert of a key gave \(String(describing: again))")
        let kept = try scene.store.read { try scene.record($0, "1")?.body.text }
        try expect(kept, is: "{\"a\":1}", "body after a refused insert")
    }

    func keysArePerStream(_ scene: StoreScene) throws {
        try scene.store.write { store in
            try scene.insert(store, "1", body: "{\"a\":1}")
            try scene.insert(store, "1", body: "{\"a\":2}", stream: scene.orders)
        }
        let bodies = try scene.store.read {
            [try scene.record($0, "1")?.body.text, try scene.record($0, "1", scene.orders)?.body.text]
        }
        try expect(bodies, is: ["{\"a\":1}", "{\"a\":2}"], "bodies of one key in two streams")
    }

    func supersedeKeepsHistory(_ scene: StoreScene) throws {
        let (id, account, later, before) = try scene.store.write { store in
            let account = try scene.account(store, "1")
            let id = try scene.insert(store, "1", body: "{\"a\":1}", account: account)
            let later = try scene.beginRun(store)
            let before = try scene.with("1", body: "{\"a\":2}", run: later, ordinal: 9) {
                try store.supersede(id, with: $0)
            }
            return (id, account, later, before)
        }
        try expect(before.text, is: "{\"a\":1}", "body handed back")
        try scene.store.read { store in
            let current = try scene.record(store, "1")
            try expect(current?.body.text, is: "{\"a\":2}", "current body")
            try expect(current?.id, is: id, "number of the record")
            try expect(
                current?.account == nil && current?.ended == nil,
                "the current version has the old one's account or an end")
            let history = try scene.history(store, "1")
            try expect(history.map(\.body.text), is: ["{\"a\":1}"], "history")
            try expect(history[0].account, is: account, "account of the earlier version")
            try expect(history[0].ended?.run, is: later, "the run that ended it")
            try expect(history[0].ended?.reason, is: .changed, "why it ended")
            try expect(history[0].provenance.run, is: scene.run.number, "the run that began it")
        }
    }

    func endKeepsHistory(_ scene: StoreScene) throws {
        let (account, later, ended) = try scene.store.write { store in
            let account = try scene.account(store, "1")
            let id = try scene.insert(store, "1", body: "{\"a\":1}", account: account)
            let later = try scene.beginRun(store)
            return (account, later, try store.end(id, run: later, reason: .vanished))
        }
        try expect(ended.account, is: account, "account handed back")
        try expect(ended.body.text, is: "{\"a\":1}", "body handed back")
        try scene.store.read { store in
            try expect(try scene.record(store, "1") == nil, "the ended record is still current")
            let history = try scene.history(store, "1")
            try expect(history.map { $0.ended?.reason }, is: [.vanished], "history")
            try expect(history[0].ended?.run, is: later, "the run that ended it")
        }
        try scene.store.write { _ = try scene.insert($0, "1", body: "{\"a\":2}") }
        try expect(
            try scene.store.read { try scene.history($0, "1") }.count, is: 1,
            "versions in history after the key came back")
    }

    func everythingIsRead(_ scene: StoreScene) throws {
        let account = try scene.store.write { store in
            let account = try scene.account(store, "1")
            let id = try scene.insert(store, "1", body: "{\"a\":1}", account: account)
            let later = try scene.beginRun(store)
            _ = try scene.with("1", body: "{\"a\":2}", run: later) { try store.supersede(id, with: $0) }
            return account
        }
        try scene.store.write { store in try "{}".withBytes { try store.putView(account, body: $0, runs: nil) } }
        let count = try scene.store.read { try $0.readEverything() }
        try expect(count, is: 3, "versions of records, and views")
    }

    func historyNewestFirst(_ scene: StoreScene) throws {
        try scene.store.write { store in
            let id = try scene.insert(store, "1", body: "0")
            for number in 1...5 {
                let run = try scene.beginRun(store)
                _ = try scene.with("1", body: "\(number)", run: run) { try store.supersede(id, with: $0) }
            }
        }
        let bodies = try scene.store.read { try scene.history($0, "1") }.map(\.body.text)
        try expect(bodies, is: ["4", "3", "2", "1", "0"], "history")
    }

    func provenanceComplete(_ scene: StoreScene) throws {
        let raw: [UInt8] = [0x61, 0x1F, 0x00, 0x1F, 0x1B, 0x1F, 0xE4, 0xBD, 0xA0]
        try scene.store.write { store in
            _ = try scene.with(
                "k\u{1F}中", body: "{\"名\":\"值\"}", raw: raw, rule: .crosswalk, ordinal: 1 << 40, voided: true
            ) { try store.insert($0) }
            _ = try scene.with("o", stream: scene.orders) { try store.insert($0) }
            try store.endOrigin(scene.ordersOrigin, digest: "late", byteCount: 7)
        }
        try scene.store.read { store in
            guard let record = try scene.record(store, "k\u{1F}中") else {
                throw Unexpected(message: "the record is not there")
            }
            try expect(record.raw, is: raw, "raw bytes")
            try expect(record.body.text, is: "{\"名\":\"值\"}", "body")
            try expect(record.columns, is: StoreScene.columns, "columns")
            try expect(record.entity, is: .charge, "entity")
            try expect(record.rule, is: .crosswalk, "rule")
            try expect(record.isVoided, is: true, "voided")
            try expect(
                record.provenance,
                is: Provenance(
                    source: "billing", stream: "charges", key: "k\u{1F}中", origin: "a.csv", originDigest: "aa",
                    ordinal: 1 << 40,
                    run: scene.run.number, mappingVersion: StoreScene.mapping), "provenance")
            let byNumber = try store.record(record.id)
            try expect(byNumber?.provenance, is: record.provenance, "provenance of the record found by its number")
            let order = try scene.record(store, "o", scene.orders)?.provenance
            try expect(
                [order?.source, order?.stream, order?.originDigest], is: ["dispatch", "orders.of.2026", "late"],
                "the order's provenance")
        }
    }

    func currentIsExact(_ scene: StoreScene) throws {
        let hash = ContentHash(0x8000_0000_0000_0001, 0xFEDC_BA98_7654_3210)
        let (id, account) = try scene.store.write { store in
            let account = try scene.account(store, "1")
            return (
                try scene.with("1", account: account, rule: .accountNumber, hash: hash) { try store.insert($0) },
                account
            )
        }
        let current = try scene.store.read { store in
            try "1".withBytes { try store.current(stream: scene.charges, key: $0) }
        }
        try expect(current?.id, is: id, "number")
        try expect(current?.hash, is: hash, "hash")
        try expect(current?.account, is: account, "account")
        try expect(current?.run, is: scene.run, "run")
        let other = try scene.store.read { store in
            try "2".withBytes { try store.current(stream: scene.charges, key: $0) }
        }
        try expect(other == nil, "a key that is not there has a current record")
    }

    func streamsAreWalked(_ scene: StoreScene) throws {
        let keys = ["b", "a", "中", "", "a\u{1F}b", "10", "9"]
        try scene.store.write { store in
            for key in keys { try scene.insert(store, key) }
            try scene.insert(store, "other", stream: scene.orders)
        }
        try scene.store.read { store in
            var walked: [String] = []
            try store.forEachRecord(in: scene.charges) { _, key in walked.append(String(decoding: key, as: UTF8.self)) }
            try expect(walked, is: keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }, "keys in byte order")
            var paged: [String] = []
            var after: RecordID?
            while true {
                let page = try store.records(in: scene.charges, after: after, limit: 3)
                try expect(page.count <= 3, "a page of \(page.count) for 3")
                guard let last = page.last else { break }
                paged += page.map(\.key.text)
                after = last.id
            }
            try expect(paged, is: keys, "records by number, in pages")
        }
    }

    func accountsAreWalked(_ scene: StoreScene) throws {
        let (account, other) = try scene.store.write { store in
            let account = try scene.account(store, "1")
            let other = try scene.account(store, "2")
            try scene.insert(store, "9", account: account, stream: scene.orders)
            try scene.insert(store, "b", account: account)
            try scene.insert(store, "a", account: account)
            try scene.insert(store, "v", account: account, voided: true)
            try scene.insert(store, "x", account: other)
            try scene.insert(store, "y")
            return (account, other)
        }
        try scene.store.read { store in
            try expect(
                try store.records(of: account).map(\.key.text), is: ["a", "b", "v", "9"], "records of an account")
            var slices: [String] = []
            try store.forEachRecord(of: account) { slices.append(String(decoding: $0.key, as: UTF8.self)) }
            try expect(slices, is: ["a", "b", "9"], "records for its view")
            var places: [String] = []
            try store.forEachRecord(of: [other, AccountID(999), account]) {
                places.append("\($0) " + String(decoding: $1.key, as: UTF8.self))
            }
            try expect(places, is: ["0 x", "2 a", "2 b", "2 9"], "records for several views")
            try store.forEachRecord(of: []) { _, _ in places.append("none") }
            try expect(places.count, is: 4, "records for no view")
        }
    }
}
