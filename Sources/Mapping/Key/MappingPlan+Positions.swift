import HeatModel
public import Records

extension MappingPlan {
    /// Whether the key names where a row stands, which its columns do not tell.
    var isPositional: Bool { keyParts.contains { $0.isPosition } }

    /// Maps a batch of a pull, as ``map(_:)`` does; `positions` goes with the pull.
    ///
    /// - Throws: `config.positionalKey` where the key asks for a place that the origin does not give: a line of what is no file, or an
    ///   occurrence in a reading of changes that has no fixed extent.
    public func map(_ batch: borrowing RawBatch, positions: inout RowPositions) throws -> CanonicalBatch {
        guard batch.columns == columns, isPositional else { return map(batch) }
        try checkPositions(batch.origin)
        return BatchMapper.map(self, batch, positions.number(batch, self))
    }

    /// Maps a row of quarantine again, from ``RawRecord``, under the key that it had when it was met.
    ///
    /// - Returns: nil where the key was made in another way: which of several equal rows this one is, is no longer known.
    public func mapAgain(_ batch: borrowing RawBatch, key: [UInt8]?) -> CanonicalBatch? {
        guard batch.columns == columns, isPositional else { return map(batch) }
        return key.flatMap { kept($0, batch) }.map { BatchMapper.map(self, batch, KeyPositions(kept: $0)) }
    }

    /// Maps a record of the store again, from ``RawRecord``: under the key that it has, or, where the key was made in another way, under
    /// a new one that no record has.
    ///
    /// - Parameters:
    ///   - readsSnapshot: whether the row came from a complete snapshot.
    ///   - positions: numbers the records that get a new key, in the order in which they come.
    ///   - isTaken: whether another record has a key.
    public func mapAgain(
        _ batch: borrowing RawBatch, key: [UInt8], readsSnapshot: Bool, positions: inout RowPositions,
        isTaken: (UnsafeRawBufferPointer) throws -> Bool
    ) rethrows -> CanonicalBatch {
        guard batch.columns == columns, isPositional else { return map(batch) }
        if let kept = kept(key, batch) { return BatchMapper.map(self, batch, KeyPositions(kept: kept)) }
        while true {
            let numbers = positions.numberAgain(batch, self, readsSnapshot: readsSnapshot)
            let mapped = BatchMapper.map(self, batch, numbers)
            // A record brought up to this key before, by a run that did not end, has its number.
            guard keyParts.contains(.occurrence), let record = mapped.records.first,
                try Array(mapped.bytes(record.key)).withUnsafeBytes(isTaken)
            else { return mapped }
        }
    }

    private func checkPositions(_ origin: Origin) throws {
        let isLine = keyParts.contains(.line)
        if origin.kind == .file || (origin.isSnapshot && !isLine) { return }
        let word = isLine ? "line" : "occurrence"
        throw HearthError(
            .configPositionalKey,
            isLine
                ? "the key of \(file.stream) holds \"line\", and \(origin.name) is no file: its records stand in another order at every reading"
                : "the key of \(file.stream) holds \"occurrence\", and \(origin.name) is a reading of changes, of which the next one counts from 0 again",
            at: file.key.first { $0.name == word }?.place ?? file.key.first?.place,
            advice:
                "name the columns that identify a row; where there are none, read the whole table at every run and use occurrence"
        )
    }

    /// The parts of a key that this row has under this plan; nil where the key was made in another way.
    private func kept(_ key: [UInt8], _ batch: borrowing RawBatch) -> [[UInt8]]? {
        let parts = RawRecord.parts(of: key)
        guard parts.count == keyParts.count else { return nil }
        for (part, kind) in zip(parts, keyParts) {
            switch kind {
            case .column(let column):
                let range = batch.fields[column]
                let value =
                    range.isNone ? nil : Array(batch.bytes[Int(range.offset)..<Int(range.offset) + Int(range.length)])
                guard RawRecord.encode([value]) == part else { return nil }
            case .line, .occurrence:
                // A line's number stands after a digest, or alone.
                let number = kind == .line ? part.suffix(while: { $0 != UInt8(ascii: ":") }) : part[...]
                guard !number.isEmpty, number.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
            }
        }
        return parts
    }
}

extension Array {
    /// The longest end whose elements all hold.
    fileprivate func suffix(while holds: (Element) -> Bool) -> ArraySlice<Element> {
        self[(lastIndex { !holds($0) }.map { $0 + 1 } ?? 0)...]
    }
}
