import Assistant
import Foundation
import HeatModel
import Insights
import SQLiteStore
import Store
import Testing

@testable import Understanding

@Suite struct SuggestTests {
    struct Likely: Hearing {
        func hear(_ words: String, context: HearingContext) -> Heard {
            let heard = Ear().hear(words, context: context)
            guard words.contains("暖气") else { return heard }
            return Heard(
                words: words, outcome: .unclear(["not_warm"]),
                ranking: [.init(intent: "not_warm", score: 300, because: "暖气")], slots: heard.slots, marks: [])
        }
    }

    @Test func whatWasNotAnsweredIsProposedAsAChange() async throws {
        let company = try await Company.make(hearing: Likely())
        for (index, words) in ["暖气片咕噜咕噜响个不停", "暖气片咕噜咕噜响", "嘟嘟囔囔", "暖气片咕噜咕噜响个不停"].enumerated() {
            try company.customer("c\(index)").say(words)
        }
        let rated = company.customer("rated")
        try rated.say("几号供暖")
        try rated.say("没看懂")
        let month = try #require(ReportMonth("2026-01") { _ in 480 })
        let report = try company.store.read { try MonthReport(month, of: $0) }
        #expect(report.unanswered.count == 4)
        let found = KnowledgeSuggestions(report, hearing: Likely())
        #expect(found.clusters.first?.count == 3 && found.clusters.first?.intent == "not_warm", "\(found.clusters)")
        #expect(found.misunderstood.contains { $0.intent == "season_dates" }, "\(found.misunderstood)")
        let folder = company.folder + "/Config/knowledge"
        let diff = found.diff(folder: folder, name: "knowledge")
        #expect(diff.contains("+暖气片咕噜咕噜响个不停") && diff.contains("# 没有答案的问题,1 次:嘟嘟囔囔"), "\(diff)")
        // It is a change that can be applied.
        try diff.write(toFile: company.folder + "/Config/change.diff", atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
        process.arguments = ["apply", "change.diff"]
        process.currentDirectoryURL = URL(fileURLWithPath: company.folder + "/Config")
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let file = try String(contentsOfFile: folder + "/examples/not_warm.txt", encoding: .utf8)
        #expect(file.hasSuffix("暖气片咕噜咕噜响个不停\n暖气片咕噜咕噜响\n"))
        #expect(
            !KnowledgeSuggestions(report, hearing: Likely()).diff(folder: folder, name: "knowledge").contains("+暖气片"))
    }
}
