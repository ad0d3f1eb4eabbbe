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

    /// Columns, from 0, that are hidden.
    private(set) var hiddenColumns: [ClosedRange<Int>] = []

    /// The row and the cell that are being read. They lie at one address, so that six million cells cost no checks of access each.
    private struct Now {
        var row = 0
        var isRowHidden = false
        var isInRow = false
        var bytes: [UInt8] = []
        var cells: [SheetCell] = []
        var formulas: [Int] = []

        var kind = Kind.number
        var column = -1
        var style = 0
        var hasFormula = false
        var hasValue = false
        var value: [UInt8] = []
        var taking = Taking.nothing
        var isPhonetic = false
    }
    private enum Kind { case number, shared, text, inline, boolean, error, date }
    private enum Taking { case nothing, value, text }
    private let now: UnsafeMutablePointer<Now>

    /// From 1.
    var row: Int { now.pointee.row }
    var isRowHidden: Bool { now.pointee.isRowHidden }
    /// The texts of the row's cells.
    var bytes: [UInt8] { now.pointee.bytes }
    var cells: [SheetCell] { now.pointee.cells }
    /// Columns of this row's cells that hold a formula.
    var formulas: [Int] { now.pointee.formulas }

    private static let mostRows = 1_048_576
    private static let mostColumns = 16_384

    init(_ sheet: WorkbookPackage.Sheet, _ book: Book, path: String, take: @escaping (SheetPart) throws -> Void) {
        self.book = book
        self.take = take
        now = .allocate(capacity: 1)
        now.initialize(to: Now())
        super.init(name: "sheet \(sheet.name)", path: path)
    }

    deinit {
        now.deinitialize(count: 1)
        now.deallocate()
    }

    func text(of cell: SheetCell) -> String { String(decoding: bytes[cell.start..<cell.end], as: UTF8.self) }

    /// Adds a text to the row's; returns where it begins.
    func append(_ text: [UInt8]) -> Int {
        now.pointee.bytes += text
        return now.pointee.bytes.count - text.count
    }

    override func start(_ name: Name, _ attributes: Attributes) throws {
        switch name[0] {
        case UInt8(ascii: "c") where name[1] == 0:
            if now.pointee.isInRow { try beginCell(attributes) }
        case UInt8(ascii: "v") where name[1] == 0:
            now.pointee.taking = .value
            now.pointee.hasValue = true
        case UInt8(ascii: "t") where name[1] == 0:
            if !now.pointee.isPhonetic, now.pointee.kind == .inline { now.pointee.taking = .text }
        case UInt8(ascii: "f") where name[1] == 0: now.pointee.hasFormula = true
        case UInt8(ascii: "r"):
            if Self.isName(name, "row") {
                try beginRow(attributes)
            } else if Self.isName(name, "rPh") {
                now.pointee.isPhonetic = true
            }
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
        case UInt8(ascii: "v") where name[1] == 0, UInt8(ascii: "t") where name[1] == 0: now.pointee.taking = .nothing
        case UInt8(ascii: "c") where name[1] == 0:
            if now.pointee.isInRow { try endCell() }
        case UInt8(ascii: "r"):
            if Self.isName(name, "row") {
                now.pointee.isInRow = false
                try take(self)
            } else if Self.isName(name, "rPh") {
                now.pointee.isPhonetic = false
            }
        default: break
        }
    }

    override func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        if now.pointee.taking != .nothing, now.pointee.value.count <= book.mostRowBytes {
            now.pointee.value.append(contentsOf: bytes)
        }
    }

    // MARK: rows and cells

    private func beginRow(_ attributes: Attributes) throws {
        let number = attributes["r"].map { Self.number($0) ?? 0 } ?? now.pointee.row + 1
        guard number > now.pointee.row, number <= Self.mostRows else {
            throw broken("its rows are not in order after \(now.pointee.row)")
        }
        now.pointee.row = number
        now.pointee.isRowHidden = attributes.isTrue("hidden")
        now.pointee.isInRow = true
        now.pointee.column = -1
        now.pointee.bytes.removeAll(keepingCapacity: true)
        now.pointee.cells.removeAll(keepingCapacity: true)
        now.pointee.formulas.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private func beginCell(_ attributes: Attributes) throws {
        var next = now.pointee.column + 1
        if let place = attributes["r"] {
            var index = 0
            var at = 0
            while at < place.count, at < 4, place[at] &- 0x41 < 26 {
                index = index * 26 + Int(place[at] - 0x40)
                at += 1
            }
            next = index - 1
        }
        guard next > now.pointee.column, next < Self.mostColumns else {
            throw broken("the cells of row \(now.pointee.row) are not in order")
        }
        now.pointee.column = next
        now.pointee.kind = .number
        if let type = attributes["t"], let first = type.first {
            switch (first, type.count) {
            case (UInt8(ascii: "s"), 1): now.pointee.kind = .shared
            case (UInt8(ascii: "s"), _): now.pointee.kind = .text
            case (UInt8(ascii: "i"), _): now.pointee.kind = .inline
            case (UInt8(ascii: "b"), _): now.pointee.kind = .boolean
            case (UInt8(ascii: "e"), _): now.pointee.kind = .error
            case (UInt8(ascii: "d"), _): now.pointee.kind = .date
            case (UInt8(ascii: "n"), _): break
            default: throw broken("a cell of row \(now.pointee.row) has an unknown type")
            }
        }
        now.pointee.style = attributes["s"].flatMap { Self.number($0) } ?? 0
        now.pointee.hasFormula = false
        now.pointee.hasValue = false
        now.pointee.taking = .nothing
        now.pointee.value.removeAll(keepingCapacity: true)
    }

    private func endCell() throws {
        if now.pointee.hasFormula {
            now.pointee.formulas.append(now.pointee.column)
            // What stands beside a formula that nobody computed is a place holder.
            if book.isUncomputed || !now.pointee.hasValue || (now.pointee.value.isEmpty && now.pointee.kind != .text) {
                return keep(.uncomputed)
            }
        }
        if now.pointee.value.isEmpty { return }
        let start = now.pointee.bytes.count
        var fault: SheetCell.Fault?
        if now.pointee.value.count > book.mostRowBytes || start > book.mostRowBytes { return keep(.tooLarge) }
        switch now.pointee.kind {
        case .shared:
            let index = now.pointee.value.withUnsafeBufferPointer { Self.number($0) }
            if let index, try book.texts.append(index, to: &now.pointee.bytes) { break }
            fault = .noText
        case .text, .inline, .date:
            let mayHold = now.pointee.value.withUnsafeBufferPointer(EscapedText.mayHold)
            now.pointee.bytes.append(
                contentsOf: mayHold && now.pointee.kind != .date
                    ? EscapedText.undone(now.pointee.value, from: 0) : now.pointee.value)
        case .boolean: now.pointee.bytes.append(contentsOf: (now.pointee.value == [0x31] ? "TRUE" : "FALSE").utf8)
        case .error:
            now.pointee.bytes.append(contentsOf: now.pointee.value)
            fault = .error
        case .number: fault = appendNumber()
        }
        if fault == nil, now.pointee.bytes.count == start { return }
        now.pointee.cells.append(
            SheetCell(column: now.pointee.column, start: start, end: now.pointee.bytes.count, fault: fault))
    }

    /// A cell without a value that can be used; what is there of it is kept for people to see.
    private func keep(_ fault: SheetCell.Fault) {
        let start = now.pointee.bytes.count
        now.pointee.bytes.append(contentsOf: now.pointee.value.prefix(256))
        now.pointee.cells.append(
            SheetCell(column: now.pointee.column, start: start, end: now.pointee.bytes.count, fault: fault))
    }

    private func appendNumber() -> SheetCell.Fault? {
        let form = now.pointee.style < book.forms.count ? book.forms[now.pointee.style] : .plain
        return now.pointee.value.withUnsafeBufferPointer { stored in
            do throws(CellDate.Refusal) {
                switch form {
                case .plain:
                    if CellNumber.isPlain(stored) {
                        now.pointee.bytes.append(contentsOf: stored)
                    } else if let text = CellNumber.text(stored) {
                        now.pointee.bytes.append(contentsOf: text)
                    } else {
                        throw .noNumber
                    }
                case .padded(let width):
                    guard let text = CellNumber.text(stored) else { throw .noNumber }
                    let isWhole = text.allSatisfy { $0 &- 0x30 <= 9 }
                    if isWhole {
                        now.pointee.bytes.append(contentsOf: repeatElement(0x30, count: max(0, width - text.count)))
                    }
                    now.pointee.bytes.append(contentsOf: text)
                case .date(let hasDay, let hasTime):
                    now.pointee.bytes.append(contentsOf: try book.dates.text(stored, hasDay: hasDay, hasTime: hasTime))
                case .duration: now.pointee.bytes.append(contentsOf: try book.dates.duration(stored))
                }
                return nil
            } catch {
                now.pointee.bytes.append(contentsOf: stored)
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
