package import Assistant
import Foundation
package import HeatModel
package import Messages
package import Pages
package import Setup
import Synchronization

/// The official account: WeChat brings what followers say, and takes the answer within five seconds or later as a message of its own.
package final class WeChatDoor: Sendable {
    let settings: ChannelSettings.WeChat
    let converser: any Converser
    let crypto: MessageCrypto
    package let api: AccountAPI
    let keys: CookieKeys
    /// By which people's words go out; without one they reach nobody here.
    let post: MessagePost?
    let now: @Sendable () -> Instant
    /// What became of a message: WeChat brings it again where it got no answer.
    private let turns = RecentValues<PendingTurn>(most: 20_000, seconds: 1200)
    private let working = Mutex(0)
    /// Ends waits; turns have threads of their own, so that none of them holds it up.
    private let clock = DispatchQueue(label: "hearth.wechat.clock")
    private let onTrouble: @Sendable (HearthError) -> Void

    static let path = "/wechat"
    /// Turns that may be worked on at once.
    static let mostAtOnce = 64
    /// Seconds by which a message's time may differ.
    static let skew: Int64 = 600
    /// Of WeChat: how long after a follower's last words a person may write to them, and how often.
    package static func quota(_ keys: CookieKeys) -> MessageGate.Quota {
        MessageGate.Quota(hours: 48, messages: AccountAPI.mostMessages) { address in
            WeChatSink.openID(of: address, keys: keys).map { Assistant.key(.wechat, $0) }
        }
    }

    /// - Parameters:
    ///   - keys: seal where a follower is found.
    ///   - onTrouble: is told where a later message could not be sent.
    package init(
        _ settings: ChannelSettings.WeChat, converser: any Converser, keys: CookieKeys, post: MessagePost? = nil,
        api: AccountAPI? = nil, now: @escaping @Sendable () -> Instant = { .now },
        onTrouble: @escaping @Sendable (HearthError) -> Void = { _ in }
    ) {
        self.settings = settings
        self.converser = converser
        self.keys = keys
        self.post = post
        self.now = now
        self.api = api ?? AccountAPI(settings, now: now)
        self.onTrouble = onTrouble
        crypto = MessageCrypto(
            token: settings.token, appID: settings.appID, encodingKeys: settings.encodingKeys)
    }

    package var mounts: [WebMount] {
        [
            WebMount(.get, Self.path) { self.echo($0) },
            WebMount(.post, Self.path, mostBody: MessageXML.mostBytes, types: [], later: { self.take($0, $1) }),
        ]
    }

    private static func text(_ text: String, status: Int = 200) -> WebAnswer {
        WebAnswer(status: status, "text/plain; charset=utf-8", text.utf8)
    }

    private static let nothing = text("success")

    /// WeChat asks whether the address is ours.
    private func echo(_ request: WebRequest) -> WebAnswer {
        guard isSigned(request), let echo = request.query["echostr"], echo.utf8.count <= 128,
            CookieKeys.isName(echo, most: 128)
        else { return Self.text("", status: 403) }
        return Self.text(echo)
    }

    private func isFresh(_ request: WebRequest) -> Bool {
        guard let time = request.query["timestamp"].flatMap({ Int64($0) }) else { return false }
        let now = now().microseconds / 1_000_000
        return time <= now + Self.skew && time >= now - Self.skew
    }

    private func isSigned(_ request: WebRequest) -> Bool {
        guard isFresh(request), let time = request.query["timestamp"], let nonce = request.query["nonce"],
            nonce.utf8.count <= 64, let signature = request.query["signature"]
        else { return false }
        return crypto.isSigned([time, nonce], as: signature)
    }

    /// Answers at once where it can, and a turn when it is there: nobody waits for it.
    private func take(_ request: WebRequest, _ answer: @escaping @Sendable (WebAnswer) -> Void) {
        let (message, key): (AccountMessage, Int?)
        switch read(request) {
        case .refused(let given): return answer(given)
        case .read(let read, let index): (message, key) = (read, index)
        }
        switch message.what {
        case .silent: answer(Self.nothing)
        case .answered(let words): answer(passive(words, to: message, key: key))
        case .said(let said): converse(said, message, key, answer)
        }
    }

    private enum Reading {
        case read(AccountMessage, key: Int?)
        case refused(WebAnswer)
    }

    private func read(_ request: WebRequest) -> Reading {
        guard let outer = MessageXML.read(request.body) else { return .refused(Self.text("", status: 400)) }
        var fields = outer
        var key: Int?
        if request.query["encrypt_type"] == "aes" || outer["Encrypt"] != nil {
            // Of an encrypted message it is `msg_signature` that counts: `signature` says nothing of its content.
            guard isFresh(request), let encrypted = outer["Encrypt"], let time = request.query["timestamp"],
                let nonce = request.query["nonce"], let signature = request.query["msg_signature"],
                crypto.isSigned([time, nonce, encrypted], as: signature)
            else { return .refused(Self.text("", status: 403)) }
            guard let (text, index) = crypto.decrypt(encrypted) else { return .refused(Self.text("", status: 403)) }
            guard let inner = MessageXML.read(text) else { return .refused(Self.text("", status: 400)) }
            fields = inner
            key = index
        } else {
            guard !settings.isSafe, isSigned(request) else { return .refused(Self.text("", status: 403)) }
        }
        return AccountMessage(fields).map { .read($0, key: key) } ?? .refused(Self.nothing)
    }

    private func converse(
        _ said: CustomerTurn.Said, _ message: AccountMessage, _ key: Int?,
        _ answer: @escaping @Sendable (WebAnswer) -> Void
    ) {
        let name = message.openID + " " + message.key
        let (pending, isNew) = turns.change(name, now: now()) { known -> (PendingTurn, Bool) in
            if let known { return (known, false) }
            let made = PendingTurn()
            known = made
            return (made, true)
        }
        if isNew {
            let mayStart = working.withLock { count in
                if count >= Self.mostAtOnce { return false }
                count += 1
                return true
            }
            guard mayStart else {
                turns.change(name, now: now()) { $0 = nil }
                pending.leave()
                return answer(passive("现在咨询的人很多,请过一会儿再发一次。", to: message, key: key))
            }
            api.heard(message.openID)
            Thread.detachNewThread { [self] in
                defer { working.withLock { $0 -= 1 } }
                work(said, message, pending)
            }
        }
        let ticket = pending.wait { [self] texts in
            // Silent while a person has the conversation: what they say comes as a message of its own.
            guard let first = texts?.first else { return answer(Self.nothing) }
            answer(passive(first, to: message, key: key))
        }
        clock.asyncAfter(deadline: .now() + .milliseconds(settings.patience)) { pending.leave(ticket) }
    }

    private func work(_ said: CustomerTurn.Said, _ message: AccountMessage, _ pending: PendingTurn) {
        var texts = ["刚才没有办成,请再发一次。若还是不行,请拨打客服热线。"]
        var conversation: Int64?
        do {
            let reply = try converser.reply(
                to: CustomerTurn(
                    channel: .wechat, customer: message.openID, key: message.key, said: said, at: now(),
                    address: WeChatSink.address(message.openID, keys: keys)))
            texts = MessageText.of(reply)
            if reply.holder == .waiting, texts.isEmpty { texts = ["已为您转人工,客服马上就来;您可以继续留言。"] }
            conversation = reply.conversation
        } catch {
            // Whoever watches the converser is told; the follower is told to try again.
        }
        // Whoever waited has gone: all of it is told by messages of their own; else what did not go with the answer.
        let rest = pending.finish(texts) ? texts : Array(texts.dropFirst())
        for text in rest { sendLater(text, to: message.openID) }
        if let conversation { wake(conversation) }
    }

    /// What people said while no more could be sent goes out now.
    private func wake(_ conversation: Int64) {
        do {
            try post?.wake(.wechat, conversation)
        } catch {
            onTrouble(
                HearthError(
                    .wechatLater, "what waits for a follower cannot be sent yet", at: .address("store"), cause: error))
        }
    }

    /// What a person says as messages, none longer than WeChat takes.
    package static func parts(of words: String) -> [String] { MessageText.pieces([words]) }

    private func sendLater(_ text: String, to openID: String) {
        do { try api.send(text, to: openID) } catch { onTrouble(error) }
    }

    private func passive(_ words: String, to message: AccountMessage, key: Int?) -> WebAnswer {
        let seconds = now().microseconds / 1_000_000
        var xml = "<xml><ToUserName>\(MessageXML.section(message.openID))</ToUserName>"
        xml += "<FromUserName>\(MessageXML.section(message.account))</FromUserName>"
        xml += "<CreateTime>\(seconds)</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        xml += "<Content>\(MessageXML.section(words))</Content></xml>"
        guard let key else { return WebAnswer("text/xml; charset=utf-8", xml.utf8) }
        // With the key that decrypted: the other may not be known there yet.
        guard let encrypted = try? crypto.encrypt(Array(xml.utf8), key: key) else { return Self.nothing }
        let nonce = String(CookieKeys.random().prefix(16))
        let signature = crypto.signature(["\(seconds)", nonce, encrypted])
        let sealed =
            "<xml><Encrypt><![CDATA[\(encrypted)]]></Encrypt><MsgSignature><![CDATA[\(signature)]]></MsgSignature>"
            + "<TimeStamp>\(seconds)</TimeStamp><Nonce><![CDATA[\(nonce)]]></Nonce></xml>"
        return WebAnswer("text/xml; charset=utf-8", sealed.utf8)
    }
}

/// A turn that is worked on, for whoever waits for it.
private final class PendingTurn: Sendable {
    typealias Waiter = @Sendable (_ texts: [String]?) -> Void

    private struct State {
        var texts: [String]?
        /// Nobody waits any more: `success` was answered.
        var isLate = false
        var waiters: [Int: Waiter] = [:]
        var tickets = 0
    }

    private let state = Mutex(State())

    /// Has a waiter told the answer; nil where it does not come in time, and then it is told later.
    func wait(_ waiter: @escaping Waiter) -> Int {
        let (ticket, texts, isOver) = state.withLock { state -> (Int, [String]?, Bool) in
            state.tickets += 1
            if state.isLate { return (state.tickets, nil, true) }
            if let texts = state.texts { return (state.tickets, texts, true) }
            state.waiters[state.tickets] = waiter
            return (state.tickets, nil, false)
        }
        if isOver { waiter(texts) }
        return ticket
    }

    /// The time of one who waits is over, or of all: it is told later, and all who wait go.
    func leave(_ ticket: Int? = nil) {
        let left = state.withLock { state -> [Waiter] in
            guard state.texts == nil, ticket.map({ state.waiters[$0] != nil }) ?? true else { return [] }
            state.isLate = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in left { waiter(nil) }
    }

    /// Whether it came too late.
    func finish(_ texts: [String]) -> Bool {
        let (isLate, waiters) = state.withLock { state -> (Bool, [Waiter]) in
            state.texts = texts
            defer { state.waiters = [:] }
            return (state.isLate, Array(state.waiters.values))
        }
        for waiter in waiters { waiter(isLate ? nil : texts) }
        return isLate
    }
}
