import ConfigurationFiles
import Crypto
import Foundation
import HearthTesting
import HeatModel
import Store
import Synchronization
import Testing

@testable import Actions
@testable import Notices

/// A service on the loopback that answers each request as a test says, and keeps what it was sent.
final class Gate: Sendable {
    private let kept: Kept
    let address: String

    var seen: [LoopbackService.Request] { kept.requests.withLock { $0 } }

    /// - Parameter answer: status and body; nil reads the request and hangs up.
    init(_ answer: (Int, String)?) {
        let kept = Kept()
        address = LoopbackService.shared.address { request in
            kept.requests.withLock { $0.append(request) }
            guard let (status, body) = answer else {
                var cut = LoopbackService.Answer("{}")
                cut.cut = 0
                return cut
            }
            return LoopbackService.Answer(status: status, type: "application/json", body)
        }
        self.kept = kept
    }

    private final class Kept: Sendable {
        let requests = Mutex<[LoopbackService.Request]>([])
    }

    func stop() { LoopbackService.shared.remove(address) }
}

/// The ways to tell: what is sent, and what each answer is taken for. Real servers on loopback, real files.
@Suite struct ChannelTests {
    private func channel(_ yaml: String, folder: String = "/tmp") throws -> any ActionSink {
        var reader = ConfigurationReader(path: folder + "/notices.yaml")
        let section = try #require(reader.root(of: Array(yaml.utf8)).flatMap { reader.section($0, "a channel") })
        let system = ChannelConfiguration.read("sms", section, names: ["open"], reader: &reader)
        return try #require(system, "\(reader.problems)").sink
    }

    private func letter(_ more: [String: String] = [:]) -> ActionLetter {
        ActionLetter(
            kind: .sendNotice, reference: "REF0000000000001",
            values: ["phone": "13812345678", "text": "还应缴\"12.00\"元\\\n", "account": "01", "open": "12.00"].merging(
                more
            ) { $1 },
            firstSent: nil)
    }

    private func gateway(_ address: String) -> String {
        """
        http:
          url: \(address)/send
          headers: ["Authorization: Bearer t"]
          json: '{"to":"{{phone}}","text":"{{text}}","id":"{{reference}}","p":"{{open}}"}'
          success: {path: Code, is: [OK]}
          id: BizId
          refused: [isv.MOBILE_NUMBER_ILLEGAL]
          timeout: 5
          receipt:
            url: "\(address)/receipt?to={{phone}}&t={{text}}"
            success: {path: Code, is: [OK]}
            records: Details.Detail
            reference: OutId
            state: Status
            failed: ["2"]
            total: Total
        """
    }

    private static func word(_ outcome: SendOutcome) -> String {
        switch outcome {
        case .confirmed(let id, _): "confirmed \(id ?? "")"
        case .refused(let words): "refused \(words)"
        case .notSent: "notSent"
        case .later: "later"
        case .unclear: "unclear"
        }
    }

    private static func word(_ outcome: ProbeOutcome) -> String {
        switch outcome {
        case .found: "found"
        case .refused: "refused"
        case .absent: "absent"
        case .ambiguous: "ambiguous"
        case .failed: "failed"
        case .unanswerable: "unanswerable"
        }
    }

    @Test func whatAGatewayAnswers() async throws {
        try await onThread {
            let answers: [((Int, String)?, String)] = [
                ((200, #"{"Code":"OK","BizId":"77^1"}"#), "confirmed 77^1"),
                ((200, #"{"Code":"isv.MOBILE_NUMBER_ILLEGAL","Message":"13812345678"}"#), "refused"),
                ((200, #"{"Code":"isv.BUSINESS_LIMIT_CONTROL"}"#), "unclear"), ((200, "{}"), "unclear"),
                ((200, "<html>"), "unclear"), ((500, ""), "unclear"), ((502, #"{"Code":"OK"}"#), "unclear"),
                ((302, ""), "unclear"), ((401, ""), "notSent"), (nil, "unclear"),
            ]
            for (answer, expected) in answers {
                let server = Gate(answer)
                defer { server.stop() }
                let outcome = try self.channel(self.gateway(server.address)).send(self.letter())
                let word = Self.word(outcome)
                #expect(word.hasPrefix(expected), "\(answer.map { $0.1 } ?? "hangs up"): \(word)")
                #expect(!"\(outcome)".contains("13812345678"), "a phone stands in what is kept")
                let seen = try #require(server.seen.first)
                #expect(server.seen.count == 1, "sent more than once")
                #expect(seen.headers["authorization"] == "Bearer t")
                let body = try JSONSerialization.jsonObject(with: Data(seen.body.utf8)) as? [String: String]
                #expect(
                    body == [
                        "to": "13812345678", "text": "还应缴\"12.00\"元\\\n", "id": "REF0000000000001", "p": "12.00",
                    ])
            }
            // Nobody listens.
            #expect(Self.word(try self.channel(self.gateway("http://127.0.0.1:1")).send(self.letter())) == "notSent")
        }
    }

    @Test func whatAReceiptSays() async throws {
        try await onThread {
            func details(_ list: String, total: Int) -> String {
                #"{"Code":"OK","Total":\#(total),"Details":{"Detail":[\#(list)]}}"#
            }
            let ours = #"{"OutId":"REF0000000000001","Status":3}"#
            let other = #"{"OutId":"REF0000000000002","Status":3}"#
            let answers: [((Int, String)?, String)] = [
                ((200, details(ours, total: 1)), "found"), ((200, details(other + "," + ours, total: 2)), "found"),
                ((200, details(other, total: 1)), "absent"), ((200, details("", total: 0)), "absent"),
                // A part of what there is proves nothing.
                ((200, details(other, total: 51)), "failed"), ((200, #"{"Code":"OK"}"#), "failed"),
                // Nor does a message of which nobody knows whose it is, or an answer that counts nothing.
                ((200, details(#"{"outid":"REF0000000000001"}"#, total: 1)), "failed"),
                ((200, #"{"Code":"OK","Details":{"Detail":[]}}"#), "failed"),
                ((200, details(#"{"OutId":"REF0000000000001","Status":"2"}"#, total: 1)), "refused"),
                ((200, #"{"Code":"isp.RAM_PERMISSION_DENY"}"#), "failed"), ((500, ""), "failed"), (nil, "failed"),
            ]
            for (answer, expected) in answers {
                let server = Gate(answer)
                defer { server.stop() }
                let word = Self.word(try self.channel(self.gateway(server.address)).probe(self.letter()))
                #expect(word == expected, "\(answer.map { $0.1 } ?? "hangs up")")
                let seen = try #require(server.seen.first)
                #expect(seen.path.contains("/receipt?to=13812345678&t=%E8%BF%98"), "\(seen.path)")
            }
        }
    }

    @Test func aWebhookIsSigned() async throws {
        try await onThread {
            let key = Array("0123456789abcdef0123456789abcdef".utf8)
            let secret = "whsec_" + Data(key).base64EncodedString()
            for (status, expected) in [
                (200, "confirmed"), (204, "confirmed"), (302, "unclear"), (400, "refused"), (410, "refused"),
                (401, "notSent"), (403, "notSent"), (404, "notSent"), (429, "unclear"), (500, "unclear"),
            ] {
                let server = Gate((status, ""))
                defer { server.stop() }
                let sink = try self.channel(
                    "webhook: {url: \"\(server.address)/hook\", secrets: [\(secret)]}")
                #expect(Self.word(sink.send(self.letter())).hasPrefix(expected), "\(status)")
                let seen = try #require(server.seen.first)
                let id = try #require(seen.headers["webhook-id"])
                let stamp = try #require(seen.headers["webhook-timestamp"])
                #expect(
                    id == "REF0000000000001" && abs((Int64(stamp) ?? 0) - Instant.now.microseconds / 1_000_000) < 60)
                // As Standard Webhooks 1.0 have it, reckoned here once more.
                let code = HMAC<SHA256>.authenticationCode(
                    for: Data("\(id).\(stamp).\(seen.body)".utf8), using: SymmetricKey(data: key))
                #expect(seen.headers["webhook-signature"] == "v1," + Data(code).base64EncodedString())
                let body = try JSONSerialization.jsonObject(with: Data(seen.body.utf8)) as? [String: String]
                #expect(body?["text"]?.hasPrefix("还应缴") == true && body?["reference"] == id)
            }
        }
    }

    @Test func aFileIsThereOnceOrNot() throws {
        let folder = try Folder()
        let sink = try channel("file: {folder: out}", folder: folder.path)
        #expect(Self.word(sink.probe(letter())) == "failed")
        #expect(Self.word(sink.send(letter())).hasPrefix("confirmed"))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out")
        #expect(names.sorted() == [".hearth", "sendNotice-REF0000000000001.json"])
        #expect(Self.word(sink.probe(letter())) == "found")
        // Taken away: it was there all the same.
        try FileManager.default.removeItem(atPath: folder.path + "/out/sendNotice-REF0000000000001.json")
        #expect(Self.word(sink.probe(letter())) == "found")
        // Ended between the steps: never there.
        let other = ActionLetter(kind: .sendNotice, reference: "REF0000000000002", values: [:], firstSent: nil)
        #expect(Self.word(sink.probe(other)) == "absent")
        try "{}".write(
            toFile: folder.path + "/out/.sendNotice-REF0000000000002.json.part", atomically: false, encoding: .utf8)
        #expect(Self.word(sink.probe(other)) == "absent")
        try "".write(toFile: folder.path + "/out/.hearth/REF0000000000002", atomically: false, encoding: .utf8)
        #expect(Self.word(sink.probe(other)) == "absent")
        #expect(Self.word(sink.send(other)).hasPrefix("confirmed"))
    }
}
