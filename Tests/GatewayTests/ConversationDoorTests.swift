import Answers
import Foundation
import SQLiteStore
import Setup
import Store
import Testing

@testable import Gateway

/// Conversations and hand-offs over HTTP and MCP.
@Suite struct ConversationDoorTests {
    private func post(
        _ site: GatewaySite, _ path: String, _ body: String, _ token: String, key: String = UUID().uuidString
    ) async throws -> RawClient.Response {
        try await site.client.post(path, body, token: token, fields: ["Idempotency-Key": "\"\(key)\""])
    }

    @Test func aConversationIsHandedOverAndComesBack() async throws {
        try await GatewaySite.with { site in
            let (assistant, desk) = (try site.token(.assistant), try site.token(.desk))
            let opened = try await post(
                site, "/v1/conversations", "{\"channel\":\"wechat\",\"account_number\":\"\(site.number)\"}", assistant)
            #expect(opened.status == 200, "\(opened.text)")
            let path = try #require(opened.fields["location"])
            let said = try await post(
                site, path + "/turns",
                "{\"who\":\"customer\",\"words\":\"热费算错了,回电138 1234 5678\",\"intent\":\"explain\"}",
                assistant, key: "t-1")
            #expect(said.status == 200 && said.json["masked"] as? Bool == true, "\(said.text)")
            let again = try await post(
                site, path + "/turns",
                "{\"who\": \"customer\", \"words\":\"热费算错了,回电138 1234 5678\",\"intent\":\"explain\"}", assistant,
                key: "t-1")
            #expect(again.body == said.body && again.fields["idempotent-replayed"] == "true")
            let other = try await post(
                site, path + "/turns", "{\"who\":\"customer\",\"words\":\"别的\"}", assistant, key: "t-1")
            #expect(other.status == 422 && other.json["parameter"] as? String == "Idempotency-Key")
            let bare = try await site.client.post(
                path + "/turns", "{\"who\":\"customer\",\"words\":\"好\"}", token: assistant)
            #expect(bare.status == 400 && bare.problem == "idempotency-key-missing")

            let asked = try await post(site, path + "/hand-off", "{\"why\":\"bill\"}", assistant)
            #expect(asked.status == 202, "\(asked.text)")
            let joined = try await post(site, path + "/hand-off", "{\"why\":\"asked\"}", assistant)
            #expect(joined.status == 200 && joined.json["joined"] as? Bool == true)
            let id = try #require(asked.json["hand_off"] as? Int)
            #expect(try await post(site, "/v1/hand-offs/\(id)/claim", "{}", assistant).status == 403)
            #expect(try await site.client.get("/v1/hand-offs", token: assistant).status == 403)
            let claimed = try await post(site, "/v1/hand-offs/\(id)/claim", "{\"agent\":\"d-1\"}", desk)
            #expect(claimed.status == 200 && claimed.json["state"] as? String == "claimed", "\(claimed.text)")
            let second = try await post(site, "/v1/hand-offs/\(id)/claim", "{\"agent\":\"d-2\"}", desk)
            #expect(second.status == 409 && second.problem == "held-by-another")

            let silent = try await post(site, path + "/turns", "{\"who\":\"assistant\",\"words\":\"您好\"}", assistant)
            #expect(silent.status == 409 && silent.problem == "human-owns")
            #expect((silent.json["detail"] as? String)?.contains("say nothing") == true)
            let card = try await site.client.get("/v1/hand-offs/\(id)", token: desk)
            #expect(card.status == 200, "\(card.text)")
            let inside = try #require(card.json["card"] as? [String: Any])
            #expect((inside["amount_due"] as? [String: Any])?["status"] as? String == "explained", "\(card.text)")
            // Nothing is wrong with the bill of the site's account.
            let recomputation = try #require(inside["recomputation"] as? [String: Any])
            #expect(recomputation["result"] as? String == "equal", "\(recomputation)")
            #expect(
                (inside["suggested"] as? String)?.isEmpty == false && (inside["freshness"] as? [Any])?.isEmpty == false)
            #expect((inside["not_available"] as? [Any])?.isEmpty == true, "\(card.text)")
            let name = try #require(try site.facts()[site.number]?["holder_name"] as? String)
            #expect(!card.text.contains(name) && !card.text.contains("12345678"))
            let clear = try await site.client.get("/v1/hand-offs/\(id)", token: site.token(.desk, .pii))
            #expect(clear.text.contains(name))
            let reply = try await post(
                site, "/v1/hand-offs/\(id)/reply", "{\"words\":\"我来核对\",\"agent\":\"d-1\"}", desk)
            #expect(reply.status == 200, "\(reply.text)")
            let closed = try await post(
                site, "/v1/hand-offs/\(id)/close", "{\"outcome\":\"resolved\",\"agent\":\"d-1\"}", desk)
            #expect(closed.status == 200 && closed.json["state"] as? String == "closed")
            let back = try await post(site, path + "/turns", "{\"who\":\"assistant\",\"words\":\"还有什么?\"}", assistant)
            #expect(back.status == 200, "\(back.text)")

            // As tools, byte for byte as over HTTP.
            let call =
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"give_feedback\",\"arguments\":{\"conversation\":\(path.split(separator: "/").last ?? ""),\"score\":4,\"solved\":\"yes\",\"idempotency_key\":\"f\"}}}"
            let tool = try await site.client.post("/mcp", call, token: assistant)
            #expect(tool.text.contains("\"isError\":false") && tool.text.contains("\"replaced\":false"), "\(tool.text)")
            let entries = try site.gateway.log.entries(account: site.number, after: nil, limit: 1000).entries.map {
                String(decoding: $0.json, as: UTF8.self)
            }
            #expect(entries.contains { $0.contains("/v1/hand-offs/{id}\"") && $0.contains("holder_name") })
            #expect(entries.contains { $0.contains("mcp:give_feedback") })
        }
    }

    /// A program that is killed while it keeps a turn, at whatever instant, has kept it or not: the same again under its key is one turn.
    @Test func aKilledProgramsTurnIsKeptOnce() async throws {
        try await GatewaySite.with { site in
            let id = try site.store.write {
                try $0.openConversation(account: nil, channel: "phone", language: "zh", isElderly: false, caller: "t")
                    .id
            }
            var answers: [String] = []
            var endings: [Int32] = []
            // From the first instant of the program on, until it is about done.
            let delays = ["0.01", "0.05", "0.15", "0.23", "0.36", "0.49", "0.62"]
            for (number, delay) in zip(1..., delays) {
                let command = [
                    "conversations", "say", "\(id)", "--who", "customer", "--words", "第\(number)句", "--key",
                    "k\(number)",
                    "--json", "--config", site.configuration,
                ]
                let killed = try await GatewaySite.run(
                    "/usr/bin/timeout", ["-s", "KILL", delay, GatewaySite.program] + command)
                endings.append(killed.0)
                let (status, output) = try await GatewaySite.run(GatewaySite.program, command)
                #expect(status == 0, "\(output)")
                answers.append(output)
            }
            let turns = try site.store.read { try $0.turns(of: id, after: 0, limit: 100) }
            #expect(turns.map(\.words) == (1...delays.count).map { "第\($0)句" }, "\(answers)")
            // `timeout` kills itself together with the program, or says 128 and the signal.
            #expect(endings.contains { $0 == 9 || $0 == 137 }, "no kill landed: \(endings)")
        }
    }
}
