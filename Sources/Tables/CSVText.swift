/// Cells of a CSV file after RFC 4180, of which no spreadsheet makes a formula.
package enum CSVText {
    package static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// A text cell. One that a spreadsheet would take for a formula gets an apostrophe before it.
    package static func cell(_ text: String) -> String {
        var text = text
        if let first = text.utf8.first, needsMark(first), first < 0x80 || isFullWidth(text) { text = "'" + text }
        guard text.utf8.contains(where: { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }) else { return text }
        // Byte by byte: a quote with a combining mark behind it is another character and the same quote.
        var quoted: [UInt8] = [0x22]
        for byte in text.utf8 {
            if byte == 0x22 { quoted.append(byte) }
            quoted.append(byte)
        }
        quoted.append(0x22)
        return String(decoding: quoted, as: UTF8.self)
    }

    /// Whether a cell that begins with this byte may have got a mark before it.
    package static func needsMark(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D, 0x0A, 0xEF: true
        default: false
        }
    }

    /// Spreadsheets fold ＝ ＋ － ＠ to their narrow forms.
    private static func isFullWidth(_ text: String) -> Bool {
        text.unicodeScalars.first.map { [0xFF1D, 0xFF0B, 0xFF0D, 0xFF20].contains($0.value) } ?? false
    }

    package static func line(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\r\n" }
}
