import Answers
import ArgumentParser
import Assistant
import Foundation
import HeatModel
import Setup

/// The assistant at a terminal, to try it.
struct Chat: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Speaks with the assistant, as a customer does.",
        discussion: """
            Each line is a turn; a number that stands before a choice makes it. What is asked to be done is done: orders go into the
            outbox. An empty line or Ctrl-D ends.

            EXAMPLES
              hearth chat
              hearth chat --as 王阿姨 --form plain
              hearth chat --channel hotline --form spoken
              echo "这个月的热费怎么交" | hearth chat --json
            """)

    enum Form: String, CaseIterable, ExpressibleByArgument { case full, short, spoken, plain }

    @OptionGroup var options: CommonOptions
    @Option(help: "Who speaks: the same name goes on where it stopped.") var `as` = "terminal"
    @Option(help: "\(ChannelKind.allCases.map(\.rawValue).joined(separator: ", ")).") var channel = ChannelKind.chat
        .rawValue
    @Option(help: "The form that is shown: \(Form.allCases.map(\.rawValue).joined(separator: ", ")).") var form = Form
        .full

    func validate() throws {
        if ChannelKind(rawValue: channel) == nil {
            throw ValidationError(
                "--channel must be one of \(ChannelKind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }

    func run() throws {
        let assistant = try LocalQuestions(options).assistant()
        let first = Instant.now.microseconds
        var reply = try turn(.opened, "\(first)-0", assistant)
        try show(reply)
        var count = 0
        while let line = readLine(), !line.isEmpty {
            count += 1
            let choice = reply.messages.last?.choices.first { $0.digit.map(String.init) == line }
            reply = try turn(choice.map { .choice($0.id) } ?? .words(line), "\(first)-\(count)", assistant)
            try show(reply)
        }
    }

    private func turn(_ said: CustomerTurn.Said, _ key: String, _ assistant: Assistant) throws -> AssistantReply {
        try assistant.reply(
            to: CustomerTurn(
                channel: ChannelKind(rawValue: channel) ?? .chat, customer: `as`, key: key, said: said, at: .now,
                plain: form == .plain))
    }

    private func show(_ reply: AssistantReply) throws {
        if options.json { return try JSONOutput.print(reply) }
        if reply.holder == .person { Terminal.say("(人工接手中,话已留下)") }
        for message in reply.messages {
            let text =
                switch form {
                case .full: message.full
                case .short: message.short
                case .spoken: message.spoken
                case .plain: message.plain
                }
            Terminal.say(text)
            guard form == .full || form == .plain else { continue }
            for (index, step) in message.steps.enumerated() {
                Terminal.say("  \(index + 1). \(step.words)\(step.picture.map { " [\($0)]" } ?? "")")
            }
            for bar in message.chart?.bars ?? [] { Terminal.say("  \(bar.label): \(bar.words)") }
            if let link = message.link { Terminal.say("  \(link.words): \(link.address)") }
        }
        let choices = reply.messages.last?.choices ?? []
        if !choices.isEmpty {
            Terminal.say(
                "  " + choices.map { "[\($0.digit.map(String.init) ?? "·")] \($0.words)" }.joined(separator: "  "))
        }
        Terminal.say("")
    }
}

extension LocalQuestions {
    /// The assistant over this workspace.
    func assistant() throws -> Assistant {
        try Assistant.load(
            besides: workspace.configuration.path, desk: try requestDesk(),
            access: try ChainedAccessLog.firstFree(
                folder: workspace.configuration.serve.accessLog, program: "chat"),
            onTrouble: { Terminal.complain($0.commandLineText) })
    }
}
