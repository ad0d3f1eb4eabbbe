import Actions
import Answers
import Console
import Foundation
import Pages
import Reconciliation
import Records
import Setup
import Store
import Sync
import Testing

@testable import Gateway

/// A person's browser at the console of a gateway: it keeps cookies and sends forms as browsers do.
final class ConsoleBrowser {
    private let client: RawClient
    var cookies: [String: String] = [:]
    var fields: [String: String] = [:]

    init(_ site: GatewaySite) { client = site.client }

    /// The console over what a gateway serves, with entries mended as `hearth serve` does.
    static func doors(_ parts: ServedParts) throws -> [WebMount] { doors(parts, loginsPerMinute: 600) }

    /// - Parameters:
    ///   - loginsPerMinute: a test logs in more often than a person does.
    ///   - outputs: folder of reconciliations.
    ///   - configuration: its path.
    ///   - inUse: version of the mappings that the program reads by.
    ///   - replayAll: what replaying all entries of a reason does.
    ///   - document: makes another document of an answer's.
    static func doors(
        _ parts: ServedParts, _ settings: ChannelSettings.Console = .init(), loginsPerMinute: Int = 600,
        outputs: String = "/nothing/here",
        configuration: @escaping @Sendable () -> String = { "/nothing/here.yaml" },
        inUse: @escaping @Sendable (StreamName) -> String? = { _ in nil },
        replayAll: @escaping @Sendable (String, String?) throws -> ReplayResult = { _, _ in ReplayResult() },
        document: (@Sendable (QuestionKind, [UInt8]) -> [UInt8])? = nil
    ) -> [WebMount] {
        ConsoleDoor(
            settings,
            ways: .init(
                identify: parts.identify,
                ask: { question, requester in
                    var reply = parts.answerer.reply(to: question, for: requester)
                    if let document, case .success(var answer) = reply.result {
                        answer.json = document(question.kind, answer.json)
                        reply.result = .success(answer)
                    }
                    return reply
                },
                now: { parts.answerer.instant(nil) },
                sources: SourceDesk(store: parts.store, isCancelled: { false }, versionInUse: inUse) {
                    try HearthConfiguration.load(path: configuration())
                },
                audit: AuditDesk(store: parts.store, archive: nil, logFolders: [], gateway: nil),
                outputs: KeptOutputs(folder: outputs), outbox: Outbox(store: parts.store, systems: []),
                lag: { try Lag(of: parts.store) },
                mend: .init(
                    discard: { entry, note in
                        try parts.store.write {
                            try $0.setQuarantineState(QuarantineID(entry), .discarded, run: nil, note: note)
                        }
                    }, replay: { _ in false }, replayAll: replayAll,
                    choose: { account, entry, reason, person in
                        try parts.store.write { store in
                            let entry = QuarantineID(entry)
                            try MatchDecision.make(of: entry, account: account, reason: reason, by: person, in: store)
                            try store.setQuarantineState(entry, .replayed, run: nil, note: nil)
                        }
                        return true
                    })), keys: CookieKeys([]), rates: .init(ofProcess: 1000),
            isSecure: parts.isSecure, loginsPerMinute: loginsPerMinute
        ).mounts
    }

    private func send(_ method: String, _ path: String, _ body: [UInt8], _ more: [String: String]) async throws
        -> RawClient.Response
    {
        var all = fields.merging(more) { $1 }
        if !cookies.isEmpty {
            all["Cookie"] = cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        }
        let answer = try await client.request(method, path, fields: all, body: body)
        for line in (answer.fields["set-cookie"] ?? "").split(separator: "\n") {
            let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = line.contains("Max-Age=0") ? nil : String(pair[1])
        }
        return answer
    }

    func get(_ path: String, fields: [String: String] = [:]) async throws -> RawClient.Response {
        try await send("GET", path, [], fields)
    }

    func post(_ path: String, _ form: [String: String], fields: [String: String] = [:]) async throws
        -> RawClient.Response
    {
        let body = form.map { "\(FormBody.encoded($0.key))=\(FormBody.encoded($0.value))" }.joined(separator: "&")
        let type = ["Content-Type": WebMount.form]
        return try await send("POST", path, Array(body.utf8), type.merging(fields) { $1 })
    }

    /// Logs in from the page that a login is asked for at.
    @discardableResult
    func logIn(_ secret: String, at path: String = "/console", goal: String? = nil) async throws -> RawClient.Response {
        let page = try await get(path)
        return try await post(
            "/console",
            ["token": page.hidden("token"), "goal": goal ?? page.hidden("goal"), "secret": secret])
    }
}

extension RawClient.Response {
    /// The value of a field of the page's main part that nobody sees.
    func hidden(_ name: String) -> String {
        let main = text.components(separatedBy: "<main").last ?? ""
        let parts = main.components(separatedBy: "name=\"\(name)\" value=\"")
        return parts.count > 1 ? String(parts[1].prefix { $0 != "\"" }) : ""
    }

    /// What must be true of every page of the console, whatever it shows.
    func expectPage(_ what: String) {
        #expect(fields["content-type"] == "text/html; charset=utf-8" && isWhole, "\(what)")
        #expect(body.count <= 100_000, "\(what): \(body.count) bytes")
        let policy = fields["content-security-policy"] ?? ""
        #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe"), "\(what)")
        #expect(fields["cache-control"] == "no-store" && fields["x-frame-options"] == "DENY", "\(what)")
        for address in ["http://", "https://", "src=\"//", "href=\"//", "url(", "style=\"", "onclick", "javascript:"] {
            #expect(!text.contains(address), "\(what): \(address)")
        }
        #expect(text.contains("<html lang=") && text.contains("id=\"main\""), "\(what)")
        #expect(text.hasSuffix("</html>\n"), "\(what)")
    }
}
