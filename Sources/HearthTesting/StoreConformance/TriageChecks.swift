import HeatModel
import Store

extension StoreConformance {
    func outagesByPlace(_ scene: StoreScene) throws {
        let building = OutagePlace(level: .building, name: "A\u{1F}3")
        let station = OutagePlace(level: .station, name: "A\u{1F}3")
        func note(_ key: String, _ place: OutagePlace, _ minute: Int64?, stream: StreamID? = nil) throws {
            try scene.store.write { store in
                try key.withBytes {
                    try store.noteOutage(
                        stream: stream ?? scene.orders, key: $0, at: place,
                        endsAt: minute.map { StoreScene.instant($0) })
                }
            }
        }
        func found(_ places: [OutagePlace], since minute: Int64?) throws -> [String] {
            try scene.store.read { store in
                try store.outages(at: places, openSince: minute.map { StoreScene.instant($0) }).map {
                    ($0.stream == scene.orders ? "" : "other ") + $0.key.text
                }
            }
        }
        try note("2", building, nil)
        try note("1", building, 10)
        try note("1", station, 10)
        try note("3", station, nil, stream: scene.charges)
        try expect(try found([building], since: nil), is: ["1", "2"], "records that named a building")
        try expect(try found([station], since: nil), is: ["other 3", "1"], "records that named a station")
        try expect(
            try found([building, station], since: nil), is: ["other 3", "1", "2"],
            "records that named one of two places")
        try expect(try found([building], since: 9), is: ["1", "2"], "records before their end")
        try expect(try found([building], since: 10), is: ["2"], "records at an end")
        try note("2", building, 5)
        try note("1", building, nil)
        try expect(try found([building], since: 10), is: ["1"], "records whose end was put right")
        try expect(try found([building], since: nil), is: ["1", "2"], "records that ended")
        try expect(try found([], since: nil), is: [], "records of no place")
    }

    private func house(_ building: String, station: String = "S1") -> PeerBuilding {
        PeerBuilding(company: "A", station: station, community: "阳光花园", building: building)
    }

    private func orders(_ moments: Int64...) -> [OpenOrder] {
        moments.map { OpenOrder(kind: "noHeat", createdAt: $0) }
    }

    func openOrdersCounted(_ scene: StoreScene) throws {
        let accounts = try scene.store.write { store in
            let accounts = try ["1", "2", "3", "4"].map { try scene.account(store, $0) }
            try store.putOpenOrders([
                OpenOrders(account: accounts[0], house: house("1"), orders: orders(10, 20)),
                OpenOrders(account: accounts[1], house: house("1"), orders: orders(30)),
                OpenOrders(account: accounts[2], house: house("2"), orders: orders(40)),
                OpenOrders(
                    account: accounts[3], house: house("2", station: "S2"),
                    orders: [OpenOrder(kind: "leak", createdAt: 50)]),
            ])
            return accounts
        }
        func count(
            _ level: CohortLevel, _ building: String, _ kinds: [String] = ["noHeat"],
            _ created: ClosedRange<Int64> = 0...100, besides: AccountID? = nil
        ) throws -> [Int64?] {
            let found = try scene.store.read {
                try $0.openOrderCount(
                    level, like: house(building), kinds: kinds, created: created, besides: besides)
            }
            return [Int64(found.accounts), found.first, found.last]
        }
        try expect(try count(.building, "1"), is: [2, 10, 30], "a building's households")
        try expect(try count(.building, "1", besides: accounts[0]), is: [1, 30, 30], "a building's other households")
        try expect(try count(.building, "1", ["noHeat"], 20...30), is: [2, 20, 30], "orders within a time")
        try expect(try count(.building, "1", ["noHeat"], 31...40), is: [0, nil, nil], "orders of another time")
        try expect(try count(.building, "2", ["leak", "noHeat"]), is: [2, 40, 50], "orders of two kinds")
        try expect(try count(.building, "2"), is: [1, 40, 40], "orders of one kind")
        try expect(try count(.building, "2", []), is: [0, nil, nil], "orders of no kind")
        try expect(try count(.station, "1"), is: [3, 10, 40], "a station's households")
        try expect(try count(.community, "9", ["noHeat", "leak"]), is: [4, 10, 50], "a community's households")
        try expect(try count(.building, ""), is: [0, nil, nil], "households of a building without a name")
        try expect(try scene.store.read { try $0.accountsWithOpenOrders() }, is: 4, "households with open orders")
    }

    func openOrdersReplaced(_ scene: StoreScene) throws {
        let accounts = try scene.store.write { store in try ["1", "2", "3"].map { try scene.account(store, $0) } }
        func put(_ rows: [OpenOrders]) throws { try scene.store.write { try $0.putOpenOrders(rows) } }
        func held(_ account: AccountID) throws -> OpenOrders? {
            try scene.store.read { try $0.openOrders(of: account) }
        }
        let first = OpenOrders(account: accounts[0], house: house("1"), orders: orders(10, 20))
        let second = OpenOrders(account: accounts[1], house: house("1"), orders: orders(30))
        try put([first, second, OpenOrders(account: accounts[2], house: nil, orders: orders(5))])
        try expect(try held(accounts[0]), is: first, "orders as they were put")
        try expect(try held(accounts[2]), is: nil, "orders of an account without a place")
        let moved = OpenOrders(account: accounts[1], house: house("2"), orders: orders(30))
        try put([OpenOrders(account: accounts[0], house: house("1"), orders: []), moved])
        try expect(try held(accounts[0]), is: nil, "orders that are done")
        try expect(try held(accounts[1]), is: moved, "orders of an account that moved")
        try expect(try scene.store.read { try $0.accountsWithOpenOrders() }, is: 1, "households with open orders")
        try put([])
        try expect(try held(accounts[1]), is: moved, "orders where none are put")
    }
}
