/// Whether a stated count of pages can be believed. A path that names the page's own number, or the number of its records, gives a count
/// that is reached too early.
struct CountDoubt {
    private var mayBePage = true
    private var mayBeRecords: Bool
    private var pages = 0
    private var isFull = false

    /// - Parameter statesRecords: whether the number of records is known to stand elsewhere.
    init(statesRecords: Bool) { mayBeRecords = !statesRecords }

    mutating func take(_ count: Int64, page: Int64, records: Int64, size: Int) {
        isFull = records >= size
        if records == 0 { return }
        pages += 1
        mayBePage = mayBePage && count == page
        mayBeRecords = mayBeRecords && count == records
    }

    /// Whether only a page without records is the end: one full page that is page 1 of 1 proves nothing, and two pages that each state
    /// their own number prove that the count is none.
    var isOpen: Bool { (mayBePage && (pages > 1 || isFull)) || (mayBeRecords && isFull) }

    /// Whether the count is none of pages.
    var isPageNumber: Bool { mayBePage && pages > 1 }
}
