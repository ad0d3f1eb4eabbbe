import Foundation
import HearthTesting
import TestTraits
import Testing

/// Lists say how much of them is shown, and `status` says how old the data is.
@Suite(.waitsForServers) struct ListingTests {
    private func site(_ refused: Int) async throws -> FieldSite {
        let site = try FieldSite(
            sources: Mappings.doorSources, mappings: Mappings.doors(payments: "{column: no, as: accountNumber}"))
        try site.drop("u.csv", "no,community,door", "00000001,甲小区,601-4")
        let rows = (1...max(1, refused)).map { "P\($0),00000009,1.00\n" }.joined()
        try site.drop("p.csv", text: "id,no,amount\n" + rows)
        #expect(try await site.sync().ending.status == 1)
        return site
    }

    @Test(arguments: [1, 100, 101, 2345]) func theQuarantineIsListedWhole(_ count: Int) async throws {
        let site = try await site(count)
        let entries = try await site.quarantine()
        #expect(entries.count == count && Set(entries.map(\.key)).count == count)
        let text = try await site.hearth("quarantine", "list")
        let told = text.output.split(separator: "\n").last ?? ""
        #expect(told.contains("100 of \(count) shown") == (count > 100), "\(told)")
        #expect(told.contains("--limit \(count)") == (count > 100), "\(told)")
        #expect(text.output.split(separator: "\n").count == min(count, 100) + (count > 100 ? 2 : 1))
    }

    @Test func aLimitIsSaid() async throws {
        let site = try await site(7)
        let some = try await site.hearth("quarantine", "list", "--json", "--limit", "3")
        func list(_ ending: Program.Ending) throws -> [String: Any] { try ending.json() as? [String: Any] ?? [:] }
        #expect((try list(some)["records"] as? [Any])?.count == 3)
        #expect(try list(some)["next"] as? Int == 3)
        #expect(some.errors.contains("3 shown; --after 3 shows the next"), "\(some.errors)")
        let rest = try await site.hearth("quarantine", "list", "--json", "--limit", "10", "--after", "3")
        #expect((try list(rest)["records"] as? [Any])?.count == 4 && rest.errors.isEmpty)
        #expect(try list(rest)["next"] == nil)
        let none = try await site.hearth("quarantine", "list", "--json", "--code", "record.none")
        #expect(try list(none)["records"] as? [String] == [] && none.status == 0)
    }

    /// A source that is asked every hour and has brought nothing since Monday is fresh, and its data is of Monday.
    @Test func statusTellsTheAgeOfTheData() async throws {
        let site = try await site(1)
        func news() async throws -> [String: String] {
            let status = try await site.hearth("status", "--json")
            let streams = (try status.json() as? [String: Any])?["streams"] as? [[String: Any]] ?? []
            return Dictionary(
                streams.map { ($0["stream"] as? String ?? "", $0["brought_news_at"] as? String ?? "never") },
                uniquingKeysWith: { $1 })
        }
        let first = try await news()
        #expect(first["c.users"]?.hasPrefix("20") == true && first["c.payments"] == "never", "\(first)")
        for _ in 0..<20 { _ = try await site.sync("c.users") }
        let later = try await news()
        #expect(later["c.users"] == first["c.users"])
        let text = try await site.hearth("status")
        #expect(text.output.contains("last news") && text.output.contains(" min ago)"), "\(text.output)")
        #expect(text.output.contains("newest data"), "\(text.output)")
    }
}
