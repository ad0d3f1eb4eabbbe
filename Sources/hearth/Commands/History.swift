import ArgumentParser
import Foundation
import HeatModel
import Mapping
import Store
import Sync

struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Every version of every record of an account: what changed, when, in which run, from which position.",
        discussion: """
            A record is shown for the time in which it was the account's. `now` marks a version that stands.

            EXAMPLES
              hearth history 00012345
              hearth history 00012345 --stream billing.charges --json
            """)

    @OptionGroup var options: CommonOptions
    @Argument(help: "Account number.") var number: String
    @Option(help: "Only records of this stream.") var stream: String?
    @OptionGroup var disclosure: DisclosureOptions

    struct Change: Encodable {
        var field: String
        var before: String?
        var after: String?
    }

    private struct Version: Encodable {
        var run: Int64
        /// When that run ended, or began where it has not ended.
        var at: String
        var origin: String
        var originSha256: String?
        var position: Int64
        var mappingVersion: String
        var linkedBy: String
        var isVoided: Bool
        /// Against the version before; of the first version all that it states.
        var changes: [Change]
        var endedByRun: Int64?
        var endedAt: String?
        /// `changed`, `vanished`, or `moved` to another account or to none; nil while it stands.
        var ended: String?
    }

    private struct Record: Encodable {
        var stream: String
        var key: String
        var versions: [Version]
    }

    func run() throws {
        let workspace = try options.workspace(ofStore: true)
        let lookup = Lookup(workspace: workspace, command: "history", disclosure: disclosure)
        let records = try lookup.account(number) {
            let records = try workspace.store.read { store in
                let bytes = Array(AccountLookup.folded(number).utf8)
                guard let account = try bytes.withUnsafeBytes({ try store.account(number: $0) }) else {
                    throw AccountLookup.unknown()
                }
                return try self.records(of: account, store)
            }
            let shown = records.flatMap(\.versions).flatMap(\.changes).map(\.field)
            return (records, disclosure.unmask ? PersonalData.keys(of: shown) : [])
        }
        if options.json { return try JSONOutput.print(records) }
        for record in records { show(record) }
        if records.isEmpty { Terminal.say("no record of this account\(stream.map { " in \($0)" } ?? "")") }
    }

    private func records(of account: AccountID, _ store: any StoreReader) throws -> [Record] {
        struct Name: Hashable { var stream: String, key: [UInt8] }
        var versions: [Name: [StoredRecord]] = [:]
        var names: [Name] = []
        for record in try store.history(of: account) + store.records(of: account)
        where stream == nil || record.stream == stream {
            let name = Name(stream: record.stream, key: record.key)
            if versions[name] == nil { names.append(name) }
            versions[name, default: []].append(record)
        }
        names.sort {
            ($0.stream, String(decoding: $0.key, as: UTF8.self)) < ($1.stream, String(decoding: $1.key, as: UTF8.self))
        }
        var runs: [Int64: Run] = [:]
        func run(_ number: Int64) throws -> Run? {
            if runs[number] == nil { runs[number] = try store.run(RunID(number)) }
            return runs[number]
        }
        return try names.map { name in
            let id = try store.existingStream(name.stream).id
            let current = try name.key.withUnsafeBytes { try store.current(stream: id, key: $0) }
            let history = versions[name] ?? []
            return Record(
                stream: name.stream, key: RecordKey.text(name.key),
                versions: try history.indices.map { index in
                    let version = history[index]
                    var ended = version.ended?.reason.rawValue
                    // Replaced by a version that is not the account's.
                    let isLast = index == history.count - 1
                    if isLast, version.ended?.reason == .changed, current != nil, current?.account != account {
                        ended = "moved"
                    }
                    return Version(
                        run: version.provenance.run, at: try moment(run(version.provenance.run)),
                        origin: version.provenance.origin, originSha256: version.provenance.originDigest,
                        position: version.provenance.ordinal, mappingVersion: version.provenance.mappingVersion,
                        linkedBy: version.rule.name, isVoided: version.isVoided,
                        changes: changes(index > 0 ? history[index - 1] : nil, version),
                        endedByRun: version.ended?.run.number,
                        endedAt: try version.ended.map { try moment(run($0.run.number)) }, ended: ended)
                })
        }
    }

    private func moment(_ run: Run?) -> String { (run?.endedAt ?? run?.startedAt)?.description ?? "" }

    /// Field by field, in the order of the entity's fields.
    private func changes(_ before: StoredRecord?, _ after: StoredRecord) -> [Change] {
        let old = before.map { BodyDifference.object($0.body) } ?? [:]
        let new = BodyDifference.object(after.body)
        return after.entity.fields.compactMap { field in
            let one = old[field.jsonKey].map { FieldText.text($0, of: field, unmask: disclosure.unmask) }
            let other = new[field.jsonKey].map { FieldText.text($0, of: field, unmask: disclosure.unmask) }
            let isSame = old[field.jsonKey].map { "\($0)" } == new[field.jsonKey].map { "\($0)" }
            return isSame ? nil : Change(field: field.name, before: one, after: other)
        }
    }

    private func show(_ record: Record) {
        Terminal.say("\(record.stream) / \(record.key)")
        for (index, version) in record.versions.enumerated() {
            Terminal.say(
                "  run \(version.run), \(version.at), from \(version.origin) record \(version.position)\(version.isVoided ? " (voided)" : "")\(version.ended == nil ? " (now)" : "")"
            )
            for change in version.changes {
                Terminal.say(
                    index == 0
                        ? "    \(change.field) = \(change.after ?? "")"
                        : "    \(change.field): \(change.before ?? "–") → \(change.after ?? "–")")
            }
            if index > 0, version.changes.isEmpty { Terminal.say("    (no field that is mapped)") }
            if let run = version.endedByRun, version.ended != "changed" {
                Terminal.say("  \(version.ended ?? ""): run \(run), \(version.endedAt ?? "")")
            }
        }
    }
}

/// A canonical value for people.
enum FieldText {
    static func text(_ value: Any, of definition: FieldDefinition, unmask: Bool) -> String {
        var text = (value as? [Any]).map { $0.map { "\($0)" }.joined(separator: ", ") } ?? "\(value)"
        if definition.type == .fen, let fen = value as? NSNumber { text = Fen(fen.int64Value).description + " 元" }
        if definition.type == .boolean, let flag = value as? NSNumber { text = flag.boolValue ? "yes" : "no" }
        return definition.isPersonal && !unmask ? PersonalData.mask(text) : text
    }
}
