import HeatModel

/// The pages of a pass so far, by what their records are.
struct PageMemory {
    private var contents: Set<UInt64> = []
    private var before: PageDigest?
    private var keys: Set<UInt64> = []
    private var keysAreUnique = true
    /// Records whose key an earlier page had.
    private(set) var repeated: Int64 = 0
    private static let mostKeys = 4_000_000

    /// - Parameter first: what the pass's first page held, where an earlier run read it.
    init(first: UInt64?) { if let first { contents.insert(first) } }

    /// Throws `source.badAnswer` where the same records came before: the service does not look at the page, or goes in circles.
    mutating func take(_ page: PageDigest, at place: Place) throws {
        if page.records == 0 { return }
        defer { before = page }
        let isAgain =
            ((page.records > 1 || page.keys != 0) && contents.contains(page.content))
            || (page.records == before?.records
                && (page.content == before?.content || (page.keys != 0 && page.keys == before?.keys)))
        if isAgain {
            throw HearthError(
                .sourceBadAnswer, "the service gives the same page again", at: place,
                advice:
                    "Check that the body sends {{page}} or {{token}} as the service wants it. If it gives its last page again after the end, say where it states the end: pages with hasMore, count or total."
            )
        }
        contents.insert(page.content)
        count(page.allKeys)
    }

    private mutating func count(_ pageKeys: [UInt64]) {
        guard keysAreUnique, !pageKeys.isEmpty else { return }
        // Keys that one page holds twice are no keys of records; too many are not kept.
        if Set(pageKeys).count != pageKeys.count || keys.count > Self.mostKeys {
            keysAreUnique = false
            repeated = 0
            keys = []
            return
        }
        for key in pageKeys where !keys.insert(key).inserted { repeated += 1 }
    }
}
