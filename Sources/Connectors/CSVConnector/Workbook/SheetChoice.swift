import HeatModel

/// Which sheets of a workbook a stream reads.
struct SheetChoice {
    let sheets: [WorkbookPackage.Sheet]
    /// Names of the visible and of the hidden ones that it does not read.
    let others: [String]
    let hidden: [String]

    init(
        _ rules: WorkbookRules, _ package: WorkbookPackage, _ file: FileReader,
        isEmpty: (WorkbookPackage.Sheet) throws -> Bool
    ) throws {
        func unknown(_ message: String) -> HearthError {
            CSVError.make(
                .sourceSheetUnknown, message, file.path,
                advice: "Name the sheets to be read under the stream's `workbook`: `sheets`.")
        }
        let shown = DropListing.shown(package.sheets.map(\.name), most: 20)
        var chosen: [WorkbookPackage.Sheet]
        if rules.sheets.isEmpty {
            let visible = package.sheets.filter { !$0.isHidden }
            chosen = visible
            if visible.count > 1 {
                chosen = try visible.filter { try !isEmpty($0) }
                if chosen.count > 1 {
                    throw unknown("the workbook has \(chosen.count) sheets with rows in them: \(shown)")
                }
                if chosen.isEmpty { chosen = Array(visible.prefix(1)) }
            }
            if chosen.isEmpty { throw unknown("the workbook has no sheet that can be seen; there are: \(shown)") }
        } else {
            let patterns = rules.sheets.map { (text: $0, pattern: GlobPattern($0)) }
            // A sheet that someone hid is read where it is meant by its name alone.
            chosen = package.sheets.filter { sheet in
                patterns.contains { $0.text == sheet.name || (!sheet.isHidden && $0.pattern.matches(sheet.name)) }
            }
            for pattern in patterns
            where !chosen.contains(where: { pattern.text == $0.name || pattern.pattern.matches($0.name) }) {
                throw unknown("the workbook has no sheet \(pattern.text); there are: \(shown)")
            }
        }
        sheets = chosen
        let rest = package.sheets.filter { sheet in !chosen.contains { $0.name == sheet.name } }
        others = rest.filter { !$0.isHidden }.map(\.name)
        hidden = rest.filter(\.isHidden).map(\.name)
    }
}
