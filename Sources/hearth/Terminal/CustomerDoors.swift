import Actions
import Answers
import Assistant
import Chat
import Console
import Desk
import Docs
import Foundation
import Gateway
import HeatModel
import Hotline
import Kiosk
import Logging
import Mapping
import Messages
import Notices
import Pages
import Reconciliation
import Requests
import SMS
import Setup
import Store
import Sync
import WeChat

/// The doors for customers, the desk and the operators' console, put together by the configuration: each is there where it has a section. The
/// documentation is there unless the configuration says that it is not.
struct CustomerDoors {
    let settings: ChannelSettings
    /// Path of the configuration; what the assistant knows lies beside it.
    let configuration: String
    let post: CustomerPost
    /// What is told on the chat page; nil where nothing is told at all.
    let notices: NoticeDesk?
    let workspace: Workspace
    let logger: Logger

    private var needsAssistant: Bool {
        settings.chat != nil || settings.kiosk != nil || settings.wechat != nil || settings.hotline != nil
            || settings.sms != nil
    }

    func mounts(_ parts: ServedParts) throws -> [WebMount] {
        let keys = post.keys
        let messages = post.messages(parts.store)
        let rates = TurnRates.Source(parts.store)
        let hasPages =
            settings.chat != nil || settings.kiosk != nil || settings.desk != nil || settings.console != nil
        if settings.keys.isEmpty, hasPages {
            logger.notice(
                "no channels: keys: sessions of customers, of the desk and of the console end with this process")
        }
        if settings.keys.isEmpty, settings.sms != nil {
            logger.warning(
                "no channels: keys: who writes by SMS is another customer once this process has ended, bound to no account"
            )
        }
        if settings.keys.isEmpty, settings.wechat != nil {
            logger.warning("no channels: keys: what people say reaches followers only until this process has ended")
        }
        if let speaker = settings.kiosk?.speaker, !FileManager.default.isExecutableFile(atPath: speaker) {
            logger.notice(
                "the kiosk reads aloud only where its browser can: there is no such program",
                metadata: ["speaker": "\(speaker)"])
        }
        var mounts: [WebMount] = []
        let hasDocs = workspace.configuration.serve.hasDocs
        if hasDocs { mounts += DocsDoor().mounts }
        if hasPages || hasDocs {
            // Browsers ask for it whether or not a page names one.
            mounts.append(WebMount(.get, "/favicon.ico") { _ in WebAnswer(status: 204, "image/x-icon", []) })
        }
        if needsAssistant {
            let assistant = try Assistant.load(besides: configuration, desk: parts.desk, access: parts.log) {
                [logger] error in
                logger.error("\(error.message)", metadata: ["code": "\(error.code.name)"])
            }
            let converser = WatchedConverser(assistant) { [logger] error, turn in
                let problem = Problem(error)
                logger.error(
                    problem.mayHaveHappened
                        ? "what became of a customer's turn is not known" : "a customer's turn failed",
                    metadata: [
                        "channel": "\(turn.channel.rawValue)",
                        "code": "\(problem.underlying?.code.name ?? problem.code)",
                    ])
            }
            learnMenu(assistant)
            if let chat = settings.chat {
                mounts +=
                    ChatDoor(
                        chat, company: settings.company, converser: converser, store: parts.store, keys: keys,
                        isSecure: parts.isSecure, photos: parts.attachments, tell: tell(parts),
                        isPressing: { assistant.isPressing($0) }
                    ).mounts
            }
            if let kiosk = settings.kiosk {
                mounts +=
                    KioskDoor(
                        kiosk, company: settings.company, converser: converser, keys: keys, rates: rates,
                        isSecure: parts.isSecure
                    ).mounts
            }
            if let hotline = settings.hotline {
                mounts += HotlineDoor(hotline, converser: converser, keys: keys).mounts
            }
            if let sms = settings.sms {
                mounts +=
                    SMSDoor(
                        sms, converser: converser, ways: smsWays(assistant, parts), keys: keys, rates: rates,
                        post: sms.reply == nil ? nil : messages
                    ).mounts
            }
            if let wechat = settings.wechat {
                mounts +=
                    WeChatDoor(
                        wechat, converser: converser, keys: keys, post: messages, api: post.wechat,
                        onTrouble: { [logger] error in
                            logger.error("a message could not be sent", metadata: ["code": "\(error.code.name)"])
                        }
                    ).mounts
            }
            bringPersonsWords(messages)
        }
        if let desk = settings.desk {
            mounts +=
                DeskDoor(
                    desk,
                    ways: .init(
                        identify: parts.identify, ask: watched { parts.answerer.reply(to: $0, for: $1) },
                        request: watched { parts.desk.reply(to: $0, for: $1) }), keys: keys, rates: rates,
                    isSecure: parts.isSecure
                ).mounts
        }
        if let console = settings.console {
            mounts +=
                ConsoleDoor(
                    console,
                    ways: .init(
                        identify: parts.identify, ask: watched { parts.answerer.reply(to: $0, for: $1) },
                        now: { parts.answerer.instant(nil) },
                        sources: SourceDesk(
                            store: parts.store, isCancelled: { Interrupt.flag.isSet },
                            versionInUse: { [workspace] in workspace.mappings.files[$0]?.version }
                        ) { [configuration] in try HearthConfiguration.load(path: configuration) },
                        audit: AuditDesk(
                            store: parts.store, archive: workspace.archive,
                            logFolders: workspace.configuration.logFolders, gateway: workspace.configuration.serve.name,
                            outputs: workspace.configuration.ownReconciliations),
                        outputs: KeptOutputs(folder: workspace.configuration.reconciliations),
                        // Nothing is accepted here, so that it needs to know no system.
                        outbox: Outbox(store: parts.store, systems: []), lag: { try Lag(of: parts.store) },
                        desk: settings.desk == nil ? nil : "/desk",
                        mend: .init(
                            discard: { entry, note in
                                try told("console:quarantine discard") { try workspace.discard([entry], note: note) }
                            },
                            replay: { entry in
                                try told("console:quarantine replay") {
                                    try workspace.replay([], ids: [QuarantineID(entry)]).replayed > 0
                                }
                            },
                            replayAll: { code, stream in
                                try told("console:quarantine replay all") {
                                    try workspace.replay(stream.map { [$0] } ?? [], ids: [], code: code)
                                }
                            },
                            choose: { account, entry, reason, person in
                                try told("console:quarantine choose") {
                                    try workspace.decide(QuarantineID(entry), isOf: account, reason: reason, by: person)
                                }
                            })),
                    keys: keys, rates: rates, isSecure: parts.isSecure
                ).mounts
        }
        return mounts
    }

    /// The same, where the program's log says what went wrong inside: a page says only that something did.
    private func watched<Asked>(
        _ reply: @escaping @Sendable (Asked, Requester) -> Reply
    ) -> @Sendable (Asked, Requester) -> Reply {
        { asked, requester in
            let reply = reply(asked, requester)
            if case .failure(let problem) = reply.result { note(problem, requester.action) }
            return reply
        }
    }

    private func told<Result>(_ action: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch {
            note(Problem(error), action)
            throw error
        }
    }

    private func note(_ problem: Problem, _ action: String) {
        switch problem.category {
        case .failed, .unavailable:
            logger.error(
                problem.mayHaveHappened ? "what became of a form is not known" : "a page could not be made",
                metadata: ["action": "\(action)", "code": "\(problem.underlying?.code.name ?? problem.code)"])
        default: break
        }
    }

    private func smsWays(_ assistant: Assistant, _ parts: ServedParts) -> SMSDoor.Ways {
        SMSDoor.Ways(
            isPressing: { assistant.isPressing($0) },
            optOut: { phone, customer, key in
                let isBound = try parts.store.read {
                    try !$0.boundAccounts(of: Assistant.key(.sms, customer)).isEmpty
                }
                if isBound { return false }
                let caller = Caller(id: "sms", scopes: ScopeSet([.assistant]))
                let reply = parts.desk.optOut(
                    phone: phone, key: key, for: Requester(caller, action: "sms:optOut"))
                _ = try reply.result.get()
                return true
            })
    }

    /// Has what is asked most offered first: now and every six hours, on a thread of its own, until the program stops.
    private func learnMenu(_ assistant: Assistant) {
        Thread.detachNewThread { [logger] in
            var next = ContinuousClock.now
            while !Interrupt.flag.isSet {
                if ContinuousClock.now >= next {
                    next = .now + .seconds(6 * 3600)
                    do {
                        try assistant.learnMenu()
                    } catch {
                        logger.error("what is asked most cannot be counted", metadata: ["error": "\(error)"])
                    }
                }
                Thread.sleep(forTimeInterval: 2)
            }
        }
    }

    /// Puts what a customer is to be told into their conversation, as their page fetches it.
    private func tell(_ parts: ServedParts) -> ChatDoor.Tell {
        guard let notices else { return { _, _ in } }
        return { [logger] customer, conversation in
            do {
                try notices.tell(customer, in: conversation, by: parts.desk.conversations)
            } catch {
                logger.error(
                    "a notice cannot be told on its page",
                    metadata: ["code": "\((error as? HearthError)?.code.name ?? "unknown")"])
            }
        }
    }

    /// Has what people at the desk say queued for customers who are at no page, on a thread of its own, until the program stops.
    private func bringPersonsWords(_ messages: MessagePost) {
        let doors = post.doors(messages)
        if doors.isEmpty { return }
        let words = PersonsWords(store: messages.store, post: messages, doors: doors) { [logger] error in
            logger.error("a person's words reach nobody", metadata: ["code": "\(error.code.name)"])
        }
        Thread.detachNewThread { [logger] in
            while !Interrupt.flag.isSet {
                do {
                    try words.look()
                } catch {
                    logger.error("what people say cannot be brought to customers", metadata: ["error": "\(error)"])
                }
                Thread.sleep(forTimeInterval: 2)
            }
        }
    }
}
