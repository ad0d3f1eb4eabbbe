import HeatModel

/// What a workbook holds beside its rows that a person would want to know of: formulas, what is hidden, what was not read.
struct WorkbookSeen {
    private var formulaCells = 0
    private var formulaColumns: [String] = []
    private var formulaFirst = ""
    private var hiddenRows = 0
    private var firstHiddenRow = 0
    private var hiddenColumns: [String] = []
    private var otherSheets: [String] = []
    private var hiddenSheets: [String] = []
    private var hiddenRead: [String] = []
    private var titles: [Int] = []
    var mergedRows = 0

    mutating func take(_ choice: SheetChoice) {
        otherSheets = choice.others
        hiddenSheets = choice.hidden
        hiddenRead = choice.sheets.filter(\.isHidden).map(\.name)
    }

    mutating func hiddenRow(_ row: Int) {
        if hiddenRows == 0 { firstHiddenRow = row }
        hiddenRows += 1
    }

    mutating func formulas(_ part: SheetPart, _ table: SheetTable) {
        for column in part.formulas {
            guard let index = table.index(of: column) else { continue }
            if formulaCells == 0 { formulaFirst = "\(SheetPart.letters(column))\(part.row)" }
            formulaCells += 1
            let name = table.names[index]
            if !formulaColumns.contains(name) { formulaColumns.append(name) }
        }
    }

    mutating func take(_ part: SheetPart, _ table: SheetTable?, _ header: SheetHeader, sheet: WorkbookPackage.Sheet) {
        titles += header.titles
        guard let table else { return }
        for (index, name) in table.names.enumerated()
        where part.hiddenColumns.contains(where: { $0.contains(table.columns.lowerBound + index) })
            && !hiddenColumns.contains(name)
        {
            hiddenColumns.append(name)
        }
    }

    /// In sentences, without customer data.
    var told: [FilePull.Told] {
        var told: [FilePull.Told] = []
        func tell(_ code: String, _ message: String) { told.append(.init(code: code, message: message)) }
        if formulaCells > 0 {
            tell(
                "workbook.formulas",
                "\(formulaCells) cells of \(DropListing.shown(formulaColumns)) hold formulas, from \(formulaFirst) on: what was computed when it was saved is read"
            )
        }
        if hiddenRows > 0 {
            tell(
                "workbook.hiddenRows",
                "\(hiddenRows) hidden rows, from row \(firstHiddenRow) on, are read as the others")
        }
        if !hiddenColumns.isEmpty {
            tell("workbook.hiddenColumns", "hidden columns are read as the others: \(DropListing.shown(hiddenColumns))")
        }
        if !hiddenRead.isEmpty {
            tell(
                "workbook.hiddenSheets",
                "hidden sheets are read, since they are named: \(DropListing.shown(hiddenRead))")
        }
        if !hiddenSheets.isEmpty {
            tell("workbook.hiddenSheets", "hidden sheets are not read: \(DropListing.shown(hiddenSheets))")
        }
        if !otherSheets.isEmpty {
            tell("workbook.otherSheets", "sheets that are not read: \(DropListing.shown(otherSheets))")
        }
        if !titles.isEmpty {
            tell(
                "workbook.titleRows",
                "rows that hold a title across columns are passed over: \(DropListing.shown(titles.map(String.init)))")
        }
        if mergedRows > 0 {
            tell("workbook.mergedCells", "\(mergedRows) cells among the rows are joined to another one")
        }
        return told
    }
}
