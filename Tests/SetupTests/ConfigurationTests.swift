import ConfigurationFiles
import Foundation
import HeatModel
import Mapping
import Records
import SQLConnector
import Sync
import Testing

@testable import Setup

/// `hearth.yaml`: what is wrong in it is told with its line and column, and no secret is ever told.
@Suite struct ConfigurationTests {
    private let folder = Folder()

    private final class Folder: Sendable {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(
            "hearth-configuration-\(UUID().uuidString)"
        ).path
        init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func load(_ text: String) throws -> HearthConfiguration {
        let path = folder.path + "/hearth.yaml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return try HearthConfiguration.load(path: path)
    }

    private func problems(_ text: String) throws -> [String] {
        do {
            try load(text).requireSecrets(of: [])
            return []
        } catch let errors as ConfigurationErrors {
            return errors.errors.map { $0.description.replacing(folder.path + "/", with: "") }
        }
    }

    /// A workspace's file `environment` stands in for variables that the process lacks; what says nothing in it has its line.
    @Test func aWorkspaceBringsItsVariables() throws {
        let config = folder.path + "/Config"
        try FileManager.default.createDirectory(atPath: config, withIntermediateDirectories: true)
        let name = "HEARTH_TEST_\(UInt32.random(in: 0...(.max)))"
        try "store: {sqlite: '${env:\(name)}'}\nmappings: ../Mappings\nsources: {}\n".write(
            toFile: config + "/hearth.yaml", atomically: true, encoding: .utf8)
        func storePath(_ environment: String) throws -> String {
            try environment.write(toFile: folder.path + "/environment", atomically: true, encoding: .utf8)
            return try HearthConfiguration.load(path: config + "/hearth.yaml").storePath
        }
        #expect(try storePath("# ours\n\n\(name)='/tmp/a b.db'\r\n").hasSuffix("/tmp/a b.db"))
        #expect(try storePath("\(name)=/tmp/c.db").hasSuffix("/tmp/c.db"))
        // As editors of Windows save it.
        #expect(try storePath("\u{FEFF}\(name)=/tmp/d.db\r\nOTHER=1\r\n# ours\r\n").hasSuffix("/tmp/d.db"))
        #expect(try storePath("OTHER=1\r\n\(name)=/tmp/e.db\r\n").hasSuffix("/tmp/e.db"))
        let twice = try #require(throws: ConfigurationErrors.self) {
            try storePath("\(name)=/tmp/c.db\nOTHER=1\n\(name)=/geheim.db\n")
        }
        #expect(
            twice.errors.map(\.description).contains {
                $0.contains("/environment:3:1") && $0.contains(name) && $0.contains("line 1") && !$0.contains("geheim")
            }, "\(twice.errors)")
        for (text, line) in [
            ("\n export \(name)=/geheim\n", 2), ("\(name)='/geheim", 1), ("\(name)=/geheim b", 1), ("9=geheim", 1),
            ("geheim", 1),
        ] {
            let errors = try #require(throws: ConfigurationErrors.self) { try storePath(text) }
            let said = errors.errors.map(\.description)
            #expect(said.contains { $0.contains("/environment:\(line):1") && $0.contains("NAME=value") }, "\(said)")
            // The line itself may hold a secret.
            #expect(!said.contains { $0.contains("geheim") }, "\(said)")
        }
        let environment = URL(fileURLWithPath: folder.path + "/environment")
        for (put, words) in [
            (
                { try Data("OTHER=1\n\(name)=/tmp/\u{7F}".utf8 + [0xC3, 0x28]).write(to: environment) },
                "/environment:2:1"
            ),
            (
                {
                    try FileManager.default.removeItem(at: environment)
                    try FileManager.default.createDirectory(at: environment, withIntermediateDirectories: false)
                }, "/environment"
            ),
        ] as [(() throws -> Void, String)] {
            try put()
            let errors = try #require(throws: ConfigurationErrors.self) {
                try HearthConfiguration.load(path: config + "/hearth.yaml")
            }
            let said = errors.errors.map(\.description)
            #expect(said.contains { $0.contains(words) && $0.contains("workspace's environment") }, "\(said)")
        }
        try FileManager.default.removeItem(at: environment)
        setenv(name, "/tmp/process.db", 1)
        defer { unsetenv(name) }
        #expect(try storePath("\(name)=/tmp/c.db").hasSuffix("/tmp/process.db"))
    }

    /// What a door cannot do is refused where it stands, and not made into something else.
    @Test func whatADoorCannotDoIsRefused() throws {
        func isSaid(_ words: String, of channels: String) throws -> Bool {
            try problems("sources: {}\nchannels: \(channels)\n").contains { $0.contains(words) }
        }
        for (seconds, isRefused) in [(4, true), (5, false), (600, false), (601, true)] {
            #expect(try isSaid("\"idle\" must be", of: "{kiosk: {idle: \(seconds)}}") == isRefused, "\(seconds)")
        }
        for (text, isRefused) in [("'{{due}}'", false), ("'1234567890123456'", false), ("'12345678901234567'", true)] {
            let template = "{rule: r, id: i, fields: {amount1: \(text)}}"
            let channels = "{wechat: {appId: a, secret: s, token: t, templates: [\(template)]}}"
            #expect(try isSaid("16 that WeChat allows", of: channels) == isRefused, "\(text)")
        }
    }

    private static let sql = """
        sources:
          billing:
            sql: {driver: sqlite, path: b.sqlite}
            streams:
              charges: {table: sf_fy, key: [id], cursor: gxsj, lookback: 60}
        """
    private static let soap = """
        sources:
          dispatch:
            soap:
              endpoint: http://127.0.0.1:1/ws
              namespaces: {d: "urn:d"}
              usernameToken: {user: u, password: p, type: digest}
              timeouts: {connect: 5}
              retry: {attempts: 1}
            streams:
              orders:
                operation: Query
                body: "<d:Query/>"
                record: d:Order
                key: [id]
                pages: {size: 10}
                fields:
                  id: "@id"
                  note: {path: d:Note, repeated: first}
        """
    private static let csv = """
        sources:
          customer:
            csv: {folder: drops}
            streams:
              residents:
                pattern: "*.csv"
                key: [no]
                semantics: snapshot
                ready: .done
                trailer: {prefix: "T,", countField: 2}
        """

    /// A company's day is that of its clock, wherever the machine stands.
    @Test func theCompanysClock() throws {
        let moment = try #require(Instant("2026-01-31T23:30:00Z")).microseconds
        func local(_ zone: String) throws -> String { try load(zone + Self.sql).local(moment).description }
        #expect(try local("") == "2026-02-01T07:30:00+08:00")
        #expect(try local("zone: Asia/Urumqi\n") == "2026-02-01T05:30:00+06:00")
        #expect(try local("zone: Etc/GMT+12\n") == "2026-01-31T11:30:00-12:00")
    }

    @Test(arguments: [sql, soap, csv]) func aGoodFileIsRead(_ text: String) throws {
        let configuration = try load(
            "store: {sqlite: x.db}\nvanish: {share: 0.5%, atLeast: 7}\nzone: Asia/Urumqi\n" + text)
        #expect(configuration.storePath == folder.path + "/x.db")
        #expect(configuration.policy == VanishPolicy(permille: 5, atLeast: 7))
        #expect(configuration.sources.count == 1 && configuration.sources[0].zone == "Asia/Urumqi")
        #expect(configuration.sources[0].streams.count == 1)
    }

    struct Typo: Sendable, CustomTestStringConvertible {
        var text: String
        var from: String
        var to: String
        var place: String
        var code = "config.unknownKey"
        var advice: String?
        var testDescription: String { "\(from) → \(to)" }
    }

    static let typos = [
        Typo(text: sql, from: "sources:", to: "souces:", place: "hearth.yaml:1:1", advice: "sources"),
        Typo(text: sql, from: "    streams:", to: "    streems:", place: "hearth.yaml:4:5", advice: "streams"),
        Typo(text: sql, from: "path:", to: "paht:", place: "hearth.yaml:3:27", advice: "path"),
        Typo(text: sql, from: "lookback:", to: "lookbak:", place: "hearth.yaml:5:56", advice: "lookback"),
        Typo(
            text: sql, from: "driver: sqlite", to: "driver: sqlit", place: "hearth.yaml:3:19", code: "config.badValue",
            advice: "sqlite"),
        Typo(text: sql, from: "lookback: 60", to: "lookback: soon", place: "hearth.yaml:5:66", code: "config.badValue"),
        Typo(text: sql, from: "lookback: 60", to: "lookback: -1", place: "hearth.yaml:5:66", code: "config.badValue"),
        Typo(
            text: sql, from: "lookback: 60", to: "lookback: 9223372036854775807", place: "hearth.yaml:5:66",
            code: "config.badValue"),
        Typo(
            text: soap, from: "{connect: 5}", to: "{connect: 9223372036854775}", place: "hearth.yaml:7:27",
            code: "config.badValue"),
        Typo(
            text: soap, from: "size: 10", to: "size: 10, first: 9223372036854775807", place: "hearth.yaml:15:34",
            code: "config.badValue"),
        Typo(
            text: csv, from: "ready: .done", to: "ready: stable 9223372036854775807s", place: "hearth.yaml:9:16",
            code: "config.badValue"),
        Typo(
            text: csv, from: "sources:", to: "archive: {keep: 999999999}\nsources:", place: "hearth.yaml:1:17",
            code: "config.badValue"),
        Typo(text: sql, from: "table: sf_fy, ", to: "", place: "hearth.yaml:5:16", code: "config.missingKey"),
        Typo(
            text: sql, from: "table: sf_fy", to: "table: sf_fy, query: x", place: "hearth.yaml:5:16",
            code: "config.missingKey"),
        Typo(
            text: soap, from: "usernameToken:", to: "userNameToken:", place: "hearth.yaml:6:7", advice: "usernameToken"),
        Typo(text: soap, from: "endpoint:", to: "endpont:", place: "hearth.yaml:4:7", advice: "endpoint"),
        Typo(text: soap, from: "{connect: 5}", to: "{conect: 5}", place: "hearth.yaml:7:18", advice: "connect"),
        Typo(text: soap, from: "attempts: 1", to: "atempts: 1", place: "hearth.yaml:8:15", advice: "attempts"),
        Typo(
            text: soap, from: "type: digest", to: "type: digset", place: "hearth.yaml:6:51", code: "config.badValue",
            advice: "digest"),
        Typo(text: soap, from: "operation:", to: "opration:", place: "hearth.yaml:11:9", advice: "operation"),
        Typo(text: soap, from: "size: 10", to: "sise: 10", place: "hearth.yaml:15:17", advice: "size"),
        Typo(
            text: soap, from: "repeated: first", to: "repeated: frist", place: "hearth.yaml:18:42",
            code: "config.badValue"),
        Typo(text: soap, from: "path: d:Note", to: "pth: d:Note", place: "hearth.yaml:18:18", advice: "path"),
        Typo(text: csv, from: "csv: {folder", to: "csv: {foldr", place: "hearth.yaml:3:11", advice: "folder"),
        Typo(text: csv, from: "pattern:", to: "patern:", place: "hearth.yaml:6:9", advice: "pattern"),
        Typo(
            text: csv, from: "semantics: snapshot", to: "semantics: snapshots", place: "hearth.yaml:8:20",
            code: "config.badValue"),
        Typo(text: csv, from: "ready: .done", to: "ready: soon", place: "hearth.yaml:9:16", code: "config.badValue"),
        Typo(text: csv, from: "countField: 2", to: "countFeild: 2", place: "hearth.yaml:10:33", advice: "countField"),
        Typo(text: csv, from: "key: [no]", to: "key: no", place: "hearth.yaml:7:14", code: "config.badValue"),
        Typo(
            text: csv, from: "csv: {folder: drops}", to: "csv: {folder: drops}\n    sql: {path: x}",
            place: "hearth.yaml:3:5", code: "config.badValue"),
    ]

    @Test(arguments: typos) func aMistakeIsToldWhereItStands(_ typo: Typo) throws {
        let problems = try problems(typo.text.replacing(typo.from, with: typo.to, maxReplacements: 1))
        let found = problems.first { $0.hasPrefix(typo.place + ":") && $0.contains("[\(typo.code)]") }
        #expect(found != nil, "\(problems)")
        if let advice = typo.advice { #expect(found?.contains("\"\(advice)\"") == true, "\(problems)") }
    }

    private static let account = "appId: a, secret: s, token: t"

    /// Doors for customers: what is wrong is told at its line, and what is secret is not.
    @Test(arguments: [
        "keys: [geheim]", "chats: {}", "kiosk: {idle: 4}", "kiosk: {idle: 601}", "hotline: {silences: 0}",
        "desk: {hours: 169}", "sms: {secret: geheim}", "sms: {reply: sms}", "wechat: {appId: a, secret: geheim}",
        "wechat: {\(account), safe: true}", "wechat: {\(account), encodingKeys: [geheim]}",
        "wechat: {\(account), api: gopher}", "wechat: {\(account), patience: 5000}",
        "wechat: {\(account), templates: [{rule: r, id: i, fields: {think1: x}}]}",
        "wechat: {\(account), templates: [{rule: r, id: i, send: mass, fields: {thing1: x}}]}",
    ])
    func aMistakeOfADoorIsTold(line: String) throws {
        let problems = try problems("channels:\n  \(line)\n" + Self.sql)
        #expect(!problems.isEmpty && problems.allSatisfy { $0.hasPrefix("hearth.yaml:2:") }, "\(problems)")
        #expect(!problems.contains { $0.contains("geheim") }, "\(problems)")
    }

    @Test func doorsAsTheyMayBe() throws {
        let doors = """
            channels:
              keys: [\(String(repeating: "k", count: 32))]
              chat: {}
              kiosk: {idle: 600, speaker: off}
              desk: {hours: 168}
              hotline: {}
              sms: {}
              wechat: {\(Self.account)}

            """
        #expect(try problems(doors + Self.sql) == [])
    }

    @Test func everyMistakeIsToldAtOnce() throws {
        let text = Self.sql.replacing("path:", with: "paht:").replacing("lookback: 60", with: "lookback: x").replacing(
            "sources:", with: "zone: Mars\nsources:")
        #expect(try problems(text).count >= 3)
    }

    @Test func yamlThatIsNoneIsToldWithItsLine() throws {
        let found = try problems("sources:\n  billing: [a\n  x: 1\n")
        #expect(
            found.count == 1 && found[0].contains("[config.syntax]") && found[0].hasPrefix("hearth.yaml:3:"), "\(found)"
        )
        #expect(try problems("").first?.contains("[config.syntax]") == true)
        #expect(try problems(Self.sql + "\n  billing: {}\n").first?.contains("[config.duplicateKey]") == true)
    }

    @Test func aMissingFileSaysWhatToDo() throws {
        let error = #expect(throws: ConfigurationErrors.self) {
            try HearthConfiguration.load(path: folder.path + "/none.yaml")
        }
        #expect(error?.errors.first?.advice == "run \(.initialize) to make one, or name the right file")
        #expect(error?.description.contains("/none.yaml") == true)
    }

    // MARK: Secrets

    private let postgres = """
        sources:
          billing:
            sql: {driver: postgres, conninfo: "CONNINFO"}
            streams:
              charges: {table: sf_fy, key: [id]}
        """

    @Test func aSecretComesFromTheEnvironmentOrAFile() throws {
        let name = "HEARTH_TEST_\(UUID().uuidString.replacing("-", with: ""))"
        let missing = try missing(postgres.replacing("CONNINFO", with: "${env:\(name)}"))
        #expect(
            missing.count == 1 && missing[0].hasPrefix("hearth.yaml:3:39:")
                && missing[0].contains("[config.missingSecret]"), "\(missing)")
        #expect(missing[0].contains(name))
        let gone = try self.missing(postgres.replacing("CONNINFO", with: "${file:secret.txt}"))
        #expect(
            gone.count == 1 && gone[0].contains("secret.txt") && gone[0].contains("[config.missingSecret]"), "\(gone)")

        setenv(name, "host=x password=geheim", 1)
        defer { unsetenv(name) }
        try "geheim\n".write(toFile: folder.path + "/secret.txt", atomically: true, encoding: .utf8)
        for text in [
            "${env:\(name)}", "host=x password=${file:secret.txt}", "${env:\(name)X:-host=y}",
            "${env:\(name)X:-}host=z",
        ] {
            #expect(try problems(postgres.replacing("CONNINFO", with: text)) == [], "\(text)")
        }
        // Set but empty, and a default that is empty: there is nothing to connect to.
        #expect(
            try problems(postgres.replacing("CONNINFO", with: "${env:\(name)X:-}")).first?.contains("must not be empty")
                == true)
        #expect(
            try problems(postgres.replacing("CONNINFO", with: "${env:\(name)")).first?.contains("without closing")
                == true)
        #expect(
            try problems(postgres.replacing("CONNINFO", with: "${vault:\(name)}")).first?.contains("neither") == true)
    }

    /// What stops a sync of this configuration, which can be read.
    private func missing(_ text: String) throws -> [String] {
        let configuration = try load(text)
        do {
            try configuration.requireSecrets(of: [])
            return []
        } catch let errors as ConfigurationErrors {
            return errors.errors.map { $0.description.replacing(folder.path + "/", with: "") }
        }
    }

    /// Whoever looks an account up needs no legacy system's password. What else is wrong in the section is told all the same.
    @Test func aMissingSecretStopsOnlyWhoAsksTheSource() throws {
        let name = "HEARTH_TEST_\(UUID().uuidString.replacing("-", with: ""))"
        let both =
            postgres.replacing("CONNINFO", with: "host=x password=${env:\(name)}")
            + "\n  customer: {csv: {folder: drops}, streams: {residents: {key: [no]}}}\n"
        let configuration = try load(both)
        #expect(configuration.sources.map(\.streams) == [["charges"], ["residents"]])
        #expect(throws: ConfigurationErrors.self) { try configuration.requireSecrets(of: []) }
        #expect(throws: ConfigurationErrors.self) { try configuration.requireSecrets(of: ["billing.charges"]) }
        #expect(throws: Never.self) { try configuration.requireSecrets(of: ["customer", "customer.residents"]) }
        let locked = configuration.sources[0].connector
        #expect(locked.check().map(\.verdict) == [.failed])
        for ask in [
            { _ = try locked.discover() }, { _ = try locked.pull(PullRequest(stream: "charges")) { _ in } },
        ] {
            let error = #expect(throws: HearthError.self) { try ask() }
            #expect(error?.code.name == "config.missingSecret" && error?.description.contains(name) == true)
        }
        let broken = try problems(both.replacing("key: [id]", with: "kee: [id]"))
        #expect(broken.count == 1 && broken[0].contains("\"kee\""), "\(broken)")
        // A new password counts without a new start.
        setenv(name, "geheim", 1)
        defer { unsetenv(name) }
        #expect(throws: Never.self) { try configuration.requireSecrets(of: []) }
        #expect(try configuration.sources[0].makeConnector() is SQLConnector)
        unsetenv(name)
        // What the store or the server needs is needed by all.
        let store = try problems("store: {sqlite: \"${env:\(name)}\"}\n" + Self.sql)
        #expect(store.count == 1 && store[0].hasPrefix("hearth.yaml:1:17:"), "\(store)")
    }

    /// Every value may come from outside: numbers, flags, items of lists, words of a few, values deep in a section.
    @Test func anyValueMayComeFromOutside() throws {
        let name = "HEARTH_TEST_\(UUID().uuidString.replacing("-", with: ""))"
        setenv(name, "7", 1)
        defer { unsetenv(name) }
        try "UTC\n".write(toFile: folder.path + "/zone", atomically: true, encoding: .utf8)
        try "customer\r\n".write(toFile: folder.path + "/one", atomically: true, encoding: .utf8)
        let text = """
            vanish: {share: "${env:\(name)}%", atLeast: "${env:\(name)}"}
            zone: "${file:zone}"
            answers: {city: "${env:\(name)X:-天津市}", staleAfterHours: "${env:\(name)}0"}
            serve:
              threads: ${env:\(name)}
              maxAge: ${env:\(name)}00
              origins: ["https://${env:\(name)}.example"]
              limits: {body: "${env:\(name)X:-2048}"}
              schedules: [{streams: ["${file:one}"], every: "${env:\(name)}", full: "${env:\(name)X:-true}"}]
              host: "$${env:\(name)}"
            sources:
              customer:
                zone: ${file:zone}
                csv: {folder: "drops/${env:\(name)}"}
                streams:
                  residents: {pattern: "${env:\(name)}*.csv", semantics: "${env:\(name)X:-snapshot}", key: [no]}

            """
        let configuration = try load(text)
        #expect(configuration.policy == VanishPolicy(permille: 70, atLeast: 7))
        #expect(configuration.timeZone.identifier == "UTC" || configuration.timeZone.secondsFromGMT() == 0)
        #expect(configuration.homeCity == "天津市" && configuration.staleAfterHours == 70)
        let serve = configuration.serve
        #expect(serve.threads == 7 && serve.maxAge == 700 && serve.origins == ["https://7.example"])
        #expect(serve.maxBody == 2048 && serve.host == "${env:\(name)}")
        #expect(serve.schedules.map(\.streams) == [["customer"]] && serve.schedules.map(\.isFull) == [true])
        #expect(serve.schedules.map(\.timing) == [.every(seconds: 7)])
        #expect(configuration.sources[0].zone == "UTC")
    }

    /// A value from outside that is wrong is told by what the file says, not by what it is.
    @Test(arguments: [
        (from: "driver: sqlite", to: "driver: SECRET"), (from: "lookback: 60", to: "lookback: SECRET"),
        (from: "table: sf_fy", to: "countRows: SECRET, table: sf_fy"),
    ])
    func aWrongValueFromOutsideIsNotShown(_ change: (from: String, to: String)) throws {
        let name = "HEARTH_TEST_\(UUID().uuidString.replacing("-", with: ""))"
        setenv(name, "t0p-geheim", 1)
        defer { unsetenv(name) }
        let text = Self.sql.replacing(change.from, with: change.to.replacing("SECRET", with: "\"${env:\(name)}\""))
        for (text, told) in [
            // What a source wants is read when it is asked, what the whole wants at once.
            (text, "${env:\(name)}"), (text + "\nzone: \"${env:\(name)}\"\n", "\"${env:\(name)}\" is not a time zone"),
        ] {
            let problems = try problems(text)
            #expect(problems.count == 1 && !problems.contains { $0.contains("geheim") }, "\(problems)")
            #expect(problems.contains { $0.contains(told) || $0.contains("must be") }, "\(problems)")
        }
    }

    /// A wrong default is shown as the file has it, once.
    @Test func aWrongDefaultIsShownAsTheFileHasIt() throws {
        let name = "HEARTH_TEST_\(UUID().uuidString.replacing("-", with: ""))"
        let problems = try problems(Self.sql.replacing("driver: sqlite", with: "driver: \"${env:\(name):-sqlit}\""))
        #expect(problems.first?.contains(" \"${env:\(name):-sqlit}\" is not a driver") == true, "\(problems)")
    }

    @Test func theDefaultStandsOnlyWhereNothingIsSet() throws {
        let name = "HEARTH_TEST_\(UUID().uuidString.replacing("-", with: ""))"
        let text = "store: {sqlite: \"${env:\(name):-by default.db}\"}\n" + Self.sql
        #expect(try load(text).storePath.hasSuffix("/by default.db"))
        setenv(name, "set.db", 1)
        defer { unsetenv(name) }
        #expect(try load(text).storePath.hasSuffix("/set.db"))
    }

    /// Neither a mistake elsewhere in the file nor a source that cannot be reached prints what a secret stands for.
    @Test func noSecretIsEverPrinted() throws {
        let name = "HEARTH_TEST_\(UUID().uuidString.replacing("-", with: ""))"
        setenv(name, "t0p-geheim", 1)
        defer { unsetenv(name) }
        let sql = postgres.replacing(
            "CONNINFO", with: "host=127.0.0.1 port=1 user=hearth password=${env:\(name)} connect_timeout=1")
        let header = "headers: [\"Authorization: Bearer ${env:\(name)}\"]\n      timeouts:"
        let soap = Self.soap.replacing("password: p", with: "password: \"${env:\(name)}\"").replacing(
            "timeouts:", with: header
        ).replacing(
            "http://127.0.0.1:1/ws", with: "http://u:${env:\(name)}@127.0.0.1:1/ws?key=${env:\(name)}")
        for text in [sql, soap] {
            for broken in [text.replacing("streams:", with: "streems:"), text.replacing("key:", with: "kee:")] {
                let problems = try problems(broken)
                #expect(!problems.isEmpty && !problems.contains { $0.contains("geheim") }, "\(problems)")
            }
            let configuration = try load(text)
            let source = configuration.sources[0]
            for finding in source.connector.check() {
                #expect(!"\(finding)".contains("geheim"), "\(finding)")
            }
            let error = #expect(throws: HearthError.self) {
                try source.connector.pull(PullRequest(stream: source.streams[0])) { _ in }
            }
            #expect(error.map { "\($0)".contains("geheim") } == false, "\(String(describing: error))")
            #expect(error?.place != nil && error?.advice != nil)
            #expect(!"\(configuration)".contains("geheim") && !String(reflecting: configuration).contains("geheim"))
        }
    }

    @Test func streamNamesAreReadAndWritten() {
        #expect(StreamName("billing.charges")?.description == "billing.charges")
        #expect(StreamName("dispatch.orders.2026")?.stream == "orders.2026")
        for text in ["billing", ".charges", "billing.", ""] { #expect(StreamName(text) == nil) }
    }
}
