import HeatModel
import Mapping
import Records

/// A batch on its way from the mapping to the store.
struct MappedBatch: Sendable {
    var canonical: CanonicalBatch
    var columns: [String]
    var origin: Origin
    var defects: [RecordDefect]
    var cursor: Cursor?
    var endsOrigin: Bool

    init(mapping batch: RawBatch, with plan: MappingPlan) {
        canonical = plan.map(batch)
        columns = batch.columns
        origin = batch.origin
        defects = batch.defects
        cursor = batch.cursor
        endsOrigin = batch.endsOrigin
    }

    var readRows: Int { canonical.records.count + canonical.rejects.count + defects.count }

    /// The greatest record number in the batch.
    var lastOrdinal: Int64? {
        var last = canonical.records.last?.ordinal
        for ordinal in [canonical.rejects.last?.ordinal, defects.last?.ordinal] {
            if let ordinal { last = max(last ?? ordinal, ordinal) }
        }
        return last
    }

    /// Leaves out the rows up to a number.
    mutating func dropThrough(ordinal: Int64) {
        canonical.records.removeAll { $0.ordinal <= ordinal }
        canonical.rejects.removeAll { $0.ordinal <= ordinal }
        defects.removeAll { $0.ordinal <= ordinal }
    }
}
