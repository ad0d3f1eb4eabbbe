import Foundation
package import HeatModel
import Pages
import SOAPConnector
package import Setup
import Synchronization

/// What the account may send by itself: customer-service messages for 48 hours after a customer has said something, and subscribe messages.
///
/// Blocks its thread. A token of the interface is kept until shortly before its end, and fetched once more where WeChat says that it is over.
package final class AccountAPI: Sendable {
    private struct Token {
        var text: String
        var until: Int64
    }

    /// How much may still be sent to a customer.
    private struct Quota: Sendable {
        var heardAt: Int64
        var sent: Int
    }

    private let settings: ChannelSettings.WeChat
    private let now: @Sendable () -> Instant
    private let token = Mutex<Token?>(nil)
    /// Held while a token is fetched: each that is fetched may end the one before.
    private let fetching = Mutex(())
    private let quotas = RecentValues<Quota>(most: 50_000, seconds: 48 * 3600)
    /// Milliseconds before the second try; the third waits twice as long.
    private let pause: Int

    /// Of WeChat: messages within 48 hours of the customer's last.
    package static let mostMessages = 5

    package init(
        _ settings: ChannelSettings.WeChat, pause: Int = 500, now: @escaping @Sendable () -> Instant = { .now }
    ) {
        self.settings = settings
        self.pause = pause
        self.now = now
    }

    /// A customer has said something: from now on so many may be sent.
    package func heard(_ openID: String) {
        let moment = now()
        quotas.change(openID, now: moment) { $0 = Quota(heardAt: moment.microseconds, sent: 0) }
    }

    /// Sends a text as a message of its own.
    ///
    /// - Throws: `wechat.later` where it may not be sent any more, what WeChat says.
    package func send(_ text: String, to openID: String) throws(HearthError) {
        let moment = now()
        let mayGo = quotas.change(openID, now: moment) { quota in
            guard let known = quota, moment.microseconds - known.heardAt < 48 * 3_600_000_000,
                known.sent < Self.mostMessages
            else { return false }
            quota = Quota(heardAt: known.heardAt, sent: known.sent + 1)
            return true
        }
        if !mayGo {
            throw HearthError(
                .wechatLater, "no more may be sent to this customer now",
                at: .address(Self.custom),
                advice: "after a customer's message five may be sent within 48 hours")
        }
        switch message(text, to: openID) {
        case .done: return
        case .declined(let error), .later(let error), .fault(let error), .unclear(let error): throw error
        }
    }

    /// What became of something that was to be sent. Errors say nothing of what it was, nor to whom.
    package enum Outcome: Sendable {
        case done
        /// This follower takes none of it.
        case declined(HearthError)
        /// Nothing is taken now; nothing was sent.
        case later(HearthError)
        /// It is wrong, whomever it is for; nothing was sent.
        case fault(HearthError)
        /// It may have been sent.
        case unclear(HearthError)
    }

    /// Sends a text as a message of its own, whatever this process knows of the follower's quota.
    package func message(_ text: String, to openID: String) -> Outcome {
        ask(Self.custom, ["touser": openID, "msgtype": "text", "text": ["content": text]])
    }

    /// Sends a message by a template of the configuration.
    ///
    /// - Parameter reference: names it, where WeChat takes a name: for ten minutes it sends no second one of that name.
    package func notify(_ openID: String, rule: String, values: [String: String], reference: String) -> Outcome {
        guard let template = settings.templates.first(where: { $0.rule == rule }) else {
            return .fault(
                HearthError(
                    .wechatBadTemplate, "no template stands for the rule", at: .address(rule),
                    advice: "name one under channels: wechat: templates:"))
        }
        var data: [String: [String: String]] = [:]
        for (name, pattern) in template.fields {
            var text = pattern
            for (key, value) in values { text = text.replacing("{{\(key)}}", with: value) }
            do { data[name] = ["value": try Self.fitted(text, name)] } catch { return .fault(error) }
        }
        var body: [String: Any] = ["touser": openID, "template_id": template.id, "data": data]
        switch template.send {
        case .subscribe: return ask("/cgi-bin/message/subscribe/bizsend", body)
        case .template:
            body["client_msg_id"] = reference
            return ask("/cgi-bin/message/template/send", body)
        }
    }

    /// As it may stand in a field: a `thing` is cut to its 20 characters, of anything else a part would say something else.
    static func fitted(_ text: String, _ name: String) throws(HearthError) -> String {
        let kind = ChannelSettings.WeChat.Template.kind(of: name)
        // A field of no known kind is refused where the configuration is read.
        let most = ChannelSettings.WeChat.Template.limits[kind] ?? 0
        if text.count <= most { return text }
        if kind == "thing" { return text.prefix(most - 1) + "…" }
        throw HearthError(
            .wechatTooLong, "a value is longer than the \(most) characters of its field", at: .address(name),
            advice: "let the template's field hold less")
    }

    // MARK: The interface

    private static let custom = "/cgi-bin/message/custom/send"

    /// What a return code says of a message.
    private enum Meaning {
        case done, tokenIsOver, busy, declined, later, fault

        init(_ code: Int) {
            self =
                switch code {
                case 0: .done
                case 40001, 40014, 42001: .tokenIsOver
                case -1: .busy
                // No such follower, one who follows no more, who has not subscribed or takes none.
                case 40003, 43004, 43019, 43101, 50005: .declined
                // A day's quota, too often, 48 hours are over, five messages are sent.
                case 45009, 45011, 45015, 45047: .later
                default: .fault
                }
        }
    }

    private enum Answer {
        case said(Meaning, code: Int)
        case ended(Outcome)
    }

    private func ask(_ path: String, _ body: [String: Any]) -> Outcome {
        guard
            let bytes = try? JSONSerialization.data(
                withJSONObject: body, options: [.sortedKeys, .withoutEscapingSlashes])
        else { return .fault(error(.wechatBadTemplate, path, "the message cannot be written", nil)) }
        var hasRenewed = false
        for attempt in 0..<3 {
            if attempt > 0 { Thread.sleep(forTimeInterval: Double(pause << (attempt - 1)) / 1000) }
            let used: String
            do { used = try accessToken() } catch { return .later(error) }
            switch post(path, Array(bytes), token: used) {
            case .ended(let outcome): return outcome
            case .said(.done, _): return .done
            case .said(.declined, let code):
                return .declined(error(.wechatRefused, path, "this follower takes no such message", code))
            case .said(.later, let code): return .later(error(.wechatLater, path, "a quota is used up", code))
            case .said(.fault, let code):
                return .fault(error(.wechatBadTemplate, path, "the interface refuses the message", code))
            case .said(.busy, let code):
                if attempt == 2 { return .later(error(.wechatLater, path, "the interface is busy", code)) }
            case .said(.tokenIsOver, let code):
                // Another thread may have fetched the next one already, which a third would end.
                token.withLock { if $0?.text == used { $0 = nil } }
                if hasRenewed {
                    return .later(error(.wechatLater, path, "a token that was just fetched is refused", code))
                }
                hasRenewed = true
            }
        }
        return .later(error(.wechatLater, path, "a token that was just fetched is refused", nil))
    }

    private func post(_ path: String, _ body: [UInt8], token: String) -> Answer {
        let call = HTTPCall(
            settings.api + path + "?access_token=" + FormBody.encoded(token),
            headers: ["Content-Type: application/json"], body: body, options: Self.options)
        let reply: HTTPCall.Reply
        do {
            reply = try call.perform()
        } catch {
            switch error {
            // Nothing has taken effect: it may be sent again.
            case .notSent: return .said(.busy, code: 0)
            case .unclear(let cause), .fault(_, let cause):
                return .ended(.unclear(self.error(.wechatUnclear, path, "no clear answer came", nil, cause)))
            }
        }
        guard reply.status == 200,
            let object = (try? JSONSerialization.jsonObject(with: Data(reply.body))) as? [String: Any],
            let code = object["errcode"] as? Int
        else {
            // A gateway in between that is overloaded has not passed it on.
            if reply.status == 429 || reply.status == 503 { return .said(.busy, code: reply.status) }
            return .ended(
                .unclear(error(.wechatUnclear, path, "the answer is none of the interface's", reply.status)))
        }
        return .said(Meaning(code), code: code)
    }

    private func accessToken() throws(HearthError) -> String {
        if let known = knownToken { return known }
        return try fetching.withLock { _ throws(HearthError) in
            // Whoever waited here finds what the one before has fetched.
            if let known = knownToken { return known }
            return try fetchToken()
        }
    }

    private var knownToken: String? {
        let moment = now().microseconds
        return token.withLock { $0.flatMap { $0.until > moment ? $0.text : nil } }
    }

    private func fetchToken() throws(HearthError) -> String {
        let moment = now().microseconds
        let path = "/cgi-bin/token"
        let query =
            "?grant_type=client_credential&appid=\(FormBody.encoded(settings.appID))&secret=\(FormBody.encoded(settings.secret))"
        let reply: HTTPCall.Reply
        do {
            reply = try HTTPCall(settings.api + path + query, headers: [], body: nil, options: Self.options).perform()
        } catch {
            throw self.error(.wechatLater, path, "no token is to be had", nil, error.error)
        }
        let object = (try? JSONSerialization.jsonObject(with: Data(reply.body))) as? [String: Any]
        guard let text = object?["access_token"] as? String, !text.isEmpty,
            let seconds = object?["expires_in"] as? Int, seconds > 0
        else { throw error(.wechatLater, path, "no token is to be had", object?["errcode"] as? Int ?? reply.status) }
        // Renewed a little early; a short one is used for half of its time.
        let kept = seconds > 600 ? seconds - 300 : max(1, seconds / 2)
        token.withLock { $0 = Token(text: text, until: moment + Int64(kept) * 1_000_000) }
        return text
    }

    private static let options = SOAPOptions(
        endpoint: "", timeouts: SOAPTimeouts(connect: 3000, total: 8000))

    /// Says nothing of what was to be told, nor to whom.
    private func error(
        _ code: HearthError.Code, _ path: String, _ what: String, _ number: Int?, _ cause: (any Error)? = nil
    ) -> HearthError {
        HearthError(
            code, what + (number.map { " (\($0))" } ?? ""), at: .address(path),
            advice: "see the code in WeChat's list of return codes", cause: cause)
    }
}
