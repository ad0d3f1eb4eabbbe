import Foundation
import HeatModel

/// Writes by files: a request is written aside and renamed into a folder, and its receipt is read from another.
///
/// A request's file is named after its reference, `KIND-REFERENCE.json`. A receipt is `REFERENCE.ok` (its first line is the
/// number of what was made, if there is one) or `REFERENCE.error` (its text is why not). Beside the requests stands `.hearth`, where
/// a mark is kept of each that was begun: what has no mark was never put there. Without a folder of receipts a request is done once it
/// lies in the folder.
struct FileSink: ActionSink {
    var folder: String
    var receipts: String?
    var kinds: Set<ActionKind>
    let longestCall = 30

    private func name(_ letter: ActionLetter) -> String { "\(letter.kind.rawValue)-\(letter.reference).json" }
    private func path(_ letter: ActionLetter) -> String { folder + "/" + name(letter) }
    private func aside(_ letter: ActionLetter) -> String { folder + "/." + name(letter) + ".part" }
    private func mark(_ letter: ActionLetter) -> String { folder + "/.hearth/" + letter.reference }

    func send(_ letter: ActionLetter) -> SendOutcome {
        let files = FileManager.default
        do {
            guard kinds.contains(letter.kind) else { return .notSent(ActionErrors.unknownKind(letter.kind)) }
            try files.createDirectory(atPath: folder + "/.hearth", withIntermediateDirectories: true)
            // In this order: a mark without what it marks would look like a request that was taken.
            try Self.write(Self.content(letter), to: aside(letter))
            try Self.write([], to: mark(letter))
            Self.sync(folder: folder + "/.hearth")
        } catch {
            return .notSent(failure("the request's file cannot be written", error))
        }
        // From here on somebody may have taken it.
        guard rename(aside(letter), path(letter)) == 0 else {
            let reason = String(cString: strerror(errno))
            return .notSent(failure("the request's file cannot be renamed: \(reason)", nil))
        }
        Self.sync(folder: folder)
        if receipts == nil { return .confirmed(id: nil, words: nil) }
        return .unclear(ActionErrors.noProof("the request lies in the folder; its receipt is awaited"))
    }

    func probe(_ letter: ActionLetter) -> ProbeOutcome {
        do {
            if let receipts {
                if let text = try text(of: receipts + "/" + letter.reference + ".ok") {
                    let id = text.split(separator: "\n").first.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
                    return .found(ids: [id])
                }
                if let text = try text(of: receipts + "/" + letter.reference + ".error") {
                    return .refused(words: text)
                }
            }
        } catch {
            return .failed(failure("the receipt cannot be read", error))
        }
        let files = FileManager.default
        guard files.fileExists(atPath: folder) else {
            return .failed(failure("the folder of requests is not there", nil))
        }
        let wasPutThere = files.fileExists(atPath: mark(letter)) && !files.fileExists(atPath: aside(letter))
        if !wasPutThere { return .absent(asOf: nil) }
        if receipts == nil { return .found(ids: []) }
        return .failed(ActionErrors.noProof("there is no receipt yet"))
    }

    /// `{"kind":…,"reference":…,…}`
    private static func content(_ letter: ActionLetter) throws -> [UInt8] {
        var object = letter.texts
        object["kind"] = letter.kind.rawValue
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(object)) + [0x0A]
    }

    /// On the disk before it returns.
    private static func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.synchronize()
        try handle.close()
    }

    private static func sync(folder: String) {
        let descriptor = open(folder, O_RDONLY)
        if descriptor < 0 { return }
        fsync(descriptor)
        close(descriptor)
    }

    private func text(of path: String) throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        return SystemWords.clean(String(decoding: data.prefix(4096), as: UTF8.self))
    }

    private func failure(_ message: String, _ cause: (any Error)?) -> HearthError {
        HearthError(
            .actionFileFailed, message, at: .file(folder, line: 0, column: 0),
            advice: "look at the folder and its permissions", cause: cause)
    }
}
