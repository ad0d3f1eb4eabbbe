import Answers
import Explanation
import Foundation
import HeatModel
import Mapping
import SQLiteStore
import Setup
import Store
import Testing
import Triage

/// Every question is asked at every door, and the documents are the same to the byte.
@Suite struct EveryDoorTests {
    /// What each question is asked with here. A new question does not compile without its line.
    private func arguments(_ kind: QuestionKind, _ scene: Scene) -> [String: ArgumentValue] {
        let number = ArgumentValue.text(scene.number)
        return switch kind {
        case .account, .workOrders: ["number": number, "as_of": .text("\(scene.run)")]
        case .trace: ["number": number, "field": .text("holder.name")]
        case .history: ["number": number, "stream": .text("billing.charges")]
        case .explanation:
            ["number": number, "season": .text("latest"), "versus": .text("tariff"), "on": .text("2026-01-20")]
        case .amountDue, .suspension: ["number": number, "on": .text("2026-01-20"), "lang": .text("en")]
        case .receipts: ["number": number, "plain": .flag(true)]
        case .refund: ["number": number, "rooms": .text("45.5"), "on": .text("2026-01-20")]
        case .triage: ["number": number, "on": .text("2026-01-20"), "lang": .text("en")]
        case .addresses: ["q": .text(scene.address), "limit": .integer(3)]
        case .phones: ["phone": .text(scene.phone)]
        case .binding: ["account_number": number, "id_last_six": .text(String(scene.identity.suffix(6)))]
        case .runs: ["stream": .text("billing.charges"), "limit": .integer(2)]
        case .quarantine: ["state": .text("all"), "limit": .integer(3)]
        case .quarantineEntry: ["id": .integer(1)]
        case .freshness: [:]
        case .orderRequest: ["number": number, "id": .integer(1), "lang": .text("en")]
        case .notices: ["number": number, "limit": .integer(5), "lang": .text("en")]
        case .accessLog: ["account": number, "limit": .integer(1)]
        case .actions: ["action": .integer(1)]
        case .noticeList: ["state": .text("all"), "limit": .integer(5)]
        case .events: ["account": number, "type": .text("order,outage.begun"), "limit": .integer(5)]
        case .conversations: ["account": number, "limit": .integer(1)]
        case .conversation: ["id": .integer(1)]
        case .handOffs: ["state": .text("all")]
        case .handOff: ["id": .integer(1)]
        case .insights: ["month": .text(scene.month)]
        }
    }

    /// The command with `--json` that asks the same, for the questions that have one beside `hearth ask`.
    private func command(_ kind: QuestionKind, _ scene: Scene) -> [String]? {
        let number = scene.number
        return switch kind {
        case .account: ["account", number, "--as-of", "\(scene.run)"]
        case .trace: ["trace", number, "holder.name"]
        case .history: ["history", number, "--stream", "billing.charges"]
        case .explanation: ["explain", number, "--versus", "tariff", "--on", "2026-01-20"]
        case .amountDue: ["money", "due", number, "--on", "2026-01-20", "--lang", "en"]
        case .receipts: ["money", "receipt", number, "--plain"]
        case .refund: ["money", "refund", number, "--rooms", "45.5", "--on", "2026-01-20"]
        case .suspension: ["money", "suspension", number, "--on", "2026-01-20", "--lang", "en"]
        case .triage: ["triage", number, "--on", "2026-01-20", "--lang", "en"]
        case .runs: ["runs", "billing.charges", "--limit", "2"]
        case .quarantine: ["quarantine", "list", "--state", "all", "--limit", "3"]
        case .quarantineEntry: ["quarantine", "show", "1"]
        case .freshness: ["status"]
        case .conversations: ["conversations", "list", "--account", number, "--limit", "1"]
        case .conversation: ["conversations", "show", "1"]
        case .handOffs: ["hand-offs", "list", "--state", "all"]
        case .handOff: ["hand-offs", "show", "1"]
        case .insights: ["insights", "--month", scene.month]
        case .workOrders, .addresses, .phones, .binding, .accessLog, .orderRequest, .events, .notices,
            .actions, .noticeList:
            nil
        }
    }

    private struct Scene {
        var number: String
        var identity: String
        var address: String
        var phone: String
        var run: Int64
        var month: String
    }

    private func scene(_ site: GatewaySite) throws -> Scene {
        let facts = try #require(try site.facts()[site.number])
        let phone = try #require((facts["holder_phones"] as? [String])?.first)
        let run = try site.store.read { try $0.runs(stream: nil, limit: 1).first?.id.number ?? 0 }
        return Scene(
            number: site.number, identity: site.identity,
            address: "\(facts["community"] ?? "")\(facts["building"] ?? "")号楼\(facts["room"] ?? "")", phone: phone,
            run: run, month: try talk(site))
    }

    /// A conversation of the account that waits for a person. Returns its month.
    private func talk(_ site: GatewaySite) throws -> String {
        let opened = try site.store.write { store in
            let made = try store.openConversation(
                account: site.number, channel: "web", language: "zh", isElderly: false, caller: "t")
            let turn = Turn(
                number: 0, speaker: .customer, at: made.openedAt, words: "热费怎么比别人高", intent: "explain", caller: "t")
            _ = try store.addTurn(turn, to: made.id)
            _ = try store.askHandOff(
                made.id, reason: "bill", afterTurn: 1, card: Array("{\"elderly\":false}".utf8), caller: "t")
            return made.openedAt
        }
        // On the company's clock.
        return String(Instant(microseconds: opened.microseconds, offsetMinutes: 480).description.prefix(7))
    }

    /// What the clock says is not part of what is the same.
    private func timeless(_ document: String) -> String {
        document.replacing(#/"now":"[^"]*"/#, with: "").replacing(
            #/"(age_seconds|store_bytes|waited_seconds)":\d+/#, with: "")
    }

    private func answer(
        _ kind: QuestionKind, _ arguments: [String: ArgumentValue], _ client: RawClient, _ token: String
    )
        async throws -> String
    {
        func text(_ value: ArgumentValue) -> String {
            switch value {
            case .text(let text): text
            case .integer(let number): String(number)
            case .flag(let flag): String(flag)
            case .objects: ""
            }
        }
        func encoded(_ value: ArgumentValue) -> String {
            text(value).addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        }
        let definition = kind.definition
        var path = definition.path
        for parameter in definition.pathParameters {
            let value = arguments[parameter.name] ?? .text("latest")
            path = path.replacing("{\(parameter.name)}", with: encoded(value))
        }
        let inPath = Set(definition.pathParameters.map(\.name))
        let query = definition.parameters.filter { !$0.isPrivate && !inPath.contains($0.name) }.compactMap {
            parameter in
            arguments[parameter.name].map { "\(parameter.name)=\(encoded($0))" }
        }
        if !query.isEmpty { path += "?" + query.joined(separator: "&") }
        let body = Dictionary(
            uniqueKeysWithValues: definition.parameters.filter(\.isPrivate).compactMap { parameter in
                arguments[parameter.name].map { (parameter.name, text($0)) }
            })
        let response =
            definition.method == .post
            ? try await client.post(path, String(decoding: JSONEncoder().encode(body), as: UTF8.self), token: token)
            : try await client.get(path, token: token)
        #expect(response.status == 200, "\(kind): \(response.text)")
        return response.text
    }

    /// The message that calls the question's tool.
    private func message(_ kind: QuestionKind, _ arguments: [String: ArgumentValue]) throws -> String {
        var json: [String: Any] = [:]
        for parameter in kind.definition.parameters {
            switch arguments[parameter.name] {
            case .text(let text)?: json[parameter.toolName] = text
            case .integer(let number)?: json[parameter.toolName] = number
            case .flag(let flag)?: json[parameter.toolName] = flag
            case .objects?: break
            case nil: break
            }
        }
        let call: [String: Any] = [
            "jsonrpc": "2.0", "id": kind.rawValue, "method": "tools/call",
            "params": ["name": kind.definition.tool, "arguments": json],
        ]
        return String(decoding: try JSONSerialization.data(withJSONObject: call, options: .sortedKeys), as: UTF8.self)
    }

    private func hearth(_ site: GatewaySite, _ arguments: [String], input: String = "") async throws -> String {
        let (status, output) = try await GatewaySite.run(
            GatewaySite.program, arguments + ["--config", site.configuration], input: input)
        #expect(
            status == 0 || (status == 1 && arguments.starts(with: ["quarantine", "list"])), "\(arguments): \(output)")
        return output
    }

    private func ask(_ kind: QuestionKind, _ arguments: [String: ArgumentValue]) -> [String] {
        ["ask", kind.definition.command]
            + arguments.sorted { $0.key < $1.key }.map { name, value in
                switch value {
                case .text(let text): "\(name)=\(text)"
                case .integer(let number): "\(name)=\(number)"
                case .flag(let flag): "\(name)=\(flag)"
                case .objects: name
                }
            }
    }

    @Test(arguments: [false, true]) func everyQuestionHasOneAnswer(isUnmasked: Bool) async throws {
        try await GatewaySite.with(by: .live) { site in
            let scene = try scene(site)
            try site.ask(for: scene.number)
            let client = site.client
            let token =
                isUnmasked
                ? try site.token(.assistant, .pii, .engineer, .auditor, .desk)
                : try site.newToken(.assistant, .engineer, .auditor, .desk)
            let configuration = try HearthConfiguration.load(path: site.configuration)
            let workspace = Workspace(
                configuration: configuration, mappings: try MappingSet.load(directory: configuration.mappings),
                store: site.store)
            let folder = URL(fileURLWithPath: site.configuration).deletingLastPathComponent().path
            let money = try MoneyAnswers.load(
                configuration: folder,
                settings: ExplanationSettings(
                    peers: configuration.peers, homeCity: configuration.homeCity,
                    staleAfterHours: configuration.staleAfterHours))
            let answerer = Answerer(
                store: site.store, mappings: workspace.mappings, log: AccessLogFolder(configuration.serve.accessLog),
                bindings: BindingGuard(perAccount: 5, perCaller: 60), money: money,
                triage: try TriageRules.loadIfAny(besides: configuration.path),
                refresh: { workspace.readAgain($0, $1, within: $2) }, instant: { workspace.instant(of: $0) }
            )
            let caller = Caller(
                id: "test", scopes: ScopeSet([.assistant, .engineer, .auditor, .desk] + (isUnmasked ? [.pii] : [])))
            let unmask = isUnmasked ? ["--unmask", "--reason", "test"] : []
            // The server learns of a new token within a second.
            while try await client.get("/v1/freshness", token: token).status == 401 {
                try await Task.sleep(for: .milliseconds(20))
            }
            let kinds = QuestionKind.allCases.filter { isUnmasked || $0 != .phones }
            var known: [QuestionKind: String] = [:]
            for kind in kinds {
                let arguments = arguments(kind, scene)
                let document = timeless(try await answer(kind, arguments, client, token))
                known[kind] = document

                var typed = Arguments()
                for (name, value) in arguments { typed[name] = value }
                let reply = answerer.reply(
                    to: try Question(kind, typed), for: Requester(caller, action: "test:\(kind)"))
                let own = try reply.result.get()
                #expect(timeless(String(decoding: own.json, as: UTF8.self)) == document, "\(kind) in process")
                #expect(reply.accesses.isEmpty || reply.accesses[0].action == "test:\(kind)")

                let tool = try await client.post("/mcp", message(kind, arguments), token: token).text
                #expect(
                    timeless(tool).contains("\"structuredContent\":\(document),\"isError\":false"),
                    "\(kind) as a tool: \(tool.prefix(2000))")
                let asked = try await hearth(site, ask(kind, arguments) + unmask)
                #expect(timeless(asked) == document + "\n", "\(kind) at the terminal")
                if let command = command(kind, scene) {
                    let hasClear =
                        ["account", "trace", "history"].contains(command[0])
                        || command.contains("show") && command[0] != "conversations"
                    let printed = try await hearth(site, command + ["--json"] + (hasClear ? unmask : []))
                    // Standard error may say how to see the rest.
                    let line = printed.prefix { $0 != "\n" }
                    #expect(timeless(String(line)) == document, "\(command)")
                }
            }
            let scopes = [Scope.assistant, .engineer, .auditor, .desk].flatMap { ["--scope", $0.rawValue] }
            let messages = try kinds.map { try message($0, arguments($0, scene)) }
            let lines = try await hearth(
                site, ["mcp"] + scopes + unmask,
                input: messages.joined(separator: "\n") + "\n"
            ).split(separator: "\n")
            #expect(lines.count == kinds.count)
            for (kind, line) in zip(kinds, lines) {
                // Asking the questions before it has added to it.
                if kind == .accessLog { continue }
                #expect(
                    timeless(String(line)).contains("\"structuredContent\":\(known[kind] ?? ""),\"isError\":false"),
                    "\(kind) over standard input: \(line.prefix(2000))")
            }
            try expectAccesses(kinds, configuration.serve.accessLog, isUnmasked: isUnmasked)
        }
    }

    /// Whichever door: who, what, which fields in clear.
    private func expectAccesses(_ kinds: [QuestionKind], _ folder: String, isUnmasked: Bool) throws {
        let entries = try AccessLogFolder(folder).entries(account: nil, after: nil, limit: 1000).entries.compactMap {
            try JSONSerialization.jsonObject(with: Data($0.json)) as? [String: Any]
        }
        func found(_ action: String, _ peer: String) -> [[String: Any]] {
            entries.filter { $0["action"] as? String == action && $0["peer"] as? String == peer }
        }
        for kind in kinds where kind.definition.concernsAccounts {
            let definition = kind.definition
            let doors = [
                (definition.path, "127.0.0.1"), ("mcp:" + definition.tool, "127.0.0.1"),
                ("mcp:" + definition.tool, "stdio"),
            ]
            for (action, peer) in doors { #expect(found(action, peer).count == 1, "\(action) \(peer)") }
            let terminal = entries.filter {
                ($0["action"] as? String)?.hasPrefix("cli:" + definition.command) == true
                    && $0["caller"] as? String == LocalAccess.user
            }
            #expect(!terminal.isEmpty, "\(kind)")
            let clear = Set(
                (doors.flatMap { found($0.0, $0.1) } + terminal).map { ($0["unmasked"] as? [String] ?? []).sorted() })
            // The commands about money show no personal data, nor does a binding.
            #expect(clear.count == 1 && (isUnmasked || clear == [[]]), "\(kind): \(clear)")
        }
    }
}
