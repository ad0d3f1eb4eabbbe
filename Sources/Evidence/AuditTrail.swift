package import Archive
package import Audit
import Crypto
import Foundation
import HeatModel
import JSONText
import Records
package import Store

/// The store's chain: what its lines say.
///
/// ```
/// {"hash":…,"seq":…,"run":{"id":12,"stream":"billing.charges",…},"journal":"41:9f86…"}   a run that has ended
/// {"hash":…,"seq":…,"manifest":{"name":"2026-11","sha256":"…"}}                          a reconciliation
/// {"hash":…,"seq":…,"log":{"gateway":"gw-1","name":"access","head":"1204:9f86…"}}         where a log stood
/// {"hash":…,"seq":…,"removed":{"runs":[1,2],"reason":"retention"}}                       journals that were let go
/// {"hash":…,"seq":…,"action":{"id":7,"reference":"…","was":"sending","state":"confirmed",…}}  what a legacy system was asked to do
/// {"hash":…,"seq":…,"told":{"conversation":3,"turn":2,"speaker":"assistant","sha256":"…"}}  what a customer was told
/// {"hash":…,"seq":…,"hand_off":{"id":4,"conversation":3,"state":"claimed",…}}               who had a conversation
/// {"hash":…,"seq":…,"forgotten":{"conversations":[1,2]}}                                    conversations that were let go
/// {"hash":…,"seq":…,"forgotten":{"actions":[1,2]}}                                          settled actions that were let go
/// {"hash":…,"seq":…,"notice":{"id":9,"rule":"arrears-3","state":"notSent","reason":…}}      what a customer was told, or not
/// {"hash":…,"seq":…,"decided":{"entry":17,"stream":"…","account":"00012345","by":…}}      which account a record is of, by a person
/// {"hash":…,"seq":…,"applied":{"mapping":"billing.charges","was":"9f86…","now":"03ac…","by":…}}  a mapping file that was replaced
/// {"hash":…,"seq":…,"rebuilt":{"left_out":[{"run":3,"journal":"7:9f86…"}]}}               the store was built from an archive
/// ```
///
/// A run's line holds the whole of the run's record, and the head of its journal in the archive, whose lines name each archived
/// object by its SHA-256. The format of lines is that of the room Audit.
package enum AuditTrail {
    /// The record of a run as the chain has it, and as it can be made again from the store at any time.
    package struct RunRecord: Codable, Sendable {
        var id: Int64
        var stream: String
        var mode: String
        var state: String
        var startedAt: String
        var endedAt: String?
        var mappingVersion: String
        var counts: RunCounts
        var totals: [RunTotal]
        var batches: Int64
        var errorCode: String?
        var errorMessage: String?
        var cursorBefore: String?
        var cursorAfter: String?
        /// From when on it counts in looks at the past, in microseconds since 1970; not in lines of before 2026-12.
        var settledUs: Int64?
        /// What the pull said when it had ended; not in lines of before 2026-12.
        var pull: Pull?

        struct Pull: Codable, Sendable {
            var completeness: Completeness?
            var limit: Int64?
            var notices: [PullNotice]
            var noticesLeftOut: Int64
            var newestData: String?

            init?(_ end: PullEnd) {
                if end == .empty { return nil }
                completeness = end.completeness
                limit = end.limit
                notices = end.notices
                noticesLeftOut = end.noticesLeftOut
                newestData = end.newestData?.description
            }
        }

        package init(_ run: Run) {
            pull = Pull(run.pull)
            settledUs = run.settled?.microseconds
            id = run.id.number
            stream = run.stream
            mode = run.mode
            state = run.state.rawValue
            startedAt = run.startedAt.description
            endedAt = run.endedAt?.description
            mappingVersion = run.mappingVersion
            counts = run.counts
            totals = run.totals.sorted { ($0.side.rawValue, $0.measure) < ($1.side.rawValue, $1.measure) }
            batches = run.batches
            errorCode = run.errorCode
            errorMessage = run.errorMessage
            cursorBefore = run.cursorBefore
            cursorAfter = run.cursorAfter
        }
    }

    package struct Manifest: Codable, Sendable {
        /// A name that a person gave, such as the folder's.
        package var name: String
        /// Of `manifest.json`.
        package var sha256: String
    }

    package struct LogHead: Codable, Sendable {
        /// Whose log it is; not in lines of before 2026-12.
        package var gateway: String?
        package var name: String
        /// `1204:9f86…`
        package var head: String
    }

    package struct Removed: Codable, Sendable {
        package var runs: [Int64]
        package var reason: String
    }

    package struct Rebuilt: Codable, Sendable {
        package struct Journal: Codable, Sendable {
            package var run: Int64
            /// Nil for one that was never closed.
            package var journal: String?

            package init(run: Int64, journal: String?) {
                self.run = run
                self.journal = journal
            }
        }
        /// Runs of the archive that the new store has no run of.
        package var leftOut: [Journal]
    }

    /// A step of an action.
    package struct Action: Codable, Sendable {
        package var id: Int64
        package var reference: String
        package var system: String
        package var kind: String
        /// Before the step; nil where the action was accepted by it.
        package var was: String?
        package var state: String
        package var isDead: Bool
        /// Who did it, where it was not a worker.
        package var by: String?
        package var result: String
        package var externalId: String?
        /// Of what was asked for: 64 hex digits.
        package var fingerprint: String
    }

    /// What a customer was told: the line holds no words, and proves those that the store keeps.
    package struct Told: Codable, Sendable {
        package var conversation: Int64
        package var turn: Int64
        package var speaker: String
        /// Of the turn as it is kept: 64 hex digits.
        package var sha256: String
        package var by: String
    }

    /// A step of a hand-off.
    package struct HandOffStep: Codable, Sendable {
        package var id: Int64
        package var conversation: Int64
        package var state: String
        /// Greater with each owner.
        package var fence: Int64
        package var by: String
    }

    /// What a person said of an entry of the quarantine.
    package struct Decided: Codable, Sendable {
        package var entry: Int64
        package var stream: String
        /// SHA-256 of the record's key: 64 hex digits.
        package var key: String
        /// Nil where an earlier decision was withdrawn.
        package var account: String?
        package var reason: String
        package var by: String
    }

    /// A mapping file that a person replaced through Hearth.
    package struct Applied: Codable, Sendable {
        /// The stream's name.
        package var mapping: String
        /// SHA-256 of the file before.
        package var was: String
        /// SHA-256 of the file since.
        package var now: String
        package var by: String

        package init(mapping: String, was: String, now: String, by: String) {
            self.mapping = mapping
            self.was = was
            self.now = now
            self.by = by
        }
    }

    package struct Forgotten: Codable, Sendable {
        package var conversations: [Int64]?
        package var actions: [Int64]?
    }

    /// A step of a notice to a customer.
    package struct Notice: Codable, Sendable {
        package var id: Int64
        package var rule: String
        package var state: String
        /// What sends it, in the outbox.
        package var action: Int64?
        package var reason: String?
        /// Of what is told: 64 hex digits.
        package var sha256: String?
    }

    /// What a line is about; exactly one of the members, and with a run maybe its journal and the archive.
    package struct Event: Codable, Sendable {
        package var run: RunRecord?
        /// Head of the run's journal in the archive.
        package var journal: String?
        /// The archive of whoever added the line (``Archive/id()``).
        package var archive: String?
        package var manifest: Manifest?
        package var log: LogHead?
        package var removed: Removed?
        package var rebuilt: Rebuilt?
        package var action: Action?
        package var told: Told?
        package var handOff: HandOffStep?
        package var forgotten: Forgotten?
        package var notice: Notice?
        package var decided: Decided?
        package var applied: Applied?
    }

    /// Adds a line for each run that has ended and has none. One whose journal is still open waits until it is closed: the process
    /// that made the run, or after its death the next one that syncs.
    ///
    /// - Parameter isRebuilt: The runs are made again of journals that another store's runs have left as they are.
    package static func noteRuns(_ store: any StoreWriter, archive: Archive?, isRebuilt: Bool = false) throws {
        let stamp = try ArchiveStamp.known(store) ?? ""
        for id in try store.unchainedRuns() {
            // In this order: a journal is closed by renaming it.
            if !isRebuilt, archive?.isOpen(id.number, stamp) == true { continue }
            guard let run = try store.run(id) else { continue }
            let head = try archive?.head(of: id.number, stamp)
            try append(
                Event(run: RunRecord(run), journal: head?.description, archive: archive?.id()), run: id, to: store)
        }
    }

    /// Adds a line for a manifest, unless the last one of its name was the same, and returns the chain's head, which whoever
    /// publishes the manifest may publish too.
    ///
    /// - Parameter name: the folder where `manifest.json` stands.
    @discardableResult
    package static func note(manifest bytes: [UInt8], name: String, in store: any StoreWriter) throws -> ChainHead {
        let setting = SettingName.manifest(of: name)
        let digest = Digest.sha256(bytes)
        if try store.setting(setting) == digest { return try head(store) }
        try store.setSetting(setting, digest)
        return try append(Event(manifest: Manifest(name: name, sha256: Digest.sha256(bytes))), to: store)
    }

    /// SHA-256 of the last manifest that the chain knows of each folder.
    package static func manifests(in store: any ChainReader) throws -> [String: String] {
        var found: [String: String] = [:]
        var last: Int64 = 0
        let mark = Array("\"manifest\":{".utf8)
        while case let lines = try store.chainLines(after: last, limit: 1000), !lines.isEmpty {
            for (sequence, line) in lines {
                last = sequence
                // Few of many lines are of a reconciliation.
                guard line.firstRange(of: mark) != nil, let manifest = decoded(line)?.manifest else { continue }
                found[manifest.name] = manifest.sha256
            }
        }
        return found
    }

    /// Adds a line that says where a log stands.
    @discardableResult
    package static func note(
        head: ChainHead, of log: String, gateway: String, in store: any StoreWriter
    ) throws -> ChainHead {
        try append(Event(log: LogHead(gateway: gateway, name: log, head: head.description)), to: store)
    }

    /// Adds a line for each log in the gateway's folders that has grown since its head was last noted.
    package static func noteLogs(_ folders: [String], gateway: String, in store: any Store) throws {
        for folder in folders {
            for name in try AuditLog.names(in: folder) {
                guard let head = try LogVerification.statedHead(folder: folder, name: name) else { continue }
                try store.write { store in
                    let setting = SettingName.head(ofLog: name, of: gateway)
                    if try store.setting(setting) == head.description { return }
                    try note(head: head, of: name, gateway: gateway, in: store)
                    try store.setSetting(setting, head.description)
                }
            }
        }
    }

    package static func note(removed runs: [Int64], reason: String, in store: any StoreWriter) throws {
        try append(Event(removed: Removed(runs: runs, reason: reason)), to: store)
    }

    package static func note(leftOut journals: [Rebuilt.Journal], in store: any StoreWriter) throws {
        try append(Event(rebuilt: Rebuilt(leftOut: journals)), to: store)
    }

    /// Adds a line for a step of an action, in the transaction of the step.
    ///
    /// - Parameters:
    ///   - before: its state before the step; nil where it was accepted by it.
    ///   - person: who did it; nil for a worker.
    package static func note(
        action: StoredAction, was before: ActionState?, by person: String?, result: String, in store: any StoreWriter
    ) throws {
        let line = Action(
            id: action.id.number, reference: action.request.reference, system: action.request.system,
            kind: action.request.kind, was: before?.rawValue, state: action.state.rawValue, isDead: action.isDead,
            by: person, result: result, externalId: action.externalID,
            fingerprint: hex(action.request.fingerprint))
        try append(Event(action: line), to: store)
    }

    /// Adds a line for what a customer was told, in the transaction that keeps the turn.
    package static func note(
        told turn: Turn, in conversation: ConversationID, by caller: String, _ store: any StoreWriter
    ) throws {
        let line = Told(
            conversation: conversation.number, turn: turn.number, speaker: turn.speaker.rawValue,
            sha256: digest(of: turn, in: conversation), by: caller)
        try append(json(of: line), to: store)
    }

    /// What ``encoded(_:)`` makes of the event, without its boxes: there is one with each answer to a customer.
    static func json(of told: Told) -> [UInt8] {
        var json = JSONBytes(capacity: 256)
        json.raw("{\"told\":{")
        json.member("by", told.by)
        json.member("conversation", told.conversation)
        json.member("sha256", told.sha256)
        json.member("speaker", told.speaker)
        json.member("turn", told.turn)
        json.raw("}}")
        return json.bytes
    }

    /// Adds a line for a step of a hand-off, in the transaction of the step.
    package static func note(step handOff: HandOff, by caller: String, in store: any StoreWriter) throws {
        let line = HandOffStep(
            id: handOff.id.number, conversation: handOff.conversation.number, state: handOff.state.rawValue,
            fence: handOff.fence, by: caller)
        try append(Event(handOff: line), to: store)
    }

    /// Adds a line for a person's decision on an entry of the quarantine, in the transaction that keeps it.
    ///
    /// - Parameter account: nil where a decision is withdrawn.
    package static func note(
        decision entry: QuarantinedRecord, account: String?, reason: String, by person: String, in store: any StoreWriter
    ) throws {
        let line = Decided(
            entry: entry.id.number, stream: entry.stream, key: Digest.sha256(entry.key ?? []), account: account,
            reason: reason, by: person)
        try append(Event(decided: line), to: store)
    }

    /// Adds a line for a mapping file that a person replaces.
    package static func note(applied mapping: Applied, in store: any StoreWriter) throws {
        try append(Event(applied: mapping), to: store)
    }

    package static func note(forgotten conversations: [ConversationID], in store: any StoreWriter) throws {
        try append(Event(forgotten: Forgotten(conversations: conversations.map(\.number))), to: store)
    }

    package static func note(forgotten actions: [ActionID], in store: any StoreWriter) throws {
        try append(Event(forgotten: Forgotten(actions: actions.map(\.number))), to: store)
    }

    /// SHA-256 of who said what and when, with the facts that were shown and what was asked of systems.
    static func digest(of turn: Turn, in conversation: ConversationID) -> String {
        Digest.sha256(json(of: turn, in: conversation))
    }

    /// `{"actions":[7],"at_us":…,"conversation":3,"facts":[["bill","billing.charges/1",null]],"speaker":"assistant","turn":2,"words":…}`,
    /// the members by their names. Chains hold digests of it: no byte of it may change.
    static func json(of turn: Turn, in conversation: ConversationID) -> [UInt8] {
        var json = JSONBytes(capacity: 512 + turn.words.utf8.count)
        json.raw("{\"actions\":[")
        for action in turn.actions {
            json.separate()
            json.integer(action.number)
        }
        json.raw("],\"at_us\":")
        json.integer(turn.at.microseconds)
        json.raw(",\"conversation\":")
        json.integer(conversation.number)
        json.raw(",\"facts\":[")
        for fact in turn.facts {
            json.separate()
            json.raw("[")
            json.string(fact.kind)
            json.raw(",")
            json.string(fact.id)
            json.raw(",")
            if let instant = fact.freshAt { json.string(instant) } else { json.raw("null") }
            json.raw("]")
        }
        json.raw("]")
        json.member("speaker", turn.speaker.rawValue)
        json.member("turn", turn.number)
        json.member("words", turn.words)
        json.raw("}")
        return json.bytes
    }

    /// Adds a line for a step of a notice, in the transaction of the step.
    ///
    /// - Parameter text: what is told from now on; the line holds its digest alone.
    package static func note(notice: StoredNotice, text: String?, in store: any StoreWriter) throws {
        let line = Notice(
            id: notice.id.number, rule: notice.notice.rule, state: notice.state.rawValue,
            action: notice.action?.id.number, reason: notice.reason,
            sha256: text.map { hex(Array(SHA256.hash(data: Array($0.utf8)))) })
        try append(Event(notice: line), to: store)
    }

    /// What binds an action's lines to what was asked for: SHA-256 of system, kind and payload.
    package static func fingerprint(system: String, kind: String, payload: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: Array("\(system)\n\(kind)\n".utf8) + payload))
    }

    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Where the chain stands.
    package static func head(_ store: any StoreReader) throws -> ChainHead {
        guard let last = try store.lastChainLine() else { return .start }
        guard let head = last.line.withUnsafeBytes({ ChainLine.head(of: $0) }), head.sequence == last.sequence else {
            throw HearthError(
                .auditDamaged, "the last line of the store's chain is none of ours", at: .address("store"),
                advice: "\(.verifyAudit) shows more")
        }
        return head
    }

    @discardableResult
    private static func append(_ event: Event, run: RunID? = nil, to store: any StoreWriter) throws -> ChainHead {
        try append(encoded(event), run: run, to: store)
    }

    @discardableResult
    private static func append(_ event: [UInt8], run: RunID? = nil, to store: any StoreWriter) throws -> ChainHead {
        let made = try ChainLine.make(event: event, after: head(store))
        try store.appendChain(made.line, sequence: made.head.sequence, run: run)
        return made.head
    }

    static func encoded(_ event: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return Array(try encoder.encode(event))
    }

    static func decoded(_ line: [UInt8]) -> Event? {
        guard let event = line.withUnsafeBytes({ ChainLine.event(of: $0) }) else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        // Whether such a line is wrong the verification says, which names it.
        return try? decoder.decode(Event.self, from: Data(event))
    }
}
