package import ConfigurationFiles
import HeatModel
import SOAPConnector
import SQLConnector
import Yams

/// The section `actions` of a source, as `hearth.yaml` has it.
package enum ActionsConfiguration {
    /// - Parameters:
    ///   - source: its name.
    ///   - zone: IANA name of the source's zone.
    /// - Returns: nil where something is wrong; the reader has noted what, and where it stands.
    package static func read(
        _ source: String, _ section: Section, zone: String, reader: inout ConfigurationReader
    ) -> ActionSystem? {
        let before = reader.problems.count
        let system = reader.actionSystem(source, section, zone: zone)
        return reader.problems.count == before ? system : nil
    }
}

extension ConfigurationReader {
    fileprivate mutating func actionSystem(_ source: String, _ body: Section, zone: String) -> ActionSystem? {
        expect(
            body,
            only: [
                "soap", "sql", "file", "kinds", "probe", "codes", "settle", "attempts", "backoff", "breaker",
            ], in: "actions")
        let sinks = ["soap", "sql", "file"].filter { body[$0] != nil }
        if sinks.count != 1 && survey == nil {
            report(.configBadValue, "actions must have one of \"soap\", \"sql\" and \"file\"", at: body.place)
            return nil
        }
        let sink: (any ActionSink)?
        switch sinks.first {
        case "soap": sink = soapSink(body, zone: zone)
        case "sql": sink = sqlSink(body, zone: zone)
        case "file": sink = fileSink(body)
        default: sink = nil
        }
        let codes = actionCodes(body)
        let patience = patience(body)
        guard let sink else { return nil }
        var system = ActionSystem(name: source, sink: sink)
        system.codes = codes
        system.take(patience)
        if system.settle <= Int64(sink.longestCall), !(sink is FileSink) {
            report(
                .configBadAction,
                "\"settle\" must be longer than a request may take (\(sink.longestCall) s): before that its absence proves nothing",
                at: body["settle"].map { place($0) } ?? body.place,
                advice: "add to the timeout what the system itself may take until it shows what it did")
        }
        return system
    }

    /// How patiently a system is written.
    mutating func patience(_ body: Section) -> ActionSystem.Patience {
        var patience = ActionSystem.Patience()
        patience.settle = seconds(of: "settle", in: body, atLeast: 1)
        patience.attempts = integer(of: "attempts", in: body, atLeast: 1, atMost: 1_000)
        if let backoff = section(of: "backoff", in: body) {
            expect(backoff, only: ["baseMilliseconds", "capSeconds"], in: "backoff")
            patience.base = integer(of: "baseMilliseconds", in: backoff, atLeast: 1, atMost: 1_000_000_000)
            patience.cap = seconds(of: "capSeconds", in: backoff, atLeast: 1)
        }
        if let breaker = section(of: "breaker", in: body) {
            expect(breaker, only: ["failures", "restSeconds"], in: "breaker")
            patience.failures = integer(of: "failures", in: breaker, atLeast: 1, atMost: 1_000_000)
            patience.rest = seconds(of: "restSeconds", in: breaker, atLeast: 1)
        }
        return patience
    }

    /// Our codes in the system's words, by field.
    private mutating func actionCodes(_ body: Section) -> [ActionField: [String: String]] {
        guard let section = section(of: "codes", in: body) else { return [:] }
        let known: [ActionField] = [.problem, .urgent, .satisfaction]
        expect(section, only: known.map(\.rawValue), in: "codes")
        var codes: [ActionField: [String: String]] = [:]
        for field in known {
            guard let node = section[field.rawValue], let words = self.section(node, "\"\(field.rawValue)\"") else {
                continue
            }
            var table: [String: String] = [:]
            for entry in words.entries { table[entry.name] = text(entry.value, "a word of the system") }
            codes[field] = table
        }
        return codes
    }

    /// The kinds that a section names, each with what stands under it.
    private mutating func actionKinds<Value>(
        _ body: Section, by way: String, _ read: (inout ConfigurationReader, ActionKind, Section) -> Value?
    ) -> [ActionKind: Value] {
        guard let section = section(of: "kinds", in: body) else {
            report(.configMissingKey, "actions need \"kinds\": what the system can be asked for", at: body.place)
            return [:]
        }
        var kinds: [ActionKind: Value] = [:]
        let known = ActionKind.ofSystems.map(\.rawValue)
        for entry in section.entries {
            guard let kind = ActionKind(rawValue: entry.name), ActionKind.ofSystems.contains(kind) else {
                report(
                    .configUnknownKey, "unknown kind of action \"\(entry.name)\"", at: entry.key,
                    advice: NearestName.advice(entry.name, among: known))
                continue
            }
            if let inside = self.section(entry.value, "action by \(way)") { kinds[kind] = read(&self, kind, inside) }
        }
        return kinds
    }

    // MARK: SOAP

    private mutating func soapSink(_ body: Section, zone: String) -> SOAPSink? {
        guard let settings = section(of: "soap", in: body),
            var options = SOAPConfiguration.options(settings, zone: zone, reader: &self)
        else { return nil }
        // Noted at the key, so that an address that stands outside and is not read yet is no mistake.
        if let node = settings["endpoint"], !["http://", "https://"].contains(where: options.endpoint.hasPrefix) {
            report(.configBadAction, "the endpoint is not an http or https address", at: node)
            return nil
        }
        // Without a bound nobody could ever say that a request has taken no effect.
        if options.timeouts.total == 0 { options.timeouts.total = 30_000 }
        options.retry.attempts = 1
        let ready = options
        let operations = actionKinds(body, by: "soap") { reader, kind, section in
            reader.soapOperation(kind, section, ready)
        }
        var (byReference, byAccount): (SOAPSink.Probe?, SOAPSink.Probe?) = (nil, nil)
        if let probe = section(of: "probe", in: body) {
            expect(probe, only: ["reference", "account"], in: "probe")
            if let section = section(of: "reference", in: probe) {
                byReference = soapProbe("reference", section, ready)
            }
            if let section = section(of: "account", in: probe) { byAccount = soapProbe("account", section, ready) }
        }
        return SOAPSink(
            operations: operations, byReference: byReference, byAccount: byAccount,
            longestCall: (ready.timeouts.total + 999) / 1000, offsetMinutes: ready.offsetMinutes)
    }

    private mutating func soapOperation(
        _ kind: ActionKind, _ section: Section, _ options: SOAPOptions
    ) -> SOAPSink.Operation? {
        expect(
            section, only: ["body", "action", "record", "id", "success", "refused", "faults"], in: "a kind of action")
        guard let body = required("body", in: section, of: kind.rawValue),
            let record = required("record", in: section, of: kind.rawValue)
        else { return nil }
        let id = text(of: "id", in: section)
        var stream = SOAPStream(
            name: kind.rawValue, action: text(of: "action", in: section), body: body, recordPath: record,
            fields: [SOAPField("id", id ?? ".")])
        stream.trimsWhitespace = true
        if let success = self.section(of: "success", in: section) {
            stream.success = SOAPConfiguration.success(success, reader: &self)
        }
        let refused = texts(of: "refused", in: section) ?? []
        if !refused.isEmpty && stream.success == nil, let node = section["refused"] {
            report(
                .configBadAction, "\"refused\" lists result codes, and \"success\" does not say where one stands",
                at: node)
        }
        for code in refused where stream.success?.values.contains(code) == true {
            report(.configBadAction, "the code \"\(code)\" cannot mean success and refusal", at: section["refused"]!)
        }
        let faults = texts(of: "faults", in: section) ?? []
        guard let call = soapCall(stream, options, at: section) else { return nil }
        if !call.uses("reference") {
            report(
                .configBadAction,
                "the body of \(kind.rawValue) has no {{reference}}, by which what it made could be found again",
                at: section["body"]!, advice: "put it into a field that the system keeps: a remark, an external number")
        }
        return SOAPSink.Operation(
            call: call, givesID: id != nil, success: stream.success?.values, refusals: Set(refused), faults: Set(faults)
        )
    }

    private mutating func soapProbe(_ name: String, _ section: Section, _ options: SOAPOptions) -> SOAPSink.Probe? {
        expect(
            section,
            only: ["body", "action", "record", "id", "kind", "references", "hasMore", "asOf", "success"], in: "probe")
        guard let body = required("body", in: section, of: "probe \(name)"),
            let record = required("record", in: section, of: "probe \(name)"),
            let id = required("id", in: section, of: "probe \(name)")
        else { return nil }
        let references = texts(of: "references", in: section) ?? []
        if references.isEmpty {
            report(
                .configMissingKey, "probe \(name) needs \"references\": where a record says our reference",
                at: section.place)
            return nil
        }
        let kind = text(of: "kind", in: section)
        var fields = [SOAPField("id", id)]
        if let kind { fields.append(SOAPField("kind", kind)) }
        for (number, path) in references.enumerated() {
            fields.append(SOAPField("reference\(number)", path, repeated: .join("\u{1F}"), isOptional: true))
        }
        var stream = SOAPStream(
            name: "probe", action: text(of: "action", in: section), body: body, recordPath: record, fields: fields)
        stream.trimsWhitespace = true
        let more = text(of: "hasMore", in: section)
        if let more { stream.paging = .pages(.init(pageSize: 1000, hasMorePath: more)) }
        let asOf = text(of: "asOf", in: section)
        if let asOf { stream.total = SOAPTotal(path: asOf) }
        if let success = self.section(of: "success", in: section) {
            stream.success = SOAPConfiguration.success(success, reader: &self)
        }
        guard let call = soapCall(stream, options, at: section) else { return nil }
        let needed = name == "reference" ? "reference" : "account"
        if !call.uses(needed) {
            report(.configBadAction, "the body of probe \(name) has no {{\(needed)}}", at: section["body"]!)
        }
        return SOAPSink.Probe(
            call: call, success: stream.success?.values, givesKind: kind != nil, givesMore: more != nil,
            givesMoment: asOf != nil)
    }

    private mutating func soapCall(_ stream: SOAPStream, _ options: SOAPOptions, at section: Section) -> SOAPCall? {
        do { return try SOAPCall(options: options, stream: stream, values: ActionLetter.names) } catch {
            var problem =
                (error as? HearthError) ?? HearthError(.configBadAction, "the action cannot be set up", cause: error)
            problem.place = section.place
            problems.append(problem)
            return nil
        }
    }

    // MARK: SQL

    private mutating func sqlSink(_ body: Section, zone: String) -> SQLSink? {
        guard let settings = section(of: "sql", in: body),
            let driver = SQLConfiguration.driver(settings, reader: &self)
        else { return nil }
        let operations = actionKinds(body, by: "sql") { reader, kind, section -> SQLSink.Operation? in
            reader.expect(section, only: ["statement", "rows"], in: "a kind of action")
            guard let text = reader.required("statement", in: section, of: kind.rawValue),
                let statement = reader.sqlStatement(text, of: kind.rawValue, at: section["statement"]!)
            else { return nil }
            if !statement.uses("reference") {
                reader.report(
                    .configBadAction,
                    "the statement of \(kind.rawValue) has no :reference, by which what it wrote could be found again",
                    at: section["statement"]!)
            }
            let rows = reader.integer(of: "rows", in: section, atLeast: 1, atMost: 1_000_000) ?? 1
            return SQLSink.Operation(statement: statement, rows: rows)
        }
        var probe: SQLWriter.Statement?
        if let section = section(of: "probe", in: body) {
            expect(section, only: ["query"], in: "probe")
            if let text = required("query", in: section, of: "probe") {
                probe = sqlStatement(text, of: "probe", at: section["query"]!)
                if probe?.uses("reference") == false {
                    report(.configBadAction, "the query of probe has no :reference", at: section["query"]!)
                }
            }
        }
        do {
            // A connection, a lock that others hold, and a statement.
            return SQLSink(
                writer: try SQLWriter(driver, zone: zone), operations: operations, probe: probe, longestCall: 60)
        } catch {
            report(
                .configBadAction, (error as? HearthError)?.message ?? "the database cannot be written",
                at: settings.place, advice: (error as? HearthError)?.advice)
            return nil
        }
    }

    private mutating func sqlStatement(_ text: String, of subject: String, at node: Node) -> SQLWriter.Statement? {
        do { return try SQLWriter.Statement(text, names: ActionLetter.names, of: subject) } catch {
            var problem =
                (error as? HearthError) ?? HearthError(.configBadAction, "the statement cannot be read", cause: error)
            problem.place = place(node)
            problems.append(problem)
            return nil
        }
    }

    // MARK: Files

    private mutating func fileSink(_ body: Section) -> FileSink? {
        guard let settings = section(of: "file", in: body) else { return nil }
        expect(settings, only: ["folder", "receipts"], in: "file")
        let folder = requiredSecret("folder", in: settings, of: "file").map(resolve)
        let receipts = requiredSecret("receipts", in: settings, of: "file").map(resolve)
        let kinds = actionKinds(body, by: "file") { reader, _, section -> Bool? in
            reader.expect(section, only: [], in: "a kind of action by file")
            return true
        }
        if let node = body["probe"] {
            report(.configBadAction, "by file there is nothing to probe: the receipt says what became of it", at: node)
        }
        guard let folder, let receipts else { return nil }
        return FileSink(folder: folder, receipts: receipts, kinds: Set(kinds.keys))
    }
}
