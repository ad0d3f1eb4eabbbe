import HeatModel
import Records

/// A file's trailer, and its end.
extension FilePull {
    mutating func takeTrailer(_ found: Int) throws {
        try misplaceTrailer()
        let fields = (0..<min(found, splitter.columns)).map { index in
            String(decoding: bytes(of: splitter.fields[splitter.rows * splitter.columns + index]), as: UTF8.self)
        }
        trailer = TrailerRecord(fields: fields, line: splitter.line, raw: Array(recordBytes()))
        splitter.skipRecord()
        splitter.withholdsOpenEnd = false
    }

    /// A trailer that something follows was none.
    mutating func misplaceTrailer() throws {
        guard let early = trailer else { return }
        trailer = nil
        addDefect(
            .recordMisplacedTrailer, "a trailer that is not the last record", raw: early.raw, ordinal: early.line,
            line: early.line)
    }

    mutating func finish() throws -> Outcome {
        var stated: Int64?
        if let rule = stream.trailer {
            do {
                stated = try checkTrailer(rule)
            } catch {
                // What was read is good; the file as a whole is not.
                if !builder.isEmpty { try builder.flush(endsOrigin: false) }
                throw error
            }
        }
        try builder.flush(endsOrigin: true)
        var outcome = outcome(isCut: false)
        outcome.statedRows = stated
        outcome.isCounted = trailer != nil && (stream.trailer?.countField != nil || stream.trailer?.sumField != nil)
        outcome.endsLine = window.endsLine
        return outcome
    }

    func outcome(isCut: Bool) -> Outcome {
        Outcome(
            records: builder.records, statedRows: nil, sum: sumColumn == nil || sum.isBroken ? nil : sum, isCut: isCut)
    }

    private func checkTrailer(_ rule: CSVStream.Trailer) throws -> Int64? {
        guard let trailer else {
            if !rule.isRequired { return nil }
            throw CSVError.make(
                .sourceTruncated, "the file ends without its trailer", path, line: Int(splitter.line),
                advice: "Have the file sent again.")
        }
        return try trailer.check(rule, records: builder.records, sum: sum, path: path)
    }
}

/// A trailer that was met, until what follows shows that it was the last record.
struct TrailerRecord {
    var fields: [String]
    var line: Int64
    var raw: [UInt8]

    /// Holds what it states against what was read; returns the number of rows that it states.
    func check(_ rule: CSVStream.Trailer, records: Int64, sum: ControlSum, path: String) throws -> Int64? {
        func mismatch(_ message: String) -> HearthError {
            CSVError.make(
                .sourceTrailerMismatch, message, path, line: Int(line), advice: "Have the file sent again.")
        }
        func field(_ number: Int?) -> String? {
            number.flatMap { $0 >= 1 && $0 <= fields.count ? fields[$0 - 1] : nil }
        }
        var stated: Int64?
        if rule.countField != nil {
            guard let text = field(rule.countField), let count = ControlSum.count(stated: text) else {
                throw mismatch("the trailer states no number of records")
            }
            if count != records { throw mismatch("the trailer states \(count) records, the file has \(records)") }
            stated = count
        }
        if rule.sumField != nil {
            guard let text = field(rule.sumField), let stated = ControlSum(stated: text) else {
                throw mismatch("the trailer states no sum")
            }
            if sum.isBroken || sum != stated { throw mismatch("the trailer's sum is not that of the records") }
        }
        return stated
    }
}
