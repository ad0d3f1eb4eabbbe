import Answers
import Foundation
import Testing

@testable import Gateway

/// Why a home is cold, over HTTP.
@Suite struct TriageTests {
    @Test func picturesNeedNoTokenAndAreThoseOfTheRules() async throws {
        try await GatewaySite.with { site in
            let answer = try await site.client.get(
                "/v1/accounts/\(site.number)/triage?on=2026-01-20", token: site.token(.assistant))
            let checks = try #require(answer.json["first_checks"] as? [[String: Any]])
            for name in Set(checks.compactMap { $0["picture"] as? String }).union(["valve.svg"]) {
                let picture = try await site.client.get("/v1/pictures/\(name)")
                #expect(picture.status == 200 && picture.fields["content-type"] == "image/svg+xml", "\(name)")
                #expect(picture.text.hasPrefix("<svg ") && picture.text.contains("role=\"img\""))
            }
            for name in ["", "nowhere.svg", "../triage.yaml", "..%2Ftriage.yaml", "valve.svg/"] {
                #expect(try await site.client.get("/v1/pictures/\(name)").status != 200, "\(name)")
            }
        }
    }

    /// One form for all who may ask, and nobody else's.
    @Test func itIsTheSameForAllAndForbiddenToOthers() async throws {
        try await GatewaySite.with { site in
            let path = "/v1/accounts/\(site.number)/triage?on=2026-01-20"
            let plain = try await site.client.get(path, token: site.token(.assistant))
            let clear = try await site.client.get(path, token: site.token(.assistant, .pii))
            #expect(plain.status == 200 && plain.text == clear.text)
            #expect(!plain.text.contains(site.identity))
            #expect(try await site.client.get(path, token: site.token(.auditor)).text == plain.text)
            #expect(try await site.client.get(path, token: site.token(.engineer)).status == 403)
            #expect(try await site.client.get(path).status == 401)
            let unknown = "/v1/accounts/99999999/triage"
            #expect(try await site.client.get(unknown, token: site.token(.assistant)).status == 404)
            let bad = try await site.client.get(
                "/v1/accounts/\(site.number)/triage?on=noon", token: site.token(.assistant))
            #expect(bad.status == 400 && bad.text.contains("\"on\""))
        }
    }

    /// An outage of the account's building comes with the dispatch system's record, in each language.
    @Test func anOutageIsTold() async throws {
        try await GatewaySite.with { site in
            let facts = try site.facts()
            let number = try #require(
                facts.filter { $0.value["building"] as? String == "2" }.keys.sorted().first)
            let path = "/v1/accounts/\(number)/triage?on=2026-01-20"
            for (query, words) in [("", "正在停供"), ("&lang=en", "Supply is interrupted"), ("&plain=true", "停暖")] {
                let answer = try await site.client.get(path + query, token: site.token(.assistant))
                let finding = try #require((answer.json["findings"] as? [[String: Any]])?.first)
                #expect(finding["finding"] as? String == "outage")
                let evidence = try #require((finding["evidence"] as? [[String: Any]])?.first)
                #expect(evidence["source"] as? String == "dispatch.outages" && evidence["run"] as? Int != nil)
                let said = ((finding["text"] as? [[String: Any]])?.first)?["text"] as? String ?? ""
                #expect(said.contains(words), "\(said)")
                // Neighbours are counted of today alone.
                #expect((answer.json["not_told"] as? [String]) == ["neighbours_then"])
            }
            let then = try await site.client.get(path + "&as_of=1", token: site.token(.assistant))
            #expect(then.status == 404 || (then.json["not_told"] as? [String])?.contains("outages") == true)
        }
    }
}
