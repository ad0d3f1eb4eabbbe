import HeatModel

/// An open workbook: its parts, and what cells refer to.
struct Workbook {
    let file: FileReader
    let package: WorkbookPackage
    private let archive: ZipArchive

    init(_ file: FileReader) throws {
        self.file = file
        archive = try ZipArchive(file)
        package = try WorkbookPackage(archive, file)
    }

    /// The sheets that a stream reads.
    func choice(_ rules: WorkbookRules) throws -> SheetChoice {
        try SheetChoice(rules, package, file) { sheet in
            // One cell that says anything is enough; what it refers to does not matter for that.
            var isEmpty = true
            let book = SheetPart.Book(
                texts: SharedStrings(), forms: [], dates: CellDate(startsIn1904: false), isUncomputed: false,
                mostRowBytes: 1 << 16)
            let part = SheetPart(sheet, book, path: file.path) { part in
                if part.cells.isEmpty { return }
                isEmpty = false
                part.stop()
            }
            try part.read(ZipEntryReader(file, sheet.entry))
            return isEmpty
        }
    }

    /// Reads texts and styles.
    func book(mostRowBytes: Int, isCancelled: () -> Bool) throws -> SheetPart.Book {
        let texts = try package.sharedStrings.map { try SharedStrings($0, file, isCancelled: isCancelled) }
        return SheetPart.Book(
            texts: texts ?? SharedStrings(), forms: try CellStyles.forms(of: package, file),
            dates: CellDate(startsIn1904: package.startsIn1904), isUncomputed: package.isUncomputed,
            mostRowBytes: mostRowBytes)
    }
}
