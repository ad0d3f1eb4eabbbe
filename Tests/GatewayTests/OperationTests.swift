import Answers
import Foundation
import Gateway
import HearthTesting
import HeatModel
import SQLiteStore
import Store
import Sync
import Testing

/// Running it: certificates, the end, metrics, schedules, readiness.
@Suite struct OperationTests {
    @Test func aNewCertificateIsUsedWithoutARestart() async throws {
        let certificates = try TestCertificates.shared()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-cert-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func use(_ certificate: String, _ key: String) throws {
            for (from, to) in [(certificate, "cert.pem"), (key, "key.pem")] {
                let target = "\(folder)/\(to)"
                try? FileManager.default.removeItem(atPath: target)
                try FileManager.default.copyItem(atPath: from, toPath: target)
            }
        }
        try use(certificates.serverCertificate, certificates.serverKey)
        try await GatewaySite.with("  tls: {certificates: \(folder)/cert.pem, key: \(folder)/key.pem}\n", by: .live) {
            site in
            #expect(site.address.hasPrefix("https"))
            func subject() async throws -> String {
                let (_, text) = try await GatewaySite.run(
                    "/bin/sh",
                    [
                        "-c",
                        "openssl s_client -connect 127.0.0.1:\(site.port) -CAfile \(certificates.authority) </dev/null 2>/dev/null | openssl x509 -noout -subject",
                    ])
                return text
            }
            #expect(try await subject().contains("server"))
            let (_, answer) = try await GatewaySite.run(
                "/bin/sh",
                [
                    "-c",
                    "openssl s_client -quiet -verify_return_error -connect 127.0.0.1:\(site.port) -CAfile \(certificates.authority) 2>/dev/null",
                ], input: "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
            // Files that do not fit together change nothing; good ones are in use soon.
            try use(certificates.clientCertificate, certificates.serverKey)
            try await Task.sleep(for: .seconds(2))
            #expect(try await subject().contains("server"))
            try use(certificates.clientCertificate, certificates.clientKey)
            var seen = ""
            for _ in 0..<50 where !seen.contains("client") {
                try await Task.sleep(for: .milliseconds(200))
                seen = try await subject()
            }
            #expect(seen.contains("client"))
            // Plain HTTP is not answered on a TLS port, and hurts nobody.
            _ = try await site.client.get("/healthz")
            #expect(try await subject().contains("client"))
        }
    }

    @Test func theEndWaitsForWhatIsInFlight() async throws {
        try await GatewaySite.with(by: .program) { site in
            let (port, token) = (site.port, try site.token(.assistant))
            let body = "{\"account_number\":\"\(site.number)\",\"id_last_six\":\"000000\"}"
            // A request that has begun when the signal comes, and ends after it.
            let socket = try await GatewaySite.onThread {
                let socket = try RawSocket(port: port)
                socket.send(
                    "POST /v1/bindings/verify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\nExpect: 100-continue\r\n\r\n"
                        .utf8)
                try #require(socket.receive(until: "\r\n\r\n").contains(" 100 "))
                return socket
            }
            async let status = site.stop()
            let answers = try await GatewaySite.onThread {
                // The end has begun when nobody is let in any more.
                while (try? RawSocket(port: port)) != nil { Thread.sleep(forTimeInterval: 0.005) }
                socket.send(body.utf8)
                return RawClient.responses(socket.receiveAll(), false)
            }
            #expect(answers.map(\.status) == [200], "\(answers.map(\.text))")
            #expect(try await status == 0)
        }
    }

    @Test func metricsAreWhatPrometheusReads() async throws {
        try await GatewaySite.with { site in
            let client = site.client
            _ = try await client.get("/v1/accounts/\(site.number)", token: site.token(.assistant))
            _ = try await client.get("/v1/accounts/\(site.number)")
            let page = try await client.get("/metrics")
            #expect(page.fields["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            let (status, text) = try await GatewaySite.run(
                "/usr/bin/env", ["promtool", "check", "metrics"], input: page.text)
            #expect(status == 0, "\(text)")
            let account = "route=\"/v1/accounts/{number}\""
            #expect(page.text.contains("hearth_http_requests_total{\(account),outcome=\"ok\"} 1\n"))
            #expect(page.text.contains("hearth_http_requests_total{\(account),outcome=\"unauthorized\"} 1\n"))
            #expect(page.text.contains("hearth_http_request_duration_seconds_count{\(account)} 2\n"))
            for metric in [
                "hearth_store_bytes", "hearth_store_accounts", "hearth_sync_lag_seconds{stream=\"billing.charges\"}",
            ] {
                #expect(page.text.contains("\n\(metric)"), "\(metric)")
            }
            #expect(page.text.contains("hearth_quarantine_records{stream=\"customer.residents\"}"))
            #expect(!page.text.contains(site.number))
        }
    }

    /// What was asked of systems, without whom it was for; what stands no longer is shown as 0.
    @Test func workIsCounted() async throws {
        try await GatewaySite.with { site in
            func page() async throws -> String { try await site.client.get("/metrics").text }
            let system = "system=\"dispatch\""
            #expect(try await page().contains("hearth_actions{") == false)
            try site.ask(for: site.number)
            let asked = try await page()
            #expect(
                asked.contains("\nhearth_actions{\(system),kind=\"createWorkOrder\",state=\"accepted\"} 1\n"),
                "\(asked)")
            #expect(asked.contains("\nhearth_action_oldest_seconds{\(system)} "))
            #expect(!asked.contains("hearth_action_dead_letters{"))
            try site.store.write { store in
                let owner = LeaseOwner(host: "here", process: 7, processStart: 70)
                let claim = try store.claimAction(systems: ["dispatch"], owner: owner, seconds: 60) { _ in true }
                _ = try store.settle(
                    try #require(claim), attempt: nil, result: "timeout", detail: nil, message: nil,
                    .notSent(after: 0, isDead: true))
            }
            let dead = try await page()
            #expect(dead.contains("\nhearth_action_dead_letters{\(system),kind=\"createWorkOrder\"} 1\n"), "\(dead)")
            try site.store.write { store in
                _ = try store.dropAction(ActionID(1), message: "made by hand")
                let notice = IncomingNotice(
                    rule: "arrears-3", account: site.number, occasion: "x",
                    notBefore: Instant(microseconds: 0, offsetMinutes: 0), expiresAt: .now)
                _ = try store.planNotice(notice, at: .now)
            }
            let over = try await page()
            for line in [
                "hearth_actions{\(system),kind=\"createWorkOrder\",state=\"accepted\"} 0",
                "hearth_actions{\(system),kind=\"createWorkOrder\",state=\"dropped\"} 1",
                "hearth_action_dead_letters{\(system),kind=\"createWorkOrder\"} 0",
                "hearth_action_oldest_seconds{\(system)} 0", "hearth_notices{rule=\"arrears-3\",state=\"planned\"} 1",
            ] { #expect(over.contains("\n\(line)\n"), "\(line): \(over)") }
            #expect(over.contains("\nhearth_notice_overdue_seconds "))
            #expect(!over.contains("\nhearth_notice_overdue_seconds 0\n"))
            #expect(!over.contains(site.number))
            let (status, text) = try await GatewaySite.run(
                "/usr/bin/env", ["promtool", "check", "metrics"], input: over)
            #expect(status == 0, "\(text)")
        }
    }

    @Test func answersThatNothingChangedAreCounted() async throws {
        try await GatewaySite.with { site in
            let client = site.client
            let token = try site.token(.assistant)
            let path = "/v1/accounts/\(site.number)"
            let tag = try #require(try await client.get(path, token: token).fields["etag"])
            let again = try await client.get(path, token: token, fields: ["If-None-Match": tag])
            #expect(again.status == 304)
            let page = try await client.get("/metrics").text
            let requests = "hearth_http_requests_total{route=\"/v1/accounts/{number}\",outcome="
            #expect(page.contains("\(requests)\"ok\"} 1\n"), "\(page)")
            #expect(page.contains("\(requests)\"not_modified\"} 1\n"), "\(page)")
        }
    }

    @Test func syncsRunOnSchedule() async throws {
        let schedule =
            "  schedules:\n    - {streams: [billing.charges, customer], every: 1}\n    - {streams: [billing], every: 1}\n"
        try await GatewaySite.with(schedule, by: .program) { site in
            let client = site.client
            let token = try site.token(.engineer)
            let first = try site.store.read { try $0.runs(stream: nil, limit: 1).first?.id.number ?? 0 }
            var runs: [[String: Any]] = []
            for _ in 0..<100 where runs.filter({ $0["state"] as? String == "success" }).count < 8 {
                try await Task.sleep(for: .milliseconds(200))
                let answer = try await client.get("/v1/runs?limit=200", token: token)
                runs = (answer.json["runs"] as? [[String: Any]] ?? []).filter { ($0["run"] as? Int64 ?? 0) > first }
            }
            #expect(runs.count >= 8)
            #expect(runs.allSatisfy { ["success", "running"].contains($0["state"] as? String) })
            let page = try await client.get("/metrics").text
            #expect(page.contains("hearth_sync_records_total{stream=\"billing.charges\""))
            // It ends in good order also while a sync is at work.
            #expect(try await site.stop() == 0)
        }
    }

    @Test func readyOnlyWithFreshData() async throws {
        try await GatewaySite.with("  maxAge: 100000\n") { site in
            let ready = try await site.client.get("/readyz")
            #expect(ready.status == 200 && ready.json["status"] as? String == "ready")
        }
        try await GatewaySite.with("  maxAge: 1\n") { site in
            // Its streams were read one after another, and so each is too old at a moment of its own.
            func late(_ answer: RawClient.Response) -> [String] { answer.json["stale"] as? [String] ?? [] }
            var stale = try await site.client.get("/readyz")
            for _ in 0..<400 where !late(stale).contains("billing.charges") {
                try await Task.sleep(for: .milliseconds(50))
                stale = try await site.client.get("/readyz")
            }
            #expect(stale.status == 503 && stale.json["status"] as? String == "stale")
            #expect(late(stale).contains("billing.charges"))
            #expect(try await site.client.get("/healthz").status == 200)
        }
    }

    @Test func tokensByCommand() async throws {
        try await GatewaySite.with { site in
            func hearth(_ arguments: String...) async throws -> (Int32, String) {
                try await GatewaySite.run(GatewaySite.program, arguments + ["--config", site.configuration])
            }
            let (made, text) = try await hearth("token", "create", "--name", "desk", "--scope", "assistant", "--json")
            #expect(made == 0)
            let token = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            let secret = try #require(token["token"] as? String)
            let id = try #require(token["id"] as? String)
            #expect(secret.utf8.count == 50)
            let client = site.client
            var status = 401
            for _ in 0..<50 where status == 401 {
                status = try await client.get("/v1/freshness", token: secret).status
                if status == 401 { try await Task.sleep(for: .milliseconds(100)) }
            }
            #expect(status == 200)
            let (_, list) = try await hearth("token", "list")
            #expect(list.contains(id) && list.contains("desk") && !list.contains(secret))
            #expect(try await hearth("token", "revoke", id).0 == 0)
            #expect(try await hearth("token", "revoke", id).0 == 3)
            #expect(try await hearth("token", "create", "--name", "x", "--scope", "root").0 == 3)
        }
    }

    @Test func anOriginThatIsAllowedMayAsk() async throws {
        try await GatewaySite.with("  origins: [\"https://desk.example\"]\n") { site in
            let client = site.client
            let fields = ["Origin": "https://desk.example", "Access-Control-Request-Method": "GET"]
            let preflight = try await client.request("OPTIONS", "/v1/freshness", fields: fields)
            #expect(preflight.status == 204)
            #expect(preflight.fields["access-control-allow-origin"] == "https://desk.example")
            // A browser asks for MCP with fields of its own.
            let tools = try await client.request(
                "OPTIONS", "/mcp",
                fields: [
                    "Origin": "https://desk.example", "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": "authorization,content-type,mcp-protocol-version",
                ])
            let allowed = tools.fields["access-control-allow-headers"]?.lowercased().components(separatedBy: ", ") ?? []
            #expect(tools.status == 204)
            for field in ["authorization", "content-type", "if-none-match", "x-request-id", "mcp-protocol-version"] {
                #expect(allowed.contains(field), "\(allowed)")
            }
            let other = try await client.get(
                "/v1/freshness", token: site.token(.assistant), fields: ["Origin": "https://evil.example"])
            #expect(other.status == 200 && other.fields["access-control-allow-origin"] == nil)
        }
    }
}
