import JSONText

extension AccountViewBuilder {
    /// Adds the records that another stream of the account states already, under the same key with the same statement, each with the
    /// stream whose row counts in its place: of those that state it the first in `unified.yaml`. Mostly the streams are one that was
    /// renamed and is listed under both names.
    ///
    /// - Parameter repeats: places in ``streams`` by places among the records.
    func addRepeated(
        _ records: CountedOnce, _ entries: ArraySlice<AccountRecords.Entry>, _ bytes: UnsafeRawBufferPointer,
        _ texts: UnsafeRawBufferPointer, to repeats: inout [Int: Int]
    ) {
        guard records.streams.count > 1, let first = entries.first(where: { records.isOf[$0.stream] })?.stream,
            entries.contains(where: { records.isOf[$0.stream] && $0.stream != first })
        else { return }
        // One key's rows side by side, in the order of their streams in `unified.yaml`.
        let places = entries.indices.filter { records.isOf[entries[$0].stream] }.sorted { left, right in
            let (one, other) = (entries[left], entries[right])
            let (key, otherKey) = (bytes.part(one.key), bytes.part(other.key))
            if !key.equals(otherKey) { return key.precedes(otherKey) }
            return records.streams.firstIndex(of: one.stream)! < records.streams.firstIndex(of: other.stream)!
        }
        let names = records.statement.map { texts.part($0) }
        var start = 0
        while start < places.count {
            let key = bytes.part(entries[places[start]].key)
            let end = places[start...].firstIndex { !bytes.part(entries[$0].key).equals(key) } ?? places.count
            defer { start = end }
            if end - start == 1 { continue }
            let statements = places[start..<end].map { Statement(bytes.part(entries[$0].body), names) }
            for place in statements.indices.dropFirst() {
                guard let counts = statements[..<place].firstIndex(where: { $0.equals(statements[place]) }) else {
                    continue
                }
                repeats[places[start + place]] = entries[places[start + counts]].stream
            }
        }
    }
}

/// What two records under one key must agree on to be one.
private struct Statement {
    /// JSON texts in the order of the names; empty where the record does not state them.
    private var values: [UnsafeRawBufferPointer]

    init(_ body: UnsafeRawBufferPointer, _ names: [UnsafeRawBufferPointer]) {
        values = Array(repeating: UnsafeRawBufferPointer(start: nil, count: 0), count: names.count)
        var fields = JSONCursor(bytes: body)
        fields.beginObject()
        while let key = fields.nextKey() {
            let value = fields.value()
            if let place = names.firstIndex(where: { $0.equals(key) }) { values[place] = value }
        }
    }

    func equals(_ other: Statement) -> Bool { zip(values, other.values).allSatisfy { $0.equals($1) } }
}
