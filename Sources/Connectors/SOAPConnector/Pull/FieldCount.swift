import HeatModel
import Records

/// In how many records of a pull each field's path was found.
struct FieldCount {
    private(set) var records: Int64 = 0
    private(set) var hits: [Int64]

    init(_ stream: SOAPStream) { hits = [Int64](repeating: 0, count: stream.fields.count) }

    mutating func add(_ end: SOAPEnvelopeEnd) {
        records += end.records
        for index in hits.indices where index < end.hits.count { hits[index] += end.hits[index] }
    }

    /// Throws `source.badAnswer` for a path that every record of earlier pulls had and that none of this one has. What stands
    /// around records is left to the notices: all events of one order lack its account together, which is no rename.
    func check(_ stream: SOAPStream, against memory: AnswerMemory, at place: Place) throws {
        for (field, count) in zip(stream.fields, hits)
        where count == 0 && !field.isOptional && !field.path.hasPrefix("..") {
            guard memory.misses(field.path, in: records) else { continue }
            throw HearthError(
                .sourceBadAnswer,
                "none of \(records) records has \(field.path) (field \(field.name)), which all earlier records had",
                at: place,
                advice:
                    "If the service renamed the element, correct the path; if it may rightly be absent, say \(field.name): {path, optional: true}."
            )
        }
    }

    /// Paths that matched nothing, for `check` and for a run's remarks.
    func remarks(_ stream: SOAPStream) -> [CheckFinding] {
        let missing = records == 0 ? [] : zip(stream.fields, hits).filter { $0.1 == 0 }.map(\.0)
        if missing.isEmpty { return [] }
        let names = missing.map { "\($0.path) (\($0.name))" }.joined(separator: ", ")
        return [
            CheckFinding(
                "stream \(stream.name)", .warning, "in \(records) records nothing stands at \(names)",
                advice: "Right if these are always absent; else check spelling and namespace of the paths.")
        ]
    }
}
