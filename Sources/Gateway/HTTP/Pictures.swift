import Answers
import Foundation
import HeatModel
import Triage

/// The pictures of first checks. They are shown to customers, so no token is needed, and nothing but what the rules name is served.
enum Pictures {
    static let path = "/v1/pictures/"

    /// - Throws: `config.unreadable` where a picture cannot be read.
    static func mounts(_ rules: TriageRules?, besides configuration: String) throws -> [String: Mount] {
        let folder = URL(fileURLWithPath: configuration).deletingLastPathComponent().appendingPathComponent("pictures")
        return try Set((rules?.checks ?? []).compactMap(\.picture)).reduce(into: [:]) { mounts, name in
            let file = folder.appendingPathComponent(name)
            guard let data = FileManager.default.contents(atPath: file.path) else {
                throw HearthError(
                    .configUnreadable, "the picture cannot be read", at: .file(file.relativePath, line: 0, column: 0))
            }
            let bytes = [UInt8](data)
            let tag = bytes.withUnsafeBytes { ContentTag.of($0, seed: 0) }
            mounts[path + name] = Mount(scopes: []) { _ in
                var answer = Answer(.svg, bytes)
                answer.tag = tag
                return answer
            }
        }
    }
}
