import CoreMetrics
import Disclosure
import Foundation
import HeatModel
import JSONText
import JWTKit
import Mapping
import Metrics
import SQLiteStore
import Setup
import Store
import Sync
import Synchronization
import Testing

@testable import Answers
@testable import Gateway

@Suite struct FormTests {
    private func formed(_ json: String, unmasked: Bool = false) -> (String, PersonalFieldSet) {
        var out = JSONBytes()
        let shown = Array(json.utf8).withUnsafeBytes { ViewForm(isUnmasked: unmasked).write($0, into: &out) }
        return (String(decoding: out.bytes, as: UTF8.self), shown)
    }

    @Test(arguments: [
        (#"{"holder_name":"张小明"}"#, #"{"holder_name":"张*明"}"#), (#"{"holder_name":"张明"}"#, #"{"holder_name":"张*"}"#),
        (#"{"holder_name":"张"}"#, #"{"holder_name":"*"}"#), (#"{"holder_name":""}"#, #"{"holder_name":""}"#),
        (#"{"holder_name":"欧阳小明"}"#, #"{"holder_name":"欧**明"}"#),
        (#"{"holder_name":"a\"bc"}"#, #"{"holder_name":"a**c"}"#),
        (#"{"holder_name":"\u0001b\u0002"}"#, #"{"holder_name":"\u0001*\u0002"}"#),
        (#"{"holder_phones":["13812345678","02412345"]}"#, #"{"holder_phones":["138****5678","0******5"]}"#),
        (#"{"holder_id_number":"210100199001011234"}"#, #"{"holder_id_number":"***"}"#),
        (#"{"address":"x","room":"501","community":"y"}"#, #"{"address":"***","room":"***","community":"y"}"#),
        (#"{"due_fen":99098}"#, #"{"due_fen":99098,"due":"990.98"}"#),
        (#"{"due_fen":-5}"#, #"{"due_fen":-5,"due":"-0.05"}"#),
        (#"{"fen":100,"a_fen":0}"#, #"{"fen":100,"yuan":"1.00","a_fen":0,"a":"0.00"}"#),
        (#"{"due_fen":null}"#, #"{"due_fen":null}"#),
        (#"{"key":"due_fen","x":["phone",":"]}"#, #"{"key":"due_fen","x":["phone",":"]}"#),
        (
            #"[{"field":"holder_name","values":{"a.b":"张小明","c.d":"李四"}},{"field":"area","values":{"a.b":"1"}}]"#,
            #"[{"field":"holder_name","values":{"a.b":"张*明","c.d":"李*"}},{"field":"area","values":{"a.b":"1"}}]"#
        ),
        (
            #"{"work_orders":[{"phone":"13812345678","fee_fen":1}]}"#,
            #"{"work_orders":[{"phone":"138****5678","fee_fen":1,"fee":"0.01"}]}"#
        ),
    ])
    func masksAndTwins(_ json: String, _ wanted: String) throws {
        #expect(formed(json).0 == wanted)
        #expect(formed(json).1.isEmpty)
        // Whatever goes out is JSON, and unmasked it is the same but for the twins.
        _ = try JSONSerialization.jsonObject(with: Data(formed(json).0.utf8))
        if !json.contains("fen\":") { #expect(formed(json, unmasked: true).0 == json) }
    }

    @Test func whatIsShownIsTold() {
        let (_, shown) = formed(#"{"holder_name":"张","holder_phones":[],"room":"","address":"x"}"#, unmasked: true)
        #expect(shown.keys == ["holder_name", "address"])
    }

    /// Bytes of any kind neither trap nor let a marked value through.
    @Test func anyBytes() {
        var random = SystemRandomNumberGenerator()
        let pieces = ["{", "}", "[", "]", "\"", ":", ",", "\\", "holder_name", "due_fen", "12", "field", "values", "张"]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 0..<40, using: &random)).map { _ in pieces.randomElement(using: &random)! }
                .joined()
            _ = formed(text)
            _ = formed(text, unmasked: true)
            Array(text.utf8).withUnsafeBytes { bytes in
                var members = JSONMembers(bytes)
                while members.next() != nil {}
            }
        }
    }

    @Test func members() throws {
        let json = #"{"a":{"b":[1,"}"]},"c":[],"d":"x\"y","e":null,"f":-1}"#
        let found = Array(json.utf8).withUnsafeBytes { bytes in
            var members = JSONMembers(bytes)
            var found: [String] = []
            while let (key, value) = members.next() {
                found.append(String(decoding: key, as: UTF8.self) + "=" + String(decoding: value, as: UTF8.self))
            }
            return found
        }
        #expect(found == [#"a={"b":[1,"}"]}"#, "c=[]", #"d="x\"y""#, "e=null", "f=-1"])
    }
}

@Suite struct AccessTests {
    @Test func secrets() {
        let one = BearerSecret()
        #expect(one.text != BearerSecret().text && one.text.hasPrefix("hearth_"))
        let token = one.token(name: "x", scopes: [.assistant], createdAt: Instant.now, expiresAt: nil)
        #expect(token.digest.count == 32 && token.id.count == 8)
        #expect(TokenTable.Digest(token.digest) == TokenTable.Digest(secret: one.text))
        #expect(TokenTable.Digest(token.digest) != TokenTable.Digest(secret: one.text + "x"))
        #expect(!WebTokens.isShaped(one.text) && WebTokens.isShaped("a.b.c"))
    }

    @Test func webTokens() async throws {
        let issuer = try WebTokenIssuer()
        defer { issuer.remove() }
        let tokens = try await WebTokens(issuer: WebTokenIssuer.name, audience: "hearth", path: issuer.path)
        let good = try await issuer.token()
        #expect(tokens.known(good) == nil)
        let caller = try #require(await tokens.verify(good))
        #expect(caller.id == "jwt:desk-7" && caller.scopes == ScopeSet([.assistant, .pii]))
        #expect(tokens.known(good) == caller)
        for change: @Sendable (inout WebTokenIssuer.Payload) -> Void in [
            { $0.iss = "https://evil.example" }, { $0.aud = ["other"] }, { $0.exp -= 1200 },
            { $0.nbf = Int(Date().timeIntervalSince1970) + 300 },
        ] {
            #expect(await tokens.verify(try await issuer.token(change)) == nil)
        }
        #expect(await tokens.verify(try await issuer.token(key: ES256PrivateKey())) == nil)
        #expect(await tokens.verify(String(good.dropLast(3)) + "abc") == nil)
        // A token may end as late as can be written, and no later than time itself.
        for end in [9_223_372_036_855, 9_223_372_036_854_775_807, 1e300] as [Double] {
            let far = try #require(await tokens.verify(try await issuer.token { $0.exp = end }))
            #expect(far.expires == .max)
        }
        #expect(await tokens.verify(try await issuer.token { $0.exp = -1e300 }) == nil)
        // Another key in the file: the old one's tokens are forgotten.
        let next = ES256PrivateKey()
        try issuer.publish(next)
        try await tokens.renew()
        #expect(tokens.known(good) == nil)
        #expect(await tokens.verify(good) == nil)
        #expect(await tokens.verify(try await issuer.token(key: next)) != nil)
    }
}

@Suite struct RequestTests {
    @Test func targets() throws {
        #expect(try RequestTarget("/v1/accounts/00012345").values == ["00012345"])
        #expect(try RequestTarget("/v1/accounts/%EF%BC%91").values == ["１"])
        let target = try RequestTarget("/v1/accounts/1/bills/2025-2026/explanation?lang=en&plain=")
        #expect(target.route == .of(.explanation) && target.values == ["1", "2025-2026"])
        #expect(target.query.map(\.name) == ["lang", "plain"])
        for wrong in [
            "", "*", "/v1", "/v1/accounts/", "/v1/accounts/1/", "/v1//accounts/1", "/v1/accounts/%2e%2e", "/%",
        ] {
            #expect(throws: Problem.self) { try RequestTarget(wrong) }
        }
    }

    @Test func gzipIsWanted() {
        #expect(
            RequestFields.allowsGzip("gzip") && RequestFields.allowsGzip("br, gzip;q=0.5")
                && RequestFields.allowsGzip("*"))
        #expect(
            !RequestFields.allowsGzip("br") && !RequestFields.allowsGzip("gzip;q=0")
                && !RequestFields.allowsGzip("gzip; q=0.0"))
    }

    @Test func everyRouteIsDescribed() throws {
        let document = String(decoding: OpenAPIDocument.bytes, as: UTF8.self)
        for route in Route.allCases where route != .unknown {
            let operation = "\n    \(route.method.lowercased()):"
            let path = document.components(separatedBy: "\n  \(route.path):").dropFirst().first?
                .components(separatedBy: "\n  /").first
            #expect(path?.contains(operation) == true, "\(route.method) \(route.path)")
        }
    }

    @Test func statedInstants() {
        #expect(WallClock.microseconds(stated: 1.5) == 1_500_000 && WallClock.microseconds(stated: -1) == -1_000_000)
        #expect(WallClock.microseconds(stated: 9_223_372_036_854.775_807) == .max)
        #expect(WallClock.microseconds(stated: 1e300) == .max && WallClock.microseconds(stated: -1e300) == .min)
        for none in [Double.nan, .infinity, -.infinity] { #expect(WallClock.microseconds(stated: none) == nil) }
    }

    @Test func dates() { #expect(WallClock.httpDate(second: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT") }
}

@Suite struct ExporterTests {
    @Test func text() {
        let exporter = PrometheusExporter(help: ["a_total": "Things."])
        Counter(label: "a_total", dimensions: [("x", "q\"uo\\te\n")], factory: exporter).increment(by: 3)
        Counter(label: "d_total", dimensions: [("x", "\"\u{301}\r\n")], factory: exporter).increment()
        Gauge(label: "b", factory: exporter).record(-2)
        let timer = Metrics.Timer(label: "c_seconds", factory: exporter)
        for nanoseconds in [10_000, 60_000, 20_000_000_000] as [Int64] { timer.recordNanoseconds(nanoseconds) }
        let text = exporter.text()
        #expect(text.contains("# HELP a_total Things.\n# TYPE a_total counter\na_total{x=\"q\\\"uo\\\\te\\n\"} 3\n"))
        #expect(text.utf8.contains("d_total{x=\"\\\"\u{301}\r\\n\"} 1\n".utf8))
        #expect(text.contains("# TYPE b gauge\nb -2\n"))
        #expect(text.contains("c_seconds_bucket{le=\"5e-05\"} 1\nc_seconds_bucket{le=\"0.0001\"} 2\n"))
        #expect(text.contains("c_seconds_bucket{le=\"10\"} 2\nc_seconds_bucket{le=\"+Inf\"} 3\n"))
        #expect(text.contains("c_seconds_count 3\n"))
    }
}
