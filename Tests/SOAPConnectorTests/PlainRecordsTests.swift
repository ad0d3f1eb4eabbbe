import HearthTesting
import HeatModel
import Records
import TestTraits
import Testing

@testable import SOAPConnector

/// Records that are read without the parser are what the parser makes of them: seeded answers with all that XML can do, whole, cut and broken.
@Suite struct PlainRecordsTests {
    /// All that a reading tells.
    struct Told: Equatable {
        var rows: [[String?]] = []
        var ordinals: [Int64] = []
        var batches: [Int] = []
        var defects: [String] = []
        var end: [String] = []
        var error: String?
        var plain: Int64 = 0

        static func == (a: Told, b: Told) -> Bool {
            a.rows == b.rows && a.ordinals == b.ordinals && a.batches == b.batches && a.defects == b.defects
                && a.end == b.end
                && a.error == b.error
        }
    }

    private static func stream(_ path: String) -> SOAPStream {
        SOAPStream(
            name: "s", body: "", recordPath: path,
            fields: [
                SOAPField("id", "@id"), .init("v", "d:V"), .init("v2", "d:V"), .init("x", "d:W/d:X"),
                .init("k", "d:W/@k"),
                .init("any", "*:Z"), .init("list", path.contains("/") ? "../@no" : "@no"), .init("all", "d:Q"),
                .init("part", "d:Q/d:B"),
                .init("joined", "d:J", repeated: .join("、")),
            ], total: .init(path: "d:L/@total"))
    }

    static func told(_ pieces: [[UInt8]], _ reading: SOAPReading, path: String = "d:L/d:R", takesPlain: Bool) throws
        -> Told
    {
        var reading = reading
        reading.takesPlainRecords = takesPlain
        var told = Told()
        func take(_ batch: RawBatch) {
            told.rows += batch.texts
            told.ordinals += batch.ordinals
            told.batches.append(batch.rowCount)
            told.defects += batch.defects.map { "\($0.code) \($0.ordinal) \($0.message) \($0.raw)" }
        }
        let reader = try SOAPEnvelopeReader(
            stream: stream(path), namespaces: ["d": "urn:d"], reading: reading)
        do {
            for piece in pieces { try reader.read(piece) { take($0) } }
            let end = try reader.finish { take($0) }
            take(end.lastBatch)
            told.end = [
                "\(end.records)", "\(end.defects)", "\(end.hits)", end.statedTotal ?? "–", "\(end.isWhole)",
                "\(end.signs)",
            ]
        } catch let error as HearthError {
            // The parser's columns leave out what end tags take; its lines do not.
            let place = "\(error.place.map { "\($0)" } ?? "")".replacing(/(:\d+):\d+/) { "\($0.1)" }
            told.error = "\(error.code) \(error.message) \(place)"
        }
        told.plain = reader.plain?.count ?? 0
        return told
    }

    /// A text, or something that only looks like one.
    private static func text(_ random: inout SeededGenerator, odd: Bool) -> String {
        let plain = [
            "供热", "HT10000042", "阳光花园小区 3号楼", "a & b", "x < y", "\"q\" 'a' >", "", " ", "é", "1]]2", "ends ]", "\n\t",
            "ﾡ￿",
        ]
        let odder = [
            "<![CDATA[<b>]]>", "<!-- c -->", "<?p i?>", "&#x70ED;", "&#36153;", "\r\n", "\r", "𠮷", "]]>", "&nope;", "&",
            "\u{7F}", "&amp", "\u{FFFD}",
            "<d:B>two</d:B>", "<d:B><d:R id='9'/></d:B>", "\u{2}",
        ]
        if odd, Int.random(in: 0..<3, using: &random) == 0 { return odder.randomElement(using: &random)! }
        return plain.randomElement(using: &random)!.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(
                "￿", with: "")
    }

    private static func record(_ random: inout SeededGenerator, odd isOdd: Bool) -> String {
        // Most stay plain, so that what is odd comes after records that were read as such.
        let odd = isOdd && Int.random(in: 0..<6, using: &random) == 0
        func some(_ one: Int, of: Int) -> Bool { Int.random(in: 0..<of, using: &random) < one }
        func value() -> String {
            odd && some(1, of: 12)
                ? ["a&amp;b", "a\tb", "a&#10;b", "a<b", "é𠮷"].randomElement(using: &random)!
                : ["1", "", "室温 18", "x'y", "é"].randomElement(using: &random)!
        }
        let prefix = odd && some(1, of: 30) ? ["", "u:", "x:"].randomElement(using: &random)! : "d:"
        var parts: [String] = []
        if some(9, of: 10) { parts.append("<d:V>\(text(&random, odd: odd))</d:V>") }
        if odd && some(1, of: 15) { parts.append("<d:V>again</d:V>") }
        if some(4, of: 5) { parts.append("<d:W k=\"\(value())\"><d:X>\(text(&random, odd: odd))</d:X></d:W>") }
        if some(1, of: 3) { parts.append("<d:V2/>") }
        if some(1, of: 6) {
            parts.append("<d:Q>one \(some(1, of: 2) ? "<d:B>\(text(&random, odd: odd))</d:B>" : "") three</d:Q>")
        }
        for _ in 0..<Int.random(in: 0..<3, using: &random) { parts.append("<d:J>\(text(&random, odd: odd))</d:J>") }
        if isOdd && some(1, of: 40) {
            parts.append(
                [
                    "<d:W xsi:nil=\"true\"/>", "<d:V href=\"#1\"/>", "<z:Z xmlns:z=\"urn:z\">q</z:Z>",
                    "<u:V>unbound</u:V>", "<V>none</V>",
                    "<d:V  a = '1'\n>w</d:V >", "<d:W k='1' id='2'></d:W>",
                    "<d:d><d:d><d:d><d:d><d:d>deep</d:d></d:d></d:d></d:d></d:d>",
                    "<d:VV>v</d:VV>", "<d:W k='1' id='2' other='3' third='4'/>", "<d:V>x</d:V>]]>",
                    "<d:W k=\"1\" xml:lang='zh' k2='b'/>",
                ].randomElement(using: &random)!)
        }
        if isOdd && some(1, of: 150) {
            parts.append(
                [
                    "<d:W k=\"1\" k=\"2\"/>", "<d:W k=\"1\"id=\"2\"/>", "<d:V></d:W>", "<d:V", "</d:R>", "<d:V a=b/>",
                    "<d:V a/>",
                ]
                .randomElement(using: &random)!)
        }
        if odd && some(1, of: 6) { parts.shuffle(using: &random) }
        let attributes =
            some(1, of: 10)
            ? "" : " id=\"\(value())\"\(some(1, of: 8) ? " other='o'" : "")\(some(1, of: 8) ? " third='t'" : "")"
        let gap = some(1, of: 2) ? "" : "\n  "
        if odd && some(1, of: 40) {
            return "<\(prefix)R\(attributes) xmlns:d=\"urn:other\">\(parts.joined())</\(prefix)R>"
        }
        return "<\(prefix)R\(attributes)>\(gap)\(parts.joined(separator: gap))\(gap)</\(prefix)R>"
    }

    private static func answer(_ random: inout SeededGenerator, odd: Bool) -> String {
        var text =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
        text += "xmlns:d=\"urn:d\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><s:Body>\n<d:A>"
        for list in 0..<Int.random(in: 1..<4, using: &random) {
            let other = odd && Int.random(in: 0..<6, using: &random) == 0 ? " xmlns:d=\"urn:e\"" : ""
            text += "<d:L total=\"\(list)\" no=\"N\(list)\"\(other)>\n"
            for _ in 0..<Int.random(in: 0..<60, using: &random) {
                text += record(&random, odd: odd)
                if Int.random(in: 0..<3, using: &random) > 0 { text += "\n" }
                if odd, Int.random(in: 0..<50, using: &random) == 0 {
                    text += [
                        "<d:T>stray</d:T>", "words", "<!-- c -->", "<d:L total=\"9\"><d:R id=\"in\"/></d:L>", "\r\n",
                        "<d:RR/>", "<?p?>",
                    ]
                    .randomElement(using: &random)!
                }
            }
            text += "</d:L>"
        }
        return text + "</d:A></s:Body></s:Envelope>"
    }

    private static func cut(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [[UInt8]] {
        let most = [7, 100, 1000, 100_000].randomElement(using: &random)!
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...most, using: &random)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    private static func reading(_ random: inout SeededGenerator) -> SOAPReading {
        var reading = SOAPReading()
        switch Int.random(in: 0..<6, using: &random) {
        case 0: reading.batchRows = 7
        case 1: reading.batchBytes = 300
        case 2: reading.limit = Int.random(in: 1..<60, using: &random)
        case 3: reading.limits.recordBytes = 200
        case 4:
            reading.limits.depth = 8
            reading.limits.attributes = 3
        default: break
        }
        return reading
    }

    @Test(arguments: ProcessEnvironment.seeds ?? 1...24) func asTheParser(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var plain: Int64 = 0
        for round in 0..<60 {
            let isOdd = round % 3 > 0
            var bytes = Array(Self.answer(&random, odd: isOdd).utf8)
            if round % 3 == 2, !bytes.isEmpty {
                for _ in 0..<Int.random(in: 1..<4, using: &random) {
                    let at = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: bytes.remove(at: at)
                    case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
                    case 2: bytes.insert("<>&/\"'= ]:".utf8.randomElement(using: &random)!, at: at)
                    default: if at > bytes.count / 2 { bytes.removeSubrange(at...) }
                    }
                }
            }
            let (pieces, reading) = (Self.cut(bytes, &random), Self.reading(&random))
            let path = ["d:L/d:R", "d:R", "*:R"].randomElement(using: &random)!
            let found = try Self.told(pieces, reading, path: path, takesPlain: true)
            let wanted = try Self.told(pieces, reading, path: path, takesPlain: false)
            #expect(found == wanted, "seed \(seed), round \(round)")
            #expect(wanted.plain == 0)
            plain += found.plain
            if found != wanted { return }
        }
        #expect(plain > 20, "few of the plain records were read as such")
    }

    /// Of many records the parser reads the first, and few where pieces meet.
    @Test func mostRecordsArePlain() throws {
        var random = SeededGenerator(seed: 5)
        let records = (0..<4000).map { _ in Self.record(&random, odd: false) }.joined(separator: "\n")
        let text =
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:d=\"urn:d\"><s:Body><d:L>\(records)</d:L></s:Body></s:Envelope>"
        let found = try Self.told([Array(text.utf8)], SOAPReading(), takesPlain: true)
        #expect(found.error == nil && found.rows.count == 4000 && found.plain > 3500)
    }
}
