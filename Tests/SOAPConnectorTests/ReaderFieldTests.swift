import HearthTesting
import HeatModel
import Records
import SOAPConnector
import TestTraits
import Testing

/// What stands in answers of the field: references, encodings, attachments, prefixes.
@Suite(.waitsForServers) struct ReaderFieldTests {
    // MARK: Bare ampersands

    /// The first record, one in the middle, the last; in a text, an attribute, an element that no path reads.
    @Test(
        arguments: [
            "a & b", "a&b c", "a&b; c", "a&1", "&", "a&", "&nbsp;", "a&&b", "&#x;", "&#12a;", "&copy;&copy;",
            "x?a=1&b=2", "&amp &lt",
        ], [1, 2, 3]) func aBareAmpersandCostsItsRecordOnly(_ text: String, _ at: Int) throws
    {
        for place in ["text", "attribute", "unread"] {
            let records = (1...3).map { number in
                let shown = number == at ? text : "gut &amp; recht"
                let (attribute, value, other) = (
                    place == "attribute" ? " id=\"\(shown)\"" : "", place == "text" ? shown : "v",
                    place == "unread" ? shown : "u"
                )
                return "<Order\(attribute)><No>A\(number)</No><Temp>\(value)</Temp><Other>\(other)</Other></Order>"
            }
            let connector = try Field.connector(Field.stream()) { _ in .init(envelope("<R>\(records.joined())</R>")) }
            let pulled = try Field.pull(connector)
            #expect(pulled.rows.map { $0[0] } == [1, 2, 3].filter { $0 != at }.map { "A\($0)" }, "\(place)")
            let defects = pulled.batches.flatMap(\.defects)
            #expect(defects.map(\.code.name) == ["record.badReference"] && defects.map(\.ordinal) == [Int64(at)])
            #expect(defects.first.map { String(decoding: $0.raw, as: UTF8.self) } == records[at - 1])
            #expect(pulled.summary.completeness != nil)
        }
    }

    /// Comments, CDATA and instructions may hold one.
    @Test(arguments: [1, 5, 64, Int.max]) func anAmpersandThatIsNoReference(_ chunk: Int) throws {
        let xml =
            "<!-- a & b --><?p a & b?><d:R id=\"1\"><d:V><![CDATA[a & b > c &nbsp; ]]>&#38;x</d:V><!-- & --></d:R><d:R id=\"2\"><d:V>&</d:V></d:R><d:R id=\"3\"/>"
        let bytes = Array((EnvelopeReaderTests.open + xml + EnvelopeReaderTests.close).utf8)
        let found = try EnvelopeReaderTests.read(bytes, chunk: chunk)
        #expect(found.error == nil && found.defects == ["record.badReference 2"])
        #expect(found.rows == [["1", "a & b > c &nbsp; &x", nil], ["3", nil, nil]])
    }

    @Test func oneOutsideOfRecordsIsAnError() throws {
        for body in [
            "<R><Note>a & b</Note>\(Field.orders(1...2))</R>", "<R a=\"b&c\">\(Field.orders(1...2))</R>",
            "<R>\(Field.orders(1...2))<x>&</x></R>",
        ] {
            let connector = try Field.connector(Field.stream()) { _ in .init(envelope(body)) }
            let error = thrown { _ = try Field.pull(connector) }
            #expect(error.code.name == "source.malformedXML" && error.message.contains("bare &") && error.place != nil)
        }
    }

    @Test(arguments: ["a\u{1}b", "a]]>b", "a&#0;b"]) func otherCharactersCostTheirRecordOnly(_ text: String) throws {
        for at in 1...3 {
            let records = (1...3).map { Field.order($0, temp: $0 == at ? text : "v") }
            let connector = try Field.connector(Field.stream()) { _ in .init(envelope("<R>\(records.joined())</R>")) }
            let pulled = try Field.pull(connector)
            #expect(pulled.rows.count == 2 && pulled.batches.flatMap(\.defects).map(\.ordinal) == [Int64(at)])
        }
    }

    // MARK: Encodings

    static func gb(_ text: String) -> [UInt8] {
        // 热费 and 小 as GB2312 has them; everything else is ASCII.
        text.flatMap { character -> [UInt8] in
            switch character {
            case "热": [0xC8, 0xC8]
            case "费": [0xB7, 0xD1]
            case "小": [0xD0, 0xA1]
            default: Array(String(character).utf8)
            }
        }
    }

    /// Header, declaration, encoding of the bytes; whether they are read or refused.
    static let encodings: [(header: String, prolog: String, bytes: String, isRead: Bool)] = [
        ("ISO-8859-1", "UTF-8", "UTF-8", true), ("iso8859-1", "GBK", "GBK", true), ("US-ASCII", "gb2312", "GBK", true),
        ("windows-1252", "utf-8", "UTF-8", true), ("ISO-8859-1", "", "UTF-8", true), ("", "GB18030", "GBK", true),
        ("GBK", "", "GBK", true), ("utf-8", "", "UTF-8", true), ("GBK", "UTF-8", "GBK", true),
        ("UTF-8", "GBK", "UTF-8", true),
        ("GBK", "UTF-8", "UTF-8", false), ("UTF-8", "GBK", "GBK", false), ("", "GBK", "UTF-8", false),
        ("gb2312", "", "UTF-8", false),
        ("GBK", "gb2312", "UTF-8", false), ("", "ISO-8859-1", "UTF-8", false), ("Big5", "GBK", "GBK", false),
        ("", "utf-16", "UTF-8", true),
    ]

    @Test(arguments: encodings.indices) func charsets(_ index: Int) throws {
        let (header, prolog, bytes, isRead) = Self.encodings[index]
        let declared = prolog.isEmpty ? "" : "<?xml version=\"1.0\" encoding=\"\(prolog)\"?>"
        for text in ["热", "热费", "小热费小热费小热费"] {
            let xml = envelope("<R><Order><No>A1</No><Temp>\(text)</Temp></Order></R>", prolog: declared)
            let body = bytes == "GBK" ? Self.gb(xml) : Array(xml.utf8)
            let connector = try Field.connector(Field.stream()) { _ in
                .init(type: "text/xml\(header.isEmpty ? "" : "; charset=\(header)")", body)
            }
            if isRead {
                #expect(try Field.pull(connector).rows == [["A1", text]], "\(text)")
            } else {
                let error = thrown { _ = try Field.pull(connector) }
                #expect(error.code.name == "source.charsetContradiction", "\(text): \(error)")
                for name in [header, prolog] { #expect(error.message.contains(name)) }
            }
        }
    }

    /// A long answer in ASCII before the first Chinese character, and one that only just begins with it.
    @Test(arguments: [0, 1, 5000]) func theBytesAreAskedWhereTheyTell(_ before: Int) throws {
        let plain = (0..<before).map { "<Order><No>\($0)</No></Order>" }.joined()
        let xml = envelope(
            "<R>\(plain)\(Field.order(1, temp: "热费"))</R>", prolog: "<?xml version=\"1.0\" encoding=\"gbk\"?>")
        let wrong = try Field.connector(Field.stream()) { _ in .init(type: "text/xml", xml) }
        var rows: [[String?]] = []
        let error = thrown { _ = try wrong.pull(.init(stream: "orders")) { rows += $0.texts } }
        #expect(error.code.name == "source.charsetContradiction" && !rows.contains { $0[1] != nil })
        let right = try Field.connector(Field.stream()) { _ in .init(type: "text/xml", Self.gb(xml)) }
        #expect(try Field.pull(right).rows.last == ["A1", "热费"])
        let forced = try Field.connector(Field.stream(), charset: "utf-8") { _ in .init(type: "text/xml", xml) }
        #expect(try Field.pull(forced).rows.last == ["A1", "热费"])
    }

    @Test(arguments: ["\n", " \r\n\t", "\u{FEFF}\n", "\n\n\n"]) func whiteSpaceBeforeTheDeclaration(_ space: String)
        throws
    {
        for prolog in ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", ""] {
            let connector = try Field.connector(Field.stream()) { _ in
                .init(envelope("<R>\(Field.order(1, temp: "热"))</R>", prolog: space + prolog))
            }
            #expect(try Field.pull(connector).rows == [["A1", "热"]])
        }
    }

    // MARK: Attributes and prefixes

    @Test(arguments: ["attributes", "namespaces", "inRecord"]) func tooManyAttributes(_ kind: String) throws {
        let many = (0..<380_000).map { kind == "namespaces" ? " xmlns:a\($0)=\"u\"" : " a\($0)=\"1\"" }.joined()
        let body = kind == "inRecord" ? "<R><Order\(many)/></R>" : "<R\(many)>\(Field.orders(1...2))</R>"
        let connector = try Field.connector(Field.stream(), attempts: 1) { _ in .init(envelope(body)) }
        let error = thrown { _ = try Field.pull(connector) }
        #expect(error.code.name == "source.tooLarge" && error.message.contains("attributes"))
        // A text that looks like attributes is none.
        let text = try Field.connector(Field.stream()) { _ in
            .init(envelope("<R>\(Field.order(1, temp: String(many.prefix(1_000_000))))</R>"))
        }
        #expect(try Field.pull(text).rows.first?[1]?.utf8.count == 1_000_000)
    }

    @Test(arguments: ["a&amp;b", "&#38;", "&amp;#38;", "&lt;&amp;&quot;", "&#x26;amp;"]) func ampersandsInAttributes(
        _ text: String
    ) throws {
        let meant = [
            "a&amp;b": "a&b", "&#38;": "&", "&amp;#38;": "&#38;", "&lt;&amp;&quot;": "<&\"", "&#x26;amp;": "&amp;",
        ][text]
        let stream = Field.stream(record: "R/Order", fields: [.init("no", "@no"), .init("up", "../@up")])
        let connector = try Field.connector(stream) { _ in
            .init(envelope("<R up=\"\(text)\"><Order no=\"\(text)\"/></R>"))
        }
        #expect(try Field.pull(connector).rows == [[meant, meant]])
    }

    @Test func severalHundredAttributesAreRead() throws {
        let some = (0..<900).map { " a\($0)=\"1\"" }.joined()
        let connector = try Field.connector(Field.stream(fields: [.init("no", "@a899")])) { _ in
            .init(envelope("<R><Order\(some)/></R>"))
        }
        #expect(try Field.pull(connector).rows == [["1"]])
    }

    @Test(arguments: [
        ("<R><Order><No>1</No><x:Temp>2</x:Temp></Order>\(Field.orders(2...3))</R>", 1),
        ("<R><Order x:id=\"1\"><No>1</No></Order></R>", 0),
        ("<R><x:Order><No>1</No></x:Order></R>", 0), ("<x:R>\(Field.orders(1...2))</x:R>", 0),
        ("<R><Order><No x:k=\"1\">1</No></Order>\(Field.orders(2...3))</R>", 1),
    ]) func unboundPrefixesAreRefused(_ body: String, _ defects: Int) throws {
        let connector = try Field.connector(Field.stream()) { _ in .init(envelope(body)) }
        if defects == 0 {
            let error = thrown { _ = try Field.pull(connector) }
            #expect(error.code.name == "source.malformedXML" && error.message.contains("prefix"))
        } else {
            let pulled = try Field.pull(connector)
            #expect(
                pulled.rows.count == 2 && pulled.batches.flatMap(\.defects).map(\.code.name) == ["record.unboundPrefix"]
            )
        }
    }

    // MARK: Content that stands elsewhere

    @Test(arguments: [
        "<Temp href=\"#t1\"/>", "<Temp href=\"#t1\"></Temp>",
        "<Temp xmlns:e=\"http://www.w3.org/2003/05/soap-encoding\" e:ref=\"t1\"/>",
    ])
    func referencesAreDefects(_ reference: String) throws {
        let body = "<R><Order><No>A1</No>\(reference)</Order>\(Field.order(2))</R><multiRef id=\"t1\">20.5</multiRef>"
        let pulled = try Field.pull(Field.connector(Field.stream()) { _ in .init(envelope(body)) })
        #expect(pulled.rows == [["A2", "20.5"]])
        #expect(pulled.batches.flatMap(\.defects).map(\.code.name) == ["record.contentElsewhere"])
    }

    @Test func arraysOfReferences() throws {
        let body =
            "<R><Order href=\"#o1\"/><Order href=\"#o2\"/></R><multiRef id=\"o1\"><No>A1</No></multiRef><multiRef id=\"o2\"><No>A2</No></multiRef>"
        let pulled = try Field.pull(Field.connector(Field.stream()) { _ in .init(envelope(body)) })
        #expect(pulled.rows.isEmpty && pulled.batches.flatMap(\.defects).count == 2)
        // The records are where the references lead.
        let found = try Field.pull(Field.connector(Field.stream(record: "multiRef")) { _ in .init(envelope(body)) })
        #expect(found.rows.map { $0[0] } == ["A1", "A2"])
        // A field may be the reference itself.
        let asked = try Field.pull(
            Field.connector(Field.stream(fields: [.init("no", "@href")])) { _ in .init(envelope(body)) })
        #expect(asked.rows == [["#o1"], ["#o2"]])
    }

    // MARK: MTOM

    static func multipart(
        _ root: [UInt8], start: Bool, type: String = "application/xop+xml; charset=utf-8; type=\"text/xml\""
    ) -> [UInt8] {
        let other = Array("--MIME_b\r\nContent-Type: image/png\r\nContent-ID: <p1>\r\n\r\n\u{1}\u{2}--MIME\r\n".utf8)
        let first = Array(
            "--MIME_b\r\nContent-Type: \(type)\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <root@x>\r\n\r\n"
                .utf8)
        return (start ? other : []) + first + root + Array("\r\n".utf8) + (start ? [] : other)
            + Array("--MIME_b--\r\n".utf8)
    }

    @Test(arguments: [false, true]) func theRootPartIsRead(_ comesSecond: Bool) throws {
        let xml = envelope("<R>\(Field.order(1, temp: "热费"))\(Field.orders(2...400))</R>")
        let type =
            "multipart/related; type=\"application/xop+xml\"; boundary=\"MIME_b\"; start=\"<root@x>\"; start-info=\"text/xml\""
        let whole = Self.multipart(Array(xml.utf8), start: comesSecond)
        let pulled = try Field.pull(Field.connector(Field.stream()) { _ in .init(type: type, whole) })
        #expect(pulled.rows.count == 400 && pulled.rows.first == ["A1", "热费"])
        #expect(pulled.summary.completeness != nil)
        let cut = try Field.connector(Field.stream(), attempts: 1) { _ in
            .init(type: type, Array(whole.prefix(whole.count / 2)))
        }
        expectCode("source.truncated") { _ = try Field.pull(cut) }
    }

    @Test func attachmentsAreDefects() throws {
        let include = "<xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:p1\"/>"
        let xml = envelope("<R><Order><No>A1</No><Temp>\(include)</Temp></Order>\(Field.order(2))</R>")
        let whole = Self.multipart(Array(xml.utf8), start: false)
        let pulled = try Field.pull(
            Field.connector(Field.stream()) { _ in .init(type: "Multipart/Related; boundary=MIME_b", whole) })
        #expect(pulled.rows == [["A2", "20.5"]])
        #expect(pulled.batches.flatMap(\.defects).map(\.code.name) == ["record.contentElsewhere"])
    }
}
