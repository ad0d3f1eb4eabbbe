package import Assistant
package import Attachments
import Foundation
package import HeatModel
package import Pages
package import Setup
package import Store

/// The chat page: what a customer says in a browser becomes a turn, what the assistant answers becomes a page. It works without a script;
/// with one, only what is new is fetched.
package struct ChatDoor: Sendable {
    let settings: ChannelSettings.Chat
    let company: String
    let converser: any Converser
    let store: any Store
    let keys: CookieKeys
    let isSecure: Bool
    let now: @Sendable () -> Instant
    /// Whether words wait for nothing: danger, running water, the wish for a person.
    let isPressing: @Sendable (_ words: String) -> Bool
    let transcripts = RecentValues<Transcript>(most: 5000, seconds: 7200)
    /// Where photos are kept; nil where none is taken.
    let photos: AttachmentFolder?
    /// Puts what is to be told to a customer into their conversation, as the page fetches it.
    let tell: Tell
    package typealias Tell = @Sendable (_ customer: CustomerKey, _ conversation: ConversationID) -> Void
    private let perSession: TurnRates
    private let perAddress: TurnRates
    /// What is pressing has rates of its own, which no person reaches.
    private let pressing: TurnRates

    static let path = "/chat"
    static let cookie = "hearth_chat"
    /// Bytes of a photo: it is held in memory until it has come whole.
    static let mostPhoto = 10 << 20
    /// Characters of what a customer may say at once.
    static let mostCharacters = 1000

    package init(
        _ settings: ChannelSettings.Chat, company: String, converser: any Converser, store: any Store, keys: CookieKeys,
        isSecure: Bool, photos: AttachmentFolder? = nil, tell: @escaping Tell = { _, _ in },
        isPressing: @escaping @Sendable (_ words: String) -> Bool,
        now: @escaping @Sendable () -> Instant = { .now }
    ) {
        self.isPressing = isPressing
        self.tell = tell
        self.photos = settings.takesPhotos ? photos : nil
        self.settings = settings
        self.company = company
        self.converser = converser
        self.store = store
        self.keys = keys
        self.isSecure = isSecure
        self.now = now
        let rates = TurnRates.Source(store)
        perSession = rates.rates("chat session", most: settings.perSession)
        perAddress = rates.rates("chat address", most: settings.perAddress)
        pressing = rates.rates("chat pressing", most: 60)
    }

    package var mounts: [WebMount] {
        [
            WebMount(.get, Self.path) { try show($0) },
            .slash(after: Self.path),
            WebMount(.post, Self.path) { try say($0) }.refusing(refused),
            WebMount(
                .post, Self.path + "/photo", mostBody: Self.mostPhoto, types: AttachmentKind.allCases.map(\.rawValue)
            ) { try takePhoto($0) },
            WebMount(.get, Self.path + "/news") { try news($0) },
            WebMount(.post, Self.path + "/print") { try changePrint($0) }.refusing(refused),
            WebMount(.get, Self.path + "/chat.css") { _ in
                .asset("text/css; charset=utf-8", PackageResources.chat_css)
            },
            WebMount(.get, Self.path + "/chat.js") { _ in
                .asset("text/javascript; charset=utf-8", PackageResources.chat_js)
            },
        ]
    }

    private var seconds: Int64 { Int64(settings.days) * 86_400 }

    func session(_ request: WebRequest) -> CustomerSession? {
        CustomerSession(request.cookie(Self.cookie), for: "chat", keys: keys, now: now(), holds: seconds)
    }

    func header(_ session: CustomerSession) -> (name: String, value: String) {
        session.header(
            Self.cookie, path: Self.path, for: "chat", keys: keys, now: now(), isSecure: isSecure, keptFor: seconds)
    }

    // MARK: Pages

    private func show(_ request: WebRequest) throws -> WebAnswer {
        var session = session(request) ?? CustomerSession(now: now())
        if transcripts.value(session.customer, now: now()) == nil {
            // A visit begins: what was said before is shown as the record has it, and a greeting says what can be asked.
            if let wait = perAddress.take(request.peer, now: now()) { return refusal(session, tooFast: wait) }
            let told = try turn(.opened, key: "o" + CookieKeys.random(), session)
            remember(&session, told, said: nil, key: nil)
        }
        try takeUpNews(session)
        return page(session)
    }

    private func say(_ request: WebRequest) throws -> WebAnswer {
        guard !request.isFromElsewhere else { return foreign() }
        guard let form = FormBody(request.body) else { return broken() }
        let isPart = form["part"] == "1"
        guard var session = session(request), session.allows(form["token"], for: "chat", keys: keys) else {
            return isPart ? ended() : startAgain()
        }
        func answer(_ note: String?, status: Int = 200) -> WebAnswer {
            isPart ? part(session, note: note, status: status) : page(session, note: note, status: status)
        }
        guard let formKey = form["key"], CookieKeys.isName(formKey, most: 40) else {
            return answer("这一页放得太久了,请再说一遍。", status: 400)
        }
        let said: CustomerTurn.Said
        let shown: String
        let key: String
        if let choice = form["choice"] {
            guard (1...64).contains(choice.utf8.count), choice.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                return answer("这个按钮已经不能用了,请直接打字告诉我。", status: 400)
            }
            said = .choice(choice)
            shown = words(of: choice, session) ?? "(已选择)"
            key = formKey + "-" + keys.hidden(choice, for: "chat key").prefix(12)
        } else {
            let text = Self.cleaned(form["words"] ?? "")
            if text.isEmpty { return answer("您还没有写内容。请写下您的问题,或点下面的按钮。") }
            if text.count > Self.mostCharacters {
                return answer("内容太长了,请控制在\(Self.mostCharacters)字以内,先说最要紧的一件事。", status: 413)
            }
            said = .words(text)
            // Whoever looks over a shoulder later reads no number of a person.
            shown = wantsIdentity(session) ? "••••••" : text
            // The same form sent twice with the same words is one turn; with other words it is another.
            key = formKey + "-" + keys.hidden(text, for: "chat key").prefix(12)
        }
        if !isKnown(key, session) {
            if let wait = perSession.take(session.customer, now: now()) ?? perAddress.take(request.peer, now: now()),
                !mayPass(said, session)
            {
                return answer("您说得太快了,请等\(wait)秒再发。", status: 429)
            }
            do {
                let told = try turn(said, key: key, session)
                remember(&session, told, said: shown, key: key)
            } catch {
                // The same form may be sent again.
                return answer(
                    TurnTrouble.words(error, otherwise: "刚才没有办成,请再发一次。若还是不行,请拨打客服热线。"), status: 503)
            }
        }
        try takeUpNews(session)
        return answer(nil)
    }

    /// Danger is not told to wait.
    private func mayPass(_ said: CustomerTurn.Said, _ session: CustomerSession) -> Bool {
        guard case .words(let words) = said, pressing.take(session.customer, now: now()) == nil else { return false }
        return isPressing(words)
    }

    private func turn(
        _ said: CustomerTurn.Said, key: String, _ session: CustomerSession, photo: CustomerTurn.Attachment? = nil
    ) throws -> AssistantReply {
        try converser.reply(
            to: CustomerTurn(
                channel: .chat, customer: session.customer, key: key, said: said,
                attachments: photo.map { [$0] } ?? [], at: now(), plain: session.isLarge))
    }

    /// A photo or a film, as its bytes; the form's token and key come as header fields. It becomes a turn without words.
    private func takePhoto(_ request: WebRequest) throws -> WebAnswer {
        guard !request.isFromElsewhere else { return foreign() }
        guard var session = session(request),
            session.allows(request.fields["x-form-token"], for: "chat", keys: keys)
        else { return ended() }
        func told(_ note: String?, status: Int = 200) -> WebAnswer { part(session, note: note, status: status) }
        guard let photos else { return told("这里不能发照片,请用文字说一说。", status: 404) }
        guard let formKey = request.fields["x-form-key"], CookieKeys.isName(formKey, most: 40) else {
            return told("这一页放得太久了,请再发一次。", status: 400)
        }
        let type = request.fields["content-type"]?.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces)
            .lowercased()
        guard let kind = type.flatMap(AttachmentKind.init(rawValue:)) else {
            return told("这个文件不是照片,请发 JPG、PNG 照片或 MP4 视频。", status: 415)
        }
        if let wait = perSession.take(session.customer, now: now()) ?? perAddress.take(request.peer, now: now()) {
            return told("您发得太快了,请等\(wait)秒再发。", status: 429)
        }
        let kept: KeptAttachment
        do {
            let upload = try photos.begin(kind, length: Int64(request.body.count))
            try upload.take(request.body)
            kept = try upload.finish()
        } catch {
            switch error.code {
            case .attachmentTooLarge: return told("照片太大了,请拍小一点的再发。", status: 413)
            case .attachmentNotAllowed, .attachmentBroken:
                return told("这个文件打不开,请发 JPG、PNG 照片或 MP4 视频。", status: 415)
            default: return told("照片没有存上,请过一会儿再发,或者先用文字说。", status: 503)
            }
        }
        let key = formKey + "-" + kept.sha256.prefix(12)
        if !isKnown(key, session) {
            let photo = CustomerTurn.Attachment(
                address: photos.settings.address(of: kept.sha256), sha256: kept.sha256, mediaType: kept.kind.rawValue)
            do {
                remember(
                    &session, try turn(.words(""), key: key, session, photo: photo),
                    said: kept.kind == .mp4 ? "[视频]" : "[照片]", key: key)
            } catch {
                return told(TurnTrouble.words(error, otherwise: "刚才没有办成,请再发一次。"), status: 503)
            }
        }
        try takeUpNews(session)
        return told(nil)
    }

    private func news(_ request: WebRequest) throws -> WebAnswer {
        guard let session = session(request) else { return ended() }
        // Every open page asks every few seconds: that is no turn.
        try takeUpNews(session)
        let seen = request.query["after"].flatMap { Int($0) } ?? 0
        return part(session, after: seen, note: nil)
    }

    private func changePrint(_ request: WebRequest) throws -> WebAnswer {
        guard !request.isFromElsewhere else { return foreign() }
        guard let form = FormBody(request.body), var session = session(request),
            session.allows(form["token"], for: "chat", keys: keys)
        else { return startAgain() }
        session.isLarge = form["large"] == "1"
        return .seeOther(Self.path, headers: [header(session)])
    }

    // MARK: What is wrong with a request

    private func refusal(_ session: CustomerSession, tooFast wait: Int) -> WebAnswer {
        var answer = page(session, note: "现在来访的人很多,请等\(wait)秒再打开。", status: 429)
        answer.headers.append(("Retry-After", "\(wait)"))
        return answer
    }

    private func startAgain() -> WebAnswer { plainPage("这一页已经过期了。", "请重新打开,再说一遍。", status: 403) }
    private func foreign() -> WebAnswer { plainPage("这个请求不是从本页发出的。", "请从本页重新开始。", status: 403) }
    private func broken() -> WebAnswer { plainPage("没有看懂发来的内容。", "请重新打开,再说一遍。", status: 400) }

    @Sendable private func refused(_ status: Int) -> WebAnswer {
        plainPage(Page.refusalWords(status), "", status: status)
    }

    private func plainPage(_ what: String, _ hint: String, status: Int) -> WebAnswer {
        var page = Page(
            company, style: Self.path + "/chat.css",
            body: "<main class=\"alone\"><h1>\(HTML.escaped(company))</h1><p>\(what)\(hint)</p>"
                + "<p><a class=\"button\" href=\"\(Self.path)\">重新打开</a></p></main>")
        page.status = status
        return page.answer()
    }

    private func ended() -> WebAnswer { WebAnswer(status: 403, "text/html; charset=utf-8", [], headers: Page.headers) }

    /// Without what only controls how others are shown, and without blanks around it.
    static func cleaned(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\r": continue
            case "\n", "\t": kept.append(" ")
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{200B}"..."\u{200F}", "\u{202A}"..."\u{202E}",
                "\u{2060}"..."\u{206F}", "\u{FEFF}":
                continue
            default: kept.append(scalar)
            }
        }
        var words = Substring(String(kept))
        while let first = words.first, first.isWhitespace { words.removeFirst() }
        while let last = words.last, last.isWhitespace { words.removeLast() }
        return String(words)
    }
}
