import Foundation
import HearthTesting
import HeatModel
import TestTraits
import Testing

@testable import LegacyEstate

/// A cold home of the demo company, from the dispatch system's outage to what the command says.
@Suite(.waitsForServers) struct TriageTests {
    private func triage(_ site: Site, _ number: String, _ more: String...) async throws -> [String: Any] {
        let ending = try await Program.run(
            ["triage", number, "--json"] + more, environment: site.environment, directory: site.folder)
        #expect(ending.status == 0, "\(ending.errors)")
        return try #require(try ending.json() as? [String: Any])
    }

    private func names(_ answer: [String: Any]) -> [String] {
        (answer["findings"] as? [[String: Any]] ?? []).compactMap { $0["finding"] as? String }
    }

    @Test func anOutageOfTheDispatchSystemIsToldWithItsRow() async throws {
        try await Site.with(EstateOptions(accounts: 600, seed: 5, plantFaults: false)) { site in
            #expect(try await site.hearth("sync", "billing", "customer").status == 0)
            let before = try site.store().number("SELECT max(id) FROM run")
            let sync = try await site.hearth("sync")
            #expect(sync.status == 0, "\(sync.errors)")
            func account(_ building: Int) -> String {
                AccountFacts.number((building - 1) * Community.accountsPerBuilding + 7)
            }
            let day = "2026-01-20"
            let cold = try await triage(site, account(2), "--on", day)
            let finding = try #require((cold["findings"] as? [[String: Any]])?.first)
            #expect(finding["finding"] as? String == "outage" && finding["level"] as? String == "building")
            #expect(finding["cause"] as? String == "单元立管漏水抢修")
            let evidence = try #require((finding["evidence"] as? [[String: Any]])?.first)
            #expect(evidence["source"] as? String == "dispatch.outages")
            #expect(evidence["key"] as? String == OutageFacts.id(0))
            #expect((cold["next_action"] as? [String: Any])?["action"] as? String == "waitForEnd")
            #expect((cold["first_checks"] as? [Any])?.isEmpty == true)

            #expect(names(try await triage(site, account(3), "--on", day)).contains("outageAhead"))
            #expect(names(try await triage(site, account(4), "--on", day)).first == "outage")
            #expect(names(try await triage(site, account(5), "--on", day)).first == "outageOverdue")
            for building in [1, 6] {
                let answer = try await triage(site, account(building), "--on", day)
                #expect(!names(answer).contains { $0.hasPrefix("outage") }, "\(building)")
                #expect(answer["not_told"] as? [String] == ["neighbours_then"])
            }
            // A week later nobody waits for these any more.
            let later = try await triage(site, account(2), "--on", "2026-02-20")
            #expect(!names(later).contains("outage"))
            // Before the dispatch system was read nothing was known.
            let then = try await triage(site, account(2), "--on", day, "--as-of", "\(before)")
            #expect(!names(then).contains("outage"))
            #expect((then["not_told"] as? [String])?.sorted() == ["neighbours_then", "outages"])

            let words = try await site.hearth("triage", account(2), "--on", day, "--plain")
            #expect(words.output.contains("停暖了") && words.output.contains("单元立管漏水抢修"), "\(words.output)")
        }
    }
}
