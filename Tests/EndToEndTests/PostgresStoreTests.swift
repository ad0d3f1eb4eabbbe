import Foundation
import HearthTesting
import TestTraits
import Testing

@testable import LegacyEstate

/// The same company over either store: what `hearth` prints of it is the same, byte for byte.
@Suite(.waitsForServers, .enabled(if: PostgresServer.isInstalled)) struct PostgresStoreTests {
    /// A configuration of the site whose store is a database, beside the one whose store is a file.
    private func serverConfiguration(_ site: Site, _ database: PostgresDatabase) throws -> String {
        let text = try String(contentsOfFile: site.folder + "/Config/hearth.yaml", encoding: .utf8)
        let start = try #require(text.range(of: "  sqlite: "))
        let end = try #require(text.range(of: "\n", range: start.upperBound..<text.endIndex))
        let path = "Config/server.yaml"
        try text.replacingCharacters(in: start.lowerBound..<end.lowerBound, with: "  postgres: ${env:HEARTH_DATABASE}")
            .write(toFile: site.folder + "/" + path, atomically: true, encoding: .utf8)
        return path
    }

    /// Without the moments of this day, what is reckoned from them, and the store's bytes: two syncs do not run at the same time.
    private func timeless(_ text: String) -> String {
        text.replacing(/20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?/, with: "…")
            .replacing(/"(?:store_bytes|age_seconds)":\d+/, with: "…")
            .replacing(/\d+ (?:s|min) ago|\d+\.\d s/, with: "…")
    }

    private static func questions(_ account: String) -> [[String]] {
        [["account", account], ["explain", account], ["money", "due", account], ["history", account]]
    }

    private static let questions = [["status"], ["state"], ["quarantine", "list"], ["runs"]]

    private func compare(
        _ site: Site, _ server: String, _ database: [String: String], accounts: ClosedRange<Int>, exactly: Bool
    ) async throws {
        let general = Self.questions.filter { exactly || $0 != ["state"] }
        let asked = accounts.flatMap { Self.questions(site.estate.account($0).number) } + general
        var compared = 0
        for question in asked {
            let arguments = question + ["--json"]
            let file = try await Program.run(arguments, environment: site.environment, directory: site.folder)
            let other = try await Program.run(
                arguments + ["--config", server], environment: site.environment.merging(database) { $1 },
                directory: site.folder)
            #expect(file.status == other.status, "\(arguments): \(other.errors)")
            // Only `status` says what time it is; cursors hold marks of their own pull.
            let same =
                exactly && question != ["status"]
                ? file.output == other.output : timeless(file.output) == timeless(other.output)
            #expect(same, "\(arguments)\n\(file.output)\n\(other.output)")
            if file.output.count > 100 { compared += 1 }
        }
        #expect(compared > 5)
    }

    /// What only reads makes nothing in a database or a schema that holds no store, and names it.
    private func expectNothingIsMade(_ site: Site, _ server: String, _ database: PostgresDatabase) async throws {
        try database.execute("CREATE SCHEMA astray")
        for (schema, dsn) in [
            ("public", database.dsn), ("astray", database.dsn + " options='-c search_path=astray'"),
        ] {
            for command in [
                ["account", "1"], ["status"], ["runs"], ["state"], ["quarantine", "list"], ["token", "list"],
                ["audit", "verify"], ["actions", "run", "--drain"], ["webhooks", "list"],
            ] {
                let missing = try await Program.run(
                    command + ["--config", server],
                    environment: site.environment.merging(["HEARTH_DATABASE": dsn]) { $1 }, directory: site.folder)
                #expect(
                    missing.status == 2 && missing.errors.contains("store.missing")
                        && missing.errors.contains("\"\(schema)\""), "\(command): \(missing.errors)")
            }
        }
        let made = try database.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'astray'::regnamespace)")
        #expect(made == [["0"]])
    }

    @Test func syncedAndCopiedItSaysTheSame() async throws {
        try await Site.with(EstateOptions(accounts: 60, seed: 17), store: .file) { site in
            let database = try PostgresServer.shared().createDatabase()
            let variables = ["HEARTH_DATABASE": database.dsn]
            let server = try serverConfiguration(site, database)
            try await expectNothingIsMade(site, server, database)
            #expect(try await site.hearth("sync").status <= 1)
            let sync = try await site.hearth(
                "sync", "--config", server,
                with: variables.merging(["HEARTH_ARCHIVE": site.folder + "/other-archive"]) { $1 })
            #expect(sync.status <= 1, "\(sync.errors)")
            try await compare(site, server, variables, accounts: 0...0, exactly: false)

            // The file taken over into another database, and back.
            let copy = try PostgresServer.shared().createDatabase()
            let there = try await site.hearth("store", "copy", "--from", site.storePath, "--to", copy.dsn)
            #expect(there.status == 0, "\(there.errors)")
            try await compare(site, server, ["HEARTH_DATABASE": copy.dsn], accounts: 1...2, exactly: true)
            let verify = try await site.hearth(
                "audit", "verify", "--config", server, with: ["HEARTH_DATABASE": copy.dsn])
            #expect(verify.status == 0, "\(verify.output)\(verify.errors)")
            let back = site.folder + "/back.db"
            #expect(try await site.hearth("store", "copy", "--from", copy.dsn, "--to", back).status == 0)
            let verified = try await site.hearth("audit", "verify", with: ["HEARTH_STORE": back])
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")

            // All three go on from there in the same way.
            let again = try await site.hearth("sync", "--config", server, with: ["HEARTH_DATABASE": copy.dsn])
            let file = try await site.hearth("sync")
            #expect(
                again.status == file.status && timeless(again.output) == timeless(file.output),
                "\(again.output)\(file.output)")
        }
    }
}
