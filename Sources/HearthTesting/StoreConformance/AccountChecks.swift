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
            try expect(try store.accountCount(), is: Int64(numbers.count), "count")
        }
    }

    func crosswalkPerSystem(_ scene: StoreScene) throws {
        let (one, two) = try scene.store.write { store in
            let (one, two) = (try scene.account(store, "1"), try scene.account(store, "2"))
            try "7".withBytes { id in
                try store.register(system: "billing", externalID: id, account: one)
                try store.register(system: "dispatch", externalID: id, account: two)
                try store.register(system: "billing", externalID: id, account: one)
            }
            return (one, two)
        }
        func find(_ system: String, _ id: String) throws -> AccountID? {
            try scene.store.read { store in try id.withBytes { try store.account(system: system, externalID: $0) } }
        }
        try expect(
            [try find("billing", "7"), try find("dispatch", "7"), try find("other", "7"), try find("billing", "8")],
            is: [one, two, nil, nil], "accounts")
        try scene.store.write { store in
            try "7".withBytes { try store.register(system: "billing", externalID: $0, account: two) }
        }
        try expect(try find("billing", "7"), is: two, "account of an id that was taught again")
    }

    private func town(_ scene: StoreScene) throws -> [String: AccountID] {
        try scene.store.write { store in
            var ids: [String: AccountID] = [:]
            for (number, unit, room) in [("3", "1", "101"), ("1", "2", "101"), ("2", "", "101"), ("4", "1", "102")] {
                let id = try scene.account(store, number)
                ids[number] = id
                try store.setPlace(PlaceKey(community: "阳光花园", building: "1", unit: unit, room: room), of: id)
            }
            return ids
        }
    }

    func placesMatch(_ scene: StoreScene) throws {
        let ids = try town(scene)
        func find(
            _ unit: String, _ room: String = "101", community: String = "阳光花园", building: String = "1", limit: Int = 10
        ) throws -> [AccountID] {
            try scene.store.read {
                try $0.accounts(
                    at: PlaceKey(community: community, building: building, unit: unit, room: room), limit: limit)
            }
        }
        try expect(try find(""), is: [ids["1"]!, ids["2"]!, ids["3"]!], "any unit")
        try expect(try find("", limit: 2), is: [ids["1"]!, ids["2"]!], "at most two")
        try expect(try find("1"), is: [ids["3"]!], "unit 1")
        try expect(try find("9"), is: [], "a unit that is not there")
        try expect(try find("", community: "花园"), is: [], "part of a community's name")
        try expect(try find("", building: "11"), is: [], "another building")
    }

    func placesGo(_ scene: StoreScene) throws {
        let place = PlaceKey(community: "海河家园", building: "9", unit: "1", room: "901")
        let gone = try scene.store.write { store in
            try store.setPlace(place, of: try scene.account(store, "stays"))
            let gone = try scene.account(store, "gone")
            try store.setPlace(place, of: gone)
            return gone
        }
        try scene.store.write { try $0.removePlace(of: gone) }
        try scene.store.read { store in
            let found = try store.accounts(at: place, limit: 10).map { try store.accountNumber($0) }
            try expect(found, is: ["stays"], "accounts at the place")
        }
    }

    func placesMove(_ scene: StoreScene) throws {
        let ids = try town(scene)
        let there = PlaceKey(community: "新村", building: "2", unit: "1", room: "9")
        try scene.store.write { try $0.setPlace(there, of: ids["3"]!) }
        try scene.store.read { store in
            try expect(try store.accounts(at: there, limit: 9), is: [ids["3"]!], "the new place")
            let before = PlaceKey(community: "阳光花园", building: "1", unit: "1", room: "101")
            try expect(try store.accounts(at: before, limit: 9), is: [], "the old place")
        }
    }

    func communitiesSorted(_ scene: StoreScene) throws {
        _ = try town(scene)
        try scene.store.write { store in
            for (number, community) in [("8", "新村"), ("9", "b"), ("10", "B"), ("11", "")] {
                try store.setPlace(
                    PlaceKey(community: community, building: "1", unit: "", room: "1"),
                    of: try scene.account(store, number))
            }
        }
        let names = ["阳光花园", "新村", "b", "B"].sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        try expect(try scene.store.read { try $0.communities() }, is: names, "communities")
    }

    // MARK: Views

    func touchedOnce(_ scene: StoreScene) throws {
        let ids = try scene.store.write { store in
            let ids = try (1...5).map { try scene.account(store, "\($0)") }
            for id in [ids[3], ids[1], ids[3], ids[0]] { try store.touch(id) }
            return ids
        }
        func touched(after: AccountID? = nil, limit: Int = 9) throws -> [TouchedAccount] {
            try scene.store.read { try $0.touchedAccounts(after: after, limit: limit) }
        }
        try expect(try scene.store.read { try $0.touchedCount() }, is: 3, "touched accounts")
        try expect(try touched(limit: 2).map(\.account), is: [ids[0], ids[1]], "the first two")
        try expect(try touched(after: ids[1]).map(\.account), is: [ids[3]], "those after")
        let seen = try touched(limit: 2)
        try scene.store.write { try $0.touch(ids[0]) }
        try expect(
            try scene.store.write { try $0.untouch(seen[0]) }, is: false,
            "untouched, though touched again since it was read")
        try expect(try scene.store.write { try $0.untouch(seen[1]) }, is: true, "untouched")
        try expect(try scene.store.write { try $0.untouch(seen[1]) }, is: false, "untouched a second time")
        try expect(try touched().map(\.account), is: [ids[0], ids[3]], "after one was untouched")
        try scene.store.write { try $0.touchAllAccounts() }
        try expect(try touched().map(\.account), is: ids, "after all were touched")
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
