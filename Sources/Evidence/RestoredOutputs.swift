import Audit
import Foundation
import HeatModel

/// Where outputs of reconciliations lie that came back from a backup. The chain names the folder that each was written to, on whatever
/// machine; `restored.json`, a part of the backup, says which folder beside it holds it now.
package struct RestoredOutputs: Sendable {
    package static let fileName = "restored.json"

    /// Nothing came back: each output is where it was written.
    package static let none = RestoredOutputs(folder: "", names: [:], isAlone: false)

    private let folder: String
    /// The folder as the chain names it, and its name in ``folder``.
    private let names: [String: String]
    /// Whether what did not come back is nowhere.
    private let isAlone: Bool

    private init(folder: String, names: [String: String], isAlone: Bool) {
        self.folder = folder
        self.names = names
        self.isAlone = isAlone
    }

    /// - Parameters:
    ///   - folder: that of the outputs; it need not be there.
    ///   - isAlone: looks at nothing outside of it: who restores beside a workspace asks for what the backup holds, not for what has been
    ///     written since.
    /// - Throws: `audit.failed` where `restored.json` cannot be read.
    package init(_ folder: String, isAlone: Bool = false) throws {
        let path = "\(folder)/\(Self.fileName)"
        guard FileManager.default.fileExists(atPath: path) else {
            self.init(folder: folder, names: [:], isAlone: isAlone)
            return
        }
        do {
            let names = try JSONDecoder().decode(
                [String: String].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
            self.init(folder: folder, names: names, isAlone: isAlone)
        } catch {
            throw HearthError(
                .auditFailed, "it cannot be told where restored reconciliations lie",
                at: .file(path, line: 0, column: 0), advice: "restore the file from the backup once more", cause: error)
        }
    }

    package static func form(_ names: [String: String]) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return Array(try encoder.encode(names)) + [0x0A]
    }

    /// Where to look for an output: what came back, as long as it is the one that the chain knows last; else where it was written. Nil
    /// where it is nowhere.
    package func place(of written: String, manifest sha256: String) -> String? {
        guard let name = names[written] else { return isAlone ? nil : written }
        let restored = name.isEmpty ? folder : "\(folder)/\(name)"
        let bytes = FileManager.default.contents(atPath: restored + "/manifest.json")
        return isAlone || bytes.map({ Digest.sha256(Array($0)) }) == sha256 ? restored : written
    }
}

/// What an output's `manifest.json` says of the files beside it.
package struct OutputManifest: Decodable {
    package struct File: Decodable {
        package var name: String
        package var sha256: String
    }
    package var files: [File]
}
