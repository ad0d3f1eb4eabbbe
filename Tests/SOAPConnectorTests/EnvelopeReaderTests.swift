import HearthTesting
import HeatModel
import Records
import SOAPConnector
import TestTraits
import Testing

/// The reader alone, on bytes.
@Suite(.waitsForServers) struct EnvelopeReaderTests {
    static let open =
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:d=\"urn:d\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><s:Header><d:R id=\"header\"/></s:Header><s:Body><d:L total=\"2\">"
    static let close = "</d:L></s:Body></s:Envelope>"

    static func stream(_ fields: [SOAPField], path: String = "d:R", trims: Bool = false) -> SOAPStream {
        SOAPStream(
            name: "s", body: "", recordPath: path, fields: fields, total: .init(path: "d:L/@total"),
            trimsWhitespace: trims)
    }

    static let plain = stream([.init("id", "@id"), .init("v", "d:V"), .init("w", "d:W/d:X")])

    struct Result: Equatable {
        var rows: [[String?]] = []
        var defects: [String] = []
        var raw: [[UInt8]] = []
        var error: String?
        var total: String?
    }

    static func read(
        _ bytes: [UInt8], _ stream: SOAPStream = plain, chunk: Int = .max, reading: SOAPReading = .init()
    ) throws -> Result {
        var result = Result()
        func take(_ batch: RawBatch) {
            result.rows += batch.texts
            result.defects += batch.defects.map { "\($0.code) \($0.ordinal)" }
            result.raw += batch.defects.map(\.raw)
        }
        let reader = try SOAPEnvelopeReader(stream: stream, namespaces: ["d": "urn:d"], reading: reading)
        do {
            var rest = bytes[...]
            while !rest.isEmpty {
                try reader.read(Array(rest.prefix(chunk))) { take($0) }
                rest = rest.dropFirst(chunk)
            }
            let end = try reader.finish { take($0) }
            take(end.lastBatch)
            result.total = end.statedTotal
        } catch let error as HearthError { result.error = error.code.name }
        return result
    }

    static func body(_ xml: String, _ stream: SOAPStream = plain) throws -> Result {
        try read(Array((open + xml + close).utf8), stream)
    }

    @Test func nullEmptyAndText() throws {
        let found = try Self.body(
            """
            <d:R id="1"><d:V>a &amp; <![CDATA[<b> & c]]> &#x70ED;&#36153;</d:V><d:W><d:X/></d:W></d:R>
            <d:R><d:V xsi:nil="true">x</d:V><d:W><d:X xsi:nil="0"> y </d:X></d:W></d:R>
            <d:R id=""/><R id="9"/>
            """)
        #expect(found.rows == [["1", "a & <b> & c 热费", ""], [nil, nil, " y "], ["", nil, nil]])
        #expect(found.total == "2" && found.error == nil)
    }

    @Test func mixedContentAndAttributesInside() throws {
        let fields = [
            SOAPField("all", "d:V"), .init("part", "d:V/d:B"), .init("no", "d:V/d:B/@no"), .init("any", "*:Z"),
            .init("self", "d:Q/@k"),
        ]
        let xml =
            "<d:R><d:V>one <d:B no=\"7\">two</d:B> three<!-- c --><?p i?></d:V><z:Z xmlns:z=\"urn:z\">q</z:Z><d:Q k=\"v\"/></d:R>"
        #expect(try Self.body(xml, Self.stream(fields)).rows == [["one two three", "two", "7", "q", "v"]])
    }

    @Test func whitespaceIsKeptUnlessTrimmed() throws {
        let fields = [SOAPField("v", "d:V")]
        #expect(try Self.body("<d:R><d:V>\n a b\t</d:V></d:R>", Self.stream(fields)).rows == [["\n a b\t"]])
        #expect(try Self.body("<d:R><d:V>\n a b\t</d:V></d:R>", Self.stream(fields, trims: true)).rows == [["a b"]])
    }

    @Test func repeatedElements() throws {
        let xml = "<d:R id=\"1\"><d:V>a</d:V><d:V>b</d:V></d:R><d:R id=\"2\"><d:V>c</d:V></d:R>"
        let cases: [(SOAPField.Repeated, [[String?]])] = [
            (.reject, [["c"]]), (.first, [["a"], ["c"]]), (.last, [["b"], ["c"]]), (.join("、"), [["a、b"], ["c"]]),
        ]
        for (repeated, rows) in cases {
            let found = try Self.body(xml, Self.stream([.init("v", "d:V", repeated: repeated)]))
            #expect(found.rows == rows)
            #expect(found.defects == (repeated == .reject ? ["record.repeatedElement 1"] : []))
        }
    }

    @Test func ancestors() throws {
        let fields = [
            SOAPField("order", "../../@id"), .init("account", "../../d:A"), .init("list", "../@n"),
            .init("later", "../../d:Z"),
            .init("e", "."),
        ]
        let xml = """
            <d:R id="1"><d:A>x</d:A><d:Es n="2"><d:E>p</d:E><d:E>q</d:E></d:Es><d:Z>late</d:Z></d:R>
            <d:R id="2"><d:Es><d:E>r</d:E></d:Es></d:R>
            """
        let expected: [[String?]] = [
            ["1", "x", "2", nil, "p"], ["1", "x", "2", nil, "q"], ["2", nil, nil, nil, "r"],
        ]
        for rows in [1, 2, 100] {
            let found = try Self.read(
                Array((Self.open + xml + Self.close).utf8), Self.stream(fields, path: "d:R/d:Es/d:E"),
                reading: .init(batchRows: rows, batchBytes: rows))
            #expect(found.rows == expected)
        }
        #expect(throws: HearthError.self) { try Self.body("", Self.stream([.init("x", "../../@id")], path: "d:R/d:E")) }
    }

    /// What one place says may fill several fields, whatever the order of the fields and the size of a batch.
    @Test func fieldsOfOnePath() throws {
        let fields = [
            SOAPField("no", "../d:A"), .init("e", "."), .init("account", "../d:A"), .init("id", "../@id"),
            .init("key", "../@id"), .init("v", "d:V"), .init("e2", "."), .init("w", "d:V"), .init("n", "d:V/@n"),
            .init("m", "d:V/@n"), .init("third", "../d:A"),
        ]
        let xml = """
            <d:R id="1"><d:A>x<d:B>y</d:B></d:A><d:E>p<d:V n="7">q</d:V></d:E><d:E/></d:R>
            <d:R id="2"><d:E><d:V n="8"/>r</d:E><d:A>late</d:A></d:R>
            """
        let expected: [[String?]] = [
            ["xy", "pq", "xy", "1", "1", "q", "pq", "q", "7", "7", "xy"],
            ["xy", "", "xy", "1", "1", nil, "", nil, nil, nil, "xy"],
            [nil, "r", nil, "2", "2", "", "r", "", "8", "8", nil],
        ]
        for (rows, chunk) in [(1, 1), (2, 5), (100, Int.max)] {
            let found = try Self.read(
                Array((Self.open + xml + Self.close).utf8), Self.stream(fields, path: "d:R/d:E"), chunk: chunk,
                reading: .init(batchRows: rows, batchBytes: rows))
            #expect(found.rows == expected, "\(rows) \(chunk)")
        }
    }

    @Test func fieldsThatWouldHideEachOther() throws {
        for fields in [
            [SOAPField("a", "d:V"), .init("b", "*:V")], [.init("a", "*:V/@n"), .init("b", "d:V/d:W")],
            [.init("a", "d:V", repeated: .first), .init("b", "d:V", repeated: .last)],
        ] {
            expectCode("config.badPath") { _ = try Self.body("", Self.stream(fields, path: "d:R")) }
        }
    }

    @Test func anchoredPaths() throws {
        let xml = "<d:R id=\"1\"><d:V>x</d:V></d:R><d:M><d:R id=\"2\"/></d:M>"
        #expect(try Self.body(xml, Self.stream([.init("id", "@id")], path: "/d:L/d:R")).rows == [["1"]])
        #expect(try Self.body(xml, Self.stream([.init("id", "@id")])).rows == [["1"], ["2"]])
    }

    @Test func badRecordsAreDefectsAndTheRestComesThrough() throws {
        let good = { (id: Int) in Array("<d:R id=\"\(id)\"><d:V>好 &amp; 坏</d:V></d:R>".utf8) }
        let bad: [([UInt8], String)] = [
            (Array("<d:R id=\"2\"><d:V>a".utf8) + [0xC4, 0xE3] + Array("b</d:V></d:R>".utf8), "record.undecodable"),
            (Array("<d:R id=\"2\"><d:V>a".utf8) + [0x08] + Array("b</d:V></d:R>".utf8), "record.undecodable"),
            (Array("<d:R id=\"2\"><d:V>a&#8;b</d:V></d:R>".utf8), "record.undecodable"),
            (Array("<d:R id=\"2\"><d:V>a&nbsp;b</d:V></d:R>".utf8), "record.badReference"),
            (Array("<d:R id=\"2\"><d:V>a & b</d:V></d:R>".utf8), "record.badReference"),
        ]
        for (record, code) in bad {
            for chunk in [1, 7, Int.max] {
                let found = try Self.read(
                    Array(Self.open.utf8) + good(1) + record + good(3) + Array(Self.close.utf8), chunk: chunk)
                #expect(found.rows == [["1", "好 & 坏", nil], ["3", "好 & 坏", nil]], "\(code) \(chunk)")
                #expect(found.defects == ["\(code) 2"])
                #expect(found.raw == [record])
                #expect(found.error == nil)
            }
        }
    }

    @Test func bytesThatGB18030DoesNotKnow() throws {
        let head = Array(("<?xml version=\"1.0\" encoding=\"GB2312\"?>" + Self.open).utf8)
        let start = { (id: Int) in Array("<d:R id=\"\(id)\"><d:V>".utf8) }
        let end = Array("</d:V></d:R>".utf8)
        // 热费, then a byte that begins nothing, then 镕, which GB2312 lacks and GBK has.
        let bytes =
            head + start(1) + [0xC8, 0xC8, 0xB7, 0xD1] + end + start(2) + [0xFF, 0x78] + end + start(3) + [0xE9, 0x46]
            + end
            + Array(Self.close.utf8)
        for chunk in [1, 5, Int.max] {
            let found = try Self.read(bytes, chunk: chunk)
            #expect(found.rows == [["1", "热费", nil], ["3", "镕", nil]])
            #expect(found.defects == ["record.undecodable 2"] && found.error == nil)
            #expect(
                found.raw.map { String(decoding: $0, as: UTF8.self) } == ["<d:R id=\"2\"><d:V>\u{FFFD}x</d:V></d:R>"])
        }
    }

    @Test func theHeadersCharsetIsBelievedBeforeTheDeclaration() throws {
        let xml = "<?xml version=\"1.0\" encoding=\"gbk\"?>" + Self.open + "<d:R><d:V>热</d:V></d:R>" + Self.close
        #expect(try Self.read(Array(xml.utf8), reading: .init(httpCharset: "UTF-8")).rows == [[nil, "热", nil]])
        #expect(
            try Self.read(Array(xml.utf8), reading: .init(httpCharset: "gbk", charset: "utf-8")).rows == [
                [nil, "热", nil]
            ])
        var wide: [UInt8] = [0xFF, 0xFE]
        for unit in xml.utf16 { wide += [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
        #expect(try Self.read(wide, chunk: 3).rows == [[nil, "热", nil]])
        #expect(try Self.read(Array(xml.utf8), reading: .init(charset: "klingon")).error == "source.unknownCharset")
    }

    @Test func oversizedRecordsAreSkipped() throws {
        let big = "<d:R id=\"2\"><d:V>" + String(repeating: "0123456789", count: 50_000) + "</d:V></d:R>"
        var reading = SOAPReading()
        reading.limits.recordBytes = 10_000
        let xml = Self.open + "<d:R id=\"1\"/>" + big + "<d:R id=\"3\"/>" + Self.close
        let found = try Self.read(Array(xml.utf8), chunk: 5000, reading: reading)
        #expect(found.rows.map { $0[0] } == ["1", "3"])
        #expect(found.defects == ["record.tooLarge 2"] && found.raw.first?.count == 65_536)
    }

    @Test func boundsAndForbiddenThings() throws {
        let bomb = "<?xml version=\"1.0\"?><!DOCTYPE s [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>"
        let external = "<!DOCTYPE s [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
        for dtd in [bomb, external, "<!DOCTYPE s SYSTEM \"http://127.0.0.1:9/x.dtd\">"] {
            let found = try Self.read(Array((dtd + Self.open + "<d:R><d:V>&b;&x;</d:V></d:R>" + Self.close).utf8))
            #expect(found.error == "source.forbiddenDTD" && found.rows.isEmpty)
        }
        let deep = String(repeating: "<d:X>", count: 200)
        #expect(try Self.body(deep).error == "source.tooDeep")
        #expect(try Self.body("<d:R>" + deep).error == "source.tooDeep")
        var reading = SOAPReading()
        reading.limits.envelopeBytes = 100
        #expect(try Self.read(Array((Self.open + Self.close).utf8), reading: reading).error == "source.tooLarge")
        #expect(try Self.body("<d:R></d:L>").error == "source.malformedXML")
        #expect(try Self.body("<d:R><d:V>x</d:V>").error == "source.malformedXML")
        #expect(try Self.read(Array((Self.open + "<d:R id=\"1\"/>").utf8)).error == "source.truncated")
        #expect(try Self.read([]).error == "source.truncated")
        #expect(try Self.read(Array((Self.open + Self.close + "<x/>").utf8)).error == "source.malformedXML")
    }

    @Test func everyChunkBoundaryGivesTheSame() throws {
        let xml =
            "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n" + Self.open
            + "<d:R id=\"1&lt;\"><d:V>热费<![CDATA[]]<&]]>\r\nx</d:V><d:W><d:X>&#x20BB7;</d:X></d:W></d:R><!-- c --><d:R id=\"2\"/>"
            + Self.close
        let bytes = Array(xml.utf8)
        let whole = try Self.read(bytes)
        #expect(whole.rows == [["1<", "热费]]<&\nx", "𠮷"], ["2", nil, nil]])
        for chunk in 1..<bytes.count { #expect(try Self.read(bytes, chunk: chunk) == whole) }
        for cut in 3..<bytes.count {
            let found = try Self.read(Array(bytes[..<cut]))
            #expect(found.error == "source.truncated", "\(cut)")
        }
    }

    @Test func mutationsNeverCrash() throws {
        var random = SeededGenerator(seed: 20_261_122)
        let record = "<d:R id=\"1\"><d:V>热费 &amp; <![CDATA[x]]></d:V><d:W><d:X xsi:nil=\"true\"/></d:W></d:R>"
        let bytes = Array((Self.open + String(repeating: record, count: 4) + Self.close).utf8)
        let spice = Array("<>&;\"'/![]-?=: \u{0}".utf8) + [0xFF, 0xC3, 0xE7, 0x80]
        for _ in 0..<4000 {
            var mutant = bytes
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let at = Int.random(in: 0..<mutant.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: mutant[at] = spice.randomElement(using: &random)!
                case 1: mutant.remove(at: at)
                case 2: mutant.insert(spice.randomElement(using: &random)!, at: at)
                default:
                    let end = min(mutant.count, at + Int.random(in: 0...60, using: &random))
                    mutant.insert(
                        contentsOf: Array(mutant[at..<end]), at: Int.random(in: 0..<mutant.count, using: &random))
                }
            }
            let one = try Self.read(mutant)
            let other = try Self.read(mutant, chunk: Int.random(in: 1...40, using: &random))
            // Where the whole is read, so it is in pieces.
            if one.error == nil && other.error == nil { #expect(one == other) }
            if String(validating: mutant, as: UTF8.self) != nil { #expect((one.error == nil) == (other.error == nil)) }
        }
    }
}
