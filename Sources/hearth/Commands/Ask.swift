import Answers
import ArgumentParser
import HeatModel

struct Ask: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Any question of the gateway, answered with its document.",
        discussion: """
            Questions and their parameters are those of the HTTP interface and of the MCP tools, and so are the documents, byte for
            byte. Without a question all of them are listed.

            EXAMPLES
              hearth ask
              hearth ask addresses q=阳光花园3号楼2单元501
              hearth ask "money due" number=00012345 on=2026-01-20 lang=en
              hearth ask phones phone=13812345678 --unmask --reason 'call back, ticket 4711'
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Name of the question.") var question: String?
    @Argument(help: "Its parameters, as NAME=VALUE.") var parameters: [String] = []
    @OptionGroup var disclosure: DisclosureOptions

    func run() throws {
        guard let question else { return list() }
        guard let kind = QuestionKind.allCases.first(where: { $0.definition.command == question }) else {
            throw ValidationError("there is no question \"\(question)\"; `hearth ask` lists them")
        }
        let known = kind.definition.parameters
        var arguments = Arguments()
        for text in parameters {
            let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2, let parameter = known.first(where: { $0.name == sides[0] }) else {
                throw ValidationError(
                    "\"\(text)\" is no parameter; there are: \(known.map(\.name).joined(separator: ", "))")
            }
            guard arguments[parameter.name] == nil else { throw ValidationError("\(parameter.name) stands twice") }
            do {
                arguments[parameter.name] = try parameter.argument(sides[1])
            } catch {
                throw HearthError(error)
            }
        }
        Terminal.say(
            try LocalQuestions(options, disclosure: disclosure).ask(
                kind, arguments))
    }

    private func list() {
        for definition in QuestionKind.allCases.map(\.definition) {
            let parameters = definition.parameters.map { $0.isRequired ? $0.name : "[\($0.name)]" }
            Terminal.say("\(definition.command): \(definition.title)")
            if !parameters.isEmpty { Terminal.say("    \(parameters.joined(separator: " "))") }
        }
    }
}
