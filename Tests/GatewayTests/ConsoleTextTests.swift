import Actions
import Answers
import Console
import Foundation
import HeatModel
import Pages
import Reconciliation
import Setup
import Synchronization
import Testing

@testable import Gateway

/// Whatever stands in the data, a page shows it as text.
@Suite struct ConsoleTextTests {
    /// A reconciliation of nothing but hostile text.
    private static let outputs = FileManager.default.temporaryDirectory
        .appendingPathComponent("hearth-hostile-\(UUID().uuidString)").path

    private static let hostile = #""'><hx onx='1'>&{}</script></title><!--"# + "\u{202E}\u{2066}\u{0}\r\n\u{FEFF}"

    /// The same document with every text replaced, or every other one, so that what hangs on a code is walked, too.
    private static func poisoned(_ value: Any, _ mayKeep: Bool, _ count: inout Int) -> Any {
        switch value {
        case let object as [String: Any]:
            return Dictionary(
                uniqueKeysWithValues: object.sorted { $0.key < $1.key }.map {
                    ($0.key, poisoned($0.value, mayKeep, &count))
                })
        case let list as [Any]: return list.map { poisoned($0, mayKeep, &count) }
        case let text as String:
            count += 1
            return mayKeep && count % 2 == 0 ? text : hostile
        default: return value
        }
    }

    @Test func hostileTextInEveryFieldStaysText() async throws {
        let evil = Self.hostile
        try HandmadeOutput.write(
            ["ab", "1", evil, evil, evil, evil, "true", "123", evil, evil, evil, evil, evil, evil]
                + ["billing.x\(evil)#\(evil) (run 4, \(evil) 17); +3"], into: Self.outputs + "/a'\"<hx>")
        defer { try? FileManager.default.removeItem(atPath: Self.outputs) }
        let made = Mutex<[WebMount]>([])
        let mayKeep = Mutex(false)
        try await GatewaySite.with(doors: { parts in
            let door = ConsoleDoor(
                .init(),
                ways: .init(
                    identify: { _ in Caller(id: Self.hostile, scopes: ScopeSet(Scope.allCases)) },
                    ask: { question, requester in
                        var reply = parts.answerer.reply(to: question, for: requester)
                        if case .success(var document) = reply.result,
                            let value = try? JSONSerialization.jsonObject(with: Data(document.json))
                        {
                            var count = 0
                            let other = Self.poisoned(value, mayKeep.withLock(\.self), &count)
                            document.json = Array((try? JSONSerialization.data(withJSONObject: other)) ?? Data())
                            reply.result = .success(document)
                        }
                        return reply
                    }, now: { parts.answerer.instant(nil) },
                    sources: SourceDesk(store: parts.store, isCancelled: { false }, versionInUse: { _ in nil }) {
                        try HearthConfiguration.load(path: "/nothing/here.yaml")
                    },
                    audit: AuditDesk(store: parts.store, archive: nil, logFolders: [], gateway: nil),
                    outputs: KeptOutputs(folder: Self.outputs), outbox: Outbox(store: parts.store, systems: []),
                    mend: .init(
                        discard: { _, _ in }, replay: { _ in false },
                        replayAll: { _, _ in throw HearthError(.init(Self.hostile), Self.hostile) },
                        choose: { _, _, _, _ in false })), keys: CookieKeys([]),
                rates: .init(ofProcess: 1000), isSecure: true)
            made.withLock { $0 = door.mounts }
            return door.mounts
        }) { site in
            try site.quarantine(2)
            try site.ask(for: site.number)
            try site.planNotice()
            let browser = ConsoleBrowser(site)
            #expect(try await browser.logIn("any").status == 303)
            let evil = FormBody.encoded(Self.hostile)
            for keeps in [false, true] {
                mayKeep.withLock { $0 = keeps }
                for path in [
                    "/console", "/console/runs", "/console/runs/1", "/console/quarantine", "/console/quarantine/1",
                    "/console/quarantine?state=all", "/console/account?number=\(site.number)",
                    "/console/account?number=\(site.number)&versus=previous",
                    "/console/trace?number=\(site.number)&field=holder_name", "/console/history?number=\(site.number)",
                    "/console/reconciliation", "/console/reconciliation/findings", "/console/reconciliation/finding?id=ab",
                    "/console/reconciliation?output=\(evil)", "/console/reconciliation/findings?rule=\(evil)",
                    "/console/reconciliation/compare?before=\(evil)&after=\(evil)&kind=\(evil)",
                    "/console/reconciliation/download?file=\(evil)",
                    "/console/actions", "/console/actions?action=1", "/console/notices", "/console/audit",
                    "/console/actions?state=\(evil)", "/console/notices?rule=\(evil)&state=all",
                    "/console/access", "/console/access?account=\(evil)", "/console/account?number=\(evil)",
                    "/console/runs?stream=\(evil)", "/console/quarantine?code=\(evil)&state=all",
                    "/console/trace?number=\(evil)&field=\(evil)", "/console/nothing/\(evil)", "/console?lang=\(evil)",
                    "/console/runs/\(evil)", "/console/account?number=\(site.number)&as_of=\(evil)",
                ] {
                    for language in ["zh", "en"] {
                        let page = try await browser.get(path, fields: ["Accept-Language": language])
                        let text = page.text
                        for mark in ["<hx", "onx='1'", "\u{202E}", "\u{2066}", "\u{0}", "\u{FEFF}", "<!--"] {
                            #expect(!text.contains(mark), "\(path) as \(keeps): \(mark.debugDescription)")
                        }
                        #expect(text.components(separatedBy: "<script").count <= 2, "\(path)")
                        if page.status == 200, page.fields["content-type"]?.hasPrefix("text/html") == true {
                            #expect(
                                text.contains("&lt;hx onx=&#39;1&#39;&gt;"), "\(path): the text is not there at all")
                            #expect(page.body.count <= 100_000, "\(path): \(page.body.count)")
                        }
                    }
                }
            }
            // What a form brings is no better.
            let token = try await browser.get("/console/account").hidden("token")
            let found = try await browser.post("/console/find", ["wanted": Self.hostile, "token": token])
            #expect(!found.text.contains("<hx"))
        }
    }
}
