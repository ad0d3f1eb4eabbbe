import Foundation
import HearthTesting
import LegacyEstate
import Testing

/// The commands, as their users run them.
@Suite(.serialized) struct WalkTests {
    /// ONBOARDING.md, word for word: one shell, every block, and what stands below each in what it printed.
    @Test func thePageIsWalked() async throws {
        let page = try String(contentsOfFile: Program.repository + "/Sources/Onboarding/ONBOARDING.md", encoding: .utf8)
        let walk = PageWalk(page)
        #expect(walk.count >= 6 && walk.allShowOutput)
        try await Support.withFolder { folder in
            for trouble in try await walk.troubles(in: folder) { Issue.record("\(trouble)") }
        }
    }

    /// The demo's service, from its address to records in the store: imported, mapped as suggested, planned and synced.
    @Test func anImportedServiceIsSynced() async throws {
        let estate = Estate(EstateOptions(accounts: 300, seed: 11))
        let service = estate.dispatchService()
        let address = try await service.start()
        defer { Task { await service.stop() } }
        try await Support.withFolder { folder in
            for part in ["Config", "Mappings", "drops"] {
                try FileManager.default.createDirectory(atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
            }
            try estate.writeCustomer(dropFolder: folder + "/drops")
            try """
            store: {sqlite: ../hearth.db}
            mappings: ../Mappings
            archive: off
            sources:
              customer:
                csv: {folder: ../drops}
                streams:
                  residents: {pattern: "yhxx_*.csv", semantics: snapshot, ready: .done, preambleLines: 1, trailer: {prefix: "合计,", countField: 2}, key: [用户编号]}

            """.write(toFile: folder + "/Config/hearth.yaml", atomically: true, encoding: .utf8)
            let environment = ["DISPATCH_USER": Estate.dispatchUser, "DISPATCH_PASSWORD": Estate.dispatchPassword]
            func hearth(_ arguments: String...) async throws -> Program.Ending {
                try await Program.run(arguments, environment: environment, directory: folder)
            }
            let imported = try await hearth(
                "import", "wsdl", address + "?wsdl", "--name", "dispatch", "--security", "digest", "--add")
            // Its writing operations are not taken.
            #expect(imported.status == 1, "\(imported.output)\(imported.errors)")
            let again = try await hearth("import", "wsdl", address + "?wsdl", "--name", "dispatch", "--add")
            #expect(again.status == 3 && again.errors.contains("usage.exists"))
            let suggested = try await hearth("suggest", "--write")
            #expect(suggested.status < 2, "\(suggested.output)\(suggested.errors)")
            #expect(FileManager.default.fileExists(atPath: folder + "/Mappings/unified.yaml"), "\(suggested.errors)")
            let plan = try await hearth("plan", "--json")
            #expect(plan.status == 1, "\(plan.output)\(plan.errors)")
            let sync = try await hearth("sync", "--json")
            #expect(sync.status < 2, "\(sync.output)\(sync.errors)")
            let runs = (try sync.json() as? [String: Any])?["runs"] as? [[String: Any]] ?? []
            let read = Dictionary(
                runs.map { ($0["stream"] as? String ?? "", ($0["counts"] as? [String: Int])?["read"] ?? 0) },
                uniquingKeysWith: { $1 })
            #expect(read["dispatch.workOrders"] == estate.workOrderCount && estate.workOrderCount > 20, "\(read)")
            #expect(read["dispatch.temperatures"] == estate.temperatureCount, "\(read)")
            let isSet = runs.allSatisfy {
                ($0["counts"] as? [String: Int])?["quarantined"] ?? 0
                    <= (($0["counts"] as? [String: Int])?["read"] ?? 0) / 4
            }
            #expect(isSet, "\(sync.output)")
            let second = try await hearth("plan", "dispatch", "--json")
            #expect(second.status == 0 || second.status == 1, "\(second.errors)")
        }
        await service.stop()
    }

    /// All three systems of a company at once, and what cannot be read.
    @Test func aFirstLookAtAWholeCompany() async throws {
        try await Support.withFolder { folder in
            let estate = Estate(EstateOptions(accounts: 200, seed: 4))
            try FileManager.default.createDirectory(atPath: folder + "/old", withIntermediateDirectories: true)
            try estate.writeBilling(sqlite: folder + "/old/billing.sqlite")
            try estate.writeCustomer(dropFolder: folder + "/old")
            let made = try await Program.run(["init", "new", "--from", "old"], environment: [:], directory: folder)
            #expect(made.status == 1, "\(made.output)\(made.errors)")
            for part in [
                "billing.charges", "billing.payments", "residents", "premises (sure)", "3. Preview", "4. Look at",
            ] {
                #expect(made.output.contains(part), "\(part): \(made.output)\(made.errors)")
            }
            let config = try String(contentsOfFile: folder + "/new/Config/hearth.yaml", encoding: .utf8)
            #expect(
                config.contains("# sf_fy_bak:") && config.contains("preambleLines: 1")
                    && config.contains("countField: 2"), "\(config)")
            let plan = try await Program.run(["plan"], environment: [:], directory: folder + "/new")
            #expect(plan.status == 1, "\(plan.output)\(plan.errors)")
            let sync = try await Program.run(["sync"], environment: [:], directory: folder + "/new")
            #expect(sync.status < 2, "\(sync.output)\(sync.errors)")
            let again = try await Program.run(["init", "new", "--from", "old"], environment: [:], directory: folder)
            #expect(again.status == 3 && again.errors.contains("usage.exists"))
            let nothing = try await Program.run(
                ["init", "x", "--from", "nowhere"], environment: [:], directory: folder)
            #expect(nothing.status == 3 && nothing.errors.contains("usage.unknownAddress"), "\(nothing.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder + "/x"))
        }
    }

    /// A database by its address: its comments are read, its password stands in no file.
    @Test func aFirstLookAtADatabase() async throws {
        let database = try PostgresServer.shared().createDatabase()
        try Estate(EstateOptions(accounts: 60, seed: 8)).writeBilling(postgres: database.dsn)
        let settings = Dictionary(
            database.dsn.split(separator: " ").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
                .filter { $0.count == 2 }.map { ($0[0], $0[1].trimmingCharacters(in: ["'"])) }, uniquingKeysWith: { $1 }
        )
        let name = try #require(settings["dbname"])
        var address = "postgres://\(settings["user"] ?? ""):s3cret@/\(name)?host=\(settings["host"] ?? "")"
        if let port = settings["port"] { address += "&port=\(port)" }
        try await Support.withFolder { folder in
            let made = try await Program.run(["init", "--from", address], environment: [:], directory: folder)
            #expect(made.status < 2, "\(made.output)\(made.errors)")
            #expect(made.output.contains("export BILLING_PASSWORD=") && !made.output.contains("s3cret"))
            let config = try String(contentsOfFile: folder + "/Config/hearth.yaml", encoding: .utf8)
            #expect(config.contains("password: \"${env:BILLING_PASSWORD}\"") && !config.contains("s3cret"), "\(config)")
            #expect(config.contains("cursor: gxsj") && config.contains("# sf_dm:"), "\(config)")
            let sync = try await Program.run(["sync"], environment: ["BILLING_PASSWORD": "s3cret"], directory: folder)
            #expect(sync.status < 2, "\(sync.output)\(sync.errors)")
        }
    }
}
