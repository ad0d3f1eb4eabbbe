import HeatModel
import Mapping
import Records
import Store

/// Rows that are refused: they wait in quarantine, until a good version of their key resolves them.
extension BatchCommitter {
    /// A record that is held, and whose row no longer identifies its account, belongs to no account from now on: what it said of an account
    /// goes to its history, and the row waits in quarantine. It is never in both places.
    mutating func unlink(_ key: UnsafeRawBufferPointer, _ store: some StoreWriter) throws {
        // A row that waits in quarantine already is older than what is held.
        guard knownPlace == nil, let current = try store.current(stream: stream, key: key) else { return }
        // Another row of the same reading has identified its account.
        if let origin, origin.key.statesEachKeyOnce, seen.contains(current.id) { return }
        let (account, body) = try store.end(current.id, run: run, reason: .unlinked)
        body.withUnsafeBytes { books.left.add($0, sign: 1) }
        books.recordsDelta -= 1
        if let account { note(account, .removed) }
        if matcher.makesStatements { try noteStatementsChanged(store) }
        onChange?(PlannedChange(kind: .unlinked, key: Array(key), before: body, after: nil))
    }

    /// A good version of a key resolves what the source stated of it before, and nothing that it stated after. A row that was refused
    /// in a reading of states, each key once, is not mended by another row of the same reading, whichever came first.
    mutating func resolveQuarantine(by incoming: IncomingRecord, _ store: some StoreWriter) throws {
        if let quarantinedKeys, quarantinedKeys.isEmpty || !quarantinedKeys.contains(Array(incoming.key)) { return }
        // Where each key stands once, a good and a bad row of one reading contradict each other, whichever comes first.
        let ordinal = origin?.key.statesEachKeyOnce == true ? -1 : incoming.ordinal
        try store.resolveQuarantine(
            stream: stream, key: incoming.key, run: run, through: incoming.origin, ordinal: ordinal)
    }

    mutating func refuse(
        _ reject: Reject, of origin: Origin, in bytes: UnsafeRawBufferPointer, origin id: OriginID,
        _ store: some StoreWriter
    ) throws {
        if reject.hidesKey { hidesKeys = true }
        try flush(in: bytes, store)
        try refuse(
            code: reject.code.name, message: reject.message, column: reject.column,
            key: reject.key.map { KeyBlanks.removed(from: $0.utf8) },
            ordinal: reject.ordinal, candidates: [], raw: reject.raw, isSplit: true, place: nil, origin: id, store)
    }

    mutating func refuse(_ defect: RecordDefect, origin: OriginID, _ store: some StoreWriter) throws {
        defectsOfOrigin.append(defect.raw)
        try refuse(
            code: defect.code.name, message: defect.message, column: nil, key: nil, ordinal: defect.ordinal,
            candidates: [],
            raw: defect.raw, isSplit: false, place: defect.place.description, origin: origin, store)
    }

    mutating func refuse(
        code: String, message: String, column: String?, key: [UInt8]?, ordinal: Int64, candidates: [String],
        raw: [UInt8],
        isSplit: Bool, place: String?, origin: OriginID, position: [UInt8] = [], _ store: some StoreWriter
    ) throws {
        books.counts.quarantined += 1
        if let key {
            // The record is there, if broken: its last good version has not vanished.
            if let current = try key.withUnsafeBytes({ try store.current(stream: stream, key: $0) }) {
                _ = broken.insert(current.id)
            }
            quarantinedKeys?.insert(key)
        }
        let standsAt =
            place ?? knownPlace ?? self.origin?.key.place(ordinal: ordinal, key: key) ?? streamName.description
        try store.quarantine(
            IncomingQuarantine(
                stream: stream, run: run, origin: origin, code: code, message: message, place: standsAt, column: column,
                key: key,
                ordinal: ordinal, candidates: candidates, raw: raw, isSplit: isSplit,
                position: knownPosition ?? (namesPositions ? key ?? [] : position)))
    }
}
