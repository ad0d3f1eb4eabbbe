import Testing

@testable import StoreSQL

/// What a shape packs comes back byte for byte; what it does not suit it leaves alone.
@Suite struct ShapeTests {
    private typealias Row = (body: [UInt8], raw: [UInt8])

    private struct Random {
        private var state: UInt64
        init(_ seed: UInt64) { state = seed }
        mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        mutating func pick<Element>(_ elements: [Element]) -> Element { elements[next(elements.count)] }
    }

    private func with<Result>(_ row: Row, _ use: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> Result)
        rethrows -> Result
    {
        try row.body.withUnsafeBytes { body in try row.raw.withUnsafeBytes { try use(body, $0) } }
    }

    /// Whether it fits; where it does, it comes back.
    private func check(_ codec: ShapeCodec, _ row: Row) -> Int? {
        guard let packed = with(row, { body, raw in codec.pack(body, raw).map { Array($0) } }) else { return nil }
        let (raw, body) = (ByteBuffer(), ByteBuffer())
        let isBack = packed.withUnsafeBytes {
            codec.unpack($0, raw: raw, body: body).map {
                $0.body.elementsEqual(row.body) && $0.raw.elementsEqual(row.raw)
            }
        }
        #expect(
            isBack == true, "\(String(decoding: row.raw, as: UTF8.self)) \(String(decoding: row.body, as: UTF8.self))")
        return packed.count
    }

    private func learn(_ rows: [Row]) -> RowShape? {
        let bytes = rows.flatMap { $0.body + $0.raw }
        return bytes.withUnsafeBytes { bytes in
            var place = 0
            func part(_ count: Int) -> UnsafeRawBufferPointer {
                defer { place += count }
                return UnsafeRawBufferPointer(rebasing: bytes[place..<place + count])
            }
            return ShapeLearner.shape(
                of: rows.map { PackedTexts(body: part($0.body.count), beside: part($0.raw.count)) })
        }
    }

    private static let separator = "\u{1F}"

    /// A bill as a source has it and as the mapping makes it.
    private func bill(_ number: Int, _ random: inout Random) -> Row {
        let (fen, area) = (random.next(2_000_000) - 1000, random.next(200_000))
        func hundredths(_ value: Int) -> String {
            let digits = String(value.magnitude)
            let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
            return (value < 0 ? "-" : "") + padded.dropLast(2) + "." + padded.suffix(2)
        }
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let day = "\(2020 + random.next(6))-\(two(1 + random.next(12)))-\(two(1 + random.next(28)))"
        let time = "\(two(random.next(24))):\(two(random.next(60))):\(two(random.next(60)))"
        let (state, item) = (random.pick(["已缴", "未缴"]), random.pick(["基本热费", "滞纳金"]))
        let remark: String? =
            random.next(4) == 0 ? random.pick(["\"quoted\"", "a\\b", "tab\there", "行\n行", "", "普通"]) : nil
        let raw = [
            "\(number)", "HT\(10_000_000 + number % 977)", item, hundredths(area), hundredths(fen), day, state,
            remark ?? "\0",
            "\(day) \(time)+08",
        ].joined(separator: Self.separator)
        func escaped(_ text: String) -> String {
            text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\t", with: "\\t").replacing(
                "\n", with: "\\n")
        }
        var body =
            #"{"number":"\#(number)","item":"\#(item == "滞纳金" ? "lateFee" : "heatBase")","quantity":"\#(hundredths(area))0","#
        body += #""due_fen":\#(fen),"due_on":"\#(day)","status":"\#(state == "已缴" ? "paid" : "unpaid")""#
        if let remark, !remark.isEmpty { body += #","remark":"\#(escaped(remark))""# }
        body += #","issued_at":"\#(day)T\#(time)+08:00"}"#
        return (Array(body.utf8), Array(raw.utf8))
    }

    @Test(arguments: [1, 2, 3, 4]) func billsAreTheValuesOfTheirColumns(_ seed: UInt64) throws {
        var random = Random(seed)
        let rows = (0..<4000).map { bill($0 * 7, &random) }
        let codec = ShapeCodec(9, try #require(learn(Array(rows[..<1000]))))
        let sizes = rows.compactMap { check(codec, $0) }
        #expect(sizes.count > 3900, "\(sizes.count)")
        let plain = rows.reduce(0) { $0 + $1.body.count + $1.raw.count }
        #expect(sizes.reduce(0, +) * 7 < plain, "\(sizes.reduce(0, +)) of \(plain)")
    }

    /// Rows that are changed anywhere, by a byte taken out, put in or replaced: they fit and come back, or they do not fit.
    @Test(arguments: [1, 2, 3]) func noRowComesBackAsAnother(_ seed: UInt64) throws {
        var random = Random(seed)
        let rows = (0..<3000).map { bill($0, &random) }
        let codec = ShapeCodec(9, try #require(learn(Array(rows[..<1000]))))
        let letters: [UInt8] = Array("0019.-\":{}[],\\ \u{1F}\0\u{1B}HT年x".utf8) + [0xFF, 0x80]
        var fits = 0
        for var row in rows {
            for _ in 0...random.next(3) {
                func change(_ text: inout [UInt8], _ random: inout Random) {
                    guard !text.isEmpty else { return }
                    let place = random.next(text.count)
                    switch random.next(3) {
                    case 0: text.remove(at: place)
                    case 1: text.insert(random.pick(letters), at: place)
                    default: text[place] = random.pick(letters)
                    }
                }
                if random.next(4) == 0 { change(&row.body, &random) } else { change(&row.raw, &random) }
            }
            if check(codec, row) != nil { fits += 1 }
        }
        #expect(fits > 0)
        for row in [([], []), (Array("{}".utf8), [0]), (Array("{}".utf8), Array(repeating: 0x1F, count: 8))] as [Row] {
            _ = check(codec, row)
        }
    }

    /// Parts of a column of any kind, of digits and of what is none.
    @Test func piecesOfEveryKindOfColumnComeBack() {
        let day = Array("2025-11-15".utf8)
        func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
        let columns: [RowShape.Column] = [
            .text, .listed([day, bytes("2025-11-x5"), bytes("2025")]), .moment(example: day),
            .number(before: bytes("2025-11-"), after: [], width: 2, places: 0),
        ]
        let fields = columns.indices.map { column in
            RowShape.Field(
                name: bytes("\"c\(column)\":"), column: column,
                rule: .pieces(
                    [
                        RowShape.Piece(before: bytes("\""), from: 0, to: 4),
                        RowShape.Piece(before: [], from: 5, to: 7), RowShape.Piece(before: [], from: 8, to: 10),
                    ], end: bytes("\"")))
        }
        let codec = ShapeCodec(3, RowShape(columns: columns, fields: fields))
        let whole = columns.indices.map { "\"c\($0)\":\"20251115\"" }
        func row(_ raws: [String]) -> Row {
            let said = zip(whole, raws).filter { $1 == "2025-11-15" }.map(\.0)
            return (bytes("{\(said.joined(separator: ","))}"), bytes(raws.joined(separator: Self.separator)))
        }
        let days = columns.map { _ in "2025-11-15" }
        #expect(check(codec, row(days)) != nil)
        for column in columns.indices {
            for other in ["2025-11-x5", "2025", "", "2025-11-15 ", "\0"] {
                var raws = days
                raws[column] = other
                _ = check(codec, row(raws))
            }
        }
    }

    /// Numbers and moments as sources write them, and as they do not.
    @Test func everyValueOfAColumnComesBack() {
        let numbers = [
            "0", "7", "007", "-7", "-0", "1.5", "0.50", "-0.50", ".50", "12.", "1.234", "00.50", "999999999999999999",
            "9999999999999999999", "HT1", "HT00000001", "HT", "HT-1", "1 ", " 1", "+1", "1e3", "",
        ]
        let moments = [
            "2026-10-01 08:00:00+08", "1899-10-01 08:00:00+08", "2026-13-01 08:00:00+08", "2026-12-31 23:59:60+08",
            "2026-10-01T08:00:00+08",
        ]
        let columns: [RowShape.Column] = [
            .text, .number(before: [], after: [], width: 0, places: 0),
            .number(before: [], after: [], width: 0, places: 2),
            .number(before: Array("HT".utf8), after: [], width: 8, places: 0),
            .number(before: [], after: [], width: 3, places: 0),
            .number(before: [], after: [], width: 4, places: 2), .moment(example: Array(moments[0].utf8)),
            .moment(example: Array("20261001".utf8)), .listed(["7", "", "HT1"].map { Array($0.utf8) }),
        ]
        for column in columns {
            let codec = ShapeCodec(1, RowShape(columns: [column], fields: []))
            for value in numbers + moments + ["20261001", "20261301", "2026100", "\0"] {
                #expect(check(codec, (Array("{}".utf8), Array(value.utf8))) != nil, "\(value) of \(column)")
            }
        }
    }

    @Test func rowsThatHaveNothingInCommonHaveNoShape() {
        var random = Random(5)
        let rows: [Row] = (0..<200).map { _ in
            (
                (0..<random.next(60)).map { _ in UInt8(random.next(256)) },
                (0..<random.next(60)).map { _ in UInt8(random.next(256)) }
            )
        }
        #expect(learn(rows) == nil)
        #expect(learn([]) == nil)
    }

    /// A damaged row is none: whatever bit is another.
    @Test func aDamagedRowIsNone() throws {
        var random = Random(8)
        let rows = (0..<200).map { bill($0, &random) }
        let shape = try #require(learn(rows))
        let (codec, other) = (ShapeCodec(3, shape), ShapeCodec(4, shape))
        let (raw, body) = (ByteBuffer(), ByteBuffer())
        for row in rows.prefix(40) {
            guard let sound = with(row, { body, raw in codec.pack(body, raw).map { Array($0) } }) else { continue }
            for bit in 0..<sound.count * 8 {
                var broken = sound
                broken[bit / 8] ^= 1 << (bit % 8)
                #expect(broken.withUnsafeBytes { codec.unpack($0, raw: raw, body: body) } == nil)
            }
            for count in 0..<sound.count {
                #expect(sound[..<count].withUnsafeBytes { codec.unpack($0, raw: raw, body: body) } == nil)
            }
            #expect(sound.withUnsafeBytes { other.unpack($0, raw: raw, body: body) } == nil)
        }
    }
}
