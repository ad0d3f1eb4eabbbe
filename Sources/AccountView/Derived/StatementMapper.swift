import HeatModel
public import Mapping
import Records
public import Store

/// Tells from a stored record's raw text what it states of its account beside its facts, under the present mapping file.
public struct StatementMapper {
    public let file: MappingFile
    private var plans: StoredRowPlans

    public init(_ file: MappingFile) {
        self.file = file
        plans = StoredRowPlans(file)
    }

    /// Whether records of the stream lead those of others to an account.
    public var makesStatements: Bool { file.introducesAccounts || file.registersSystem != nil }

    /// What a record says when it is mapped again.
    public struct Mapped {
        /// Nil for nothing.
        public var statement: RecordStatement?
        /// The record alone.
        public var batch: CanonicalBatch
    }

    /// Nil where the present mapping cannot read the record's raw text: what it stated before still stands.
    ///
    /// - Throws: `config.unknownZone`, `config.badValue` where the mapping file suits no rows at all.
    public mutating func map(_ record: StoredRecord) throws -> Mapped? {
        guard let plan = try plans.plan(columns: record.columns),
            let batch = RawRecord.batch(
                record.raw, columns: record.columns,
                origin: Origin(kind: .table, name: record.provenance.origin, isSnapshot: false),
                ordinal: record.provenance.ordinal)
        else { return nil }
        let mapped = plan.map(batch)
        guard let canonical = mapped.records.first else { return nil }
        return mapped.bytes.withUnsafeBytes { bytes in
            guard let account = record.account else { return Mapped(statement: nil, batch: mapped) }
            let place = file.introducesAccounts ? canonical.statedPlace(in: bytes) : nil
            let foreign = file.registersSystem.flatMap { system in
                canonical.registeredID(in: bytes).map { ForeignID(system: system, id: Array($0)) }
            }
            return Mapped(
                statement: place == nil && foreign == nil
                    ? nil : RecordStatement(account: account, place: place, foreignID: foreign),
                batch: mapped)
        }
    }
}
