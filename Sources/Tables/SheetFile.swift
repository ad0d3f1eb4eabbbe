import CXlsxWriter
import HeatModel

/// A workbook (`.xlsx`) that is written from front to back, a row of each sheet at a time. The same content is the same file, whatever
/// the clock says. Used by one thread.
///
/// ```swift
/// let file = try SheetFile(path: "report.xlsx", folder: "/tmp")
/// let sheet = file.sheet("汇总 Summary")
/// file.head(sheet, [("规则 rule", 24), ("数量 count", 10)])
/// file.text(sheet, 1, 0, "=not a formula")
/// try file.close()
/// ```
package final class SheetFile {
    package typealias Sheet = Int

    package enum Style: Sendable {
        case plain, header, title
    }

    /// Rows below the first one.
    package static let mostRows: UInt32 = 1_048_575

    private let path: String
    private let book: UnsafeMutablePointer<lxw_workbook>
    private var sheets: [UnsafeMutablePointer<lxw_worksheet>?] = []
    private let header: UnsafeMutablePointer<lxw_format>?
    private let money: UnsafeMutablePointer<lxw_format>?
    private let number: UnsafeMutablePointer<lxw_format>?
    private let title: UnsafeMutablePointer<lxw_format>?
    private var failure: lxw_error = LXW_NO_ERROR
    /// The library keeps the pointer for as long as the workbook is open.
    private let folder: UnsafeMutablePointer<CChar>

    /// - Parameter folder: where the library may keep parts of it while it is written.
    /// - Throws: `output.notWritable`.
    package init(path: String, folder: String) throws {
        self.path = path
        self.folder = strdup(folder)
        guard let book = hearth_workbook_new(path, self.folder) else {
            free(self.folder)
            throw HearthError.notWritable(path, "the workbook cannot be made", nil)
        }
        self.book = book
        "Hearth".withCString { hearth_workbook_describe(book, UnsafeMutablePointer(mutating: $0), 946_684_800) }
        header = workbook_add_format(book)
        format_set_bold(header)
        format_set_bg_color(header, 0xE8EEF4)
        format_set_bottom(header, UInt8(LXW_BORDER_THIN.rawValue))
        money = workbook_add_format(book)
        format_set_num_format(money, "#,##0.00")
        number = workbook_add_format(book)
        format_set_num_format(number, "#,##0")
        title = workbook_add_format(book)
        format_set_bold(title)
        format_set_font_size(title, 14)
    }

    deinit { free(folder) }

    private func note(_ error: lxw_error) { if failure == LXW_NO_ERROR { failure = error } }

    package func sheet(_ name: String) -> Sheet {
        sheets.append(workbook_add_worksheet(book, name))
        return sheets.count - 1
    }

    /// How many characters wide the first columns are.
    package func widths(_ sheet: Sheet, _ widths: [Int]) {
        for (column, width) in widths.enumerated() {
            note(worksheet_set_column(sheets[sheet], UInt16(column), UInt16(column), Double(width), nil))
        }
    }

    /// A text, which is no formula, whatever it begins with.
    package func text(_ sheet: Sheet, _ row: UInt32, _ column: Int, _ text: String, _ style: Style = .plain) {
        let format =
            switch style {
            case .plain: nil as UnsafeMutablePointer<lxw_format>?
            case .header: header
            case .title: title
            }
        note(
            worksheet_write_string(
                sheets[sheet], row, UInt16(column), Self.isPlain(text) ? text : Self.kept(text), format))
    }

    /// Whether nothing of a text needs to be looked at more closely: it fits, and no byte of it is one of a character that is not kept.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.count <= 32_000 && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0xEF }
    }

    /// What of a text a cell holds: 32,767 characters of UTF-16, and none that XML has not.
    private static func kept(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        var length = 0
        for scalar in text.unicodeScalars {
            length += scalar.value > 0xFFFF ? 2 : 1
            if length > 32_000 { break }
            let isControl = scalar.value < 0x20 && scalar != "\n" && scalar != "\t" && scalar != "\r"
            kept.append(isControl || scalar.value == 0xFFFE || scalar.value == 0xFFFF ? " " : scalar)
        }
        return String(kept)
    }

    /// 元, for people: a spreadsheet knows no other numbers than floating point, and shows two places. What it could not show to
    /// the fen stands there as text.
    package func yuan(_ sheet: Sheet, _ row: UInt32, _ column: Int, _ fen: Int64) {
        // Spreadsheets keep fifteen digits.
        if fen.magnitude >= 1_000_000_000_000_000 { return text(sheet, row, column, Fen(fen).description) }
        note(worksheet_write_number(sheets[sheet], row, UInt16(column), Double(fen) / 100, money))
    }

    package func count(_ sheet: Sheet, _ row: UInt32, _ column: Int, _ value: Int64) {
        note(worksheet_write_number(sheets[sheet], row, UInt16(column), Double(value), number))
    }

    package func flag(_ sheet: Sheet, _ row: UInt32, _ column: Int, _ value: Bool) {
        note(worksheet_write_boolean(sheets[sheet], row, UInt16(column), value ? 1 : 0, nil))
    }

    /// Names of columns; in the first row they say how wide these are, too.
    package func head(_ sheet: Sheet, _ names: [(String, Int)], at row: UInt32 = 0) {
        if row == 0 { widths(sheet, names.map(\.1)) }
        for (column, (name, _)) in names.enumerated() { text(sheet, row, column, name, .header) }
    }

    package func freeze(_ sheet: Sheet, rows: UInt32, columns: UInt16) {
        worksheet_freeze_panes(sheets[sheet], rows, columns)
    }

    /// Lets people choose rows by what stands in a column.
    package func filter(_ sheet: Sheet, lastRow: UInt32, columns: Int) {
        note(worksheet_autofilter(sheets[sheet], 0, 0, max(1, lastRow), UInt16(columns - 1)))
    }

    /// - Throws: `output.notWritable`, also for what went wrong before.
    package func close() throws {
        note(workbook_close(book))
        if failure != LXW_NO_ERROR {
            let why = String(cString: lxw_strerror(failure))
            throw HearthError.notWritable(path, "the workbook cannot be written (\(why))", nil)
        }
    }
}
