import ArgumentParser
import Foundation
import HeatModel
import Setup

/// Looking at personal data in clear, and why.
struct DisclosureOptions: ParsableArguments {
    @Flag(help: "Show personal data in clear.") var unmask = false
    @OptionGroup var why: ReasonOptions

    /// Why personal data is shown in clear; nil where it is masked.
    ///
    /// - Throws: `usage.noReason` where it is to be shown and a reason is lacking.
    func reason(_ configuration: HearthConfiguration) throws -> String? {
        unmask ? try why.stated(configuration) : nil
    }
}

/// Why personal data is looked at in clear.
struct ReasonOptions: ParsableArguments {
    @Option(help: "Why personal data is looked at in clear; the access log keeps it. HEARTH_REASON says it too.")
    var reason: String?

    /// What the access log says where no reason was given.
    static let none = "no reason stated"

    func validate() throws {
        if let reason, !Self.isReason(reason) {
            throw ValidationError("--reason must say why, in at most 500 characters")
        }
    }

    /// The reason: of the option, of the environment, or typed by the person at the terminal.
    ///
    /// - Parameter asks: whether a person may be at the terminal.
    /// - Throws: `usage.noReason` where there is none and the configuration requires one.
    func stated(_ configuration: HearthConfiguration, asks: Bool = true) throws -> String {
        var found = reason ?? ProcessInfo.processInfo.environment["HEARTH_REASON"]
        if found == nil, asks, isatty(STDIN_FILENO) == 1, Terminal.isInteractive {
            Terminal.note("why is personal data looked at in clear? ")
            found = readLine()
        }
        if let found, Self.isReason(found) { return found }
        if found == nil, !configuration.requiresReason {
            Terminal.note("personal data in clear without a reason: --reason TEXT puts it into the access log\n")
            return Self.none
        }
        throw HearthError(
            .usageNoReason, "personal data is shown in clear only for a reason of at most 500 characters",
            at: .file(configuration.path, line: 0, column: 0), advice: "add --reason TEXT, or set HEARTH_REASON")
    }

    private static func isReason(_ text: String) -> Bool { !text.allSatisfy(\.isWhitespace) && text.count <= 500 }
}
