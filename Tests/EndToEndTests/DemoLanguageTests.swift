import Foundation
import HearthTesting
import TestTraits
import Testing

/// `hearth demo` speaks one language to its end: that of the locale, unless `--lang` names another.
@Suite(.waitsForServers) struct DemoLanguageTests {
    private static func demo(_ options: [String], _ environment: [String: String]) async throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-demo-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let ending = try await Program.run(
            ["demo", "--accounts", "200", "--directory", "d"] + options, environment: environment, directory: folder)
        #expect(ending.status == 0, "\(ending.errors)")
        return (ending.output + ending.errors).split(separator: "\n").map(String.init)
    }

    @Test func chineseByTheLocale() async throws {
        let lines = try await Self.demo([], ["LANG": "zh_CN.UTF-8"])
        #expect(lines.contains { $0.hasPrefix("billing.charges:成功,读 ") })
        #expect(lines.contains { $0.contains("record.badDecimal") && $0.contains("不是数字") })
        let words = lines.filter { !$0.hasPrefix("  hearth --workspace d ") }
            .map { $0.replacing(#/`[^`]*`/#, with: "").replacing(#/curl .*/#, with: "") }
        #expect(words.filter { $0.firstEnglish != nil } == [])
    }

    @Test func englishByTheOption() async throws {
        let lines = try await Self.demo(["--lang", "en"], ["LC_ALL": "zh_CN.UTF-8"])
        #expect(lines.contains { $0.hasPrefix("billing.charges: success, read ") })
        // The tariff's city is called so in its file.
        #expect(lines.map { $0.replacing("天津市/", with: "") }.filter { $0.firstChinese != nil } == [])
    }
}
