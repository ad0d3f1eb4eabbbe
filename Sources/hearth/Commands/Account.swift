import AccountView
import ArgumentParser
import Foundation
import HeatModel
import Mapping
import Store
import Sync

struct Account: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The unified view of an account, as the assistant sees it.",
        discussion: """
            As of an instant is what the runs that had ended by then left behind; of a run, when it had ended.

            EXAMPLES
              hearth account 00012345
              hearth account 00012345 --json --unmask --reason 'call back, ticket 4711'
              hearth account 00012345 --as-of 2026-01-31T18:00:00+08:00
              hearth account 00012345 --as-of 12              as run 12 left it
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Account number (户号), leading zeros included.") var number: String
    @OptionGroup var disclosure: DisclosureOptions
    @OptionGroup var past: PastOptions

    func run() throws {
        let asOf = try past.asOf()
        let workspace = try options.workspace(ofStore: true)
        let unmask = disclosure.unmask
        let view = try Lookup(workspace: workspace, command: "account", disclosure: disclosure).account(number) {
            let view = try AccountLookup.view(number, workspace, asOf: asOf)
            return (view, unmask ? Lookup.personalKeys(in: view) : [])
        }
        if options.json {
            if unmask { return Terminal.say(String(decoding: view, as: UTF8.self)) }
            let masked = PersonalData.masked(try JSONSerialization.jsonObject(with: Data(view)))
            let data = try JSONSerialization.data(
                withJSONObject: masked, options: [.sortedKeys, .withoutEscapingSlashes])
            return Terminal.say(String(decoding: data, as: UTF8.self))
        }
        AccountDisplay(view: view, unmask: unmask).show()
    }
}

enum AccountLookup {
    static func view(_ number: String, _ workspace: Workspace, asOf: AsOf = .present) throws -> [UInt8] {
        let views = AccountViews(store: workspace.store, unified: workspace.mappings.unified)
        if let view = try views.view(number: folded(number), asOf: asOf) { return view }
        throw unknown(asOf)
    }

    /// Typed full-width or with blanks around, it is the same number.
    static func folded(_ number: String) -> String {
        number.precomposedStringWithCompatibilityMapping.trimmingCharacters(in: .whitespaces)
    }

    static func unknown(_ asOf: AsOf = .present) -> HearthError {
        if asOf != .present {
            return HearthError(
                .init("usage.unknownAccount"), "there was no account with this number", at: .address("store"),
                advice: "`hearth history NUMBER` shows since when there is one")
        }
        return HearthError(
            .init("usage.unknownAccount"), "there is no account with this number", at: .address("store"),
            advice: "check the leading zeros; `hearth status` shows how fresh the store is")
    }
}
