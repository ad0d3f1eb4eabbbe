import CSVConnector
import Foundation
import HearthTesting
import HeatModel
import Records
import Testing

@Suite struct FuzzTests {
    static let pieces = [
        "", "a", "户号", ",", "\"", "\"\"", "\n", "\r\n", "|", "x y", "𠮷", "é", "0001",
        "长文本" + String(repeating: "z", count: 70),
    ]

    static func table(_ generator: inout SeededGenerator) -> [[String]] {
        let columns = Int.random(in: 2...70, using: &generator)
        let rows = Int.random(in: 0...60, using: &generator)
        return (0...rows).map { row in
            (0..<columns).map { column in
                if row == 0 { return "c\(column)" }
                return (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                    pieces.randomElement(using: &generator)!
                }.joined()
            }
        }
    }

    /// A writer of its own: quotes where it must, and sometimes where it need not.
    static func write(_ table: [[String]], _ end: String, _ generator: inout SeededGenerator) -> String {
        table.map { row in
            row.map { field in
                let must = field.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 10 || $0 == 13 }
                guard must || Int.random(in: 0..<8, using: &generator) == 0 else { return field }
                return "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
            }.joined(separator: ",")
        }.joined(separator: end) + end
    }

    @Test(arguments: 1...12)
    func whatIsWrittenComesBack(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let box = try DropBox()
        for _ in 0..<12 {
            let table = Self.table(&generator)
            let text = Self.write(table, ["\n", "\r\n", "\r"].randomElement(using: &generator)!, &generator)
            let encoding = ["UTF-8", "GB18030", "UTF-16LE"].randomElement(using: &generator)!
            try box.put("a.csv", text, encoding: encoding)
            let batch = Int.random(in: 1...40, using: &generator)
            let pulled = Pulled(box.stream { $0.encoding = CSVEncoding(name: encoding) }) { $0.batchRows = batch }
            #expect(pulled.error == nil && pulled.codes.isEmpty)
            #expect(pulled.rows == Array(table.dropFirst()) as [[String?]])
        }
    }

    /// Large enough that records lie across every boundary of the window.
    @Test func acrossWindows() throws {
        var generator = SeededGenerator(seed: 99)
        var table: [[String]] = [["a", "b", "c"]]
        for number in 0..<40_000 {
            table.append(
                [String(number)]
                    + (0..<2).map { _ in
                        (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                            Self.pieces.randomElement(using: &generator)!
                        }.joined()
                    })
        }
        let text = Self.write(table, "\r\n", &generator)
        let box = try DropBox()
        for encoding in ["UTF-8", "GB18030"] {
            try box.put("a.csv", text, encoding: encoding)
            let pulled = Pulled(box.stream { $0.encoding = CSVEncoding(name: encoding) })
            #expect(pulled.codes.isEmpty)
            #expect(pulled.rows == Array(table.dropFirst()) as [[String?]])
        }
    }

    /// Whatever the bytes, the pull ends, its books balance and its text is UTF-8.
    @Test(arguments: 1...20)
    func randomBytes(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &* 7_919)
        let box = try DropBox()
        let alphabet = Array(",,,\"\"\n\n\rab|\0".utf8) + [0x81, 0xE6, 0xB2, 0x88, 0xFF, 0x30, 0xD2, 0x40]
        var bytes = Array("a,b\n".utf8)
        for _ in 0..<Int.random(in: 0...40_000, using: &generator) {
            let isAny = Int.random(in: 0..<4, using: &generator) == 0
            bytes.append(
                isAny ? UInt8.random(in: 0...255, using: &generator) : alphabet.randomElement(using: &generator)!)
        }
        for encoding in [CSVEncoding.utf8, .gb18030, .utf16LittleEndian, .named("BIG5"), .auto] {
            try box.put("a.csv", bytes)
            let stream = box.stream {
                $0.hasHeader = false
                $0.columns = ["a", "b"]
                $0.encoding = encoding
                $0.maxRecordBytes = 500
                $0.trailer = CSVStream.Trailer(prefix: "b", isRequired: false)
            }
            let pulled = Pulled(stream) { $0.batchRows = 50 }
            if encoding == .auto && pulled.error?.code.name == "source.unknownEncoding" { continue }
            // The last bytes may be a part of a character: the file was cut then.
            let isCut = pulled.error?.code.name == "source.truncated"
            #expect(pulled.error == nil || isCut, "\(String(describing: pulled.error))")
            #expect(pulled.ended == (isCut ? 0 : 1))
            #expect(isCut || pulled.summary.rows == Int64(pulled.rows.count + pulled.defects.count))
            #expect(zip(pulled.ordinals, pulled.ordinals.dropFirst()).allSatisfy { $0 < $1 })
            for batch in pulled.batches {
                for field in batch.fields where !field.isNone {
                    let part = batch.bytes[Int(field.offset)..<Int(field.offset) + Int(field.length)]
                    #expect(String(validating: part, as: UTF8.self) != nil)
                }
            }
        }
    }

    /// Python's csv module reads odd files as we do, wherever we see no defect.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/python3")), arguments: 1...8)
    func agreesWithPython(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &* 104_729)
        let fields = ["", "", "a", "户", "a\"b", " \"", "\"\"", "\"x,y\"", "\"l\nm\r\n\"", "\"d\"\"q\"\"\"", "b c"]
        let ends = [",", ",", ",", "\n", "\r\n"]
        let box = try DropBox()
        let program = """
            import csv, io, json, sys
            text = sys.stdin.buffer.read().decode('utf-8')
            print(json.dumps([[row for row in csv.reader(io.StringIO(part, newline='')) if row] for part in text.split('\\0')]))
            """
        var texts: [String] = []
        for _ in 0..<60 {
            let count = Int.random(in: 1...30, using: &generator)
            var text = ""
            for _ in 0..<count {
                text += fields.randomElement(using: &generator)! + ends.randomElement(using: &generator)!
            }
            // Sometimes a stray quote, or no line's end at the end.
            if Int.random(in: 0..<8, using: &generator) == 0 { text += ",\"e\"x\n" }
            texts.append(text + fields.randomElement(using: &generator)!)
        }
        let answer = try DropBox.run("/usr/bin/python3", ["-c", program], Array(texts.joined(separator: "\0").utf8))
        let expected = try JSONDecoder().decode([[[String]]].self, from: Data(answer))
        #expect(expected.count == texts.count)
        var compared = 0
        for (text, rows) in zip(texts, expected) {
            guard let width = rows.first?.count, width > 1 else { continue }
            try box.put("a.csv", text)
            let pulled = Pulled(
                box.stream {
                    $0.hasHeader = false
                    $0.columns = (0..<width).map { "c\($0)" }
                })
            #expect(pulled.error == nil)
            // A broken quote is read otherwise by design; a ragged row is only left out.
            if pulled.codes.contains(where: { $0 != "record.raggedRow" }) { continue }
            compared += 1
            #expect(pulled.rows == rows.filter { $0.count == width } as [[String?]], "\(text.debugDescription)")
            #expect(pulled.summary.rows == Int64(rows.count))
        }
        #expect(compared > 20)
    }
}
