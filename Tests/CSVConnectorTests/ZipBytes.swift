import Foundation

/// ZIP files and workbooks, byte for byte, made without Hearth.
struct ZipBytes {
    private struct Entry {
        var name: [UInt8]
        var content: [UInt8]
        var flags: Int
        var method: Int
        /// What the table of contents says, where that is not the truth.
        var statedSize: Int?
    }
    private var entries: [Entry] = []
    /// Sizes and places in the fields of ZIP64.
    var isLarge = false
    var comment: [UInt8] = []

    mutating func add(
        _ name: String, _ content: [UInt8], flags: Int = 0x800, method: Int = 0, statedSize: Int? = nil
    ) {
        add(Array(name.utf8), content, flags: flags, method: method, statedSize: statedSize)
    }

    mutating func add(_ name: String, _ text: String) { add(name, Array(text.utf8)) }

    mutating func add(
        _ name: [UInt8], _ content: [UInt8], flags: Int = 0, method: Int = 0, statedSize: Int? = nil
    ) {
        entries.append(Entry(name: name, content: content, flags: flags, method: method, statedSize: statedSize))
    }

    var bytes: [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) } }
        var file: [UInt8] = []
        var table: [UInt8] = []
        for entry in entries {
            let crc = Int(Self.crc32(entry.content))
            let size = entry.statedSize ?? entry.content.count
            let at = file.count
            file += little(0x0403_4B50, 4) + little(20, 2) + little(entry.flags, 2) + little(entry.method, 2)
            file += little(0, 4) + little(crc, 4) + little(entry.content.count, 4) + little(size, 4)
            file += little(entry.name.count, 2) + little(0, 2) + entry.name + entry.content
            let extra =
                isLarge
                ? little(1, 2) + little(24, 2) + little(size, 8) + little(entry.content.count, 8) + little(at, 8) : []
            table += little(0x0201_4B50, 4) + little(20, 2) + little(20, 2) + little(entry.flags, 2)
            table += little(entry.method, 2) + little(0, 4) + little(crc, 4)
            table += little(isLarge ? 0xFFFF_FFFF : entry.content.count, 4) + little(isLarge ? 0xFFFF_FFFF : size, 4)
            table += little(entry.name.count, 2) + little(extra.count, 2) + little(0, 2) + little(0, 4)
            table += little(0, 4) + little(isLarge ? 0xFFFF_FFFF : at, 4) + entry.name + extra
        }
        let start = file.count
        file += table
        if isLarge {
            let end = file.count
            file += little(0x0606_4B50, 4) + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8)
            file += little(entries.count, 8) + little(entries.count, 8) + little(table.count, 8) + little(start, 8)
            file += little(0x0706_4B50, 4) + little(0, 4) + little(end, 8) + little(1, 4)
        }
        file += little(0x0605_4B50, 4) + little(0, 4) + little(entries.count, 2) + little(entries.count, 2)
        file += little(isLarge ? 0xFFFF_FFFF : table.count, 4) + little(isLarge ? 0xFFFF_FFFF : start, 4)
        return file + little(comment.count, 2) + comment
    }

    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~crc
    }
}

/// A workbook whose parts a test writes itself.
struct WorkbookBytes {
    struct Sheet {
        var name = "用户"
        /// What stands in `sheetData`.
        var rows = ""
        /// What stands before and behind it.
        var before = ""
        var behind = ""
        var state = ""
    }
    var sheets: [Sheet] = []
    var texts: [String] = []
    /// Codes of number formats, or the numbers of built-in ones (`#14`); cells refer to the first by `s="1"`.
    var formats: [String] = []
    var properties = ""
    var calculation = ""
    var isLarge = false

    init(_ rows: String = "") { if !rows.isEmpty { sheets = [Sheet(rows: rows)] } }

    /// Rows of inline texts, the first of them row 1.
    static func rows(_ rows: [[String]], from first: Int = 1) -> String {
        rows.enumerated().map { index, row in
            "<row r=\"\(first + index)\">"
                + row.enumerated().map { column, text in
                    text.isEmpty
                        ? ""
                        : "<c r=\"\(letter(column))\(first + index)\" t=\"inlineStr\"><is><t xml:space=\"preserve\">\(text)</t></is></c>"
                }.joined() + "</row>"
        }.joined()
    }

    static func letter(_ column: Int) -> String { String(UnicodeScalar(UInt8(65 + column))) }

    var zip: ZipBytes {
        let prolog = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        func relations(_ all: [(id: String, kind: String, target: String)]) -> String {
            prolog + "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
                + all.map { "<Relationship Id=\"\($0.id)\" Type=\"\(office)/\($0.kind)\" Target=\"\($0.target)\"/>" }
                .joined() + "</Relationships>"
        }
        var zip = ZipBytes()
        zip.isLarge = isLarge
        zip.add(
            "[Content_Types].xml",
            prolog + "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>")
        zip.add("_rels/.rels", relations([("rId1", "officeDocument", "xl/workbook.xml")]))
        zip.add(
            "xl/workbook.xml",
            prolog + "<workbook xmlns=\"\(main)\" xmlns:r=\"\(office)\">\(properties)<sheets>"
                + sheets.enumerated().map { index, sheet in
                    "<sheet name=\"\(sheet.name)\" sheetId=\"\(index + 1)\" \(sheet.state) r:id=\"rId\(index + 1)\"/>"
                }.joined() + "</sheets>\(calculation)</workbook>")
        var parts = sheets.indices.map { ("rId\($0 + 1)", "worksheet", "worksheets/sheet\($0 + 1).xml") }
        parts.append(("rId901", "sharedStrings", "sharedStrings.xml"))
        parts.append(("rId902", "styles", "/xl/styles.xml"))
        zip.add("xl/_rels/workbook.xml.rels", relations(parts))
        for (index, sheet) in sheets.enumerated() {
            zip.add(
                "xl/worksheets/sheet\(index + 1).xml",
                prolog
                    + "<worksheet xmlns=\"\(main)\">\(sheet.before)<sheetData>\(sheet.rows)</sheetData>\(sheet.behind)</worksheet>"
            )
        }
        zip.add(
            "xl/sharedStrings.xml",
            prolog + "<sst xmlns=\"\(main)\">\(texts.map { "<si>\($0)</si>" }.joined())</sst>")
        let codes = formats.enumerated().map {
            "<numFmt numFmtId=\"\(164 + $0.offset)\" formatCode=\"\($0.element)\"/>"
        }
        let styles = formats.enumerated().map { index, code in
            "<xf numFmtId=\"\(code.hasPrefix("#") ? String(code.dropFirst()) : String(164 + index))\"/>"
        }
        zip.add(
            "xl/styles.xml",
            prolog + "<styleSheet xmlns=\"\(main)\"><numFmts>\(codes.joined())</numFmts>"
                + "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>\(styles.joined())</cellXfs></styleSheet>"
        )
        return zip
    }

    var bytes: [UInt8] { zip.bytes }
}
