import Archive
import Audit
import Crypto
import Foundation
import HeatModel
import Records
import Store

/// What the archive has is what the chain says of it.
extension AuditVerification {
    mutating func journals(_ archive: Archive, _ progress: (String) -> Void) throws -> ChainProblem? {
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
}
