import Glibc
import HeatModel

/// The part of a file's text that is in memory: what is not split yet, and then the next piece.
struct TextWindow: ~Copyable {
    private let feed: TextFeed
    private(set) var text: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var end = 0
    private(set) var isLast = false
    /// Whether the text so far ends with a line's end, or is empty.
    private(set) var endsLine = true
    private var endsInCharacter = false
    private static let slack = 64

    init(_ feed: TextFeed) {
        self.feed = feed
        capacity = TextFeed.room * 2
        text = .allocate(capacity: capacity + Self.slack)
        memset(text, 0, capacity + Self.slack)
    }

    deinit { text.deallocate() }

    /// Whether every byte so far is known to be UTF-8.
    var isClean: Bool { feed.isClean }

    /// Drops what stands before `start` and adds the next piece; what stood at `start` is then at 0.
    mutating func advance(from start: Int) throws {
        let kept = end - start
        if kept + TextFeed.room > capacity {
            capacity = kept * 2 + TextFeed.room
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + Self.slack)
            memset(larger, 0, capacity + Self.slack)
            larger.update(from: text + start, count: kept)
            text.deallocate()
            text = larger
        } else {
            text.update(from: text + start, count: kept)
        }
        let added = try feed.fill(text + kept)
        end = kept + added
        if added > 0 {
            endsLine = text[end - 1] == 10 || text[end - 1] == 13
            endsInCharacter = UTF8Scan.endsUnfinished(text, count: end)
        } else {
            // What a cut file holds of its last record is no record.
            if let error = feed.faultError(endsInCharacter: endsInCharacter) { throw error }
            isLast = true
        }
    }
}
