package import Archive
import Audit
import Foundation
import HeatModel
package import Store

/// A folder that an auditor takes away and checks without Hearth.
///
/// ```
/// SHA256SUMS              sha256sum -c SHA256SUMS
/// chain.jsonl             python3 check_chain.py chain.jsonl
/// HEAD                    where the chain stands: to be compared with heads that were noted elsewhere
/// journals/0000000012.jsonl   the archived runs, each a chain of its own
/// objects/ab12…           what was pulled; each file's name is its SHA-256
/// manifests/1.json        reconciliations, by the number of their lines in the chain
/// logs/access-….jsonl     the access log
/// ```
package struct AuditBundle {
    private let store: any Store
    private let archive: Archive?
    private let logFolders: [String]
    private let outputs: RestoredOutputs
    private let folder: String
    private var sums: [(path: String, hash: String)] = []

    package init(
        store: any Store, archive: Archive?, logFolders: [String], outputs: RestoredOutputs = .none, folder: String
    ) {
        self.store = store
        self.archive = archive
        self.logFolders = logFolders
        self.outputs = outputs
        self.folder = folder
    }

    /// Writes the bundle; memory does not grow with it. Returns how many files it has.
    ///
    /// - Throws: `usage.notEmpty` where the folder has something in it.
    package mutating func write(progress: (String) -> Void = { _ in }) throws -> Int {
        let files = FileManager.default
        // A folder that is not there is made; one that cannot be read cannot be written into either.
        if let present = try? files.contentsOfDirectory(atPath: folder), !present.isEmpty {
            throw HearthError(
                .usageNotEmpty, "the folder is not empty", at: .file(folder, line: 0, column: 0),
                advice: "name one that is not there yet")
        }
        for part in ["journals", "objects", "manifests", "logs"] {
            try files.createDirectory(atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
        }
        progress("the chain")
        try writeChain()
        if let archive { try writeArchive(archive, progress) }
        for log in logFolders {
            guard files.fileExists(atPath: log) else { continue }
            for name in try files.contentsOfDirectory(atPath: log) where name.hasSuffix(".jsonl") {
                try copy("\(log)/\(name)", "logs/\(name)")
            }
        }
        try put(Array(Self.script.utf8), "check_chain.py")
        try put(Array(Self.readMe.utf8), "README.txt")
        let lines = sums.sorted { $0.path < $1.path }.map { "\($0.hash)  \($0.path)\n" }.joined()
        try Data(lines.utf8).write(to: URL(fileURLWithPath: folder + "/SHA256SUMS"))
        return sums.count + 1
    }

    private mutating func writeChain() throws {
        let path = folder + "/chain.jsonl"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw HearthError(
                .auditFailed, "the bundle cannot be written", at: .file(path, line: 0, column: 0),
                advice: "look at the disk, the folder's owner and mode")
        }
        var last: Int64 = 0
        var head = ChainHead.start
        while case let lines = try store.read({ try $0.chainLines(after: last, limit: 1000) }), !lines.isEmpty {
            var block = Data()
            for (sequence, line) in lines {
                last = sequence
                block.append(contentsOf: line)
                block.append(0x0A)
                head = line.withUnsafeBytes { ChainLine.head(of: $0) } ?? head
                if let manifest = AuditTrail.decoded(line)?.manifest,
                    let place = outputs.place(of: manifest.name, manifest: manifest.sha256)
                {
                    let source = place + "/manifest.json"
                    if try FileDigest.sha256(of: source) == manifest.sha256 {
                        try copy(source, "manifests/\(sequence).json")
                    }
                }
            }
            try file.write(contentsOf: block)
        }
        try file.close()
        sums.append(("chain.jsonl", try FileDigest.sha256(of: path) ?? ""))
        try put(Array("\(head)\n".utf8), "HEAD")
    }

    private mutating func writeArchive(_ archive: Archive, _ progress: (String) -> Void) throws {
        var written: Set<String> = []
        for journal in try archive.journals(of: store.read { try ArchiveStamp.known($0) ?? "" }) {
            progress("run \(journal.run)")
            try copy(journal.path, "journals/\((journal.path as NSString).lastPathComponent)")
            for hash in try ArchivedRun(journal).hashes.sorted() where written.insert(hash).inserted {
                let bytes = try archive.object(hash)
                try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/objects/\(hash)"))
                sums.append(("objects/\(hash)", hash))
            }
        }
    }

    private mutating func copy(_ source: String, _ name: String) throws {
        try FileManager.default.copyItem(atPath: source, toPath: "\(folder)/\(name)")
        sums.append((name, try FileDigest.sha256(of: "\(folder)/\(name)") ?? ""))
    }

    private mutating func put(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        sums.append((name, Digest.sha256(bytes)))
    }

    static let script = """
        import hashlib
        import sys

        previous, number = b"0" * 64, 0
        for path in sys.argv[1:]:
            for line in open(path, "rb"):
                number += 1
                stated, body = line[9:73], line[75:-1]
                if hashlib.sha256(previous + body).hexdigest().encode() != stated or not body.startswith(b'"seq":%d' % number):
                    sys.exit(f"{path}: line {number} does not follow from the line before it")
                previous = stated
        print(f"{number} lines, head {number}:{previous.decode()}")

        """

    static let readMe = """
        What Hearth did, to be checked without Hearth.

        1. The files are what was exported:        sha256sum -c SHA256SUMS
        2. The chain is unaltered:                 python3 check_chain.py chain.jsonl
           It prints the chain's head. Compare it with HEAD, and HEAD with heads that were noted elsewhere before: the chain of
           an earlier bundle must be the beginning of this one's.
        3. The same for each archived run:         python3 check_chain.py journals/0000000001.jsonl
           and for the access log:                 python3 check_chain.py logs/access-*.jsonl

        chain.jsonl has a line for each run that has ended ("run", with the whole of its record, and "journal", the head of the run's
        file in journals/), for each reconciliation ("manifest", with the SHA-256 of its manifest.json), and for where the access log
        stood now and then ("log"). A line is one JSON object:

            {"hash":"<64 hex digits>","seq":<n>, ...}

        hash is SHA-256 over the 64 hex digits of the previous line's hash (64 zeros before the first line), followed by the line's
        bytes from the 76th on, which is all that stands behind {"hash":"...",  without the newline.

        A journal names what was pulled, chunk by chunk ("chunk", with the SHA-256 that is the name of a file in objects/), and what was
        made of it ("batch"). "ended" says how many batches the store took, among them those by number ("refused") of which it kept nothing.

        """
}
