package import Actions
package import Answers
import Evidence
package import HeatModel
package import Pages
package import Reconciliation
package import Setup
package import Sync

/// The operators' console: pages over the questions that programs ask, in Chinese and English.
///
/// A person comes in by a token of Hearth with any scope and sees what its scopes allow. The token lies sealed in a cookie, so that one
/// that is revoked is worth nothing from then on. Pages read; what they may change is named in ``Ways``.
package struct ConsoleDoor: Sendable {
    /// What the pages ask of the rooms below.
    package struct Ways: Sendable {
        package var identify: @Sendable (_ secret: String) -> Caller?
        package var ask: @Sendable (Question, Requester) -> Reply
        /// The present on the company's clock.
        package var now: @Sendable () -> Instant
        package var sources: SourceDesk
        package var audit: AuditDesk
        /// Where people of the company talk with customers, on this server; nil where there is no such door.
        package var desk: String?
        /// What reconciliations have written.
        package var outputs: KeptOutputs
        /// Where actions are tried again and given up.
        package var outbox: Outbox
        /// What follows the store; nil where that is not looked at.
        package var lag: (@Sendable () throws -> Lag)?
        /// Puts entries of the quarantine aside and tries them again; nil where that is done at a terminal alone.
        package var mend: Mend?

        package init(
            identify: @escaping @Sendable (String) -> Caller?, ask: @escaping @Sendable (Question, Requester) -> Reply,
            now: @escaping @Sendable () -> Instant, sources: SourceDesk, audit: AuditDesk,
            outputs: KeptOutputs, outbox: Outbox, lag: (@Sendable () throws -> Lag)? = nil, desk: String? = nil,
            mend: Mend? = nil
        ) {
            self.identify = identify
            self.ask = ask
            self.now = now
            self.sources = sources
            self.audit = audit
            self.outputs = outputs
            self.outbox = outbox
            self.lag = lag
            self.desk = desk
            self.mend = mend
        }
    }

    /// What `hearth quarantine discard`, `replay` and `choose` do.
    package struct Mend: Sendable {
        package var discard: @Sendable (_ entry: Int64, _ note: String) throws -> Void
        /// Whether it went through.
        package var replay: @Sendable (_ entry: Int64) throws -> Bool
        /// All that wait for one reason; of a stream or source, or of all.
        package var replayAll: @Sendable (_ code: String, _ stream: String?) throws -> ReplayResult
        /// Whether it waits no longer.
        package var choose: @Sendable (_ account: String, _ entry: Int64, _ reason: String, _ person: String) throws -> Bool

        package init(
            discard: @escaping @Sendable (Int64, String) throws -> Void,
            replay: @escaping @Sendable (Int64) throws -> Bool,
            replayAll: @escaping @Sendable (String, String?) throws -> ReplayResult,
            choose: @escaping @Sendable (String, Int64, String, String) throws -> Bool
        ) {
            self.discard = discard
            self.replay = replay
            self.replayAll = replayAll
            self.choose = choose
        }
    }

    let settings: ChannelSettings.Console
    let ways: Ways
    let keys: CookieKeys
    let isSecure: Bool
    let logins: TurnRates
    let looks: TurnRates
    /// Logins that were ended before their time.
    let left: RecentValues<Bool>
    let sourceWork: BackgroundWork<SourceOutcome>
    let verification: BackgroundWork<AuditVerification.Result>
    let replays: BackgroundWork<ReplayResult>

    static let path = "/console"
    static let cookie = "hearth_console"
    /// Proves that a login's form is ours.
    static let formCookie = "hearth_console_form"
    static let languageCookie = "hearth_console_lang"

    /// - Parameter loginsPerMinute: attempts of one address.
    package init(
        _ settings: ChannelSettings.Console, ways: Ways, keys: CookieKeys, rates: TurnRates.Source, isSecure: Bool,
        loginsPerMinute: Int = 10
    ) {
        self.settings = settings
        self.ways = ways
        self.keys = keys
        self.isSecure = isSecure
        logins = rates.rates("console login", most: loginsPerMinute)
        looks = rates.rates("console page", most: 600)
        sourceWork = BackgroundWork(now: ways.now)
        verification = BackgroundWork(now: ways.now)
        replays = BackgroundWork(now: ways.now)
        left = RecentValues(most: 100_000, seconds: Int64(settings.hours) * 3600)
    }

    package var mounts: [WebMount] {
        [
            page(Self.path) { look throws(Problem) in try look.today() },
            .slash(after: Self.path),
            WebMount(.post, Self.path) { logIn($0) }.refusing(refused),
            WebMount(.post, Self.path + "/leave") { leave($0) }.refusing(refused),
            page("/console/runs") { look throws(Problem) in try look.runs() },
            page("/console/runs/{run}") { look throws(Problem) in try look.run() },
            page("/console/quarantine") { look throws(Problem) in try look.quarantine() },
            form("/console/quarantine") { look, form throws(Problem) in try look.replayAll(form) },
            page("/console/quarantine/{id}") { look throws(Problem) in try look.entry() },
            form("/console/quarantine/{id}") { look, form throws(Problem) in try look.mend(form) },
            page("/console/account") { look throws(Problem) in try look.account() },
            form("/console/find") { look, form throws(Problem) in try look.find(form) },
            page("/console/trace") { look throws(Problem) in try look.trace() },
            page("/console/history") { look throws(Problem) in try look.history() },
            page("/console/conversation") { look throws(Problem) in try look.conversation() },
            page("/console/reconciliation") { look throws(Problem) in try look.reconciliation() },
            page("/console/reconciliation/findings") { look throws(Problem) in try look.findings() },
            page("/console/reconciliation/finding") { look throws(Problem) in try look.finding() },
            page("/console/reconciliation/compare") { look throws(Problem) in try look.comparison() },
            page("/console/reconciliation/download") { look throws(Problem) in try look.download() },
            page("/console/actions") { look throws(Problem) in try look.actions() },
            form("/console/actions") { look, form throws(Problem) in try look.settle(form) },
            page("/console/notices") { look throws(Problem) in try look.notices() },
            page("/console/audit") { look throws(Problem) in try look.audit() },
            form("/console/audit") { look, form throws(Problem) in try look.verify(form) },
            page("/console/sources") { look throws(Problem) in try look.sources() },
            form("/console/sources") { look, form throws(Problem) in try look.askSources(form) },
            page("/console/sources/mapping") { look throws(Problem) in try look.mapping() },
            form("/console/sources/mapping", mostBody: 4 * MappingDraft.most) { look, form throws(Problem) in
                try look.tryMapping(form)
            },
            page("/console/access") { look throws(Problem) in try look.accessLog() },
            WebMount(.get, Self.path + "/console.css") { _ in
                .asset("text/css; charset=utf-8", PackageResources.console_css)
            },
            WebMount(.get, Self.path + "/console.js") { _ in
                .asset("text/javascript; charset=utf-8", PackageResources.console_js)
            },
        ]
    }

    /// What a page, or a form that was sent, comes to.
    enum Outcome: Sendable {
        case page(String, Fragment)
        /// Leads to another page of the console.
        case goTo(String)
        /// A file under its name, kept by the browser and never shown as a page.
        case file(String, [UInt8])
    }

    /// A file's name as a header may hold it.
    private static func safe(_ name: String) -> String {
        String(name.unicodeScalars.filter { $0.isASCII && ($0.properties.isAlphabetic || "0123456789.-_".unicodeScalars.contains($0)) }.map(Character.init))
    }

    private typealias Making = @Sendable (inout Look) throws(Problem) -> Outcome

    private func page(_ path: String, _ make: @escaping Making) -> WebMount {
        WebMount(.get, path) { request in
            guard let visitor = visitor(request) else {
                return loginPage(request, note: nil, status: request.path == Self.path ? 200 : 403)
            }
            return answered(request, visitor, make)
        }
    }

    /// A form of a page: it is ours, or nothing is done.
    private func form(
        _ path: String, mostBody: Int = 16_384,
        _ make: @escaping @Sendable (inout Look, FormBody) throws(Problem) -> Outcome
    ) -> WebMount {
        WebMount(.post, path, mostBody: mostBody) { request in
            guard let visitor = visitor(request) else { return loginPage(request, note: nil, status: 403) }
            return answered(request, visitor) { look throws(Problem) in
                guard !request.isFromElsewhere, let form = FormBody(request.body),
                    CookieKeys.isEqual(form["token"], formToken(visitor))
                else { throw .foreignForm }
                return try make(&look, form)
            }
        }.refusing(refused)
    }

    /// A page with what was looked at for it, which is written down before it goes out.
    private func answered(
        _ request: WebRequest, _ visitor: Visitor, _ make: (inout Look) throws(Problem) -> Outcome
    ) -> WebAnswer {
        var look = Look(door: self, visitor: visitor, say: tongue(request), request: request)
        var answer: WebAnswer
        do throws(Problem) {
            if let wait = looks.take(visitor.caller.id, now: look.now) {
                throw Problem(.limited, "rate-limited", "Too many pages for this token", retryAfter: wait)
            }
            switch try make(&look) {
            case .page(let title, let main): answer = look.page(title, main).answer(languageHeaders(request))
            case .goTo(let path): answer = .seeOther(path)
            case .file(let name, let bytes):
                answer = WebAnswer(
                    "application/octet-stream", bytes,
                    headers: Page.headers + [("Content-Disposition", "attachment; filename=\"\(Self.safe(name))\"")])
            }
        } catch {
            answer = look.problemPage(error).answer(languageHeaders(request))
        }
        answer.accesses = look.accesses
        answer.caller = visitor.caller.id
        return answer
    }
}

extension Problem {
    static let foreignForm = Problem(.forbidden, "foreign-form", "The form is not of this page, or too old")
}
