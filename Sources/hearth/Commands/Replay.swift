import AccountView
import ArgumentParser
import Foundation
import HeatModel
import JSONText
import Mapping
import SQLiteStore
import Setup
import Store
import Sync

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Builds a store again from the archive alone, without asking a legacy system.",
        discussion: """
            Every archived run is made once more from the bytes that it pulled, with the mapping files of today: after a mapping was
            mended, --plan shows which account views would change, and --into builds the store that has them. The store in use is
            not touched; put the new one in its place (`store:` in the configuration) between two syncs.
            Exit status with --plan: 0 nothing would change, 1 something would.

            EXAMPLES
              hearth replay --plan
              hearth replay --into rebuilt.db
            """)

    @OptionGroup var options: CommonOptions
    @Option(help: "File of the store to build; it must not be there yet.") var into: String?
    @Flag(help: "Show what would change, and keep nothing.") var plan = false
    @Option(help: "With --plan: how many changed accounts are named.") var show = 20

    func validate() throws {
        if plan == (into != nil) { throw ValidationError("one of --plan and --into FILE is needed") }
        if show < 0 { throw ValidationError("--show must be at least 0") }
    }

    private struct Summary: Encodable {
        var runs: Int
        var records: Int64
        var quarantined: Int64
        var views: Int64
        var remappedRuns: Int
        var changes: ViewChanges?
    }

    func run() throws {
        Interrupt.catchSignals()
        let configuration = try HearthConfiguration.load(path: options.config)
        // What a lost store is built again from is the archive alone.
        let present = try plan ? configuration.openStore() : configuration.storeIfAny()
        let path = into ?? configuration.storePath + ".plan-\(getpid())"
        if FileManager.default.fileExists(atPath: path) {
            throw HearthError(
                .usageExists, "the file is there already", at: .file(path, line: 0, column: 0),
                advice: "name another one")
        }
        // Nor is anything left of a build that fails: half a store would be taken for one.
        var isKept = false
        defer { if !isKept { for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) } } }
        let rebuilt = try SQLiteStore(path: path)
        let workspace = try options.workspace { _ in present ?? rebuilt }
        guard let rebuild = try workspace.rebuild() else {
            throw HearthError(
                .configNoArchive, "the configuration has no archive",
                at: .file(options.config, line: 0, column: 0),
                advice: "add `archive:`; what is pulled from then on can be replayed")
        }
        let result = try rebuild.run(
            into: rebuilt, of: present.flatMap { try Rebuild.stamp(of: $0) }, isCancelled: { Interrupt.flag.isSet }
        ) { run, all, stream in
            if options.json { return }
            Terminal.note(
                Terminal.isInteractive ? "\r\u{1B}[K\(run) of \(all)  \(stream)" : "\(run) of \(all)  \(stream)\n")
        }
        isKept = !plan
        if !options.json, Terminal.isInteractive { Terminal.note("\r\u{1B}[K") }
        var summary = Summary(
            runs: result.runs, records: result.records, quarantined: result.quarantined, views: result.views,
            remappedRuns: result.remapped)
        if plan {
            let unified = workspace.mappings.unified
            summary.changes = try ViewChanges.between(
                AccountViews(store: workspace.store, unified: unified), AccountViews(store: rebuilt, unified: unified),
                named: show)
        }
        if options.json { try JSONOutput.print(summary) } else { tell(summary) }
        if let changes = summary.changes, changes.count > 0 { throw ExitCode(1) }
    }

    private func tell(_ summary: Summary) {
        Terminal.say(
            "\(summary.runs) runs replayed, \(Terminal.grouped(summary.records)) records, \(Terminal.grouped(summary.quarantined)) refused, \(Terminal.grouped(summary.views)) account views"
        )
        guard let changes = summary.changes else { return Terminal.say("built \(into ?? "")") }
        if changes.count == 0 { return Terminal.say("no account view would change") }
        Terminal.say(
            "\(Terminal.grouped(changes.changed)) account views would change, \(Terminal.grouped(changes.new)) be new, \(Terminal.grouped(changes.gone)) go"
        )
        for (field, count) in changes.fields.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            Terminal.say("  \(field): \(Terminal.grouped(count)) accounts")
        }
        for account in changes.named { Terminal.say("  \(account.number): \(account.fields.joined(separator: ", "))") }
    }
}

/// How the views of two stores differ, by their top-level members and facts.
struct ViewChanges: Encodable {
    struct Account: Encodable {
        var number: String
        /// `facts.area_building`, `charges`, …; `new` or `gone` for the whole account.
        var fields: [String]
    }

    var new: Int64 = 0
    var gone: Int64 = 0
    var changed: Int64 = 0
    /// Changed members, with how many accounts have each.
    var fields: [String: Int64] = [:]
    var named: [Account] = []

    var count: Int64 { new + gone + changed }

    /// Goes through both in the order of the numbers; memory does not grow with them.
    static func between(_ old: AccountViews, _ new: AccountViews, named most: Int) throws -> ViewChanges {
        var changes = ViewChanges()
        func name(_ number: String, _ fields: [String]) {
            if changes.named.count < most { changes.named.append(Account(number: number, fields: fields)) }
        }
        try old.forEachView { number, view in
            guard let other = try new.view(number: number) else {
                changes.gone += 1
                return name(number, ["gone"])
            }
            if view == other { return }
            changes.changed += 1
            let fields = members(view, other)
            for field in fields { changes.fields[field, default: 0] += 1 }
            name(number, fields)
        }
        try new.forEachView { number, _ in
            if try old.view(number: number) != nil { return }
            changes.new += 1
            name(number, ["new"])
        }
        return changes
    }

    private static func members(_ one: [UInt8], _ other: [UInt8]) -> [String] {
        one.withUnsafeBytes { one in
            other.withUnsafeBytes { other in
                differing(one, other).flatMap { name -> [String] in
                    guard name == "facts" else { return [name] }
                    let none = UnsafeRawBufferPointer(start: nil, count: 0)
                    return differing(
                        JSONMembers.value(of: "facts", in: one) ?? none,
                        JSONMembers.value(of: "facts", in: other) ?? none
                    ).map { "facts.\($0)" }
                }
            }
        }
    }

    /// The keys of two objects whose values are not the same text: what a view says is written in one order.
    private static func differing(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> [String] {
        func values(_ object: UnsafeRawBufferPointer) -> [String: UnsafeRawBufferPointer] {
            var found: [String: UnsafeRawBufferPointer] = [:]
            var members = JSONMembers(object)
            while let (key, value) = members.next() { found[String(decoding: key, as: UTF8.self)] = value }
            return found
        }
        let (before, after) = (values(one), values(other))
        return Set(before.keys).union(after.keys).filter { name in
            guard let value = before[name], let later = after[name] else { return true }
            return !value.equals(later)
        }.sorted()
    }
}
