import Foundation
import HeatModel
import Synchronization

/// A certificate authority made for one test process, with a server's certificate (`localhost`, `127.0.0.1`) and a client's,
/// and a second authority that signed neither. Made by the `openssl` program; gone with the process's temporary folder.
package final class TestCertificates: Sendable {
    /// The folder of the PEM files.
    package let directory: String
    package var authority: String { directory + "/ca.crt" }
    package var otherAuthority: String { directory + "/other.crt" }
    package var serverCertificate: String { directory + "/server.crt" }
    package var serverKey: String { directory + "/server.key" }
    package var clientCertificate: String { directory + "/client.crt" }
    package var clientKey: String { directory + "/client.key" }

    /// The one set of this process.
    /// - Throws: ``HearthError`` `source.unreachable` where `openssl` is not installed or fails.
    package static func shared() throws -> TestCertificates {
        try made.withLock { made in
            if let made { return made }
            let new = try TestCertificates()
            made = new
            return new
        }
    }

    private static let made = Mutex<TestCertificates?>(nil)

    private init() throws {
        directory =
            FileManager.default.temporaryDirectory.appendingPathComponent("hearth-tls-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let folder = directory
        removeAtExit(folder)
        let script = """
            set -e
            cd "$1"
            umask 022
            key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null ||
                openssl ecparam -name prime256v1 -genkey -noout -out "$1"; chmod 644 "$1"; }
            for ca in ca other; do
                key $ca.key
                openssl req -x509 -new -key $ca.key -days 30 -subj "/CN=hearth test $ca" -out $ca.crt
            done
            sign() { key $1.key
                openssl req -new -key $1.key -subj "/CN=$1" -out $1.csr
                printf '%s\\n' "$2" >$1.ext
                openssl x509 -req -in $1.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile $1.ext -out $1.crt; }
            sign server 'subjectAltName=DNS:localhost,IP:127.0.0.1'
            sign client 'extendedKeyUsage=clientAuth'
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, "sh", directory]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw HearthError(
                .sourceUnreachable, "openssl could not make the tests' certificates",
                advice: "install it: apt-get install openssl")
        }
    }
}

/// Folders to remove when the process ends.
private let leftovers = Mutex<[String]>([])

func removeAtExit(_ folder: String) {
    let isFirst = leftovers.withLock { folders in
        folders.append(folder)
        return folders.count == 1
    }
    guard isFirst else { return }
    atexit { for folder in leftovers.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: folder) } }
}
