import Answers
import Foundation
import HeatModel
import Requests
import SQLiteStore
import Setup
import Store
import Testing

@testable import Gateway

/// What customers say of repairs and of notices, over HTTP and MCP.
@Suite struct NoticeDoorTests {
    private func key(_ text: String) -> [String: String] { ["Idempotency-Key": "\"\(text)\""] }

    /// An order of the account that somebody has asked about.
    private func order(_ site: GatewaySite) async throws -> String {
        let answer = try await site.client.get(
            "/v1/accounts/\(site.number)/work-orders", token: site.token(.assistant))
        let orders = answer.json["work_orders"] as? [[String: Any]] ?? []
        let one = orders.first { $0["state"] as? String != "cancelled" && $0["kind"] != nil }
        let number = try #require(one?["number"] as? String)
        try site.store.write {
            try $0.putFollowUp(FollowUp(account: site.number, order: number, state: .unconfirmed, changedAt: .now))
        }
        return number
    }

    @Test func notWellIsOneReopeningAtEveryDoor() async throws {
        try await GatewaySite.with { site in
            let (client, token) = (site.client, try site.token(.assistant))
            let order = try await order(site)
            let path = "/v1/accounts/\(site.number)/follow-ups/\(order)"
            let body = "{\"answer\":\"notWell\",\"words\":\"张三家卧室还是凉的\"}"
            let first = try await client.post(path, body, token: token, fields: key("k"))
            #expect(first.status == 202 && first.json["state"] as? String == "reopened", "\(first.text)")
            #expect(first.fields["location"] == "/v1/accounts/\(site.number)/notices")
            let again = try await client.post(path, body, token: token, fields: key("k"))
            #expect(again.body == first.body && again.fields["idempotent-replayed"] == "true")
            let arguments =
                "{\"account_number\":\"\(site.number)\",\"order\":\"\(order)\",\"answer\":\"notWell\",\"words\":\"张三家卧室还是凉的\",\"idempotency_key\":\"k\"}"
            let tool = try await client.tool("answer_follow_up", arguments, token: token)
            #expect(tool["request"] as? Int == first.json["request"] as? Int, "\(tool)")
            let actions = try site.store.read { try $0.actions(ActionFilter(), before: nil, limit: 10) }
            #expect(actions.map(\.request.kind) == ["reopenWorkOrder"])
            let stands = try await client.get("/v1/accounts/\(site.number)/notices?lang=en", token: token)
            let followUps = stands.json["follow_ups"] as? [[String: Any]] ?? []
            let own = try #require(followUps.first { $0["order_number"] as? String == order }, "\(stands.text)")
            #expect(own["confirmed"] as? Bool == false && own["waits_for_person"] as? Bool == true)
            for answer in [first, stands] {
                for secret in ["张三", "卧室"] { #expect(!answer.text.contains(secret), "\(answer.text)") }
            }
            let log = try site.gateway.log.entries(account: site.number, after: nil, limit: 1000).entries
            let text = log.map { String(decoding: $0.json, as: UTF8.self) }.joined()
            #expect(text.contains("/v1/accounts/{number}/follow-ups/{order}") && text.contains("mcp:answer_follow_up"))
        }
    }

    @Test func whatIsWrongIsNamed() async throws {
        try await GatewaySite.with { site in
            let (client, token) = (site.client, try site.token(.assistant))
            let order = try await order(site)
            let path = "/v1/accounts/\(site.number)/follow-ups/\(order)"
            let cases: [(String, String, Int, String, String?)] = [
                (path, "{}", 400, "invalid-parameter", "answer"),
                (path, "{\"answer\":\"yes\"}", 400, "invalid-parameter", "answer"),
                (path, "{\"answer\":\"well\",\"satisfaction\":6}", 400, "invalid-parameter", "satisfaction"),
                (path, "{\"answer\":\"well\",\"satisfaction\":\"5\"}", 400, "invalid-parameter", "satisfaction"),
                (path, "{\"answer\":\"well\",\"stars\":5}", 400, "unknown-field", "stars"),
                (path, "{\"answer\":\"well\"", 400, "malformed-json", nil),
                (path + "0", "{\"answer\":\"well\"}", 404, "unknown-order", "order"),
                (path.replacing(site.number, with: "09999999"), "{\"answer\":\"well\"}", 404, "unknown-account", nil),
                (
                    "/v1/accounts/\(site.number)/notices/opt-out", "{\"about\":\"everything\"}", 400,
                    "invalid-parameter",
                    "about"
                ),
                (
                    "/v1/accounts/\(site.number)/notices/opt-out", "{\"wanted\":\"no\"}", 400, "invalid-parameter",
                    "wanted"
                ),
            ]
            for (path, body, status, problem, parameter) in cases {
                let answer = try await client.post(path, body, token: token, fields: key(UUID().uuidString))
                #expect(answer.status == status && answer.problem == problem, "\(body): \(answer.text)")
                if let parameter { #expect(answer.json["parameter"] as? String == parameter, "\(answer.text)") }
            }
            let missing = try await client.post(path, "{\"answer\":\"well\"}", token: token)
            #expect(missing.status == 400 && missing.problem == "idempotency-key-missing", "\(missing.text)")
            for scope in [Scope.engineer, .auditor] {
                let refused = try await client.post(
                    path, "{\"answer\":\"well\"}", token: site.token(scope), fields: key("k"))
                #expect(refused.status == 403, "\(scope) \(refused.text)")
            }
            #expect(try site.store.read { try $0.actions(ActionFilter(), before: nil, limit: 10) }.isEmpty)
        }
    }

    @Test func anOptOutIsKeptForEveryPhone() async throws {
        try await GatewaySite.with { site in
            let (client, token) = (site.client, try site.token(.assistant))
            let phones = try #require(try site.facts()[site.number]?["holder_phones"] as? [String])
            let path = "/v1/accounts/\(site.number)/notices/opt-out"
            let answer = try await client.post(path, "{\"about\":\"arrears\"}", token: token, fields: key("k"))
            #expect(answer.status == 200 && answer.json["phones"] as? Int == phones.count, "\(answer.text)")
            for phone in phones {
                #expect(!answer.text.contains(phone))
                #expect(
                    try site.store.read { try $0.consents(of: phone) }.map { "\($0.about) \($0.isWanted)" }
                        == ["arrears false"])
            }
            let tool = try await client.tool(
                "notice_opt_out",
                "{\"account_number\":\"\(site.number)\",\"about\":\"arrears\",\"wanted\":true,\"idempotency_key\":\"k2\"}",
                token: token)
            #expect(tool["wanted"] as? Bool == true, "\(tool)")
            #expect(try site.store.read { try $0.consents(of: phones[0]) }.map(\.isWanted) == [true])
        }
    }
}
