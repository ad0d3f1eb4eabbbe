import AccountView
import Events
import HeatModel
import Mapping
import Records
import Store

/// What becomes of a batch's records: each is linked to its account, compared with what the store holds under its key, and stored,
/// left as it is or set aside.
///
/// The store is asked about a window of records at once, and takes their changes at once. What is decided is as if it were asked record
/// by record: where a record needs to know what became of those before it, their changes are applied first.
extension BatchCommitter {
    /// Records that the store is asked about at once.
    static let window = 1024

    /// - Parameter prepare: Called before each record.
    mutating func take(
        _ records: [CanonicalRecord], in bytes: UnsafeRawBufferPointer, origin: OriginID, _ store: some StoreWriter,
        before prepare: (inout BatchCommitter, CanonicalRecord) throws -> Void = { _, _ in }
    ) throws {
        var start = 0
        while start < records.count {
            let window = records[start..<min(start + Self.window, records.count)]
            if entity.belongsToAccount { try matcher.prepare(window, in: bytes, run: run, store: store) }
            // A first load meets new keys only, a later one mostly known keys: what happened last is tried first.
            let known =
                expectsNew ? [] : try store.lookUp(stream: stream, keys: window.map { bytes.slice($0.key)! })
            keysOfWindow.removeAll()
            for (index, record) in window.enumerated() {
                try prepare(&self, record)
                try take(record, known: known.isEmpty ? nil : .some(known[index]), in: bytes, origin: origin, store)
            }
            try flush(in: bytes, store)
            start = window.endIndex
        }
    }

    private mutating func take(
        _ record: CanonicalRecord, known: CurrentRecord??, in bytes: UnsafeRawBufferPointer, origin: OriginID,
        _ store: some StoreWriter
    ) throws {
        let key = bytes.slice(record.key)!
        if KeyBlanks.stand(in: key) {
            try KeyBlanks.removed(from: key).withUnsafeBytes { key in
                let known = try store.lookUp(stream: stream, keys: [key])[0]
                try take(record, key: key, known: .some(known), in: bytes, origin: origin, store)
                // The key without its blanks stands nowhere but here.
                try flush(in: bytes, store)
            }
        } else {
            try take(record, key: key, known: known, in: bytes, origin: origin, store)
        }
    }

    private mutating func take(
        _ record: CanonicalRecord, key: UnsafeRawBufferPointer, known: CurrentRecord??,
        in bytes: UnsafeRawBufferPointer, origin: OriginID, _ store: some StoreWriter
    ) throws {
        let body = bytes.slice(record.body)!
        var account: AccountID?
        var rule = LinkRule.none
        if entity.belongsToAccount {
            if matcher.makesStatements, matcher.asksStatements(of: record, in: bytes) { try flush(in: bytes, store) }
            switch try matcher.link(record, key: key, in: bytes, run: run, store: store) {
            case .account(let found, let by):
                account = found
                rule = by
            case .refused(let code, let message, let candidates):
                _ = keysOfWindow.insert(key)
                try flush(in: bytes, store)
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
        try put(incoming, record, known: known, in: bytes, store)
    }

    /// - Parameter known: what the store held under the key when the window began; nil where it was not looked up.
    private mutating func put(
        _ incoming: IncomingRecord, _ record: CanonicalRecord, known: CurrentRecord??,
        in bytes: UnsafeRawBufferPointer, _ store: some StoreWriter
    ) throws {
        var known = known
        if !keysOfWindow.insert(incoming.key) {
            // A row before it has the same key.
            try flush(in: bytes, store)
            known = try .some(store.current(stream: stream, key: incoming.key))
        }
        switch known {
        case .none: pend(incoming, record, over: nil, in: bytes)
        case .some(.none):
            expectsNew = true
            pend(incoming, record, over: nil, in: bytes)
        case .some(.some(let current)):
            expectsNew = false
            try compare(incoming, record, with: current, in: bytes, store)
        }
    }

    /// - Parameter current: the version that it replaces, nil where the key is taken to be free.
    private mutating func pend(
        _ incoming: IncomingRecord, _ record: CanonicalRecord, over current: CurrentRecord?,
        in bytes: UnsafeRawBufferPointer
    ) {
        var incoming = incoming
        incoming.statement = statement(of: record, incoming.account, in: bytes)
        pending.append(incoming, record, over: current)
    }

    /// Applies what is pending, and takes it into the books.
    mutating func flush(in bytes: UnsafeRawBufferPointer, _ store: some StoreWriter) throws {
        while !pending.isEmpty {
            // What is noted below may set a row aside, which applies what is pending then.
            var batch = spare
            spare = PendingChanges()
            swap(&batch, &pending)
            let outcomes = try store.apply(batch.changes)
            var taken = try currentRecords(of: batch.changes, outcomes, store)[...]
            for index in outcomes.indices {
                switch (batch.changes[index], outcomes[index]) {
                case (.insert(let incoming), .inserted(let id)): try noteNew(id, incoming, store)
                case (.supersede(_, let incoming), .superseded(let before)):
                    if let current = batch.notes[index].current { try noteChanged(current, incoming, before, store) }
                case (.insert(let incoming), .keyTaken):
                    expectsNew = false
                    guard let current = taken.popFirst() ?? nil else {
                        throw HearthError(
                            .storeFailed, "a key is neither there nor free", at: .address("store"))
                    }
                    try compare(incoming, batch.notes[index].record, with: current, in: bytes, store)
                default:
                    throw HearthError(
                        .storeFailed, "the store did something else than it was to do", at: .address("store"))
                }
            }
            batch.removeAll()
            spare = batch
        }
    }

    /// What the store holds under the keys that turned out to be taken.
    private func currentRecords(
        of changes: [RecordChange], _ outcomes: [AppliedChange], _ store: some RecordReader
    ) throws -> [CurrentRecord?] {
        var keys: [UnsafeRawBufferPointer] = []
        for (index, outcome) in outcomes.enumerated() {
            if case .keyTaken = outcome, case .insert(let incoming) = changes[index] { keys.append(incoming.key) }
        }
        return keys.isEmpty ? [] : try store.lookUp(stream: stream, keys: keys)
    }

    private mutating func compare(
        _ incoming: IncomingRecord, _ record: CanonicalRecord, with current: CurrentRecord,
        in bytes: UnsafeRawBufferPointer, _ store: some StoreWriter
    ) throws {
        let isFirstSight = seen.insert(current.id) || held == current.id
        var isSame = current.hash == incoming.hash && current.account == incoming.account
        if isSame, comparesBodies, let stored = try store.record(current.id) {
            isSame = stored.body.elementsEqual(incoming.body) && stored.isVoided == incoming.isVoided
        }
        if isSame {
            if isAnother(than: current.id, isFirstSight: isFirstSight), carriesMoney(incoming.body) {
                return try setAside(
                    incoming, record, code: Self.equalRow,
                    "an equal row with the same key stands before it in this reading: where both count, the mapping's key must tell them apart (key: [..., occurrence] or [line]); where it is one told twice, discard it",
                    in: bytes, store)
            }
            if isFirstSight {
                books.counts.unchanged += 1
                books.kept.add(incoming.body, sign: 1)
            } else {
                books.counts.duplicate += 1
                books.duplicate.add(incoming.body, sign: 1)
            }
            if comparesBodies { try restate(current.id, incoming, record, in: bytes, store) }
            if try !leavesEqualRowsWaiting(incoming, store) { try resolveQuarantine(by: incoming, store) }
            return
        }
        if try contradicts(incoming, isFirstSight: isFirstSight, store) {
            return try setAside(
                incoming, record, code: Self.contradiction,
                "the key stands twice in one reading, with different content", in: bytes, store)
        }
        pend(incoming, record, over: current, in: bytes)
    }

    private mutating func noteNew(_ id: RecordID, _ incoming: IncomingRecord, _ store: some StoreWriter) throws {
        _ = seen.insert(id)
        newOfOrigin += 1
        books.counts.new += 1
        books.recordsDelta += 1
        books.entered.add(incoming.body, sign: 1)
        if let account = incoming.account { note(account, .inserted) }
        if entity == .outage { try noteOutage(incoming, store) }
        try noteStatement(id, incoming, store)
        try resolveQuarantine(by: incoming, store)
        onChange?(PlannedChange(kind: .new, key: Array(incoming.key), before: nil, after: Array(incoming.body)))
    }

    private mutating func noteChanged(
        _ current: CurrentRecord, _ incoming: IncomingRecord, _ before: [UInt8], _ store: some StoreWriter
    ) throws {
        books.counts.changed += 1
        before.withUnsafeBytes { books.left.add($0, sign: 1) }
        books.entered.add(incoming.body, sign: 1)
        if let old = current.account, old != incoming.account { note(old, .removed) }
        if let account = incoming.account { note(account, account == current.account ? .changed : .inserted) }
        if entity == .outage { try noteOutage(incoming, store) }
        try noteStatement(current.id, incoming, store)
        try resolveQuarantine(by: incoming, store)
        onChange?(PlannedChange(kind: .changed, key: Array(incoming.key), before: before, after: Array(incoming.body)))
    }

    /// Notes which place an outage concerns. One that names none is in the store, and concerns nobody.
    private func noteOutage(_ incoming: IncomingRecord, _ store: some StoreWriter) throws {
        var outage = Outage(body: incoming.body)
        guard let place = outage.place else { return }
        try store.noteOutage(stream: stream, key: incoming.key, at: place, endsAt: outage.endedAt)
        // What was withdrawn concerns nobody any more.
        if incoming.isVoided { outage.state = .cancelled }
        try OutageEvents.note(outage, stream: stream, key: incoming.key, in: store, at: clock(), tells: tells)
    }

    // MARK: Statements

    /// What a version of a record says of its account beside its facts.
    private func statement(
        of record: CanonicalRecord, _ account: AccountID?, in bytes: UnsafeRawBufferPointer
    ) -> IncomingStatement? {
        guard matcher.makesStatements, account != nil else { return nil }
        return IncomingStatement(
            place: matcher.introducesAccounts ? record.statedPlace(in: bytes) : nil,
            foreignID: matcher.registersSystem == nil ? nil : record.registeredID(in: bytes),
            system: matcher.registersSystem ?? "")
    }

    /// Puts what a record that stays as it is states under this mapping in place of what it stated before.
    private mutating func restate(
        _ id: RecordID, _ incoming: IncomingRecord, _ record: CanonicalRecord, in bytes: UnsafeRawBufferPointer,
        _ store: some StoreWriter
    ) throws {
        var incoming = incoming
        incoming.statement = statement(of: record, incoming.account, in: bytes)
        if let statement = incoming.statement, let account = incoming.account {
            try store.setPlace(statement.place, of: account, statedBy: id)
            try store.setForeignID(statement.foreignID, system: statement.system, of: account, statedBy: id)
        }
        try noteStatement(id, incoming, store)
    }

    private mutating func noteStatement(_ id: RecordID, _ incoming: IncomingRecord, _ store: some StoreWriter) throws {
        guard let account = incoming.account else { return }
        if let statement = incoming.statement {
            try noteStatementsChanged(store)
            matcher.noteStatement(statement.place)
        } else if comparesBodies, try store.statement(of: id) != nil {
            // Under an earlier mapping the stream made some.
            try store.setStatement(nil, of: account, statedBy: id)
            try noteStatementsChanged(store)
        }
    }

    /// Records of other streams may find their account now that did not before.
    mutating func noteStatementsChanged(_ store: some StoreWriter) throws {
        if accountsChanged { return }
        accountsChanged = true
        try store.setSetting(SettingName.accountsChangedBy, String(run.number))
    }

    /// Ends a record that goes on under another key.
    mutating func end(_ record: StoredRecord, _ store: some StoreWriter) throws {
        let (account, body) = try store.end(record.id, run: run, reason: .changed)
        body.withUnsafeBytes { books.left.add($0, sign: 1) }
        books.recordsDelta -= 1
        if let account { note(account, .removed) }
        if matcher.makesStatements { try noteStatementsChanged(store) }
    }
}
