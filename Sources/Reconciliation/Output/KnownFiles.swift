import Foundation
import Synchronization

/// What is known of files that have not changed since they were read: pages of a large output need not read it again.
final class KnownFiles: Sendable {
    /// What another content under the same path has otherwise: the system alone sets the time at which a file was changed last (`ctime`).
    private struct Identity: Hashable {
        var device: UInt64
        var number: UInt64
        var bytes: Int64
        var modified: [Int]
        var changed: [Int]

        init?(of path: String) {
            var facts = stat()
            guard stat(path, &facts) == 0 else { return nil }
            device = UInt64(facts.st_dev)
            number = UInt64(facts.st_ino)
            bytes = Int64(facts.st_size)
            modified = [facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec]
            changed = [facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec]
        }

        /// Whether a later change has another time, however coarse the clock of files is.
        func isOfThePast(_ now: Int) -> Bool { max(modified[0], changed[0]) < now - 2 }
    }

    private struct Known {
        var digests: [String: (file: Identity, sha256: String)] = [:]
        /// By the SHA-256 of `summary.json`.
        var summaries: [String: Summary] = [:]
    }

    private static let most = 1000
    private let known = Mutex(Known())
    /// Seconds since 1970.
    private let now: @Sendable () -> Int

    init(now: @escaping @Sendable () -> Int = { Int(Date().timeIntervalSince1970) }) { self.now = now }

    /// - Returns: nil where the file cannot be opened.
    func sha256(of path: String) throws -> String? {
        guard let file = Identity(of: path) else { return nil }
        let noted = known.withLock { $0.digests[path] }
        if let noted, noted.file == file { return noted.sha256 }
        guard let sha256 = try FileDigest(of: path)?.sha256 else { return nil }
        if file.isOfThePast(now()), Identity(of: path) == file {
            known.withLock { known in
                if known.digests.count >= Self.most { known.digests = [:] }
                known.digests[path] = (file, sha256)
            }
        }
        return sha256
    }

    func summary(of sha256: String) -> Summary? { known.withLock { $0.summaries[sha256] } }

    func note(_ summary: Summary, of sha256: String) {
        known.withLock { known in
            if known.summaries.count >= Self.most { known.summaries = [:] }
            known.summaries[sha256] = summary
        }
    }
}
