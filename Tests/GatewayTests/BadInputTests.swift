import Answers
import Foundation
import Gateway
import Testing

/// Whatever a caller sends gets a problem document, and the server goes on.
@Suite struct BadInputTests {
    @Test func whatIsWrongIsNamed() async throws {
        try await GatewaySite.with { site in
            let client = site.client
            let token = try site.token(.assistant, .pii, .engineer, .auditor)
            let account = "/v1/accounts/\(site.number)"
            let running = try site.beginRun()
            // Path, status, problem, parameter.
            let cases: [(String, Int, String, String?)] = [
                ("/v1/runs?limit=x", 400, "invalid-parameter", "limit"),
                ("/v1/runs?limit=0", 400, "invalid-parameter", "limit"),
                ("/v1/runs?limit=1&limit=2", 400, "invalid-parameter", "limit"),
                ("/v1/runs?unknown=1", 400, "invalid-parameter", "unknown"),
                ("/v1/runs?only=none", 400, "invalid-parameter", "only"),
                ("/v1/runs?each=0", 400, "invalid-parameter", "each"),
                ("/v1/runs?stream=no.such", 404, "unknown-stream", "stream"),
                ("/v1/addresses", 400, "invalid-parameter", "q"),
                ("/v1/addresses?q=", 400, "invalid-parameter", "q"),
                ("/v1/addresses?q=%00", 400, "invalid-parameter", "q"),
                ("/v1/addresses?q=%FF%FE", 400, "bad-query", nil),
                ("/v1/addresses?q=%zz", 400, "bad-query", nil),
                ("/v1/quarantine?state=lost", 400, "invalid-parameter", "state"),
                (account + "?as_of=yesterday", 400, "invalid-parameter", "as_of"),
                (account + "?as_of=999999", 404, "unknown-run", "as_of"),
                (account + "/trace/area.building?as_of=999999", 404, "unknown-run", "as_of"),
                ("/v1/addresses?q=x&as_of=999999", 404, "unknown-run", "as_of"),
                (account + "?as_of=\(running)", 404, "run-not-ended", "as_of"),
                (account + "/bills/2025-2027/explanation", 400, "invalid-parameter", "season"),
                (account + "/bills/latest/explanation?versus=neighbours", 400, "invalid-parameter", "versus"),
                (account + "/bills/latest/explanation?plain=1", 400, "invalid-parameter", "plain"),
                ("/v1/quarantine?code=0.5", 400, "invalid-parameter", "code"),
                (account + "/amount-due?on=2026-02-30", 400, "invalid-parameter", "on"),
                (account + "/refund?rooms=-1", 400, "invalid-parameter", "rooms"),
                (account + "/trace/nothing", 404, "unknown-field", "field"),
                (account + "/trace/area.building?record=x", 400, "invalid-parameter", "record"),
                ("/v1/accounts/%E2%82", 400, "bad-path", nil),
                ("/v1/accounts/a%00b", 404, "not-found", nil),
                ("/v1/accounts/..%2F..%2Fetc%2Fpasswd", 404, "not-found", nil),
                ("/v1/accounts/../../etc/passwd", 404, "not-found", nil),
                ("//v1/accounts/1", 404, "not-found", nil),
                ("/v1/accounts/" + String(repeating: "1", count: 65), 400, "invalid-parameter", "number"),
                ("/v1/" + String(repeating: "a", count: 9000), 414, "uri-too-long", nil),
                ("/nothing", 404, "not-found", nil),
            ]
            for (path, status, problem, parameter) in cases {
                let answer = try await client.get(path, token: token)
                #expect(answer.status == status && answer.problem == problem, "\(path.prefix(80)): \(answer.text)")
                #expect(answer.json["parameter"] as? String == parameter, "\(path.prefix(80))")
                #expect(answer.json["request_id"] as? String == answer.fields["x-request-id"])
            }
            // A problem of one type has one title, and tells nothing of other programs.
            for (asOf, title) in [
                ("999999", "There is no run of this number"), ("999998", "There is no run of this number"),
                ("\(running)", "The run has not ended"),
            ] {
                let answer = try await client.get(account + "?as_of=\(asOf)", token: token)
                #expect(answer.json["title"] as? String == title)
                #expect(!answer.text.contains("--as-of") && !answer.text.contains("hearth runs"), "\(answer.text)")
            }
            let wrongMethod = try await client.request("DELETE", account, token: token)
            #expect(wrongMethod.status == 405 && wrongMethod.fields["allow"] == "GET, HEAD")
            // CORS is off: a preflight is just another method.
            let preflight = try await client.request(
                "OPTIONS", account, fields: ["Origin": "https://x.example", "Access-Control-Request-Method": "GET"])
            #expect(preflight.status == 405 && preflight.fields["access-control-allow-origin"] == nil)
        }
    }

    /// Figures at the edge of what can be written are answered, and the server goes on.
    @Test func extremes() async throws {
        try await GatewaySite.with { site in
            let client = site.client
            let token = try site.token(.assistant, .pii, .engineer, .auditor)
            let account = "/v1/accounts/\(site.number)"
            let instants = [
                "0000-01-01T00:00:00Z", "0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59.999999-23:59",
                "9223372036854775807", "9223372036854775808", "-1",
            ]
            let seasons = ["0000-0001", "0001-0002", "9998-9999", "1969-1970", "2198-2199"]
            var paths = instants.flatMap { instant in
                [
                    "", "/bills/latest/explanation", "/bills/latest/rise", "/amount-due", "/refund", "/suspension",
                    "/trace/area.building", "/work-orders",
                ].map { account + $0 + "?as_of=" + instant }
            }
            for season in seasons {
                for question in ["/bills/\(season)/explanation", "/bills/\(season)/explanation?versus=previous"] {
                    paths.append(account + question)
                }
                for question in ["amount-due", "refund", "suspension"] {
                    paths.append("\(account)/\(question)?season=\(season)")
                    paths.append("\(account)/\(question)?season=\(season)&as_of=9999-12-31T23:59:59-23:59")
                }
                for day in ["1970-01-01", "2199-12-31"] {
                    paths.append("\(account)/amount-due?season=\(season)&on=\(day)")
                    paths.append("\(account)/suspension?season=\(season)&on=\(day)")
                }
            }
            // With a late fee of thousands of years.
            let arrears = try site.facts().keys.sorted().prefix(60)
            paths += arrears.map { "/v1/accounts/\($0)/amount-due?as_of=9999-12-31T23:59:59-23:59" }
            for rooms in ["0", "99999.999", "100000", "0.0000000000001", "9999999999999999"] {
                paths.append("\(account)/refund?rooms=\(rooms)")
            }
            paths += ["/v1/runs?limit=9223372036854775808", "/v1/quarantine?after=9223372036854775807"]
            for path in paths {
                let answer = try await client.get(path, token: token)
                #expect((200..<500).contains(answer.status), "\(path): \(answer.status) \(answer.text)")
            }
            for id in ["1e400", "-1e400", "1e308", "1e-400", "123456789012345678901234567890", "-0", "0.1", "1E2"] {
                for method in ["ping", "nothing"] {
                    let message = "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"\(method)\"}"
                    let answer = try await client.post("/mcp", message, token: token)
                    #expect((200..<500).contains(answer.status) && !answer.json.isEmpty, "\(id): \(answer.text)")
                }
                _ = try await client.tool("find_account", "{\"address\":\"1-1\",\"limit\":\(id)}", token: token)
            }
            #expect(try await client.get("/healthz").status == 200)
        }
    }

    @Test func bodies() async throws {
        try await GatewaySite.with(by: .live) { site in
            let client = site.client
            let token = try site.token(.assistant)
            let path = "/v1/bindings/verify"
            let cases: [(String, Int, String, String?)] = [
                ("", 400, "malformed-json", nil), ("{", 400, "malformed-json", nil), ("[]", 400, "malformed-json", nil),
                ("\"text\"", 400, "malformed-json", nil), ("{}", 400, "invalid-parameter", "account_number"),
                ("{\"account_number\":1,\"id_last_six\":\"123456\"}", 400, "invalid-parameter", "account_number"),
                ("{\"account_number\":\"1\",\"id_last_six\":\"12345\"}", 400, "invalid-parameter", "id_last_six"),
                ("{\"account_number\":\"1\",\"id_last_six\":\"123456\",\"x\":1}", 400, "unknown-field", "x"),
                (String(repeating: "[", count: 30_000), 400, "malformed-json", nil),
                (String(repeating: " ", count: 70_000), 413, "body-too-large", nil),
            ]
            for (body, status, problem, parameter) in cases {
                let answer = try await client.post(path, body, token: token)
                #expect(answer.status == status && answer.problem == problem, "\(body.prefix(60)): \(answer.text)")
                #expect(answer.json["parameter"] as? String == parameter, "\(body.prefix(60))")
            }
            let bytes = try await client.request(
                "POST", path, token: token, fields: ["Content-Type": "application/json"],
                body: Array("{\"account_number\":\"".utf8) + [0xFF, 0xC0] + Array("\",\"id_last_six\":\"123456\"}".utf8)
            )
            #expect(bytes.status == 400 && bytes.problem == "malformed-json")
            let form = try await client.request("POST", path, token: token, body: Array("a=b".utf8))
            #expect(form.status == 415 && form.problem == "unsupported-media-type")
            // In chunks, without a stated length, the limit holds as well.
            let chunk = Array("8000\r\n".utf8) + [UInt8](repeating: 0x20, count: 0x8000) + Array("\r\n".utf8)
            let head = Array(
                "POST \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .utf8)
            let chunked = try await client.exchange([head, chunk, chunk, chunk])
            #expect(chunked.first?.status == 413)
        }
    }

    @Test func whatIsNoHTTP() async throws {
        try await GatewaySite.with("  limits: {header: 4096}\n", by: .live) { site in
            let client = site.client
            let good = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let flood = "GET /healthz HTTP/1.1\r\nHost: x\r\n" + (0..<500).map { "X-\($0): y\r\n" }.joined() + "\r\n"
            let long = "GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "y", count: 9000) + "\r\n\r\n"
            let twice = "GET /v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n"
            for (text, statuses) in [
                ("NONSENSE\r\n\r\n", [400]), ("GET /healthz HTTP/9.9\r\n\r\n", [400, 505]), (flood, [431]),
                (long, [431]),
                ("GET /healthz HTTP/1.1\r\nBad Name: x\r\n\r\n", [400]),
                ("POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", [400]),
                ("POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", [400]),
                ("GET http://evil.example/v1/runs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", [400]),
                (twice.replacing("\r\n\r\n", with: "\r\nConnection: close\r\n\r\n"), [400]),
            ] {
                let answers = try await client.exchange([Array(text.utf8)])
                #expect(
                    statuses.contains(answers.first?.status ?? 0), "\(text.prefix(50)): \(answers.first?.text ?? "–")")
                #expect(answers.first?.problem.isEmpty == false, "\(text.prefix(50))")
                #expect(answers.count == 1)
            }
            // Several requests sent ahead are answered in their order.
            let ahead = (0..<20).map { "GET /v1/none\($0) HTTP/1.1\r\nHost: x\r\nX-Request-Id: r\($0)\r\n\r\n" }
                .joined()
            let answers = try await client.exchange([Array((ahead + good).utf8)])
            #expect(answers.count == 21)
            #expect(answers.dropLast().map { $0.fields["x-request-id"] ?? "" } == (0..<20).map { "r\($0)" })
        }
    }

    @Test func slowSenders() async throws {
        try await GatewaySite.with("  timeouts: {header: 1, body: 1, idle: 2}\n", by: .live) { site in
            let client = site.client
            let token = try site.token(.assistant)
            async let head = client.exchange(
                [Array("GET /healthz HTTP/1.1\r\n".utf8), Array("Host: x\r\n".utf8)], pause: 0.3)
            // A byte now and then keeps nothing alive.
            async let drip = client.exchange("GET /healthz HTTP/1.1\r\n".utf8.map { [$0] }, pause: 0.25)
            async let body = client.exchange([
                Array(
                    "POST /mcp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
                        .utf8)
            ])
            async let idle = client.exchange([Array("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".utf8)])
            #expect(try await head.first?.problem == "request-timeout")
            #expect(try await drip.first?.status == 408)
            #expect(try await body.first?.status == 408)
            // Answered once, then closed for idleness: the exchange ends.
            #expect(try await idle.map(\.status) == [200])
            #expect(try await client.get("/healthz").status == 200)
        }
    }
}
