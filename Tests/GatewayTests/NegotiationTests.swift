import Answers
import Foundation
import Gateway
import Testing

/// What clients write that is a little off, and means something all the same.
@Suite struct NegotiationTests {
    /// A client that knows a newer protocol says so in its header too, before it has been told what is spoken here.
    @Test func initializeSettlesTheVersion() async throws {
        try await GatewaySite.with { site in
            let client = site.client
            let token = try site.token(.assistant)
            func ask(_ method: String, _ parameters: String, header: String?) async throws -> RawClient.Response {
                try await client.post(
                    "/mcp", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\(method)\",\"params\":\(parameters)}",
                    token: token,
                    fields: header.map { ["MCP-Protocol-Version": $0] } ?? [:])
            }
            func version(_ response: RawClient.Response) -> String? {
                (response.json["result"] as? [String: Any])?["protocolVersion"] as? String
            }
            for header in ["2027-01-01", "2099-12-31", "draft", "2025-11-25"] {
                for (wanted, told) in [("2027-01-01", "2025-11-25"), ("2025-06-18", "2025-06-18")] {
                    let answer = try await ask(
                        "initialize", "{\"protocolVersion\":\"\(wanted)\",\"capabilities\":{}}", header: header)
                    #expect(answer.status == 200 && version(answer) == told, "\(header), \(wanted): \(answer.text)")
                }
            }
            // From then on the version that was agreed upon is the one to be spoken.
            for method in ["tools/list", "ping"] {
                #expect(try await ask(method, "{}", header: "2027-01-01").status == 400)
                #expect(try await ask(method, "{}", header: "2025-11-25").status == 200)
                #expect(try await ask(method, "{}", header: nil).status == 200)
            }
            // The word alone makes no message of it.
            let text = try await client.post(
                "/mcp", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"method\":\"initialize\"}}",
                token: token, fields: ["MCP-Protocol-Version": "2027-01-01"])
            #expect(text.status == 400)
        }
    }

    /// In a query a bare + is a blank; what cannot be meant is shown as it came.
    @Test func anInstantWhoseSignWasLost() async throws {
        try await GatewaySite.with { site in
            let client = site.client
            let token = try site.token(.assistant)
            func ask(_ moment: String) async throws -> RawClient.Response {
                try await client.get("/v1/accounts/\(site.number)?as_of=\(moment)", token: token)
            }
            let right = try await ask("2099-01-31T18:00:00%2B08:00")
            #expect(right.status == 200)
            for spelling in [
                "2099-01-31T18:00:00+08:00", "2099-01-31T18:00:00%2008:00", "2099-01-31+18:00:00+08:00",
                "2099-01-31T18:00:00.500+08:00", "2099-01-31T10:00:00Z",
            ] {
                let answer = try await ask(spelling)
                #expect(
                    answer.status == 200 && answer.json["account_number"] as? String == site.number, "\(answer.text)")
            }
            for wrong in [
                "2026-01-31T18:00:00", "2026-01-31+18:00:00", "2026-01-31+08:00", "yesterday", "2026-01-31T18:00+8",
            ] {
                let answer = try await ask(wrong)
                let typed = wrong.replacing("+", with: " ")
                #expect(answer.status == 400 && answer.json["parameter"] as? String == "as_of", "\(wrong)")
                let detail = answer.json["detail"] as? String ?? ""
                #expect(detail.contains("\"\(typed)\"") && detail.contains("%2B"), "\(detail)")
            }
        }
    }
}
