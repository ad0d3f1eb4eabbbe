/// How the rows of a stream are built: what its columns look like, and which of them each field of the body says again. Learned from rows
/// (``ShapeLearner``), kept once, and used to pack a row as the values of its columns alone.
///
/// Nothing is taken on trust: a row is packed this way only where the shape gives back its very bytes.
struct RowShape: Codable, Equatable {
    /// How a column's values are written. What fits none of it is written as text.
    enum Column: Codable, Equatable {
        case text
        /// Digits between two constant texts. Of a `width`: so many, zeros in front. Of 0: as a number is written, a minus in front where it is
        /// negative. The last `places` stand behind a point.
        case number(before: [UInt8], after: [UInt8], width: Int, places: Int)
        /// A date or a time: a text of one length, of which the digits differ. Years from 1900 to 2155.
        case moment(example: [UInt8])
        /// One of some few texts.
        case listed([[UInt8]])
    }

    /// A field of the body; one whose column is NULL or empty is left out.
    struct Field: Codable, Equatable {
        /// `"due_fen":`
        var name: [UInt8]
        var column: Int
        var rule: Rule
    }

    /// What a field makes of its column.
    enum Rule: Codable, Equatable {
        /// The text, escaped as JSON is, between two constants: quotes, or brackets too.
        case text(before: [UInt8], after: [UInt8])
        /// The number without its point, `places` digits behind it: fen of yuan.
        case scaled(places: Int)
        /// The number with `places` digits behind the point, in quotes.
        case padded(places: Int)
        /// For each listed text of the column another one; empty for none.
        case listed([[UInt8]])
        /// Parts of the column, from and to, each after a constant; and a last constant.
        case pieces([Piece], end: [UInt8])
        /// Nothing: every row says it apart.
        case apart
    }

    struct Piece: Codable, Equatable {
        var before: [UInt8]
        var from: Int
        var to: Int
    }

    var columns: [Column]
    var fields: [Field]

    /// Whether it is one that rows can be packed by.
    var isSound: Bool {
        let areColumns = columns.allSatisfy { column in
            switch column {
            case .text, .listed: true
            case .number(_, _, let width, let places): (0...18).contains(width) && (0...9).contains(places)
            case .moment(let example): ShapeCodec.canHold(moment: example)
            }
        }
        let areFields = fields.allSatisfy { field in
            if !columns.indices.contains(field.column) { return false }
            switch field.rule {
            case .text, .listed, .apart: return true
            case .scaled(let places), .padded(let places): return (0...18).contains(places)
            case .pieces(let pieces, _): return pieces.allSatisfy { 0 <= $0.from && $0.from <= $0.to }
            }
        }
        return areColumns && areFields
    }
}
