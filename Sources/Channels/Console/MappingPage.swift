import Answers
import HeatModel
import Pages
import Records
import Setup
import Sync

/// A mapping file: tried, planned, and put in the place of the one there is.
extension Look {
    private static let mappingPath = sourcesPath + "/mapping"

    private func mappedStream(_ text: String) throws(Problem) -> StreamName {
        let known = try told { try door.ways.sources.list() }
        guard known.contains(where: { $0.streams.contains(text) }), let name = StreamName(text) else {
            throw Problem(.unknown, "unknown-stream", "There is no stream of this name", parameter: "stream")
        }
        return name
    }

    mutating func mapping() throws(Problem) -> ConsoleDoor.Outcome {
        try need(Self.engineers)
        let stream = try mappedStream(request.query["stream"] ?? "")
        let file = try told { try door.ways.sources.mapping(of: stream) }
        return .page(
            say("映射文件", "A mapping file"),
            mappingPage(stream, file.text, seen: file.digest, said: inUse(stream, file.digest), line: line(of: file.text)))
    }

    /// The line that the page was asked for, with its text.
    private func line(of text: String) -> (number: Int, text: String)? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let number = request.query["line"].flatMap({ Int($0) }), lines.indices.contains(number - 1) else { return nil }
        return (number, String(lines[number - 1]))
    }

    /// Which mapping the program that answers here reads the stream by.
    private func inUse(_ stream: StreamName, _ digest: String) -> Fragment {
        if door.ways.sources.versionInUse(stream) == digest {
            return """
                <p class="well">\(say("正在运行的服务用的就是这个文件。", "The server that runs here uses this file."))</p>
                """
        }
        return """
            <p role="status" class="note">\(say("正在运行的服务还在用它启动时的映射:定时同步和这里的重放都按旧的读。请在下一次同步之前重新启动服务;命令行上的同步马上就用新的。",
                "The server that runs here still uses the mapping of its start: its scheduled syncs and the replays of these pages read by that. Restart it before its next sync; a sync on the command line uses the new one at once."))</p>
            """
    }

    /// - Parameters:
    ///   - seen: SHA-256 of the file that the text was made of.
    ///   - line: the one that is to be looked at.
    private mutating func mappingPage(
        _ stream: StreamName, _ text: String, seen: String, said: Fragment, line: (number: Int, text: String)? = nil
    ) -> Fragment {
        note(Access(accounts: [], action: "console:mapping \(stream)", outcome: "ok"))
        return """
            <h2>\(say("映射文件 \(stream.description)", "Mapping file \(stream.description)"))</h2>\
            <p>\(link(Self.sourcesPath, [], say("数据源", "Sources"))) · \
            \(link("/console/quarantine", [("stream", stream.description)], say("它的隔离记录", "Its quarantine")))</p>\
            <p>\(say("在这里试着改:错误和命令行检查说的一样,计划说出会变什么。",
                "Try a change here: the errors are those of a check, and a plan says what would change.")) \(afterwards)</p>\
            \(said)\(line.map { "<p>\(say("第 \($0.number) 行:", "Line \($0.number):")) <code>\($0.text)</code></p>" as Fragment } ?? "")\
            <form method="post" action="\(Self.mappingPath)">\(.hidden("token", door.formToken(visitor)))\
            \(.hidden("stream", stream.description))\(.hidden("seen", seen))<label for="text">\(stream.description).yaml</label>\
            <textarea id="text" name="text" rows="28" spellcheck="false" maxlength="\(MappingDraft.most)"\
            \(line.map { " data-line=\"\($0.number)\"" as Fragment } ?? "")>
            \(text)</textarea>\
            <button name="do" value="check">\(say("检查", "Check"))</button> \
            <button class="send" name="do" value="plan">\(say("检查并做计划", "Check and plan"))</button></form>
            """
    }

    /// What may be done with a draft that was planned.
    private var afterwards: String {
        door.settings.appliesMappings
            ? say("做了计划的草稿可以在计划下面应用。", "A draft that was planned can be applied, below its plan.")
            : say(
                "这里不写文件:配置里没有允许(channels: {console: {applyMappings: true}})。满意以后把文字放进服务器的映射目录。",
                "No file is written here: the configuration does not allow it (channels: {console: {applyMappings: true}}). Once you are content, put the text into the folder of mappings on the server."
            )
    }

    /// Says what is wrong with a draft, or what it would change; or applies one that was planned.
    mutating func tryMapping(_ form: FormBody) throws(Problem) -> ConsoleDoor.Outcome {
        try need(Self.engineers)
        let stream = try mappedStream(form["stream"] ?? "")
        if form["do"] == "apply" { return try apply(form, stream) }
        let text = (form["text"] ?? "").replacing("\r\n", with: "\n")
        guard text.utf8.count <= MappingDraft.most else {
            throw .parameter("text", "must not be longer than \(MappingDraft.most) bytes")
        }
        let title = say("映射文件", "A mapping file")
        let seen = form["seen"] ?? ""
        let way = door.ways.sources
        let draft = try told { try way.draft(text, of: stream) }
        guard draft.problems.isEmpty else {
            return .page(title, mappingPage(stream, text, seen: seen, said: wrong(draft.problems)))
        }
        if form["do"] == "plan" {
            let isBegun = door.sourceWork.begin(
                say("试改的映射 \(stream.description)", "plan of a draft for \(stream.description)"), by: visitor.caller.id
            ) { _ in
                .planned(
                    stream.description, try way.plan(stream.description, draft),
                    trial: PlannedDraft(draft: draft, seen: seen))
            }
            return try begun(isBegun, "plan draft", stream.description)
        }
        return .page(
            title,
            mappingPage(
                stream, text, seen: seen,
                said: "<p role=\"status\" class=\"well\">\(say("没有错。", "Nothing is wrong with it."))</p>"))
    }

    private func wrong(_ errors: [HearthError]) -> Fragment {
        "<div role=\"alert\"><p class=\"note\">\(say("有 \(errors.count) 处不对:", "\(errors.count) things are wrong:"))</p>\(problems(errors))</div>"
    }

    // MARK: Applied

    /// What to do where the folder of mappings may not be written: as the Debian package comes, its unit closes it.
    private var whoMayWrite: Fragment {
        """
        <p>\(say("什么也没有写。请管理员把下面的文字放进服务器的映射目录。如果是 Debian 软件包,它的服务单元把映射目录设为只读;要让服务自己写,管理员执行 systemctl edit hearth,写入以下内容,再重新启动服务:",
            "Nothing was written. Have an administrator put the text below into the folder of mappings on the server. The Debian package's unit keeps the server from writing there; if it is to write its mappings itself, an administrator calls systemctl edit hearth, writes this, and restarts the service:"))</p>\
        <pre>[Service]
        ReadOnlyPaths=
        ReadOnlyPaths=-/var/lib/hearth/Config -/var/lib/hearth/environment</pre>
        """
    }

    /// Below the plan of a draft: what puts it in the place of the file.
    func applying(_ trial: PlannedDraft, _ sketch: PlanSketch) -> Fragment {
        let stream = trial.draft.stream.description
        guard door.settings.appliesMappings else { return "<p>\(afterwards)</p>" }
        if sketch.outcome.reports.contains(where: { $0.error != nil }) {
            return "<p class=\"bad\">\(say("计划没有做成,这个草稿不能应用。", "The plan failed; the draft cannot be applied."))</p>"
        }
        return """
            <form method="post" action="\(Self.mappingPath)">\(.hidden("token", door.formToken(visitor)))\
            \(.hidden("do", "apply"))\(.hidden("stream", stream))\
            \(.hidden("draft", MappingFolder.digest(trial.draft.text)))\(.hidden("seen", trial.seen))\
            <p>\(say("应用:这个草稿换下 \(stream).yaml,旧的内容留在旁边的 \(MappingFolder.history) 目录里。正在运行的服务要重新启动才用它。",
                "Applied, the draft replaces \(stream).yaml; the former content is kept in the folder \(MappingFolder.history) beside it. The server that runs uses it after its next start."))</p>\
            <button class="send">\(say("应用这个草稿", "Apply this draft"))</button></form>
            """
    }

    /// Puts the draft whose plan was shown in the place of the file that it was made of.
    private mutating func apply(_ form: FormBody, _ stream: StreamName) throws(Problem) -> ConsoleDoor.Outcome {
        guard door.settings.appliesMappings else {
            throw Problem(.forbidden, "applying-off", "The configuration does not let mappings be applied here")
        }
        let way = door.ways.sources
        let (seen, person) = (form["seen"] ?? "", visitor.caller.id)
        guard case .success(.planned(_, let sketch, trial: let trial?))? = door.sourceWork.current.last?.outcome,
            trial.draft.stream == stream, trial.seen == seen, MappingFolder.digest(trial.draft.text) == form["draft"],
            !sketch.outcome.reports.contains(where: { $0.error != nil })
        else { throw Problem(.conflict, "not-planned", "The plan of this draft is not the last one any more") }
        func access(_ outcome: StaticString) -> Access {
            Access(accounts: [], action: "console:mapping apply \(stream)", outcome: outcome)
        }
        do {
            let kept = try way.apply(trial.draft, ifStill: seen, by: person)
            note(access("ok"))
            let file = try told { try way.mapping(of: stream) }
            return .page(
                say("映射文件", "A mapping file"),
                mappingPage(
                    stream, file.text, seen: file.digest,
                    said: """
                        <p role="status" class="well">\(say("已经应用。旧的内容:", "Applied. The former content:")) <code>\(kept)</code></p>\
                        \(inUse(stream, file.digest))
                        """))
        } catch let error as HearthError where error.code == .configChangedMeanwhile {
            note(access("refused"))
            throw Problem(.conflict, "mapping-changed", "The mapping file has changed since it was shown")
        } catch {
            note(access("failed"))
            let errors = Self.errors(error)
            if errors.isEmpty { throw Problem(error) }
            let isForbidden = errors.contains { $0.code == .configNotWritten }
            return .page(
                say("映射文件", "A mapping file"),
                mappingPage(
                    stream, trial.draft.text, seen: seen,
                    said: isForbidden ? "\(wrong(errors))\(whoMayWrite)" : wrong(errors)))
        }
    }
}
