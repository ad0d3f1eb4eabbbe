import ArgumentParser
import Foundation
import Gateway
import HeatModel
import Logging
import Sync

struct MCP: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mcp",
        abstract: "Answers an assistant over standard input and output (Model Context Protocol).",
        discussion: """
            For a program on this machine that starts it; over the network the same tools stand at /mcp of `hearth serve`. Whoever may
            start it may read the store: no token is asked for, and each access is logged under the user's name.

            EXAMPLES
              hearth mcp --config /etc/hearth/hearth.yaml
              hearth mcp --unmask
            """)

    @OptionGroup var options: CommonOptions
    @Flag(help: "Show personal data in clear.") var unmask = false

    func run() throws {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .warning
            return handler
        }
        let unmask = unmask
        try Blocking.run { [options] in
            let (workspace, store) = try options.servingWorkspace()
            let folder = workspace.configuration.serve.accessLog
            let gateway = try await Gateway(
                workspace: workspace, store: store, log: try ChainedAccessLog.firstFree(folder: folder),
                logger: Logger(label: "hearth"), openAPI: OpenAPIDocument.bytes, desk: workspace.answerDesk)
            try MCPStandardIO(gateway, user: NSUserName(), unmasked: unmask).run()
            try await gateway.close()
        }
    }
}
