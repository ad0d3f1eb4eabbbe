import Foundation

/// Shows that a file has been replaced or written to.
struct FileVersion: Equatable, Sendable {
    private var modified: Date
    private var size: Int64
    private var number: UInt64

    /// Nil where there is no such file.
    init?(path: String) {
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: resolved),
            let modified = attributes[.modificationDate] as? Date
        else { return nil }
        self.modified = modified
        size = (attributes[.size] as? NSNumber)?.int64Value ?? 0
        number = (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0
    }
}
