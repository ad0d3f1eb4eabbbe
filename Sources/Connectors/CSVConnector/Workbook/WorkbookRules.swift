/// How a stream reads its workbooks.
package struct WorkbookRules: Hashable, Sendable {
    /// What becomes of a row with a cell whose value stands in another one that it is joined to.
    package enum Merged: String, Sendable, CaseIterable {
        /// It is a defect.
        case quarantine
        /// It has the value of the cell that it is joined to, as people see it.
        case fill
    }

    /// Which sheets are read, by name or pattern, all of one shape; none where the workbook is to have one with rows in it.
    package var sheets: [String]
    /// Columns that the header has: it is the first row that names them all. None where it is the first row after the preamble.
    package var headerHas: [String]
    package var merged: Merged

    package init(sheets: [String] = [], headerHas: [String] = [], merged: Merged = .quarantine) {
        self.sheets = sheets
        self.headerHas = headerHas
        self.merged = merged
    }
}
