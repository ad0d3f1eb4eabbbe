import ConfigurationFiles
import Foundation
import HeatModel
public import Records

/// Every mapping file of a directory, and the view that they make together.
public struct MappingSet: Sendable {
    public let files: [StreamName: MappingFile]
    public let unified: UnifiedView

    /// Reads `*.yaml` and `*.yml`; `unified.yaml` is the view, every other file maps one stream.
    ///
    /// - Throws: ``ConfigurationErrors`` with every problem of every file.
    public static func load(directory: String) throws -> MappingSet {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw ConfigurationErrors([
                HearthError(
                    .configUnreadable, "the directory of mapping files cannot be read",
                    at: .file(directory, line: 0, column: 0), advice: "run \(.initialize), or name the right directory",
                    cause: error)
            ])
        }
        var problems: [HearthError] = []
        var files: [StreamName: MappingFile] = [:]
        var broken: Set<StreamName> = []
        for name in names.sorted() where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            if name == unifiedName { continue }
            let path = (directory as NSString).appendingPathComponent(name)
            var reader = MappingFileReader(path: path)
            let file = reader.read()
            problems += reader.problems
            if let stem = name.range(of: ".", options: .backwards),
                let stream = StreamName(String(name[..<stem.lowerBound]))
            {
                if !reader.problems.isEmpty { broken.insert(stream) }
            }
            guard let file else { continue }
            if !name.hasPrefix("\(file.stream).") {
                problems.append(
                    HearthError(
                        .configBadValue, "the file maps \(file.stream) but is not named after it",
                        at: .file(path, line: 0, column: 0), advice: "name it \(file.stream).yaml"))
            } else if reader.problems.isEmpty {
                files[file.stream] = file
            }
        }
        var reader = UnifiedViewReader(
            path: (directory as NSString).appendingPathComponent(unifiedName), files: files, broken: broken)
        let unified = reader.read()
        problems += reader.problems
        guard let unified, problems.isEmpty else { throw ConfigurationErrors(problems) }
        return MappingSet(files: files, unified: unified)
    }

    private static let unifiedName = "unified.yaml"
}
