import Crypto
import Foundation
package import HeatModel

/// Outputs of reconciliations where they were written: a folder that is one itself, or has some in it, or both.
///
/// Only what a manifest vouches for is given out: a file that is another than its manifest says is told, and not shown.
package struct KeptOutputs: Sendable {
    package struct File: Sendable, Hashable {
        package var name: String
        package var bytes: Int64
        package var sha256: String
    }

    /// One output. Its manifest was written last, so that there is nothing half of it.
    package struct Output: Sendable {
        /// Name of its folder; ``itself`` for the folder that was named.
        package var name: String
        /// Where it lies.
        var folder: String
        package var writtenAt: Instant
        package var asOfRun: Int64
        package var season: String?
        package var files: [File]
        /// SHA-256 of `manifest.json`: what `hearth reconcile` told, and a line of the store's chain.
        package var manifest: String
        /// That of the reconciliation that it follows.
        package var previous: String?
        let known: KnownFiles
    }

    package static let itself = "."
    private static let mostManifest = 16 << 20

    /// As it was named; it need not be there.
    package let folder: String
    private let known = KnownFiles()

    package init(folder: String) { self.folder = folder }

    /// What there is.
    package struct Listing: Sendable {
        /// The newest first.
        package var outputs: [Output] = []
        /// Names of folders whose manifest cannot be read: whatever they hold, no figure of it is given out.
        package var broken: [String] = []
    }

    /// - Throws: `usage.unreadable` where there is a folder that cannot be listed.
    package func all() throws -> Listing {
        var listing = Listing()
        for name in [Self.itself] + (try names()).sorted() {
            do {
                if let output = try output(name) { listing.outputs.append(output) }
            } catch { listing.broken.append(name) }
        }
        listing.outputs.sort { ($0.writtenAt.microseconds, $1.name) > ($1.writtenAt.microseconds, $0.name) }
        return listing
    }

    /// None where the folder is not there yet.
    private func names() throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
        } catch {
            throw HearthError(
                .usageUnreadable, "the folder of reconciliations cannot be listed", at: .address("reconciliation"),
                advice: "let the server's user read it", cause: error)
        }
    }

    /// - Throws: `usage.unknownOutput` where the folder has none of this name, `usage.alteredOutput` where its manifest is none.
    package func output(named name: String) throws -> Output {
        // A name is one of the folder's, whatever it says of paths.
        if try name == Self.itself || names().contains(name), let found = try output(name) { return found }
        throw HearthError(
            .usageUnknownOutput, "there is no such output of a reconciliation", at: .address("reconciliation"),
            advice: "choose one from the list")
    }

    /// Nil where there is no manifest.
    private func output(_ name: String) throws -> Output? {
        let place = name == Self.itself ? folder : "\(folder)/\(name)"
        let path = place + "/manifest.json"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let (facts, data, manifest): ([FileAttributeKey: Any], Data, Manifest)
        do {
            facts = try FileManager.default.attributesOfItem(atPath: path)
            guard (facts[.size] as? Int ?? .max) <= Self.mostManifest else { throw CocoaError(.fileReadTooLarge) }
            data = try Data(contentsOf: URL(fileURLWithPath: path))
            manifest = try JSONDecoder().decode(Manifest.self, from: data)
        } catch {
            throw HearthError(
                .usageAlteredOutput, "manifest.json: the file is no manifest", at: .address("reconciliation"),
                advice: "take no figure from it; reconcile again into another folder, and find out who changed it",
                cause: error)
        }
        return Output(
            name: name, folder: place,
            writtenAt: Instant(
                microseconds: Int64(((facts[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0) * 1_000_000),
                offsetMinutes: 0),
            asOfRun: manifest.asOfRun, season: manifest.season,
            // Files of the folder itself, whatever a manifest names.
            files: manifest.files.filter { !$0.name.contains("/") && !$0.name.hasPrefix(".") }
                .map { File(name: $0.name, bytes: $0.bytes, sha256: $0.sha256) },
            manifest: hexadecimal(SHA256.hash(data: data)), previous: manifest.previous, known: known)
    }
}

extension KeptOutputs.Output {
    /// What it came to.
    ///
    /// - Throws: `usage.unreadable`, `usage.alteredOutput`.
    package func summary() throws -> Summary {
        if let file = files.first(where: { $0.name == "summary.json" }), let summary = known.summary(of: file.sha256),
            try known.sha256(of: "\(folder)/\(file.name)") == file.sha256
        {
            return summary
        }
        let bytes = try contents(of: "summary.json", most: 1 << 26)
        do {
            let summary = try JSONDecoder().decode(Summary.self, from: Data(bytes))
            known.note(summary, of: hexadecimal(SHA256.hash(data: bytes)))
            return summary
        } catch { throw altered("summary.json", "the file is no summary", error) }
    }

    /// A file, as its manifest has it.
    ///
    /// - Throws: `usage.unknownOutput`, `usage.unreadable`, `usage.outputTooLarge`, `usage.alteredOutput`.
    package func contents(of name: String, most: Int64) throws -> [UInt8] {
        guard let file = files.first(where: { $0.name == name }) else {
            throw HearthError(
                .usageUnknownOutput, "the output has no such file", at: .address("reconciliation"),
                advice: "choose one from the list")
        }
        if file.bytes > most {
            throw HearthError(
                .usageOutputTooLarge, "\(name) has \(file.bytes) bytes, more than are sent at once",
                at: .address("reconciliation"), advice: "copy it from the folder where it was written")
        }
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { throw unreadable(name) }
        if hexadecimal(SHA256.hash(data: data)) != file.sha256 {
            throw altered(name, "the file is not what its manifest says")
        }
        return Array(data)
    }

    /// The path of a file that is what its manifest says.
    func path(of name: String) throws -> String {
        guard let file = files.first(where: { $0.name == name }) else { throw unreadable(name) }
        let path = "\(folder)/\(name)"
        guard let digest = try known.sha256(of: path) else { throw unreadable(name) }
        if digest != file.sha256 { throw altered(name, "the file is not what its manifest says") }
        return path
    }

    // A folder's path is the machine's own business: only the name of the file is told.
    private func unreadable(_ name: String) -> HearthError {
        HearthError(
            .usageUnreadable, "\(name) cannot be read", at: .address("reconciliation"),
            advice: "reconcile again: the file is gone or may not be read")
    }

    private func altered(_ name: String, _ why: String, _ cause: (any Error)? = nil) -> HearthError {
        HearthError(
            .usageAlteredOutput, "\(name): \(why)", at: .address("reconciliation"),
            advice: "take no figure from it; reconcile again into another folder, and find out who changed it",
            cause: cause)
    }
}

extension Comparison {
    /// Compares two outputs that are what their manifests say.
    ///
    /// - Throws: `usage.unreadable`, `usage.alteredOutput`, `usage.badOutput`.
    package static func run(
        _ before: KeptOutputs.Output, _ after: KeptOutputs.Output, isWanted: (Kind) -> Bool,
        onDifference: (Difference) throws -> Void
    ) throws -> Counts {
        try run(
            try before.path(of: "findings.csv"), try after.path(of: "findings.csv"), isWanted: isWanted,
            onDifference: onDifference)
    }
}

/// The SHA-256 of a file, read through a buffer, and how long it is.
struct FileDigest {
    var sha256: String
    var bytes: Int64 = 0

    /// - Returns: nil where the file cannot be opened.
    init?(of path: String) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        var hasher = SHA256()
        while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty {
            hasher.update(data: part)
            bytes += Int64(part.count)
        }
        try handle.close()
        sha256 = hexadecimal(hasher.finalize())
    }
}
