import Records

/// What the rows and their batches are.
extension ConnectorConformance {
    func rowsExact() throws -> String? {
        for request in [request(), request(rows: 16_384)] {
            let found = try pull(request).rows.tally
            let expected = fixture.rows.tally
            for row in fixture.rows where found[row, default: 0] != expected[row, default: 0] {
                return "row \(row) came \(found[row, default: 0]) times instead of \(expected[row, default: 0])"
            }
            for row in found.keys where expected[row] == nil { return "row \(row) is not in the source" }
        }
        return nil
    }

    func batchesWellFormed() throws -> String? {
        for batch in try pull(request()).batches {
            guard batch.isWellFormed else {
                return
                    "\(batch.fields.count) fields for \(batch.rowCount) rows × \(batch.columns.count) columns, or a range beyond "
                    + "\(batch.bytes.count) bytes"
            }
            for field in batch.fields where !field.isNone {
                let bytes = batch.bytes[Int(field.offset)..<Int(field.offset) + Int(field.length)]
                if String(validating: bytes, as: UTF8.self) == nil {
                    return "field bytes \(Array(bytes)) are not UTF-8"
                }
            }
        }
        return nil
    }

    func batchRowsRespected() throws -> String? {
        for most in [1, 3] {
            for batch in try pull(request(rows: most)).batches where batch.recordCount > most {
                return "\(batch.recordCount) records in a batch of at most \(most)"
            }
        }
        return nil
    }

    func batchBytesRespected() throws -> String? {
        let sizes = fixture.rows.map { row in row.reduce(0) { $0 + ($1?.utf8.count ?? 0) } }
        for most in [1, (sizes.max() ?? 0) * 2 + 16] {
            for batch in try pull(request(rows: 16_384, bytes: most)).batches
            where batch.bytes.count > most && batch.recordCount > 1 {
                return "\(batch.bytes.count) bytes and \(batch.recordCount) records in a batch of at most \(most) bytes"
            }
        }
        return nil
    }

    func ordinalsRise() throws -> String? {
        for batches in try pull(request()).byOrigin {
            var last = Int64.min
            for ordinal in batches.flatMap(\.ordinals) {
                if ordinal <= last { return "ordinal \(ordinal) after \(last) in \(batches[0].origin.name)" }
                last = ordinal
            }
        }
        return nil
    }

    func columnsStable() throws -> String? {
        for batch in try pull(request()).batches where batch.columns != fixture.columns {
            return "batch of \(batch.origin.name) has columns \(batch.columns), expected \(fixture.columns)"
        }
        let described = try fixture.connector().discover().first { $0.name == fixture.stream }
        if let names = described?.columns.map(\.name), names != fixture.columns {
            return "discover has columns \(names), expected \(fixture.columns)"
        }
        return nil
    }

    func deterministic() throws -> String? {
        let first = try pull(request())
        let second = try pull(request())
        if first.rows != second.rows { return "a second pull gave other rows, or another order" }
        if first.batches.flatMap(\.ordinals) != second.batches.flatMap(\.ordinals) {
            return "a second pull gave other ordinals"
        }
        return nil
    }

    func summaryCounts() throws -> String? {
        let recording = try pull(request())
        guard recording.summary.rows == Int64(recording.recordCount) else {
            return "the summary says \(recording.summary.rows) rows, \(recording.recordCount) were delivered"
        }
        return nil
    }
}
