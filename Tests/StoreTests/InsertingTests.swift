import HearthTesting
import HeatModel
import Records
import SQLiteStore
import Store
import Testing

/// Records and views go into their tables many by one statement: what becomes of each is as if it went alone.
struct InsertingTests {
    /// A store with a run of one stream.
    private struct Scene {
        let folder: TemporaryFolder
        let store: SQLiteStore
        let stream: StreamID
        let run: RunID
        let origin: OriginID

        init() throws {
            folder = try TemporaryFolder()
            store = try SQLiteStore(path: folder.database)
            (stream, run, origin) = try store.write { store in
                let stream = try store.stream(named: "billing.charges", entity: .charge)
                let at = Instant(microseconds: 1_763_200_000_000_000, offsetMinutes: 480)
                let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "1", at: at)
                let origin = try store.beginOrigin(
                    IncomingOrigin(
                        stream: stream, run: run, kind: "file", name: "a.csv", digest: nil, byteCount: nil,
                        isSnapshot: false, columns: ["id"]))
                return (stream, run, origin)
            }
        }

        /// What becomes of records under these keys; each has its place among them for its ordinal.
        func insert(_ keys: [String], first: Int64 = 0) throws -> [RecordID?] {
            let bytes = Array(keys.joined().utf8)
            return try bytes.withUnsafeBytes { bytes in
                var start = 0
                let changes = keys.enumerated().map { index, key in
                    let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + key.utf8.count])
                    start += key.utf8.count
                    return RecordChange.insert(
                        IncomingRecord(
                            stream: stream, key: part, account: nil, rule: .none,
                            hash: ContentHash(1, UInt64(index)), body: part, raw: part, run: run, origin: origin,
                            ordinal: first + Int64(index), isVoided: false))
                }
                return try store.write { try $0.apply(changes) }.map {
                    if case .inserted(let id) = $0 { id } else { nil }
                }
            }
        }

        func record(_ key: String) throws -> StoredRecord? {
            try store.read { store in
                try Array(key.utf8).withUnsafeBytes { try store.record(stream: stream, key: $0) }
            }
        }
    }

    @Test(arguments: [1, 31, 32, 33, 100]) func newRecordsHaveTheIDsThatAreSaid(_ count: Int) throws {
        let scene = try Scene()
        let keys = (0..<count).map { "k\($0)" }
        let ids = try scene.insert(keys)
        #expect(Set(ids.compactMap { $0 }).count == count)
        for (index, key) in keys.enumerated() {
            let record = try scene.record(key)
            #expect(record?.id == ids[index] && record?.provenance.ordinal == Int64(index))
            #expect(record?.body == Array(key.utf8))
        }
    }

    @Test func takenKeysAreToldAmongNewOnes() throws {
        let scene = try Scene()
        let known = try scene.insert(["k3", "k17", "k18", "k39"], first: 1000)
        var keys = (0..<48).map { "k\($0)" }
        // Stands twice in one statement: the first one has it.
        keys[9] = "k7"
        let ids = try scene.insert(keys)
        let taken = [3, 9, 17, 18, 39]
        for (index, key) in keys.enumerated() {
            #expect((ids[index] == nil) == taken.contains(index), "\(key)")
            if let id = ids[index] { #expect(try scene.record(key)?.id == id) }
        }
        #expect(try scene.record("k7")?.provenance.ordinal == 7)
        #expect(try scene.record("k17")?.id == known[1])
        // Keys that are all taken.
        #expect(try scene.insert(Array(keys[10..<42])).allSatisfy { $0 == nil })
    }

    @Test func viewsAnswerTheirTouchesWhateverLiesBetween() throws {
        let scene = try Scene()
        let accounts = try scene.store.write { store in
            try (0..<100).map { number in
                try Array("000000\(10 + number)".utf8).withUnsafeBytes {
                    try store.introduceAccount(number: $0, run: scene.run)
                }
            }
        }
        func touch(_ places: [Int]) throws {
            try scene.store.write { store in
                try store.touch(
                    places.map { TouchedRecords(account: accounts[$0], kinds: .inserted) }, entity: .charge,
                    run: scene.run)
            }
        }
        func put(_ views: [(place: Int, touch: Int64?, text: String)]) throws -> [Bool] {
            try scene.store.write { store in
                try views.map { view in
                    (view.place, view.touch, Array(view.text.utf8))
                }.withBuffers { views in
                    try store.putViews(
                        views.map { IncomingView(account: accounts[$0], touch: $1, body: $2, runs: nil) })
                }
            }
        }
        func touches() throws -> [Int64: Int64] {
            let touched = try scene.store.read { try $0.touchedAccounts(after: nil, limit: 100) }
            return Dictionary(uniqueKeysWithValues: touched.map { ($0.account.number, $0.touch) })
        }
        try touch(Array(0..<100))
        var now = try touches()
        #expect(now.count == 100)
        func touch(of place: Int) -> Int64? { now[accounts[place].number] }
        // All of them but the account at 60: of a part that has no other, and around it.
        for places in [Array(0..<50), Array(50..<60) + Array(61..<100)] {
            #expect(try put(places.map { ($0, touch(of: $0), "{\($0)}") }).allSatisfy { $0 })
        }
        now = try touches()
        #expect(now.count == 1 && touch(of: 60) != nil)
        // Touched again; one has a view of an older touch, one no touch, one is stored whatever was touched.
        try touch([4, 5, 6])
        let old = touch(of: 60)
        now = try touches()
        let stored = try put([
            (4, touch(of: 4), "{4}"), (5, (touch(of: 5) ?? 0) &+ 1, "{other}"), (6, nil, "{six}"), (7, 1, "{seven}"),
            (60, old, "{60}"),
        ])
        #expect(stored == [true, false, true, false, true])
        #expect(try Set(touches().keys) == [accounts[5].number, accounts[6].number])
        for (place, text) in [(4, "{4}"), (5, "{5}"), (6, "{six}"), (7, "{7}"), (60, "{60}"), (99, "{99}")] {
            let view = try scene.store.read { store in
                try Array("000000\(10 + place)".utf8).withUnsafeBytes { try store.view(number: $0) }
            }
            #expect(view?.body == Array(text.utf8))
        }
        // Records that come after views have nothing of them.
        #expect(try scene.insert(["a", "b"]).allSatisfy { $0 != nil })
        #expect(try scene.record("a")?.body == Array("a".utf8))
    }
}

extension [(Int, Int64?, [UInt8])] {
    /// Their texts in one buffer, where they stand still.
    fileprivate func withBuffers<Result>(
        _ body: ([(Int, Int64?, UnsafeRawBufferPointer)]) throws -> Result
    ) rethrows -> Result {
        try flatMap(\.2).withUnsafeBytes { bytes in
            var start = 0
            return try body(
                map { place, touch, text in
                    defer { start += text.count }
                    return (place, touch, UnsafeRawBufferPointer(rebasing: bytes[start..<start + text.count]))
                })
        }
    }
}
