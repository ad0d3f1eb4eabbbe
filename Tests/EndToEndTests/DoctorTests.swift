import Foundation
import HearthTesting
import LegacyEstate
import SQLiteStore
import TestTraits
import Testing

/// `hearth doctor` over a workspace, well and ill.
@Suite(.waitsForServers) struct DoctorTests {
    private struct Finding: Decodable {
        var subject: String
        var verdict: String
        var detail: String
        var advice: String?
    }

    private func ask(_ site: Site, _ more: String...) async throws -> (status: Int32, found: [Finding]) {
        let ending = try await Program.run(
            ["doctor", "--json"] + more, environment: site.environment, directory: site.folder)
        return (ending.status, try JSONDecoder().decode([Finding].self, from: Data(ending.output.utf8)))
    }

    private func shell(_ arguments: [String], in site: Site) async throws {
        let ending = try await Program.run(
            Array(arguments.dropFirst()), executable: arguments[0], environment: [:], directory: site.folder)
        #expect(ending.status == 0, "\(ending.errors)")
    }

    @Test(.ofTheStoresFile) func whatIsIllIsNamed() async throws {
        try await Site.with(EstateOptions(accounts: 60, seed: 3, city: .tianjin)) { site in
            // Before anything is there: the store is missed, and nothing is made.
            let before = try await ask(site)
            #expect(before.status == 2)
            #expect(
                before.found.contains {
                    $0.subject == "store" && $0.verdict == "failed" && $0.detail.contains("store.missing")
                })
            #expect(!FileManager.default.fileExists(atPath: site.storePath))

            #expect(try await site.hearth("sync").status < 2)
            var (_, found) = try await ask(site)
            func verdicts(_ subject: String) -> [String] { found.filter { $0.subject == subject }.map(\.verdict) }
            // Its pages, and its mode: a store is its owner's alone.
            #expect(verdicts("store") == ["ok", "ok"], "\(found)")
            #expect(
                verdicts("tokens") == ["warning"] && verdicts("access log") == ["ok"] && verdicts("archive") == ["ok"])
            #expect(!found.contains { $0.verdict == "failed" }, "\(found)")
            // Nobody said where backups lie.
            #expect(verdicts("backups") == ["warning"], "\(found)")

            // A token that ends, a store that all may read, a certificate that ends, a backup and half of one.
            #expect(
                try await site.hearth("token", "create", "--name", "hotline", "--scope", "assistant", "--days", "3")
                    .status == 0)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: site.storePath)
            try await shell(
                [
                    "/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "5", "-subj",
                    "/CN=localhost",
                    "-keyout", "key.pem", "-out", "cert.pem",
                ], in: site)
            try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: site.folder + "/key.pem")
            let file = URL(fileURLWithPath: site.folder + "/Config/hearth.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            let tls = "  tls: {certificates: \(site.folder)/cert.pem, key: \(site.folder)/key.pem}\n"
            let (head, tail) = try #require(
                text.range(of: "\nserve:[^\n]*\n", options: .regularExpression).map {
                    (text[..<$0.upperBound], text[$0.upperBound...])
                })
            // The same file is what a source trusts.
            let sql = "\n    sql:\n"
            #expect(text.contains(sql))
            try (head + tls + tail).replacing(
                sql, with: sql + "      sslRootCertificate: ../cert.pem\n", maxReplacements: 1
            )
            .write(to: file, atomically: true, encoding: .utf8)
            #expect(try await site.hearth("backup", "backups/one").status == 0)
            try FileManager.default.createDirectory(
                atPath: site.folder + "/backups/half", withIntermediateDirectories: true)
            (_, found) = try await ask(site, "--backups", "backups", "--deep")
            #expect(
                found.contains {
                    $0.subject.hasPrefix("token ") && $0.detail.contains("hotline") && $0.verdict == "warning"
                })
            #expect(
                verdicts("store").sorted() == ["ok", "warning"] && verdicts("certificate") == ["warning"], "\(found)")
            #expect(verdicts("certificate of billing") == ["warning"], "\(found)")
            #expect(verdicts("TLS key") == ["failed"] && verdicts("backups") == ["warning", "ok"], "\(found)")

            // Another certificate than the key's.
            try await shell(
                [
                    "/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90", "-subj",
                    "/CN=localhost",
                    "-keyout", "other.pem", "-out", "cert.pem",
                ], in: site)
            (_, found) = try await ask(site)
            #expect(verdicts("certificate") == ["failed"], "\(found)")
            #expect(!found.contains { $0.detail.contains("Optional(") }, "\(found)")

            // Pages that were overwritten in the middle of the file, none of which stands in the log too.
            try SQLiteStore(path: site.storePath, mustExist: true).checkpoint()
            let handle = try FileHandle(forUpdating: URL(fileURLWithPath: site.storePath))
            let size = try handle.seekToEnd()
            for part in 1..<20 {
                try handle.seek(toOffset: size / 20 * UInt64(part) / 4096 * 4096)
                try handle.write(contentsOf: Data(repeating: 0xA5, count: 4096))
            }
            try handle.close()
            let ill = try await ask(site)
            #expect(ill.status == 2)
            #expect(ill.found.contains { $0.subject == "store" && $0.verdict == "failed" }, "\(ill.found)")
        }
    }
}
