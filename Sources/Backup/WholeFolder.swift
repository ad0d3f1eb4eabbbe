import Foundation
import HeatModel

/// A folder that is there wholly or not at all: it is filled beside its name, and given it at the end.
enum WholeFolder {
    /// Behind the name of a folder that is being filled.
    static let suffix = ".part"

    /// - Throws: `backup.notWritable`, and what `fill` throws. What was written is removed then; where it cannot be, that is said.
    static func make<Result>(_ folder: String, _ fill: (_ part: String) throws -> Result) throws -> Result {
        let files = FileManager.default
        let part = folder + suffix
        do {
            if files.fileExists(atPath: part) { try files.removeItem(atPath: part) }
            try files.createDirectory(
                atPath: part, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw HearthError(
                .backupNotWritable, "the folder cannot be made", at: .file(part, line: 0, column: 0),
                advice: "name a folder that you may write to", cause: error)
        }
        do {
            let result = try fill(part)
            if rename(part, folder) != 0 {
                throw HearthError(
                    .backupNotWritable, "the folder cannot be given its name: \(String(cString: strerror(errno)))",
                    at: .file(folder, line: 0, column: 0))
            }
            return result
        } catch {
            do { try files.removeItem(atPath: part) } catch let left {
                guard var first = error as? HearthError else { throw error }
                first.message += "; what was written of it, \(part), cannot be removed (\(left))"
                throw first
            }
            throw error
        }
    }

    /// Whether a path, which need not be there, lies in a folder or is it.
    static func isInside(_ path: String, _ folder: String) -> Bool {
        let (inner, outer) = (real(path), real(folder))
        return inner == outer || inner.hasPrefix(outer == "/" ? outer : outer + "/")
    }

    /// Without links, as far as it is there.
    private static func real(_ path: String) -> String {
        var present = URL(fileURLWithPath: path).standardizedFileURL.path
        var rest: [String] = []
        while true {
            if let found = realpath(present, nil) {
                defer { free(found) }
                return ([String(cString: found)] + rest).joined(separator: "/").replacing("//", with: "/")
            }
            if present == "/" { return "/" + rest.joined(separator: "/") }
            rest.insert((present as NSString).lastPathComponent, at: 0)
            present = (present as NSString).deletingLastPathComponent
        }
    }
}
