/// How a stream reads its workbooks.
public struct WorkbookRules: Hashable, Sendable {
    /// What becomes of a row with a cell whose value stands in another one that it is joined to.
    public enum Merged: String, Sendable, CaseIterable {
        /// It is a defect.
        case quarantine
        /// It has the value of the cell that it is joined to, as people see it.
        case fill
    }

    /// Which sheets are read, by name or pattern, all of one shape; none where the workbook is to have one with rows in it.
    public var sheets: [String]
    /// Columns that the header has: it is the first row that names them all. None where it is the first row after the preamble.
    public var headerHas: [String]
    public var merged: Merged

    public init(sheets: [String] = [], headerHas: [String] = [], merged: Merged = .quarantine) {
        self.sheets = sheets
        self.headerHas = headerHas
        self.merged = merged
    }
}
