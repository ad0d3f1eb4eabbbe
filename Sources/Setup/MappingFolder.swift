import Audit
import Foundation
import Glibc
import HeatModel
package import Records

/// The folder of mapping files, where one is replaced.
package struct MappingFolder: Sendable {
    /// The subfolder in which former contents of files are kept, under their names and the beginning of their SHA-256.
    package static let history = "history"

    let path: String

    package init(_ path: String) { self.path = path }

    /// The mapping file of a stream, and its SHA-256 as 64 hex digits.
    ///
    /// - Throws: `config.unreadable`.
    package func current(_ stream: StreamName) throws -> (text: String, digest: String) {
        let text = try MappingDraft.current(stream, in: path)
        return (text, Self.digest(text))
    }

    package static func digest(_ text: String) -> String { Digest.sha256(Array(text.utf8)) }

    /// Puts a draft in the place of its stream's file, whose former content is kept. A reader finds the one or the other, whole.
    ///
    /// Nobody else who does the same is in between; an editor may be, within the instant from the look at the file to the new one.
    ///
    /// - Parameter digest: of the file as it was when the draft was made of it.
    /// - Returns: the name under which the former content is kept, beside the file.
    /// - Throws: `config.changedMeanwhile`, `config.notWritten`, `config.unreadable`.
    package func apply(_ draft: MappingDraft, ifStill digest: String) throws -> String {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0, flock(folder, LOCK_EX) == 0 else { throw failure("the folder cannot be held", draft.stream) }
        defer { close(folder) }
        let former = try current(draft.stream)
        guard former.digest == digest else {
            throw HearthError(
                .configChangedMeanwhile, "the mapping file of \(draft.stream) has changed since it was shown",
                at: .address("\(draft.stream)"), advice: "look at it as it is now, and make the change in that")
        }
        let file = MappingDraft.path(of: draft.stream, in: path)
        let name = "\(draft.stream)-\(former.digest.prefix(12)).yaml"
        let past = "\(path)/\(Self.history)"
        if mkdir(past, 0o755) != 0, errno != EEXIST { throw failure("its history has no folder", draft.stream) }
        try write(former.text, as: "\(past)/\(name)", like: file, draft.stream)
        try write(draft.text, as: file, like: file, draft.stream)
        fsync(folder)
        return "\(Self.history)/\(name)"
    }

    /// Writes a file whole, or leaves what is there.
    private func write(_ text: String, as file: String, like other: String, _ stream: StreamName) throws {
        var rights = stat()
        guard stat(other, &rights) == 0 else { throw failure("it cannot be looked at", stream) }
        let part = file + ".part-\(getpid())"
        let descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, rights.st_mode & 0o777)
        guard descriptor >= 0 else { throw failure("no file can be made beside it", stream) }
        var bytes = Array(text.utf8)[...]
        var isWhole = true
        while isWhole, !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { bytes = bytes.dropFirst(count) } else { isWhole = count < 0 && errno == EINTR }
        }
        isWhole = isWhole && fsync(descriptor) == 0
        isWhole = close(descriptor) == 0 && isWhole
        guard isWhole, rename(part, file) == 0 else {
            let error = failure("it cannot be written", stream)
            unlink(part)
            throw error
        }
    }

    private func failure(_ what: String, _ stream: StreamName) -> HearthError {
        HearthError(
            .configNotWritten, "the mapping file of \(stream): \(what) (\(String(cString: strerror(errno))))",
            at: .address("\(stream)"), advice: "let the server's user write the folder of mapping files, or put the text there by hand")
    }
}
