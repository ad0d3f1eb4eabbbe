package import HeatModel
package import Store

/// The change feed is kept a commit a row, its accounts packed: about a byte an entry where a commit changes many accounts.
///
/// An entry is the difference to the account before it, shifted by the three bits of its kinds (LEB128).
extension SQLSession {
    // MARK: Writing

    /// - Parameter entity: nil for views.
    package func appendChanges(_ accounts: [TouchedRecords], entity: EntityKind?, run: RunID?) throws {
        guard let low = accounts.first?.account.number, let high = accounts.last?.account.number else { return }
        var body: [UInt8] = []
        body.reserveCapacity(accounts.count * 2)
        var before: Int64 = 0
        for entry in accounts {
            if entry.account.number <= before {
                throw HearthError(
                    .storeFailed, "changed accounts are not in their order", at: .address("store"))
            }
            LEB128.append(UInt64(entry.account.number - before) << 3 | UInt64(entry.kinds.rawValue), to: &body)
            before = entry.account.number
        }
        let put = try statement(
            "INSERT INTO change_batch(first, count, run_id, entity, low, high, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        )
        put.bind(1, try nextChange()).bind(2, Int64(accounts.count))
        put.bind(3, run?.number).bind(4, entity?.rawValue).bind(5, low).bind(6, high)
        try body.withUnsafeBytes { try put.bind(7, blob: $0).run() }
    }

    private func nextChange() throws -> Int64 {
        try first(statement("SELECT first + count FROM change_batch ORDER BY first DESC LIMIT 1")) { $0.int(0) } ?? 1
    }

    package func trimChanges(keeping kept: Int64) throws {
        // The last row stays: the next position is known by it.
        let sql = "DELETE FROM change_batch WHERE first + count <= ?1 AND first < (SELECT max(first) FROM change_batch)"
        try statement(sql).bind(1, try nextChange() - max(kept, 0)).run()
    }

    // MARK: Reading

    package func lastChange() throws -> ChangePosition { ChangePosition(try nextChange() - 1) }

    package func changes(after position: ChangePosition, limit: Int) throws -> [AccountChange] {
        try changes(of: nil, after: position, limit: limit)
    }

    package func changes(of account: AccountID, after position: ChangePosition, limit: Int) throws -> [AccountChange] {
        try changes(of: account as AccountID?, after: position, limit: limit)
    }

    private func changes(of account: AccountID?, after position: ChangePosition, limit: Int) throws -> [AccountChange] {
        let oldest = try first(statement("SELECT min(first) FROM change_batch")) { $0.optionalInt(0) } ?? nil
        if try position.number + 1 < oldest ?? 1 || position > lastChange() {
            throw HearthError(
                .changesGone, "the change feed does not hold what follows position \(position.number)",
                at: .address("store"), advice: "read everything anew, then go on from the feed's last position")
        }
        // Of one account, only the rows that it can stand in: their entries are not read to know.
        let sql = """
            SELECT first, count, run_id, entity, body FROM change_batch
            WHERE first >= coalesce((SELECT max(first) FROM change_batch WHERE first <= ?1), 0)
                AND (?2 IS NULL OR ?2 BETWEEN low AND high) ORDER BY first
            """
        let batches = try statement(sql).bind(1, position.number + 1).bind(2, account?.number)
        defer { batches.reset() }
        var found: [AccountChange] = []
        while found.count < limit, try batches.step() {
            let name = batches.optionalText(3)
            let entity = name.flatMap { EntityKind(rawValue: $0) }
            let first = batches.int(0)
            var count: Int64 = 0
            let isWhole =
                (name == nil) == (entity == nil)
                && Self.forEachChange(in: batches.bytes(4)) { number, kinds in
                    let here = ChangePosition(first + count)
                    count += 1
                    guard here > position, found.count < limit, account == nil || account?.number == number else {
                        return
                    }
                    found.append(
                        AccountChange(
                            position: here, account: AccountID(number), run: batches.optionalInt(2).map { RunID($0) },
                            kind: entity.map { .records($0, kinds) } ?? .view))
                }
            if !isWhole || count != batches.int(1) {
                throw Self.unreadable("the change feed's entries from position \(first) are none")
            }
        }
        return found
    }

    /// False where the bytes are not what was packed.
    private static func forEachChange(
        in bytes: UnsafeRawBufferPointer, _ body: (_ account: Int64, RecordChangeKinds) -> Void
    ) -> Bool {
        var account: Int64 = 0
        var place = 0
        while place < bytes.count {
            guard let value = LEB128.number(bytes, &place) else { return false }
            let (next, overflow) = account.addingReportingOverflow(Int64(value >> 3))
            if overflow { return false }
            account = next
            body(account, RecordChangeKinds(rawValue: UInt8(value & 7)))
        }
        return true
    }
}
