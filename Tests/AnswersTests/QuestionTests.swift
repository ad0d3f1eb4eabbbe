import HeatModel
import Store
import Testing

@testable import Answers

@Suite struct QuestionTests {
    /// Every row can be found by each of its names, and by one only.
    @Test func namesAreDistinct() {
        let rows = QuestionKind.allCases.map(\.definition)
        for names in [rows.map(\.path), rows.map(\.tool), rows.map(\.command)] {
            #expect(Set(names).count == names.count)
        }
        for row in rows {
            #expect(Set(row.parameters.map(\.name)).count == row.parameters.count, "\(row.command)")
            #expect(Set(row.parameters.map(\.toolName)).count == row.parameters.count, "\(row.command)")
            #expect(row.pathParameters.count == row.path.count(where: { $0 == "{" }), "\(row.path)")
            #expect(!row.scopes.isEmpty && !row.description.isEmpty && row.description.hasSuffix("."), "\(row.command)")
            // Whatever names an account is written down.
            let namesAccount = row.parameters.contains { $0.name == "number" || $0.isPrivate }
            #expect(!namesAccount || row.concernsAccounts, "\(row.command)")
        }
    }

    private func problem(_ kind: QuestionKind, _ arguments: Arguments) -> String? {
        do {
            let question = try Question(kind, arguments)
            #expect(question.kind == kind)
            return nil
        } catch {
            return error.parameter ?? error.code
        }
    }

    /// What is required is asked for, and every argument is held to its form, by the row alone.
    @Test(arguments: QuestionKind.allCases) func argumentsAreHeldToTheirForms(_ kind: QuestionKind) {
        func good(_ parameter: Parameter) -> ArgumentValue {
            switch parameter.form {
            case .accountNumber: .text("00012345")
            case .season: .text("2025-2026")
            case .text:
                switch (kind, parameter.name) {
                case (_, "id_last_six"): .text("12345x")
                case (.events, "after"): .text("12-0000000a")
                case (_, "after"): .text("access:1")
                case (_, "type"): .text("order, bill.issued")
                default: .text("12345")
                }
            case .prose: .text("a rule")
            case .instant, .objects: preconditionFailure("no question takes one")
            case .record: .text("billing.charges/1")
            case .choice(let values): .text(values[0])
            case .flag: .flag(true)
            case .integer(let range): .integer(range.upperBound)
            case .day: .text("2026-01-20")
            case .area: .text("45.125")
            case .asOf: .text("2026-01-31T18:00:00+08:00")
            }
        }
        func bad(_ parameter: Parameter) -> ArgumentValue {
            switch parameter.form {
            case .accountNumber: .text(String(repeating: "1", count: 65))
            case .season: .text("2025-2027")
            case .text(let most): .text(String(repeating: "1", count: most + 1))
            case .prose(let most): .text(String(repeating: "1", count: most + 1))
            case .instant, .objects: preconditionFailure("no question takes one")
            case .record: .text("billing.charges")
            case .choice: .text("none of them")
            case .flag: .text("true")
            case .integer(let range): .integer(range.lowerBound - 1)
            case .day: .text("2026-02-30")
            case .area: .text("45.1234")
            case .asOf: .text("yesterday")
            }
        }
        let parameters = kind.definition.parameters
        // No system tells what it had then.
        let isFresh = parameters.contains { $0.name == "fresh" }
        var all = Arguments()
        for parameter in parameters
        where !(parameter.name == "code" || parameter.name == "stream" || isFresh && parameter.name == "as_of") {
            all[parameter.name] = good(parameter)
        }
        #expect(problem(kind, all) == nil)
        for wrong in parameters {
            var arguments = Arguments()
            for parameter in parameters {
                arguments[parameter.name] = parameter.name == wrong.name ? bad(wrong) : all[parameter.name]
            }
            #expect(problem(kind, arguments) == wrong.name, "\(wrong.name)")
            var without = Arguments()
            for parameter in parameters where parameter.name != wrong.name {
                without[parameter.name] = all[parameter.name]
            }
            #expect(problem(kind, without) == (wrong.isRequired ? wrong.name : nil), "\(wrong.name)")
        }
    }

    @Test(arguments: [
        ("00012345", "00012345"), ("００012345", "00012345"), (" 12 ", "12"), ("", nil), ("  ", nil), ("1\u{7}", nil),
    ]) func accountNumbersAreFolded(_ typed: String, _ number: String?) {
        #expect((try? AccountNumber.checked(typed)) == number)
    }
}
