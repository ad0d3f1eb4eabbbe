import Answers
import ArgumentParser
import Foundation
import Gateway
import HeatModel
import Logging
import Setup

struct MCP: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mcp",
        abstract: "Answers an assistant over standard input and output (Model Context Protocol).",
        discussion: """
            For a program on this machine that starts it; over the network the same tools stand at /mcp of `hearth serve`. Whoever may
            start it may read the store: no token is asked for, and each access is logged under the user's name.

            EXAMPLES
              hearth mcp --config /etc/hearth/hearth.yaml
              hearth mcp --unmask --reason 'desk of the hotline'
            """)

    @OptionGroup var options: CommonOptions
    @OptionGroup var disclosure: DisclosureOptions
    @Option(
        name: .customLong("scope"),
        help: "What the client may ask: assistant, engineer, auditor or desk; may stand several times.")
    var scopes: [String] = ["assistant"]

    @OptionGroup var log: LogOptions

    func validate() throws {
        for scope in scopes where Scope(rawValue: scope) == nil || scope == Scope.pii.rawValue {
            throw ValidationError("--scope must be assistant, engineer, auditor or desk")
        }
    }

    func run() throws {
        log.begin(at: .warning)
        let scopes = scopes.compactMap(Scope.init) + (disclosure.unmask ? [.pii] : [])
        try Blocking.run { [options, disclosure] in
            let (workspace, store) = try options.servingWorkspace(patience: .untilReadable)
            // Standard input is the assistant's: no one can be asked.
            let reason = disclosure.unmask ? try disclosure.why.stated(workspace.configuration, asks: false) : nil
            let folder = workspace.configuration.serve.accessLog
            let gateway = try await Gateway(
                workspace: workspace, store: store, log: try ChainedAccessLog.firstFree(folder: folder),
                logger: Logger(label: "hearth"), openAPI: OpenAPIDocument.bytes, money: workspace.moneyAnswers)
            try MCPStandardIO(gateway, scopes: scopes, reason: reason).run()
            try await gateway.close()
        }
    }
}
