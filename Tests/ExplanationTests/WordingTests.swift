import AccountView
import Explanation
import Foundation
import HeatModel
import Store
import Testing

@Suite struct WordingTests {
    /// The shipped files in a folder of their own, changed.
    private func load(_ change: (String) -> String) throws -> Wordings {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("wordings-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let shipped = repository.appendingPathComponent("Config/answers")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: shipped.path) {
            let text = try String(contentsOf: shipped.appendingPathComponent(name), encoding: .utf8)
            try change(text).write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        return try Wordings.load(directory: folder.path)
    }

    private func explained() throws -> Explanation {
        var view = ViewText()
        view.charge("2025-2026", "heatByArea", "90.000", "m2", "24.000", 216_000)
        var statistics = try #require(CohortStatistics.example(households: 20))
        statistics.bill = Fen(240_000)
        return try Explainer(book: shipped.get()).explain(
            AccountContext(view: view.bytes), season: nil, versus: .peers, asOf: day("2026-01-20"),
            now: instant("2026-01-20T12:00:00+08:00"), in: Neighbourhood(byLevel: [.building: statistics]))
    }

    @Test func theNameOfOneVersionAgoIsReadWithAWarning() throws {
        #expect(try load { $0 }.warnings.isEmpty)
        let old = try load { $0.replacingOccurrences(of: "basis_difference.", with: "calibre.") }
        #expect(old.warnings.count == 6)
        for warning in old.warnings {
            #expect(warning.code.name == "config.renamedKey" && warning.place != nil)
            #expect(warning.message.contains("basis_difference") && warning.advice != nil)
        }
        let explained = try explained()
        #expect(explained.parts.contains { $0.kind == "basis_difference" })
        for language in old.languages {
            let (before, now) = (try #require(old[language]), try #require(try wordings.get()[language]))
            #expect(explained.text(before) == explained.text(now))
        }
    }

    @Test func theDocumentStatesItsVersionAndTheNamesOfThatVersion() throws {
        let english = try #require(try wordings.get()["en"])
        let document = String(decoding: try explained().json(in: [english]), as: UTF8.self)
        #expect(document.hasPrefix("{\"version\":2,"))
        #expect(document.contains("\"factor\":\"basis_difference\"") && !document.contains("calibre"))
        #expect(document.contains("median bill") && !document.contains("middle bill"))
    }
}
