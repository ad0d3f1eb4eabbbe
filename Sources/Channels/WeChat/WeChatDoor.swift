package import Assistant
import Foundation
package import HeatModel
package import Pages
package import Setup
package import Store
import Synchronization

/// The official account: WeChat brings what followers say, and takes the answer within five seconds or later as a message of its own.
package final class WeChatDoor: Sendable {
    let settings: ChannelSettings.WeChat
    let converser: any Converser
    let crypto: MessageCrypto
    package let api: AccountAPI
    let now: @Sendable () -> Instant
    /// What became of a message: WeChat brings it again where it got no answer.
    private let turns = RecentValues<PendingTurn>(most: 20_000, seconds: 1200)
    private let working = Mutex(0)
    private let threads = DispatchQueue(label: "hearth.wechat", attributes: .concurrent)
    private let followers = RecentValues<Follower>(most: 20_000, seconds: 48 * 3600)
    private let onTrouble: @Sendable (HearthError) -> Void
    let store: (any Store)?

    /// Whose conversation it is, and what of it they have seen.
    package struct Follower: Sendable {
        package var openID: String
        package var conversation: Int64
        /// A person was asked for, or has it.
        package var isWithPerson: Bool
        /// The last turn of the record that they know.
        package var seen: Int64
    }

    static let path = "/wechat"
    /// Turns that may be worked on at once.
    static let mostAtOnce = 64
    /// Seconds by which a message's time may differ.
    static let skew: Int64 = 600

    /// - Parameters:
    ///   - store: where people's words are found; without one they reach nobody here.
    ///   - onTrouble: is told where a later message could not be sent.
    package init(
        _ settings: ChannelSettings.WeChat, converser: any Converser, store: (any Store)? = nil, api: AccountAPI? = nil,
        now: @escaping @Sendable () -> Instant = { .now },
        onTrouble: @escaping @Sendable (HearthError) -> Void = { _ in }
    ) {
        self.settings = settings
        self.converser = converser
        self.store = store
        self.now = now
        self.api = api ?? AccountAPI(settings, now: now)
        self.onTrouble = onTrouble
        crypto = MessageCrypto(
            token: settings.token, appID: settings.appID, encodingKeys: settings.encodingKeys)
    }

    package var mounts: [WebMount] {
        [
            WebMount(.get, Self.path) { self.echo($0) },
            WebMount(.post, Self.path, mostBody: MessageXML.mostBytes, types: []) { self.take($0) },
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

    private func take(_ request: WebRequest) -> WebAnswer {
        guard let outer = MessageXML.read(request.body) else { return Self.text("", status: 400) }
        var fields = outer
        var key: Int?
        if request.query["encrypt_type"] == "aes" || outer["Encrypt"] != nil {
            // Of an encrypted message it is `msg_signature` that counts: `signature` says nothing of its content.
            guard isFresh(request), let encrypted = outer["Encrypt"], let time = request.query["timestamp"],
                let nonce = request.query["nonce"], let signature = request.query["msg_signature"],
                crypto.isSigned([time, nonce, encrypted], as: signature)
            else { return Self.text("", status: 403) }
            guard let (text, index) = crypto.decrypt(encrypted) else { return Self.text("", status: 403) }
            guard let inner = MessageXML.read(text) else { return Self.text("", status: 400) }
            fields = inner
            key = index
        } else {
            guard !settings.isSafe, isSigned(request) else { return Self.text("", status: 403) }
        }
        guard let message = AccountMessage(fields) else { return Self.nothing }
        switch message.what {
        case .silent: return Self.nothing
        case .answered(let words): return passive(words, to: message, key: key)
        case .said(let said): return converse(said, message, key)
        }
    }

    private func converse(_ said: CustomerTurn.Said, _ message: AccountMessage, _ key: Int?) -> WebAnswer {
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
                return passive("现在咨询的人很多,请过一会儿再发一次。", to: message, key: key)
            }
            api.heard(message.openID)
            threads.async { [self] in
                defer { working.withLock { $0 -= 1 } }
                work(said, message, pending)
            }
        }
        guard let texts = pending.wait(milliseconds: settings.patience) else { return Self.nothing }
        // Silent while a person has the conversation: what they say comes as a message of its own.
        guard let first = texts.first else { return Self.nothing }
        if isNew, texts.count > 1 {
            let rest = Array(texts.dropFirst())
            threads.async { [self] in for text in rest { sendLater(text, to: message.openID) } }
        }
        return passive(first, to: message, key: key)
    }

    private func work(_ said: CustomerTurn.Said, _ message: AccountMessage, _ pending: PendingTurn) {
        var texts = ["刚才没有办成,请再发一次。若还是不行,请拨打客服热线。"]
        let turn = CustomerTurn(
            channel: .wechat, customer: message.openID, key: message.key, said: said, at: now())
        if let reply = try? converser.reply(to: turn) {
            texts = MessageText.of(reply)
            if reply.holder == .waiting, texts.isEmpty { texts = ["已为您转人工,客服马上就来;您可以继续留言。"] }
            note(reply, of: message.openID)
        }
        // Whoever waited has gone: it is told by a message of its own.
        if pending.finish(texts) { for text in texts { sendLater(text, to: message.openID) } }
    }

    private func note(_ reply: AssistantReply, of openID: String) {
        let turns =
            (try? store?.read { try $0.conversation(ConversationID(reply.conversation))?.turns }) ?? nil
        followers.change("\(reply.conversation)", now: now()) { known in
            known = Follower(
                openID: openID, conversation: reply.conversation, isWithPerson: reply.holder != .assistant,
                seen: known?.seen ?? turns ?? 0)
        }
    }

    /// Brings what people have said since to the followers that wait for it. Blocks its thread; one at a time.
    ///
    /// - Returns: how many messages went out.
    @discardableResult
    package func bringNews() throws -> Int {
        guard let store else { return 0 }
        var count = 0
        for follower in followers.all(now: now()) where follower.isWithPerson {
            let id = ConversationID(follower.conversation)
            let (turns, isOpen) = try store.read { store in
                (
                    try store.turns(of: id, after: follower.seen, limit: 50),
                    try store.handOffs(of: id).first.map { $0.state != .closed } ?? false
                )
            }
            for turn in turns where turn.speaker == .human {
                sendLater(turn.words, to: follower.openID)
                count += 1
            }
            followers.change("\(follower.conversation)", now: now()) { known in
                guard var changed = known else { return }
                changed.seen = max(changed.seen, turns.last?.number ?? 0)
                if !isOpen { changed.isWithPerson = false }
                known = changed
            }
        }
        return count
    }

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

    /// The follower of a conversation, as far as this process has heard of them within 48 hours.
    package func follower(of conversation: Int64) -> Follower? { followers.value("\(conversation)", now: now()) }
}

/// A turn that is worked on, for whoever waits for it.
private final class PendingTurn: Sendable {
    private struct State {
        var texts: [String]?
        /// Nobody waits any more: `success` was answered.
        var isLate = false
    }

    private let state = Mutex(State())
    private let done = DispatchSemaphore(value: 0)

    /// The answer; nil where it does not come in time, and then it is told later.
    func wait(milliseconds: Int) -> [String]? {
        if let texts = state.withLock({ $0.isLate ? nil : $0.texts }) { return texts }
        if state.withLock({ $0.isLate }) { return nil }
        _ = done.wait(timeout: .now() + .milliseconds(milliseconds))
        // Whoever else waits goes on, too.
        done.signal()
        return state.withLock { state in
            if state.isLate { return nil }
            if state.texts == nil { state.isLate = true }
            return state.texts
        }
    }

    /// Whether it came too late.
    func finish(_ texts: [String]) -> Bool {
        defer { done.signal() }
        return state.withLock { state in
            state.texts = texts
            return state.isLate
        }
    }
}
