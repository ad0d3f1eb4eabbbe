import Answers
import Foundation
import Gateway
import HeatModel
import JWTKit
import LegacyEstate
import SQLiteStore
import Store
import Testing

/// What the assistant asks, over a socket.
@Suite struct AccountTests {
    @Test func moneyQuestionsAnswer() async throws {
        try await GatewaySite.with { site in
            let client = site.client
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
            let client = site.client
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
            let client = site.client
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

    /// A tool's problem names what the tool takes.
    @Test func toolsSpeakOfTheirOwnParameters() async throws {
        try await GatewaySite.with { site in
            let client = site.client
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
            let client = site.client
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
}
