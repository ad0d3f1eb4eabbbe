import HearthTesting
import HeatModel
import Records
import Testing

@testable import Mapping

/// Keys that name where a row stands.
@Suite struct KeyPositionTests {
    static let columns = ["no", "day", "amount"]

    private func plan(_ key: String, columns: [String] = Self.columns) throws -> MappingPlan {
        let yaml = """
            entity: payment
            from: a.r
            key: \(key)
            account: {column: no, as: text, introduces: true}
            fields:
              amount: {column: amount, as: money(yuan), required: true}
            """
        return try MappingPlan(Bench.file(yaml), columns: columns)
    }

    private func file(
        _ rows: [[String?]], from: Int = 1, name: String = "a.csv", isSnapshot: Bool = true,
        digest: String = "0123456789abcdef"
    )
        -> RawBatch
    {
        var batch = Bench.batch(Self.columns, rows)
        batch.origin = Origin(kind: .file, name: name, digest: digest, isSnapshot: isSnapshot)
        batch.ordinals = batch.ordinals.map { $0 + Int64(from) }
        return batch
    }

    private func keys(_ batch: CanonicalBatch) -> [String] {
        let all =
            batch.records.map { ($0.ordinal, batch.text($0.key) ?? "") }
            + batch.rejects.map { ($0.ordinal, $0.key ?? "") }
        return all.sorted { $0.0 < $1.0 }.map { $0.1.replacing("\u{1F}", with: "|") }
    }

    static let rows: [[String?]] = [
        ["1", "7-2", "1200"], ["2", "7-2", "1200"], ["1", "7-2", "1200"], ["1", "7-2", "x"], ["1", "7-2", "1200"],
        ["1", "7-2", "x"],
        ["1", "7-3", "1200"], ["2", "7-2", "1200"],
    ]
    static let numbered = [
        "1|7-2|1200|0", "2|7-2|1200|0", "1|7-2|1200|1", "1|7-2|x|0", "1|7-2|1200|2", "1|7-2|x|1", "1|7-3|1200|0",
        "2|7-2|1200|1",
    ]

    @Test func equalRowsAreCounted() throws {
        let mapped = try plan("[no, day, amount, occurrence]").map(file(Self.rows))
        #expect(keys(mapped) == Self.numbered)
        #expect(mapped.rejects.count == 2)
        // What is alike is told by the key's other columns, wherever the word stands among them.
        let byDay = try plan("[no, occurrence, day]").map(file(Self.rows))
        #expect(
            keys(byDay) == ["1|0|7-2", "2|0|7-2", "1|1|7-2", "1|2|7-2", "1|3|7-2", "1|4|7-2", "1|0|7-3", "2|1|7-2"])
    }

    @Test func previewsShowTheKeyThatARowGets() throws {
        let plan = try plan("[no, day, amount, occurrence]")
        let batch = file(Self.rows)
        let previews = Self.rows.indices.map { plan.preview(batch, row: $0).key?.replacing("\u{1F}", with: "|") }
        #expect(previews == Self.numbered)
        #expect(try self.plan("[line]").preview(batch, row: 3).key == "5")
    }

    @Test func countsDoNotDependOnBatches() throws {
        let plan = try plan("[no, day, amount, occurrence]")
        var random = SeededGenerator(seed: 24)
        for _ in 0..<60 {
            let rows = (0..<80).map { _ -> [String?] in
                [
                    "\(random.next() % 3)", random.next() % 4 == 0 ? nil : "\(random.next() % 2)",
                    ["1", "2", "x", ""][Int(random.next() % 4)],
                ]
            }
            let whole = plan.map(file(rows))
            var counts: [[String?]: Int] = [:]
            let expected = rows.map { row -> String in
                defer { counts[row, default: 0] += 1 }
                if row.contains(nil) { return "" }
                return row.map { $0 ?? "" }.joined(separator: "|") + "|\(counts[row, default: 0])"
            }
            #expect(keys(whole) == expected)
            // The same file in pieces, after another file, and again after its own end.
            var positions = RowPositions()
            _ = try plan.map(file(rows, name: "before.csv"), positions: &positions)
            for _ in 0..<2 {
                var found: [String] = []
                var start = 0
                while start < rows.count {
                    let end = min(rows.count, start + 1 + Int(random.next() % 20))
                    var piece = file(Array(rows[start..<end]), from: start + 1)
                    piece.endsOrigin = end == rows.count
                    found += keys(try plan.map(piece, positions: &positions))
                    start = end
                }
                #expect(found == expected)
            }
        }
    }

    @Test func linesAreKeys() throws {
        let plan = try plan("[line]")
        #expect(keys(try plan.map(file([["1", "d", "5"], ["1", "d", "5"], ["1", "d", "x"]]))) == ["2", "3", "4"])
        // Of several files of changes each has a line 2: the file's digest tells them apart.
        var positions = RowPositions()
        let first = try plan.map(file([["1", "d", "5"]], isSnapshot: false), positions: &positions)
        let second = try plan.map(
            file([["1", "d", "5"]], isSnapshot: false, digest: "fedcba9876543210"), positions: &positions)
        #expect(keys(first) + keys(second) == ["0123456789ab:2", "fedcba987654:2"])
        #expect(keys(try self.plan("[no, line]").map(file([["7", "d", "5"]]))) == ["7|2"])
    }

    @Test func rowsTakenAgainKeepTheirKey() throws {
        let batch = file(Self.rows)
        for key in ["[no, day, amount, occurrence]", "[no, line]", "[line]", "[occurrence, no, day]"] {
            let plan = try plan(key)
            let mapped = plan.map(batch)
            let taken = mapped.records.map { (mapped.bytes($0.key), Array(mapped.bytes($0.raw)), $0.ordinal) }
            let refused = mapped.rejects.map { (Array(($0.key ?? "").utf8)[...], $0.raw, $0.ordinal) }
            var positions = RowPositions()
            for (key, raw, ordinal) in taken + refused {
                let again = try #require(
                    RawRecord.batch(
                        raw, columns: Self.columns, origin: Origin(kind: .envelope, name: "q", isSnapshot: false),
                        ordinal: ordinal))
                let replayed = try #require(plan.mapAgain(again, key: Array(key)))
                #expect(keys(replayed) == [String(decoding: key, as: UTF8.self).replacing("\u{1F}", with: "|")])
                let remapped = plan.mapAgain(again, key: Array(key), readsSnapshot: true, positions: &positions) { _ in
                    Issue.record("a key that stays is not looked for")
                    return false
                }
                #expect(keys(remapped) == keys(replayed))
            }
        }
    }

    @Test func recordsWithoutANumberGetOneThatIsFree() throws {
        let plan = try plan("[no, day, amount, occurrence]")
        let origin = Origin(kind: .table, name: "t", digest: "d", isSnapshot: false)
        func row(_ values: [String]) throws -> RawBatch {
            try #require(
                RawRecord.batch(
                    RawRecord.encode(values.map { Array($0.utf8) }), columns: Self.columns, origin: origin, ordinal: 4))
        }
        var taken: Set<String> = ["1|d|5|0"]
        var positions = RowPositions()
        var found: [String] = []
        for old in ["7", "8", "9"] {
            let mapped = plan.mapAgain(
                try row(["1", "d", "5"]), key: Array(old.utf8), readsSnapshot: true, positions: &positions
            ) {
                taken.contains(String(decoding: $0, as: UTF8.self).replacing("\u{1F}", with: "|"))
            }
            found += keys(mapped)
            taken.formUnion(keys(mapped))
        }
        #expect(found == ["1|d|5|1", "1|d|5|2", "1|d|5|3"])
        // A row of quarantine without a number is one of several: nobody can say which.
        #expect(plan.mapAgain(try row(["1", "d", "5"]), key: Array("1\u{1F}d\u{1F}5".utf8)) == nil)
        #expect(plan.mapAgain(try row(["1", "d", "5"]), key: nil) == nil)
        // Where another column of the key says something else by now, the number is of other rows.
        #expect(plan.mapAgain(try row(["1", "d", "5"]), key: Array("1\u{1F}e\u{1F}5\u{1F}0".utf8)) == nil)
        #expect(plan.mapAgain(try row(["1", "d", "5"]), key: Array("1\u{1F}d\u{1F}5\u{1F}x".utf8)) == nil)
    }

    @Test func aPlaceIsAskedOfFilesOnly() throws {
        let changes = Origin(kind: .table, name: "public.pay", isSnapshot: false)
        let whole = Origin(kind: .table, name: "public.pay", isSnapshot: true)
        let envelope = Origin(kind: .envelope, name: "getPay 1", isSnapshot: false)
        for (key, origin, isRefused) in [
            ("[line]", changes, true), ("[line]", whole, true), ("[line]", envelope, true),
            ("[no, day, occurrence]", changes, true),
            ("[no, day, occurrence]", envelope, true), ("[no, day, occurrence]", whole, false),
            ("[no]", changes, false),
        ] {
            var batch = Bench.batch(Self.columns, [["1", "d", "5"]])
            batch.origin = origin
            var positions = RowPositions()
            let plan = try plan(key)
            do {
                _ = try plan.map(batch, positions: &positions)
                #expect(!isRefused, "\(key) \(origin.kind)")
            } catch let error as HearthError {
                #expect(
                    isRefused && error.code.name == "config.positionalKey" && error.advice != nil,
                    "\(key) \(origin.kind)")
                guard case .file(_, 3, _)? = error.place else {
                    Issue.record("\(String(describing: error.place))")
                    return
                }
            }
        }
    }

    @Test func aColumnOfThatNameGoesBefore() throws {
        let columns = ["no", "line", "amount"]
        var batch = Bench.batch(columns, [["1", "a7", "5"]])
        batch.origin = Origin(kind: .table, name: "t", isSnapshot: false)
        var positions = RowPositions()
        #expect(keys(try plan("[no, line]", columns: columns).map(batch, positions: &positions)) == ["1|a7"])
        // A column that was renamed does not turn into another key unseen.
        let error = #expect(throws: HearthError.self) {
            try self.plan("[no, line]", columns: ["no", "LINE", "amount"])
        }
        #expect(error?.code.name == "config.unknownColumn")
        #expect(throws: HearthError.self) { try self.plan("[occurrence]") }
        let file = try Bench.file(
            "entity: payment\nfrom: a.r\nkey: [no, occurrence]\naccount: {column: no}\nfields: {}")
        #expect(file.referencedColumns == ["no"])
    }
}
