import Foundation
import HearthTesting
import TestTraits
import Testing

@testable import LegacyEstate

/// What users of the command line may rely on.
@Suite(.waitsForServers) struct CommandLineTests {
    static let commands = [
        "init", "check", "discover", "preview", "plan", "sync", "status", "runs", "state", "quarantine",
        "quarantine list",
        "quarantine show", "quarantine replay", "quarantine discard", "account", "trace", "demo",
    ]

    private static func run(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> Program.Ending
    {
        try await Program.run(arguments, environment: environment, directory: Program.repository)
    }

    @Test(arguments: commands) func helpHasAnExample(_ command: String) async throws {
        let help = try await Self.run(command.split(separator: " ").map(String.init) + ["--help"])
        #expect(help.status == 0 && help.errors.isEmpty)
        #expect(help.output.contains("EXAMPLE") && help.output.contains("hearth \(command)"), "\(help.output)")
        #expect(help.output.split(separator: "\n").allSatisfy { $0.count <= 200 })
    }

    /// One line, no dump of Swift's, the status of its kind.
    private func expectOneLine(
        _ ending: Program.Ending, status: Int32, saying parts: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let lines = ending.errors.split(separator: "\n")
        #expect(ending.status == status && !ending.isSignalled, "\(ending.errors)", sourceLocation: sourceLocation)
        #expect(lines.count == 1, "\(ending.errors)", sourceLocation: sourceLocation)
        #expect(ending.errors.hasPrefix("hearth: "), sourceLocation: sourceLocation)
        for part in parts {
            #expect(ending.errors.contains(part), "\(part) in \(ending.errors)", sourceLocation: sourceLocation)
        }
        for dump in ["Error(", "Optional(", "Swift.", "Fatal", ".swift"] {
            #expect(!ending.errors.contains(dump), "\(ending.errors)", sourceLocation: sourceLocation)
        }
    }

    @Test func wrongArgumentsAreToldInOneLine() async throws {
        expectOneLine(try await Self.run(["nonsense"]), status: 3, saying: "nonsense", "--help")
        expectOneLine(try await Self.run(["sync", "--bogus"]), status: 3, saying: "--bogus", "hearth sync --help")
        expectOneLine(try await Self.run(["sync", "--limit", "0"]), status: 3, saying: "--limit")
        for arguments in [
            ["quarantine", "list", "--limit=0"], ["quarantine", "--limit=-1"], ["plan", "--limit=0"],
            ["plan", "--show=-1"], ["runs", "--limit=0"], ["runs", "--limit=-5"], ["replay", "--plan", "--show=-1"],
            ["diff", "a", "b", "--limit=-1"],
        ] {
            let option = arguments.last?.prefix { $0 != "=" } ?? ""
            expectOneLine(try await Self.run(arguments), status: 3, saying: "\(option) must be at least")
        }
        expectOneLine(try await Self.run(["sync", "--batch-rows", "many"]), status: 3, saying: "many")
        expectOneLine(try await Self.run(["account"]), status: 3, saying: "<number>", "hearth account --help")
        expectOneLine(
            try await Self.run(["quarantine", "list", "--state", "odd"]), status: 3, saying: "open, replayed")
        expectOneLine(try await Self.run(["quarantine", "discard", "1"]), status: 3, saying: "--note")
        expectOneLine(try await Self.run(["state", "--reset"]), status: 3, saying: "--reset")
        expectOneLine(try await Self.run(["demo", "--accounts", "0"]), status: 3, saying: "--accounts")
        expectOneLine(try await Self.run(["demo", "--city", "paris"]), status: 3, saying: "beijing")
        expectOneLine(try await Self.run(["demo", "--directory", "Sources"]), status: 3, saying: "--directory")
    }

    @Test func wrongConfigurationIsToldInOneLine() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-config-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func status(
            _ text: String?, _ environment: [String: String] = [:], command: String = "status"
        ) async throws -> Program.Ending {
            let path = folder + "/hearth.yaml"
            try? FileManager.default.removeItem(atPath: path)
            if let text { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
            return try await Self.run([command, "--config", path], environment)
        }
        expectOneLine(try await status(nil), status: 3, saying: "hearth.yaml", "hearth init")
        expectOneLine(try await status("store: {sqlite: x.db\nmappings: ["), status: 3, saying: "hearth.yaml:2:")
        expectOneLine(
            try await status("store: {sqlit: x.db}\nmappings: .\nsources: {}\n"), status: 3, saying: "hearth.yaml:1:",
            "sqlite")
        expectOneLine(
            try await status("store: {sqlite: x.db}\nmappings: nowhere\nsources: {}\n"), status: 3, saying: "nowhere")
        let secret = """
            store: {sqlite: x.db}
            mappings: Mappings
            sources:
              b: {sql: {driver: postgres, conninfo: "host=h password=${env:HEARTH_TEST_SECRET}"}, streams: {a: {table: t, key: [k]}}}

            """
        // A legacy system's secret is wanted by those who ask that system, and by nobody else.
        try FileManager.default.createDirectory(atPath: folder + "/Mappings", withIntermediateDirectories: true)
        let mapping =
            "entity: account\nfrom: b.a\nkey: [k]\naccount: {column: k, as: text, introduces: true}\nfields: {class: {value: unit}}\n"
        for (name, text) in ["b.a": mapping, "unified": "facts: {}\nlists: {}\n"] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/Mappings/\(name).yaml"))
        }
        for command in ["sync", "plan"] {
            expectOneLine(
                try await status(secret, command: command), status: 3, saying: "hearth.yaml:4:", "HEARTH_TEST_SECRET")
        }
        #expect(try await status(secret).status == 0)
        // What customers are told goes together with the doors that they have.
        try Data("language: zh\nown: 还应缴{open}元\n".utf8).write(to: URL(fileURLWithPath: folder + "/words.yaml"))
        let key = "keys: [0123456789abcdef0123456789abcdef]"
        let account = "wechat: {appId: a, secret: s, token: t"
        for (channel, doors, said) in [
            ("wechat: {}", "chat: {}", "no official account"), ("wechat: {}", account + "}", "no keys to seal with"),
            ("wechat: {}", "\(key), \(account)}", "no template stands for it"),
            ("chat: {}", "\(key), \(account)}", "chat page, and there is none"),
            ("file: {folder: out}", "\(key), sms: {reply: own}", "\"own\" is no channel of short messages"),
            ("file: {folder: out}", "\(key), sms: {reply: others}", "\"others\" is no channel of short messages"),
        ] {
            let rules =
                "wording: words.yaml\nchannels: {own: {\(channel)}}\nrules:\n  - {rule: own, kind: arrears, daysBefore: 3, channels: [own]}\n"
            try Data(rules.utf8).write(to: URL(fileURLWithPath: folder + "/notices.yaml"))
            expectOneLine(
                try await status(secret + "channels: {\(doors)}\n", ["HEARTH_TEST_SECRET": "s"], command: "check"),
                status: 3, saying: "notices.yaml", said)
        }
        try FileManager.default.removeItem(atPath: folder + "/notices.yaml")
        // So are the files of answers, before anybody asks.
        try Data("findings: [{finding: outige}]\n".utf8).write(to: URL(fileURLWithPath: folder + "/triage.yaml"))
        expectOneLine(
            try await status(secret, ["HEARTH_TEST_SECRET": "s"], command: "check"), status: 3,
            saying: "triage.yaml:1:",
            "did you mean \"outage\"")
    }

    @Test func initThenCheckMakesSense() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-init-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder + "/drops", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func hearth(_ arguments: String...) async throws -> Program.Ending {
            try await Program.run(arguments, environment: ["BILLING_PASSWORD": "secret-9301"], directory: folder)
        }
        let first = try await hearth("init")
        #expect(first.status == 0 && first.output.contains("Config/hearth.yaml"))
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
        let again = try await hearth("init", "--json")
        let written = try again.json() as? [String]
        #expect(again.status == 0 && written == [])
        #expect(try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() == files)

        // The example's billing server does not exist; the drop folder does.
        let check = try await hearth("check")
        #expect(check.status == 2)
        #expect(check.output.contains("failed   billing") && check.output.contains("ok       customer"))
        #expect(!(check.output + check.errors).contains("secret-9301"))

        try Data("用户编号,姓名,联系电话,建筑面积\n00012345,张三,13800138000,88.5\n".utf8)
            .write(to: URL(fileURLWithPath: folder + "/drops/a.csv"))
        try Data().write(to: URL(fileURLWithPath: folder + "/drops/a.csv.done"))
        #expect(try await hearth("sync", "customer").status == 0)
        let account = try await hearth("account", "00012345", "--json")
        let facts = (try account.json() as? [String: Any])?["facts"] as? [String: Any]
        #expect(facts?["area_building"] as? String == "88.500")
        #expect(facts?["holder_name"] as? String == "张*")
    }

    @Test(.ofTheStoresFile) func sourcesThatAreDownAreToldWithoutSecrets() async throws {
        try await Site.with(EstateOptions(accounts: 200, seed: 41)) { site in
            let secret = "secret-4711"
            let dead = [
                "HEARTH_BILLING_DRIVER": "postgres",
                "HEARTH_BILLING_CONNINFO": "host=127.0.0.1 port=1 dbname=b user=u password=\(secret)",
            ]
            for arguments in [
                ["check", "billing"], ["sync", "billing.seasons"], ["discover", "billing"],
                ["plan", "billing.seasons"],
            ] {
                let ending = try await Program.run(
                    arguments, environment: site.environment.merging(dead) { $1 }, directory: site.folder)
                #expect(ending.status == 2, "\(arguments): \(ending.errors)")
                #expect((ending.output + ending.errors).contains("source.unreachable"), "\(arguments)")
                #expect(!(ending.output + ending.errors).contains(secret), "\(arguments)")
            }
            // The sources that are there are told all the same.
            let others = try await site.hearth("discover", "--json", with: dead)
            #expect(others.status == 2 && others.errors.contains("source billing: "))
            let sources = (try others.json() as? [[String: Any]] ?? []).compactMap { $0["source"] as? String }
            #expect(Set(sources) == ["customer", "dispatch"])
            let refused = try await site.hearth(
                "sync", "dispatch.temperatures", with: ["HEARTH_DISPATCH_PASSWORD": secret])
            #expect(
                refused.status == 2 && refused.errors.contains("source.unauthorized")
                    && !refused.errors.contains(secret))
            expectOneLine(
                try await site.hearth("status", with: ["HEARTH_STORE": "/nowhere/at/all.db"]), status: 2,
                saying: "store.missing", "/nowhere/at/all.db")
            expectOneLine(
                try await site.hearth(
                    "token", "create", "--name", "n", "--scope", "assistant",
                    with: ["HEARTH_STORE": "/nowhere/at/all.db"]),
                status: 2, saying: "store.notWritable")
            expectOneLine(
                try await site.hearth("status", with: ["HEARTH_STORE": site.folder + "/Config/hearth.yaml"]), status: 2,
                saying: "store.")
            expectOneLine(
                try await site.hearth("sync", "billing.nope"), status: 3, saying: "billing.nope", "billing.charges")
            expectOneLine(try await site.hearth("check", "nope"), status: 3, saying: "nope", "billing")
            expectOneLine(try await site.hearth("discover", "nope"), status: 3, saying: "nope", "billing")
            expectOneLine(try await site.hearth("preview", "nope"), status: 3, saying: "nope")
        }
    }

    @Test func everyCommandAnswersInJSONAndMasksPeople() async throws {
        try await Site.with(EstateOptions(accounts: 300, seed: 42, city: .beijing)) { site in
            let estate = site.estate
            let sync = try await site.hearth("sync")
            #expect(sync.status == 1)
            // Progress elsewhere than on a terminal: plain lines.
            #expect(!sync.errors.contains("\r") && !sync.errors.contains("\u{1B}") && sync.output.isEmpty)

            let number = try await showsOneAccount(site)
            let ids = try await entries(site)
            let account = try #require(estate.truth(account: number))
            let commands: [[String]] =
                [
                    ["check"], ["discover", "--columns"], ["preview", "customer.residents", "--rows", "300"],
                    ["preview", "billing.accounts", "--rows", "300"],
                    ["preview", "dispatch.workOrders", "--rows", "20"], ["plan"],
                    ["sync"], ["status"], ["runs"], ["state"], ["quarantine"], ["account", number],
                    ["trace", number, "holder.name"], ["trace", number, "holder.phones"],
                    ["trace", number, "holder.idNumber"],
                    ["trace", number, "due"], ["trace", number, "area.building"],
                ] + ids.map { ["quarantine", "show", $0] }
            let personal = Self.personal(estate)
            for command in commands {
                for form in [[], ["--json"]] {
                    let ending = try await Program.run(
                        command + form, environment: site.environment, directory: site.folder)
                    #expect(ending.status < 2, "\(command): \(ending.errors)")
                    if !form.isEmpty { #expect(throws: Never.self, "\(command)") { _ = try ending.json() } }
                    let told = personal.filter { (ending.output + ending.errors).tells($0) }
                    #expect(told.isEmpty, "\(command + form) tells \(told.prefix(3))")
                }
            }
            let errors = try site.store().column("SELECT coalesce(error_message, '') FROM run").joined()
            #expect(personal.allSatisfy { !errors.tells($0) && !sync.errors.tells($0) })
            let messages = try site.store().column("SELECT message || place || candidates FROM quarantine").joined()
            #expect(personal.allSatisfy { !messages.tells($0) })

            // Asked for, it is all there.
            let clear = try await site.hearth("account", number, "--unmask", "--reason", "test")
            #expect(clear.output.contains(account.holderName))
            #expect(
                try await site.hearth("trace", number, "holder.name", "--unmask", "--reason", "test").output.contains(
                    account.holderName))
            // A reader that has had enough.
            let cut = try await Program.run(
                ["-c", "\(Program.path) preview customer.residents --rows 300 | head -1; exit ${PIPESTATUS[0]}"],
                executable: "/bin/bash",
                environment: site.environment, directory: site.folder)
            #expect(!cut.isSignalled && cut.status == 0 && cut.errors.isEmpty, "\(cut.status) \(cut.errors)")
        }
    }

    /// Names, telephones and ID numbers of everyone; a name that is part of something else's is left out.
    private static func personal(_ estate: Estate) -> [String] {
        (0..<estate.options.accounts).flatMap { index -> [String] in
            let account = estate.account(index)
            let names = account.isUnit ? [] : [account.holderName].filter { $0.count > 2 }
            return names + account.phones + [account.idNumber].filter { $0.count > 10 }
        }
    }

    private func showsOneAccount(_ site: Site) async throws -> String {
        let faulty = Set(site.estate.planted.compactMap(\.accountNumber))
        let account = try #require(
            (0..<300).map { site.estate.account($0) }.first {
                !faulty.contains($0.number) && !$0.isUnit && $0.idNumber.count == 18
            })
        return account.number
    }

    private func entries(_ site: Site) async throws -> [String] {
        let list = try await site.hearth("quarantine", "list", "--json", "--limit", "1000")
        let entries = (try list.json() as? [String: Any])?["records"] as? [[String: Any]] ?? []
        // One of each kind.
        let kinds = Dictionary(grouping: entries) { "\($0["stream"] ?? "") \($0["code"] ?? "")" }
        return kinds.values.compactMap { $0.first?["id"] as? Int }.map(String.init).sorted()
    }

    @Test func traceTellsSourceRowMappingRunAndEarlierVersions() async throws {
        try await Site.with(EstateOptions(accounts: 300, seed: 43)) { site in
            try await site.hearth("sync")
            let second = site.estate.advanced()
            try site.show(second)
            let plan = try await site.hearth("plan")
            #expect(plan.status == 1)
            try await site.hearth("sync")
            let bill = try #require(second.changes.first { $0.kind == .billReissued && $0.stream == "billing.charges" })
            let trace = try await site.hearth("trace", bill.accountNumber, "billing.charges/\(bill.key).due", "--json")
            let line = try #require(((try trace.json() as? [String: Any])?["records"] as? [[String: Any]])?.first)
            #expect(line["stream"] as? String == "billing.charges" && line["key"] as? String == bill.key)
            #expect(line["origin"] as? String == "sf_fy")
            #expect((line["mapping"] as? String)?.contains("billing.charges.yaml:") == true)
            let columns = line["columns"] as? [[String: Any]] ?? []
            #expect(columns.map { $0["column"] as? String } == ["ysje"])
            let row = try site.billing("SELECT CAST(ysje AS text) FROM sf_fy WHERE id = \(bill.key)")
            #expect(columns.first?["text"] as? String == row.first?[0])
            let earlier = line["earlier"] as? [[String: Any]] ?? []
            #expect(earlier.count == 1 && earlier.first?["reason"] as? String == "changed")
            #expect(earlier.first?["value"] as? String != line["value"] as? String)
            #expect((earlier.first?["ended_by"] as? Int ?? 0) == line["run"] as? Int)
            let text = try await site.hearth("trace", bill.accountNumber, "billing.charges/\(bill.key).due")
            for part in ["yuan", "before", "run", "ysje", "sf_fy", "accountNumber"] {
                #expect(text.output.contains(part), "\(text.output)")
            }
            expectOneLine(try await site.hearth("trace", bill.accountNumber, "nonsense"), status: 3, saying: "nonsense")
            expectOneLine(try await site.hearth("account", "99999999"), status: 3, saying: "no account")

            // A cursor that was reset: everything is read again, nothing changes.
            let before = try site.store().dump(withPlaces: false)
            #expect(try await site.hearth("state", "billing.charges", "--reset").status == 0)
            let again = try await site.hearth("sync", "billing.charges", "--json")
            let run = ((try again.json() as? [String: Any])?["runs"] as? [[String: Any]])?.first
            let counts = run?["counts"] as? [String: Int] ?? [:]
            #expect(counts["new"] == 0 && counts["changed"] == 0 && counts["unchanged"] ?? 0 > 500)
            let after = try site.store().dump(withPlaces: false)
            #expect(difference(after, before) == nil)
            #expect(try await site.hearth("plan").status == 0)
        }
    }

    /// A fact that changes is named, and none of the records beside it.
    @Test func aPlannedReplayNamesOnlyWhatChanges() async throws {
        try await Site.with(EstateOptions(accounts: 200, seed: 45)) { site in
            try await site.hearth("sync")
            #expect(try await site.hearth("replay", "--plan").status == 0)
            let path = site.folder + "/Mappings/customer.residents.yaml"
            let mapping = try String(contentsOfFile: path, encoding: .utf8)
            #expect(mapping.contains("{value: 暖城热力有限公司}"))
            try Data(mapping.replacing("{value: 暖城热力有限公司}", with: "{value: 暖城供热公司}").utf8).write(
                to: URL(fileURLWithPath: path))
            let plan = try await site.hearth("replay", "--plan", "--json", "--show", "1000")
            #expect(plan.status == 1, "\(plan.errors)")
            let summary = try #require(try plan.json() as? [String: Any])
            let changes = try #require(summary["changes"] as? [String: Any])
            let count = try #require(changes["changed"] as? Int)
            #expect(count > 100 && changes["fields"] as? [String: Int] == ["facts.company": count])
            let named = changes["named"] as? [[String: Any]] ?? []
            #expect(named.count == count && named.allSatisfy { $0["fields"] as? [String] == ["facts.company"] })
        }
    }

    @Test func quarantineIsMendedReplayedAndDiscarded() async throws {
        try await Site.with(EstateOptions(accounts: 300, seed: 44)) { site in
            try await site.hearth("sync")
            let faults = site.estate.planted
            let unknown = try #require(faults.first { $0.kind == .unknownCode })
            let conflict = try #require(faults.first { $0.kind == .conflictingCharge })
            func state(_ key: String) throws -> String {
                try site.store().column("SELECT state FROM quarantine WHERE key = CAST('\(key)' AS BLOB)").joined()
            }
            let conflicting = "SELECT body FROM record WHERE key = CAST('\(conflict.key)' AS BLOB)"
            let kept = try site.store().column(conflicting)

            // The mapping learns the code; the entry goes through, the conflicting rows stay where they are.
            let path = site.folder + "/Mappings/dispatch.workOrders.yaml"
            let mapping = try String(contentsOfFile: path, encoding: .utf8)
            try Data(mapping.replacing("其他: other}", with: "其他: other, \"ZZ?\": other}").utf8).write(
                to: URL(fileURLWithPath: path))
            let replay = try await site.hearth("quarantine", "replay", "--json")
            #expect(replay.status == 1, "\(replay.errors)")
            #expect((try replay.json() as? [String: Int])?["replayed"] == 1)
            #expect(try state(unknown.key) == "replayed")
            #expect(try state(conflict.key) == "open")
            #expect(try site.store().column(conflicting) == kept)
            let account = try await site.hearth("account", unknown.accountNumber ?? "", "--json")
            #expect(account.output.contains("\"\(unknown.key)\""))

            let entry = try site.store().number("SELECT id FROM quarantine WHERE key = CAST('\(conflict.key)' AS BLOB)")
            #expect(
                try await site.hearth("quarantine", "discard", "\(entry)", "--note", "known to billing").status == 0)
            #expect(try state(conflict.key) == "discarded")
            #expect(try await site.hearth("quarantine", "show", "\(entry)").output.contains("known to billing"))
            // Read again, it stays aside.
            try await site.hearth("sync", "billing.charges", "--full")
            #expect(try state(conflict.key) == "discarded")
            #expect(try site.store().column(conflicting) == kept)
            expectOneLine(
                try await site.hearth("quarantine", "discard", "99999", "--note", "x"), status: 3, saying: "99999")
        }
    }
}

extension String {
    /// Whether a text stands in this one; looked for by bytes, for there are many to look for.
    fileprivate func tells(_ text: String) -> Bool {
        withCString { own in text.withCString { strstr(own, $0) != nil } }
    }
}
