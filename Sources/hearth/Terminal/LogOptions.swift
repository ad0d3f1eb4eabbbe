import ArgumentParser
import Logging

/// How a command's own log is written, to standard error.
struct LogOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Option(name: .customLong("log-format"), help: "text, or json: an object a line, with the ids of requests and runs.")
    var format = Format.text

    /// Once in a process.
    func begin(at level: Logger.Level) {
        LoggingSystem.bootstrap { [format] label in
            var handler: any LogHandler =
                format == .json ? JSONLogHandler(label: label) : StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }
}
