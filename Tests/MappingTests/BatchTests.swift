import Foundation
import HearthTesting
import HeatModel
import Records
import Testing

@testable import Mapping

@Suite struct BatchTests {
    static let yaml = """
        entity: charge
        from: a.b
        key: [id, line]
        account:
          column: hh
          crosswalk: {system: billing, column: id}
        voided: {column: zf, when: ["1", 作废]}
        fields:
          number: {columns: [id, line], join: "-", as: text}
          due: {column: due, as: money(yuan), required: true}
          received: {column: received, as: money(fen), default: 0, on_error: "null"}
          remark: {column: remark, as: text}
        """
    static let columns = ["id", "line", "hh", "zf", "due", "received", "remark"]

    private func plan() throws -> MappingPlan { try MappingPlan(Bench.file(Self.yaml), columns: Self.columns) }

    @Test func aRowBecomesARecord() throws {
        let mapped = try plan().map(Bench.batch(Self.columns, [["7", "1", " ００1", "作废", "1.50", nil, "a\"b"]]))
        let record = try #require(mapped.records.first)
        #expect(mapped.text(record.key) == "7\u{1F}1")
        #expect(mapped.text(record.accountNumber) == "001")
        #expect(mapped.text(record.crosswalkID) == "7")
        #expect(record.registersID.isNone)
        #expect(record.isVoided)
        #expect(mapped.text(record.body) == #"{"number":"7-1","due_fen":150,"received_fen":0,"remark":"a\"b"}"#)
        #expect(mapped.text(record.raw) == "7\u{1F}1\u{1F} ００1\u{1F}作废\u{1F}1.50\u{1F}\0\u{1F}a\"b")
        // printf of the same bytes | sha256sum
        #expect(record.hash == (0x435aa4f4ec78c1a3, 0x94bd0922299273aa))
        #expect(
            mapped.totals == [
                ControlTotal(measure: "due", count: 1, sum: Fen(150)),
                ControlTotal(measure: "received", count: 1, sum: .zero),
            ])
    }

    @Test func rejectsSayWhereAndKeepTheRow() throws {
        let plan = try plan()
        let mapped = plan.map(
            Bench.batch(
                Self.columns,
                [
                    ["7", "1", "1", "0", "1,2", nil, nil], ["", "", "1", "0", "1", nil, nil],
                    ["8", "1", "1-1", "0", "1", nil, nil],
                ]))
        #expect(mapped.records.isEmpty)
        #expect(mapped.rejects.map(\.code.name) == ["record.badDecimal", "record.noKey", "record.badAccountNumber"])
        #expect(mapped.totals.allSatisfy { $0.count == 0 && $0.sum == .zero })
        let first = mapped.rejects[0]
        #expect(first.message == "due: \"1,2\" is not a decimal number")
        #expect(first.column == "due" && first.field == "due" && first.ordinal == 1 && first.key == "7\u{1F}1")
        #expect(first.mappingPlace.map(\.description)?.hasSuffix("a.b.yaml:10:3") == true)
        #expect(RawRecord.decode(first.raw, columns: 7)?[5] == .some(nil))
        #expect(!mapped.rejects[2].message.contains("1-1"))
        // Replayed from quarantine it fails in the same way.
        let origin = Origin(kind: .table, name: "t", isSnapshot: false)
        let again = try #require(RawRecord.batch(first.raw, columns: plan.columns, origin: origin, ordinal: 1))
        #expect(plan.map(again).rejects.first?.message == first.message)
        #expect(RawRecord.batch([1], columns: plan.columns, origin: origin, ordinal: 1) == nil)
    }

    @Test func personalValuesAreNotShown() throws {
        let yaml = """
            entity: account
            from: a.b
            key: [id]
            account: {column: id}
            fields:
              holder.idNumber: {column: sfz, as: idNumber}
            """
        let mapped = try MappingPlan(Bench.file(yaml), columns: ["id", "sfz"]).map(
            Bench.batch(["id", "sfz"], [["1", "21010512"]]))
        #expect(mapped.rejects[0].message == "holder.idNumber is not a valid ID number")
    }

    /// Random texts that a source could hold: controls, quotes, full-width forms, Chinese, private and astral characters.
    private func text(_ random: inout SeededGenerator) -> String {
        let alphabet: [ClosedRange<UInt32>] = [
            0...0x7F, 0...0x1F, 0x22...0x22, 0x5C...0x5C, 0xA0...0x17F, 0x300...0x36F, 0x2000...0x22FF, 0x3000...0x303F,
            0x3300...0x33FF, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xE000...0xE100, 0xFB00...0xFFFD, 0x1F300...0x1F600,
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<random.next() % 24 {
            let range = alphabet[Int(random.next() % UInt64(alphabet.count))]
            if let scalar = Unicode.Scalar(range.lowerBound + UInt32(random.next() % UInt64(range.count))) {
                text.append(scalar)
            }
        }
        return String(text)
    }

    @Test func booksBalanceAndBodiesAreJSONWhateverTheText() throws {
        var random = SeededGenerator(seed: 42)
        let plan = try plan()
        for _ in 0..<12 {
            var rows: [[String?]] = []
            for index in 0..<400 {
                let due =
                    random.next() % 5 == 0
                    ? text(&random) : ExactDecimal(units: Int64(random.next() % 1_000_000), places: 2).description
                rows.append([
                    random.next() % 20 == 0 ? nil : "\(index)", text(&random),
                    random.next() % 3 == 0 ? text(&random) : "A\(index)", "0", due,
                    random.next() % 2 == 0 ? nil : text(&random), random.next() % 4 == 0 ? nil : text(&random),
                ])
            }
            let batch = Bench.batch(Self.columns, rows)
            let mapped = plan.map(batch)
            #expect((mapped.records.map(\.ordinal) + mapped.rejects.map(\.ordinal)).sorted() == batch.ordinals)
            var due: Int64 = 0
            for record in mapped.records {
                let row = rows[Int(record.ordinal) - 1]
                let body = try #require(
                    try JSONSerialization.jsonObject(with: Data(mapped.bytes(record.body))) as? [String: Any])
                due += try #require(body["due_fen"] as? Int64)
                let remark = row[6]?.precomposedStringWithCompatibilityMapping.trimmingCharacters(in: Self.blanks) ?? ""
                #expect((body["remark"] as? String ?? "").unicodeScalars.elementsEqual(remark.unicodeScalars))
                #expect(RawRecord.decode(mapped.bytes(record.raw), columns: 7) == row.map { $0.map { Array($0.utf8) } })
            }
            #expect(mapped.totals[0].sum == Fen(due))
            #expect(mapped.totals[0].count == Int64(mapped.records.count))
            for reject in mapped.rejects {
                #expect(
                    RawRecord.decode(reject.raw, columns: 7)
                        == rows[Int(reject.ordinal) - 1].map { $0.map { Array($0.utf8) } })
            }
        }
    }

    private static let blanks = CharacterSet(charactersIn: " \t\n\u{0B}\u{0C}\r")

    @Test func rawRecordsComeBackUnchanged() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<2000 {
            let values = (0..<1 + random.next() % 6).map { _ -> [UInt8]? in
                if random.next() % 4 == 0 { return nil }
                return (0..<random.next() % 6).map { _ in [0, 0x1B, 0x1F, 0x41, 0xE4][Int(random.next() % 5)] }
            }
            #expect(RawRecord.decode(RawRecord.encode(values), columns: values.count) == values)
        }
    }

    @Test func numbersComeBackUnchanged() throws {
        var random = SeededGenerator(seed: 9)
        let rows = (0..<3000).map { index -> [String?] in
            let amount = Int64(random.next() % 20_000_000_000) - 10_000_000_000
            let written = index % 2 == 0 ? Fen(amount).description : ExactDecimal(units: amount, places: 2).description
            return ["\(index)", "1", "1", "0", written, "\(amount)", nil]
        }
        let mapped = try plan().map(Bench.batch(Self.columns, rows))
        #expect(mapped.records.count == rows.count)
        for (record, row) in zip(mapped.records, rows) {
            #expect(
                mapped.text(record.body)?.contains("\"due_fen\":\(row[5] ?? ""),\"received_fen\":\(row[5] ?? "")}")
                    == true)
        }
    }

    @Test func datesAndInstantsComeBackUnchanged() throws {
        let yaml = Self.yaml + "\n  dueOn: {column: zf, as: date}\n  issuedAt: {column: remark, as: instant}"
        let plan = try MappingPlan(Bench.file(yaml), columns: Self.columns)
        var random = SeededGenerator(seed: 13)
        var rows: [[String?]] = []
        var expected: [String] = []
        for index in 0..<3000 {
            let date = CivilDate(dayNumber: Int32(random.next() % 40_000) - 10_000)
            let instant = Instant(
                microseconds: Int64(random.next() % 3_000_000_000_000_000),
                offsetMinutes: Int16(random.next() % 1440) - 720)
            let (year, month, day) = date.components
            let spelled = [
                date.description, "\(year)/\(month)/\(day)", "\(year)年\(month)月\(day)日",
                date.description.replacing("-", with: ""),
            ]
            rows.append(["\(index)", "1", "1", spelled[index % 4], "1", nil, instant.description])
            expected.append("\"due_on\":\"\(date)\",\"issued_at\":\"\(instant)\"")
        }
        let mapped = plan.map(Bench.batch(Self.columns, rows))
        #expect(mapped.rejects.isEmpty)
        for (record, text) in zip(mapped.records, expected) {
            #expect(mapped.text(record.body)?.contains(text) == true)
        }
    }

    @Test func aHugeFieldGrowsTheOutput() throws {
        let huge = String(repeating: "\u{1}ﷺ", count: 200_000)
        let mapped = try plan().map(
            Bench.batch(Self.columns, [["1", "1", "1", "0", "1", nil, huge], ["2", "1", "1", "0", "1", nil, "x"]]))
        #expect(mapped.records.count == 2)
        #expect(try JSONSerialization.jsonObject(with: Data(mapped.bytes(mapped.records[0].body))) is [String: Any])
    }

    @Test func previewsShowBothSides() throws {
        let plan = try plan()
        let batch = Bench.batch(
            Self.columns, [["7", "1", "1", "0", "1.50", nil, "a\"b,}"], ["8", "1", "1", "0", "x", nil, nil]])
        let preview = plan.preview(batch, row: 0)
        #expect(preview.lines.map(\.canonical) == ["\"7-1\"", "150", "0", #""a\"b,}""#])
        #expect(preview.lines[0].raw == ["7", "1"])
        #expect(preview.accountNumber == "1")
        #expect(plan.preview(batch, row: 1).reject?.code.name == "record.badDecimal")
    }
}
