import JSONText

extension AccountViewBuilder {
    /// The charges that another stream of the account states already, under the same key with the same season, item and due, each with
    /// the stream whose row counts in its place: of those that state it the first in `unified.yaml`. Mostly the streams are one that
    /// was renamed and is listed under both names.
    ///
    /// - Returns: places in ``streams`` by places among the records; empty where every charge counts.
    func repeatedCharges(_ entries: ArraySlice<AccountRecords.Entry>, _ bytes: UnsafeRawBufferPointer) -> [Int: Int] {
        guard chargeStreams.count > 1, let first = entries.first(where: { isCharged[$0.stream] })?.stream,
            entries.contains(where: { isCharged[$0.stream] && $0.stream != first })
        else { return [:] }
        // One key's rows side by side, in the order of their streams in `unified.yaml`.
        let charges = entries.indices.filter { isCharged[entries[$0].stream] }.sorted { left, right in
            let (one, other) = (entries[left], entries[right])
            let (key, otherKey) = (bytes.part(one.key), bytes.part(other.key))
            if !key.equals(otherKey) { return key.precedes(otherKey) }
            return chargeStreams.firstIndex(of: one.stream)! < chargeStreams.firstIndex(of: other.stream)!
        }
        var repeats: [Int: Int] = [:]
        var start = 0
        while start < charges.count {
            let key = bytes.part(entries[charges[start]].key)
            let end = charges[start...].firstIndex { !bytes.part(entries[$0].key).equals(key) } ?? charges.count
            defer { start = end }
            if end - start == 1 { continue }
            let statements = charges[start..<end].map { ChargeStatement(bytes.part(entries[$0].body)) }
            for place in statements.indices.dropFirst() {
                guard let counts = statements[..<place].firstIndex(where: { $0.equals(statements[place]) }) else {
                    continue
                }
                repeats[charges[start + place]] = entries[charges[start + counts]].stream
            }
        }
        return repeats
    }
}

/// What two charges under one key must agree on to be one charge.
private struct ChargeStatement {
    /// JSON texts; empty where the charge does not state them.
    private var season = UnsafeRawBufferPointer(start: nil, count: 0)
    private var item = UnsafeRawBufferPointer(start: nil, count: 0)
    private var due = UnsafeRawBufferPointer(start: nil, count: 0)

    init(_ body: UnsafeRawBufferPointer) {
        var fields = JSONCursor(bytes: body)
        fields.beginObject()
        while let key = fields.nextKey() {
            let value = fields.value()
            if key.equals("season") {
                season = value
            } else if key.equals("item") {
                item = value
            } else if key.equals("due_fen") {
                due = value
            }
        }
    }

    func equals(_ other: ChargeStatement) -> Bool {
        season.equals(other.season) && item.equals(other.item) && due.equals(other.due)
    }
}
