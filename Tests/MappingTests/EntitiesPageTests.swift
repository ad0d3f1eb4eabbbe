import Foundation
import HeatModel
import Testing

@testable import Mapping

/// `Mappings/ENTITIES.md` is what the catalogue says. `HEARTH_WRITE_PAGES=1 swift test --filter EntitiesPage` writes it anew.
@Suite struct EntitiesPageTests {
    private static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Mappings/ENTITIES.md").path()

    @Test func thePageIsTheCatalogue() throws {
        let page = Self.page()
        if ProcessInfo.processInfo.environment["HEARTH_WRITE_PAGES"] != nil {
            try page.write(toFile: Self.path, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOfFile: Self.path, encoding: .utf8)
        let expected = page.split(separator: "\n", omittingEmptySubsequences: false)
        let found = written.split(separator: "\n", omittingEmptySubsequences: false)
        for line in expected.difference(from: found) {
            switch line {
            case .insert(_, let text, _): Issue.record("the page lacks: \(text)")
            case .remove(_, let text, _): Issue.record("the page has: \(text)")
            }
        }
    }

    @Test func everyConversionSuitsSomeField() {
        for spelling in Conversion.spellings {
            let example = spelling.replacing("(n)", with: "(1)")
            let suits = EntityKind.allCases.contains {
                $0.fields.contains { Conversion(example)?.suits($0.type) == true }
            }
            #expect(suits, "\(spelling)")
        }
    }

    private static func page() -> String {
        var page = """
            # Entities and their fields

            Every field that a mapping file may fill. The table is made from the catalogue in code, and a test compares the two. The grammar of
            mapping files is in [README.md](README.md).

            - **field**: as mapping files write it. **key**: as the account view and answers write it.
            - **type**: what it holds; the table below says which conversions make it.
            - **unit**: of the number kept. It is never converted: where the unit varies, a field `unit` beside the number says which it is.
            - **P**: personal data. It is masked by default and never stands in a log or an error.

            | type | `as:` |
            | --- | --- |

            """
        let types: [FieldType] = [
            .text, .textList, .code([]), .decimal(places: 3), .decimal(places: 4), .fen, .tenthsOfDegree, .date,
            .instant, .integer,
            .boolean,
        ]
        for type in types { page += "| \(word(type)) | \(Conversion.suiting(type)) |\n" }
        for kind in EntityKind.allCases where kind != .premises {
            page += "\n## \(kind == .account ? "account, premises" : kind.rawValue)\n\n"
            if kind == .account {
                page +=
                    "Both state facts of an account: `account` is billing's card of it, `premises` the customer system's.\n\n"
            }
            page += "| field | key | type | unit | codes | P | meaning |\n| --- | --- | --- | --- | --- | --- | --- |\n"
            for field in kind.fields {
                let name = field.formerName.map { "`\(field.name)` (formerly `\($0)`)" } ?? "`\(field.name)`"
                let cells = [
                    name, "`\(field.jsonKey)`", word(field.type), unit(field), codes(field),
                    field.isPersonal ? "P" : "", field.meaning,
                ]
                page += "| \(cells.joined(separator: " | ")) |\n"
            }
        }
        return page
    }

    private static func word(_ type: FieldType) -> String {
        switch type {
        case .text: "text"
        case .textList: "list of texts"
        case .code: "code"
        case .decimal(let places): "decimal, \(places) places"
        case .fen: "fen"
        case .tenthsOfDegree: "tenths of °C"
        case .date: "date"
        case .instant: "instant"
        case .integer: "integer"
        case .boolean: "boolean"
        }
    }

    private static func unit(_ field: FieldDefinition) -> String {
        if field.type == .fen { return "fen" }
        return field.unit ?? ""
    }

    private static func codes(_ field: FieldDefinition) -> String {
        guard case .code(let values) = field.type else { return "" }
        return values.map { "`\($0)`" }.joined(separator: " ")
    }
}
