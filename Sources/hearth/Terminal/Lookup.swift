import AccountView
import ArgumentParser
import Gateway
import HeatModel
import Sync

/// Looking at personal data in clear, and why.
struct DisclosureOptions: ParsableArguments {
    @Flag(help: "Show personal data in clear.") var unmask = false
    @Option(help: "Why personal data is looked at in clear; the access log keeps it.") var reason: String?

    func validate() throws {
        guard let reason else { return }
        if reason.allSatisfy(\.isWhitespace) || reason.count > 500 {
            throw ValidationError("--reason must say why, in at most 500 characters")
        }
    }
}

/// Looks at an account or at a record, and has it written down before anything is shown.
struct Lookup {
    let workspace: Workspace
    /// `account`, `money due`.
    let command: String
    var disclosure: DisclosureOptions?

    /// - Parameter find: gives what is to be shown, and the keys of the personal fields that will stand there in clear.
    func account<Found>(_ number: String, _ find: () throws -> (found: Found, clear: [String])) throws -> Found {
        let log = try CommandLineAccess(workspace.configuration)
        do {
            let (found, clear) = try find()
            try note(log, [AccountLookup.folded(number)], clear)
            return found
        } catch let error as HearthError where error.code.name == "usage.unknownAccount" {
            try log.note(command, accounts: [], isFound: false)
            throw error
        }
    }

    /// A record that belongs to no account yet, shown in clear.
    func record(clear: [String]) throws { try note(CommandLineAccess(workspace.configuration), [], clear) }

    private func note(_ log: CommandLineAccess, _ accounts: [String], _ clear: [String]) throws {
        try log.note(command, accounts: accounts, unmasked: clear, reason: disclosure?.reason)
        if !clear.isEmpty, disclosure?.reason == nil {
            Terminal.note("personal data in clear without a reason: --reason TEXT puts it into the access log\n")
        }
    }

    /// The personal fields that a stored JSON document holds.
    static func personalKeys(in json: [UInt8]) -> [String] {
        var out = JSONBytes()
        return json.withUnsafeBytes { ViewForm(isUnmasked: true).write($0, into: &out) }.keys
    }
}
