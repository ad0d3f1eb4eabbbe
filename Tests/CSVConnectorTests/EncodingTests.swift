import CSVConnector
import Foundation
import HeatModel
import Records
import Testing

@Suite struct EncodingTests {
    static let text = "户号,姓名,地址\n00000001,张伟,阳光花园小区3号楼\n00000002,𠮷野家㐀,Ω≈ç\n"
    static let rows: [[String?]] = [["00000001", "张伟", "阳光花园小区3号楼"], ["00000002", "𠮷野家㐀", "Ω≈ç"]]

    @Test(arguments: [
        ("UTF-8", CSVEncoding.auto), ("GB18030", .auto), ("UTF-16LE", .utf16LittleEndian),
        ("UTF-16BE", .utf16BigEndian),
        ("GB18030", CSVEncoding(name: "gb2312")), ("UTF-32LE", .named("UTF-32LE")), ("UTF-16", .auto),
    ])
    func reads(_ written: String, _ declared: CSVEncoding) throws {
        let box = try DropBox()
        try box.put("a.csv", Self.text, encoding: written)
        let pulled = Pulled(box.stream { $0.encoding = declared })
        #expect(pulled.rows == Self.rows, "\(String(describing: pulled.error))")
        #expect(pulled.batches.first?.columns == ["户号", "姓名", "地址"])
    }

    @Test(arguments: [CSVEncoding.auto, .utf8])
    func byteOrderMark(_ encoding: CSVEncoding) throws {
        let box = try DropBox()
        try box.put("a.csv", "\u{FEFF}" + Self.text)
        #expect(Pulled(box.stream { $0.encoding = encoding }).batches.first?.columns == ["户号", "姓名", "地址"])
    }

    /// The first GB18030 character stands far behind what any prefix would show.
    @Test(arguments: ["UTF-8", "GB18030"])
    func asciiPrefixDoesNotMislead(_ encoding: String) throws {
        let box = try DropBox()
        let ascii = String(repeating: "12345678,abcdefgh\n", count: 60_000)
        try box.put("a.csv", "a,b\n" + ascii + "最后,一行\n", encoding: encoding)
        let pulled = Pulled(box.stream())
        #expect(pulled.rows.count == 60_001)
        #expect(pulled.rows.last == ["最后", "一行"])
    }

    /// Second bytes of GBK that equal the delimiter, the backslash, `^`, `~`, letters, and four-byte codes with digits.
    @Test func decodesBeforeItSplits() throws {
        var codes: [[UInt8]] = []
        for lead in UInt8(0x81)...0xFE { for trail in Array("|\\^~`@AZaz{}[]_".utf8) { codes.append([lead, trail]) } }
        codes += [[0x81, 0x30, 0x81, 0x30], [0x82, 0x39, 0x84, 0x31], [0x90, 0x30, 0x81, 0x30]]
        let box = try DropBox()
        var file = Array("a|b\n".utf8)
        for code in codes { file += code + Array("|".utf8) + code + code + [10] }
        try box.put("a.csv", file)
        let pulled = Pulled(box.stream { $0.delimiter = "|" })
        let expected = try DropBox.run("/usr/bin/iconv", ["-f", "GB18030", "-t", "UTF-8"], codes.flatMap { $0 + [10] })
        let texts = String(decoding: expected, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(pulled.codes.isEmpty)
        #expect(pulled.rows == texts.map { [$0, $0 + $0] })
    }

    @Test func undecodableRowsAreDefects() throws {
        let box = try DropBox()
        var file = try DropBox.run("/usr/bin/iconv", ["-f", "UTF-8", "-t", "GB18030"], Array("甲,乙\n一,二\n".utf8))
        file +=
            [0xD2, 0xBB, 0x2C, 0xD2, 0xFF, 0x2C, 10] + [0xD2, 0xBB, 0x2C, 0x41, 0x81, 0x20, 0x42, 10]
            + Array("3,4\n".utf8)
        try box.put("a.csv", file)
        let pulled = Pulled(box.stream { $0.encoding = .gb18030 })
        #expect(pulled.rows == [["一", "二"], ["3", "4"]])
        #expect(pulled.codes == ["record.undecodable", "record.undecodable"])
        #expect(pulled.places == ["a.csv:3:3", "a.csv:4:4"])
        #expect(pulled.defects.last?.raw == Array("一,A".utf8) + [0x81, 0x20, 0x42])
        #expect(pulled.defects.last?.ordinal == 4)
    }

    /// One broken row does not turn a UTF-8 file into GB18030.
    @Test func brokenUTF8StaysUTF8() throws {
        let box = try DropBox()
        var file = Array("甲,乙\n".utf8)
        for _ in 0..<20 { file += Array("沈阳市,和平区\n".utf8) }
        file += [0xE6, 0xB2, 0x2C, 0x41, 10] + Array("铁西区,皇姑区".utf8)
        try box.put("a.csv", file)
        let pulled = Pulled(box.stream())
        #expect(pulled.codes == ["record.undecodable"])
        #expect(pulled.places == ["a.csv:22:1"])
        #expect(pulled.defects.first?.raw == [0xE6, 0xB2, 0x2C, 0x41])
        #expect(pulled.rows.last == ["铁西区", "皇姑区"])
    }

    @Test func brokenUTF16() throws {
        let box = try DropBox()
        var file: [UInt8] = []
        for unit in Array("a,b\n1,".utf16) + [0xD800] + Array("\n3,4\n".utf16) {
            file += [UInt8(unit & 0xFF), UInt8(unit >> 8)]
        }
        try box.put("a.csv", file)
        let pulled = Pulled(box.stream { $0.encoding = .utf16LittleEndian })
        #expect(pulled.codes == ["record.undecodable"])
        #expect(pulled.rows == [["3", "4"]])
    }

    /// Few characters, all of them pairs that UTF-8 has, too: Cyrillic or Latin there, Chinese in GBK.
    @Test(arguments: ["小学", "停水", "小学,原址,石英"])
    func shortChineseInGBK(_ text: String) throws {
        let box = try DropBox()
        let bytes = FileBytes.encoded("id,name\n1,\"\(text)\"\n", "GB18030")
        try #require(String(validating: bytes, as: UTF8.self) != nil)
        try box.put("a.csv", bytes)
        let pulled = Pulled(box.stream())
        #expect(pulled.rows == [["1", text]])
        #expect(pulled.summary.completeness?.detail.contains("a.csv is GB18030 (fits UTF-8, too)") == true)
        let findings = CSVConnector(source: "c", streams: [box.stream()]).check()
        #expect(
            findings.contains { $0.subject == "file a.csv" && $0.verdict == .warning && $0.detail.contains("GB18030") })
        #expect(Pulled(box.stream { $0.encoding = .utf8 }).rows[0][1] != text)
    }

    /// UTF-8 with Chinese in it, or with signs that stand beside numbers in any language.
    @Test(arguments: ["你好é", "21.5°", "1\u{A0}234.00", "3×4", "€5", "Li’s", "小学"])
    func shortTextsInUTF8(_ text: String) throws {
        let box = try DropBox()
        try box.put("a.csv", "id,name\n1,\"\(text)\"\n")
        let pulled = Pulled(box.stream())
        #expect(pulled.rows == [["1", text]])
        #expect(pulled.summary.completeness?.detail.contains("a.csv is UTF-8") == true)
        // A mark settles it.
        try box.put("a.csv", "\u{FEFF}id,name\n1,éü\n")
        #expect(Pulled(box.stream()).rows == [["1", "éü"]])
    }

    /// In a small file one broken row is more than one sequence in ten.
    @Test(arguments: ["UTF-8", "GB18030"]) func oneBrokenRowOfThree(_ encoding: String) throws {
        let box = try DropBox()
        let bytes = FileBytes.encoded("户号,姓名\n1,张\n2,\u{7}\n3,王\n4,欧阳建国和平里小区\n", encoding)
        try box.put("a.csv", bytes.map { $0 == 7 ? 0xFF : $0 })
        let pulled = Pulled(box.stream())
        #expect(pulled.batches.first?.columns == ["户号", "姓名"])
        #expect(pulled.codes == ["record.undecodable"] && pulled.rows.map { $0[1] } == ["张", "王", "欧阳建国和平里小区"])
        // Four sequences against one.
        let few = FileBytes.encoded("户号\n\u{7}\n张王\n", "UTF-8").map { $0 == 7 ? 0xFF : $0 }
        try box.put("a.csv", few)
        #expect(Pulled(box.stream()).rows == [["张王"]])
    }

    /// The rows before the cut are read, the rest of the line is none, and the file is not at its end.
    @Test(arguments: [
        ("UTF-8", CSVEncoding.auto, "张", 1), ("UTF-8", .auto, "𠮷", 3), ("UTF-8", .utf8, "张", 2),
        ("GB18030", .auto, "张", 1),
        ("GB18030", .gb18030, "张", 1), ("GB18030", .auto, "㐀", 3), ("GB18030", .auto, "㐀", 2),
        ("GB18030", .gb18030, "㐀", 1),
        ("UTF-16LE", .utf16LittleEndian, "张", 1), ("UTF-16BE", .utf16BigEndian, "𠮷", 2),
        ("BIG5", .named("BIG5"), "張", 1),
    ])
    func aFileCutWithinACharacter(_ name: String, _ encoding: CSVEncoding, _ last: String, _ kept: Int) throws {
        let box = try DropBox()
        for rows in [1, 3, 5_000] {
            let text = "id,name\n" + (1...rows).map { "\($0),王\n" }.joined() + "x,"
            let bytes = FileBytes.encoded(text, name) + FileBytes.encoded(last, name).prefix(kept)
            try box.put("a.csv", bytes)
            let pulled = Pulled(box.stream { $0.encoding = encoding })
            #expect(
                pulled.error?.code.name == "source.truncated" && pulled.ended == 0,
                "\(String(describing: pulled.error))")
            #expect(pulled.rows.count == rows && pulled.codes.isEmpty)
            if encoding == .auto {
                let check = CSVConnector(source: "c", streams: [box.stream()]).check()
                #expect(check.contains { $0.verdict == .failed && $0.detail.contains("middle of a character") })
            }
            // The whole character, and it is a file.
            try box.put("a.csv", FileBytes.encoded(text + last, name))
            let whole = Pulled(box.stream { $0.encoding = encoding })
            #expect(whole.error == nil && whole.rows.last == ["x", last] && whole.ended == 1)
        }
    }

    @Test(arguments: ["UTF-16LE", "UTF-16BE"]) func unmarkedUTF16IsTold(_ encoding: String) throws {
        let box = try DropBox()
        try box.put("a.csv", FileBytes.encoded("id,name\n1,x\n", encoding))
        let error = Pulled(box.stream()).error
        #expect(error?.code.name == "source.badHeader" && error?.advice?.contains("utf-16") == true)
    }

    @Test func neitherEncoding() throws {
        let box = try DropBox()
        try box.put("a.csv", Array("a,b\n".utf8) + [0xE9, 0x2C, 0xE8, 10])
        let pulled = Pulled(box.stream())
        #expect(pulled.error?.code.name == "source.unknownEncoding")
        #expect(pulled.error?.place != nil && pulled.error?.advice != nil && pulled.batches.isEmpty)
    }

    /// Every two-byte code and every four-byte code that iconv(1) knows, as it reads them.
    @Test func everyCodeAsIconv() throws {
        var codes: [[UInt8]] = []
        for lead in UInt8(0x81)...0xFE {
            for trail in UInt8(0x40)...0xFE where trail != 0x7F { codes.append([lead, trail]) }
        }
        for number in 0..<39_420 { codes.append(Self.fourBytes(number)) }
        for number in stride(from: 189_000, to: 189_000 + 0x100000, by: 7) { codes.append(Self.fourBytes(number)) }
        let input = codes.flatMap { (code: [UInt8]) -> [UInt8] in code + [10] }
        // -c leaves out what is unassigned; a line each keeps the count.
        let output = try DropBox.run("/usr/bin/iconv", ["-c", "-f", "GB18030", "-t", "UTF-8"], input)
        let expected = output.split(separator: 10, omittingEmptySubsequences: false).dropLast()
        #expect(expected.count == codes.count)
        let box = try DropBox()
        try box.put("a.csv", input)
        let pulled = Pulled(
            box.stream {
                $0.hasHeader = false
                $0.columns = ["code"]
                $0.encoding = .gb18030
            })
        var byLine: [Int64: [UInt8]] = [:]
        for batch in pulled.batches {
            for row in 0..<batch.rowCount {
                byLine[batch.ordinals[row]] = Array((batch.text(row: row, column: 0) ?? "").utf8)
            }
        }
        var different = 0
        for (index, bytes) in expected.enumerated() where byLine[Int64(index + 1)] ?? [] != Array(bytes) {
            different += 1
        }
        #expect(different == 0)
        #expect(pulled.summary.rows == Int64(codes.count))
    }

    static func fourBytes(_ number: Int) -> [UInt8] {
        [
            UInt8(0x81 + number / 12_600), UInt8(0x30 + number / 1_260 % 10), UInt8(0x81 + number / 10 % 126),
            UInt8(0x30 + number % 10),
        ]
    }
}
