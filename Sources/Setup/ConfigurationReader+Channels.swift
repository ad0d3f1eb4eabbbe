import ConfigurationFiles
import HeatModel
import Yams

extension ConfigurationReader {
    /// The `channels:` section; without one customers have no door here.
    mutating func channelSettings(_ top: Section) -> ChannelSettings {
        var settings = ChannelSettings()
        guard let section = section(of: "channels", in: top) else { return settings }
        expect(
            section, only: ["company", "keys", "chat", "kiosk", "wechat", "hotline", "sms", "desk", "console"],
            in: "channels")
        if let name = text(of: "company", in: section) { settings.company = name }
        for key in secrets(of: "keys", in: section) ?? [] {
            if key.utf8.count >= 32 {
                settings.keys.append(Array(key.utf8))
            } else if let node = section["keys"] {
                report(
                    .configBadValue, "a key has fewer than 32 bytes", at: node,
                    advice: "make one: head -c 32 /dev/urandom | base64")
            }
        }
        if let body = self.section(of: "chat", in: section) { settings.chat = chat(body) }
        if let body = self.section(of: "kiosk", in: section) { settings.kiosk = kiosk(body) }
        if let body = self.section(of: "wechat", in: section) { settings.wechat = wechat(body) }
        if let body = self.section(of: "hotline", in: section) {
            expect(body, only: ["silences", "misses"], in: "hotline")
            var hotline = ChannelSettings.Hotline()
            if let count = integer(of: "silences", in: body, atLeast: 1, atMost: 10) { hotline.silences = count }
            if let count = integer(of: "misses", in: body, atLeast: 1, atMost: 10) { hotline.misses = count }
            settings.hotline = hotline
        }
        if let body = self.section(of: "sms", in: section) { settings.sms = sms(body) }
        if settings.sms?.reply != nil, settings.keys.isEmpty, let node = section["sms"] {
            report(
                .configMissingKey, "\"reply\" needs \"keys\": numbers are kept sealed until they are answered",
                at: node,
                advice: "make one: head -c 32 /dev/urandom | base64")
        }
        if let body = self.section(of: "desk", in: section) {
            expect(body, only: ["hours"], in: "desk")
            var desk = ChannelSettings.Desk()
            if let hours = integer(of: "hours", in: body, atLeast: 1, atMost: 168) { desk.hours = hours }
            settings.desk = desk
        }
        if let body = self.section(of: "console", in: section) {
            expect(body, only: ["hours", "reconciliations", "applyMappings"], in: "console")
            var console = ChannelSettings.Console()
            if let folder = text(of: "reconciliations", in: body) { console.reconciliations = resolve(folder) }
            if let hours = integer(of: "hours", in: body, atLeast: 1, atMost: 168) { console.hours = hours }
            if let applies = flag(of: "applyMappings", in: body) { console.appliesMappings = applies }
            settings.console = console
        }
        return settings
    }

    private mutating func chat(_ body: Section) -> ChannelSettings.Chat {
        expect(body, only: ["perSession", "perAddress", "days", "photos"], in: "chat")
        var chat = ChannelSettings.Chat()
        if let rate = integer(of: "perSession", in: body, atMost: 100_000) { chat.perSession = rate }
        if let rate = integer(of: "perAddress", in: body, atMost: 1_000_000) { chat.perAddress = rate }
        if let days = integer(of: "days", in: body, atLeast: 1, atMost: 365) { chat.days = days }
        if let photos = flag(of: "photos", in: body) { chat.takesPhotos = photos }
        return chat
    }

    private mutating func kiosk(_ body: Section) -> ChannelSettings.Kiosk {
        expect(body, only: ["idle", "speaker", "perAddress"], in: "kiosk")
        var kiosk = ChannelSettings.Kiosk()
        if let seconds = integer(of: "idle", in: body, atLeast: 5, atMost: 600) { kiosk.idleSeconds = seconds }
        if let program = text(of: "speaker", in: body) { kiosk.speaker = program == "off" ? nil : resolve(program) }
        if let rate = integer(of: "perAddress", in: body, atMost: 1_000_000) { kiosk.perAddress = rate }
        return kiosk
    }

    private mutating func wechat(_ body: Section) -> ChannelSettings.WeChat? {
        expect(
            body, only: ["appId", "secret", "token", "encodingKeys", "safe", "api", "patience", "templates"],
            in: "wechat")
        guard let appID = requiredSecret("appId", in: body, of: "wechat"),
            let secret = requiredSecret("secret", in: body, of: "wechat"),
            let token = requiredSecret("token", in: body, of: "wechat")
        else { return nil }
        var wechat = ChannelSettings.WeChat(appID: appID, secret: secret, token: token)
        for key in secrets(of: "encodingKeys", in: body) ?? [] {
            let isKey =
                key.utf8.count == 43
                && key.utf8.allSatisfy { $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26 || $0 == 0x2B || $0 == 0x2F }
            if isKey {
                wechat.encodingKeys.append(key)
            } else if let node = body["encodingKeys"] {
                report(.configBadValue, "an EncodingAESKey has 43 letters and digits", at: node)
            }
        }
        wechat.isSafe = flag(of: "safe", in: body) ?? false
        if wechat.isSafe, wechat.encodingKeys.isEmpty, let node = body["safe"] {
            report(.configBadValue, "safe mode needs \"encodingKeys\"", at: node)
        }
        if let api = self.secret(of: "api", in: body) {
            if api.hasPrefix("https://") || api.hasPrefix("http://") {
                wechat.api = api.hasSuffix("/") ? String(api.dropLast()) : api
            } else {
                report(.configBadValue, "\"api\" is not an http or https address", at: body["api"]!)
            }
        }
        if let milliseconds = integer(of: "patience", in: body, atLeast: 100, atMost: 4900) {
            wechat.patience = milliseconds
        }
        if let list = body["templates"] { wechat.templates = templates(list) }
        return wechat
    }

    private mutating func templates(_ node: Node) -> [ChannelSettings.WeChat.Template] {
        guard case .sequence(let list) = node else {
            report(.configBadValue, "\"templates\" must be a list", at: node)
            return []
        }
        return list.compactMap { item in
            guard let body = section(item, "a template") else { return nil }
            expect(body, only: ["rule", "id", "send", "fields"], in: "a template")
            guard let rule = required("rule", in: body, of: "a template"),
                let id = required("id", in: body, of: "a template"), let fields = section(of: "fields", in: body)
            else { return nil }
            var found: [(name: String, text: String)] = []
            for entry in fields.entries {
                guard let text = self.text(entry.value, entry.name) else { continue }
                let kind = ChannelSettings.WeChat.Template.kind(of: entry.name)
                let limits = ChannelSettings.WeChat.Template.limits
                guard let most = limits[kind], kind != entry.name else {
                    report(
                        .configBadValue, "\"\(entry.name)\" is no field of a subscribe message", at: entry.key,
                        advice: NearestName.advice(kind, among: limits.keys.sorted()))
                    continue
                }
                // What stands there before anything is filled in must leave room.
                let fixed = text.replacing(/\{\{[^}]*\}\}/, with: "")
                if text.isEmpty || fixed.count > most {
                    report(
                        .configBadValue,
                        "\"\(entry.name)\" must have 1 character at least, and at most the \(most) that WeChat allows",
                        at: entry.value)
                }
                found.append((entry.name, text))
            }
            return ChannelSettings.WeChat.Template(
                rule: rule, id: id,
                send: choice(of: "send", in: body, ChannelSettings.WeChat.Template.Send.self) ?? .subscribe,
                fields: found)
        }
    }

    private mutating func sms(_ body: Section) -> ChannelSettings.SMS {
        expect(body, only: ["secret", "phone", "text", "id", "own", "perHour", "reply"], in: "sms")
        var sms = ChannelSettings.SMS()
        if let secret = self.secret(of: "secret", in: body) {
            if secret.utf8.count >= 24 {
                sms.secret = Array(secret.utf8)
            } else {
                report(.configBadValue, "\"secret\" has fewer than 24 bytes", at: body["secret"]!)
            }
        }
        if let name = text(of: "phone", in: body) { sms.phone = name }
        if let name = text(of: "text", in: body) { sms.text = name }
        if let name = text(of: "id", in: body) { sms.id = name }
        sms.own = texts(of: "own", in: body) ?? []
        if let rate = integer(of: "perHour", in: body, atLeast: 1, atMost: 10_000) { sms.perHour = rate }
        sms.reply = text(of: "reply", in: body)
        return sms
    }
}
