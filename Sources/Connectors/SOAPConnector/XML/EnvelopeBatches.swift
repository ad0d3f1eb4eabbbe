import CLibXML2
import HeatModel
import Records

// How the reader turns the core's plain memory into batches and defects.

extension SOAPEnvelopeReader {
    /// Puts the present rows into a batch of their own.
    func flush() {
        ready.append(makeBatch(rows: core.pointee.rows, bytes: core.pointee.bytes.count))
        clearBatch()
    }

    func makeBatch(rows: Int, bytes: Int) -> RawBatch {
        let count = rows * columns.count
        let batch = RawBatch(
            columns: columns, origin: origin, bytes: core.pointee.bytes.slice(0..<bytes),
            fields: Array(UnsafeBufferPointer(start: core.pointee.fields, count: count)),
            ordinals: Array(UnsafeBufferPointer(start: core.pointee.ordinals, count: rows)), defects: defects)
        cursorMax?.take(batch)
        pageDigest?.take(batch)
        return batch
    }

    func clearBatch() {
        core.pointee.rows = 0
        core.pointee.defects = 0
        core.pointee.bytes.count = 0
        defects.removeAll()
        for index in 0..<core.pointee.slotCount { core.pointee.slots[index].isPlaced = false }
    }

    func growRows() {
        let columns = self.columns.count
        let capacity = core.pointee.rowCapacity * 2
        let fields = UnsafeMutablePointer<ByteRange>.allocate(capacity: capacity * columns)
        fields.update(from: core.pointee.fields, count: core.pointee.rows * columns)
        core.pointee.fields.deallocate()
        core.pointee.fields = fields
        let ordinals = UnsafeMutablePointer<Int64>.allocate(capacity: capacity)
        ordinals.update(from: core.pointee.ordinals, count: core.pointee.rows)
        core.pointee.ordinals.deallocate()
        core.pointee.ordinals = ordinals
        core.pointee.rowCapacity = capacity
    }

    /// The last row has made the batch too large: it moves to the next one, alone.
    func splitLastRow() {
        let columns = self.columns.count
        let rows = core.pointee.rows - 1
        let start = core.pointee.recordBytesStart
        let tail = core.pointee.bytes.slice(start..<core.pointee.bytes.count)
        let row = Array(UnsafeBufferPointer(start: core.pointee.fields + rows * columns, count: columns))
        let ordinal = core.pointee.ordinals[rows]
        ready.append(makeBatch(rows: rows, bytes: start))
        clearBatch()
        core.pointee.row = core.pointee.fields
        for index in 0..<columns { core.pointee.row[index] = row[index] }
        placeAncestors(core)
        let moved = Int64(core.pointee.bytes.count) - Int64(start)
        core.pointee.bytes.append(tail)
        for index in 0..<columns where !row[index].isNone && Int(row[index].offset) >= start {
            core.pointee.row[index].offset = UInt32(Int64(row[index].offset) + moved)
        }
        core.pointee.ordinals[0] = ordinal
        core.pointee.rows = 1
    }

    /// The record that ends here could not be read: its bytes as they stood go to the batch instead of its fields.
    func takeDefect() {
        let bad = core.pointee.bad
        core.pointee.bytes.count = core.pointee.recordBytesStart
        let end = position(core)
        let (code, message) = describe(bad)
        defects.append(
            RecordDefect(
                code: code, message: message, ordinal: core.pointee.recordsFound,
                place: .envelope(reading.originName, number: reading.number, record: Int(core.pointee.recordsFound)),
                raw: rawBytes(from: core.pointee.recordStart, to: end)))
        core.pointee.defects += 1
        countDefect()
        forgetBare(before: end)
        // The parser takes up again as if nothing had been wrong.
        core.pointee.parser.pointee.wellFormed = 1
        core.pointee.parser.pointee.errNo = 0
        core.pointee.parser.pointee.charset = 1
    }

    private func describe(_ bad: EnvelopeCore.Bad) -> (HearthError.Code, String) {
        switch bad {
        case .none, .encoding: (.recordUndecodable, "the record has bytes that its encoding does not know")
        case .character: (.recordUndecodable, "the record has bytes that its encoding or XML does not allow")
        case .reference: (.recordBadReference, "the record has a bare & or a reference that XML does not know")
        case .repeated:
            (
                .recordRepeatedElement,
                "field \(columns[Int(core.pointee.badField)]) stands more than once; say under repeated what is meant"
            )
        case .unbound: (.recordUnboundPrefix, "the record has a name whose prefix is bound to no namespace")
        case .elsewhere:
            (
                .recordContentElsewhere,
                "an element of the record points with href or ref to content that stands elsewhere in the answer"
            )
        case .attachment:
            (.recordContentElsewhere, "an element of the record has its content in an attachment (xop:Include)")
        case .tooLarge: (.recordTooLarge, "the record is larger than \(reading.limits.recordBytes) bytes")
        }
    }

    func separator(of field: Int32) -> [UInt8] {
        if case .join(let text) = stream.fields[Int(field)].repeated { return Array(text.utf8) }
        return []
    }

    /// In how many records, at most, each field's path was found.
    func hitsByField() -> [Int64] {
        var hits = [Int64](repeating: 0, count: columns.count)
        for index in 0..<compiled.nodeCount {
            let node = core.pointee.nodes[index]
            if node.textField >= 0 { hits[Int(node.textField)] = node.hits }
            for at in Int(node.firstAttribute)..<Int(node.firstAttribute + node.attributeCount) {
                let target = core.pointee.attributes[at]
                hits[Int(target.field)] = target.hits
            }
        }
        for index in 0..<core.pointee.twinCount {
            let twin = core.pointee.twins[index]
            hits[Int(twin.to)] = hits[Int(twin.from)]
        }
        let records = core.pointee.recordsFound
        for (index, slot) in compiled.slots.enumerated() {
            guard case .ancestor(let field, _) = slot else { continue }
            let value = core.pointee.slots[index]
            // One that stands there and holds nothing is found all the same.
            hits[field] = value.hits == 0 && value.wasFound ? records : value.hits
        }
        return hits.map { min($0, records) }
    }

    func slotText(_ slot: StreamPaths.Slot) -> String? {
        guard let index = compiled.slots.firstIndex(of: slot) else { return nil }
        let value = core.pointee.slots[index]
        if value.isNull { return value.wasFound ? "" : nil }
        let text = String(decoding: value.bytes.slice(0..<value.bytes.count), as: UTF8.self)
        return String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
