import HeatModel
import Store
import StoreSQL

/// Batches go to the server as arrays, a few statements for all of their rows.
extension Session {
    func lookUp(stream: StreamID, keys: [UnsafeRawBufferPointer]) throws -> [CurrentRecord?] {
        if keys.isEmpty { return [] }
        var list = ListParameter(.byteStrings)
        for key in keys { list.append(key) }
        let known = try statement(
            """
            SELECT w.n, r.id, r.hash, r.account_id, r.run_id FROM unnest(?2) WITH ORDINALITY AS w(key, n),
                \(Self.each("record", "stream_id = ?1 AND key = w.key")) r
            """)
        var found = [CurrentRecord?](repeating: nil, count: keys.count)
        known.bind(1, stream.number).bind(2, list)
        defer { known.reset() }
        while try known.step() {
            found[Int(known.int(0)) - 1] = CurrentRecord(
                id: RecordID(known.int(1)), hash: ContentHash(stored: known.bytes(2)),
                account: known.optionalInt(3).map { AccountID($0) }, run: RunID(known.int(4)))
        }
        return found
    }

    func forEachRecord(of accounts: [AccountID], _ body: (Int, RecordSlice) -> Void) throws {
        if accounts.isEmpty { return }
        let statement = try statement(
            """
            SELECT r.stream_id, r.key, r.packing_id, r.packed, r.run_id, r.id, w.n FROM unnest(?1) WITH ORDINALITY AS w(account, n),
                \(Self.each("record", "account_id = w.account AND voided = 0")) r ORDER BY w.n
            """)
        statement.bind(1, .numbers(accounts.map(\.number)))
        defer { statement.reset() }
        try withAccountRows { rows in
            rows.removeAll()
            var place: Int?
            while try statement.step() {
                let next = Int(statement.int(6)) - 1
                if let ended = place, ended != next {
                    rows.forEach { body(ended, $0) }
                    rows.removeAll()
                }
                place = next
                try take(statement, into: &rows)
            }
            if let place { rows.forEach { body(place, $0) } }
        }
    }

    func apply(_ changes: [RecordChange]) throws -> [AppliedChange] {
        try preparePacking(of: changes)
        var applied = [AppliedChange](repeating: .keyTaken, count: changes.count)
        var start = 0
        while start < changes.count {
            let end = endOfPart(changes, from: start)
            try applyPart(changes, start..<end, &applied)
            start = end
        }
        return applied
    }

    /// Changes whose order does not matter: no record stands twice among them, and none ends beside one that comes, whose key may be its.
    private func endOfPart(_ changes: [RecordChange], from start: Int) -> Int {
        var ids: Set<RecordID> = []
        var ends: Bool?
        for index in start..<changes.count {
            let (id, isEnd): (RecordID?, Bool) =
                switch changes[index] {
                case .insert: (nil, false)
                case .supersede(let id, _): (id, false)
                case .end(let id, _, _): (id, true)
                }
            if ends ?? isEnd != isEnd { return index }
            if let id, !ids.insert(id).inserted { return index }
            ends = isEnd
        }
        return changes.count
    }

    private func applyPart(_ changes: [RecordChange], _ part: Range<Int>, _ applied: inout [AppliedChange]) throws {
        var (new, replaced): ([(Int, IncomingRecord)], [(Int, RecordID, IncomingRecord)]) = ([], [])
        var ended: [(Int, RecordID, RunID, EndReason)] = []
        for index in part {
            switch changes[index] {
            case .insert(let record): new.append((index, record))
            case .supersede(let id, let record): replaced.append((index, id, record))
            case .end(let id, let run, let reason): ended.append((index, id, run, reason))
            }
        }
        var statements = Statements()
        if !new.isEmpty {
            for (place, id) in zip(new, try insert(new.map(\.1))) {
                guard let id else { continue }
                applied[place.0] = .inserted(id)
                statements.note(place.1, statedBy: id, isNew: true)
            }
        }
        if !replaced.isEmpty {
            let before = try moveToHistory(replaced.map { ($0.1, $0.2.run, .changed) })
            try update(replaced.map { ($0.1, $0.2) })
            for (index, id, record) in replaced {
                applied[index] = .superseded(before: before[id]?.body ?? [])
                statements.note(record, statedBy: id, isNew: false)
            }
        }
        if !ended.isEmpty {
            let before = try moveToHistory(ended.map { ($0.1, $0.2, $0.3) })
            let ids = ListParameter.numbers(ended.map(\.1.number))
            for (table, key) in [("record", "id"), ("place", "record_id"), ("crosswalk", "record_id")] {
                try statement("DELETE FROM \(table) WHERE \(key) = ANY(?1)").bind(1, ids).run()
            }
            for (index, id, _, _) in ended {
                applied[index] = .ended(account: before[id]?.account, body: before[id]?.body ?? [])
            }
        }
        try put(statements)
    }

    /// The columns of records, each an array.
    private struct Columns {
        var streams = ListParameter(.integers)
        var keys = ListParameter(.byteStrings)
        var accounts = ListParameter(.integers)
        var rules = ListParameter(.integers)
        var voided = ListParameter(.integers)
        var runs = ListParameter(.integers)
        var origins = ListParameter(.integers)
        var ordinals = ListParameter(.integers)
        var hashes = ListParameter(.byteStrings)
        var packings = ListParameter(.integers)
        var packed = ListParameter(.byteStrings)

        mutating func append(_ record: IncomingRecord, _ packing: Packing) throws {
            streams.append(record.stream.number)
            keys.append(record.key)
            accounts.append(record.account?.number)
            rules.append(Int64(record.rule.rawValue))
            voided.append(record.isVoided ? 1 : 0)
            runs.append(record.run.number)
            origins.append(record.origin.number)
            ordinals.append(record.ordinal)
            record.withHash { hashes.append($0) }
            let (number, bytes) = try packing.pack(
                record.body, record.raw, as: packing.subject(record.stream.number))
            packings.append(number)
            packed.append(bytes)
        }

        func bind(to statement: Statement) {
            statement.bind(2, streams).bind(3, keys).bind(4, accounts).bind(5, rules).bind(6, voided).bind(7, runs)
            statement.bind(8, origins).bind(9, ordinals).bind(10, hashes).bind(11, packings).bind(12, packed)
        }

        static let names =
            "stream_id, key, account_id, rule, voided, run_id, origin_id, ordinal, hash, packing_id, packed"
    }

    /// Nil for each whose key is taken.
    ///
    /// The unique index says so at no cost where none is, as in a first sync: only where it refuses are the keys looked for one by one.
    private func insert(_ records: [IncomingRecord]) throws -> [RecordID?] {
        let allAreFree = [Bool](repeating: true, count: records.count)
        try connection.execute("SAVEPOINT new_records")
        do {
            let ids = try insert(records, where: allAreFree)
            try connection.execute("RELEASE SAVEPOINT new_records")
            return ids
        } catch let error as HearthError where (error.cause as? Failure.ServerMessage)?.state == Failure.uniqueViolation
        {
            try connection.execute("ROLLBACK TO SAVEPOINT new_records; RELEASE SAVEPOINT new_records")
        }
        // Nobody else writes meanwhile (``beginWriting()``): what is free now stays so.
        let isFree = try freeKeys(of: records)
        return isFree.contains(true) ? try insert(records, where: isFree) : records.map { _ in nil }
    }

    private func insert(_ records: [IncomingRecord], where isFree: [Bool]) throws -> [RecordID?] {
        let count = Int64(isFree.count { $0 })
        var ids = [RecordID?](repeating: nil, count: records.count)
        // Writers come one after the other, so that the numbers up to the one that is set here are this one's.
        let last =
            try first(
                statement("SELECT setval('record_number', nextval('record_number') + ?1 - 1)").bind(1, count)
            ) { $0.int(0) } ?? 0
        // One that is not known yet is looked for in the store.
        let subjects = try records.map { try packing.subject($0.stream.number) }
        var id = last - count
        try connection.copy(into: "record(id, \(Columns.names))") { add in
            for (place, record) in records.enumerated() where isFree[place] {
                id += 1
                ids[place] = RecordID(id)
                let (number, bytes) = try packing.pack(record.body, record.raw, as: subjects[place])
                add { row in
                    row.begin(fields: 12)
                    row.append(id)
                    row.append(record.stream.number)
                    row.append(record.key)
                    row.append(record.account?.number)
                    row.append(small: Int16(record.rule.rawValue))
                    row.append(small: record.isVoided ? 1 : 0)
                    row.append(record.run.number)
                    row.append(record.origin.number)
                    row.append(record.ordinal)
                    record.withHash { row.append($0) }
                    row.append(number)
                    row.append(bytes)
                }
            }
        }
        return ids
    }

    /// Whether no record has the key, and none before it among these.
    private func freeKeys(of records: [IncomingRecord]) throws -> [Bool] {
        var isFree = [Bool](repeating: false, count: records.count)
        for (stream, places) in Dictionary(grouping: records.indices, by: { records[$0].stream }) {
            let known = try lookUp(stream: stream, keys: places.map { records[$0].key })
            var seen: Set<[UInt8]> = []
            for (place, found) in zip(places, known) where found == nil {
                isFree[place] = seen.insert(Array(records[place].key)).inserted
            }
        }
        return isFree
    }

    private func update(_ records: [(id: RecordID, record: IncomingRecord)]) throws {
        var columns = Columns()
        for (_, record) in records { try columns.append(record, packing) }
        let update = try statement(
            """
            UPDATE record r SET account_id = v.account_id, rule = v.rule, voided = v.voided, run_id = v.run_id,
                origin_id = v.origin_id, ordinal = v.ordinal, hash = v.hash, packing_id = v.packing_id, packed = v.packed
            FROM unnest(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) AS v(id, \(Columns.names)) WHERE r.id = v.id
            """)
        update.bind(1, .numbers(records.map(\.id.number)))
        columns.bind(to: update)
        try update.run()
    }

    /// Copies versions into the history, with who ended them and why, and returns what they say.
    private func moveToHistory(
        _ versions: [(id: RecordID, run: RunID, reason: EndReason)]
    ) throws -> [RecordID: (account: AccountID?, body: [UInt8])] {
        let move = try statement(
            """
            INSERT INTO record_history(record_id, \(Columns.names), ended_run_id, ended_reason)
            SELECT r.id, \(Columns.names.split(separator: ", ").map { "r.\($0)" }.joined(separator: ", ")), w.run, w.reason
            FROM unnest(?1, ?2, ?3) WITH ORDINALITY AS w(id, run, reason, n), \(Self.each("record", "id = w.id")) r ORDER BY w.n
            RETURNING record_id, account_id, packing_id, packed
            """)
        move.bind(1, .numbers(versions.map(\.id.number))).bind(2, .numbers(versions.map(\.run.number)))
        move.bind(3, .texts(versions.map(\.reason.rawValue)))
        var found: [RecordID: (account: AccountID?, body: [UInt8])] = [:]
        for (id, account, body) in try rows(
            move,
            { row in
                (
                    RecordID(row.int(0)), row.optionalInt(1).map { AccountID($0) },
                    try unpacking(row, 2, "record", row.int(0)) { body, _ in Array(body) }
                )
            })
        { found[id] = (account, body) }
        if let missing = versions.first(where: { found[$0.id] == nil }) {
            throw HearthError(.storeFailed, "record \(missing.id) is not in the store", at: .address("store"))
        }
        return found
    }
}

extension IncomingRecord {
    /// Hands out the hash as a row keeps it.
    fileprivate func withHash(_ body: (UnsafeRawBufferPointer) -> Void) {
        let pair = (hash.high.bigEndian, hash.low.bigEndian)
        withUnsafeBytes(of: pair, body)
    }
}
