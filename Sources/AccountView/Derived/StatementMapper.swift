import HeatModel
public import Mapping
import Records
public import Store

/// Tells from a stored record's raw text what it states of its account beside its facts, under the present mapping file.
public struct StatementMapper {
    public let file: MappingFile
    private var plans: [[String]: MappingPlan?] = [:]

    public init(_ file: MappingFile) { self.file = file }

    /// Whether records of the stream lead those of others to an account.
    public var makesStatements: Bool { file.introducesAccounts || file.registersSystem != nil }

    /// What a record says when it is mapped anew.
    public struct Mapped {
        /// Nil for nothing.
        public var statement: RecordStatement?
        /// The foreign id that it finds its account by.
        public var crosswalkID: [UInt8]?
    }

    /// Nil where the present mapping cannot read the record's raw text: what it stated before still stands.
    public mutating func map(_ record: StoredRecord) -> Mapped? {
        if plans[record.columns] == nil {
            plans[record.columns] = .some(try? MappingPlan(file, columns: record.columns))
        }
        guard let plan = plans[record.columns] ?? nil,
            let batch = RawRecord.batch(
                record.raw, columns: record.columns,
                origin: Origin(kind: .table, name: record.provenance.origin, isSnapshot: false),
                ordinal: record.provenance.ordinal)
        else { return nil }
        let mapped = plan.map(batch)
        guard let canonical = mapped.records.first else { return nil }
        return mapped.bytes.withUnsafeBytes { bytes in
            let crosswalkID = bytes.slice(canonical.crosswalkID).map { Array($0) }
            guard let account = record.account else { return Mapped(statement: nil, crosswalkID: crosswalkID) }
            let place = file.introducesAccounts ? canonical.statedPlace(in: bytes) : nil
            let foreign = file.registersSystem.flatMap { system in
                canonical.registeredID(in: bytes).map { ForeignID(system: system, id: Array($0)) }
            }
            return Mapped(
                statement: place == nil && foreign == nil
                    ? nil : RecordStatement(account: account, place: place, foreignID: foreign),
                crosswalkID: crosswalkID)
        }
    }
}
