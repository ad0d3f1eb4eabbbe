import AccountView
import HeatModel
import Mapping
import Records
import Store

/// Takes one run's batches into the store, a transaction each: match, compare, write, count.
struct BatchCommitter {
    let stream: StreamID
    let streamName: StreamName
    let run: RunID
    let entity: EntityKind
    let policy: VanishPolicy
    /// Everything is read anew, also what an earlier run has committed of a file.
    let rereads: Bool

    var books: RunBooks

    /// Whether rows of one text are told apart by their key alone.
    private let namesPositions: Bool
    private var matcher: Matcher
    private var seen = SeenRecords()
    /// Records of which the origin has a row that was refused.
    private var broken = SeenRecords()
    private var origin: (id: OriginID, key: Origin)?
    /// Of a file that an earlier run did not reach the end of: what it has committed.
    private var skipsThrough: Int64?
    /// Where the row being taken again from quarantine stands, as it was noted when it was first met.
    private var knownPlace: String?
    /// Whether the row being taken again contradicts one that was taken from the same reading.
    private var isContested = false
    /// Under what the row being taken again is told from others of the same text in quarantine.
    private var knownPosition: [UInt8]?
    /// The record that is being mapped again.
    private var held: RecordID?
    /// How many rows of one text, all with money, the origin has brought that were set aside: each of them is an entry of its own.
    private var setAside: [ContentHash: Int] = [:]
    private var defectsOfOrigin: [[UInt8]] = []
    /// Records that the origin has brought.
    private var newOfOrigin: Int64 = 0
    static let contradiction = "record.duplicateKey"
    static let equalRow = "record.equalRow"
    /// Keys with an open quarantine entry; nil where they are so many that the store is asked for each record.
    private var quarantinedKeys: Set<[UInt8]>?
    private var expectsNew = true
    /// What was pulled is the same and the mapping is not: only the canonical bodies tell whether anything changed.
    var comparesBodies = false
    private var touched: Set<Int64> = []
    /// Whether this run has noted that accounts came in: once is enough.
    private var accountsChanged = false
    /// Called for each change while a run is only planned.
    var onChange: ((PlannedChange) -> Void)?

    init(
        stream: StreamID, name: StreamName, run: RunID, file: MappingFile, policy: VanishPolicy, rereads: Bool = false,
        quarantinedKeys: Set<[UInt8]>?
    ) {
        self.stream = stream
        self.streamName = name
        self.run = run
        self.entity = file.entity
        self.policy = policy
        self.rereads = rereads
        self.namesPositions = file.keyNamesPosition
        self.matcher = Matcher(file)
        self.quarantinedKeys = quarantinedKeys
        books = RunBooks(entity: file.entity)
    }

    /// One transaction's work. Where it throws, the transaction must be rolled back and the committer dropped.
    mutating func commit(_ batch: consuming MappedBatch, to store: some StoreWriter) throws {
        beginTransaction()
        try begin(batch, store)
        guard let origin else { return }
        books.notePulled(batch.canonical.totals)
        if let skipsThrough { try skip(&batch, through: skipsThrough, store) }
        books.counts.read += Int64(batch.readRows)

        try batch.canonical.bytes.withUnsafeBytes { bytes in
            // In the order of the source: what is told of a key later is told of its later state.
            var rejects = batch.canonical.rejects[...]
            for record in batch.canonical.records {
                while let reject = rejects.first, reject.ordinal < record.ordinal {
                    try refuse(reject, of: batch.origin, origin: origin.id, store)
                    rejects.removeFirst()
                }
                try take(record, in: bytes, origin: origin.id, store)
            }
            for reject in rejects { try refuse(reject, of: batch.origin, origin: origin.id, store) }
        }
        for defect in batch.defects { try refuse(defect, origin: origin.id, store) }

        if let last = batch.lastOrdinal { try store.noteProgress(of: origin.id, ordinal: last) }
        if batch.endsOrigin { try end(batch, store) }
        for account in touched.sorted() { try store.touch(AccountID(account)) }
        touched.removeAll(keepingCapacity: true)
        try books.flush(stream: stream, to: store)
        if let cursor = batch.cursor { try store.setCursor(stream: stream, run: run, cursor: cursor.text) }
        try store.noteCounts(run: run, books.counts, cursorAfter: batch.cursor?.text)
    }

    /// Leaves out of a batch what an earlier run has committed of the same file: it is not of this run's books.
    private mutating func skip(_ batch: inout MappedBatch, through ordinal: Int64, _ store: some StoreReader) throws {
        var skipped = MoneySums(entity: entity)
        try batch.canonical.bytes.withUnsafeBytes { bytes in
            for record in batch.canonical.records where record.ordinal <= ordinal {
                let body = bytes.slice(record.body)!
                skipped.add(body, sign: 1)
                // A row that is equal to one of these comes second, though this run takes it first.
                let current = try KeyBlanks.removed(from: bytes.slice(record.key)!).withUnsafeBytes {
                    try store.current(stream: stream, key: $0)
                }
                if let current, seen.insert(current.id) { continue }
                _ = position(of: record, body)
            }
        }
        books.takeBack(skipped)
        batch.dropThrough(ordinal: ordinal)
    }

    /// To be called where a transaction begins that takes rows by ``retake(_:of:origin:to:)`` or ``retake(_:_:isContested:to:)``.
    mutating func beginTransaction() { matcher.forgetStatements() }

    /// Takes a row of the quarantine again. Returns whether it was refused.
    mutating func retake(
        _ batch: consuming MappedBatch, _ entry: QuarantinedRecord, isContested: Bool, to store: some StoreWriter
    ) throws -> Bool {
        knownPlace = entry.place
        knownPosition = entry.position
        self.isContested = isContested
        defer {
            knownPlace = nil
            knownPosition = nil
            self.isContested = false
        }
        return try retake(batch, origin: entry.origin, to: store)
    }

    /// Takes a record of the store again, mapped in another way than before.
    mutating func retake(
        _ batch: consuming MappedBatch, of record: StoredRecord, to store: some StoreWriter
    ) throws {
        held = record.id
        defer { held = nil }
        _ = try retake(batch, origin: record.origin, to: store)
    }

    /// Takes rows that are in the store already: their origin stays what it was. Returns whether anything of the batch was refused.
    private mutating func retake(
        _ batch: consuming MappedBatch, origin id: OriginID, to store: some StoreWriter
    ) throws -> Bool {
        let refusedBefore = books.counts.quarantined
        origin = (id, batch.origin)
        books.notePulled(batch.canonical.totals)
        books.counts.read += Int64(batch.readRows)
        try batch.canonical.bytes.withUnsafeBytes { bytes in
            for record in batch.canonical.records { try take(record, in: bytes, origin: id, store) }
        }
        for reject in batch.canonical.rejects { try refuse(reject, of: batch.origin, origin: id, store) }
        try finish(store)
        origin = nil
        return books.counts.quarantined > refusedBefore
    }

    /// Ends a transaction that read nothing from the source.
    mutating func finish(_ store: some StoreWriter) throws {
        for account in touched.sorted() { try store.touch(AccountID(account)) }
        touched.removeAll(keepingCapacity: true)
        try books.flush(stream: stream, to: store)
        try store.noteCounts(run: run, books.counts, cursorAfter: nil)
    }

    // MARK: Origins

    private mutating func begin(_ batch: borrowing MappedBatch, _ store: some StoreWriter) throws {
        let key = Origin(kind: batch.origin.kind, name: batch.origin.name, isSnapshot: batch.origin.isSnapshot)
        if origin?.key == key { return }
        skipsThrough = nil
        if batch.origin.kind == .file, !batch.origin.isSnapshot, !rereads, let digest = batch.origin.digest {
            skipsThrough = try store.unfinishedOrigin(stream: stream, digest: digest)
        }
        let incoming = IncomingOrigin(
            stream: stream, run: run, kind: batch.origin.kind.rawValue, name: batch.origin.name,
            digest: batch.origin.digest,
            byteCount: batch.origin.byteCount, isSnapshot: batch.origin.isSnapshot, columns: batch.columns)
        let id = try store.beginOrigin(incoming)
        // Where this run too stops before it meets anything new, the next one must skip as much.
        if let skipsThrough { try store.noteProgress(of: id, ordinal: skipsThrough) }
        origin = (id, key)
        seen.removeAll()
        broken.removeAll()
        setAside.removeAll()
        defectsOfOrigin.removeAll()
        newOfOrigin = 0
    }

    private mutating func end(_ batch: borrowing MappedBatch, _ store: some StoreWriter) throws {
        guard let origin else { return }
        if origin.key.isSnapshot {
            try endVanished(store)
            try store.resolveQuarantineUnseen(stream: stream, origin: origin.id, run: run)
        }
        try store.endOrigin(origin.id, digest: batch.origin.digest, byteCount: batch.origin.byteCount)
        self.origin = nil
        seen.removeAll()
        broken.removeAll()
    }

    /// Ends the records that a complete snapshot does not hold, unless they would be too many to be believed.
    private mutating func endVanished(_ store: some StoreWriter) throws {
        let needsKeys = !defectsOfOrigin.isEmpty || onChange != nil
        var missing: [(id: RecordID, key: [UInt8])] = []
        var present: Int64 = 0
        try store.forEachRecord(in: stream) { id, key in
            if seen.contains(id) || broken.contains(id) {
                present += 1
            } else {
                missing.append((id, needsKeys ? Array(key) : []))
            }
        }
        var gone = Int64(missing.count)
        func stop(_ reason: String) -> HearthError {
            HearthError(
                .init("run.deleteFuse"), reason, at: .address(streamName.description),
                advice: "look at what the source sent; if the records are truly gone, run again with --allow-deletes")
        }
        if gone > policy.limit(of: present + gone) {
            throw stop("the snapshot lacks \(gone) of the \(present + gone) records held, more than the fuse allows")
        }
        // A row that could not be read may be one of these records: it counts as present.
        if !defectsOfOrigin.isEmpty {
            missing.removeAll { missed in defectsOfOrigin.contains { $0.holdsParts(of: missed.key) } }
            gone = Int64(missing.count)
        }
        if missing.isEmpty { return }
        if policy.isReplacement(gone: gone, present: present, new: newOfOrigin) {
            throw stop(
                present == 0
                    ? "the snapshot holds no record that can be read, and \(gone) are held"
                    : "the snapshot holds none of the \(gone) records held, and \(newOfOrigin) others")
        }
        for (id, key) in missing {
            let (account, body) = try store.end(id, run: run, reason: .vanished)
            body.withUnsafeBytes { books.left.add($0, sign: 1) }
            books.recordsDelta -= 1
            books.counts.vanished += 1
            if let account { touched.insert(account.number) }
            if matcher.makesStatements { try noteStatementsChanged(store) }
            onChange?(PlannedChange(kind: .vanished, key: key, before: body, after: nil))
        }
    }

    // MARK: Records

    private mutating func take(
        _ record: CanonicalRecord, in bytes: UnsafeRawBufferPointer, origin: OriginID, _ store: some StoreWriter
    ) throws {
        let key = bytes.slice(record.key)!
        if KeyBlanks.stand(in: key) {
            try KeyBlanks.removed(from: key).withUnsafeBytes {
                try take(record, key: $0, in: bytes, origin: origin, store)
            }
        } else {
            try take(record, key: key, in: bytes, origin: origin, store)
        }
    }

    private mutating func take(
        _ record: CanonicalRecord, key: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer, origin: OriginID,
        _ store: some StoreWriter
    ) throws {
        let body = bytes.slice(record.body)!
        var account: AccountID?
        var rule = LinkRule.none
        if entity.belongsToAccount {
            switch try matcher.link(record, in: bytes, run: run, store: store) {
            case .account(let found, let by):
                account = found
                rule = by
            case .refused(let code, let message, let candidates):
                books.aside.add(body, sign: 1)
                try unlink(key, store)
                let numbers = try candidates.compactMap { try store.accountNumber($0) }
                try refuse(
                    code: code.name, message: message, column: nil, key: Array(key), ordinal: record.ordinal,
                    candidates: numbers,
                    raw: Array(bytes.slice(record.raw)!), isSplit: true, place: nil, origin: origin,
                    position: position(of: record, body), store)
                return
            }
        }
        let incoming = IncomingRecord(
            stream: stream, key: key, account: account, rule: rule, hash: ContentHash(record.hash.0, record.hash.1),
            body: body,
            raw: bytes.slice(record.raw)!, run: run, origin: origin, ordinal: record.ordinal, isVoided: record.isVoided)
        try put(incoming, record, in: bytes, store)
    }

    /// A record that is held, and whose row no longer tells whose it is, belongs to nobody from now on: what it said of an account
    /// goes to its history, and the row waits in quarantine. It is never in both places.
    private mutating func unlink(_ key: UnsafeRawBufferPointer, _ store: some StoreWriter) throws {
        // A row that waits in quarantine already is older than what is held.
        guard knownPlace == nil, let current = try store.current(stream: stream, key: key) else { return }
        // Another row of the same reading has told whose it is.
        if let origin, origin.key.statesEachKeyOnce, seen.contains(current.id) { return }
        let (account, body) = try store.end(current.id, run: run, reason: .unlinked)
        body.withUnsafeBytes { books.left.add($0, sign: 1) }
        books.recordsDelta -= 1
        if let account { touched.insert(account.number) }
        if matcher.makesStatements { try noteStatementsChanged(store) }
        onChange?(PlannedChange(kind: .unlinked, key: Array(key), before: body, after: nil))
    }

    private mutating func put(
        _ incoming: IncomingRecord, _ record: CanonicalRecord, in bytes: UnsafeRawBufferPointer,
        _ store: some StoreWriter
    ) throws {
        // A first load meets new keys only, a later one mostly known keys: try first what happened last.
        if expectsNew, let id = try store.insert(incoming) {
            try noteNew(id, incoming, record, in: bytes, store)
            return
        }
        guard let current = try store.current(stream: stream, key: incoming.key) else {
            expectsNew = true
            guard let id = try store.insert(incoming) else {
                throw HearthError(.init("store.failed"), "a key is neither there nor free", at: .address("store"))
            }
            try noteNew(id, incoming, record, in: bytes, store)
            return
        }
        expectsNew = false
        let isFirstSight = seen.insert(current.id) || held == current.id
        var isSame = current.hash == incoming.hash && current.account == incoming.account
        if isSame, comparesBodies, let stored = try store.record(current.id) {
            isSame = stored.body.elementsEqual(incoming.body) && stored.isVoided == incoming.isVoided
        }
        if isSame {
            if isAnother(than: current.id, isFirstSight: isFirstSight), carriesMoney(incoming.body) {
                try setAside(
                    incoming, record, code: Self.equalRow,
                    "an equal row with the same key stands before it in this reading: where both count, the mapping's key must tell them apart (key: [..., occurrence] or [line]); where it is one told twice, discard it",
                    store)
                return
            }
            if isFirstSight {
                books.counts.unchanged += 1
                books.kept.add(incoming.body, sign: 1)
            } else {
                books.counts.duplicate += 1
                books.duplicate.add(incoming.body, sign: 1)
            }
            if comparesBodies { try state(current.id, incoming, record, in: bytes, isNew: false, store) }
            if try !leavesEqualRowsWaiting(incoming, store) { try resolveQuarantine(by: incoming, store) }
            return
        }
        if try contradicts(incoming, isFirstSight: isFirstSight, store) {
            try setAside(
                incoming, record, code: Self.contradiction,
                "the key stands twice in one reading, with different content", store)
            return
        }
        let before = try store.supersede(current.id, with: incoming)
        books.counts.changed += 1
        before.withUnsafeBytes { books.left.add($0, sign: 1) }
        books.entered.add(incoming.body, sign: 1)
        if let old = current.account { touched.insert(old.number) }
        try noteWritten(current.id, incoming, record, in: bytes, isNew: false, store)
        onChange?(PlannedChange(kind: .changed, key: Array(incoming.key), before: before, after: Array(incoming.body)))
    }

    private mutating func setAside(
        _ incoming: IncomingRecord, _ record: CanonicalRecord, code: String, _ message: String,
        _ store: some StoreWriter
    ) throws {
        books.aside.add(incoming.body, sign: 1)
        // It may have been brought in by this very row, and has no view then.
        if incoming.rule == .introduced, let account = incoming.account { touched.insert(account.number) }
        try refuse(
            code: code, message: message, column: nil, key: Array(incoming.key), ordinal: incoming.ordinal,
            candidates: [], raw: Array(incoming.raw), isSplit: true, place: nil, origin: incoming.origin,
            position: position(of: record, incoming.body), store)
    }

    /// Whether a row that equals what is held under its key is not the row that it was taken from.
    private func isAnother(than current: RecordID, isFirstSight: Bool) -> Bool {
        if isContested { return true }
        if let held { return held != current }
        // Of quarantined rows of one text the replay says which come from one reading.
        return !isFirstSight && knownPlace == nil
    }

    private func carriesMoney(_ body: UnsafeRawBufferPointer) -> Bool {
        var sums = MoneySums(entity: entity)
        sums.add(body, sign: 1)
        return sums.measures.contains { $0.sum != 0 }
    }

    /// Tells a row with money that is set aside from others of its text in the same reading: nothing for the first of them.
    private mutating func position(of record: CanonicalRecord, _ body: UnsafeRawBufferPointer) -> [UInt8] {
        if knownPosition != nil || namesPositions || !carriesMoney(body) { return [] }
        let number = setAside[ContentHash(record.hash.0, record.hash.1), default: 0] + 1
        setAside[ContentHash(record.hash.0, record.hash.1)] = number
        return number == 1 ? [] : Array(String(number).utf8)
    }

    /// Whether a row says something else than another row of its key, and neither is known to be the newer one.
    private func contradicts(_ incoming: IncomingRecord, isFirstSight: Bool, _ store: some StoreReader) throws -> Bool {
        if isContested { return true }
        guard let origin, origin.key.statesEachKeyOnce else { return false }
        if !isFirstSight { return true }
        // Only a complete reading can show that the other row is gone; a part of one, or a replay, may hold this row alone.
        if origin.key.isSnapshot || quarantinedKeys?.contains(Array(incoming.key)) == false { return false }
        return try store.openQuarantineCode(stream: stream, raw: incoming.raw) == Self.contradiction
    }

    private mutating func noteNew(
        _ id: RecordID, _ incoming: IncomingRecord, _ record: CanonicalRecord, in bytes: UnsafeRawBufferPointer,
        _ store: some StoreWriter
    ) throws {
        _ = seen.insert(id)
        newOfOrigin += 1
        books.counts.new += 1
        books.recordsDelta += 1
        books.entered.add(incoming.body, sign: 1)
        try noteWritten(id, incoming, record, in: bytes, isNew: true, store)
        onChange?(PlannedChange(kind: .new, key: Array(incoming.key), before: nil, after: Array(incoming.body)))
    }

    private mutating func noteWritten(
        _ id: RecordID, _ incoming: IncomingRecord, _ record: CanonicalRecord, in bytes: UnsafeRawBufferPointer,
        isNew: Bool, _ store: some StoreWriter
    ) throws {
        if let account = incoming.account { touched.insert(account.number) }
        try state(id, incoming, record, in: bytes, isNew: isNew, store)
        try resolveQuarantine(by: incoming, store)
    }

    /// Keeps what a version of a record says of its account beside its facts, in place of what the version before said.
    private mutating func state(
        _ id: RecordID, _ incoming: IncomingRecord, _ record: CanonicalRecord, in bytes: UnsafeRawBufferPointer,
        isNew: Bool, _ store: some StoreWriter
    ) throws {
        guard let account = incoming.account else { return }
        if !matcher.makesStatements {
            // Under an earlier mapping the stream may have made some.
            guard comparesBodies, try store.statement(of: id) != nil else { return }
            try store.setStatement(nil, of: account, statedBy: id)
            return try noteStatementsChanged(store)
        }
        try noteStatementsChanged(store)
        let place = matcher.introducesAccounts ? record.statedPlace(in: bytes) : nil
        if place != nil || !isNew { try store.setPlace(place, of: account, statedBy: id) }
        let foreign = matcher.registersSystem == nil ? nil : record.registeredID(in: bytes)
        if foreign != nil || !isNew {
            try store.setForeignID(foreign, system: matcher.registersSystem ?? "", of: account, statedBy: id)
        }
        matcher.noteStatement(place)
    }

    /// Records of other streams may find their account now that did not before.
    private mutating func noteStatementsChanged(_ store: some StoreWriter) throws {
        if accountsChanged { return }
        accountsChanged = true
        try store.setSetting(SettingName.accountsChangedBy, String(run.number))
    }

    /// Ends a record that goes on under another key.
    mutating func end(_ record: StoredRecord, _ store: some StoreWriter) throws {
        let (account, body) = try store.end(record.id, run: run, reason: .changed)
        body.withUnsafeBytes { books.left.add($0, sign: 1) }
        books.recordsDelta -= 1
        if let account { touched.insert(account.number) }
        if matcher.makesStatements { try noteStatementsChanged(store) }
    }

    // MARK: Quarantine

    /// A good version of a key resolves what the source stated of it before, and nothing that it stated after. A row that was refused
    /// in a reading of states, each key once, is not mended by another row of the same reading, whichever came first.
    private mutating func resolveQuarantine(by incoming: IncomingRecord, _ store: some StoreWriter) throws {
        if let quarantinedKeys, quarantinedKeys.isEmpty || !quarantinedKeys.contains(Array(incoming.key)) { return }
        // Where each key stands once, a good and a bad row of one reading contradict each other, whichever comes first.
        let ordinal = origin?.key.statesEachKeyOnce == true ? -1 : incoming.ordinal
        try store.resolveQuarantine(
            stream: stream, key: incoming.key, run: run, through: incoming.origin, ordinal: ordinal)
    }

    /// A reading of changes that tells a row once more says nothing of how often it stood in the reading before.
    private func leavesEqualRowsWaiting(_ incoming: IncomingRecord, _ store: some StoreReader) throws -> Bool {
        guard origin?.key.statesEachKeyOnce == false, quarantinedKeys?.contains(Array(incoming.key)) != false else {
            return false
        }
        return try store.openQuarantineCode(stream: stream, raw: incoming.raw) == Self.equalRow
    }

    private mutating func refuse(_ reject: Reject, of origin: Origin, origin id: OriginID, _ store: some StoreWriter)
        throws
    {
        try refuse(
            code: reject.code.name, message: reject.message, column: reject.column,
            key: reject.key.map { KeyBlanks.removed(from: $0.utf8) },
            ordinal: reject.ordinal, candidates: [], raw: reject.raw, isSplit: true, place: nil, origin: id, store)
    }

    private mutating func refuse(_ defect: RecordDefect, origin: OriginID, _ store: some StoreWriter) throws {
        defectsOfOrigin.append(defect.raw)
        try refuse(
            code: defect.code.name, message: defect.message, column: nil, key: nil, ordinal: defect.ordinal,
            candidates: [],
            raw: defect.raw, isSplit: false, place: defect.place.description, origin: origin, store)
    }

    private mutating func refuse(
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
