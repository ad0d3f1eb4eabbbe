import Foundation

/// The repository as files.
enum House {
    struct File {
        /// From the repository's root.
        var path: String
        var text: String
        var name: String { String(path.split(separator: "/").last ?? "") }
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The Swift files of a folder of the repository, in order.
    static func sources(_ folder: String = "Sources") throws -> [File] {
        let top = root.appendingPathComponent(folder)
        guard let names = FileManager.default.enumerator(atPath: top.path) else { return [] }
        return try names.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            let text = try String(contentsOf: top.appendingPathComponent(name), encoding: .utf8)
            return File(path: folder + "/" + name, text: text)
        }
    }
}
