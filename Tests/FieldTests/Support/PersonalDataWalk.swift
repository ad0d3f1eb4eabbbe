import Foundation
import HearthTesting
import HeatModel
import Testing

enum PersonalFields {
    static let names = Set(MarkedCompany.entities.flatMap(\.fields).filter(\.isPersonal).map(\.name)).sorted()
}

/// Goes through the doors of one company and keeps what it finds.
final class PersonalDataWalk {
    private let site: FieldSite
    var leaks: [String] = []
    var notWalked: [String] = []
    var documents = 0

    init(_ site: FieldSite) { self.site = site }

    private func look(at text: String, _ door: String) {
        documents += 1
        if let leak = MarkedCompany.leak(in: text) { leaks.append("\(door): \(leak)") }
    }

    @discardableResult
    func run(_ command: [String]) async throws -> Program.Ending {
        let ending = try await Program.run(
            ["120", Program.path] + command, executable: "/usr/bin/timeout", environment: ["USER": "walker"],
            directory: site.folder)
        let door = "hearth " + command.joined(separator: " ")
        look(at: ending.output + ending.errors, door)
        if ending.isSignalled || ending.status == 2 { notWalked.append("\(door): \(ending.errors)") }
        return ending
    }

    // MARK: The command line

    /// What each command is given: nothing where it is walked elsewhere, has a company of its own or shows what is pulled on purpose.
    private static func arguments(of command: String, before: Bool) -> [[String]]? {
        let number = MarkedCompany.number
        switch (command, before) {
        case ("check", true), ("discover", true), ("plan", true): return [[]]
        case ("suggest", true): return [[], ["m", "--rows", "40"]]
        case ("preview", true): return MarkedCompany.entities.map { ["m.\($0.rawValue)", "--rows", "40"] }
        case ("token create", true): return [["--name", "walker", "--scope", "assistant"]]
        case ("reconcile", _): return [["--out", before ? "one" : "two"]]
        case ("runs", false): return [[]] + (1...4).map { ["\($0)"] }
        case ("status", false), ("quarantine list", false), ("audit verify", false),
            ("token list", false), ("actions list", false), ("webhooks list", false):
            return [[]]
        case ("doctor", false): return [[], ["--deep"]]
        case ("state", false): return [["m.premises"], ["m.workOrder"]]
        case ("quarantine show", false): return stride(from: 1, through: 33, by: 2).map { ["\($0)"] }
        case ("quarantine replay", false): return [[]]
        // It shows the numbers that it is given.
        case ("quarantine choose", _): return []
        case ("quarantine discard", false): return [["1", "--note", "test"]]
        case ("events", false): return [["--limit", "1000"], ["--account", number]]
        // The company has no subscriber: what is sent to one is masked in WebhooksTests.
        case ("webhooks show", _), ("webhooks replay", _), ("webhooks enable", _): return []
        case ("account", false): return [[number], [number, "--as-of", "1"], ["00009999"]]
        case ("history", false): return [[number]]
        // Its questions are those of the other doors.
        case ("ask", false): return [[], ["account", "number=\(number)"], ["history", "number=\(number)"]]
        case ("trace", false): return PersonalFields.names.map { [number, $0] } + [[number, "community"]]
        case ("explain", false):
            return ["peers", "previous", "tariff"].map { [number, "2025-2026", "--versus", $0] } + [
                [number, "--plain"]
            ]
        case ("money due", false), ("money rise", false), ("money refund", false), ("money receipt", false),
            ("money suspension", false), ("triage", false):
            return [[number]]
        case ("replay", false): return [["--plan"]]
        case ("diff", false):
            return [["one", "two"], ["one", "two", "--csv"], ["--view", "--as-of", "1", "--as-of", "now"]]
        // No system takes it; what is said where one does is walked in FaultDoorTests.
        case ("report-fault", false): return [[number, "--kind", "leak", "--key", "k"]]
        case ("conversations list", false), ("hand-offs list", false): return [[]]
        case ("conversations show", false), ("hand-offs show", false): return [["1"]]
        case ("conversations open", false): return [["--channel", "phone", "--account", number, "--key", "c"]]
        case ("conversations say", false): return [["1", "--who", "customer", "--words", "家里冷", "--key", "s"]]
        case ("conversations forget", false), ("actions forget", false): return [[]]
        case ("hand-offs ask", false): return [["1", "--why", "asked", "--key", "h"]]
        case ("hand-offs claim", false): return [["1", "--key", "l"]]
        case ("hand-offs reply", false): return [["1", "--words", "您好", "--key", "r"]]
        case ("hand-offs close", false): return [["1", "--outcome", "resolved", "--key", "x"]]
        case ("feedback", false): return [["1", "--score", "5", "--key", "f"]]
        case ("insights", false): return ["2026-11", "2026-12"].map { ["--month", $0] }
        // They ask files of knowledge alone, and no store.
        case ("knowledge check", _), ("knowledge try", _), ("knowledge test", _): return []
        // What it suggests are words of the record, which were masked before they were kept; SuggestTests walks it.
        case ("knowledge suggest", _): return []
        // A customer shows what customers are shown: AssistantTests looks for what is not theirs.
        case ("chat", _): return []
        // They copy, and show counts.
        case ("store copy", _), ("backup", _), ("restore", _): return []
        case ("request-suspension", false): return [[number, "--from", "2030-11-01", "--key", "k-suspension"]]
        case ("follow-up", false): return [[number, "WX0", "well", "--key", "k"]]
        case ("notices opt-out", false): return [[number, "--key", "k-opt-out"]]
        case ("notices plan", false): return [["--on", "2025-12-28"], ["--on", "2025-12-31", "--json"]]
        case ("notices list", false): return [[], ["--json"]]
        // Nothing is told where nothing is sent; what a notice shows is in NoticeKillTests.
        case ("notices show", _), ("notices retry", _), ("notices drop", _), ("notices run", _),
            ("notices simulate", _):
            return []
        // The company has no system that may be written; what they show of one is walked in ActionCommandTests.
        case ("actions show", _), ("actions submit", _), ("actions retry", _), ("actions drop", _), ("actions run", _):
            return []
        case ("sync", _), ("serve", _), ("mcp", _), ("init", _), ("import wsdl", _), ("demo", _), ("token revoke", _),
            ("demo-dispatch", _),
            ("audit export", _),
            ("help", _):
            return []
        default: return nil
        }
    }

    /// Every command that the program has, as text and as JSON.
    func commands(before: Bool) async throws {
        let help = try await run(["--experimental-dump-help"]).json() as? [String: Any]
        let root = try #require(help?["command"] as? [String: Any])
        for (name, takesJSON) in Self.leaves(of: root, path: []) {
            guard let given = Self.arguments(of: name, before: before) else {
                if Self.arguments(of: name, before: !before) == nil { notWalked.append("hearth \(name)") }
                continue
            }
            let command = name.split(separator: " ").map(String.init)
            for arguments in given {
                try await run(command + arguments)
                if takesJSON, !arguments.contains("--csv") { try await run(command + arguments + ["--json"]) }
            }
        }
    }

    private static func leaves(of command: [String: Any], path: [String]) -> [(name: String, takesJSON: Bool)] {
        let subcommands = command["subcommands"] as? [[String: Any]] ?? []
        if subcommands.isEmpty {
            let options = (command["arguments"] as? [[String: Any]] ?? []).flatMap {
                $0["names"] as? [[String: Any]] ?? []
            }
            return [(path.joined(separator: " "), options.contains { $0["name"] as? String == "json" })]
        }
        return subcommands.flatMap { leaves(of: $0, path: path + [$0["commandName"] as? String ?? ""]) }
    }

    /// What a store built from the archive would change, once a mapping reads personal fields from other columns.
    func replayed() async throws {
        let path = "Mappings/m.premises.yaml"
        let mapping = try String(contentsOfFile: "\(site.folder)/\(path)", encoding: .utf8)
        let names = PersonalFields.names.filter { mapping.contains("  \($0): {column: ") }
        #expect(names.count > 1)
        let lines = mapping.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            names.contains { line.hasPrefix("  \($0): ") }
                ? String(line.replacing(/column: [a-z_]+/, with: "column: contact")) : String(line)
        }
        try site.write(path, lines.joined(separator: "\n"))
        for form in [[], ["--json"]] {
            let plan = try await run(["replay", "--plan", "--show", "50"] + form)
            #expect(plan.status == 1 && plan.output.contains("holder_"), "\(plan.output) \(plan.errors)")
        }
        try site.write(path, mapping)
    }

    // MARK: HTTP

    /// A server while `body` runs; everything that it says is looked at.
    private func served(_ body: (_ address: String) async throws -> Void) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = ["serve", "--log-level", "debug"]
        process.environment = ["PATH": "/usr/bin:/bin"]
        process.currentDirectoryURL = URL(fileURLWithPath: site.folder)
        let log = site.folder + "/serve.log"
        try Data().write(to: URL(fileURLWithPath: log))
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
            look(at: (try? String(contentsOfFile: log, encoding: .utf8)) ?? "", "the log of hearth serve")
        }
        var address: Substring?
        for _ in 0..<200 where address == nil {
            try await Task.sleep(for: .milliseconds(50))
            let text = try String(contentsOfFile: log, encoding: .utf8)
            address = text.split(separator: "\n").first { $0.hasPrefix("listening on ") }?.dropFirst(13)
        }
        try await body(String(try #require(address)))
    }

    private func token(_ scopes: [String]) async throws -> String {
        let made = try await run(
            ["token", "create", "--json", "--name", "walker"] + scopes.flatMap { ["--scope", $0] }
        ).json()
        return try #require((made as? [String: Any])?["token"] as? String)
    }

    private func curl(_ arguments: [String], _ door: String) async throws -> String {
        let ending = try await Program.run(
            ["-s", "-i", "--compressed", "--max-time", "60"] + arguments, executable: "/usr/bin/curl", environment: [:],
            directory: site.folder)
        look(at: ending.output, door)
        return ending.output
    }

    /// Values of path and query parameters, by name; one without is not walked.
    private static func values(of name: String) -> [String]? {
        switch name {
        case "number", "account_number", "account": [MarkedCompany.number]
        case "season": ["2025-2026"]
        case "field": PersonalFields.names + ["community", "due"]
        case "q", "address": ["阳光花园3号楼1单元1"]
        case "id": (1...33).map { "\($0)" }
        case "phone": ["02412345678"]
        case "kind": ["leak"]
        case "order": ["WX0"]
        case "answer": ["well"]
        case "from": ["2030-11-01"]
        case "idempotency_key": ["k"]
        case "id_last_six": ["123456"]
        case "channel": ["phone"]
        case "who": ["customer"]
        case "words": ["冷"]
        case "why": ["asked"]
        case "outcome": ["resolved"]
        case "conversation": ["1"]
        case "month": ["2026-11"]
        default: nil
        }
    }

    /// Every path of the OpenAPI document, with each scope that is not `pii`, and with none.
    func http() async throws {
        let scopes = [
            ["assistant"], ["engineer"], ["auditor"], ["desk"], ["assistant", "engineer", "auditor", "desk"],
        ]
        var tokens: [String] = ["none"]
        for names in scopes { tokens.append(try await token(names)) }
        let all = try await token(["assistant", "engineer", "auditor", "desk", "pii"])
        try await served { address in
            let document = try await curl([address + "/openapi.yaml"], "GET /openapi.yaml")
            var (path, count, answered) = ("", 0, Set<String>())
            for line in document.split(separator: "\n").map({ $0.trimmingCharacters(in: .newlines) }) {
                if line.hasPrefix("  /"), line.hasSuffix(":") { path = String(line.dropFirst(2).dropLast()) }
                guard ["    get:", "    post:"].contains(line) else { continue }
                let isPost = line == "    post:"
                guard let targets = targets(path, isPost: isPost) else {
                    notWalked.append("\(line) \(path)")
                    continue
                }
                if targets.paths.isEmpty { continue }
                count += 1
                for (index, token) in tokens.enumerated() {
                    let answer = try await curl(
                        targets.paths.map { address + $0 } + ["-H", "Authorization: Bearer \(token)"]
                            + (targets.body.map {
                                [
                                    "-H", "Content-Type: application/json", "-H", "Idempotency-Key: \"k\(path)\"", "-d",
                                    $0,
                                ]
                            } ?? []),
                        "\(isPost ? "POST" : "GET") \(path) as caller \(index)")
                    documents += targets.paths.count - 1
                    if answer.contains(" 200 OK") { answered.insert(line + path) }
                }
            }
            for (index, token) in tokens.enumerated() {
                let isRefused = index == 0 || !scopes[index - 1].contains("assistant")
                try await assistant("MCP over HTTP as caller \(index)", isRefused: isRefused) { message in
                    let answer = try await curl(
                        [
                            address + "/mcp", "-H", "Authorization: Bearer \(token)", "-H",
                            "Content-Type: application/json", "-H", "Accept: application/json, text/event-stream",
                            "-d", message,
                        ], "POST /mcp as caller \(index)")
                    return answer.split(separator: "\r\n\r\n", maxSplits: 1).last.map(String.init) ?? ""
                }
            }
            // No system takes repair orders, so none was asked for, and none is done.
            #expect(count > 15 && answered.count >= count - 6, "\(answered.sorted()) of \(count) answered")
            try await console(address, tokens.dropFirst() + [all])
            // The same questions show it all to a caller who may see it.
            let clear = try await Program.run(
                ["-s", "\(address)/v1/accounts/\(MarkedCompany.number)", "-H", "Authorization: Bearer \(all)"],
                executable: "/usr/bin/curl", environment: [:], directory: site.folder)
            #expect(MarkedCompany.leak(in: clear.output) != nil)
        }
    }

    /// Every page of the console that a page leads to, for each of its callers; of the last, who may see it all, only that it does.
    private func console(_ address: String, _ tokens: [String]) async throws {
        for (index, token) in tokens.enumerated() {
            let isShown = index == tokens.count - 1
            let jar = "\(site.folder)/console-\(index).txt"
            func page(_ path: String, _ more: [String] = []) async throws -> String {
                let ending = try await Program.run(
                    ["-s", "-i", "--compressed", "--max-time", "60", "-b", jar, "-c", jar, address + path] + more,
                    executable: "/usr/bin/curl", environment: [:], directory: site.folder)
                if !isShown { look(at: ending.output, "\(path) as caller \(index)") }
                return ending.output
            }
            var entered = ""
            // Logins of one address are bounded: who is told to wait a little waits.
            for _ in 0..<60 where !entered.contains(" 303 ") {
                if !entered.isEmpty { try await Task.sleep(for: .seconds(1)) }
                let form = try await page("/console").components(separatedBy: "name=\"token\" value=\"").last ?? ""
                entered = try await page(
                    "/console",
                    ["--data-urlencode", "token=\(form.prefix { $0 != "\"" })", "--data-urlencode", "secret=\(token)"])
            }
            #expect(entered.contains(" 303 "), "\(entered)")
            var open = ["/console", "/console/quarantine?state=all", "/console/access"]
            open.append("/console/account?number=\(MarkedCompany.number)")
            open += ["/console/account?number=\(MarkedCompany.number)&as_of=1", "/console/account?number=0"]
            var known = Set(open)
            var clear = ""
            var walked: Set<String> = []
            while !open.isEmpty, walked.count < 300 {
                let path = open.removeFirst()
                walked.insert(path)
                let text = try await page(path)
                #expect(!text.hasPrefix("HTTP/1.1 500") && text.contains("</html>"), "\(path): \(text.prefix(200))")
                clear += text
                for link in text.components(separatedBy: "href=\"/console").dropFirst() {
                    let next = "/console" + String(link.prefix { $0 != "\"" }).replacing("&amp;", with: "&")
                    if next.contains("lang=") || next.hasSuffix(".css") || !known.insert(next).inserted { continue }
                    open.append(next)
                }
            }
            #expect(walked.count > 2)
            if isShown {
                #expect(MarkedCompany.leak(in: clear) != nil)
                for part in ["/console/runs/", "/console/quarantine/", "/console/trace", "/console/history"] {
                    #expect(walked.contains { $0.hasPrefix(part) }, "\(part) is not walked")
                }
            }
        }
    }

    private func first(_ path: String) -> String { path.replacing("{id}", with: "1") }

    /// The hand-off that comes after the one that the command line has closed.
    private func second(_ path: String) -> String { path.replacing("{id}", with: "2") }

    /// The paths to ask for, with the body that each is sent.
    private func targets(_ path: String, isPost: Bool) -> (paths: [String], body: String?)? {
        switch path {
        // Bytes of photos: AttachmentDoorTests asks who may see them.
        case "/v1/attachments", "/v1/attachments/{sha256}": return ([], nil)
        // Doors for customers, which this company has not: AssistantTests looks for what is not theirs.
        case "/v1/hotline/turns", "/v1/sms/inbound": return ([], nil)
        case "/v1/phones/search": return ([path], "{\"phone\":\"02412345678\"}")
        case "/v1/work-orders": return ([path], "{\"kind\":\"leak\",\"address\":\"阳光花园3号楼1单元1\"}")
        case "/v1/accounts/{number}/work-orders" where isPost:
            return ([path.replacing("{number}", with: MarkedCompany.number)], "{\"kind\":\"leak\",\"words\":\"冷\"}")
        case "/v1/conversations" where isPost:
            return ([path], "{\"channel\":\"phone\",\"account_number\":\"\(MarkedCompany.number)\"}")
        case "/v1/conversations/{id}/turns": return ([first(path)], "{\"who\":\"customer\",\"words\":\"冷\"}")
        case "/v1/conversations/{id}/hand-off": return ([first(path)], "{\"why\":\"asked\"}")
        case "/v1/hand-offs/{id}/claim": return ([second(path)], "{}")
        case "/v1/hand-offs/{id}/reply": return ([second(path)], "{\"words\":\"您好\"}")
        case "/v1/hand-offs/{id}/close": return ([second(path)], "{\"outcome\":\"resolved\"}")
        case "/v1/feedback": return ([path], "{\"conversation\":1,\"score\":5}")
        case "/v1/insights": return ([path + "?month=2026-11"], nil)
        case "/v1/accounts/{number}/suspensions":
            return (["/v1/accounts/\(MarkedCompany.number)/suspensions"], "{\"from\":\"2030-11-01\",\"reason\":\"外地\"}")
        case "/v1/accounts/{number}/follow-ups/{order}":
            return (["/v1/accounts/\(MarkedCompany.number)/follow-ups/WX0"], "{\"answer\":\"well\",\"words\":\"冷\"}")
        case "/v1/accounts/{number}/notices/opt-out":
            return (["/v1/accounts/\(MarkedCompany.number)/notices/opt-out"], "{}")
        case "/v1/bindings/verify":
            return ([path], "{\"account_number\":\"\(MarkedCompany.number)\",\"id_last_six\":\"123456\"}")
        case "/mcp": return ([path], "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}")
        case "/v1/addresses":
            let q = "阳光花园3号楼1单元1".addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return (["\(path)?q=\(q)", "\(path)?q=\(q)&as_of=1"], nil)
        case "/v1/quarantine": return (["open", "resolved", "discarded"].map { "\(path)?state=\($0)&limit=500" }, nil)
        default: break
        }
        if isPost { return nil }
        var paths = [""]
        for part in path.dropFirst().split(separator: "/") {
            var choices = [String(part)]
            if part.hasPrefix("{") {
                guard let values = Self.values(of: String(part.dropFirst().dropLast())) else { return nil }
                choices = values
            }
            paths = paths.flatMap { start in choices.map { start + "/" + $0 } }
        }
        let earlier =
            path.hasPrefix("/v1/accounts/") && !path.contains("{field}") && !path.contains("{id}")
            ? paths.map { $0 + "?as_of=1" } : []
        return (paths + earlier, nil)
    }

    // MARK: MCP

    private static let listTools = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}"

    /// Every tool that the server lists, over standard input and output.
    func assistant() async throws {
        let first =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},\"clientInfo\":{\"name\":\"walker\",\"version\":\"1\"}}}"
        let calls = try calls(ofToolsIn: try await mcp([first, Self.listTools]).last ?? "", "hearth mcp")
        #expect(calls.count >= 7)
        let answers = try await mcp([first, Self.listTools] + calls)
        #expect(answers.count == calls.count + 2)
        let failed = answers.filter { $0.contains("\"isError\":true") || $0.contains("\"error\":") }
        #expect(answers.count - failed.count >= 9, "\(failed)")
        for answer in answers { look(at: answer, "hearth mcp") }
    }

    /// The same, message by message.
    private func assistant(
        _ door: String, isRefused: Bool, ask: (_ message: String) async throws -> String
    ) async throws {
        let list = try await ask(Self.listTools)
        if isRefused { return #expect(!list.contains("\"tools\""), "\(door): \(list)") }
        let calls = try calls(ofToolsIn: list, door)
        var answered = 0
        for call in calls where try await ask(call).contains("\"isError\":false") { answered += 1 }
        #expect(!calls.isEmpty && answered * 2 > calls.count, "\(door): \(answered) of \(calls.count)")
    }

    /// A call of each tool of a list, with what it needs.
    private func calls(ofToolsIn list: String, _ door: String) throws -> [String] {
        let answer = try JSONSerialization.jsonObject(with: Data(list.utf8)) as? [String: Any]
        let tools = try #require((answer?["result"] as? [String: Any])?["tools"] as? [[String: Any]], "\(door)")
        return try tools.enumerated().map { index, tool in
            let name = tool["name"] as? String ?? ""
            let schema = tool["inputSchema"] as? [String: Any] ?? [:]
            let needed = schema["required"] as? [String] ?? []
            let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
            var arguments: [String: Any] = [:]
            for parameter in needed {
                guard let value = Self.values(of: parameter)?.first else {
                    notWalked.append("\(door), \(name): \(parameter)")
                    continue
                }
                arguments[parameter] = properties[parameter]?["type"] as? String == "integer" ? Int(value) : value
                if parameter == "idempotency_key" { arguments[parameter] = "k \(name)" }
            }
            let call: [String: Any] = [
                "jsonrpc": "2.0", "id": index + 3, "method": "tools/call",
                "params": ["name": name, "arguments": arguments],
            ]
            return String(decoding: try JSONSerialization.data(withJSONObject: call), as: UTF8.self)
        }
    }

    private func mcp(_ messages: [String]) async throws -> [String] {
        let input = site.folder + "/mcp.jsonl"
        try (messages.joined(separator: "\n") + "\n").write(toFile: input, atomically: true, encoding: .utf8)
        let ending = try await Program.run(
            ["-c", "exec '\(Program.path)' mcp < mcp.jsonl"], executable: "/bin/sh", environment: [:],
            directory: site.folder)
        look(at: ending.errors, "hearth mcp, standard error")
        return ending.output.split(separator: "\n").map(String.init)
    }
}
