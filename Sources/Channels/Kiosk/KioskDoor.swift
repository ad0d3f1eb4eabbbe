package import Assistant
package import HeatModel
package import Pages
package import Setup

/// The terminal at a service point: three big buttons, large print, read aloud, and nothing of a customer left behind.
///
/// A visit is one customer's. It ends when nothing is pressed for a while, by a button, or when the next one begins; what comes later
/// under its name begins a new one.
package struct KioskDoor: Sendable {
    let settings: ChannelSettings.Kiosk
    let company: String
    let converser: any Converser
    let keys: CookieKeys
    let isSecure: Bool
    let now: @Sendable () -> Instant
    let voice: Voice?
    private let perAddress: TurnRates
    /// Visits that have just begun, by the key of the form that began them.
    private let firsts = RecentValues<CustomerSession>(most: 2000, seconds: 3)

    static let path = "/kiosk"
    static let cookie = "hearth_kiosk"
    static let purpose = "kiosk"

    package init(
        _ settings: ChannelSettings.Kiosk, company: String, converser: any Converser, keys: CookieKeys,
        rates: TurnRates.Source,
        isSecure: Bool, now: @escaping @Sendable () -> Instant = { .now }
    ) {
        self.settings = settings
        self.company = company
        self.converser = converser
        self.keys = keys
        self.isSecure = isSecure
        self.now = now
        voice = settings.speaker.flatMap { Voice(program: $0) }
        perAddress = rates.rates("kiosk address", most: settings.perAddress)
    }

    package var mounts: [WebMount] {
        [
            WebMount(.get, Self.path) { _ in begin() },
            .slash(after: Self.path),
            WebMount(.post, Self.path) { try press($0) }.refusing {
                begin(note: Page.refusalWords($0), status: $0)
            },
            WebMount(.post, Self.path + "/say") { try say($0) },
            WebMount(.get, Self.path + "/kiosk.css") { _ in
                .asset("text/css; charset=utf-8", PackageResources.kiosk_css)
            },
            WebMount(.get, Self.path + "/kiosk.js") { _ in
                .asset("text/javascript; charset=utf-8", PackageResources.kiosk_js)
            },
        ]
    }

    func header(_ session: CustomerSession) -> (name: String, value: String) {
        session.header(
            Self.cookie, path: Self.path, for: Self.purpose, keys: keys, now: now(), isSecure: isSecure, keptFor: nil,
            isStrict: true)
    }

    /// Of forms that begin a visit: they are of no customer.
    var firstToken: String { keys.hidden("first", for: "kiosk form") }

    /// The first screen, of a new visit.
    func begin(note: String? = nil, status: Int = 200, isPart: Bool = false) -> WebAnswer {
        screen(CustomerSession(now: now()), start(note), status: status, isPart: isPart)
    }

    private func press(_ request: WebRequest) throws -> WebAnswer {
        if request.isFromElsewhere { return begin(status: 403) }
        guard let form = FormBody(request.body) else { return begin(note: "请重新选择。", status: 400) }
        let isPart = form["part"] == "1"
        guard let formKey = form["key"], CookieKeys.isName(formKey, most: 40) else {
            return begin(note: "请重新选择。", status: 400, isPart: isPart)
        }
        if form["end"] != nil { return begin(isPart: isPart) }
        var session: CustomerSession
        if form["first"] == "1" {
            guard CookieKeys.isEqual(form["token"], firstToken) else {
                return begin(note: "请重新选择。", status: 403, isPart: isPart)
            }
            // A screen stands for days, and for one customer after the other: its press begins a visit. Two taps begin one.
            session = firsts.change(formKey, now: now()) { session in
                if session == nil { session = CustomerSession(now: now()) }
                return session!
            }
        } else {
            guard
                let known = CustomerSession(
                    request.cookie(Self.cookie), for: Self.purpose, keys: keys, now: now(),
                    holds: Int64(settings.idleSeconds)),
                known.allows(form["token"], for: Self.purpose, keys: keys)
            else { return begin(note: "时间到了,请重新开始。", status: 403, isPart: isPart) }
            session = known
        }
        let said: CustomerTurn.Said
        let content: String
        if let choice = form["choice"], !choice.isEmpty {
            guard choice.utf8.count <= 64, choice.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                return begin(note: "请重新选择。", status: 400, isPart: isPart)
            }
            (said, content) = (.choice(choice), choice)
        } else if let digits = form["digits"] {
            let text = digits.uppercased().filter { !$0.isWhitespace && $0 != "#" }
            guard (1...32).contains(text.utf8.count), text.utf8.allSatisfy({ $0 &- 0x30 <= 9 || $0 == 0x58 }) else {
                return screen(session, entry(.accountNumber, session, note: "请按数字键,按完后按 # 号键。"), isPart: isPart)
            }
            (said, content) = (.keys(text), text)
        } else {
            let words = (form["words"] ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
            guard (1...500).contains(words.count) else {
                return screen(session, ask(session, note: "请说得短一些,或者按大按钮。"), isPart: isPart)
            }
            (said, content) = (.words(words), words)
        }
        if let wait = perAddress.take(request.peer, now: now()) {
            return screen(session, ask(session, note: "请稍等\(wait)秒再按。"), status: 429, isPart: isPart)
        }
        do {
            let reply = try converser.reply(
                to: CustomerTurn(
                    channel: .kiosk, customer: session.customer,
                    key: formKey + "-" + keys.hidden(content, for: "kiosk key").prefix(12), said: said, at: now(),
                    plain: true))
            session.conversation = reply.conversation
            return screen(session, self.reply(reply, session), isPart: isPart)
        } catch {
            let note = TurnTrouble.words(error, otherwise: "刚才没有办成,请再按一次,或者找旁边的工作人员。")
            return screen(session, ask(session, note: note), status: 503, isPart: isPart)
        }
    }

    /// Reads aloud what this server has written, and nothing else.
    private func say(_ request: WebRequest) throws -> WebAnswer {
        let nothing = WebAnswer(status: 404, "text/plain; charset=utf-8", [])
        guard !request.isFromElsewhere, let voice, let form = FormBody(request.body), let signed = form["say"],
            let text = keys.verified(signed, for: "kiosk voice")
        else { return nothing }
        guard perAddress.take(request.peer, now: now()) == nil, let sound = voice.sound(of: text, now: now()) else {
            return WebAnswer(status: 503, "text/plain; charset=utf-8", [], headers: [("Retry-After", "5")])
        }
        return WebAnswer("audio/wav", sound)
    }
}
