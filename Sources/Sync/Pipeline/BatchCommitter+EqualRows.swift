import HeatModel
import Mapping
import Records
import Store

/// Rows of one key that stand more than once in a reading: equal rows with money, of which it is not known whether both count, and rows
/// that contradict each other.
extension BatchCommitter {
    mutating func setAside(
        _ incoming: IncomingRecord, _ record: CanonicalRecord, code: String, _ message: String,
        in bytes: UnsafeRawBufferPointer, _ store: some StoreWriter
    ) throws {
        try flush(in: bytes, store)
        books.aside.add(incoming.body, sign: 1)
        // It may have been brought in by this very row, and has no view then.
        if incoming.rule == .introduced, let account = incoming.account { note(account, []) }
        try refuse(
            code: code, message: message, column: nil, key: Array(incoming.key), ordinal: incoming.ordinal,
            candidates: [], raw: Array(incoming.raw), isSplit: true, place: nil, origin: incoming.origin,
            position: position(of: record, incoming.body), store)
    }

    /// Whether a row that equals what is held under its key is not the row that it was taken from.
    func isAnother(than current: RecordID, isFirstSight: Bool) -> Bool {
        if isContested { return true }
        if let held { return held != current }
        // Of quarantined rows of one text the replay says which come from one reading.
        return !isFirstSight && knownPlace == nil
    }

    func carriesMoney(_ body: UnsafeRawBufferPointer) -> Bool {
        var sums = MoneySums(entity: entity)
        sums.add(body, sign: 1)
        return sums.measures.contains { $0.sum != 0 }
    }

    /// Tells a row with money that is set aside from others of its text in the same reading: nothing for the first of them.
    mutating func position(of record: CanonicalRecord, _ body: UnsafeRawBufferPointer) -> [UInt8] {
        if knownPosition != nil || namesPositions || !carriesMoney(body) { return [] }
        let number = setAside[ContentHash(record.hash.0, record.hash.1), default: 0] + 1
        setAside[ContentHash(record.hash.0, record.hash.1)] = number
        return number == 1 ? [] : Array(String(number).utf8)
    }

    /// Whether a row says something else than another row of its key, and neither is known to be the newer one.
    func contradicts(_ incoming: IncomingRecord, isFirstSight: Bool, _ store: some QuarantineReader) throws -> Bool {
        if isContested { return true }
        guard let origin, origin.key.statesEachKeyOnce else { return false }
        if !isFirstSight { return true }
        // Only a complete reading can show that the other row is gone; a part of one, or a replay, may hold this row alone.
        if origin.key.isSnapshot || quarantinedKeys?.contains(Array(incoming.key)) == false { return false }
        return try store.openQuarantineCode(stream: stream, raw: incoming.raw) == Self.contradiction
    }

    /// A reading of changes that states a row once more says nothing of how often it stood in the reading before.
    func leavesEqualRowsWaiting(_ incoming: IncomingRecord, _ store: some QuarantineReader) throws -> Bool {
        guard origin?.key.statesEachKeyOnce == false, quarantinedKeys?.contains(Array(incoming.key)) != false else {
            return false
        }
        return try store.openQuarantineCode(stream: stream, raw: incoming.raw) == Self.equalRow
    }
}
