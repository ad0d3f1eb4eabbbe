import Actions
import Assistant
import ConfigurationFiles
import HeatModel
import Logging
import Messages
import Notices
import Pages
import SMS
import Setup
import Store
import WeChat

/// What reaches customers who are at no page: followers of the official account and phones, by notices and by messages.
struct CustomerPost {
    let keys: CookieKeys
    /// One for the process: two would end each other's tokens.
    let wechat: AccountAPI?
    /// The channels of `notices.yaml`; none where there is no such file, or nothing of it is sent.
    let channels: [ActionSystem]
    /// The doors by which messages go out.
    let systems: [ActionSystem]

    /// - Parameter asked: whether the channels are needed though nothing is sent by itself.
    /// - Throws: ``ConfigurationErrors`` where the two files do not go together.
    init(
        _ configuration: HearthConfiguration, rules: NoticeRules?, logger: Logger, asked: Bool = false
    ) throws {
        let settings = configuration.channels
        let keys = CookieKeys(settings.keys)
        self.keys = keys
        let api = settings.wechat.map { AccountAPI($0) }
        wechat = api
        let sink = api.map { api in
            WeChatSink(api, keys: keys) { [logger] error in
                logger.error(
                    "WeChat refuses what it is asked, whomever it is for",
                    metadata: ["code": "\(error.code.name)", "error": "\(error.message)"])
            }
        }
        if let rules { try rules.check(against: configuration) }
        let isNeeded = asked || rules?.sends == true || settings.sms?.reply != nil
        channels =
            rules == nil || !isNeeded
            ? [] : try NoticeRules.channels(of: configuration, wechat: sink)
        let clock = CompanyClock(zone: configuration.timeZone)
        var systems: [ActionSystem] = []
        if let sink {
            systems.append(
                ActionSystem(name: MessagePost.system(of: .wechat), sink: sink).gated(
                    by: MessageGate(clock: clock, quota: WeChatDoor.quota(keys))))
        }
        if let name = settings.sms?.reply {
            let channel = channels.first { $0.name == ChannelConfiguration.prefix + name }
            guard let system = channel?.forMessages(named: MessagePost.system(of: .sms)) else {
                throw ConfigurationErrors([
                    HearthError(
                        .configBadValue,
                        "channels: sms: reply: \"\(name)\" is no channel of short messages (http) of the notices",
                        at: .file(NoticeRules.path(besides: configuration.path), line: 0, column: 0),
                        advice: NearestName.advice(name, among: rules?.channelNames ?? []))
                ])
            }
            systems.append(
                system.gated(by: MessageGate(clock: clock) { SMSDoor.number(of: $0, keys: keys) }))
        }
        self.systems = systems
    }

    func messages(_ store: any Store) -> MessagePost { MessagePost(store: store, systems: systems) }

    /// The doors whose customers are told what people say.
    func doors(_ messages: MessagePost) -> [PersonsWords.Door] {
        [
            PersonsWords.Door(.wechat, hours: 72) { WeChatDoor.parts(of: $0) },
            PersonsWords.Door(.sms, hours: 24) { SMSDoor.parts(of: $0) },
        ].filter { messages.takes($0.channel) }
    }
}

extension NoticeRules {
    /// That the doors that rules tell through are there, with what they need.
    ///
    /// - Throws: ``ConfigurationErrors``.
    func check(against configuration: HearthConfiguration) throws {
        let settings = configuration.channels
        let file = Place.file(NoticeRules.path(besides: configuration.path), line: 0, column: 0)
        var problems: [HearthError] = []
        func report(_ message: String, _ advice: Advice) {
            problems.append(HearthError(.configBadNotice, message, at: file, advice: advice))
        }
        for (name, way) in ways.sorted(by: { $0.key < $1.key }) {
            switch way {
            case .wechat where settings.wechat == nil:
                report("the channel \(name) tells followers, and there is no official account", "add channels: wechat:")
            case .wechat where settings.keys.isEmpty:
                report(
                    "the channel \(name) tells followers, who are kept sealed, and there are no keys to seal with",
                    "add channels: keys:")
            case .wechat:
                let templates = Set(settings.wechat?.templates.map(\.rule) ?? [])
                for rule in rules where possibleChannels(of: rule).contains(name) && !templates.contains(rule.name) {
                    report(
                        "the rule \(rule.name) may be told by \(name), and no template stands for it",
                        "name one under channels: wechat: templates:")
                }
            case .chat where settings.chat == nil:
                report("the channel \(name) tells on the chat page, and there is none", "add channels: chat: {}")
            case .chat, .http, .webhook, .file: break
            }
        }
        if !problems.isEmpty { throw ConfigurationErrors(problems) }
    }

    /// The channels beside a configuration, with what they keep outside of the file.
    static func channels(
        of configuration: HearthConfiguration, wechat: (any ActionSink)?
    ) throws -> [ActionSystem] {
        try channels(path: path(besides: configuration.path), wechat: wechat) { $0.withOutsideValues(of: $1, $2) }
    }
}
