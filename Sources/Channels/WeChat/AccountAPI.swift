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
    /// - Throws: `wechat.refused`, where it may not be sent any more or WeChat says so.
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
                .wechatRefused, "no more may be sent to this customer now",
                at: .address("/cgi-bin/message/custom/send"),
                advice: "after a customer's message five may be sent within 48 hours")
        }
        try ask("/cgi-bin/message/custom/send", ["touser": openID, "msgtype": "text", "text": ["content": text]])
    }

    /// Sends a subscribe message by a template of the configuration.
    ///
    /// - Throws: `wechat.tooLong` where a value fits no field; `wechat.refused` where there is no template, the customer has not subscribed, or WeChat refuses
    ///   it for another reason.
    package func notify(_ openID: String, rule: String, values: [String: String]) throws(HearthError) {
        guard let template = settings.templates.first(where: { $0.rule == rule }) else {
            throw HearthError(
                .wechatRefused, "no template stands for the rule", at: .address(rule),
                advice: "name one under channels: wechat: templates:")
        }
        var data: [String: [String: String]] = [:]
        for (name, pattern) in template.fields {
            var text = pattern
            for (key, value) in values { text = text.replacing("{{\(key)}}", with: value) }
            data[name] = ["value": try Self.fitted(text, name)]
        }
        try ask(
            "/cgi-bin/message/subscribe/bizsend", ["touser": openID, "template_id": template.id, "data": data])
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

    private enum Answer {
        case done
        case tokenIsOver
        case busy(Int)
        case refused(Int)
    }

    private func ask(_ path: String, _ body: [String: Any]) throws(HearthError) {
        guard
            let bytes = try? JSONSerialization.data(
                withJSONObject: body, options: [.sortedKeys, .withoutEscapingSlashes])
        else { throw refused(path, "the message cannot be written", nil) }
        var hasRenewed = false
        for attempt in 0..<3 {
            if attempt > 0 { Thread.sleep(forTimeInterval: Double(pause << (attempt - 1)) / 1000) }
            let used = try accessToken()
            switch try post(path, Array(bytes), token: used) {
            case .done: return
            case .tokenIsOver:
                // Another thread may have fetched the next one already, which a third would end.
                token.withLock { if $0?.text == used { $0 = nil } }
                if hasRenewed { throw refused(path, "a token that was just fetched is refused", nil) }
                hasRenewed = true
            case .busy(let code): if attempt == 2 { throw refused(path, "the interface is busy", code) }
            case .refused(let code): throw refused(path, "the interface refuses the message", code)
            }
        }
        throw refused(path, "a token that was just fetched is refused", nil)
    }

    private func post(_ path: String, _ body: [UInt8], token: String) throws(HearthError) -> Answer {
        let call = HTTPCall(
            settings.api + path + "?access_token=" + FormBody.encoded(token),
            headers: ["Content-Type: application/json"], body: body, options: Self.options)
        let reply: HTTPCall.Reply
        do {
            reply = try call.perform()
        } catch {
            switch error {
            // Nothing has taken effect: it may be sent again.
            case .notSent: return .busy(0)
            case .unclear(let cause), .fault(_, let cause): throw refused(path, "no clear answer came", nil, cause)
            }
        }
        guard reply.status == 200,
            let object = (try? JSONSerialization.jsonObject(with: Data(reply.body))) as? [String: Any],
            let code = object["errcode"] as? Int
        else {
            // A gateway in between that is overloaded has not passed it on.
            if reply.status == 429 || reply.status == 503 { return .busy(reply.status) }
            throw refused(path, "the answer is none of the interface's", reply.status)
        }
        switch code {
        case 0: return .done
        case 40001, 40014, 42001: return .tokenIsOver
        case -1: return .busy(code)
        default: return .refused(code)
        }
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
            throw refused(path, "no token is to be had", nil, error.error)
        }
        let object = (try? JSONSerialization.jsonObject(with: Data(reply.body))) as? [String: Any]
        guard let text = object?["access_token"] as? String, !text.isEmpty,
            let seconds = object?["expires_in"] as? Int, seconds > 0
        else { throw refused(path, "no token is to be had", object?["errcode"] as? Int ?? reply.status) }
        // Renewed a little early; a short one is used for half of its time.
        let kept = seconds > 600 ? seconds - 300 : max(1, seconds / 2)
        token.withLock { $0 = Token(text: text, until: moment + Int64(kept) * 1_000_000) }
        return text
    }

    private static let options = SOAPOptions(
        endpoint: "", timeouts: SOAPTimeouts(connect: 3000, total: 8000))

    /// Says nothing of what was to be told, nor to whom.
    private func refused(
        _ path: String, _ what: String, _ code: Int?, _ cause: (any Error)? = nil
    ) -> HearthError {
        HearthError(
            .wechatRefused, what + (code.map { " (\($0))" } ?? ""), at: .address(path),
            advice: "see the code in WeChat's list of return codes", cause: cause)
    }
}
