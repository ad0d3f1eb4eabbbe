import ConfigurationFiles
import Foundation
import HeatModel
import Testing

@testable import Setup
@testable import Webhooks

/// `webhooks.yaml`: read as written, every mistake told where it stands, no secret in any message.
@Suite struct WebhookFileTests {
    private static let secret = "whsec_" + Data(repeating: 5, count: 32).base64EncodedString()

    private func load(_ text: String?) throws -> [WebhookEndpoint] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "hearth-webhooks-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let main = folder.path + "/hearth.yaml"
        try "sources:\n  c:\n    csv: {folder: d}\n    streams: {r: {}}\n".write(
            toFile: main, atomically: true, encoding: .utf8)
        try Self.secret.write(toFile: folder.path + "/secret", atomically: true, encoding: .utf8)
        if let text { try text.write(toFile: folder.path + "/webhooks.yaml", atomically: true, encoding: .utf8) }
        return try HearthConfiguration.load(path: main).webhooks()
    }

    private func problems(_ text: String) throws -> [String] {
        do {
            _ = try load(text)
            return []
        } catch let errors as ConfigurationErrors {
            return errors.errors.map(\.description)
        }
    }

    @Test func nobodyIsNamedWithoutAFileAndInTheShippedOne() throws {
        #expect(try load(nil).isEmpty)
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        #expect(
            try load(String(contentsOf: repository.appendingPathComponent("Config/webhooks.yaml"), encoding: .utf8))
                .isEmpty)
    }

    @Test func aSubscriberIsReadAsItStands() throws {
        let found = try load(
            """
            webhooks:
              bot:
                url: https://bot.example/hearth
                secrets: ["${file:secret}", \(Self.secret)]
                types: [order, com.hearth.outage.begun]
                accounts: ["０1000045"]
                personal: true
                timeout: 15
                from: oldest
              inside: {url: "http://10.0.0.7/x", secrets: [\(Self.secret)], private: true}
            """)
        let bot = try #require(found.first { $0.name == "bot" })
        #expect(bot.secrets == [[UInt8](repeating: 5, count: 32), [UInt8](repeating: 5, count: 32)])
        #expect(bot.types.count == 9 && bot.types.contains("order.enroute") && bot.types.contains("outage.begun"))
        #expect(bot.accounts == ["01000045"] && bot.seesPersonalData && bot.timeout == 15_000 && bot.fromOldest)
        #expect(!bot.isPrivate && "\(bot)" == "webhook bot")
        let inside = try #require(found.first { $0.name == "inside" })
        #expect(inside.isPrivate && inside.types.isEmpty && inside.timeout == 20_000 && !inside.fromOldest)
    }

    @Test(arguments: [
        ("url: http://bot.example/", "3:8: \"url\" must be an address that begins with https://"),
        ("url: ftp://bot.example/", "3:8: \"url\" must be an address that begins with https://"),
        ("url: \"https://\"", "3:8: \"url\" must be an address that begins with https://"),
        ("color: red", "3:3: unknown key \"color\" in webhook bot"),
        ("timeout: 31", "3:12: \"timeout\" must be a whole number, at least 1 and at most 30"),
        ("types: [order.flying]", "3:11: \"order.flying\" is no type of event"),
        ("from: then", "3:9: \"from\" must be now or oldest"),
        ("secrets: [whsec_c2hvcnQ=]", "3:13: a secret must be whsec_ and 24 to 64 bytes in base64"),
        ("secrets: []", "3:12: \"secrets\" must name at least one"),
        ("secrets: [\"${env:HEARTH_NOT_SET_ANYWHERE}\"]", "3:13: \"secrets\" wants the environment variable"),
    ])
    func mistakesAreToldWhereTheyStand(line: String, message: String) throws {
        var lines = ["webhooks:", " bot:", "  \(line)"]
        if !line.hasPrefix("url") { lines.append("  url: https://bot.example/") }
        if !line.hasPrefix("secrets") { lines.append("  secrets: [\(Self.secret)]") }
        let found = try problems(lines.joined(separator: "\n"))
        #expect(found.contains { $0.contains("webhooks.yaml:\(message)") || $0.contains(message) }, "\(found)")
        #expect(found.allSatisfy { !$0.contains("BQUF") && !$0.contains("c2hv") })
    }

    @Test func whatIsNeededIsSaid() throws {
        #expect(try problems("webhooks:\n bot: {}\n").count == 2)
        #expect(try problems("hooks: {}\n").first?.contains("unknown key") == true)
        #expect(
            try problems("webhooks:\n \"a b\": {url: https://x.example/, secrets: [\(Self.secret)]}\n").first?.contains(
                "name must be") == true)
    }
}
