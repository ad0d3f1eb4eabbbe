import Audit
import Crypto
import Foundation
import HeatModel

/// Manifests of reconciliations, and logs.
extension AuditVerification {
    mutating func checkManifests() throws -> ChainProblem? {
        for (folder, known) in manifests.sorted(by: { $0.key < $1.key }) {
            let place = outputs.place(of: folder, manifest: known.sha256)
            let isThere = place.map { FileManager.default.fileExists(atPath: $0 + "/manifest.json") } ?? false
            guard isThere || !allowsMovedManifests else {
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
        let place = outputs.place(of: folder, manifest: known.sha256) ?? folder
        let path = place + "/manifest.json"
        guard let bytes = FileManager.default.contents(atPath: path) else {
            return ChainProblem(
                .removed, at: path, sequence: known.sequence, "the manifest is no longer where it was written")
        }
        return try Self.problem(ofManifest: Array(bytes), in: place, sha256: known.sha256, known.sequence)
    }

    private static func problem(ofManifest bytes: [UInt8], in folder: String, sha256: String, _ sequence: Int64) throws
        -> ChainProblem?
    {
        let path = folder + "/manifest.json"
        if Digest.sha256(bytes) != sha256 {
            return ChainProblem(.altered, at: path, sequence: sequence, "the manifest is not what was written")
        }
        let files: [OutputManifest.File]
        do {
            files = try JSONDecoder().decode(OutputManifest.self, from: Data(bytes)).files
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

    mutating func logs(_ progress: (String) -> Void) throws -> ChainProblem? {
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
