import Answers
import Attachments
import Foundation
import HearthTesting
import Requests
import SQLiteStore
import Setup
import Store
import Testing

@testable import Gateway

/// Photos and videos over HTTP, and whoever sends what is none.
@Suite struct AttachmentDoorTests {
    private static let path = "/v1/attachments"

    private func send(
        _ site: GatewaySite, _ bytes: [UInt8], _ type: String? = "image/jpeg", token: String? = nil,
        fields: [String: String] = [:]
    ) async throws -> RawClient.Response {
        var fields = fields
        if let type { fields["Content-Type"] = type }
        return try await site.client.request(
            "POST", Self.path, token: token ?? site.token(.assistant), fields: fields, body: bytes)
    }

    private func head(_ site: GatewaySite, _ fields: [String]) throws -> [UInt8] {
        let lines =
            ["POST \(Self.path) HTTP/1.1", "Host: localhost", "Authorization: Bearer \(try site.token(.assistant))"]
            + fields
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// Files on their way, and those that are kept.
    private func files(_ site: GatewaySite) -> [String] {
        let folder = site.folder + "/hearth-attachments"
        let all = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasPrefix("incoming/") || $0.utf8.count > 60 }.sorted()
    }

    private func accesses(_ site: GatewaySite, _ action: String) throws -> [[String: Any]] {
        try site.gateway.log.entries(account: nil, after: nil, limit: 1000).entries.compactMap {
            try JSONSerialization.jsonObject(with: Data($0.json)) as? [String: Any]
        }.filter { $0["action"] as? String == action }
    }

    @Test func sentNamedAndShown() async throws {
        try await GatewaySite.with("attachments:\n  url: https://hearth.example\n") { site in
            let (client, token) = (site.client, try site.token(.assistant))
            let sent = try await send(site, SamplePhotos.jpeg())
            #expect(sent.status == 201, "\(sent.text)")
            let sha256 = try #require(sent.json["sha256"] as? String)
            let address = try #require(sent.json["address"] as? String)
            #expect(address == "https://hearth.example/v1/attachments/\(sha256)")
            #expect(try await send(site, SamplePhotos.jpeg()).body == sent.body)
            let location = try #require(sent.fields["location"])
            // The report names it, and so does what became of the report.
            let work = "/v1/accounts/\(site.number)/work-orders"
            func report(_ key: String, _ attachment: [String: String]) async throws -> RawClient.Response {
                let body: [String: Any] = ["kind": "leak", "attachments": [attachment]]
                let text = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
                return try await client.post(work, text, token: token, fields: ["Idempotency-Key": "\"\(key)\""])
            }
            let named = ["sha256": sha256, "address": address, "type": "image/jpeg"]
            let taken = try await report("a", named)
            #expect(taken.status == 202, "\(taken.text)")
            let status = try await client.get(try #require(taken.fields["location"]), token: token)
            #expect(status.json["attachments"] as? [String] == [sha256], "\(status.text)")
            let payload = try site.store.read { try $0.actions(ActionFilter(), before: nil, limit: 1) }.first?.request
                .payload
            #expect(String(decoding: payload ?? [], as: UTF8.self).contains(sha256))
            // What is said to be here and is not.
            let none = String(repeating: "0", count: 64)
            for (change, parameter) in [
                (["sha256": none, "address": "/v1/attachments/" + none], "attachments[0].sha256"),
                (["address": "/v1/attachments/" + none], "attachments[0].address"),
                (["address": address + "/../x"], "attachments[0].address"),
                (["type": "image/png"], "attachments[0].type"),
            ] {
                let refused = try await report(UUID().uuidString, named.merging(change) { $1 })
                #expect(refused.status == 409 && refused.problem == "unknown-attachment", "\(refused.text)")
                #expect(refused.json["parameter"] as? String == parameter)
            }
            // Shown to whoever may see personal data.
            for token in [try site.token(.assistant, .pii), try site.token(.desk, .pii)] {
                let shown = try await client.get(location, token: token)
                #expect(shown.status == 200 && SamplePhotos.holdsNone(shown.body))
                #expect(shown.body.count == sent.json["bytes"] as? Int)
                #expect(
                    shown.fields["content-type"] == "image/jpeg" && shown.fields["x-content-type-options"] == "nosniff")
                #expect(
                    shown.fields["content-disposition"]?.hasPrefix("attachment; filename=\"\(sha256.prefix(16)).jpg")
                        == true)
                #expect(shown.fields["content-security-policy"] == "default-src 'none'; sandbox")
                #expect(shown.fields["cache-control"]?.contains("private") == true)
                let part = try await client.get(location, token: token, fields: ["Range": "bytes=2-5"])
                #expect(part.status == 206 && part.body == Array(shown.body[2...5]))
            }
            let hidden = try await client.get(location, token: token)
            #expect(hidden.status == 403 && hidden.fields["www-authenticate"]?.contains("pii") == true)
            #expect(try await client.get(location, token: site.token(.engineer)).status == 403)
            #expect(try await client.get(location).status == 401)
            let entries = try accesses(site, "/v1/attachments/{sha256}")
            #expect(entries.filter { $0["outcome"] as? String == "ok" }.count == 4)
            for entry in entries where entry["outcome"] as? String == "ok" {
                #expect(entry["accounts"] as? [String] == [site.number] && entry["unmasked"] as? [String] == ["raw"])
            }
            #expect(entries.contains { $0["outcome"] as? String == "forbidden" })
            #expect(try accesses(site, Self.path).count == 2)
        }
    }

    @Test func whatIsNoPhotoIsRefused() async throws {
        try await GatewaySite.with("attachments:\n  most: 1\n") { site in
            func refused(
                _ bytes: [UInt8], _ type: String?, _ status: Int, _ problem: String, _ fields: [String: String] = [:]
            ) async throws {
                let answer = try await send(site, bytes, type, fields: fields)
                #expect(answer.status == status && answer.problem == problem, "\(type ?? "-"): \(answer.text)")
            }
            let photo = SamplePhotos.jpeg()
            try await refused(photo, nil, 415, "unsupported-media-type")
            for type in [
                "application/json", "image/svg+xml", "text/html", "image/jpeg, image/png", "multipart/form-data",
            ] {
                try await refused(photo, type, 415, "unsupported-media-type")
            }
            try await refused(photo, "image/png", 415, "unsupported-media-type")
            try await refused(Array("<svg onload=alert(1)>".utf8), "image/png", 415, "unsupported-media-type")
            try await refused([], "image/png", 415, "unsupported-media-type")
            try await refused(photo, "image/jpeg", 415, "unsupported-media-type", ["Content-Encoding": "gzip"])
            try await refused(Array(photo.prefix(200)), "image/jpeg", 400, "attachment-broken")
            try await refused(SamplePhotos.mp4() + [1, 2, 3], "video/mp4", 400, "attachment-broken")
            let large = SamplePhotos.jpeg(padding: 1 << 20)
            try await refused(large, "image/jpeg", 413, "attachment-too-large")
            let query = try await site.client.request(
                "POST", Self.path + "?name=../../x", token: site.token(.assistant),
                fields: ["Content-Type": "image/jpeg"], body: photo)
            #expect(query.status == 400 && query.problem == "invalid-parameter")
            for (token, status) in [("none", 401), (try site.token(.desk), 403), (try site.token(.engineer), 403)] {
                #expect(try await send(site, photo, token: token).status == status)
            }
            #expect(try await site.client.get(Self.path, token: site.token(.assistant)).status == 405)
            for name in [
                "..%2f..%2fhearth.db", "x", String(repeating: "A", count: 64), "%00",
                String(repeating: "a", count: 64) + ".jpg",
            ] {
                let answer = try await site.client.get(Self.path + "/" + name, token: site.token(.assistant, .pii))
                #expect(answer.status == 400 || answer.status == 404, "\(name): \(answer.text)")
            }
            #expect(files(site) == [])
        }
    }

    /// The first token of an identity provider is checked while the bytes wait.
    @Test func webTokensAreCheckedFirst() async throws {
        let issuer = try WebTokenIssuer()
        defer { issuer.remove() }
        let settings = "  jwt: {issuer: \"\(WebTokenIssuer.name)\", audience: hearth, keys: \(issuer.path)}\n"
        try await GatewaySite.with(settings, by: .live) { site in
            let photo = SamplePhotos.png()
            let good = try await issuer.token { $0.scope = "assistant" }
            #expect(try await send(site, photo, "image/png", token: good).status == 201)
            #expect(try await send(site, photo, "image/png", token: good).status == 201)
            let old = try await issuer.token { $0.exp -= 1200 }
            #expect(try await send(site, photo, "image/png", token: old).status == 401)
            let other = try await issuer.token { $0.scope = "engineer" }
            #expect(try await send(site, photo, "image/png", token: other).status == 403)
            #expect(files(site).count == 1)
        }
    }

    /// Over sockets: who is slow, who goes away, who says another length than comes.
    @Test func badSenders() async throws {
        try await GatewaySite.with("attachments:\n  most: 1\n", by: .live) { site in
            let photo = SamplePhotos.jpeg(padding: 200_000)
            func exchange(_ pieces: [[UInt8]], pause: Double = 0) async throws -> [RawClient.Response] {
                try await site.client.exchange(pieces, pause: pause)
            }
            let typed = ["Content-Type: image/jpeg", "Connection: close"]
            @Sendable func length(_ count: Int) throws -> [UInt8] {
                try head(site, typed + ["Content-Length: \(count)"])
            }
            // Gone in the middle.
            for cut in [0, 1, 100, 60_000, photo.count - 1] {
                try await GatewaySite.onThread { [port = site.port] in
                    let socket = try RawSocket(port: port)
                    socket.send(try length(photo.count) + photo.prefix(cut))
                }
            }
            // Shorter than it says that it is: what is missing is waited for. Longer: what is left is no request.
            let longer = try await exchange([try length(photo.count - 50) + photo])
            #expect(longer.first?.status == 400, "\(longer)")
            // Without a length, in chunks, too much.
            let large = SamplePhotos.jpeg(padding: 2 << 20)
            var chunked: [[UInt8]] = [try head(site, typed + ["Transfer-Encoding: chunked"])]
            for start in stride(from: 0, to: large.count, by: 50_000) {
                let part = large[start..<min(start + 50_000, large.count)]
                chunked.append(Array("\(String(part.count, radix: 16))\r\n".utf8) + part + [13, 10])
            }
            let tooLarge = try await exchange(chunked + [Array("0\r\n\r\n".utf8)])
            #expect(tooLarge.first?.status == 413, "\(tooLarge)")
            // In small pieces, with an invitation.
            var pieces = [try head(site, typed + ["Content-Length: \(photo.count)", "Expect: 100-continue"])]
            for start in stride(from: 0, to: photo.count, by: 20_000) {
                pieces.append(Array(photo[start..<min(start + 20_000, photo.count)]))
            }
            let taken = try await exchange(pieces, pause: 0.005)
            #expect(taken.first?.status == 201, "\(taken)")
            try await site.until { try files(site).count == 1 && site.gateway.uploads.count == 0 }
        }
        // One byte, and nothing more.
        try await GatewaySite.with("  timeouts: {header: 1}\nattachments:\n  timeout: 1\n", by: .live) { site in
            let begun = try head(site, ["Content-Type: image/jpeg", "Content-Length: 5000", "Connection: close"])
            let slow = try await site.client.exchange([begun + SamplePhotos.jpeg().prefix(300)])
            #expect(slow.first?.status == 408, "\(slow)")
            try await site.until { try files(site).isEmpty && site.gateway.uploads.count == 0 }
        }
    }

    /// More at once than may be: some are told to wait, and what is told is taken is one file.
    @Test func manyAtOnce() async throws {
        try await GatewaySite.with("attachments:\n  uploads: 6\n  total: 20\n", by: .live) { site in
            let photo = SamplePhotos.jpeg(padding: 100_000)
            let answers = try await withThrowingTaskGroup(of: RawClient.Response.self) { group in
                for _ in 0..<60 { group.addTask { try await send(site, photo) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let taken = answers.filter { $0.status == 201 }
            #expect(Set(taken.map(\.body)).count == 1 && !taken.isEmpty)
            #expect(answers.allSatisfy { [201, 429, 503].contains($0.status) }, "\(answers.map(\.status))")
            #expect(files(site).count == 1)
            try await site.until { try site.gateway.uploads.count == 0 }
            // One of a length that is not known may need as much as one may have, which is more than is left.
            let token = try site.token(.assistant)
            let full = try await site.client.exchange([
                Array(
                    "POST \(Self.path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                        .utf8),
                Array("0\r\n\r\n".utf8),
            ])
            #expect(full.first?.status == 507 && full.first?.problem == "attachments-full", "\(full)")
            #expect(files(site).count == 1)
        }
        try await GatewaySite.with("attachments:\n  most: 2\n  total: 1\n") { site in
            let full = try await send(site, SamplePhotos.jpeg(padding: 1 << 20))
            #expect(full.status == 507 && full.problem == "attachments-full", "\(full.text)")
            #expect(!full.text.contains(site.folder))
            // The connection's next request is answered, and a small one is taken.
            #expect(try await send(site, SamplePhotos.jpeg()).status == 201)
            let page = try await site.client.get("/metrics").text
            #expect(page.contains("hearth_attachment_bytes "))
        }
    }
}
