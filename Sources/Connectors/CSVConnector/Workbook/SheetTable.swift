import HeatModel

/// Where the table of a sheet stands: its columns, and the row that names them.
struct SheetTable {
    var names: [String]
    /// Of the sheet, from 0: the table's columns stand side by side.
    var columns: Range<Int>
    var headerRow: Int

    /// Whether a cell lies in the table.
    @inline(__always)
    func index(of column: Int) -> Int? { columns.contains(column) ? column - columns.lowerBound : nil }
}

/// Looks for the row that names the columns.
struct SheetHeader {
    let stream: CSVStream
    let sheet: String
    let path: String
    /// Rows that hold a title across several columns.
    private(set) var titles: [Int] = []
    /// The header is looked for in so many rows with something in them.
    private static let mostRows = 200
    private var seen = 0

    init(_ stream: CSVStream, sheet: String, path: String) {
        self.stream = stream
        self.sheet = sheet
        self.path = path
    }

    /// The table, where this row names its columns; nil where it stands before that row. Throws where it should, and does not.
    mutating func table(_ part: SheetPart, _ merged: MergedCells) throws -> SheetTable? {
        if !stream.hasHeader {
            let columns = stream.columns ?? []
            if part.row <= stream.preambleLines { return nil }
            return SheetTable(names: columns, columns: 0..<columns.count, headerRow: part.row - 1)
        }
        if part.row <= stream.preambleLines || part.cells.isEmpty { return nil }
        let wanted = stream.workbook.headerHas
        if !wanted.isEmpty {
            let texts = Set(part.cells.map { part.text(of: $0) })
            if !texts.isSuperset(of: wanted) {
                seen += 1
                if seen < Self.mostRows { return nil }
                throw missing()
            }
        } else if stream.preambleLines == 0, part.cells.allSatisfy({ merged.spansColumns($0.column) }) {
            titles.append(part.row)
            return nil
        }
        return try named(part)
    }

    /// The error of a sheet that ended before its header.
    func missing() -> HearthError {
        let wanted = stream.workbook.headerHas
        return broken(
            .sourceNoHeader,
            wanted.isEmpty
                ? "there is no row that names the columns"
                : "no row has \(DropListing.shown(wanted, most: 20)), which `headerHas` looks for", row: 0, column: 0,
            advice: "Have the sender write the header also where there are no rows; check `headerHas` and `sheets`.")
    }

    private func named(_ part: SheetPart) throws -> SheetTable {
        let cells = part.cells.filter { !part.text(of: $0).allSatisfy(\.isWhitespace) }
        guard let first = cells.first, let last = cells.last else { throw missing() }
        if last.column - first.column >= FileHead.mostColumns {
            throw broken(
                .sourceBadHeader, "the header has more than \(FileHead.mostColumns) columns", row: part.row, column: 0,
                advice: "Have fewer columns sent.")
        }
        var names: [String] = []
        var seen: Set<String> = []
        for column in first.column...last.column {
            let cell = cells.first { $0.column == column }
            let name = cell.map { part.text(of: $0) } ?? ""
            if cell?.fault != nil || HeaderNames.problem(name, at: column, &seen) != nil {
                let message =
                    cell?.fault != nil
                    ? "cell \(SheetPart.letters(column))\(part.row) of the header has no text that can be read"
                    : name.isEmpty
                        ? "column \(SheetPart.letters(column)) has no name in row \(part.row)"
                        : "column \(SheetPart.letters(column)) has the name of an earlier one: \(name)"
                throw broken(
                    .sourceBadHeader, message, row: part.row, column: column + 1,
                    advice:
                        "Say which row names the columns, by `workbook`: `headerHas` or by `preambleLines`, or have each column named."
                )
            }
            names.append(name)
        }
        if let expected = stream.columns, let change = HeaderNames.change(names, expected) {
            throw broken(.sourceHeaderChanged, change, row: part.row, column: 0, advice: HeaderNames.changeAdvice)
        }
        return SheetTable(names: names, columns: first.column..<(last.column + 1), headerRow: part.row)
    }

    private func broken(
        _ code: HearthError.Code, _ message: String, row: Int, column: Int, advice: String
    ) -> HearthError {
        CSVError.make(code, "sheet \(sheet): \(message)", path, line: row, column: column, advice: advice)
    }
}
