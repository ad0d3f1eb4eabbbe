import Glibc
import HeatModel

/// The folder that a sender puts files into. It is only ever read.
struct DropFolder {
    let stream: CSVStream

    /// A file that may be read.
    struct ReadyFile {
        var name: String
        var path: String
        /// Where readiness comes by manifest.
        var manifestPath: String?
    }

    /// The stream's complete files, by name.
    func readyFiles() throws -> [ReadyFile] {
        let names = try list()
        let present = Set(names)
        let pattern = GlobPattern(text: stream.pattern)
        return names.filter { pattern.matches($0) && !isAside($0) }.sorted().compactMap { name in
            let path = "\(stream.folder)/\(name)"
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            switch stream.readiness {
            case .renamed: return ReadyFile(name: name, path: path)
            case .doneMarker(let suffix):
                return present.contains(name + suffix) ? ReadyFile(name: name, path: path) : nil
            case .manifest:
                guard present.contains(name + Self.manifestSuffix) else { return nil }
                return ReadyFile(name: name, path: path, manifestPath: path + Self.manifestSuffix)
            case .stable(let seconds):
                let touched = max(status.st_mtim.tv_sec, status.st_ctim.tv_sec)
                return time(nil) - touched >= seconds ? ReadyFile(name: name, path: path) : nil
            }
        }
    }

    static let manifestSuffix = ".manifest"

    /// Names that belong to a file still being written, or to another file.
    private func isAside(_ name: String) -> Bool {
        if name.hasPrefix(".") || name.hasSuffix(".tmp") || name.hasSuffix(".part") { return true }
        switch stream.readiness {
        case .doneMarker(let suffix): return name.hasSuffix(suffix)
        case .manifest: return name.hasSuffix(Self.manifestSuffix)
        default: return false
        }
    }

    private func list() throws -> [String] {
        guard let folder = opendir(stream.folder) else { throw FileReader.failure(stream.folder, errno) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }
}
