import ConfigurationFiles
import Foundation
import HeatModel
import Records
import SQLConnector
import Testing

@testable import Setup

/// The keys of an SQL source in `hearth.yaml`.
@Suite struct SQLConfigurationTests {
    private func load(_ text: String) throws -> SQLConnector {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try text.write(toFile: folder + "/hearth.yaml", atomically: true, encoding: .utf8)
        let source = try #require(try HearthConfiguration.load(path: folder + "/hearth.yaml").sources.first)
        return try #require(try source.makeConnector() as? SQLConnector)
    }

    private func problems(_ text: String) throws -> [HearthError] {
        do {
            _ = try load(text)
            return []
        } catch let errors as ConfigurationErrors { return errors.errors }
    }

    private func configuration(_ settings: String, stream: String = "table: t, key: [k]") -> String {
        """
        sources:
          billing:
            sql: {driver: postgres, \(settings)}
            streams:
              a: {\(stream)}
        """
    }

    private func options(_ settings: String) throws -> PostgresOptions {
        guard case .postgres(let options) = try load(configuration(settings)).driver else {
            throw HearthError(.init("usage.test"), "not postgres")
        }
        return options
    }

    @Test func aSecretInAConnectionStringIsAValue() throws {
        let name = "HEARTH_TEST_\(UUID().uuidString.replacing("-", with: ""))"
        setenv(name, "it's a\\b sslmode=disable", 1)
        defer { unsetenv(name) }
        #expect(
            try options("conninfo: \"host=h password=${env:\(name)} dbname=d\"").conninfo
                == "host=h password=it\\'s\\ a\\\\b\\ sslmode=disable dbname=d")
        #expect(
            try options("conninfo: \"password='${env:\(name)}'\"").conninfo
                == "password='it\\'s a\\\\b sslmode=disable'")
        #expect(
            try options("conninfo: \"postgres://u:${env:\(name)}@h/d\"").conninfo
                == "postgres://u:it%27s%20a%5Cb%20sslmode%3Ddisable@h/d")
        // Kept outside as a whole it is what it is.
        setenv(name, "host=h password='x'", 1)
        #expect(try options("conninfo: \"${env:\(name)}\"").conninfo == "host=h password='x'")
        let refused = try problems(configuration("conninfo: \"dbname=d ${env:\(name)}\""))
        #expect(refused.map(\.code.name) == ["config.badValue"] && refused[0].place != nil && refused[0].advice != nil)
        #expect(!refused[0].debugDescription.contains("'x'"))
    }

    @Test func theParametersHaveKeysOfTheirOwn() throws {
        let name = "HEARTH_TEST_\(UUID().uuidString.replacing("-", with: ""))"
        setenv(name, " '\\ ", 1)
        defer { unsetenv(name) }
        let options = try options("host: h, port: 5433, database: \"a b\", user: u, password: \"${env:\(name)}\"")
        #expect(options.host == "h" && options.port == 5433 && options.database == "a b" && options.user == "u")
        #expect(options.password == " '\\ " && options.conninfo.isEmpty)
        #expect(try self.options("conninfo: host=h, password: p").password == "p")
        #expect(try problems(configuration("host: h")).map(\.code.name) == ["config.missingKey"])
        #expect(
            try problems(configuration("host: h, database: d, port: 70000")).map(\.code.name) == ["config.badValue"])
        #expect(
            try problems(configuration("host: h, database: d, pasword: x")).first?.advice
                == "did you mean \"password\"?")
    }

    @Test func aCursorsFormatIsDeclared() throws {
        func stream(_ more: String) throws -> SQLStream {
            try #require(
                try load(configuration("conninfo: host=h", stream: "table: t, cursor: c, \(more)")).streams.first)
        }
        #expect(try stream("cursorFormat: yyyy/M/d H:mm:ss").cursorOrder?.description == "yyyy/M/d H:mm:ss")
        #expect(try stream("cursorFormat: epochMilliseconds").cursorOrder == .digits(.epochMilliseconds))
        #expect(try stream("lookback: 5").cursorOrder == nil)
        func wrong(_ stream: String) throws -> [HearthError] {
            try problems(configuration("conninfo: host=h", stream: stream))
        }
        let near = try wrong("table: t, cursor: c, cursorFormat: epochSecond")
        #expect(near.map(\.code.name) == ["config.badValue"] && near[0].advice == "did you mean \"epochSeconds\"?")
        #expect(try wrong("table: t, cursor: c, cursorFormat: yyyy/mm/dd").map(\.code.name) == ["config.badValue"])
        #expect(try wrong("table: t, cursorFormat: counter").map(\.code.name) == ["config.badValue"])
        #expect(try wrong("table: t, key: [a, a]").map(\.code.name) == ["config.badValue", "config.badValue"])
    }

    @Test func aSourceIsReachedByODBC() throws {
        let name = "HEARTH_TEST_\(UUID().uuidString.replacing("-", with: ""))"
        setenv(name, "a;b}", 1)
        defer { unsetenv(name) }
        func odbc(_ settings: String) throws -> ODBCOptions {
            let text = configuration(settings).replacing("driver: postgres", with: "driver: odbc")
            guard case .odbc(let options) = try load(text).driver else {
                throw HearthError(.init("usage.test"), "not odbc")
            }
            return options
        }
        let options = try odbc(
            "system: mysql, odbcDriver: MariaDB Unicode, host: h, port: 3307, database: d, user: u, password: \"${env:\(name)}\", settings: {SSLCA: /ca.pem, COMPRESSED_PROTO: \"1\"}, silenceTimeout: 5"
        )
        #expect(options.system == .mysql && options.driver == "MariaDB Unicode" && options.port == 3307)
        #expect(options.password == "a;b}" && options.settings == ["SSLCA": "/ca.pem", "COMPRESSED_PROTO": "1"])
        #expect(options.silenceTimeout == 5 && options.host == "h" && options.database == "d" && options.user == "u")
        #expect(try odbc("system: sqlite, odbcDriver: SQLite3, path: /x/y.db").database == "/x/y.db")
        #expect(try odbc("dsn: billing").dsn == "billing")
        func wrong(_ settings: String) throws -> [HearthError] {
            try problems(configuration(settings).replacing("driver: postgres", with: "driver: odbc"))
        }
        #expect(try wrong("system: mysql, host: h").map(\.code.name) == ["config.missingKey"])
        #expect(try wrong("odbcDriver: X").map(\.code.name) == ["config.missingKey"])
        #expect(try wrong("system: mysq, odbcDriver: X").first?.advice == "did you mean \"mysql\"?")
    }
}
