import Answers
import Foundation
import Gateway
import HeatModel
import JWTKit
import LegacyEstate
import SQLiteStore
import Store
import Testing

/// Accounts found by address and phone, now and as of then.
@Suite struct SearchTests {
    @Test func addressesAreNeverGuessed() async throws {
        try await GatewaySite.with { site in
            let client = site.client
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
            let client = site.client
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
            let client = site.client
            let token = try site.token(.assistant)
            let facts = try #require(try site.facts()[site.number])
            func fact(_ name: String) -> String { facts[name] as? String ?? "" }
            try site.store.write { store in
                let run = try #require(try store.runs(stream: nil, limit: 1).first).id
                let account = try Array("77777777".utf8).withUnsafeBytes {
                    try store.introduceAccount(number: $0, run: run)
                }
                // Of a record that is not there: nothing else of the account is.
                try store.setPlace(
                    PlaceKey(
                        community: fact("community"), building: fact("building"), unit: fact("unit"), room: fact("room")
                    ), of: account, statedBy: RecordID(.max))
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

    @Test func searchesFindWhatWas() async throws {
        try await GatewaySite.with { site in
            let client = site.client
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
}
