package import Archive
package import Audit
import Foundation
import HeatModel
package import Store

/// Walks all that vouches for each other: the store's chain, the runs, the records, the archive, the manifests and the logs.
package struct AuditVerification {
    /// What was looked at, and the first thing wrong with it.
    package struct Result: Sendable {
        package var problem: ChainProblem?
        /// Where the store's chain stands.
        package var head = ChainHead.start
        package var lines: Int64 = 0
        package var runs = 0
        /// Versions of records, and views.
        package var rows: Int64 = 0
        package var journals = 0
        package var objects = 0
        package var objectBytes: Int64 = 0
        package var manifests = 0
        /// Manifests that are no longer where they were written, where that is allowed; only their digests are left.
        package var manifestsElsewhere: [String] = []
        /// Runs whose journals lie in another archive, where that is allowed; nothing was looked at of them but the store's record.
        package var runsElsewhere: [Int64] = []
        package var logs = 0
        package var logLines: Int64 = 0

        package init() {}
    }

    let store: any Store
    let archive: Archive?
    let logFolders: [String]
    let outputs: RestoredOutputs
    private let gateway: String?
    let allowsMovedManifests: Bool
    let allowsOtherArchives: Bool
    var result = Result()
    private var verifier = ChainVerifier()
    /// The last line of the chain that was read.
    var walked: Int64 = 0
    /// What the chain says.
    var chained: [Int64: (sequence: Int64, journal: ChainHead?, archive: String?)] = [:]
    var removed: Set<Int64> = []
    /// Of a store that was built from an archive: journals of which it has no run.
    var leftOut: [Int64: ChainHead?] = [:]
    var manifests: [String: (sequence: Int64, sha256: String)] = [:]
    var logHeads: [String: [ChainHead]] = [:]
    /// The last line about each action.
    var actions: [Int64: (sequence: Int64, line: AuditTrail.Action)] = [:]
    /// What customers were told, by conversation.
    var told: [Int64: [(sequence: Int64, line: AuditTrail.Told)]] = [:]
    /// The last line about each hand-off.
    var handOffs: [Int64: (sequence: Int64, line: AuditTrail.HandOffStep)] = [:]
    var forgotten: Set<Int64> = []
    var forgottenActions: Set<Int64> = []
    /// Objects found whole, so that one that several journals name is read once.
    var sound: Set<String> = []

    /// - Parameters:
    ///   - logFolders: folders of ``AuditLog``s.
    ///   - gateway: whose folders they are; nil where the store has the logs of one gateway alone.
    ///   - outputs: reconciliations that came back from a backup.
    ///   - allowsMovedManifests: whether a manifest may be missing from where it was written.
    ///   - allowsOtherArchives: whether journals may lie in another archive than this one.
    package init(
        store: any Store, archive: Archive?, logFolders: [String] = [], gateway: String? = nil,
        outputs: RestoredOutputs = .none, allowsMovedManifests: Bool = false, allowsOtherArchives: Bool = false
    ) {
        self.gateway = gateway
        self.allowsMovedManifests = allowsMovedManifests
        self.allowsOtherArchives = allowsOtherArchives
        self.store = store
        self.archive = archive
        self.logFolders = logFolders
        self.outputs = outputs
    }

    /// - Parameter anchors: heads of the store's chain that were noted elsewhere: a manifest, an exported bundle, a sheet of paper.
    /// - Throws: where something cannot be read at all.
    package mutating func run(anchors: [ChainHead] = [], progress: (String) -> Void = { _ in }) throws -> Result {
        verifier = ChainVerifier(anchors: anchors)
        progress("the chain")
        result.problem = try walk()
        if result.problem == nil { result.problem = try runs() }
        if result.problem == nil { result.problem = try checkActions() }
        if result.problem == nil { result.problem = try checkConversations() }
        if result.problem == nil {
            progress("the records")
            result.problem = try rows()
        }
        if result.problem == nil, let archive { result.problem = try journals(archive, progress) }
        if result.problem == nil { result.problem = try checkManifests() }
        if result.problem == nil { result.problem = try logs(progress) }
        (result.head, result.lines) = (verifier.head, verifier.lines)
        return result
    }

    // MARK: The chain

    /// What is there is held against what the chain said a moment before. Where it does not fit, and somebody has written in between, that
    /// tells of no tampering: the chain is read on, and it is looked at again. What does not go away so often is told.
    mutating func settled(_ check: (inout Self) throws -> ChainProblem?) throws -> ChainProblem? {
        for _ in 1..<Self.mostLooks {
            guard let problem = try check(&self) else { return nil }
            guard try isWrittenMeanwhile(problem) else { return problem }
            if let broken = try walk() { return broken }
        }
        return try check(&self)
    }

    private static let mostLooks = 5

    /// Whether the chain goes on behind what was read of it. A run that has just ended has its line a moment later.
    private func isWrittenMeanwhile(_ problem: ChainProblem) throws -> Bool {
        for _ in 0..<200 {
            if try store.read({ try $0.lastChainLine()?.sequence ?? 0 }) > walked { return true }
            if problem.kind != .inserted { return false }
            Thread.sleep(forTimeInterval: 0.01)
        }
        return false
    }

    /// Reads the chain on, from where it was read to.
    private mutating func walk() throws -> ChainProblem? {
        while verifier.problem == nil {
            let lines = try store.read { try $0.chainLines(after: walked, limit: 1000) }
            for (sequence, line) in lines {
                walked = sequence
                let isWhole = line.withUnsafeBytes { verifier.take($0, at: "chain line \(sequence)") }
                if !isWhole { break }
                if let event = AuditTrail.decoded(line) {
                    note(event, sequence)
                } else {
                    return ChainProblem(
                        .altered, at: "chain line \(sequence)", sequence: sequence,
                        "the line says nothing that is known")
                }
            }
            if lines.isEmpty { break }
        }
        verifier.finish(at: "chain")
        return verifier.problem
    }

    private mutating func note(_ event: AuditTrail.Event, _ sequence: Int64) {
        if let run = event.run {
            chained[run.id] = (sequence, event.journal.flatMap { ChainHead($0) }, event.archive)
        }
        if let gone = event.removed { removed.formUnion(gone.runs) }
        for journal in event.rebuilt?.leftOut ?? [] {
            leftOut[journal.run] = .some(journal.journal.flatMap { ChainHead($0) })
        }
        if let action = event.action { actions[action.id] = (sequence, action) }
        if let line = event.told { told[line.conversation, default: []].append((sequence, line)) }
        if let step = event.handOff { handOffs[step.id] = (sequence, step) }
        if let gone = event.forgotten {
            forgotten.formUnion(gone.conversations ?? [])
            forgottenActions.formUnion(gone.actions ?? [])
        }
        if let manifest = event.manifest { manifests[manifest.name] = (sequence, manifest.sha256) }
        if let log = event.log, let head = ChainHead(log.head) {
            // The log of another gateway lies in another folder.
            let isAnother = gateway != nil && log.gateway != nil && log.gateway != gateway
            if !isAnother { logHeads[log.name, default: []].append(head) }
        }
    }
}
