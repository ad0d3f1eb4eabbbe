import Glibc
import HeatModel
import Store
import StoreSQL

extension Session {
    private static var putTouches: String { "ON CONFLICT (account_id) DO UPDATE SET touch = excluded.touch" }

    func touch(_ accounts: [TouchedRecords], entity: EntityKind, run: RunID) throws {
        if !accounts.isEmpty {
            let touch = try statement(
                """
                INSERT INTO touched_account(account_id, touch) SELECT account, nextval('touch') FROM unnest(?1) AS account
                \(Self.putTouches)
                """)
            try touch.bind(1, .numbers(accounts.map(\.account.number))).run()
        }
        try appendChanges(accounts.filter { !$0.kinds.isEmpty }, entity: entity, run: run)
    }

    func touchAllAccounts(again: Bool) throws {
        let present = again ? Self.putTouches : "ON CONFLICT DO NOTHING"
        try statement(
            "INSERT INTO touched_account(account_id, touch) SELECT id, nextval('touch') FROM account \(present)"
        ).run()
    }

    func putViews(
        _ views: [IncomingView], replaced: (_ view: Int, _ before: UnsafeRawBufferPointer) throws -> Void
    ) throws -> [Bool] {
        if views.isEmpty { return [] }
        let subject = try packing.subject(Packing.Subject.views)
        if packing.wantsSamples(subject) {
            try packing.prepare(subject, views.map { (body: $0.body, beside: $0.runs) })
        }
        let answers = try untouch(views)
        let places = views.indices.filter { answers[$0] }
        if places.isEmpty { return answers }
        // Behind the last view that is stored there is none to compare with, or to take the place of.
        let last = try first(statement("SELECT max(account_id) FROM account_view")) { $0.optionalInt(0) } ?? nil
        var seen: Set<AccountID> = []
        let isNew = places.map { views[$0].account.number > last ?? 0 && seen.insert(views[$0].account).inserted }
        let new = zip(places, isNew).filter(\.1).map(\.0)
        let old = zip(places, isNew).filter { !$0.1 }.map(\.0)
        let settled = try settledMoment()
        try insert(new.map { views[$0] }, as: subject, settled)
        let unchanged = try compare(views, old, replaced)
        try replace(old.map { views[$0] }, as: subject, settled)
        let changed = places.filter { !unchanged.contains($0) }.map {
            TouchedRecords(account: views[$0].account, kinds: [])
        }
        try appendChanges(changed, entity: nil, run: nil)
        if let last = views.last?.account, views.contains(where: { $0.touch != nil }) { try noteViewed(after: last) }
        return answers
    }

    /// Notes the last run that has ended as the one that views show, where no account waits for its view; with a run's end a trigger does
    /// (``Schema``).
    ///
    /// - Parameter account: views up to it have just been stored. Accounts that wait stand behind it, mostly; before it stand as many
    ///   rows that are deleted, which are looked through only where none does.
    func noteViewed(after account: AccountID? = nil) throws {
        let note = try statement(
            """
            UPDATE committed c SET number = r.id FROM (SELECT max(id) AS id FROM run WHERE ended_us IS NOT NULL) r
            WHERE c.slot = \(Self.viewed) AND c.number < r.id
                AND (?1 IS NULL OR NOT EXISTS (SELECT 1 FROM touched_account WHERE account_id > ?1))
                AND NOT EXISTS (SELECT 1 FROM touched_account)
            """)
        try note.bind(1, account?.number).run()
    }

    /// Stores views of accounts that have none. The server takes the first while the next are being packed.
    private func insert(_ views: [IncomingView], as subject: Packing.Subject, _ settled: Int64?) throws {
        if views.isEmpty { return }
        try connection.copy(into: "account_view(account_id, packing_id, packed, settled_us)") { add in
            for view in views {
                let (number, bytes) = try packing.pack(view.body, view.runs, as: subject)
                add { row in
                    row.begin(fields: 4)
                    row.append(view.account.number)
                    row.append(number)
                    row.append(bytes)
                    row.append(settled)
                }
            }
        }
    }

    /// Stores views, whether their accounts have one or not.
    private func replace(_ views: [IncomingView], as subject: Packing.Subject, _ settled: Int64?) throws {
        if views.isEmpty { return }
        var (accounts, packings) = (ListParameter(.integers), ListParameter(.integers))
        var packed = ListParameter(.byteStrings)
        for view in views {
            let (number, bytes) = try packing.pack(view.body, view.runs, as: subject)
            accounts.append(view.account.number)
            packings.append(number)
            packed.append(bytes)
        }
        let put = try statement(
            """
            INSERT INTO account_view(account_id, packing_id, packed, settled_us)
            SELECT v.account_id, v.packing_id, v.packed, ?4 FROM unnest(?1, ?2, ?3) AS v(account_id, packing_id, packed)
            ON CONFLICT (account_id) DO UPDATE SET packing_id = excluded.packing_id, packed = excluded.packed,
                settled_us = excluded.settled_us
            """)
        try put.bind(1, accounts).bind(2, packings).bind(3, packed).bind(4, settled).run()
    }

    /// The places of views whose body is the one that is stored; of the others `replaced` is told. One that cannot be read is another.
    private func compare(
        _ views: [IncomingView], _ places: [Int],
        _ replaced: (_ view: Int, _ before: UnsafeRawBufferPointer) throws -> Void
    ) throws -> Set<Int> {
        if places.isEmpty { return [] }
        let known = try statement(
            """
            SELECT w.n, v.packing_id, v.packed FROM unnest(?1) WITH ORDINALITY AS w(account_id, n),
                \(Self.each("account_view", "account_id = w.account_id")) v ORDER BY w.n
            """)
        known.bind(1, .numbers(places.map { views[$0].account.number }))
        defer { known.reset() }
        var same: Set<Int> = []
        while try known.step() {
            let place = places[Int(known.int(0)) - 1]
            let body = views[place].body
            _ = try packing.unpacking(known.bytes(2), packing: known.int(1)) { before, _ in
                let isSame =
                    before.count == body.count
                    && (body.isEmpty || memcmp(before.baseAddress!, body.baseAddress!, body.count) == 0)
                if isSame { same.insert(place) } else { try replaced(place, before) }
            }
        }
        return same
    }

    /// Takes away the touches that the views answer. False for each whose account has been touched again, or whose view has been built already.
    private func untouch(_ views: [IncomingView]) throws -> [Bool] {
        let waiting = views.filter { $0.touch != nil }
        if waiting.isEmpty { return views.map { _ in true } }
        let untouch = try statement(
            """
            DELETE FROM touched_account t USING unnest(?1, ?2) AS v(account_id, touch)
            WHERE t.account_id = v.account_id AND t.touch = v.touch RETURNING t.account_id
            """)
        untouch.bind(1, .numbers(waiting.map(\.account.number))).bind(2, .numbers(waiting.map { $0.touch ?? 0 }))
        let answered = Set(try rows(untouch) { $0.int(0) })
        return views.map { $0.touch == nil || answered.contains($0.account.number) }
    }
}
