import Answers
import ArgumentParser
import Pages

struct Trace: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Where a value of an account comes from: source row, raw text, rule, run.",
        discussion: """
            FIELD is a fact (area.building), a field of every record of its kind (due), or of one record (billing.charges/123.due).

            EXAMPLES
              hearth trace 00012345 area.building
              hearth trace 00012345 billing.charges/8812.due
              hearth trace 00012345 area.building --as-of 2026-01-31T18:00:00+08:00
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Account number.") var number: String
    @Argument(help: "Field.") var field: String
    @OptionGroup var disclosure: DisclosureOptions
    @OptionGroup var past: PastOptions

    /// What is shown of the document.
    private struct Document: Decodable {
        struct Record: Decodable {
            struct Column: Decodable {
                var column: String
                var text: String?
            }
            struct Earlier: Decodable {
                var value: JSONScalar?
                var run: Int64
                var endedBy: Int64?
                var reason: String?
            }
            var shown: Bool?
            var value: JSONScalar?
            var valueFen: Int64?
            var stream: String
            var key: String
            var origin: String
            var originSha256: String?
            var position: Int64
            var columns: [Column]
            var mapping: String?
            var mappingVersion: String
            var run: Int64
            var linkedBy: String
            var voided: Bool
            var earlier: [Earlier]
        }
        var field: String
        var records: [Record]
    }

    func run() throws { try show(in: .english) }

    func show(in say: Tongue) throws {
        let (name, stream, record) = parse()
        let document = try LocalQuestions(options, disclosure: disclosure).ask(
            .trace,
            [
                "number": .text(number), "field": .text(name), "stream": stream.map { .text($0) },
                "record": record.map { .text($0) }, "as_of": past.argument,
            ], detail: field)
        if options.json { return Terminal.say(document) }
        let shown = try document.decoded(as: Document.self)
        for record in shown.records { show(record, of: shown.field, in: say) }
    }

    /// `field`, or `stream/key.field` for one record, or `stream/field`; the field's own name may hold a dot.
    private func parse() -> (field: String, stream: String?, record: String?) {
        guard let slash = field.firstIndex(of: "/") else { return (field, nil, nil) }
        let rest = field[field.index(after: slash)...]
        guard let dot = rest.firstIndex(of: ".") else { return (String(rest), String(field[..<slash]), nil) }
        return (String(rest[rest.index(after: dot)...]), nil, String(field[..<dot]))
    }

    private func show(_ record: Document.Record, of field: String, in say: Tongue) {
        let standing =
            record.voided
            ? "   " + say("(已作废)", "(voided)")
            : record.shown.map {
                "   " + ($0 ? say("(账户里显示的就是它)", "(shown in the account)") : say("(账户里显示的不是它)", "(not the one shown)"))
            } ?? ""
        let value = record.value?.text ?? ""
        Terminal.say("\(field) = \(record.valueFen == nil ? value : say.formula(value + " 元"))\(standing)")
        func line(_ name: String, _ text: String) { Terminal.say("  \(Terminal.pad(name, 9)) \(text)") }
        let link = say.word(record.linkedBy, of: "link")
        line(
            say("记录", "record"),
            "\(record.stream) / \(record.key)\(say(",按\(link)认到这一户", ", linked by \(link)"))")
        let digest = record.originSha256.map { ", sha256 \($0.prefix(16))…" } ?? ""
        line(
            say("读自", "read from"),
            say("\(record.origin),第 \(record.position) 条", "\(record.origin), record \(record.position)") + digest)
        for column in record.columns { line(say("原文", "raw"), "\(column.column) = \(column.text ?? "NULL")") }
        if let mapping = record.mapping {
            let version = record.mappingVersion.prefix(12)
            line(say("规则", "rule"), mapping + say(",版本 \(version)", ", version \(version)"))
        }
        line(say("运行", "run"), "\(record.run)")
        for earlier in record.earlier {
            let (end, reason) = (earlier.endedBy ?? 0, earlier.reason ?? "")
            let words = say(
                "(运行 \(earlier.run),到运行 \(end) 为止:\(say.word(reason)))",
                "(run \(earlier.run), ended by run \(end): \(reason))")
            line(say("以前", "before"), "\(earlier.value?.text ?? "–") \(words)")
        }
    }
}

/// A value of a document for people.
struct JSONScalar: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let flag = try? value.decode(Bool.self) {
            text = flag ? "yes" : "no"
        } else if let number = try? value.decode(Int64.self) {
            text = String(number)
        } else if let list = try? value.decode([String].self) {
            text = list.joined(separator: ", ")
        } else {
            text = try value.decode(String.self)
        }
    }
}
