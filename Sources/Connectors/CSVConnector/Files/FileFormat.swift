import HeatModel

/// What a file's first bytes say it is, where that is no text with delimiters.
enum FileFormat {
    private static let magic: [(bytes: [UInt8], name: String)] = [
        ([0x50, 0x4B, 0x05, 0x06], "an empty ZIP archive"),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "an Excel workbook of the old kind (xls)"),
        ([0x25, 0x50, 0x44, 0x46, 0x2D], "a PDF"),
        ([0x52, 0x61, 0x72, 0x21, 0x1A, 0x07], "a RAR archive"),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "packed with xz"),
        ([0x28, 0xB5, 0x2F, 0xFD], "packed with zstd"),
        ([0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59], "packed with bzip2"),
    ]

    /// Nil where it may be text.
    static func name(_ head: [UInt8]) -> String? {
        if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
            let text = String(decoding: head, as: UTF8.self)
            let isWorkbook =
                text.contains("[Content_Types].xml") || text.contains("xl/") || text.contains("_rels/.rels")
            return isWorkbook ? "an Excel workbook (xlsx)" : "a ZIP archive"
        }
        if let known = magic.first(where: { head.starts(with: $0.bytes) }) { return known.name }
        var text = head[...]
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        text = text.drop { $0 == 0x20 || 9...13 ~= $0 }
        let start = String(decoding: text.prefix(64), as: UTF8.self).lowercased()
        if ["<!doctype html", "<html", "<table"].contains(where: start.hasPrefix) { return "an HTML page" }
        return start.hasPrefix("<?xml") ? "XML" : nil
    }

    static func check(_ file: FileReader) throws {
        guard let name = name(file.peek(4_096)) else { return }
        throw CSVError.make(
            .sourceWrongFormat, "the file is \(name), whatever its name says", file.path,
            advice: name.contains("archive") || name.contains("packed")
                ? "Have the file in it sent as plain text or packed with gzip."
                : "Have it saved as CSV (in Excel: \"CSV UTF-8\") and sent again.")
    }
}
