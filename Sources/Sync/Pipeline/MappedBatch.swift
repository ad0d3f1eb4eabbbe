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

    /// `positions` goes with the pull from its first batch to its last.
    init(mapping batch: RawBatch, with plan: MappingPlan, positions: inout RowPositions) throws {
        self.init(try plan.map(batch, positions: &positions), of: batch)
    }

    init(_ canonical: CanonicalBatch, of batch: RawBatch) {
        self.canonical = canonical
        columns = batch.columns
        origin = batch.origin
        defects = batch.defects
        cursor = batch.cursor
        endsOrigin = batch.endsOrigin
    }

    var readRows: Int { canonical.records.count + canonical.rejects.count + defects.count }

    /// Whether the batch may be taken although the pull broke off after it. A table that is read whole ends its records' lives where
    /// it lacks them, and only the end of the pull proves that it was whole; a file has its own sign that it is.
    var isWholeByItself: Bool { !origin.isSnapshot || origin.kind == .file }

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
