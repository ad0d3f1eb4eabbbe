import Audit
import Foundation
import Gateway
import HeatModel
import JWTKit
import LegacyEstate
import SQLiteStore
import Store
import Sync
import Testing

/// What the assistant asks, over a socket.
@Suite struct AccountTests {
    @Test func maskedUnlessTheTokenAllowsIt() async throws {
        try await GatewaySite.with { site in
            let client = RawClient(port: site.port)
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
            let client = RawClient(port: site.port)
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
        try await GatewaySite.with { site in
            let client = RawClient(port: site.port)
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
            let client = RawClient(port: site.port)
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
            site.terminate()
            let log = try LogVerification.verify(folder: site.folder + "/hearth-access", name: "access")
            #expect(log.problem == nil && log.lines == 4)
            let (_, text) = try await GatewaySite.run("/bin/sh", ["-c", "cat \(site.folder)/hearth-access/access-*"])
            #expect(!text.contains(site.identity) && !text.contains(desk))
        }
    }

    /// Who asked through `hearth mcp` stands in the same answer, in the order of time, page by page too.
    @Test func theAccessLogHoldsEveryWay() async throws {
        try await GatewaySite.with { site in
            let client = RawClient(port: site.port)
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
            let client = RawClient(port: site.port)
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

    @Test func moneyQuestionsAnswer() async throws {
        try await GatewaySite.with { site in
            let client = RawClient(port: site.port)
            let token = try site.token(.assistant)
            let path = "/v1/accounts/\(site.number)"
            for question in [
                "/bills/latest/explanation?versus=peers&lang=en", "/bills/2025-2026/explanation?versus=tariff",
                "/bills/2025-2026/rise?plain=true", "/amount-due?on=2026-01-20", "/refund?rooms=45.0",
                "/suspension?season=2025-2026", "/trace/area.building", "/work-orders",
            ] {
                let answer = try await client.get(path + question, token: token)
                #expect(answer.status == 200, "\(question): \(answer.text)")
                #expect(answer.json["account_number"] as? String == site.number)
            }
            // As of before everything there was no such account; as of now it is the same.
            let past = try await client.get(path + "?as_of=2001-01-01T00:00:00%2B08:00", token: token)
            #expect(past.status == 404)
            let now = try await client.get(path + "?as_of=2099-01-01T00:00:00Z", token: token)
            let present = try await client.get(path, token: token)
            #expect(now.status == 200 && now.body == present.body)
            let wrong = try await client.get(path + "?as_of=yesterday", token: token)
            #expect(wrong.status == 400 && wrong.json["parameter"] as? String == "as_of")
        }
    }

    /// The day is that of the company's clock, whatever zone the machine is in, the caller wrote, or a run ended in.
    @Test(arguments: ["Pacific/Kiritimati", "Etc/GMT+12"]) func todayIsTheCompanys(_ zone: String) async throws {
        try await GatewaySite.with(zone: zone) { site in
            let client = RawClient(port: site.port)
            let token = try site.token(.assistant)
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = try #require(TimeZone(identifier: zone))
            func day(_ date: Date) -> String {
                let parts = calendar.dateComponents([.year, .month, .day], from: date)
                func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
                return "\(parts.year ?? 0)-\(two(parts.month))-\(two(parts.day))"
            }
            let path = "/v1/accounts/\(site.number)"
            func told(_ question: String, _ member: String) async throws -> String? {
                try await client.get(path + question, token: token).json[member] as? String
            }
            let mcp = "{\"account_number\":\"\(site.number)\"}"
            let before = day(Date())
            let today = [
                try await told("/amount-due", "on"), try await told("/suspension", "requested_on"),
                try await told("/refund", "as_of"), try await told("/bills/latest/explanation", "as_of"),
                try await client.tool("amount_due", mcp, token: token)["on"] as? String,
            ]
            #expect(today.allSatisfy { $0 == before || $0 == day(Date()) }, "\(today)")

            let text = "2099-01-31T23:30:00Z"
            let late = try #require(Instant(text))
            let then = day(Date(timeIntervalSince1970: Double(late.microseconds) / 1_000_000))
            let run = try site.store.write { store in
                let stream = try store.stream(named: "billing.charges", entity: .charge)
                let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "m", at: late)
                try store.endRun(run, state: .success, at: late, error: nil, totals: [])
                return run.number
            }
            for asOf in [text, "2099-02-01T13:00:00%2B13:30", "\(run)"] {
                #expect(try await told("/amount-due?as_of=\(asOf)", "on") == then, "\(asOf)")
                #expect(try await told("/bills/latest/rise?as_of=\(asOf)", "as_of") == then, "\(asOf)")
                #expect(try await told("/amount-due?on=2026-01-20&as_of=\(asOf)", "on") == "2026-01-20")
            }
            for arguments in [
                ["explain", site.number, "--as-of", text, "--json"],
                ["explain", site.number, "--as-of", "\(run)", "--json"],
            ] {
                let (status, output) = try await GatewaySite.run(
                    GatewaySite.program, arguments + ["--config", site.configuration])
                #expect(status == 0 && output.contains("\"as_of\":\"\(then)\""), "\(output.suffix(500))")
            }
            let (status, output) = try await GatewaySite.run(
                GatewaySite.program, ["money", "due", site.number, "--json", "--config", site.configuration])
            #expect(
                status == 0 && [before, day(Date())].contains { output.contains("\"on\":\"\($0)\"") },
                "\(output.suffix(500))")
        }
    }

    /// As of then, how fresh the data was then; only the peers are today's, and that is said.
    @Test func thePastIsMeasuredByThePast() async throws {
        try await GatewaySite.with { site in
            let client = RawClient(port: site.port)
            let token = try site.token(.assistant)
            func explanation(_ query: String) async throws -> [String: Any] {
                try await client.get("/v1/accounts/\(site.number)/bills/latest/explanation?\(query)", token: token).json
            }
            func freshness(_ answer: [String: Any]) -> [String: String] {
                Dictionary(
                    (answer["freshness"] as? [[String: Any]] ?? []).map {
                        ($0["source"] as? String ?? "", "\($0["at"] ?? "") \($0["stale"] ?? "")")
                    }, uniquingKeysWith: { first, _ in first })
            }
            func text(_ answer: [String: Any]) -> String {
                (answer["text"] as? [[String: Any]])?.first?["text"] as? String ?? ""
            }
            let run = try site.store.read { try $0.runs(stream: nil, limit: 1).first?.id.number ?? 0 }
            let before = freshness(try await explanation("versus=tariff"))
            _ = try site.syncNextDay()
            let present = try await explanation("versus=peers&lang=en")
            let past = try await explanation("versus=peers&lang=en&as_of=\(run)")
            #expect(before.count > 1 && freshness(past) == before && freshness(present) != before, "\(past)")
            // Long after the last run all of it is old.
            let late = try await explanation("versus=tariff&as_of=2099-01-01T00:00:00Z")
            #expect((late["freshness"] as? [[String: Any]])?.allSatisfy { $0["stale"] as? Bool == true } == true)

            #expect(past["peers_as_of"] as? String == "present" && text(past).contains("peers are today's"))
            #expect(present["peers_as_of"] == nil && !text(present).contains("peers are today's"))
            #expect(late["peers_as_of"] == nil && !text(late).contains("现在的"))
            let chinese = try await explanation("as_of=\(run)")
            #expect(text(chinese).contains("现在的"), "\(text(chinese))")
            #expect(text(try await explanation("plain=true&as_of=\(run)")).contains("现在的"))
            let mcp = "{\"account_number\":\"\(site.number)\",\"as_of\":\"\(run)\"}"
            let tool = try await client.tool("explain_bill", mcp, token: token)
            #expect(tool["peers_as_of"] as? String == "present")
        }
    }

    @Test func addressesAreNeverGuessed() async throws {
        try await GatewaySite.with { site in
            let client = RawClient(port: site.port)
            let token = try site.token(.assistant, .pii)
            let view = try await client.get("/v1/accounts/\(site.number)", token: token)
            let facts = try #require(view.json["facts"] as? [String: Any])
            func fact(_ name: String) -> String { facts[name] as? String ?? "" }
            func search(_ query: String, _ more: String = "") async throws -> RawClient.Response {
                let encoded = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                return try await client.get("/v1/addresses?q=\(encoded)\(more)", token: token)
            }
            let inside = "\(fact("building"))号楼\(fact("unit"))单元\(fact("room"))室"
            let found = try await search(fact("community") + inside)
            #expect(found.json["match"] as? String == "one", "\(found.text)")
            #expect((found.json["candidates"] as? [[String: Any]])?.first?["account_number"] as? String == site.number)
            // Without the community others have such a room too: all of them are told.
            let everywhere = try await search(inside)
            let candidates = try #require(everywhere.json["candidates"] as? [[String: Any]])
            #expect(candidates.contains { $0["account_number"] as? String == site.number })
            #expect(everywhere.json["match"] as? String == (candidates.count == 1 ? "one" : "ambiguous"))
            #expect(try await search(fact("community")).json["match"] as? String == "incomplete")
            #expect(try await search("月球花园" + inside).json["match"] as? String == "none")

            let phone = try #require((facts["holder_phones"] as? [String])?.first)
            let byPhone = try await client.post("/v1/phones/search", "{\"phone\":\"+86 \(phone)\"}", token: token)
            let numbers = (byPhone.json["candidates"] as? [[String: Any]])?.compactMap {
                $0["account_number"] as? String
            }
            #expect(numbers?.contains(site.number) == true, "\(byPhone.text)")
            let refused = try await client.post(
                "/v1/phones/search", "{\"phone\":\"\(phone)\"}", token: site.token(.assistant))
            #expect(refused.status == 403)
        }
    }

    /// One candidate because no more were asked for is not the only one.
    @Test func aLimitMakesNothingCertain() async throws {
        try await GatewaySite.with { site in
            let client = RawClient(port: site.port)
            let token = try site.token(.assistant)
            let all = try site.facts()
            let rooms = Dictionary(grouping: all.values) { "\($0["building"] ?? "–")号楼\($0["room"] ?? "–")室" }
            let room = try #require(rooms.first { $0.value.count > 1 && !$0.key.contains("–") }).key
            let query = room.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let every = try await client.get("/v1/addresses?q=\(query)&limit=50", token: token).json
            let count = try #require((every["candidates"] as? [Any])?.count)
            try #require(count > 1)
            for limit in [1, count - 1, count] {
                let some = try await client.get("/v1/addresses?q=\(query)&limit=\(limit)", token: token).json
                #expect(some["match"] as? String == "ambiguous", "\(limit): \(some)")
                #expect(some["truncated"] as? Bool == (limit < count))
                #expect((some["candidates"] as? [Any])?.count == limit)
            }
            let told = try await client.tool("find_account", "{\"address\":\"\(room)\",\"limit\":1}", token: token)
            #expect(told["match"] as? String == "ambiguous" && told["truncated"] as? Bool == true)
        }
    }

    /// An account that came in just now, and whose view is still to be built, is told without what the view would say.
    @Test func candidatesWithoutAViewAreTold() async throws {
        try await GatewaySite.with { site in
            let client = RawClient(port: site.port)
            let token = try site.token(.assistant)
            let facts = try #require(try site.facts()[site.number])
            func fact(_ name: String) -> String { facts[name] as? String ?? "" }
            try site.store.write { store in
                let run = try #require(try store.runs(stream: nil, limit: 1).first).id
                let account = try Array("77777777".utf8).withUnsafeBytes {
                    try store.introduceAccount(number: $0, run: run)
                }
                try store.setPlace(
                    PlaceKey(
                        community: fact("community"), building: fact("building"), unit: fact("unit"), room: fact("room")
                    ), of: account)
            }
            let address = "\(fact("community"))\(fact("building"))号楼\(fact("unit"))单元\(fact("room"))室"
            let query = address.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let found = try await client.get("/v1/addresses?q=\(query)", token: token)
            #expect(found.status == 200 && found.json["match"] as? String == "ambiguous", "\(found.text)")
            let candidates = try #require(found.json["candidates"] as? [[String: Any]])
            #expect(candidates.map { $0["account_number"] as? String } == [site.number, "77777777"])
            #expect(candidates.first?["community"] != nil && candidates.last?.count == 1)
        }
    }

    @Test func webTokensOpenWhatTheirScopesSay() async throws {
        let issuer = try WebTokenIssuer()
        defer { issuer.remove() }
        let settings = "  jwt: {issuer: \"\(WebTokenIssuer.name)\", audience: hearth, keys: \(issuer.path)}\n"
        try await GatewaySite.with(settings) { site in
            let client = RawClient(port: site.port)
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
            // With another key in the file the old tokens are worth nothing, within a second or so.
            try issuer.publish(.init())
            var status = 200
            for _ in 0..<50 where status == 200 {
                try await Task.sleep(for: .milliseconds(100))
                status = try await client.get(path, token: good).status
            }
            #expect(status == 401)
        }
    }

    @Test func searchesFindWhatWas() async throws {
        try await GatewaySite.with { site in
            let client = RawClient(port: site.port)
            let token = try site.token(.assistant, .pii)
            func search(_ query: String, _ asOf: String) async throws -> [String] {
                let encoded = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                return numbers(try await client.get("/v1/addresses?q=\(encoded)\(asOf)", token: token))
            }
            func phone(_ phone: String, _ asOf: String) async throws -> [String] {
                numbers(try await client.post("/v1/phones/search\(asOf)", "{\"phone\":\"\(phone)\"}", token: token))
            }
            func numbers(_ answer: RawClient.Response) -> [String] {
                (answer.json["candidates"] as? [[String: Any]] ?? []).compactMap { $0["account_number"] as? String }
            }
            func facts(_ number: String, _ asOf: String = "") async throws -> [String: Any] {
                try await client.get("/v1/accounts/\(number)\(asOf)", token: token).json["facts"] as? [String: Any]
                    ?? [:]
            }
            // The next day some have other phones, and some are gone.
            let run = try site.store.read { try $0.runs(stream: nil, limit: 1).first?.id.number ?? 0 }
            let changes = try site.syncNextDay()
            let changed = try #require(changes.first { $0.kind == .customerChanged }).key
            let removed = try #require(changes.first { $0.kind == .customerRemoved }).key

            let before = try #require((await facts(changed, "?as_of=\(run)")["holder_phones"] as? [String])?.first)
            let after = try #require((await facts(changed)["holder_phones"] as? [String])?.first)
            #expect(before != after)
            #expect(try await phone(before, "?as_of=\(run)").contains(changed))
            #expect(try await !phone(before, "").contains(changed))
            #expect(try await phone(after, "").contains(changed))
            #expect(try await !phone(after, "?as_of=\(run)").contains(changed))
            #expect(try await phone(before, "?as_of=2001-01-01T00:00:00Z").isEmpty)

            let was = try await facts(removed, "?as_of=\(run)")
            func fact(_ name: String) -> String { was[name] as? String ?? "" }
            let address = "\(fact("community"))\(fact("building"))号楼\(fact("unit"))单元\(fact("room"))室"
            #expect(try await search(address, "&as_of=\(run)") == [removed])
            #expect(try await !search(address, "").contains(removed))
            #expect(try await search(address, "&as_of=2001-01-01T00:00:00Z").isEmpty)
        }
    }

    @Test func bindingsAnswerAlikeAndAreBounded() async throws {
        try await GatewaySite.with("  bindings: {perAccountHour: 3, perCallerMinute: 20}\n") { site in
            let client = RawClient(port: site.port)
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

    /// A tool's problem names what the tool takes.
    @Test func toolsSpeakOfTheirOwnParameters() async throws {
        try await GatewaySite.with { site in
            let client = RawClient(port: site.port)
            let token = try site.token(.assistant)
            func problem(_ tool: String, _ arguments: String) async throws -> (parameter: String, detail: String) {
                let problem = try await client.tool(tool, arguments, token: token)
                return (problem["parameter"] as? String ?? "–", problem["detail"] as? String ?? "–")
            }
            let long = String(repeating: "x", count: 100)
            let address = try await problem("find_account", "{\"address\":\"\(long)\"}")
            #expect(address.parameter == "address" && address.detail.hasPrefix("\"address\" "), "\(address)")
            let number = try await problem("account_context", "{\"account_number\":\"\(long)\"}")
            #expect(number.parameter == "account_number" && number.detail.hasPrefix("\"account_number\" "), "\(number)")
            #expect(try await problem("work_orders", "{\"account_number\":\"99999999\"}").parameter == "account_number")
            #expect(try await problem("amount_due", "{\"account_number\":\"1\",\"on\":\"x\"}").parameter == "on")
            for (tool, member, rest) in [
                ("amount_due", "on", "amount-due"), ("suspension_cost", "requested_on", "suspension"),
            ] {
                let mine = "{\"account_number\":\"\(site.number)\",\"on\":\"2026-01-20\"}"
                let told = try await client.tool(tool, mine, token: token)
                #expect(told[member] as? String == "2026-01-20")
                let same = try await client.get("/v1/accounts/\(site.number)/\(rest)?on=2026-01-20", token: token).json
                #expect(told as NSDictionary == same as NSDictionary)
            }
        }
    }

    /// A record is named as views name it, or as people type it.
    @Test func aRecordOfSeveralColumnsIsTraced() async throws {
        try await GatewaySite.with { site in
            let client = RawClient(port: site.port)
            let token = try site.token(.assistant)
            let view = try await client.get("/v1/accounts/\(site.number)", token: token).json
            let events = try #require(view["work_order_events"] as? [[String: Any]])
            let event = try #require(events.first { ($0["key"] as? String)?.contains("\u{1F}") == true })
            let source = try #require(event["source"] as? String)
            let key = try #require(event["key"] as? String)
            let typed = key.replacing("\u{1F}", with: ",")
            for form in [key.replacing("\u{1F}", with: "%1F"), typed] {
                let path = "/v1/accounts/\(site.number)/trace/work_order?record=\(source)/\(form)"
                let traced = try await client.get(path, token: token)
                #expect(traced.status == 200, "\(traced.text)")
                let records = traced.json["records"] as? [[String: Any]]
                #expect(records?.map { $0["key"] as? String } == [typed])
            }
            for wrong in ["billing.charges/1%00", "billing.charges%1F/1", "billing.charges/"] {
                let path = "/v1/accounts/\(site.number)/trace/due?record=\(wrong)"
                let refused = try await client.get(path, token: token)
                #expect(refused.status == 400 && refused.json["parameter"] as? String == "record", "\(refused.text)")
            }
        }
    }

    @Test func requestsAreLimitedForEachToken() async throws {
        try await GatewaySite.with("  rateLimit: {perSecond: 1, burst: 3}\n") { site in
            let client = RawClient(port: site.port)
            let token = try site.token(.assistant)
            // At once, so that on no machine the bucket fills as fast as they come.
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        try await RawClient(port: site.port).get("/v1/freshness", token: token).status
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
