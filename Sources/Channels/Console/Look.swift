import Answers
import HeatModel
import Pages

/// One page that is being made: who looks, in which language, and what was looked at for it.
struct Look {
    let door: ConsoleDoor
    let visitor: Visitor
    let say: Tongue
    let request: WebRequest
    let now: Instant
    private(set) var accesses: [Access] = []

    init(door: ConsoleDoor, visitor: Visitor, say: Tongue, request: WebRequest) {
        self.door = door
        self.visitor = visitor
        self.say = say
        self.request = request
        now = door.ways.now()
    }

    func may(_ kind: QuestionKind) -> Bool { kind.definition.allows(visitor.caller) }
    /// Whether any one of these is the visitor's.
    func may(_ scopes: [Scope]) -> Bool { !ScopeSet(scopes).isDisjoint(with: visitor.caller.scopes) }

    mutating func ask(_ kind: QuestionKind, _ arguments: Arguments = [:]) throws(Problem) -> DocumentValue {
        let requester = Requester(visitor.caller, action: "console:" + kind.definition.command)
        let reply = door.ways.ask(try Question(kind, arguments), requester)
        accesses += reply.accesses
        return DocumentValue(try reply.result.get().json)
    }

    /// Of a part of a page, which stands beside others: what it is made of, or why there is none.
    mutating func part(
        _ kind: QuestionKind, _ arguments: Arguments = [:], _ make: (DocumentValue) -> Fragment
    ) -> Fragment {
        do throws(Problem) {
            return make(try ask(kind, arguments))
        } catch {
            return "<p class=\"missing\">\(words(of: error))</p>"
        }
    }

    mutating func note(_ access: Access) { accesses.append(access) }

    /// An argument of the query that is a text; nil where it is not there or empty.
    func query(_ name: String) -> ArgumentValue? {
        request.query[name].flatMap { $0.isEmpty ? nil : .text($0) }
    }

    /// Arguments of the query under the names that questions have for them.
    func arguments(_ names: String...) -> Arguments {
        var arguments = Arguments()
        for name in names { if let value = query(name) { arguments[name] = value } }
        return arguments
    }

    func time(_ value: DocumentValue) -> Fragment { "<time>\(Tongue.time(value, now))</time>" }

    func link(_ path: String, _ query: [(String, String)], _ words: String) -> Fragment {
        let address =
            path + (query.isEmpty ? "" : "?")
            + query.map { $0.0 + "=" + FormBody.encoded($0.1) }.joined(separator: "&")
        return "<a href=\"\(address)\">\(words)</a>"
    }

    func streamLink(_ name: String?) -> Fragment { name.map { link("/console/runs", [("stream", $0)], $0) } ?? "–" }
    func runLink(_ run: DocumentValue) -> Fragment {
        run.integer.map { may(.runs) ? "<a href=\"/console/runs/\($0)\">\($0)</a>" : "\($0)" } ?? "–"
    }

    /// What is said where not all is shown.
    func cut(_ shown: Int, of all: Int, _ rest: Fragment) -> Fragment {
        shown >= all
            ? "" : "<p class=\"cut\">\(say("显示 \(all) 条中的 \(shown) 条。", "\(shown) of \(all) are shown.")) \(rest)</p>"
    }

    // MARK: The frame

    func page(_ title: String, _ main: Fragment) -> Page { door.frame(title, main, say, self, request) }

    func problemPage(_ problem: Problem) -> Page {
        var page = page(
            say("没有办成", "It could not be done"),
            """
            <h2>\(say("没有办成", "It could not be done"))</h2><p role="alert" class="note">\(words(of: problem))</p>\
            <p class="code">\(problem.code) · \(request.requestID)</p>\(original(problem))<p><a href="/console">\(say("回到首页", "To the first page"))</a></p>
            """)
        page.status =
            switch problem.category {
            case .unknown: 404
            case .gone: 410
            case .unauthorized, .forbidden: 403
            case .malformed, .mismatch: 400
            case .conflict: 409
            case .limited: 429
            case .unavailable: 503
            case .door(let status): status
            case .failed: 500
            }
        return page
    }

    /// What a problem says of itself, in small, where the page says it in other words.
    private func original(_ problem: Problem) -> Fragment {
        guard say == .chinese, known(problem) == nil else { return "" }
        let words = [problem.title, problem.detail].compactMap(\.self).joined(separator: ": ")
        return "<p lang=\"en\"><small>\(words)</small></p>"
    }

    /// Why a record waits or a run failed: what its code means, with the message beside in small; the message alone where that says it.
    func why(_ message: String?, _ code: String?) -> Fragment {
        guard let meaning = say.meaning(of: code) else { return .text(message) }
        return "\(meaning) <small lang=\"en\">\(message ?? "")</small>"
    }

    /// The same of a message with its code in brackets at its end: `is not a date [record.badDate]`.
    func why(_ message: String) -> Fragment {
        guard message.hasSuffix("]"), let open = message.lastIndex(of: "[") else { return "\(message)" }
        return why(message, String(message[message.index(after: open)...].dropLast()))
    }

    /// What is wrong, and what to do.
    func words(of problem: Problem) -> String {
        if let words = known(problem) { return say(words.chinese, words.english) }
        if problem.code == "invalid-parameter" {
            let detail = problem.detail ?? problem.title
            return say(
                "填写的内容不对:\(say.meaning(ofParameter: detail) ?? detail)。请改正后再试。",
                "What was given is wrong: \(detail). Correct it and try again.")
        }
        let text = [problem.title, problem.detail].compactMap(\.self).joined(separator: ": ")
        let meaning = say.meaning(of: problem.underlying?.code.name) ?? self.meaning(of: problem.category)
        return say(
            "没有办成:\(meaning)。请稍后再试;还是不行,把下面的编号告诉管理员。",
            "\(text). Try again later; if it stays so, tell whoever runs Hearth the number below.")
    }

    /// What a problem of a known kind comes to, and what to do.
    private func known(_ problem: Problem) -> (chinese: String, english: String)? {
        let needed = problem.detail ?? ""
        let scopes = needed.replacing("needed:", with: "需要").replacing(" or ", with: " 或 ")
        let known: [String: (String, String)] = [
            "forbidden": (
                "这个令牌的权限不够(\(scopes))。请用有权限的令牌登录。",
                "The token does not allow this (\(needed)). Log in with one that does."
            ),
            "unknown-account": (
                "没有这个户号。请核对前导零;新户要等下一次同步。",
                "There is no account of this number. Check its leading zeros; a new one comes with the next sync."
            ),
            "unknown-entry": (
                "隔离区里没有这个编号。请从隔离列表里选。", "The quarantine has no entry of this number. Choose one from its list."
            ),
            "unknown-run": ("没有这个编号的运行。请从运行列表里选。", "There is no run of this number. Choose one from the list of runs."),
            "unknown-stream": ("没有这个数据流。请从首页里选。", "There is no stream of this name. Choose one from the first page."),
            "unknown-field": ("没有这个字段。请从账户页面里点一个值。", "There is no such field. Choose a value on the account's page."),
            "not-stated": ("没有一条记录写了这个字段。", "No record of the account states this field."),
            "rate-limited": (
                "看得太快了,请等 \(problem.retryAfter ?? 1) 秒再试。",
                "Too many pages; try again in \(problem.retryAfter ?? 1) seconds."
            ),
            "store-busy": ("数据库正忙,请过一会儿再试。", "The store is busy; try again in a moment."),
            "store-unavailable": (
                "现在读不到数据库,请联系管理员看 /readyz。", "The store cannot be read now; whoever runs Hearth finds why at /readyz."
            ),
            "entry-settled": ("这条记录已经处理过了。", "The entry has been dealt with already."),
            "entry-changed": (
                "打开页面以后这条记录有了变化,什么也没有做。请再看一次。",
                "The entry has changed since its page was made; nothing was done. Look at it again."
            ),
            "no-entries": ("没有因此等待的记录了。", "No entry waits for this reason any more."),
            "entry-not-mended": (
                "没有处理成(\(say.meaning(of: problem.detail) ?? problem.detail ?? ""))。可能正在同步这个数据流,请过一会儿再试。",
                "It could not be dealt with (\(problem.detail ?? "")). A sync may be at work on the stream; try again in a moment."
            ),
            "unknown-output": (
                "没有这次对账的结果或文件。请从对账页面里选。", "There is no such output of a reconciliation. Choose one from its page."
            ),
            "unknown-finding": (
                "这次对账里没有这个编号的发现。请从列表里选。", "The output has no finding of this id. Choose one from the list."
            ),
            "altered-output": (
                "这次对账的文件与它的清单不符,可能被改动过,所以不显示。请查清是谁改的,再重新对账到另一个目录。",
                "The file is not what its manifest says: it may have been altered, and is not shown. Find out who did it, and reconcile again into another folder."
            ),
            "output-too-large": (
                "文件太大,浏览器里不一次送出。请从服务器上对账的目录里拷贝。",
                "The file is too large to be sent at once. Copy it from the folder of the reconciliation on the server."
            ),
            "bad-output": (
                "findings.csv 不是对账写出的样子,所以不显示。请重新对账到另一个目录。",
                "findings.csv is not as a reconciliation writes it, and is not shown. Reconcile again into another folder."
            ),
            "unknown-action": (
                "没有这个编号的动作。请从动作列表里选。", "There is no action of this number. Choose one from the list."
            ),
            "action-changed": (
                "打开页面以后这个动作有了变化,什么也没有做。请回到动作页面,看了现状再决定。",
                "The action has changed since its page was made; nothing was done. Look at it again, then decide."
            ),
            "action-not-open": (
                "这个动作已经了结,或者正在发送,什么也没有做。请过一会儿再看。",
                "The action is settled, or is being sent just now; nothing was done. Look again in a moment."
            ),
            "applying-off": (
                "配置里没有允许在这里应用映射(channels: {console: {applyMappings: true}}),什么也没有写。",
                "The configuration does not let mappings be applied here (channels: {console: {applyMappings: true}}); nothing was written."
            ),
            "mapping-changed": (
                "打开页面以后映射文件有了变化,什么也没有写。请再看现在的文件,在那上面改。",
                "The mapping file has changed since it was shown; nothing was written. Look at it as it is now, and make the change in that."
            ),
            "not-planned": (
                "这个草稿的计划已经不是最后一个,什么也没有写。请再做一次计划,然后应用。",
                "The last plan is not of this draft any more; nothing was written. Plan it again, then apply it."
            ),
            "foreign-form": (
                "这个表单不是本页的,或者已经过期,什么也没有做。请回到页面再试一次。",
                "The form is not of this page, or too old; nothing was done. Go back to the page and try again."
            ),
        ]
        return known[problem.code]
    }

    private func meaning(of category: Problem.Category) -> String {
        switch category {
        case .unknown: "没有找到"
        case .gone: "已经不在了"
        case .unauthorized, .forbidden: "没有权限"
        case .malformed, .mismatch: "填写的内容不对"
        case .conflict: "现在的状态不允许"
        case .limited: "太频繁了"
        case .unavailable: "现在用不了"
        case .door, .failed: "内部出错"
        }
    }
}

extension ConsoleDoor {
    /// - Parameter look: nil where nobody has come in.
    func frame(_ title: String, _ main: Fragment, _ say: Tongue, _ look: Look?, _ request: WebRequest) -> Page {
        let other = say.other
        var body: Fragment = """
            <a class="skip" href="#main">\(say("跳到内容", "To the content"))</a>\
            <header><h1><a href="/console">Hearth</a></h1>
            """
        if let look {
            let places: [(path: String, words: String, isOpen: Bool)] = [
                ("/console", say("今天", "Today"), true),
                ("/console/runs", say("运行", "Runs"), look.may(.runs)),
                ("/console/quarantine", say("隔离", "Quarantine"), look.may(.quarantine)),
                ("/console/account", say("账户", "Accounts"), look.may(.account)),
                ("/console/reconciliation", say("对账", "Reconciliation"), look.may(Look.reconcilers)),
                ("/console/sources", say("数据源", "Sources"), look.may(Look.engineers)),
                ("/console/actions", say("动作", "Actions"), look.may(.actions)),
                ("/console/notices", say("通知", "Notices"), look.may(.noticeList)),
                ("/console/audit", say("审计链", "Audit chain"), look.may(Look.auditors)),
                ("/console/access", say("访问记录", "Access"), look.may(.accessLog)),
                (ways.desk ?? "", say("坐席台", "Desk"), ways.desk != nil && look.may([.desk])),
            ]
            let links = places.filter(\.isOpen).map { place($0.path, $0.words, request) }
            body += "<nav aria-label=\"\(say("主要页面", "Main pages"))\">\(links)</nav>"
        }
        body +=
            """
            <div class="own"><a href="\(request.address(in: other, orTo: Self.path))" lang="\(other.tag)" \
            hreflang="\(other.tag)">\(other.name)</a>
            """
        if let look {
            body += """
                <form method="post" action="/console/leave">\(.hidden("token", formToken(look.visitor)))\
                <span>\(look.visitor.caller.id)</span><button class="quiet">\(say("退出", "Log out"))</button></form>
                """
        }
        body += "</div></header><main id=\"main\">\(main)</main>"
        var page = Page(
            "\(title) · Hearth", style: Self.path + "/console.css", script: Self.path + "/console.js", body: body.html)
        page.language = say.tag
        return page
    }

    private func place(_ path: String, _ words: String, _ request: WebRequest) -> Fragment {
        let isHere = path == Self.path ? request.path == path : request.path.hasPrefix(path)
        return isHere ? "<a href=\"\(path)\" aria-current=\"page\">\(words)</a>" : "<a href=\"\(path)\">\(words)</a>"
    }
}
