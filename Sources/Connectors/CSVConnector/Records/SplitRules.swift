/// A stream's settings in the form that the splitter works with.
struct SplitRules {
    /// A byte value that no byte has: no quotes.
    static let none: UInt16 = 256

    var delimiter: [UInt8]
    var quote: UInt16
    var escape: UInt16
    var trailer: [UInt8]
    /// What the first field of a trailer begins with, or is where `endsTrailerWord`; empty where `trailer` says more than that.
    var trailerWord: [UInt8] = []
    var endsTrailerWord = false
    var nulls: [[UInt8]]
    var fillsWithNull: Bool
    /// The header's line, so that a repeated header is not taken for a record.
    var header: [UInt8] = []
    /// How many empty fields beyond the last column are dropped.
    var emptyTail: Int

    init(_ stream: CSVStream) {
        delimiter = Array(stream.delimiter.utf8)
        quote = stream.quote?.utf8.first.map(UInt16.init) ?? Self.none
        escape = stream.escape?.utf8.first.map(UInt16.init) ?? Self.none
        trailer = Array((stream.trailer?.prefix ?? "").utf8)
        let prefix = stream.trailer?.prefix ?? ""
        let word = prefix.hasSuffix(stream.delimiter) ? String(prefix.dropLast(stream.delimiter.count)) : prefix
        if !word.contains(stream.delimiter), stream.quote.map({ !word.contains($0) }) ?? true {
            trailerWord = Array(word.utf8)
            endsTrailerWord = word != prefix
        }
        nulls = stream.nulls.map { Array($0.utf8) }
        fillsWithNull = stream.ragged == .fillWithNull
        emptyTail = stream.emptyTail == .drop ? .max : 0
    }

    /// Takes the escapes of a field away, in place; returns its length. The character after one stands as it is, but for `\n`, `\r`
    /// and `\t`.
    func unescape(_ p: UnsafeMutablePointer<UInt8>, _ length: Int, hasPairs: Bool) -> Int {
        var from = 0
        var to = 0
        while from < length {
            if UInt16(p[from]) == escape, from + 1 < length {
                from += 1
                switch p[from] {
                case UInt8(ascii: "n"): p[to] = 10
                case UInt8(ascii: "r"): p[to] = 13
                case UInt8(ascii: "t"): p[to] = 9
                default: p[to] = p[from]
                }
            } else {
                p[to] = p[from]
                if hasPairs, UInt16(p[from]) == quote { from += 1 }
            }
            from += 1
            to += 1
        }
        return to
    }
}
