import ArgumentParser
import Foundation
import HeatModel
import Store
import Sync

struct Account: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The unified view of an account, as the assistant sees it.",
        discussion: "EXAMPLES\n  hearth account 00012345\n  hearth account 00012345 --json --unmask")

    @OptionGroup var options: CommonOptions
    @Argument(help: "Account number (户号), leading zeros included.") var number: String
    @Flag(help: "Show personal data in clear.") var unmask = false

    func run() throws {
        let workspace = try options.workspace()
        let view = try AccountLookup.view(number, workspace.store)
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
    static func view(_ number: String, _ store: any Store) throws -> [UInt8] {
        // Typed full-width or with blanks around, it is the same number.
        let folded = number.precomposedStringWithCompatibilityMapping.trimmingCharacters(in: .whitespaces)
        let bytes = Array(folded.utf8)
        let view = try store.read { store in try bytes.withUnsafeBytes { try store.view(number: $0) } }
        if let view { return view.body }
        throw HearthError(
            .init("usage.unknownAccount"), "there is no account with this number", at: .address("store"),
            advice: "check the leading zeros; `hearth status` shows how fresh the store is")
    }
}
