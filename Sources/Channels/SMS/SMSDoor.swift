import Answers
package import Assistant
import Crypto
import Foundation
package import HeatModel
import JSONText
package import Messages
import Notices
package import Pages
package import Setup
import Store

/// What customers write by SMS: the company's gateway brings it, and the answer goes back to the number, short and counted: in the
/// gateway's own
/// request, or by a message of its own.
package struct SMSDoor: Sendable {
    let settings: ChannelSettings.SMS
    let converser: any Converser
    let ways: Ways
    let keys: CookieKeys
    /// By which answers go out; nil where they go back in the request.
    let post: MessagePost?
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
        rates: TurnRates.Source, post: MessagePost? = nil,
        now: @escaping @Sendable () -> Instant = { .now }
    ) {
        self.settings = settings
        self.converser = converser
        self.ways = ways
        self.keys = keys
        self.post = post
        self.now = now
        // A burst is half of the rate: as many as that at once, then so many an hour.
        self.rates = rates.rates("sms", most: settings.perHour, seconds: 3600)
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
    /// Seconds after which an answer is worth nothing.
    private static let worth: Int64 = 1800

    // MARK: Addresses

    private static let addressPurpose = "sms address"

    /// The number of an address that a customer's state or a message holds.
    package static func number(of address: String, keys: CookieKeys) -> String? {
        keys.opened(address, for: addressPurpose)
    }

    /// What a person says as messages: none longer than an answer may be, and all of it.
    package static func parts(of words: String) -> [String] {
        var (parts, part) = ([String](), "")
        for character in words {
            if SMSLength.segments(of: part + String(character)) > mostSegments {
                parts.append(part)
                part = ""
            }
            part.append(character)
        }
        return part.isEmpty ? parts : parts + [part]
    }

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
        let to = Receiver(phone: phone, customer: customer, key: turnKey)
        if Self.isOptOut(words), try ways.optOut(phone, customer, turnKey) { return try reply(Self.optedOut, to: to) }
        if rates.take(customer, now: now()) == nil {
            warned.change(customer, now: now()) { $0 = nil }
        } else if !isPressing {
            let isKnown = warned.change(customer, now: now()) { warned in
                defer { warned = true }
                return warned ?? false
            }
            return isKnown ? silent("limited") : try reply(Self.tooMany, to: to)
        }
        let said = Self.isOptOut(words) ? "退订提醒短信" : words
        var turn = CustomerTurn(channel: .sms, customer: customer, key: turnKey, said: .words(said), at: now())
        // Kept with the customer's state, so that what a person says later finds the way.
        if post != nil { turn.address = try to.address(keys) }
        let reply = try converser.reply(to: turn) { reply, store in
            let short = Self.short(reply)
            guard let post, !short.isEmpty else { return }
            try queue(short, to: to, reply.holder, in: reply.conversation, post, store)
        }
        let short = Self.short(reply)
        if short.isEmpty { return silent(reply.holder == .person ? "person" : "nothing") }
        if let post, let kept = try post.store.read({ try post.kept(.sms, key: turnKey, in: $0) }) {
            remember(short, customer)
            return kept.answer
        }
        return document(short, to: customer, reply.holder)
    }

    private static func short(_ reply: AssistantReply) -> String {
        reply.messages.map(\.short).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// Whom an answer goes to, and the key that its message has.
    private struct Receiver {
        var phone: String
        var customer: String
        var key: String

        func address(_ keys: CookieKeys) throws -> String { try keys.sealed(phone, for: SMSDoor.addressPurpose) }
    }

    private static let optedOut = "已退订,不再给这个号码发提醒短信。想恢复请打客服热线。"
    private static let tooMany = "您发得太多了,请过一会儿再发。着火、漏气、漏水,或者要找人工,随时发来都会回。"

    /// What is answered without a turn.
    private func reply(_ short: String, to: Receiver) throws -> [UInt8] {
        guard let post else { return document(short, to: to.customer, .assistant) }
        let kept = try post.store.write { try queue(short, to: to, .assistant, in: nil, post, $0) }
        remember(short, to.customer)
        return kept.answer
    }

    @discardableResult
    private func queue(
        _ short: String, to: Receiver, _ holder: AssistantReply.Holder, in conversation: Int64?, _ post: MessagePost,
        _ store: any StoreWriter
    ) throws -> KeptAnswer {
        let now = now()
        let until = Instant(microseconds: now.microseconds + Self.worth * 1_000_000, offsetMinutes: now.offsetMinutes)
        return try post.queue(
            Self.cut(short), to: to.address(keys), .sms, in: conversation, key: to.key, until: until, in: store
        ) { action in
            JSONObject.make { json in
                json.integer("version", 1)
                json.integer("queued", action.number)
                Self.describe(short, holder, &json)
            }
        }
    }

    private func document(_ short: String, to customer: String, _ holder: AssistantReply.Holder) -> [UInt8] {
        remember(short, customer)
        return JSONObject.make { json in
            json.integer("version", 1)
            json.text("reply", Self.cut(short))
            Self.describe(short, holder, &json)
        }
    }

    private static func describe(_ short: String, _ holder: AssistantReply.Holder, _ json: inout JSONObject) {
        let text = cut(short)
        json.integer("segments", Int64(SMSLength.segments(of: text)))
        json.flag("cut", text != short)
        json.text("holder", holder.rawValue)
    }

    private func remember(_ short: String, _ customer: String) {
        told.change(customer, now: now()) { $0 = Self.cut(short) }
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
        // A gateway sends more fields than are read here.
        return try JSONBody.object(request.body).compactMapValues { $0 as? String }
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
