import ArgumentParser
import Foundation
import HeatModel
import Store
import Sync

struct Account: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The unified view of an account, as the assistant sees it.", discussion: "EXAMPLE\n  hearth account 00012345 --json")

    @OptionGroup var options: CommonOptions
    @Argument(help: "Account number (户号), leading zeros included.") var number: String
    @Flag(help: "Show personal data in clear.") var unmask = false

    func run() throws {
        let workspace = try options.workspace()
        let view = try AccountLookup.view(number, workspace.store)
        if options.json {
            if unmask { return Terminal.say(String(decoding: view, as: UTF8.self)) }
            let masked = PersonalData.masked(try JSONSerialization.jsonObject(with: Data(view)))
            let data = try JSONSerialization.data(withJSONObject: masked, options: [.sortedKeys, .withoutEscapingSlashes])
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

/// An account view for people.
struct AccountDisplay {
    private let view: [String: Any]

    init(view: [UInt8], unmask: Bool) {
        let decoded = BodyDifference.object(view)
        self.view = unmask ? decoded : (PersonalData.masked(decoded) as? [String: Any] ?? [:])
    }

    func show() {
        Terminal.say("account \(view["account_number"] ?? "")")
        let facts = view["facts"] as? [String: Any] ?? [:]
        var sources: [String: String] = [:]
        for source in view["fact_sources"] as? [[String: Any]] ?? [] {
            for field in source["fields"] as? [String] ?? [] { sources[field] = "\(source["source"] ?? "")" }
        }
        Terminal.table(
            ["  fact", "value", "from"],
            facts.keys.sorted().map { ["  " + $0, text(facts[$0]!), sources[$0] ?? ""] })
        if let missing = view["missing"] as? [String], !missing.isEmpty {
            Terminal.say("  未取到 (no source says): \(missing.joined(separator: ", "))")
        }
        for disagreement in view["disagreements"] as? [[String: Any]] ?? [] {
            let values = disagreement["values"] as? [String: Any] ?? [:]
            let said = values.keys.sorted().map { "\($0) says \(text(values[$0]!))" }.joined(separator: ", ")
            Terminal.say("  the systems disagree on \(disagreement["field"] ?? ""): \(said)")
        }
        let lists = view.keys.filter { !["account_number", "facts", "fact_sources", "missing", "disagreements"].contains($0) }
        for name in lists.sorted() {
            guard let entries = view[name] as? [[String: Any]], !entries.isEmpty else { continue }
            Terminal.say("\(name) (\(entries.count))")
            for entry in entries {
                let fields = entry.keys.filter { $0 != "source" }.sorted().map { "\($0) \(money($0, entry[$0]!))" }
                Terminal.say("  " + fields.joined(separator: ", "))
            }
        }
    }

    private func money(_ key: String, _ value: Any) -> String {
        if key.hasSuffix("_fen"), let fen = value as? NSNumber { return Fen(fen.int64Value).description }
        return text(value)
    }

    private func text(_ value: Any) -> String {
        if let list = value as? [Any] { return list.map(text).joined(separator: ", ") }
        if let number = value as? NSNumber, CFGetTypeIDIsBoolean(number) { return number.boolValue ? "yes" : "no" }
        return "\(value)"
    }

    private func CFGetTypeIDIsBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
}
