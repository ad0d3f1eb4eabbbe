import Answers
import Foundation
import Pages
import Requests
import SQLiteStore
import Setup
import Store
import Testing

@testable import Gateway

/// Repair orders asked for over HTTP and MCP.
@Suite struct FaultDoorTests {
    private func body(_ kind: String = "valve", _ more: [String: Any] = [:]) -> String {
        let object = more.merging(["kind": kind]) { own, _ in own }
        let data = (try? JSONSerialization.data(withJSONObject: object, options: .sortedKeys)) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    private func key(_ text: String = UUID().uuidString) -> [String: String] { ["Idempotency-Key": "\"\(text)\""] }

    private func actions(_ site: GatewaySite) throws -> [StoredAction] {
        try site.store.read { try $0.actions(ActionFilter(), before: nil, limit: 1000) }
    }

    /// A fault of which the account has no open order.
    private func fault(_ site: GatewaySite) async throws -> String {
        let answer = try await site.client.get(
            "/v1/accounts/\(site.number)/work-orders", token: site.token(.assistant))
        let done = ["completed", "closed", "cancelled"]
        let open = (answer.json["work_orders"] as? [[String: Any]] ?? []).filter {
            !done.contains($0["state"] as? String ?? "")
        }.compactMap { $0["kind"] as? String }
        return try #require(FaultReport.kinds.first { $0 != "leak" && !open.contains($0) })
    }

    private func accesses(_ site: GatewaySite, _ action: String) throws -> [[String: Any]] {
        try site.gateway.log.entries(account: nil, after: nil, limit: 1000).entries.compactMap {
            try JSONSerialization.jsonObject(with: Data($0.json)) as? [String: Any]
        }.filter { $0["action"] as? String == action }
    }

    @Test func aReportIsTakenOnceAndFollowed() async throws {
        try await GatewaySite.with { site in
            let (client, token) = (site.client, try site.token(.assistant))
            let path = "/v1/accounts/\(site.number)/work-orders"
            let kind = try await fault(site)
            let report = body(kind, ["words": "张三家不热 😀\n卧室", "phone": "13812345678", "temperature_tenths": 165])
            let first = try await client.post(path, report, token: token, fields: key("k-1"))
            #expect(first.status == 202 && first.json["joined"] as? Bool == false, "\(first.text)")
            #expect(first.fields["idempotent-replayed"] == nil && first.fields["cache-control"] == "no-store")
            let status = try #require(first.fields["location"])
            #expect(first.json["status_path"] as? String == status)
            let again = try await client.post(path, report, token: token, fields: key("k-1"))
            #expect(again.status == 202 && again.body == first.body && again.fields["idempotent-replayed"] == "true")
            // Written otherwise it is the same request.
            let spaced = report.replacing("{", with: "{ ").replacing("😀", with: "\\ud83d\\ude00")
            #expect(try await client.post(path, spaced, token: token, fields: key("k-1")).body == first.body)
            let other = try await client.post(path, body(kind), token: token, fields: key("k-1"))
            #expect(other.status == 422 && other.problem == "idempotency-key-in-use")
            #expect(other.json["parameter"] as? String == "Idempotency-Key")
            let joined = try await client.post(path, body(kind), token: token, fields: key("k-2"))
            #expect(joined.status == 200 && joined.json["joined"] as? Bool == true, "\(joined.text)")
            #expect(joined.json["request"] as? Int == first.json["request"] as? Int)
            #expect(try actions(site).count == 1)
            let stands = try await client.get(status + "?lang=en", token: token)
            #expect(stands.status == 200 && stands.json["state"] as? String == "accepted", "\(stands.text)")
            let elsewhere = try await client.get(
                status.replacing(site.number, with: "09999999"), token: token)
            #expect(elsewhere.status == 404 && elsewhere.problem == "unknown-request")
            for answer in [first, joined, stands] {
                for secret in ["张三", "1381234", "卧室"] { #expect(!answer.text.contains(secret), "\(answer.text)") }
            }
            // In the log before the answer, with the account.
            let entries = try accesses(site, path.replacing(site.number, with: "{number}"))
            #expect(entries.count >= 5)
            #expect(entries.filter { $0["outcome"] as? String == "refused" }.count == 1)
            #expect(entries.allSatisfy { $0["accounts"] as? [String] == [site.number] })
        }
    }

    @Test func aMethodThatThePathHasNotIsNamed() async throws {
        try await GatewaySite.with { site in
            let (client, token) = (site.client, try site.token(.assistant))
            let path = "/v1/accounts/\(site.number)/work-orders"
            let deleted = try await client.request("DELETE", path, token: token)
            #expect(deleted.status == 405 && deleted.fields["allow"] == "GET, HEAD, POST")
            #expect(try await client.request("HEAD", path, token: token).status == 200)
            #expect(try await client.get(path, token: token).json["work_orders"] != nil)
            let got = try await client.get("/v1/work-orders", token: token)
            #expect(got.status == 405 && got.fields["allow"] == "POST")
        }
    }

    @Test func whatIsWrongIsNamedAndNothingIsTaken() async throws {
        try await GatewaySite.with { site in
            let (client, token) = (site.client, try site.token(.assistant, .pii))
            let path = "/v1/accounts/\(site.number)/work-orders"
            // Body, status, problem, parameter.
            let cases: [(String, Int, String, String?)] = [
                ("", 400, "malformed-json", nil), ("[]", 400, "malformed-json", nil), ("{", 400, "malformed-json", nil),
                ("{}", 400, "invalid-parameter", "kind"), (body("music"), 400, "invalid-parameter", "kind"),
                (body("leak", ["kind": 7]), 400, "invalid-parameter", "kind"),
                (body("valve", ["colour": "red"]), 400, "unknown-field", "colour"),
                ("{\"kind\":\"valve\",\"kind\":\"leak\"}", 400, "malformed-json", "kind"),
                ("{\"kind\":\"valve\",\"k\\u0069nd\":\"leak\"}", 400, "malformed-json", "kind"),
                ("{\"kind\":\"valve\",\"words\":\"a\u{1}b\"}", 400, "malformed-json", nil),
                ("{\"kind\":\"valve\",\"words\":\"a\\u0001b\"}", 400, "invalid-parameter", "words"),
                ("{\"kind\":\"valve\",\"words\":\"\\ud83d\"}", 400, "malformed-json", nil),
                // UTF-16 without a mark: Foundation would read it, and take the second.
                (
                    String("{\"kind\":\"valve\",\"kind\":\"leak\"}".flatMap { [$0, "\0"] }), 400, "malformed-json", nil
                ),
                (body("valve", ["words": String(repeating: "x", count: 10_000)]), 400, "invalid-parameter", "words"),
                (body("valve", ["words": String(repeating: "冷", count: 1001)]), 400, "invalid-parameter", "words"),
                (body("valve", ["phone": "张三 138"]), 400, "invalid-parameter", "phone"),
                (body("valve", ["phone": 13_812_345_678]), 400, "invalid-parameter", "phone"),
                (body("valve", ["temperature_tenths": 16.5]), 400, "invalid-parameter", "temperature_tenths"),
                (body("valve", ["temperature_tenths": true]), 400, "invalid-parameter", "temperature_tenths"),
                (body("valve", ["wanted_at": "2026-12-01"]), 400, "invalid-parameter", "wanted_at"),
                (body("valve", ["attachments": "x"]), 400, "invalid-parameter", "attachments"),
                (body("valve", ["attachments": [["sha256": "x"]]]), 400, "invalid-parameter", "attachments"),
            ]
            for (text, status, problem, parameter) in cases {
                let answer = try await client.post(path, text, token: token, fields: key())
                // Half a surrogate is refused as no JSON, or as no text, by whichever reader sees it first.
                if text.contains("ud83d") {
                    #expect(answer.status == 400 || answer.status == 202, "\(answer.text)")
                    continue
                }
                #expect(answer.status == status && answer.problem == problem, "\(text.prefix(80)): \(answer.text)")
                #expect(answer.json["parameter"] as? String == parameter, "\(text.prefix(80)): \(answer.text)")
                #expect(!answer.text.contains("张三"))
            }
            for wrong in [
                "k", "", "\"\"", "\"k", "k\"", "\"a\"b", "\"\\x\"", "\"" + String(repeating: "k", count: 256) + "\"",
            ] {
                let answer = try await client.post(
                    path, body(), token: token, fields: ["Idempotency-Key": wrong])
                #expect(
                    answer.status == 400 && answer.json["parameter"] as? String == "Idempotency-Key",
                    "\(wrong): \(answer.text)")
            }
            let none = try await client.post(path, body(), token: token)
            #expect(none.status == 400 && none.problem == "idempotency-key-missing")
            let text = try await client.request(
                "POST", path, token: token, fields: key().merging(["Content-Type": "text/plain"]) { $1 },
                body: Array(body().utf8))
            #expect(text.status == 415)
            let large = try await client.post(
                path, body("valve", ["words": String(repeating: "x", count: site.gateway.settings.maxBody)]),
                token: token, fields: key())
            #expect(large.status == 413)
            let unknown = try await client.post(
                "/v1/accounts/09999999/work-orders", body(), token: token, fields: key())
            #expect(unknown.status == 404 && unknown.problem == "unknown-account")
            let query = try await client.post(path + "?kind=leak", body(), token: token, fields: key())
            #expect(query.status == 400 && query.json["parameter"] as? String == "kind")
            let taken = try actions(site).filter { !$0.request.payload.isEmpty }
            #expect(taken.count <= 1)
        }
    }

    @Test func onlyAnAssistantMayAsk() async throws {
        try await GatewaySite.with { site in
            let client = site.client
            for path in ["/v1/accounts/\(site.number)/work-orders", "/v1/work-orders"] {
                for token in [try site.token(.engineer), try site.token(.auditor)] {
                    let answer = try await client.post(path, body(), token: token, fields: key())
                    #expect(answer.status == 403 && answer.fields["www-authenticate"]?.contains("assistant") == true)
                }
                #expect(try await client.post(path, body(), fields: key()).status == 401)
            }
            #expect(try actions(site).isEmpty)
            let entries = try accesses(site, "/v1/accounts/{number}/work-orders")
            #expect(entries.map { $0["outcome"] as? String } == ["forbidden", "forbidden"])
            #expect(entries.allSatisfy { ($0["accounts"] as? [String])?.isEmpty == true })
        }
    }

    /// Sockets, threads, one store.
    @Test func twentyAtOnceAreOneOrder() async throws {
        try await GatewaySite.with(by: .live) { site in
            let (client, token) = (site.client, try site.token(.assistant))
            let path = "/v1/accounts/\(site.number)/work-orders"
            let kind = try await fault(site)
            let report = body(kind)
            func all(_ key: @escaping @Sendable (Int) -> String) async throws -> [RawClient.Response] {
                try await withThrowingTaskGroup(of: RawClient.Response.self) { group in
                    for index in 0..<20 {
                        let fields = ["Idempotency-Key": "\"\(key(index))\""]
                        group.addTask { try await client.post(path, report, token: token, fields: fields) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            let different = try await all { "k\($0)" }
            #expect(different.filter { $0.status == 202 }.count == 1, "\(different.map(\.status))")
            #expect(different.filter { $0.status == 200 }.count == 19)
            #expect(try actions(site).count == 1)
            let same = try await all { _ in "same" }
            let answered = same.filter { $0.status != 409 }
            #expect(Set(answered.map(\.body)).count == 1 && answered.allSatisfy { $0.status == 200 })
            for response in same where response.status == 409 {
                #expect(response.problem == "request-in-flight" && response.fields["retry-after"] == "1")
            }
            #expect(try actions(site).count == 1)
        }
    }

    @Test func anAddressIsFoundOrReturned() async throws {
        try await GatewaySite.with { site in
            let (client, token) = (site.client, try site.token(.assistant))
            let facts = try site.facts()
            let own = try #require(facts[site.number])
            let address =
                "\(own["community"] ?? "")\(own["building"] ?? "")号楼\(own["unit"] ?? "")单元\(own["room"] ?? "")"
            let kind = try await fault(site)
            let report = body(kind, ["address": address])
            let found = try await client.post("/v1/work-orders", report, token: token, fields: key("k"))
            #expect(found.status == 202 && found.json["account_number"] as? String == site.number, "\(found.text)")
            #expect(try await client.post("/v1/work-orders", report, token: token, fields: key("k")).body == found.body)
            // By number it is the same fault.
            let joined = try await client.post(
                "/v1/accounts/\(site.number)/work-orders", body(kind), token: token, fields: key())
            #expect(joined.status == 200 && joined.json["request"] as? Int == found.json["request"] as? Int)
            let used = try await client.post(
                "/v1/accounts/\(site.number)/work-orders", body(kind), token: token, fields: key("k"))
            #expect(used.status == 422)
            // A room that several houses have.
            let rooms = Dictionary(grouping: facts.values) { "\($0["building"] ?? "")号楼\($0["room"] ?? "")" }
            let shared = try #require(rooms.first { $0.value.count > 1 && !$0.key.hasPrefix("号") }?.key)
            let several = try await client.post(
                "/v1/work-orders", body("leak", ["address": shared]), token: token, fields: key("k2"))
            #expect(several.status == 409 && several.problem == "ambiguous-address", "\(several.text)")
            let search = several.json["search"] as? [String: Any]
            let candidates = search?["candidates"] as? [[String: Any]] ?? []
            #expect(
                candidates.count > 1 && candidates.allSatisfy { ($0["holder_name"] as? String)?.contains("*") ?? true })
            let missing = try await client.post(
                "/v1/work-orders", body("leak", ["address": "没有这个小区9号楼9单元999"]), token: token, fields: key("k2"))
            #expect(missing.status == 404 && missing.problem == "unknown-address", "\(missing.text)")
            let part = try await client.post(
                "/v1/work-orders", body("leak", ["address": "\(own["community"] ?? "")"]), token: token,
                fields: key("k2"))
            #expect(part.status == 409 && part.problem == "incomplete-address", "\(part.text)")
            #expect(try actions(site).count == 1)
        }
    }

    @Test func theToolDoesTheSame() async throws {
        try await GatewaySite.with { site in
            let (client, token) = (site.client, try site.token(.assistant))
            let kind = try await fault(site)
            let arguments =
                "{\"account_number\":\"\(site.number)\",\"kind\":\"\(kind)\",\"idempotency_key\":\"k\",\"words\":\"张三家\"}"
            let taken = try await client.tool("report_fault", arguments, token: token)
            #expect(taken["joined"] as? Bool == false && taken["state"] as? String == "accepted", "\(taken)")
            // The same key over HTTP is the same request.
            let posted = try await client.post(
                "/v1/accounts/\(site.number)/work-orders", body(kind, ["words": "张三家"]), token: token,
                fields: key("k"))
            #expect(posted.status == 202 && posted.fields["idempotent-replayed"] == "true")
            #expect(posted.json["request"] as? Int == taken["request"] as? Int)
            let leak = try await client.tool(
                "report_fault",
                "{\"account_number\":\"\(site.number)\",\"kind\":\"leak\",\"idempotency_key\":\"k2\",\"lang\":\"en\"}",
                token: token)
            #expect((leak["do_now"] as? String)?.contains("valves") == true, "\(leak)")
            for (arguments, parameter) in [
                ("{\"account_number\":\"1\",\"kind\":\"leak\"}", "idempotency_key"),
                ("{\"kind\":\"leak\",\"idempotency_key\":\"k3\"}", "account_number"),
                ("{\"account_number\":\"1\",\"kind\":\"leak\",\"idempotency_key\":\"k3\",\"urgent\":true}", "urgent"),
            ] {
                let wrong = try await client.tool("report_fault", arguments, token: token)
                #expect(wrong["status"] as? Int == 400 && wrong["parameter"] as? String == parameter, "\(wrong)")
            }
            let list = try await client.post(
                "/mcp", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", token: token)
            let tools = (list.json["result"] as? [String: Any])?["tools"] as? [[String: Any]] ?? []
            let tool = try #require(tools.first { $0["name"] as? String == "report_fault" })
            let hints = tool["annotations"] as? [String: Any]
            #expect(hints?["readOnlyHint"] as? Bool == false && hints?["idempotentHint"] as? Bool == true)
            #expect(try accesses(site, "mcp:report_fault").count == 5)
        }
    }

    /// A key that stands twice, whichever way it is written, and nothing else.
    @Test func repeatedKeysAreFound() {
        func first(_ text: String) -> String? { RepeatedKey.first(in: Array(text.utf8)) }
        #expect(first("{\"a\":1,\"b\":{\"a\":2},\"c\":[{\"a\":1},{\"a\":2}],\"d\":\"a\"}") == nil)
        #expect(first("{\"a\":\"\\\"a\\\":\",\"b\":[\"a\",\"a\"]}") == nil)
        #expect(first("{\"b\":{\"a\":1, \"a\" :2}}") == "a")
        #expect(first("{\"a\":1,\"\\u0061\":2}") == "a")
        #expect(first("") == nil && first("\"a\"") == nil)
        #expect(StructuredString.read("\"a\\\"b\\\\\"") == "a\"b\\" && StructuredString.read(" \"k\";x=1 ") == "k")
        for wrong in ["k", "\"", "\"k\" x", "\"\u{e9}\"", "\"a\\b\"", "?1", ""] {
            #expect(StructuredString.read(wrong) == nil, "\(wrong)")
        }
    }
}
