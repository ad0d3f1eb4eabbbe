import Audit
package import Store

/// A line of the store's chain, as a person reads it.
package struct ChainEntry: Sendable, Hashable {
    package var sequence: Int64
    /// Of the line, which seals all before it: 64 hex digits.
    package var hash: String
    /// Member of the line that says what it is about: `run`, `manifest`, `action`; empty where it says nothing that is known.
    package var about: String
    /// Number of the run, action, conversation or notice.
    package var number: Int64?
    /// The rest: a stream and a state, a name.
    package var detail: String
}

extension AuditTrail {
    /// The last lines of the chain, the newest first.
    package static func tail(_ limit: Int, of store: any StoreReader) throws -> [ChainEntry] {
        guard let last = try store.lastChainLine() else { return [] }
        return try store.chainLines(after: max(0, last.sequence - Int64(limit)), limit: limit).reversed().map {
            entry($0.sequence, $0.line)
        }
    }

    private static func entry(_ sequence: Int64, _ line: [UInt8]) -> ChainEntry {
        let hash = String(decoding: line.dropFirst(9).prefix(64), as: UTF8.self)
        func entry(_ about: String, _ number: Int64?, _ detail: String?...) -> ChainEntry {
            ChainEntry(
                sequence: sequence, hash: hash, about: about, number: number,
                detail: detail.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " "))
        }
        guard let event = decoded(line) else { return entry("", nil) }
        if let run = event.run { return entry("run", run.id, run.stream, run.state, run.errorCode) }
        if let manifest = event.manifest {
            // Where it lies is the machine's own business.
            let folder = manifest.name.split(separator: "/").last.map(String.init) ?? manifest.name
            return entry("manifest", nil, folder, String(manifest.sha256.prefix(12)))
        }
        if let log = event.log { return entry("log", nil, log.gateway, log.name, String(log.head.prefix(24))) }
        if let gone = event.removed {
            return entry("removed", nil, gone.reason, gone.runs.map(String.init).prefix(20).joined(separator: ","))
        }
        if let rebuilt = event.rebuilt { return entry("rebuilt", nil, "\(rebuilt.leftOut.count)") }
        if let action = event.action {
            return entry("action", action.id, action.kind, action.was.map { "\($0) →" }, action.state, action.by)
        }
        if let told = event.told { return entry("told", told.conversation, told.speaker, "\(told.turn)", told.by) }
        if let step = event.handOff { return entry("hand_off", step.id, step.state, step.by) }
        if let gone = event.forgotten {
            return entry(
                "forgotten", nil, gone.conversations.map { "conversations: \($0.count)" },
                gone.actions.map { "actions: \($0.count)" })
        }
        if let notice = event.notice { return entry("notice", notice.id, notice.rule, notice.state, notice.reason) }
        if let applied = event.applied {
            return entry(
                "applied", nil, applied.mapping, "\(applied.was.prefix(12)) → \(applied.now.prefix(12))", applied.by)
        }
        if let decided = event.decided {
            return entry("decided", decided.entry, decided.stream, decided.account.map { "→ \($0)" } ?? "–", decided.by)
        }
        return entry("", nil)
    }
}
