import AccountView
import Foundation
import HeatModel
public import Sync

/// Accesses by the command line, in the folder of the access log and in its form: who (the user of the operating system), what
/// was asked, which accounts, which personal fields were shown in clear, and why.
public struct CommandLineAccess: Sendable {
    private let log: ChainedAccessLog
    private let user: String
    private let configuration: HearthConfiguration

    /// Opens a log of this process's own, so that what cannot be written down is not looked at.
    ///
    /// - Throws: `audit.failed` where the log cannot be written.
    public init(_ configuration: HearthConfiguration) throws {
        log = try ChainedAccessLog.firstFree(folder: configuration.serve.accessLog, program: "cli")
        user = NSUserName()
        self.configuration = configuration
    }

    /// Writes an access down; to be called before anything of it is shown.
    ///
    /// - Parameters:
    ///   - command: `account`, `quarantine show 17`.
    ///   - accounts: none where nothing was found.
    ///   - unmasked: JSON keys of the personal fields that are shown in clear.
    ///   - reason: in the words of whoever looks.
    public func note(
        _ command: String, accounts: [String], unmasked: [String] = [], reason: String? = nil, isFound: Bool = true
    ) throws {
        let access = Access(accounts: accounts, action: "cli:" + command, outcome: isFound ? "ok" : "not_found")
        var json = JSONBytes()
        json.raw("\"at\":")
        json.string(configuration.local(WallClock.microseconds).description)
        json.raw(",")
        access.write(
            caller: "local:" + user, peer: "terminal", requestID: RequestNumber.next(), unmasked: unmasked,
            reason: reason, into: &json)
        try log.append([json.bytes])
        try log.sync()
    }
}
