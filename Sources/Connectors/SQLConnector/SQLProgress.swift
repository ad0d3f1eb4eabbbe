import HeatModel
import Records

extension PullSummary {
    /// Notes that no row stands where the last pull left off, or beyond. Rows were deleted, the table was emptied, or it was filled
    /// anew; of a table filled anew, rows with values below the stored one are not seen.
    mutating func noticeNothingReached(column: String, at place: String) {
        notice(
            "cursor.behind",
            "no row has a value of \(column) as great as the one seen last: rows were deleted, or the table was filled anew and what lies below is not read. A full refresh reads it",
            at: place)
    }
}
