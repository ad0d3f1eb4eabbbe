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
    let ways: Ways
    let keys: CookieKeys
    let now: @Sendable () -> Instant
    private let rates: TurnRates
    /// What was answered, by number and message: gateways bring a message again.
    private let answered = RecentValues<[UInt8]>(most: 20_000, seconds: 86_400)
    /// What was written last by a number: a machine repeats itself.
    private let echoes = RecentValues<Echo>(most: 20_000, seconds: 3600)

    /// What was last said back to a number.
    private let told = RecentValues<String>(most: 20_000, seconds: 3600)
    /// Numbers that were told that they write too much, until they may write again.
    private let warned = RecentValues<Bool>(most: 20_000, seconds: 3600)

    private struct Echo: Sendable {
        var words: String
        var count: Int
    }

    /// What the door asks of the rooms behind the assistant.
    package struct Ways: Sendable {
        /// Whether words wait for nothing: danger, running water, the wish for a person.
        package var isPressing: @Sendable (_ words: String) -> Bool
        /// Tells a number nothing any more; false where its customer has an account, so that the assistant does it for the account.
        package var optOut: @Sendable (_ phone: String, _ customer: String, _ key: String) throws -> Bool

        package init(
            isPressing: @escaping @Sendable (_ words: String) -> Bool,
            optOut: @escaping @Sendable (_ phone: String, _ customer: String, _ key: String) throws -> Bool
        ) {
            self.isPressing = isPressing
            self.optOut = optOut
        }
    }

    package init(
        _ settings: ChannelSettings.SMS, converser: any Converser, ways: Ways, keys: CookieKeys,
        now: @escaping @Sendable () -> Instant = { .now }
    ) {
        self.settings = settings
        self.converser = converser
        self.ways = ways
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
    /// Characters of a message that are read: a sender is answered, however much they wrote.
    static let mostCharacters = 1000

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
        // Nothing of the number is kept, or told to the rooms below.
        let customer = keys.hidden(phone, for: "sms customer")
        let name = customer + " " + id
        if let kept = answered.value(name, now: now()) { return kept }
        let answer = try answer(String(words.prefix(Self.mostCharacters)), phone, customer, id)
        answered.change(name, now: now()) { $0 = answer }
        return answer
    }

    private func answer(_ words: String, _ phone: String, _ customer: String, _ id: String) throws -> [UInt8] {
        if settings.own.contains(where: { Self.digits($0) == phone }) { return silent("own") }
        if words.isEmpty { return silent("empty") }
        // Two machines would go on for ever; a person in danger must not be kept out by what keeps out machines.
        let isPressing = ways.isPressing(words)
        if Self.isMachine(words, isPressing: isPressing) { return silent("machine") }
        let count = echoes.change(customer, now: now()) { echo -> Int in
            let count = echo?.words == words ? (echo?.count ?? 0) + 1 : 1
            echo = Echo(words: words, count: count)
            return count
        }
        // A machine that sends back what it got, emergency or not.
        if let last = told.value(customer, now: now()), Self.blankless(last) == Self.blankless(words) {
            return silent("echo")
        }
        if count > 3, !isPressing { return silent("repeated") }
        let turnKey = "s" + keys.hidden(id, for: "sms key")
        if Self.isOptOut(words), try ways.optOut(phone, customer, turnKey) { return reply(Self.optedOut, to: customer) }
        // The rates go by minutes; an hour is sixty of them.
        let moment = Instant(microseconds: now().microseconds / 60, offsetMinutes: 0)
        if rates.take(customer, now: moment) == nil {
            warned.change(customer, now: now()) { $0 = nil }
        } else if !isPressing {
            let isKnown = warned.change(customer, now: now()) { warned in
                defer { warned = true }
                return warned ?? false
            }
            return isKnown ? silent("limited") : reply(Self.tooMany, to: customer)
        }
        let said = Self.isOptOut(words) ? "退订提醒短信" : words
        let reply = try converser.reply(
            to: CustomerTurn(
                channel: .sms, customer: customer, key: turnKey, said: .words(said), at: now()))
        let short = reply.messages.map(\.short).filter { !$0.isEmpty }.joined(separator: "\n")
        if short.isEmpty { return silent(reply.holder == .person ? "person" : "nothing") }
        return self.reply(short, to: customer, holder: reply.holder)
    }

    private static let optedOut = "已退订,不再给这个号码发提醒短信。想恢复请打客服热线。"
    private static let tooMany = "您发得太多了,请过一会儿再发。着火、漏气、漏水,或者要找人工,随时发来都会回。"

    private func reply(_ short: String, to customer: String, holder: AssistantReply.Holder = .assistant) -> [UInt8] {
        let text = Self.cut(short)
        told.change(customer, now: now()) { $0 = text }
        return JSONObject.make { json in
            json.integer("version", 1)
            json.text("reply", text)
            json.integer("segments", Int64(SMSLength.segments(of: text)))
            json.flag("cut", text != short)
            json.text("holder", holder.rawValue)
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
        let moment = now().microseconds / 1_000_000
        // Whatever number a stranger states: a difference of the two may be none.
        guard let time = request.fields["x-sms-timestamp"].flatMap({ Int64($0) }),
            let text = request.fields["x-sms-signature"], (moment - 300...moment + 300).contains(time)
        else { throw Self.unsigned }
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(time).".utf8) + request.body, using: SymmetricKey(data: secret))
        let wanted = code.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        guard CookieKeys.isEqual(text.lowercased(), wanted) else { throw Self.unsigned }
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

    /// What only answering machines and other companies' gateways write.
    private static let machineSigns = ["自动回复", "本短信由系统", "请勿回复", "拒收请回复", "auto-reply", "auto reply"]
    /// What they write, and now and then a person does.
    private static let machineHints = ["无法接听", "稍后联系您", "验证码"]

    /// - Parameter isPressing: whether the words are such as no machine is told from a person in danger by.
    static func isMachine(_ words: String, isPressing: Bool) -> Bool {
        let lower = words.lowercased()
        return machineSigns.contains { lower.contains($0) }
            || !isPressing && machineHints.contains { lower.contains($0) }
    }

    private static func blankless(_ text: String) -> String { text.filter { !$0.isWhitespace } }

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
