import Foundation

/// Package.swift as SwiftPM reads it.
struct Manifest: Decodable {
    struct Target: Decodable {
        struct Dependency: Decodable {
            var name: String

            init(from decoder: any Decoder) throws {
                let body = try decoder.singleValueContainer().decode([String: [Parameter?]].self)
                name = body.values.first?.first??.text ?? ""
            }

            /// A name, or a condition, which no dependency here has.
            private struct Parameter: Decodable {
                var text: String?
                init(from decoder: any Decoder) throws {
                    text = try? decoder.singleValueContainer().decode(String.self)
                }
            }
        }

        var name: String
        var type: String
        var path: String?
        var dependencies: [Dependency]

        var isRoom: Bool { type == "regular" || type == "executable" }
        var declared: [String] { dependencies.map(\.name) }
    }

    var targets: [Target]

    static func load() throws -> Manifest {
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("manifest-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: output) }
        let file = output.appendingPathComponent("manifest.json")
        FileManager.default.createFile(atPath: file.path, contents: nil)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // A scratch folder of its own: the tests' run holds the lock of the other. All targets, whatever is being tested.
        process.arguments = [
            "swift", "package", "--package-path", House.root.path, "--scratch-path",
            output.appendingPathComponent("scratch").path, "dump-package",
        ]
        process.environment = ProcessInfo.processInfo.environment.filter { $0.key != "HEARTH_TESTS" }
        let handle = try FileHandle(forWritingTo: file)
        process.standardOutput = handle
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try handle.close()
        return try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: file))
    }
}
