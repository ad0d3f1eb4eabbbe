import HeatModel

/// What a file is, whatever its name says: text, a workbook, or something that is not read.
enum FileFormat: Equatable {
    /// Plain, packed with gzip, or alone in a ZIP file.
    case text
    case workbook

    private static let magic: [(bytes: [UInt8], name: String)] = [
        ([0x25, 0x50, 0x44, 0x46, 0x2D], "a PDF"),
        ([0x52, 0x61, 0x72, 0x21, 0x1A, 0x07], "a RAR archive"),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "packed with xz"),
        ([0x28, 0xB5, 0x2F, 0xFD], "packed with zstd"),
        ([0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59], "packed with bzip2"),
    ]

    static let zipMark: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
    private static let emptyZip: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
    private static let compoundMark: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]

    /// Says what a file is. Throws `source.wrongFormat` where it is nothing that is read, and says what to do.
    static func of(_ file: FileReader) throws -> FileFormat {
        let head = file.peek(4_096)
        if head.starts(with: zipMark) { return try inZip(ZipArchive(file), file) }
        if head.starts(with: emptyZip) { throw wrong(file, "an empty ZIP archive", "Have the file packed again.") }
        if head.starts(with: compoundMark) { throw try compound(file) }
        if let name = name(head) { throw wrong(file, name) }
        return .text
    }

    /// What the first bytes of something say that is neither a workbook nor text; nil where it may be text.
    private static func name(_ head: [UInt8]) -> String? {
        if let known = magic.first(where: { head.starts(with: $0.bytes) }) { return known.name }
        var text = head[...]
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        text = text.drop { $0 == 0x20 || 9...13 ~= $0 }
        let start = String(decoding: text.prefix(64), as: UTF8.self).lowercased()
        if ["<!doctype html", "<html", "<table"].contains(where: start.hasPrefix) { return "an HTML page" }
        return start.hasPrefix("<?xml") ? "XML" : nil
    }

    private static func wrong(_ file: FileReader, _ name: String, _ advice: String? = nil) -> HearthError {
        CSVError.make(
            .sourceWrongFormat, "the file is \(name), whatever its name says", file.path,
            advice: advice
                ?? (name.contains("archive") || name.contains("packed")
                    ? "Have the file in it sent as plain text or packed with gzip."
                    : "Have it saved as a workbook (xlsx) or as CSV (in Excel: \"CSV UTF-8\") and sent again."))
    }

    // MARK: ZIP

    private static func inZip(_ archive: ZipArchive, _ file: FileReader) throws -> FileFormat {
        func has(_ prefix: String) -> Bool { archive.entries.contains { $0.name.text.hasPrefix(prefix) } }
        if archive["[Content_Types].xml"] != nil {
            if archive["xl/workbook.bin"] != nil {
                throw wrong(file, "a binary Excel workbook (xlsb)", "Have it saved as xlsx and sent again.")
            }
            if has("word/") || has("ppt/") || has("visio/") { throw wrong(file, "a document of Office, no workbook") }
            return .workbook
        }
        if archive["content.xml"] != nil, archive["mimetype"] != nil {
            throw wrong(file, "a document of OpenDocument (ods)", "Have it saved as xlsx or CSV and sent again.")
        }
        let entry = try onlyEntry(of: archive, file)
        // What is in it is text, or else it is named as if it lay there itself.
        let reader = try ZipEntryReader(file, entry)
        let head = try [UInt8](unsafeUninitializedCapacity: 4_096) { buffer, made in
            made = try reader.read(into: buffer.baseAddress!, count: 4_096)
        }
        let inside =
            head.starts(with: zipMark)
            ? "a workbook or a ZIP archive"
            : head.starts(with: compoundMark)
                ? "an Excel workbook of the old kind (xls)"
                : head.starts(with: [0x1F, 0x8B]) ? "packed with gzip" : name(head)
        if let inside {
            throw CSVError.make(
                .sourceWrongFormat, "\(entry.name.text) in the ZIP file is \(inside)", file.path,
                advice: "Have it sent as it is, not in a ZIP file.")
        }
        return .text
    }

    /// The one file in an archive that is read as if it lay there itself. Throws where there are several, or none.
    static func onlyEntry(of archive: ZipArchive, _ file: FileReader) throws -> ZipArchive.Entry {
        let entries = archive.entries.filter { !$0.isFolder && !$0.isByTheWay }
        guard let entry = entries.first else { throw wrong(file, "a ZIP archive without a file in it") }
        if entries.count > 1 {
            throw wrong(
                file,
                "a ZIP archive of \(entries.count) files: \(DropListing.shown(entries.map(\.name.text)))",
                "Have each file sent by itself: which of them is meant is not guessed.")
        }
        return entry
    }

    // MARK: OLE2

    /// What a file of Microsoft's older container holds: the names in its directory tell.
    private static func compound(_ file: FileReader) throws -> HearthError {
        let head = file.peek(512)
        let fields = ZipFields(head + Array(repeating: 0, count: max(0, 512 - head.count)))
        let sector = Int64(1) << Int64(min(fields.two(30), 16))
        var directory = [UInt8](repeating: 0, count: 4_096)
        let at = (fields.four(48) + 1) * sector
        let read = try directory.withUnsafeMutableBytes { try file.read(into: $0.baseAddress!, count: 4_096, at: at) }
        func holds(_ name: String) -> Bool {
            let name: [UInt8] = name.utf8.flatMap { [$0, 0] } + [0, 0]
            return stride(from: 0, to: read - 127, by: 128).contains { directory[$0...].starts(with: name) }
        }
        if holds("EncryptedPackage") {
            return wrong(
                file, "a workbook that a password protects", "Have it saved without a password and sent again.")
        }
        let isWorkbook = holds("Workbook") || holds("Book")
        return wrong(
            file,
            isWorkbook
                ? "an Excel workbook of the old kind (xls)" : "a document of Office 97, maybe a workbook (xls)",
            "Have it saved as xlsx (in Excel or WPS: \"Save as\", \"Excel Workbook\") or as CSV, and sent again.")
    }
}
