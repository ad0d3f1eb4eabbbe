import HeatModel

/// A cell that has something in it: where its text stands in its row, and why it has no value where it has none.
struct SheetCell {
    enum Fault {
        case error, uncomputed, noNumber, before1900, noSuchDay, tooLate, noText, tooLarge
    }

    /// From 0.
    var column: Int
    var start: Int
    var end: Int
    var fault: Fault?
}

/// `xl/worksheets/sheet….xml`: rows of cells, each cell's value as text. Empty cells are left out.
///
/// A row is handed over once it is whole; its cells are good until then.
final class SheetPart: XMLPart {
    /// What cells refer to.
    struct Book {
        var texts: SharedStrings
        var forms: [NumberForm]
        var dates: CellDate
        var isUncomputed: Bool
        /// A row's texts are kept up to this; what is beyond makes the row a defect.
        var mostRowBytes: Int
    }

    private let book: Book
    private let take: (SheetPart) throws -> Void

    // The row that is being read.
    private(set) var row = 0
    private(set) var isRowHidden = false
    private(set) var bytes: [UInt8] = []
    private(set) var cells: [SheetCell] = []
    /// Columns, from 0, that are hidden.
    private(set) var hiddenColumns: [ClosedRange<Int>] = []
    /// Cells of this row that hold a formula.
    private(set) var formulas: [Int] = []

    // The cell.
    private enum Kind { case number, shared, text, inline, boolean, error, date }
    private var kind = Kind.number
    private var column = -1
    private var style = 0
    private var hasFormula = false
    private var hasValue = false
    private var value: [UInt8] = []
    private enum Taking { case nothing, value, text }
    private var taking = Taking.nothing
    private var isPhonetic = false
    private var isInRow = false
    private static let mostRows = 1_048_576
    private static let mostColumns = 16_384

    init(_ sheet: WorkbookPackage.Sheet, _ book: Book, path: String, take: @escaping (SheetPart) throws -> Void) {
        self.book = book
        self.take = take
        super.init(name: "sheet \(sheet.name)", path: path)
    }

    func text(of cell: SheetCell) -> String { String(decoding: bytes[cell.start..<cell.end], as: UTF8.self) }

    /// Adds a text to the row's; returns where it begins.
    func append(_ text: [UInt8]) -> Int {
        bytes += text
        return bytes.count - text.count
    }

    override func start(_ name: Name, _ attributes: Attributes) throws {
        switch name[0] {
        case UInt8(ascii: "c") where name[1] == 0:
            if isInRow { try beginCell(attributes) }
        case UInt8(ascii: "v") where name[1] == 0:
            taking = .value
            hasValue = true
        case UInt8(ascii: "t") where name[1] == 0:
            if !isPhonetic, kind == .inline { taking = .text }
        case UInt8(ascii: "f") where name[1] == 0: hasFormula = true
        case UInt8(ascii: "r"):
            if Self.isName(name, "row") { try beginRow(attributes) } else if Self.isName(name, "rPh") { isPhonetic = true }
        default:
            if Self.isName(name, "col"), attributes.isTrue("hidden"), let first = attributes.number("min"),
                let last = attributes.number("max"), first >= 1, last >= first
            {
                hiddenColumns.append((first - 1)...(last - 1))
            }
        }
    }

    override func end(_ name: Name) throws {
        switch name[0] {
        case UInt8(ascii: "v") where name[1] == 0, UInt8(ascii: "t") where name[1] == 0: taking = .nothing
        case UInt8(ascii: "c") where name[1] == 0:
            if isInRow { try endCell() }
        case UInt8(ascii: "r"):
            if Self.isName(name, "row") {
                isInRow = false
                try take(self)
            } else if Self.isName(name, "rPh") {
                isPhonetic = false
            }
        default: break
        }
    }

    override func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        if taking != .nothing, value.count <= book.mostRowBytes { value.append(contentsOf: bytes) }
    }

    // MARK: rows and cells

    private func beginRow(_ attributes: Attributes) throws {
        let number = attributes["r"].map { Self.number($0) ?? 0 } ?? row + 1
        guard number > row, number <= Self.mostRows else { throw broken("its rows are not in order after \(row)") }
        row = number
        isRowHidden = attributes.isTrue("hidden")
        isInRow = true
        column = -1
        bytes.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
        formulas.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private func beginCell(_ attributes: Attributes) throws {
        var next = column + 1
        if let place = attributes["r"] {
            var index = 0
            var at = 0
            while at < place.count, at < 4, place[at] &- 0x41 < 26 {
                index = index * 26 + Int(place[at] - 0x40)
                at += 1
            }
            next = index - 1
        }
        guard next > column, next < Self.mostColumns else { throw broken("the cells of row \(row) are not in order") }
        column = next
        kind = .number
        if let type = attributes["t"], let first = type.first {
            switch (first, type.count) {
            case (UInt8(ascii: "s"), 1): kind = .shared
            case (UInt8(ascii: "s"), _): kind = .text
            case (UInt8(ascii: "i"), _): kind = .inline
            case (UInt8(ascii: "b"), _): kind = .boolean
            case (UInt8(ascii: "e"), _): kind = .error
            case (UInt8(ascii: "d"), _): kind = .date
            case (UInt8(ascii: "n"), _): break
            default: throw broken("a cell of row \(row) has an unknown type")
            }
        }
        style = attributes["s"].flatMap { Self.number($0) } ?? 0
        hasFormula = false
        hasValue = false
        taking = .nothing
        value.removeAll(keepingCapacity: true)
    }

    private func endCell() throws {
        if hasFormula {
            formulas.append(column)
            // What stands beside a formula that nobody computed is a place holder.
            if book.isUncomputed || !hasValue || (value.isEmpty && kind != .text) { return keep(.uncomputed) }
        }
        if value.isEmpty { return }
        let start = bytes.count
        var fault: SheetCell.Fault?
        if value.count > book.mostRowBytes || start > book.mostRowBytes { return keep(.tooLarge) }
        switch kind {
        case .shared:
            let index = value.withUnsafeBufferPointer { Self.number($0) }
            if let index, try book.texts.append(index, to: &bytes) { break }
            fault = .noText
        case .text, .inline, .date:
            let mayHold = value.withUnsafeBufferPointer(EscapedText.mayHold)
            bytes.append(contentsOf: mayHold && kind != .date ? EscapedText.undone(value, from: 0) : value)
        case .boolean: bytes.append(contentsOf: (value == [0x31] ? "TRUE" : "FALSE").utf8)
        case .error:
            bytes.append(contentsOf: value)
            fault = .error
        case .number: fault = appendNumber()
        }
        if fault == nil, bytes.count == start { return }
        cells.append(SheetCell(column: column, start: start, end: bytes.count, fault: fault))
    }

    /// A cell without a value that can be used; what is there of it is kept for people to see.
    private func keep(_ fault: SheetCell.Fault) {
        let start = bytes.count
        bytes.append(contentsOf: value.prefix(256))
        cells.append(SheetCell(column: column, start: start, end: bytes.count, fault: fault))
    }

    private func appendNumber() -> SheetCell.Fault? {
        let form = style < book.forms.count ? book.forms[style] : .plain
        return value.withUnsafeBufferPointer { stored in
            do throws(CellDate.Refusal) {
                switch form {
                case .plain:
                    if CellNumber.isPlain(stored) {
                        bytes.append(contentsOf: stored)
                    } else if let text = CellNumber.text(stored) {
                        bytes.append(contentsOf: text)
                    } else {
                        throw .noNumber
                    }
                case .padded(let width):
                    guard let text = CellNumber.text(stored) else { throw .noNumber }
                    let isWhole = text.allSatisfy { $0 &- 0x30 <= 9 }
                    if isWhole { bytes.append(contentsOf: repeatElement(0x30, count: max(0, width - text.count))) }
                    bytes.append(contentsOf: text)
                case .date(let hasDay, let hasTime):
                    bytes.append(contentsOf: try book.dates.text(stored, hasDay: hasDay, hasTime: hasTime))
                case .duration: bytes.append(contentsOf: try book.dates.duration(stored))
                }
                return nil
            } catch {
                bytes.append(contentsOf: stored)
                switch error {
                case .noNumber: return .noNumber
                case .before1900: return .before1900
                case .noSuchDay: return .noSuchDay
                case .tooLate: return .tooLate
                }
            }
        }
    }

    /// `A` for column 0, `AB` for 27.
    static func letters(_ column: Int) -> String {
        var letters = ""
        var rest = column + 1
        while rest > 0 {
            letters = String(UnicodeScalar(UInt8(65 + (rest - 1) % 26))) + letters
            rest = (rest - 1) / 26
        }
        return letters
    }
}
