package import Archive
package import Audit
import Crypto
import Foundation
import HeatModel
import Records
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

    private let store: any Store
    private let archive: Archive?
    private let logFolders: [String]
    private let gateway: String?
    private let allowsMovedManifests: Bool
    private let allowsOtherArchives: Bool
    private var result = Result()
    private var verifier = ChainVerifier()
    /// The last line of the chain that was read.
    private var walked: Int64 = 0
    /// What the chain says.
    private var chained: [Int64: (sequence: Int64, journal: ChainHead?, archive: String?)] = [:]
    private var removed: Set<Int64> = []
    /// Of a store that was built from an archive: journals of which it has no run.
    private var leftOut: [Int64: ChainHead?] = [:]
    private var manifests: [String: (sequence: Int64, sha256: String)] = [:]
    private var logHeads: [String: [ChainHead]] = [:]
    /// The last line about each action.
    private var actions: [Int64: (sequence: Int64, line: AuditTrail.Action)] = [:]
    /// What customers were told, by conversation.
    private var told: [Int64: [(sequence: Int64, line: AuditTrail.Told)]] = [:]
    /// The last line about each hand-off.
    private var handOffs: [Int64: (sequence: Int64, line: AuditTrail.HandOffStep)] = [:]
    private var forgotten: Set<Int64> = []
    private var forgottenActions: Set<Int64> = []
    /// Objects found whole, so that one that several journals name is read once.
    private var sound: Set<String> = []

    /// - Parameters:
    ///   - logFolders: folders of ``AuditLog``s.
    ///   - gateway: whose folders they are; nil where the store has the logs of one gateway alone.
    ///   - allowsMovedManifests: whether a manifest may be missing from where it was written.
    ///   - allowsOtherArchives: whether journals may lie in another archive than this one.
    package init(
        store: any Store, archive: Archive?, logFolders: [String] = [], gateway: String? = nil,
        allowsMovedManifests: Bool = false, allowsOtherArchives: Bool = false
    ) {
        self.gateway = gateway
        self.allowsMovedManifests = allowsMovedManifests
        self.allowsOtherArchives = allowsOtherArchives
        self.store = store
        self.archive = archive
        self.logFolders = logFolders
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

    // MARK: The store

    /// What is there is held against what the chain said a moment before. Where it does not fit, and somebody has written in between, that
    /// tells of no tampering: the chain is read on, and it is looked at again. What does not go away so often is told.
    private mutating func settled(_ check: (inout Self) throws -> ChainProblem?) throws -> ChainProblem? {
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

    /// Each action of the outbox is what its last line says, and asks for what was accepted, as long as it is kept.
    private mutating func checkActions() throws -> ChainProblem? {
        for id in actions.keys.sorted() {
            if let problem = try settled({ try $0.check(action: id) }) { return problem }
        }
        return nil
    }

    private func check(action id: Int64) throws -> ChainProblem? {
        guard !forgottenActions.contains(id), let (sequence, line) = actions[id] else { return nil }
        guard let action = try store.read({ try $0.action(ActionID(id)) }) else {
            return ChainProblem(.removed, at: "action \(id)", sequence: sequence, "the store has no such action any more")
        }
        let asked = AuditTrail.fingerprint(
            system: action.request.system, kind: action.request.kind, payload: action.request.payload)
        let isStep = line.state == action.state.rawValue && line.externalId == action.externalID
        if AuditTrail.hex(asked) != line.fingerprint || line.reference != action.request.reference || !isStep {
            return ChainProblem(
                .altered, at: "action \(id)", sequence: sequence, "the action is not what the chain says of it")
        }
        return nil
    }

    /// What customers were told stands in the store as it was told, and each hand-off is where its last step left it, as long as they
    /// are kept.
    private mutating func checkConversations() throws -> ChainProblem? {
        for id in told.keys.sorted() {
            if let problem = try settled({ try $0.check(conversation: id) }) { return problem }
        }
        for id in handOffs.keys.sorted() {
            if let problem = try settled({ try $0.check(handOff: id) }) { return problem }
        }
        return nil
    }

    private func check(conversation id: Int64) throws -> ChainProblem? {
        guard !forgotten.contains(id), let lines = told[id] else { return nil }
        let conversation = ConversationID(id)
        for (sequence, line) in lines {
            let place = "turn \(line.turn) of conversation \(id)"
            let turn = try store.read { try $0.turns(of: conversation, after: line.turn - 1, limit: 1).first }
            guard let turn, turn.number == line.turn else {
                return ChainProblem(.removed, at: place, sequence: sequence, "the store has no such turn any more")
            }
            if AuditTrail.digest(of: turn, in: conversation) != line.sha256 {
                return ChainProblem(
                    .altered, at: place, sequence: sequence, "the turn is not what the customer was told")
            }
        }
        return nil
    }

    private func check(handOff id: Int64) throws -> ChainProblem? {
        guard let (sequence, step) = handOffs[id], !forgotten.contains(step.conversation) else { return nil }
        guard let handOff = try store.read({ try $0.handOff(HandOffID(id)) }) else {
            return ChainProblem(
                .removed, at: "hand-off \(id)", sequence: sequence, "the store has no such hand-off any more")
        }
        if handOff.state.rawValue != step.state || handOff.fence != step.fence
            || handOff.conversation.number != step.conversation
        {
            return ChainProblem(
                .altered, at: "hand-off \(id)", sequence: sequence, "the hand-off is not what the chain says of it")
        }
        return nil
    }

    private mutating func runs() throws -> ChainProblem? {
        for id in chained.keys.sorted() {
            if let problem = try settled({ try $0.check(run: id) }) { return problem }
            result.runs += 1
        }
        var last: RunID?
        while true {
            let page = try store.read { try $0.endedRuns(after: last, limit: 1000) }
            guard let end = page.last else { return nil }
            last = end.run
            for (run, sequence) in page where sequence == nil || chained[run.number]?.sequence != sequence {
                if let problem = try settled({ try $0.check(ended: run) }) { return problem }
            }
        }
    }

    /// The store's record of a run is what its line says of it.
    private func check(run id: Int64) throws -> ChainProblem? {
        guard let sequence = chained[id]?.sequence else { return nil }
        let (run, line): (Run?, [UInt8])
        do {
            (run, line) = try store.read { store in
                (try store.run(RunID(id)), try store.chainLines(after: sequence - 1, limit: 1).first?.line ?? [])
            }
        } catch let error as HearthError where error.code == .storeCorrupt {
            return ChainProblem(.altered, at: "run \(id)", sequence: sequence, error.message)
        }
        guard let run else {
            return ChainProblem(.removed, at: "run \(id)", sequence: sequence, "the store has no such run any more")
        }
        guard let known = AuditTrail.decoded(line)?.run else { return nil }
        var present = AuditTrail.RunRecord(run)
        if known.settledUs == nil { present.settledUs = nil }
        if try AuditTrail.encoded(present) == AuditTrail.encoded(known) { return nil }
        return ChainProblem(
            .altered, at: "run \(id)", sequence: sequence,
            "the store's record of the run is not what it was when it ended")
    }

    /// The chain has a line of a run that has ended.
    private func check(ended run: RunID) throws -> ChainProblem? {
        let (stamp, found) = try store.read { store in
            (try ArchiveStamp.known(store) ?? "", try store.endedRuns(after: RunID(run.number - 1), limit: 1).first)
        }
        guard let found, found.run == run else { return nil }
        if let sequence = found.sequence, chained[run.number]?.sequence == sequence { return nil }
        // A sync that ends just now has the store's word before it has the chain's.
        if found.sequence == nil, archive?.isAtWork(run.number, stamp) == true { return nil }
        return ChainProblem(
            .inserted, at: "run \(run)",
            "the run has ended and the chain has no line of it: added behind its back, or a crash that the next sync mends")
    }

    /// What was stored carries its own check.
    private mutating func rows() throws -> ChainProblem? {
        do {
            result.rows = try store.read { try $0.readEverything() }
            return nil
        } catch let error as HearthError where error.code == .storeCorrupt {
            return ChainProblem(.altered, at: "store", error.message)
        }
    }

    // MARK: The archive

    private mutating func journals(_ archive: Archive, _ progress: (String) -> Void) throws -> ChainProblem? {
        var present: Set<Int64> = []
        var named: Set<String> = []
        let stamp = try store.read { try ArchiveStamp.known($0) }
        let own = try archive.id()
        // Runs of later lines have journals that are not listed here.
        let listed = walked
        var elsewhere: [Int64] = []
        if stamp == nil, let journal = try archive.journals().first {
            return ChainProblem(
                .removed, at: "store",
                "the archive has runs of store \(journal.store), and this store knows of no archive")
        }
        for journal in try archive.journals() {
            progress("run \(journal.run)")
            // Runs of another store in the same folder are not of this chain; their objects are looked at with the rest.
            if journal.store != stamp { continue }
            present.insert(journal.run)
            var found: (run: ArchivedRun, isElsewhere: Bool)?
            let problem = try settled { try $0.check(journal: journal, in: archive, own, &found) }
            if let problem { return problem }
            guard let (run, isElsewhere) = found else { continue }
            if isElsewhere { elsewhere.append(journal.run) }
            named.formUnion(run.hashes)
            let name = (journal.path as NSString).lastPathComponent
            let lacking = try settled { $0.removed.contains(journal.run) ? nil : $0.objects(of: run, archive, name) }
            if let lacking { return lacking }
            result.journals += 1
        }
        for (id, known) in chained.sorted(by: { $0.key < $1.key }) where known.journal != nil {
            if present.contains(id) || removed.contains(id) || known.sequence > listed { continue }
            if Self.isElsewhere(known.archive, own) {
                elsewhere.append(id)
                continue
            }
            return ChainProblem(.removed, at: "run \(id)", sequence: known.sequence, "the journal of the run is gone")
        }
        for (hash, path) in try archive.allObjects() where !path.hasSuffix(".tmp") {
            guard let hash else {
                return ChainProblem(
                    .inserted, at: (path as NSString).lastPathComponent, "the archive never wrote such a file")
            }
            // A crash leaves objects behind that no journal came to name; what they hold must be what their names say.
            if named.contains(hash) { continue }
            if let problem = problem(of: hash, archive, "objects"), problem.kind != .removed { return problem }
        }
        if allowsOtherArchives { result.runsElsewhere = elsewhere.sorted() }
        guard !allowsOtherArchives, let first = elsewhere.min() else { return nil }
        return ChainProblem(
            .elsewhere, at: "run \(first)", sequence: chained[first]?.sequence,
            "not in this archive: \(elsewhere.count) runs were written down beside another one. Machines over one store share one archive folder; what is wrong with these runs is told where theirs lies"
        )
    }

    /// Whether a line was added by somebody who keeps another archive; what is not said is taken for this one.
    private static func isElsewhere(_ archive: String?, _ own: String?) -> Bool {
        archive != nil && own != nil && archive != own
    }

    /// A journal ends where the chain says that it ended.
    ///
    /// - Parameter found: what it says, and whether the run's line was added beside another archive.
    private func check(
        journal listed: Archive.Journal, in archive: Archive, _ own: String?,
        _ found: inout (run: ArchivedRun, isElsewhere: Bool)?
    ) throws -> ChainProblem? {
        let journal = archive.present(listed)
        if removed.contains(journal.run), !FileManager.default.fileExists(atPath: journal.path) { return nil }
        let name = (journal.path as NSString).lastPathComponent
        let run: ArchivedRun
        do {
            run = try ArchivedRun(journal)
        } catch let error as HearthError {
            // It was closed just now.
            if archive.present(journal).isOpen != journal.isOpen {
                return try check(journal: journal, in: archive, own, &found)
            }
            return ChainProblem(.altered, at: name, error.message)
        }
        found = (run, false)
        // An open one has no head.
        let head = try archive.head(of: journal.run, journal.store)
        if let known = chained[journal.run] ?? leftOut[journal.run].map({ (0, $0, nil) }) {
            if known.journal == nil, Self.isElsewhere(known.archive, own) {
                // Who added the run's line before its journal was closed could not see it.
                found = (run, true)
            } else if known.journal != head || (head == nil && !journal.isOpen) {
                return ChainProblem(
                    .altered, at: name, sequence: known.sequence,
                    "the journal does not end where it ended when the run did")
            }
        } else if !journal.isOpen {
            return ChainProblem(.inserted, at: name, "the chain has no line of this run")
        } else if try store.read({ try $0.run(RunID(journal.run)) }) == nil {
            return ChainProblem(.inserted, at: name, "the store has no such run")
        }
        return nil
    }

    private mutating func objects(of run: ArchivedRun, _ archive: Archive, _ name: String) -> ChainProblem? {
        for piece in run.pieces {
            var whole = SHA256()
            // The whole is only hashed where it is more than its only chunk.
            let isSplit = piece.chunks.count != 1
            for chunk in piece.chunks {
                if isSplit || !sound.contains(chunk.sha256) {
                    // What is wrong with it is looked for again where it is named.
                    guard let bytes = try? archive.object(chunk.sha256) else {
                        return problem(of: chunk.sha256, archive, name)
                    }
                    if isSplit { whole.update(data: bytes) }
                    if sound.insert(chunk.sha256).inserted {
                        result.objects += 1
                        result.objectBytes += Int64(bytes.count)
                    }
                }
            }
            guard let stated = piece.whole else { continue }
            let digest = isSplit ? whole.finalize().hex : piece.chunks[0].sha256
            if digest != stated.sha256 {
                return ChainProblem(.altered, at: name, "\(piece.head.name) is not what its journal says of the whole")
            }
        }
        return nil
    }

    private func problem(of hash: String, _ archive: Archive, _ name: String) -> ChainProblem? {
        do {
            _ = try archive.object(hash)
            return nil
        } catch let error as HearthError {
            let kind: ChainProblem.Kind = error.code == .archiveMissing ? .removed : .altered
            return ChainProblem(kind, at: "object \(hash)", "\(error.message) (named by \(name))")
        } catch {
            return ChainProblem(.altered, at: "object \(hash)", "it cannot be read")
        }
    }

    // MARK: Manifests and logs

    private struct ManifestFiles: Decodable {
        struct File: Decodable {
            var name: String
            var sha256: String
        }
        var files: [File]
    }

    private mutating func checkManifests() throws -> ChainProblem? {
        for folder in manifests.keys.sorted() {
            guard FileManager.default.fileExists(atPath: folder + "/manifest.json") || !allowsMovedManifests else {
                result.manifestsElsewhere.append(folder)
                continue
            }
            if let problem = try settled({ try $0.check(manifest: folder) }) { return problem }
            result.manifests += 1
        }
        return nil
    }

    private func check(manifest folder: String) throws -> ChainProblem? {
        guard let known = manifests[folder] else { return nil }
        let path = folder + "/manifest.json"
        guard let bytes = FileManager.default.contents(atPath: path) else {
            return ChainProblem(
                .removed, at: path, sequence: known.sequence, "the manifest is no longer where it was written")
        }
        return try Self.problem(ofManifest: Array(bytes), in: folder, sha256: known.sha256, known.sequence)
    }

    private static func problem(ofManifest bytes: [UInt8], in folder: String, sha256: String, _ sequence: Int64) throws
        -> ChainProblem?
    {
        let path = folder + "/manifest.json"
        if Digest.sha256(bytes) != sha256 {
            return ChainProblem(.altered, at: path, sequence: sequence, "the manifest is not what was written")
        }
        let files: [ManifestFiles.File]
        do {
            files = try JSONDecoder().decode(ManifestFiles.self, from: Data(bytes)).files
        } catch {
            return ChainProblem(.altered, at: path, sequence: sequence, "the manifest names no files: \(error)")
        }
        for file in files {
            let path = "\(folder)/\(file.name)"
            guard let digest = try FileDigest.sha256(of: path) else {
                return ChainProblem(.removed, at: path, sequence: sequence, "a file that the manifest names is gone")
            }
            if digest != file.sha256 {
                return ChainProblem(.altered, at: path, sequence: sequence, "the file is not what its manifest says")
            }
        }
        return nil
    }

    private mutating func logs(_ progress: (String) -> Void) throws -> ChainProblem? {
        var left = logHeads
        for folder in logFolders {
            for name in try AuditLog.names(in: folder) {
                progress(name)
                let found = try LogVerification.verify(
                    folder: folder, name: name, anchors: left.removeValue(forKey: name) ?? [])
                if let problem = found.problem { return problem }
                result.logs += 1
                result.logLines += found.lines
            }
        }
        if logFolders.isEmpty { return nil }
        guard let (name, heads) = left.sorted(by: { $0.key < $1.key }).first else { return nil }
        return ChainProblem(
            .removed, at: name, "the log is gone; it once had \(heads.map(\.sequence).max() ?? 0) lines")
    }
}

/// SHA-256 of files of any size.
enum FileDigest {
    /// Nil where there is no such file.
    ///
    /// - Throws: `audit.failed` where it cannot be read to its end.
    static func sha256(of path: String) throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            var hasher = SHA256()
            while let block = try file.read(upToCount: 1 << 20), !block.isEmpty { hasher.update(data: block) }
            try file.close()
            return hasher.finalize().hex
        } catch {
            throw HearthError(
                .auditFailed, "the file cannot be read", at: .file(path, line: 0, column: 0),
                advice: "look at the disk, the file's owner and mode", cause: error)
        }
    }
}
