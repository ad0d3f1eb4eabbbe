import Audit
import Evidence
import Foundation
import HeatModel
import SQLiteStore
import Store

/// What reconciliations wrote: an auditor's evidence, which the chain vouches for wherever it lies.
extension Backup {
    static let outputsName = "reconciliation"

    /// A folder with a manifest, and its name in the folder of outputs of the backup; empty for that folder itself.
    private struct Output {
        var path: String
        var name: String
    }

    /// Copies each output that the chain knows, and those of the workspace that it does not; of each the manifest and the files that it
    /// names. What lies outside of the workspace's folder comes in folders `elsewhere-1`, `elsewhere-2`; ``RestoredOutputs`` tells which.
    ///
    /// - Parameter known: the manifests that the copied store's chain knows.
    func writeOutputs(_ known: [String: String], into folder: String, _ manifest: inout BackupManifest) throws {
        let (outputs, names) = try outputs(known)
        for output in outputs {
            if isCancelled() { throw Self.cancelled }
            try write(output, into: folder, &manifest)
        }
        if names.isEmpty { return }
        try write(
            RestoredOutputs.form(names), as: "\(Self.outputsName)/\(RestoredOutputs.fileName)", into: folder, &manifest)
    }

    private func write(_ output: Output, into folder: String, _ manifest: inout BackupManifest) throws {
        let path = output.path + "/manifest.json"
        let bytes: Data
        do { bytes = try Data(contentsOf: URL(fileURLWithPath: path)) } catch { throw Self.notReadable(path, error) }
        let name = output.name.isEmpty ? Self.outputsName : "\(Self.outputsName)/\(output.name)"
        // What is no manifest any more, or names other files than its own, is copied as it is: a restore tells of it.
        let files = (try? JSONDecoder().decode(OutputManifest.self, from: bytes))?.files ?? []
        var isWhole = !files.isEmpty
        for file in files where !file.name.contains("/") && !file.name.hasPrefix(".") && file.name != "manifest.json" {
            let listed = try Self.list(
                "\(output.path)/\(file.name)", as: "\(name)/\(file.name)", leavingOut: &manifest.leftOut)
            for one in listed { try write(one, into: folder, &manifest) }
            if listed.isEmpty || manifest.files.last?.sha256 != file.sha256 { isWhole = false }
        }
        try write(Array(bytes), as: "\(name)/manifest.json", into: folder, &manifest)
        if !isWhole {
            tell(
                "the reconciliation in \(output.path) is not what its manifest says, and is copied as it is: where one was at work just now, back up again"
            )
        }
    }

    /// The outputs that are there, and the name of each that the chain knows, by the folder that the chain names.
    private func outputs(_ known: [String: String]) throws -> ([Output], names: [String: String]) {
        let files = FileManager.default
        let top = URL(fileURLWithPath: outputFolder).standardizedFileURL.path
        var paths: [String: String] = [:]
        for (written, sha256) in known { paths[written] = restored.place(of: written, manifest: sha256) }
        var own: [String] = []
        if files.fileExists(atPath: top) {
            do { own = try files.contentsOfDirectory(atPath: top).map { "\(top)/\($0)" } } catch {
                throw Self.notReadable(top, error)
            }
        }
        var names: [String: String] = [:]
        var strangers: [String] = []
        for path in Set(paths.values).union([top] + own).sorted()
        where files.fileExists(atPath: path + "/manifest.json") {
            if path == top {
                names[path] = ""
            } else if path.hasPrefix(top + "/") {
                names[path] = String(path.dropFirst(top.count + 1))
            } else {
                strangers.append(path)
            }
        }
        var taken = Set(names.values)
        var number = 0
        for path in strangers {
            repeat { number += 1 } while !taken.insert("elsewhere-\(number)").inserted
            names[path] = "elsewhere-\(number)"
        }
        return (
            names.sorted { $0.key < $1.key }.map { Output(path: $0.key, name: $0.value) },
            paths.compactMapValues { names[$0] }
        )
    }
}
