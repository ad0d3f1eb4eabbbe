import ConfigurationFiles
import Foundation
package import HeatModel
package import Mapping
package import Records

/// A mapping file as somebody would have it, read beside the others as they are. Where mapping files lie, nothing is written until it is
/// applied (``MappingFolder``).
package struct MappingDraft: Sendable {
    /// Bytes of a file.
    package static let most = 100_000

    /// Every mapping, with the draft in its place; nil where something is wrong.
    package let mappings: MappingSet?
    /// What is wrong, each with its line; the same that `hearth check` says of such a file.
    package let problems: [HearthError]
    package let stream: StreamName
    package let text: String

    /// The mapping file of a stream as it is.
    ///
    /// - Throws: `config.unreadable`.
    package static func current(_ stream: StreamName, in folder: String) throws -> String {
        let path = path(of: stream, in: folder)
        guard let data = FileManager.default.contents(atPath: path), data.count <= most,
            let text = String(data: data, encoding: .utf8)
        else {
            throw HearthError(
                .configUnreadable, "the mapping file of \(stream) cannot be read", at: .address("\(stream)"),
                advice: "write \(stream).yaml beside the other mapping files")
        }
        return text
    }

    static func path(of stream: StreamName, in folder: String) -> String {
        let name = ["yaml", "yml"].map { "\(stream).\($0)" }.first {
            FileManager.default.fileExists(atPath: "\(folder)/\($0)")
        }
        return "\(folder)/\(name ?? "\(stream).yaml")"
    }

    /// - Parameter folder: where mapping files lie.
    /// - Throws: where a folder of passage cannot be made.
    package init(_ text: String, of stream: StreamName, besides folder: String) throws {
        self.stream = stream
        self.text = text
        let files = FileManager.default
        let passing = files.temporaryDirectory.appendingPathComponent("hearth-draft-\(UUID().uuidString)").path
        try files.createDirectory(
            atPath: passing, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? files.removeItem(atPath: passing) }
        let own = (Self.path(of: stream, in: folder) as NSString).lastPathComponent
        for name in try files.contentsOfDirectory(atPath: folder) where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            if name != own { try files.copyItem(atPath: "\(folder)/\(name)", toPath: "\(passing)/\(name)") }
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(passing)/\(own)"))
        do {
            mappings = try MappingSet.load(directory: passing)
            problems = []
        } catch let errors as ConfigurationErrors {
            mappings = nil
            problems = errors.errors.map { Self.named($0, passing) }
        }
    }

    /// The same with the file's name alone: where it lay for the moment is nowhere.
    private static func named(_ error: HearthError, _ folder: String) -> HearthError {
        guard case .file(let path, let line, let column)? = error.place, path.hasPrefix(folder) else { return error }
        return HearthError(
            error.code, error.message, at: .file((path as NSString).lastPathComponent, line: line, column: column),
            advice: error.advice)
    }
}
