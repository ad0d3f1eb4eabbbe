import Answers
import Foundation
import Pages
import Synchronization
import Testing

@testable import Gateway

/// What other rooms serve on the gateway's server: paths, methods, types, sizes, tokens, and that nothing of it touches the routes.
@Suite struct SiteTests {
    private static let sites = [
        WebMount(.get, "/door") { request in
            WebAnswer(
                "text/plain; charset=utf-8",
                "\(request.query["q"] ?? "-") \(request.cookie("c") ?? "-") \(request.caller?.id ?? "-")".utf8)
        },
        WebMount(.post, "/door", mostBody: 10) { .json($0.body) },
        WebMount(.get, "/door/{id}") { WebAnswer("text/plain", $0.values[0].utf8) },
        WebMount(.get, "/door/fixed") { _ in WebAnswer("text/plain", "fixed".utf8) },
        WebMount(.post, "/v1/door", scopes: [.desk], mostBody: 100_000, types: [WebMount.json]) { request in
            var answer = WebAnswer.json(Array("{\"n\":\(request.body.count)}".utf8))
            answer.accesses = [Access(accounts: ["01"], action: "door", outcome: "ok")]
            return answer
        },
        WebMount(.get, "/door-kept") { _ in .asset("text/css", Array("a{}".utf8)) },
        WebMount(.get, "/door-broken") { _ in throw Problem(.unavailable, "x-busy", "Busy", retryAfter: 3) },
    ]

    /// A page's path: browsers are shown pages, whatever is wrong with what they send.
    @Test func aPageRefusesWithAPage() async throws {
        let page = WebMount(.post, "/page", mostBody: 10) { _ in WebAnswer("text/plain", []) }.refusing {
            WebAnswer(status: $0, "text/html; charset=utf-8", Page.refusalWords($0).utf8)
        }
        try await GatewaySite.with(sites: [
            page, .slash(after: "/page"), WebMount(.get, "/page") { _ in WebAnswer("text/plain", []) },
        ]) {
            site in
            let client = site.client
            for (count, type, status) in [
                (11, "application/x-www-form-urlencoded", 413), (5, "text/plain", 415), (5, "application/json", 415),
            ] {
                let refused = try await client.request(
                    "POST", "/page", fields: ["Content-Type": type], body: Array(repeating: 0x31, count: count))
                #expect(refused.status == status && refused.text == Page.refusalWords(status), "\(type)")
                #expect(refused.fields["content-type"] == "text/html; charset=utf-8")
            }
            let led = try await client.get("/page/")
            #expect(led.status == 303 && led.fields["location"] == "/page")
            #expect(try await client.get("/page//").status == 404)
        }
    }

    private let form = ["Content-Type": "application/x-www-form-urlencoded"]

    @Test func pathsAndMethodsAreFound() async throws {
        try await GatewaySite.with(sites: Self.sites) { site in
            let client = site.client
            let page = try await client.get("/door?q=%E4%BD%A0%20x", fields: ["Cookie": "a=b; c=d"])
            #expect(page.status == 200 && page.text == "你 x d -" && page.fields["cache-control"] == "no-store")
            #expect(try await client.get("/door/7%20a").text == "7 a")
            #expect(try await client.get("/door/fixed").text == "fixed")
            for path in [
                "/door/..", "/door/%2e%2e", "/door/a%2Fb", "/door/", "/door/a/b", "/door/%FF", "/doors", "/door%00",
            ] {
                #expect(try await client.get(path).status / 100 == 4, "\(path)")
            }
            let other = try await client.request("DELETE", "/door")
            #expect(other.status == 405 && other.fields["allow"]?.contains("GET, HEAD") == true)
            #expect(try await client.request("HEAD", "/door").status == 200)
            #expect(try await client.get("/door?q=%zz").status == 400)
            let busy = try await client.get("/door-broken")
            #expect(busy.status == 503 && busy.problem == "x-busy" && busy.fields["retry-after"] == "3")
            // The routes stand as they stood.
            #expect(try await client.get("/healthz").status == 200)
            #expect(try await client.get("/v1/runs").status == 401)
        }
    }

    @Test func bodiesAreBoundedEachByItsOwn() async throws {
        try await GatewaySite.with(sites: Self.sites) { site in
            let client = site.client
            func post(_ path: String, _ count: Int, _ fields: [String: String], token: String? = nil) async throws
                -> Int
            {
                try await client.request(
                    "POST", path, token: token, fields: fields, body: Array(repeating: 0x31, count: count)
                ).status
            }
            #expect(try await post("/door", 10, form) == 200)
            #expect(try await post("/door", 11, form) == 413)
            #expect(try await post("/door", 5, ["Content-Type": "text/plain"]) == 415)
            #expect(try await post("/door", 5, [:]) == 415)
            let (json, desk) = (["Content-Type": "application/json; charset=utf-8"], try site.token(.desk))
            // More than the server's own bound.
            #expect(try await post("/v1/door", 90_000, json, token: desk) == 200)
            #expect(try await post("/v1/door", 100_001, json, token: desk) == 413)
            #expect(try await post("/v1/door", 5, json) == 401)
            #expect(try await post("/v1/door", 5, json, token: "hearth_x") == 401)
            #expect(try await post("/v1/door", 5, json, token: try site.token(.engineer)) == 403)
        }
    }

    /// Of large bodies, which are held in memory, so many may come at once, whoever sends them.
    @Test func largeBodiesAreFew() async throws {
        let large = WebMount(.post, "/large", mostBody: 2 << 20) { WebAnswer("text/plain", "\($0.body.count)".utf8) }
        try await GatewaySite.with("attachments:\n  uploads: 1\n", sites: Self.sites + [large]) { site in
            let client = site.client
            let bytes = [UInt8](repeating: 0x31, count: 1_500_000)
            for _ in 0..<2 {
                let taken = try await client.request("POST", "/large", fields: form, body: bytes)
                #expect(taken.status == 200 && taken.text == "1500000")
            }
            #expect(try site.gateway.largeBodies.count == 0)
            do {
                let place = try site.gateway.largeBodies.enter("another")
                #expect(try await client.request("POST", "/large", fields: form, body: bytes).status == 503)
                #expect(try await client.request("POST", "/door", fields: form, body: [0x31]).status == 200)
                withExtendedLifetime(place) {}
            }
            #expect(try await client.request("POST", "/large", fields: form, body: bytes).status == 200)
        }
    }

    /// A token of an identity provider opens a door as it opens a route, also when it is seen for the first time.
    @Test func webTokensOpenDoors() async throws {
        let issuer = try WebTokenIssuer()
        defer { issuer.remove() }
        let settings = "  jwt: {issuer: \"\(WebTokenIssuer.name)\", audience: hearth, keys: \(issuer.path)}\n"
        try await GatewaySite.with(settings, sites: Self.sites) { site in
            func post(_ token: String) async throws -> RawClient.Response {
                try await site.client.post("/v1/door", "{}", token: token)
            }
            let good = try await issuer.token { $0.scope = "desk" }
            for _ in 0..<2 { #expect(try await post(good).status == 200) }
            #expect(try await post(try await issuer.token { $0.exp -= 1200 }).status == 401)
            let other = try await post(try await issuer.token { $0.scope = "engineer" })
            #expect(other.status == 403 && other.fields["www-authenticate"]?.contains("desk") == true)
        }
    }

    /// Each door is counted by its path, and no number that stands in one; a form that was taken is no failure.
    @Test func doorsAreCounted() async throws {
        let sites = Self.sites + [WebMount(.post, "/door-led") { _ in .seeOther("/door") }]
        try await GatewaySite.with(sites: sites) { site in
            let client = site.client
            for path in ["/door/7", "/door/8"] { #expect(try await client.get(path).status == 200) }
            #expect(try await client.get("/door-broken").status == 503)
            let led = try await client.request("POST", "/door-led", fields: form, body: [0x31])
            let large = try await client.request("POST", "/door", fields: form, body: Array(repeating: 0x31, count: 11))
            #expect(led.status == 303 && large.status == 413)
            let page = try await client.get("/metrics").text
            for (path, outcome, count) in [
                ("/door/{id}", "ok", 2), ("/door-broken", "failed", 1), ("/door-led", "ok", 1), ("/door", "refused", 1),
                ("unknown", "refused", 0), ("unknown", "failed", 0),
            ] {
                let line = "hearth_http_requests_total{route=\"\(path)\",outcome=\"\(outcome)\"} \(count)\n"
                #expect(page.contains(line), "\(line)")
            }
            #expect(page.contains("hearth_http_request_duration_seconds_count{route=\"/door/{id}\"} 2\n"))
            #expect(!page.contains("/door/7"))
        }
    }

    /// Doors that answer later hold none of the threads that others are answered on, however many wait.
    @Test func whoAnswersLaterHoldsNobodyUp() async throws {
        let waiting = Waiting()
        let slow = WebMount(.get, "/slow", later: { waiting.add($1) })
        try await GatewaySite.with(sites: Self.sites + [slow]) { site in
            let client = site.client
            try await withThrowingTaskGroup(of: RawClient.Response.self) { group in
                for _ in 0..<40 { group.addTask { try await client.get("/slow") } }
                // More than there are threads: each of them waits, and the others are answered.
                let end = ContinuousClock.now + .seconds(60)
                while waiting.count < 40 {
                    try #require(ContinuousClock.now < end, "\(waiting.count) wait")
                    try await Task.sleep(for: .milliseconds(5))
                }
                #expect(try await client.get("/door?q=1").status == 200)
                waiting.answer()
                for try await answer in group { #expect(answer.status == 200 && answer.text == "later") }
            }
        }
    }

    private final class Waiting: Sendable {
        private let answers = Mutex<[@Sendable (WebAnswer) -> Void]>([])
        var count: Int { answers.withLock(\.count) }
        func add(_ answer: @escaping @Sendable (WebAnswer) -> Void) { answers.withLock { $0.append(answer) } }
        /// Twice: the first counts.
        func answer() {
            for answer in answers.withLock({ $0 }) {
                answer(WebAnswer("text/plain", "later".utf8))
                answer(WebAnswer("text/plain", "again".utf8))
            }
        }
    }

    @Test func whatIsLookedAtIsWrittenDown() async throws {
        try await GatewaySite.with(sites: Self.sites) { site in
            _ = try await site.client.post("/v1/door", "{}", token: try site.token(.desk))
            let log = try await site.client.get("/v1/access-log?limit=5", token: try site.token(.auditor))
            #expect(log.text.contains("\"action\":\"door\""))
        }
    }

    @Test func whatIsKeptHasATag() async throws {
        try await GatewaySite.with(sites: Self.sites) { site in
            let first = try await site.client.get("/door-kept")
            let tag = try #require(first.fields["etag"])
            #expect(first.fields["content-type"] == "text/css")
            #expect(try await site.client.get("/door-kept", fields: ["If-None-Match": tag]).status == 304)
        }
    }
}
