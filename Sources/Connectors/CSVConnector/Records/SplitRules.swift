/// A stream's settings in the form that the splitter works with.
struct SplitRules {
    /// A byte value that no byte has: no quotes.
    static let none: UInt16 = 256

    var delimiter: [UInt8]
    var quote: UInt16
    var trailer: [UInt8]
    var nulls: [[UInt8]]
    var fillsWithNull: Bool

    init(_ stream: CSVStream) {
        delimiter = Array(stream.delimiter.utf8)
        quote = stream.quote?.utf8.first.map(UInt16.init) ?? Self.none
        trailer = Array((stream.trailer?.prefix ?? "").utf8)
        nulls = stream.nulls.map { Array($0.utf8) }
        fillsWithNull = stream.ragged == .fillWithNull
    }
}
