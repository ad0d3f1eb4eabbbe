import AccountView
import HeatModel
import Mapping
import Records
import Store

/// What a batch is read from, and what its complete end says of the records that it did not hold.
extension BatchCommitter {
    mutating func begin(_ batch: borrowing MappedBatch, _ store: some StoreWriter) throws {
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
        hidesKeys = false
        newOfOrigin = 0
    }

    mutating func end(_ batch: borrowing MappedBatch, _ store: some StoreWriter) throws {
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
    mutating func endVanished(_ store: some StoreWriter) throws {
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
                .runDeleteFuse, reason, at: .address(streamName.description),
                advice: "look at what the source sent; if the records are truly gone, run \(.fullRefreshWithDeletes)")
        }
        if gone > policy.limit(of: present + gone) {
            throw stop("the snapshot lacks \(gone) of the \(present + gone) records held, more than the fuse allows")
        }
        // A row that could not be read may be one of these records: it counts as present.
        if !defectsOfOrigin.isEmpty {
            missing.removeAll { missed in defectsOfOrigin.contains { $0.holdsParts(of: missed.key) } }
            gone = Int64(missing.count)
        }
        if missing.isEmpty || hidesKeys { return }
        if policy.isReplacement(gone: gone, present: present, new: newOfOrigin) {
            throw stop(
                present == 0
                    ? "the snapshot holds no record that can be read, and \(gone) are held"
                    : "the snapshot holds none of the \(gone) records held, and \(newOfOrigin) others")
        }
        for start in stride(from: 0, to: missing.count, by: Self.window) {
            let window = missing[start..<min(start + Self.window, missing.count)]
            let outcomes = try store.apply(window.map { .end($0.id, run: run, .vanished) })
            for (missed, outcome) in zip(window, outcomes) {
                guard case .ended(let account, let body) = outcome else { continue }
                body.withUnsafeBytes { books.left.add($0, sign: 1) }
                books.recordsDelta -= 1
                books.counts.vanished += 1
                if let account { note(account, .removed) }
                if matcher.makesStatements { try noteStatementsChanged(store) }
                onChange?(PlannedChange(kind: .vanished, key: missed.key, before: body, after: nil))
            }
        }
    }

    /// Leaves out of a batch what an earlier run has committed of the same file: it is not of this run's books.
    mutating func skip(_ batch: inout MappedBatch, through ordinal: Int64, _ store: some RecordReader) throws {
        var skipped = MoneySums(entity: entity)
        try batch.canonical.bytes.withUnsafeBytes { bytes in
            let records = batch.canonical.records.filter { $0.ordinal <= ordinal }
            let known = try store.lookUp(stream: stream, keys: records.map { bytes.slice($0.key)! })
            for (record, known) in zip(records, known) {
                let (key, body) = (bytes.slice(record.key)!, bytes.slice(record.body)!)
                skipped.add(body, sign: 1)
                // A row that is equal to one of these comes second, though this run takes it first.
                let current =
                    KeyBlanks.stand(in: key)
                    ? try KeyBlanks.removed(from: key).withUnsafeBytes { try store.current(stream: stream, key: $0) }
                    : known
                if let current, seen.insert(current.id) { continue }
                _ = position(of: record, body)
            }
        }
        books.takeBack(skipped)
        batch.dropThrough(ordinal: ordinal)
    }
}
