import HeatModel
import Store

extension StoreConformance {
    /// A record of an account, which states something of it.
    private func makeCard(_ scene: StoreScene, _ store: any StoreWriter, _ key: String, of account: AccountID) throws
        -> RecordID
    {
        try scene.insert(store, key, account: account)
    }

    private func find(_ scene: StoreScene, _ system: String, _ id: String, limit: Int = 9) throws -> [AccountID] {
        try scene.store.read { store in
            try id.withBytes { try store.accounts(system: system, externalID: $0, limit: limit) }
        }
    }

    func crosswalkPerSystem(_ scene: StoreScene) throws {
        let (one, two, card) = try scene.store.write { store in
            let (one, two) = (try scene.account(store, "1"), try scene.account(store, "2"))
            let cards = [try makeCard(scene, store, "a", of: one), try makeCard(scene, store, "b", of: two)]
            try "7".withBytes { id in
                try store.setForeignID(id, system: "billing", of: one, statedBy: cards[0])
                try store.setForeignID(id, system: "dispatch", of: two, statedBy: cards[1])
                try store.setForeignID(id, system: "billing", of: one, statedBy: cards[0])
            }
            return (one, two, cards[0])
        }
        try expect(
            [
                try find(scene, "billing", "7"), try find(scene, "dispatch", "7"), try find(scene, "other", "7"),
                try find(scene, "billing", "8"),
            ],
            is: [[one], [two], [], []], "accounts")
        try scene.store.write { store in
            try "7".withBytes { try store.setForeignID($0, system: "billing", of: two, statedBy: card) }
        }
        try expect(try find(scene, "billing", "7"), is: [two], "account of an id that its record states of another")
    }

    func foreignIDsNameAll(_ scene: StoreScene) throws {
        let (ids, cards) = try scene.store.write { store in
            let ids = try ["3", "1", "2"].map { try scene.account(store, $0) }
            let cards = try ids.enumerated().map { try makeCard(scene, store, "c\($0)", of: $1) }
            let again = try makeCard(scene, store, "again", of: ids[0])
            try "7".withBytes { id in
                for (card, account) in zip(cards + [again], ids + [ids[0]]) {
                    try store.setForeignID(id, system: "billing", of: account, statedBy: card)
                }
            }
            return (ids, cards + [again])
        }
        try expect(try find(scene, "billing", "7"), is: [ids[1], ids[2], ids[0]], "accounts by one id")
        try expect(try find(scene, "billing", "7", limit: 2), is: [ids[1], ids[2]], "at most two")
        // What one record no longer states takes nothing from another that does.
        try scene.store.write { store in
            for card in cards[1...2] {
                try store.setForeignID(nil, system: "billing", of: ids[1], statedBy: card)
            }
            _ = try store.end(cards[0], run: scene.run, reason: .vanished)
        }
        try expect(try find(scene, "billing", "7"), is: [ids[0]], "the account that a record is left of")
        try scene.store.write { _ = try $0.end(cards[3], run: scene.run, reason: .vanished) }
        try expect(try find(scene, "billing", "7"), is: [], "an id that no record states any more")
    }

    func statementsAreTold(_ scene: StoreScene) throws {
        let place = PlaceKey(community: "阳光花园", building: "1", unit: "", room: "101")
        let (account, card, other) = try scene.store.write { store in
            let account = try scene.account(store, "1")
            let card = try makeCard(scene, store, "a", of: account)
            try store.setPlace(place, of: account, statedBy: card)
            try "7".withBytes { try store.setForeignID($0, system: "billing", of: account, statedBy: card) }
            return (account, card, try scene.insert(store, "b", account: account, stream: scene.orders))
        }
        let foreign = ForeignID(system: "billing", id: Array("7".utf8))
        try scene.store.read { store in
            try expect(
                try store.statement(of: card), is: RecordStatement(account: account, place: place, foreignID: foreign),
                "what a record states")
            try expect(try store.statement(of: other), is: nil, "what a record states that states nothing")
            try expect(
                try store.statementCounts(),
                is: [StatementCount(stream: scene.charges, places: 1, foreignIDs: 1)], "counts")
        }
        try scene.store.read { store in
            let unlinked = try store.records(in: scene.charges, linkedBy: .none, after: nil, limit: 9)
            try expect(unlinked.map(\.id), is: [card], "records by a rule")
            let rest = try store.records(in: scene.charges, linkedBy: .none, after: card, limit: 9)
            try expect(rest.isEmpty, is: true, "those after the last")
            let other = try store.records(in: scene.charges, linkedBy: .crosswalk, after: nil, limit: 9)
            try expect(other.isEmpty, is: true, "records by another rule")
        }
        try scene.store.write { _ = try $0.end(card, run: scene.run, reason: .changed) }
        try expect(try scene.store.read { try $0.statementCounts() }, is: [], "counts once the record has gone")
    }

    private func town(_ scene: StoreScene) throws -> [String: (account: AccountID, card: RecordID)] {
        try scene.store.write { store in
            var cards: [String: (account: AccountID, card: RecordID)] = [:]
            for (number, unit, room) in [("3", "1", "101"), ("1", "2", "101"), ("2", "", "101"), ("4", "1", "102")] {
                let id = try scene.account(store, number)
                let card = try makeCard(scene, store, number, of: id)
                cards[number] = (id, card)
                let place = PlaceKey(community: "阳光花园", building: "1", unit: unit, room: room)
                try store.setPlace(place, of: id, statedBy: card)
            }
            return cards
        }
    }

    func placesMatch(_ scene: StoreScene) throws {
        let ids = try town(scene).mapValues(\.account)
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
        // A second record that says the same is no second account.
        try scene.store.write { store in
            try store.setPlace(
                PlaceKey(community: "阳光花园", building: "1", unit: "1", room: "101"), of: ids["3"]!,
                statedBy: try makeCard(scene, store, "3 again", of: ids["3"]!))
        }
        try expect(try find("", limit: 3), is: [ids["1"]!, ids["2"]!, ids["3"]!], "each account once")
    }

    func placesGo(_ scene: StoreScene) throws {
        let place = PlaceKey(community: "海河家园", building: "9", unit: "1", room: "901")
        let cards = try scene.store.write { store in
            let stays = try scene.account(store, "stays")
            let gone = try scene.account(store, "gone")
            let cards = try [("a", stays), ("b", stays), ("c", gone)].map { try makeCard(scene, store, $0.0, of: $0.1) }
            for (card, account) in zip(cards, [stays, stays, gone]) {
                try store.setPlace(place, of: account, statedBy: card)
            }
            return cards
        }
        try scene.store.write { store in
            for card in [cards[0], cards[2]] { _ = try store.end(card, run: scene.run, reason: .vanished) }
        }
        try scene.store.read { store in
            let found = try store.accounts(at: place, limit: 10).map { try store.accountNumber($0) }
            try expect(found, is: ["stays"], "accounts at the place")
        }
    }

    func placesMove(_ scene: StoreScene) throws {
        let (account, card) = try town(scene)["3"]!
        let there = PlaceKey(community: "新村", building: "2", unit: "1", room: "9")
        try scene.store.write { try $0.setPlace(there, of: account, statedBy: card) }
        try scene.store.read { store in
            try expect(try store.accounts(at: there, limit: 9), is: [account], "the new place")
            let before = PlaceKey(community: "阳光花园", building: "1", unit: "1", room: "101")
            try expect(try store.accounts(at: before, limit: 9), is: [], "the old place")
        }
        try scene.store.write { try $0.setPlace(nil, of: account, statedBy: card) }
        try expect(
            try scene.store.read { try $0.accounts(at: there, limit: 9) }, is: [], "a place that is no longer stated")
    }

    func communitiesSorted(_ scene: StoreScene) throws {
        _ = try town(scene)
        try scene.store.write { store in
            for (number, community) in [("8", "新村"), ("9", "b"), ("10", "B"), ("11", "")] {
                let account = try scene.account(store, number)
                try store.setPlace(
                    PlaceKey(community: community, building: "1", unit: "", room: "1"), of: account,
                    statedBy: try makeCard(scene, store, number, of: account))
            }
        }
        let names = ["阳光花园", "新村", "b", "B"].sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        try expect(try scene.store.read { try $0.communities() }, is: names, "communities")
    }
}
