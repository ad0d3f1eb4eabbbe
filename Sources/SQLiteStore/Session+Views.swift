import GRDBSQLite
import Glibc
import HeatModel
import Store
import StoreSQL

extension Session {
    func touchAllAccounts(again: Bool) throws {
        let otherwise = again ? "REPLACE" : "IGNORE"
        try statement("INSERT OR \(otherwise) INTO touched_account(account_id, touch) SELECT id, random() FROM account")
            .run()
    }

    func putViews(
        _ views: [IncomingView], replaced: (_ view: Int, _ before: UnsafeRawBufferPointer) throws -> Void
    ) throws -> [Bool] {
        let subject = try packing.subject(Packing.Subject.views)
        if packing.wantsSamples(subject) {
            try packing.prepare(subject, views.map { (body: $0.body, beside: $0.runs) })
        }
        let answers = try untouch(views)
        let places = views.indices.filter { answers[$0] }
        let wanted = places.map { views[$0] }
        // Behind the last view that is stored there is none to compare with.
        let last = try first(statement("SELECT max(account_id) FROM account_view")) { $0.optionalInt(0) } ?? nil
        var changed: [TouchedRecords] = []
        var rest = wanted[...]
        while let view = rest.first {
            let isNew = view.account.number > last ?? 0
            let rows = rest.prefix(isNew && rest.count >= Self.rowsAtOnce ? Self.rowsAtOnce : 1)
            for index in rows.indices {
                let view = rows[index]
                if try !isNew && isStored(view, otherwise: { try replaced(places[index], $0) }) { continue }
                changed.append(TouchedRecords(account: view.account, kinds: []))
            }
            try put(rows, as: subject)
            rest = rest[rows.endIndex...]
        }
        try appendChanges(changed, entity: nil, run: nil)
        return answers
    }

    /// - Parameter views: one, or ``rowsAtOnce`` that are new.
    private func put(_ views: ArraySlice<IncomingView>, as subject: Packing.Subject) throws {
        let statement = try (views.count == 1 ? putViewStatement : insertViews).get()
        statement.bind(1, try settledMoment())
        var rows = boundRows
        boundRows = BoundRows()
        defer { boundRows = rows }
        rows.removeAll()
        var parameter: Int32 = 2
        for view in views {
            let (number, bytes) = try packing.pack(view.body, view.runs, as: subject)
            statement.bind(parameter, view.account.number).bind(parameter + 1, number)
            rows.append(bytes)
            rows.endRow()
            parameter += 3
        }
        try rows.bytes.withUnsafeBytes { bytes in
            var start = 0
            parameter = 2
            for end in rows.ends {
                statement.bind(parameter + 2, blob: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                start = end
                parameter += 3
            }
            try statement.run()
        }
    }

    /// The statement that inserts so many views; its first parameter is of all of them. `OR FAIL`: see ``insertion(ofRows:)``.
    static func newViews(_ count: Int) -> String {
        let rows = (0..<count).map { "(?\(3 * $0 + 2), ?\(3 * $0 + 3), ?\(3 * $0 + 4), ?1)" }
        return """
            INSERT OR FAIL INTO account_view(account_id, packing_id, packed, settled_us) VALUES \(rows.joined(separator: ", "))
            """
    }

    /// Whether the view's body is the one that is stored. One that cannot be read is another.
    ///
    /// - Parameter otherwise: is given the one that is.
    private func isStored(
        _ view: IncomingView, otherwise: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool {
        try first(packedView.get().bind(1, view.account.number)) {
            try packing.unpacking($0.bytes(1), packing: $0.int(0)) { body, _ in
                let isSame =
                    body.count == view.body.count
                    && (body.isEmpty || memcmp(body.baseAddress!, view.body.baseAddress!, body.count) == 0)
                if !isSame { try otherwise(body) }
                return isSame
            } ?? false
        } ?? false
    }

    /// Takes away the touches that the views answer. False for each whose account has been touched again, or whose view has been built already.
    private func untouch(_ views: [IncomingView]) throws -> [Bool] {
        let waiting = views.filter { $0.touch != nil }.map(\.account.number)
        guard let first = waiting.first, let last = waiting.last else { return views.map { _ in true } }
        guard last - first < Int64(waiting.count) * 4 else {
            return try views.map { view in try view.touch.map { try untouch(view.account, $0) } ?? true }
        }
        // Those that lie close together are asked for at once, and mostly taken away at once.
        let present = try rows(touchesBetween.get().bind(1, first).bind(2, last)) { ($0.int(0), $0.int(1)) }
        var (next, answered) = (0, 0)
        let answers = views.map { view in
            guard let touch = view.touch else { return true }
            while next < present.count, present[next].0 < view.account.number { next += 1 }
            guard next < present.count, present[next] == (view.account.number, touch) else { return false }
            answered += 1
            return true
        }
        if answered == present.count {
            try untouchBetween.get().bind(1, first).bind(2, last).run()
        } else {
            for (view, isAnswer) in zip(views, answers) where isAnswer {
                if let touch = view.touch { _ = try untouch(view.account, touch) }
            }
        }
        return answers
    }

    private func untouch(_ account: AccountID, _ touch: Int64) throws -> Bool {
        let before = sqlite3_total_changes64(connection)
        try untouchStatement.get().bind(1, account.number).bind(2, touch).run()
        return sqlite3_total_changes64(connection) != before
    }
}
