package import ConfigurationFiles
import HeatModel
import Yams

/// This connector's part of `hearth.yaml`: `csv:` and the `streams:` of a source.
package enum CSVConfiguration {
    /// Reads a source, each problem noted at its place.
    ///
    /// - Parameters:
    ///   - source: its name.
    ///   - settings: what stands under `csv:`.
    /// - Returns: nil where the reader has noted a problem.
    package static func read(
        _ source: String, settings: Section, streams: Section, reader: inout ConfigurationReader
    ) -> CSVConnector? {
        reader.expect(settings, only: ["folder", "remote"], in: "csv")
        let remote = reader.section(of: "remote", in: settings).flatMap { reader.remoteDrops($0) }
        guard let folder = reader.requiredSecret("folder", in: settings, of: "csv") else { return nil }
        let made = reader.streams(streams, of: source) { reader, name, body in
            var stream = reader.csvStream(name, body, folder: reader.resolve(folder))
            stream.remote = remote
            return stream
        }
        return reader.problems.isEmpty ? CSVConnector(source: source, streams: made) : nil
    }
}

extension ConfigurationReader {
    fileprivate mutating func csvStream(_ name: String, _ body: Section, folder: String) -> CSVStream {
        expect(
            body,
            only: [
                "pattern", "ignoreCase", "order", "mayBeEmpty", "delimiter", "quote", "escape", "header", "columns",
                "key",
                "preambleLines", "trailer", "encoding", "semantics", "ready", "ragged", "emptyTail", "nulls",
                "maxRecordBytes", "workbook",
            ], in: "a CSV stream")
        var stream = CSVStream(name: name, folder: folder)
        if let pattern = text(of: "pattern", in: body) { stream.pattern = pattern }
        if let delimiter = text(of: "delimiter", in: body) { stream.delimiter = delimiter == "\\t" ? "\t" : delimiter }
        if let quote = text(of: "quote", in: body) { stream.quote = quote == "none" ? nil : quote }
        if let escape = text(of: "escape", in: body) { stream.escape = escape == "none" ? nil : escape }
        if let ignores = flag(of: "ignoreCase", in: body) { stream.ignoresCase = ignores }
        if let mayBeEmpty = flag(of: "mayBeEmpty", in: body) { stream.mayBeEmpty = mayBeEmpty }
        if let node = body["order"], let order = order(node) { stream.order = order }
        if let tail = choice(of: "emptyTail", in: body, CSVStream.EmptyTail.self) { stream.emptyTail = tail }
        if let header = flag(of: "header", in: body) { stream.hasHeader = header }
        stream.columns = texts(of: "columns", in: body)
        if let key = texts(of: "key", in: body) { stream.key = key }
        if let lines = integer(of: "preambleLines", in: body) { stream.preambleLines = lines }
        if let encoding = text(of: "encoding", in: body) { stream.encoding = CSVEncoding(name: encoding) }
        if let nulls = texts(of: "nulls", in: body) { stream.nulls = nulls }
        if let bytes = integer(of: "maxRecordBytes", in: body, atLeast: 1) { stream.maxRecordBytes = bytes }
        if let node = body["semantics"], let text = text(node, "\"semantics\"") {
            if let semantics = CSVStream.Semantics(rawValue: text) {
                stream.semantics = semantics
            } else {
                report(.configBadValue, "\"semantics\" must be snapshot or delta", at: node)
            }
        }
        if let node = body["ragged"], let text = text(node, "\"ragged\"") {
            if let policy = CSVStream.RaggedPolicy(rawValue: text) {
                stream.ragged = policy
            } else {
                report(.configBadValue, "\"ragged\" must be quarantine or fillWithNull", at: node)
            }
        }
        if let node = body["ready"], let ready = readiness(node) { stream.readiness = ready }
        if let section = section(of: "trailer", in: body) { stream.trailer = trailer(section) }
        if let section = section(of: "workbook", in: body) { stream.workbook = workbook(section) }
        do { try stream.validate() } catch let error as HearthError where stream.hasHeader || stream.columns != nil {
            report(error.code, error.message, at: body.place, advice: error.advice)
        } catch {}
        if !stream.hasHeader, stream.columns == nil {
            report(.configMissingKey, "a stream without a header needs \"columns\"", at: body.place)
        }
        return stream
    }

    private static let orders = ["auto", "name", "number", "date", "modified"]

    /// `number`, or `{by: number, at: 2}`, `{by: date, format: dd-MM-yyyy}`.
    private mutating func order(_ node: Node) -> CSVStream.Order? {
        if case .scalar = node {
            guard let by = text(node, "\"order\"") else { return nil }
            return order(by: by, at: nil, format: nil, node)
        }
        guard let section = section(node, "\"order\"") else { return nil }
        expect(section, only: ["by", "at", "format"], in: "order")
        guard let by = required("by", in: section, of: "order"), let name = section["by"] else { return nil }
        if let at = section["at"], by != "number" {
            report(.configBadValue, "\"at\" goes with \"by: number\"", at: at)
        }
        if let format = section["format"], by != "date" {
            report(.configBadValue, "\"format\" goes with \"by: date\"", at: format)
        }
        return order(
            by: by, at: integer(of: "at", in: section, atLeast: 1, atMost: 100),
            format: text(of: "format", in: section),
            name)
    }

    private mutating func order(by: String, at: Int?, format: String?, _ node: Node) -> CSVStream.Order? {
        switch by {
        case "auto": return .automatic
        case "name": return .name
        case "number": return .number(at: at)
        case "date": return .date(format: format)
        case "modified": return .modified
        default:
            report(
                .configBadValue, "\"\(by)\" is not an order", at: node,
                advice: NearestName.advice(by, among: Self.orders))
            return nil
        }
    }

    /// `renamed`, `.done` (any suffix), `manifest`, `stable 30s`.
    private mutating func readiness(_ node: Node) -> CSVStream.Readiness? {
        guard let text = text(node, "\"ready\"") else { return nil }
        if text == "renamed" { return .renamed }
        if text == "manifest" { return .manifest }
        if text.hasPrefix(".") { return .doneMarker(suffix: text) }
        if text.hasPrefix("stable "), text.hasSuffix("s"), let seconds = Int(text.dropFirst(7).dropLast()),
            0...1_000_000_000 ~= seconds
        {
            return .stable(seconds: seconds)
        }
        report(
            .configBadValue, "\"ready\" must be renamed, .done (or another suffix), manifest, or stable 30s",
            at: node)
        return nil
    }

    fileprivate mutating func remoteDrops(_ section: Section) -> RemoteDrops? {
        expect(
            section,
            only: [
                "url", "user", "password", "key", "keyPassword", "hostKey", "ca", "implicit", "plain",
                "connectTimeout", "silenceTimeout",
            ], in: "remote")
        guard let url = requiredSecret("url", in: section, of: "remote") else { return nil }
        var remote = RemoteDrops(url: url)
        remote.user = secret(of: "user", in: section) ?? ""
        remote.password = secret(of: "password", in: section)
        remote.keyFile = text(of: "key", in: section).map { resolve($0) }
        remote.keyPassword = secret(of: "keyPassword", in: section)
        if let node = section["hostKey"] {
            if case .scalar = node {
                remote.hostKeys = text(node, "\"hostKey\"").map { [$0] } ?? []
            } else {
                remote.hostKeys = list(node, "\"hostKey\"")?.map(\.text) ?? []
            }
        }
        remote.caFile = text(of: "ca", in: section).map { resolve($0) }
        if let implicit = flag(of: "implicit", in: section) { remote.isImplicit = implicit }
        if let plain = flag(of: "plain", in: section) { remote.isPlain = plain }
        if let seconds = seconds(of: "connectTimeout", in: section, atLeast: 1) { remote.connectTimeout = seconds }
        if let seconds = seconds(of: "silenceTimeout", in: section, atLeast: 1) { remote.silenceTimeout = seconds }
        if let problem = remote.problem {
            // At the value itself: what stands outside of the file may not be known yet.
            let value = problem.key.flatMap { section[$0] }
            let item = value?.sequence?.first { $0.string?.hasPrefix(RemoteDrops.fingerprintMark) == false }
            if let node = item ?? value {
                report(.configBadValue, problem.message, at: node, advice: Advice(problem.advice))
            } else {
                report(.configBadValue, problem.message, at: section.place, advice: Advice(problem.advice))
            }
        }
        return remote
    }

    private mutating func workbook(_ section: Section) -> WorkbookRules {
        expect(section, only: ["sheets", "headerHas", "merged"], in: "workbook")
        var rules = WorkbookRules()
        if let sheets = texts(of: "sheets", in: section) { rules.sheets = sheets }
        if let names = texts(of: "headerHas", in: section) { rules.headerHas = names }
        if let merged = choice(of: "merged", in: section, WorkbookRules.Merged.self) { rules.merged = merged }
        return rules
    }

    private mutating func trailer(_ section: Section) -> CSVStream.Trailer? {
        expect(section, only: ["prefix", "countField", "sumField", "sumColumn", "required"], in: "trailer")
        guard let prefix = required("prefix", in: section, of: "trailer") else { return nil }
        return CSVStream.Trailer(
            prefix: prefix, countField: integer(of: "countField", in: section, atLeast: 1),
            sumField: integer(of: "sumField", in: section, atLeast: 1), sumColumn: text(of: "sumColumn", in: section),
            isRequired: flag(of: "required", in: section) ?? true)
    }
}
