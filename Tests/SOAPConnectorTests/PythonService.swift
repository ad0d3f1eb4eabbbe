import Foundation
import HearthTesting
import Testing

/// A service in Python beside this file, on a port of its own. It ends when its standard input closes, so also when the tests die.
final class PythonService: Sendable {
    let port: Int
    private let input: FileHandle

    /// A real SOAP implementation, Spyne's.
    static let dispatch = Result { try PythonService(dispatchScript) }
    static let dispatchScript = "dispatch_service.py"
    /// A server that answers wrongly.
    static let faults = Result { try PythonService("fault_server.py") }
    /// Spyne's under TLS, with a client certificate wanted.
    static let secured = Result { try secured(at: "127.0.0.1") }
    /// The same at an address that its certificate does not name.
    static let misnamed = Result { try secured(at: "127.0.0.2") }

    private static func secured(at address: String) throws -> PythonService {
        let tls = try TestCertificates.shared()
        return try PythonService("dispatch_service.py", [tls.serverCertificate, tls.serverKey, tls.authority, address])
    }

    init(_ script: String, _ arguments: [String] = []) throws {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let setUp = Process()
        setUp.executableURL = here.deletingLastPathComponent().appendingPathComponent("tools/python-env.sh")
        let found = Pipe()
        setUp.standardOutput = found
        try setUp.run()
        let python = String(decoding: found.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        setUp.waitUntilExit()
        try #require(setUp.terminationStatus == 0)

        let process = Process()
        process.executableURL = URL(fileURLWithPath: python.trimmingCharacters(in: .whitespacesAndNewlines))
        process.arguments = [here.appendingPathComponent("Services/\(script)").path] + arguments
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        self.input = input.fileHandleForWriting
        var line = ""
        while !line.hasSuffix("\n") {
            let part = output.fileHandleForReading.availableData
            try #require(!part.isEmpty, "\(script) did not start")
            line += String(decoding: part, as: UTF8.self)
        }
        port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    func address(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }
}
