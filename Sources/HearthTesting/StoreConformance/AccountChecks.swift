import Foundation
import HeatModel
import Store

extension StoreConformance {
    func accountsByNumber(_ scene: StoreScene) throws {
        let numbers = ["00000001", "1", "A-01", "０１"]
        let ids = try scene.store.write { store in try numbers.map { try scene.account(store, $0) } }
        try expect(Set(ids).count, is: numbers.count, "accounts")
        try scene.store.read { store in
            for (number, id) in zip(numbers, ids) {
                try expect(try number.withBytes { try store.account(number: $0) }, is: id, "account \(number)")
                try expect(try store.accountNumber(id), is: number, "number of account \(number)")
            }
            try expect(
                try "01".withBytes { try store.account(number: $0) } == nil, "a number that no account has finds one")
            try expect(try store.accountNumber(AccountID(999)) == nil, "an account that is not there has a number")
            try expect(
                try store.accountNumbers([ids[2], AccountID(999), ids[0], ids[2]]),
                is: [numbers[2], nil, numbers[0], numbers[2]], "numbers of accounts")
            try expect(try store.accountNumbers([]), is: [], "numbers of no accounts")
            try expect(try store.accountCount(), is: Int64(numbers.count), "count")
        }
    }

    // MARK: Views

    func touchedOnce(_ scene: StoreScene) throws {
        let ids = try scene.store.write { store in
            let ids = try (1...5).map { try scene.account(store, "\($0)") }
            for ids in [[ids[1], ids[3]], [ids[3]], [ids[0]]] { try scene.touch(store, ids) }
            return ids
        }
        func touched(after: AccountID? = nil, limit: Int = 9) throws -> [TouchedAccount] {
            try scene.store.read { try $0.touchedAccounts(after: after, limit: limit) }
        }
        try expect(try scene.store.read { try $0.touchedCount() }, is: 3, "touched accounts")
        try expect(try touched(limit: 2).map(\.account), is: [ids[0], ids[1]], "the first two")
        try expect(try touched(after: ids[1]).map(\.account), is: [ids[3]], "those after")
        try scene.store.write { try $0.touchAllAccounts(again: false) }
        try expect(try touched().map(\.account), is: ids, "after all were touched")
    }

    func touchedAgain(_ scene: StoreScene) throws {
        let ids = try scene.store.write { store in
            let ids = try (1...3).map { try scene.account(store, "\($0)") }
            try scene.touch(store, [ids[1]])
            return ids
        }
        func touches() throws -> [AccountID: Int64] {
            let touched = try scene.store.read { try $0.touchedAccounts(after: nil, limit: 9) }
            return Dictionary(uniqueKeysWithValues: touched.map { ($0.account, $0.touch) })
        }
        let first = try touches()
        try scene.store.write { try $0.touchAllAccounts(again: false) }
        let second = try touches()
        try expect(second.keys.sorted(), is: ids, "all of them are touched")
        try expect(second[ids[1]], is: first[ids[1]], "the touch of the one that waited already")
        try scene.store.write { try $0.touchAllAccounts(again: true) }
        let third = try touches()
        try expect(third.keys.sorted(), is: ids, "all are touched still")
        try expect(ids.filter { third[$0] == second[$0] }, is: [], "touched, and by the same touch")
    }

    func viewsReplaced(_ scene: StoreScene) throws {
        let id = try scene.store.write { store in
            let id = try scene.account(store, "01")
            _ = try scene.account(store, "02")
            for text in ["{\"a\":1}", "{\"名\":2}"] { try text.withBytes { try store.putView(id, body: $0, runs: nil) } }
            return id
        }
        try scene.store.read { store in
            let view = try "01".withBytes { try store.view(number: $0) }
            try expect(view?.account, is: id, "account")
            try expect(view?.body.text, is: "{\"名\":2}", "view")
            try expect(try "02".withBytes { try store.view(number: $0) } == nil, "an account without a view has one")
        }
    }

    func viewsStamped(_ scene: StoreScene) throws {
        func stamp(_ number: String) throws -> ViewStamp? {
            try scene.store.read { store in try number.withBytes { try store.viewStamp(number: $0) } }
        }
        func put(_ id: AccountID, _ text: String) throws -> ViewStamp? {
            try scene.store.write { store in try text.withBytes { try store.putView(id, body: $0, runs: nil) } }
            return try stamp("01")
        }
        let id = try scene.store.write { store in
            _ = try scene.account(store, "02")
            return try scene.account(store, "01")
        }
        try expect(try stamp("01") == nil, "an account without a view has a stamp")
        let first = try put(id, "{\"a\":1}")
        try expect(first != nil, "a view has no stamp")
        try expect(try stamp("01") == first, "a view has two stamps")
        try expect(try put(id, "{\"a\":2}") != first, "two views have one stamp")
        try expect(try stamp("02") == nil && stamp("03") == nil, "an account without a view has a stamp")
    }

    func heldReads(_ scene: StoreScene) throws {
        let store = scene.store
        func read() throws -> String? { try store.read { try $0.setting("held") } }
        try store.write { try $0.setSetting("held", "1") }
        var within: String?
        let seen = try store.holdingReads {
            var seen = [try read()]
            // A read within a read, and a write within one.
            try store.read { outer in
                within = try read()
                try store.write { try $0.setSetting("held", "2") }
                seen.append(try outer.setting("held"))
            }
            try store.write { try $0.setSetting("held", "3") }
            seen.append(try read())
            try store.holdingReads { seen.append(try read()) }
            let done = DispatchSemaphore(value: 0)
            Thread {
                try? store.write { try $0.setSetting("held", "3a") }
                done.signal()
            }.start()
            done.wait()
            try store.releaseReads()
            seen.append(try read())
            return seen
        }
        try expect(seen, is: ["1", "1", "3", "3", "3a"], "reads that are held")
        try expect(within, is: "1", "a read within a read")
        try expect(try read(), is: "3a", "a read afterwards")
        do {
            try store.holdingReads {
                _ = try read()
                throw HearthError(.storeFailed, "thrown on purpose")
            }
            try expect(false, "what is thrown while reads are held is swallowed")
        } catch let error as HearthError where error.message == "thrown on purpose" {}
        try store.write { try $0.setSetting("held", "4") }
        try expect(try read(), is: "4", "a read after one that threw")
    }

    func settingsKept(_ scene: StoreScene) throws {
        try scene.store.write { store in
            try store.setSetting("a", "1")
            try store.setSetting("b", "x")
            try store.setSetting("a", "2")
        }
        let values = try scene.store.read { [try $0.setting("a"), try $0.setting("b"), try $0.setting("c")] }
        try expect(values, is: ["2", "x", nil], "settings")
    }
}
