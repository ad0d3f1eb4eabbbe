import Answers
package import Assistant
import Crypto
import Foundation
package import HeatModel
import JSONText
import Notices
package import Pages
package import Setup

/// What customers write by SMS: the company's gateway brings it, and the answer is what goes back to the number, short and counted.
package struct SMSDoor: Sendable {
    let settings: ChannelSettings.SMS
    let converser: any Converser
    let keys: CookieKeys
    let now: @Sendable () -> Instant
    private let rates: TurnRates
    /// What was answered, by number and message: gateways bring a message again.
    private let answered = RecentValues<[UInt8]>(most: 20_000, seconds: 86_400)
    /// What was written last by a number: a machine repeats itself.
    private let echoes = RecentValues<Echo>(most: 20_000, seconds: 3600)

    private struct Echo: Sendable {
        var words: String
        var count: Int
    }

    package init(
        _ settings: ChannelSettings.SMS, converser: any Converser, keys: CookieKeys,
        now: @escaping @Sendable () -> Instant = { .now }
    ) {
        self.settings = settings
        self.converser = converser
        self.keys = keys
        self.now = now
        // A burst is half of the rate: as many as that at once, then so many an hour.
        rates = TurnRates(perMinute: settings.perHour)
    }

    package var mounts: [WebMount] {
        [
            WebMount(
                .post, "/v1/sms/inbound", scopes: settings.secret == nil ? [.assistant] : [],
                types: [WebMount.json, WebMount.form]
            ) { .json(try take($0)) }
        ]
    }

    /// Segments of an answer; what is longer is cut at its end.
    static let mostSegments = 4

    private func take(_ request: WebRequest) throws -> [UInt8] {
        if let secret = settings.secret { try check(request, secret) }
        let fields = try fields(request)
        func field(_ name: String, most: Int) throws(Problem) -> String {
            guard let text = fields[name], !text.isEmpty, text.utf8.count <= most else {
                throw .parameter(name, "must be a text of 1 to \(most) bytes")
            }
            return text
        }
        let phone = try Self.number(try field(settings.phone, most: 32), named: settings.phone)
        let id = try field(settings.id, most: 128)
        let words = (fields[settings.text] ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard words.utf8.count <= 4000 else { throw Problem.parameter(settings.text, "is too long") }
        // Nothing of the number is kept, or told to the rooms below.
        let customer = keys.hidden(phone, for: "sms customer")
        let name = customer + " " + id
        if let kept = answered.value(name, now: now()) { return kept }
        let answer = try answer(words, phone, customer, id)
        answered.change(name, now: now()) { $0 = answer }
        return answer
    }

    private func answer(_ words: String, _ phone: String, _ customer: String, _ id: String) throws -> [UInt8] {
        if settings.own.contains(where: { Self.digits($0) == phone }) { return silent("own") }
        if words.isEmpty { return silent("empty") }
        if Self.isMachine(words) { return silent("machine") }
        let count = echoes.change(customer, now: now()) { echo -> Int in
            let count = echo?.words == words ? (echo?.count ?? 0) + 1 : 1
            echo = Echo(words: words, count: count)
            return count
        }
        // Two machines would go on for ever.
        if count > 3 { return silent("repeated") }
        // The rates go by minutes; an hour is sixty of them.
        let moment = Instant(microseconds: now().microseconds / 60, offsetMinutes: 0)
        if rates.take(customer, now: moment) != nil { return silent("limited") }
        let said = Self.isOptOut(words) ? "退订提醒短信" : words
        let reply = try converser.reply(
            to: CustomerTurn(
                channel: .sms, customer: customer, key: "s" + keys.hidden(id, for: "sms key"), said: .words(said),
                at: now()))
        let short = reply.messages.map(\.short).filter { !$0.isEmpty }.joined(separator: "\n")
        if short.isEmpty { return silent(reply.holder == .person ? "person" : "nothing") }
        let text = Self.cut(short)
        return JSONObject.make { json in
            json.integer("version", 1)
            json.text("reply", text)
            json.integer("segments", Int64(SMSLength.segments(of: text)))
            json.flag("cut", text != short)
            json.text("holder", reply.holder.rawValue)
        }
    }

    /// Nothing goes back, and why.
    private func silent(_ why: String) -> [UInt8] {
        JSONObject.make { json in
            json.integer("version", 1)
            json.text("silent", why)
            json.integer("segments", 0)
        }
    }

    // MARK: What came

    private func check(_ request: WebRequest, _ secret: [UInt8]) throws(Problem) {
        guard let time = request.fields["x-sms-timestamp"].flatMap({ Int64($0) }),
            let text = request.fields["x-sms-signature"],
            abs(time - now().microseconds / 1_000_000) <= 300
        else { throw Self.unsigned }
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(time).".utf8) + request.body, using: SymmetricKey(data: secret))
        let wanted = code.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        let stated = text.lowercased()
        guard stated.utf8.count == wanted.utf8.count,
            zip(stated.utf8, wanted.utf8).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0
        else { throw Self.unsigned }
    }

    private static let unsigned = Problem(
        .unauthorized, "unauthorized", "The message is not signed by the gateway",
        detail: "X-Sms-Timestamp and X-Sms-Signature: HMAC-SHA256 over time, a dot and the body")

    private func fields(_ request: WebRequest) throws(Problem) -> [String: String] {
        if (request.fields["content-type"] ?? "").lowercased().hasPrefix(WebMount.form) {
            guard let form = FormBody(request.body) else {
                throw Problem(.malformed, "malformed-form", "The body is not a form in UTF-8")
            }
            return form.fields
        }
        guard String(validating: request.body, as: UTF8.self) != nil,
            let object = (try? JSONSerialization.jsonObject(with: Data(request.body))) as? [String: Any]
        else { throw Problem(.malformed, "malformed-json", "The body is not a JSON object") }
        return object.compactMapValues { $0 as? String }
    }

    /// A mobile number without the country's prefix.
    private static func number(_ text: String, named name: String) throws(Problem) -> String {
        let digits = digits(text)
        guard (3...20).contains(digits.utf8.count) else { throw .parameter(name, "must be a telephone number") }
        return digits
    }

    private static func digits(_ text: String) -> String {
        var digits = String(text.filter { $0.isASCII && $0.isNumber })
        if digits.utf8.count == 13, digits.hasPrefix("86") { digits.removeFirst(2) }
        return digits
    }

    /// `T`, `TD`, `退订`, alone.
    static func isOptOut(_ words: String) -> Bool {
        let bare = words.uppercased().filter { $0.isLetter || $0.isNumber }
        return ["T", "TD", "N", "退订", "回T", "回TD", "取消订阅"].contains(bare)
    }

    /// What answering machines and other companies' gateways write.
    static func isMachine(_ words: String) -> Bool {
        let signs = ["自动回复", "本短信由系统", "请勿回复", "无法接听", "稍后联系您", "验证码", "拒收请回复", "auto-reply", "Auto reply"]
        return signs.contains { words.contains($0) }
    }

    /// As many characters as so many segments hold.
    static func cut(_ text: String) -> String {
        if SMSLength.segments(of: text) <= mostSegments { return text }
        var kept = ""
        for character in text {
            if SMSLength.segments(of: kept + String(character) + "…") > mostSegments { break }
            kept.append(character)
        }
        return kept + "…"
    }
}
