import Answers
import Audit
import Foundation
import Gateway
import HeatModel
import JWTKit
import LegacyEstate
import SQLiteStore
import Setup
import Store
import Sync
import Testing

/// Who may ask, what is shown to them, and what is written down of it.
@Suite struct AccessControlTests {
    @Test func maskedUnlessTheTokenAllowsIt() async throws {
        try await GatewaySite.with { site in
            let client = site.client
            let path = "/v1/accounts/\(site.number)"
            let masked = try await client.get(path, token: site.token(.assistant))
            #expect(masked.status == 200)
            #expect(masked.fields["content-type"] == "application/json")
            let facts = try #require(masked.json["facts"] as? [String: Any])
            #expect((facts["holder_name"] as? String)?.contains("*") == true)
            #expect(facts["holder_id_number"] as? String == "***")
            #expect(!masked.text.contains(site.identity))
            let clear = try await client.get(path, token: site.token(.assistant, .pii))
            #expect(clear.text.contains(site.identity))
            // Amounts have their twin, in both.
            let season = try #require((masked.json["seasons"] as? [[String: Any]])?.first)
            let due = try #require(season["due_fen"] as? Int64)
            #expect(season["due"] as? String == "\(due / 100).\(due % 100 < 10 ? "0" : "")\(due % 100)")
            #expect(masked.fields["etag"] != clear.fields["etag"])
            // Asked again with its tag, nothing comes.
            let tag = try #require(masked.fields["etag"])
            let again = try await client.get(
                path, token: site.token(.assistant), fields: ["If-None-Match": "W/\"x\", \(tag)"])
            #expect(again.status == 304 && again.body.isEmpty)
            let zipped = try await client.get(path, token: site.token(.assistant), fields: ["Accept-Encoding": "gzip"])
            #expect(zipped.fields["content-encoding"] == "gzip")
            #expect(zipped.body.count < masked.body.count && zipped.body.starts(with: [0x1F, 0x8B]))
            let head = try await client.request("HEAD", path, token: site.token(.assistant))
            #expect(head.status == 200 && head.fields["content-length"] == masked.fields["content-length"])
        }
    }

    @Test func noTokenAndWrongScopeTellNothing() async throws {
        try await GatewaySite.with { site in
            let client = site.client
            let engineer = try site.token(.engineer)
            let expired = try site.newToken(.assistant, expiresIn: -1)
            for number in [site.number, "99999999"] {
                let path = "/v1/accounts/\(number)"
                for token in [nil, "hearth_" + String(repeating: "x", count: 43), expired] {
                    let refused = try await client.get(path, token: token)
                    #expect(refused.status == 401 && refused.problem == "unauthorized")
                    #expect(refused.fields["www-authenticate"] != nil)
                }
                let forbidden = try await client.get(path + "/amount-due", token: engineer)
                #expect(forbidden.status == 403 && forbidden.problem == "forbidden")
            }
            let known = try await client.get("/v1/accounts/99999999", token: site.token(.assistant))
            #expect(known.status == 404 && known.problem == "unknown-account")
        }
    }

    @Test func aRevokedTokenIsRefusedSoon() async throws {
        try await GatewaySite.with(by: .live) { site in
            let client = site.client
            let token = try site.newToken(.assistant, name: "to be revoked")
            func status(until wanted: Int) async throws -> Int {
                var status = 0
                for _ in 0..<150 where status != wanted {
                    status = try await client.get("/v1/accounts/\(site.number)", token: token).status
                    if status != wanted { try await Task.sleep(for: .milliseconds(100)) }
                }
                return status
            }
            #expect(try await status(until: 200) == 200)
            let id = try #require(try site.store.accessTokens().last?.id)
            #expect(try site.store.revokeAccessToken(id, at: Instant.now))
            #expect(try !site.store.revokeAccessToken(id, at: Instant.now))
            #expect(try await status(until: 401) == 401)
        }
    }

    @Test func everyAccessIsWrittenDown() async throws {
        try await GatewaySite.with { site in
            let client = site.client
            let desk = try site.token(.assistant, .pii)
            let number = site.number
            _ = try await client.get("/v1/accounts/\(number)", token: desk, fields: ["X-Request-Id": "call-1"])
            _ = try await client.get("/v1/accounts/\(number)/work-orders", token: site.token(.assistant))
            _ = try await client.get("/v1/accounts/99999999", token: desk)
            let auditor = try site.token(.auditor)
            let answer = try await client.get("/v1/access-log", token: auditor)
            let entries = try #require(answer.json["entries"] as? [[String: Any]])
            #expect(entries.count == 3)
            #expect(entries.map { $0["outcome"] as? String } == ["not_found", "ok", "ok"])
            #expect(entries.last?["request"] as? String == "call-1")
            #expect((entries.last?["unmasked"] as? [String])?.contains("holder_id_number") == true)
            #expect((entries[1]["unmasked"] as? [String]) == [])
            let own = try await client.get("/v1/access-log?account=\(number)", token: auditor)
            #expect((own.json["entries"] as? [Any])?.count == 2)
            #expect(try await client.get("/v1/access-log", token: desk).status == 403)
            // The files are a chain, and hold no personal data and no secret.
            try await site.stop()
            let log = try LogVerification.verify(folder: site.folder + "/hearth-access", name: "access")
            #expect(log.problem == nil && log.lines == 4)
            let (_, text) = try await GatewaySite.run("/bin/sh", ["-c", "cat \(site.folder)/hearth-access/access-*"])
            #expect(!text.contains(site.identity) && !text.contains(desk))
        }
    }

    /// Who asked through `hearth mcp` stands in the same answer, in the order of time, page by page too.
    @Test func theAccessLogHoldsEveryWay() async throws {
        try await GatewaySite.with { site in
            let client = site.client
            let desk = try site.token(.assistant)
            func ask(_ name: String) async throws {
                _ = try await client.get("/v1/accounts/\(site.number)", token: desk, fields: ["X-Request-Id": name])
            }
            func local() async throws {
                let message =
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"account_context\",\"arguments\":{\"account_number\":\"\(site.number)\"}}}\n"
                let (status, _) = try await GatewaySite.run(
                    GatewaySite.program, ["mcp", "--config", site.configuration], input: message + message)
                #expect(status == 0)
            }
            try await ask("one")
            try await local()
            try await ask("two")
            try await ask("three")
            try await local()
            try await ask("four")
            let auditor = try site.token(.auditor)
            func page(_ query: String) async throws -> (entries: [[String: Any]], next: String?) {
                let answer = try await client.get("/v1/access-log?\(query)", token: auditor).json
                return (answer["entries"] as? [[String: Any]] ?? [], answer["next"] as? String)
            }
            func name(_ entry: [String: Any]) -> String {
                "\(entry["log"] ?? "–") \(entry["position"] ?? "–") \(entry["action"] ?? "–")"
            }
            let all = try await page("limit=1000")
            #expect(
                all.entries.map { $0["log"] as? String ?? "–" } == [
                    "access", "mcp-1", "mcp-1", "access", "access", "mcp-1", "mcp-1", "access",
                ])
            #expect(all.entries.first?["request"] as? String == "four" && all.next == nil)
            #expect(all.entries[1]["action"] as? String == "mcp:account_context")
            #expect((all.entries[1]["caller"] as? String)?.hasPrefix("local:") == true)
            #expect(Set(all.entries.map(name)).count == 8)
            for limit in [1, 3, 4, 8] {
                var found: [String] = []
                var after = ""
                for _ in 0..<20 {
                    let page = try await page("account=\(site.number)&limit=\(limit)\(after)")
                    #expect(page.entries.count <= limit)
                    found += page.entries.map(name)
                    guard let next = page.next else { break }
                    // What comes in meanwhile belongs to no page.
                    if found.count == limit { try await ask("meanwhile") }
                    after = "&after=\(next)"
                }
                #expect(found.suffix(8) == all.entries.map(name)[...], "\(limit): \(found)")
            }
        }
    }

    @Test func theLogIsSearchedByAccountsAlone() async throws {
        try await GatewaySite.with { site in
            let client = site.client
            let desk = try site.token(.assistant)
            let other = try #require(try site.facts().keys.first { $0 != site.number })
            _ = try await client.get("/v1/accounts/\(other)", token: desk, fields: ["X-Request-Id": site.number])
            _ = try await client.get("/v1/accounts/%20", token: desk)
            let auditor = try site.token(.auditor)
            let own = try await client.get("/v1/access-log?account=\(site.number)", token: auditor)
            #expect((own.json["entries"] as? [Any])?.isEmpty == true, "\(own.text)")
            let others = try await client.get("/v1/access-log?account=\(other)", token: auditor)
            #expect((others.json["entries"] as? [Any])?.count == 1)
            // A number that is none is no account.
            let all = try await client.get("/v1/access-log", token: auditor).json["entries"] as? [[String: Any]]
            #expect(all?.count == 2 && all?.first?["accounts"] as? [String] == [], "\(all ?? [])")
        }
    }

    @Test func webTokensOpenWhatTheirScopesSay() async throws {
        let issuer = try WebTokenIssuer()
        defer { issuer.remove() }
        let settings = "  jwt: {issuer: \"\(WebTokenIssuer.name)\", audience: hearth, keys: \(issuer.path)}\n"
        try await GatewaySite.with(settings) { site in
            let client = site.client
            let path = "/v1/accounts/\(site.number)"
            let good = try await issuer.token()
            let whole = try await client.get(path, token: good)
            #expect(whole.status == 200 && whole.text.contains(site.identity))
            let narrow = try await issuer.token { $0.scope = "assistant" }
            let masked = try await client.get(path, token: narrow)
            #expect(masked.status == 200 && !masked.text.contains(site.identity))
            #expect(try await client.get("/v1/runs", token: good).status == 403)
            #expect(try await client.get(path, token: issuer.token { $0.exp -= 1200 }).status == 401)
            #expect(try await client.get(path, token: issuer.token { $0.aud = ["other"] }).status == 401)
            // Which of them asked stands in the access log.
            let log = try await client.get("/v1/access-log", token: site.token(.auditor))
            #expect(log.text.contains("\"caller\":\"jwt:desk-7\""))
            // With another key in the file the old tokens are worth nothing.
            try issuer.publish(.init())
            try await site.renew()
            #expect(try await client.get(path, token: good).status == 401)
        }
    }

    @Test func bindingsAnswerAlikeAndAreBounded() async throws {
        try await GatewaySite.with("  bindings: {perAccountHour: 3, perCallerMinute: 20}\n", by: .live) { site in
            let client = site.client
            let token = try site.token(.assistant)
            func bind(_ number: String, _ digits: String) async throws -> RawClient.Response {
                try await client.post(
                    "/v1/bindings/verify", "{\"account_number\":\"\(number)\",\"id_last_six\":\"\(digits)\"}",
                    token: token)
            }
            let right = String(site.identity.suffix(6))
            #expect(try await bind(site.number, right).text == "{\"verified\":true}")
            let wrong = try await bind(site.number, right == "000000" ? "000001" : "000000")
            let unknown = try await bind("99999999", right)
            #expect(wrong.status == 200 && wrong.text == "{\"verified\":false}" && wrong.body == unknown.body)
            for number in [site.number, "99999999"] {
                var last = RawClient.Response()
                for _ in 0..<3 { last = try await bind(number, "000000") }
                #expect(last.status == 429 && last.problem == "too-many-attempts", "\(number)")
                #expect(Int(last.fields["retry-after"] ?? "") ?? 0 > 0)
            }
            // Right digits do not help any more: they would tell a guesser that he has guessed right.
            #expect(try await bind(site.number, right).status == 429)
        }
    }

    @Test func requestsAreLimitedForEachToken() async throws {
        try await GatewaySite.with("  rateLimit: {perSecond: 1, burst: 3}\n") { site in
            let client = site.client
            let token = try site.token(.assistant)
            // At once, so that on no machine the bucket fills as fast as they come.
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        try await site.client.get("/v1/freshness", token: token).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 200 }.count >= 3 && statuses.contains(429), "\(statuses)")
            let limited = try await client.get("/v1/accounts/\(site.number)", token: token)
            if limited.status == 429 { #expect(limited.fields["retry-after"] != nil) }
            #expect(try await client.get("/v1/freshness", token: site.token(.engineer)).status == 200)
        }
    }
}
