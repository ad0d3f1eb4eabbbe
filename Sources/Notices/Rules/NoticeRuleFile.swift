package import Actions
package import ConfigurationFiles
import Crypto
import Explanation
import Foundation
import HeatModel
package import Yams

extension NoticeRules {
    /// Where the rules stand beside a configuration.
    package static func path(besides configuration: String) -> String {
        URL(fileURLWithPath: configuration).deletingLastPathComponent().appendingPathComponent("notices.yaml")
            .relativePath
    }

    /// The rules in the folder of a configuration; nil where there is no `notices.yaml`.
    ///
    /// - Throws: ``ConfigurationErrors``.
    package static func loadIfAny(besides configuration: String) throws -> NoticeRules? {
        let path = path(besides: configuration)
        return FileManager.default.fileExists(atPath: path) ? try load(path: path) : nil
    }

    /// Reads and checks the rules. What channels keep outside of the file is not needed.
    ///
    /// - Throws: ``ConfigurationErrors`` with every problem at its line and column.
    package static func load(path: String) throws -> NoticeRules {
        var file = NoticeRuleFile(reader: ConfigurationReader(path: path))
        let rules = file.read()
        guard let rules, file.reader.problems.isEmpty else { throw ConfigurationErrors(file.reader.problems) }
        return rules
    }

    /// How a file's values that stand outside of it are filled in: as the configuration's are.
    package typealias OutsideValues = (
        inout ConfigurationReader, Node, (inout ConfigurationReader, Node) -> Void
    ) -> Void

    /// The channels, with their secrets.
    ///
    /// - Parameter wechat: what sends to followers; nil where the company has no official account.
    /// - Throws: ``ConfigurationErrors`` with every problem at its line and column.
    package static func channels(
        path: String, wechat: (any ActionSink)? = nil, filling: OutsideValues = { $2(&$0, $1) }
    ) throws -> [ActionSystem] {
        var file = NoticeRuleFile(reader: ConfigurationReader(path: path))
        let systems = file.channels(filling, wechat)
        if !file.reader.problems.isEmpty { throw ConfigurationErrors(file.reader.problems) }
        return systems
    }
}

private struct NoticeRuleFile {
    var reader: ConfigurationReader
    /// Word files that were read, by name.
    private var wordings: [String: (wording: Wording, bytes: [UInt8], places: [String: Node])] = [:]

    init(reader: ConfigurationReader) { self.reader = reader }

    private static let keys = [
        "send", "lookSeconds", "quietHours", "perDay", "consent", "fresh", "wording", "channels", "rules",
    ]

    mutating func channels(_ filling: NoticeRules.OutsideValues, _ wechat: (any ActionSink)?) -> [ActionSystem] {
        guard let (_, root) = reader.load(), let top = reader.section(root, "the notices"), let node = top["channels"]
        else { return [] }
        let names = Set(Wording.Placeholder.allCases.map(\.rawValue))
        var systems: [ActionSystem] = []
        filling(&reader, node) { reader, node in
            guard let section = reader.section(node, "\"channels\"") else { return }
            for entry in section.entries {
                guard let body = reader.section(entry.value, "channel \(entry.name)") else { continue }
                if let system = ChannelConfiguration.read(
                    entry.name, body, names: names, wechat: wechat, reader: &reader)
                {
                    systems.append(system)
                }
            }
        }
        return systems
    }

    mutating func read() -> NoticeRules? {
        guard let (bytes, root) = reader.load(), let top = reader.section(root, "the notices") else { return nil }
        reader.expect(top, only: Self.keys, in: "the notices")
        var rules = NoticeRules()
        rules.sends = reader.flag(of: "send", in: top) ?? false
        rules.lookSeconds = reader.integer(of: "lookSeconds", in: top, atLeast: 1, atMost: 3600) ?? 10
        if let channels = reader.section(of: "channels", in: top) {
            for entry in channels.entries {
                if entry.name.contains("/") {
                    reader.report(.configBadValue, "a channel's name has no /", at: entry.key)
                }
                if entry.name == NoticeRules.used {
                    reader.report(
                        .configBadValue, "\"used\" is the channel that a customer used last: name this one otherwise",
                        at: entry.key)
                }
                rules.channelNames.append(entry.name)
                guard case .mapping = entry.value else { continue }
                let ways = ChannelConfiguration.Way.allCases.filter { entry.value[$0.rawValue] != nil }
                guard let way = ways.first, ways.count == 1 else { continue }
                // Of those two there is one each: a customer has one page, and follows one account.
                if way == .wechat || way == .chat, rules.ways.values.contains(way) {
                    reader.report(
                        .configBadNotice, "there is another channel of \"\(way.rawValue)\"", at: entry.key)
                }
                rules.ways[entry.name] = way
                if way == .chat, let body = reader.section(entry.value, "channel \(entry.name)") {
                    rules.page = page(body)
                }
            }
        }
        guard let list = top["rules"] else {
            reader.report(.configMissingKey, "\"rules\" is missing: whom is told what", at: top.place)
            return nil
        }
        guard case .sequence(let sequence) = list else {
            reader.report(.configBadValue, "\"rules\" must be a list", at: list)
            return nil
        }
        for node in sequence {
            guard let section = reader.section(node, "a rule"), let rule = rule(section, top, rules) else { continue }
            if rules.rule(rule.name) != nil {
                reader.report(
                    .configDuplicateKey, "the rule \"\(rule.name)\" stands before it in the list",
                    at: section["rule"] ?? node)
            }
            rules.rules.append(rule)
        }
        var digest = SHA256()
        digest.update(data: bytes)
        for name in wordings.keys.sorted() { digest.update(data: wordings[name]!.bytes) }
        rules.digest = digest.finalize().prefix(8).map { String($0, radix: 16) }.joined()
        return rules
    }

    private mutating func page(_ body: Section) -> NoticeRules.Page {
        var page = NoticeRules.Page()
        guard let section = reader.section(of: ChannelConfiguration.Way.chat.rawValue, in: body) else { return page }
        reader.expect(section, only: ["lately", "waits"], in: "chat")
        if let minutes = reader.integer(of: "lately", in: section, atLeast: 1, atMost: 1440) {
            page.lately = Int64(minutes)
        }
        if let minutes = reader.integer(of: "waits", in: section, atLeast: 1, atMost: 1440) {
            page.waits = Int64(minutes)
        }
        return page
    }

    private mutating func rule(_ body: Section, _ top: Section, _ rules: NoticeRules) -> NoticeRules.Rule? {
        guard let name = reader.required("rule", in: body, of: "a rule") else { return nil }
        if name.isEmpty || name.count > 40
            || !name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }),
            let node = body["rule"]
        {
            reader.report(.configBadValue, "a rule's name has 1 to 40 letters, digits, - and _", at: node)
        }
        if body["kind"] == nil { reader.report(.configMissingKey, "rule \(name) needs \"kind\"", at: body.place) }
        guard let kind = reader.choice(of: "kind", in: body, NoticeRules.Kind.self) else { return nil }
        let own =
            switch kind {
            case .arrears: ["daysBefore", "at", "lateDays"]
            case .followUp: ["afterHours", "againHours", "closeHours", "validHours"]
            case .outage: ["phases", "validHours"]
            case .progress: ["states", "validHours"]
            }
        reader.expect(
            body,
            only: [
                "rule", "kind", "whom", "quietHours", "consent", "fresh", "perDay", "channels", "wording",
                "maxSegments",
            ] + own, in: "rule \(name)")
        guard let wording = wording(body, top) else { return nil }
        var rule = NoticeRules.Rule(name: name, kind: kind, wording: wording.wording)
        whom(of: &rule, body)
        switch kind {
        case .arrears:
            if body["daysBefore"] == nil {
                reader.report(.configMissingKey, "rule \(name) needs \"daysBefore\"", at: body.place)
            }
            rule.daysBefore = reader.integer(of: "daysBefore", in: body, atLeast: 0, atMost: 60) ?? 0
            rule.lateDays =
                reader.integer(of: "lateDays", in: body, atLeast: 0, atMost: 60) ?? min(1, rule.daysBefore)
            if rule.lateDays > rule.daysBefore, let node = body["lateDays"] {
                reader.report(
                    .configBadNotice, "what is told after the day on which it was due is no reminder", at: node)
            }
            if let node = body["at"], let minute = minute(node, "at") { rule.minute = minute }
        case .followUp:
            hours("afterHours", body, &rule.afterHours)
            hours("againHours", body, &rule.againHours)
            hours("closeHours", body, &rule.closeHours)
            rule.validHours = 72
        case .outage:
            if let phases: Set<NoticeRules.Phase> = choices("phases", body) { rule.phases = phases }
            rule.validHours = 12
        case .progress:
            if let states: Set<WorkOrderState> = choices("states", body) {
                rule.states = states
            } else if body["states"] == nil {
                reader.report(.configMissingKey, "rule \(name) needs \"states\": which are told", at: body.place)
            }
            rule.validHours = 6
        }
        if kind != .arrears { hours("validHours", body, &rule.validHours) }
        if let node = body["quietHours"] ?? top["quietHours"], let quiet = quiet(node) { rule.quiet = quiet }
        rule.consent =
            reader.choice(of: "consent", in: body["consent"] == nil ? top : body, NoticeRules.Consent.self)
            ?? .unlessOptedOut
        rule.fresh =
            reader.choice(of: "fresh", in: body["fresh"] == nil ? top : body, NoticeRules.Fresh.self) ?? .wanted
        rule.perDay = reader.integer(of: "perDay", in: body["perDay"] == nil ? top : body, atLeast: 1, atMost: 100) ?? 3
        rule.mostSegments = reader.integer(of: "maxSegments", in: body, atLeast: 1, atMost: 20) ?? 2
        rule.channels = channels(name, body, rules)
        if quietSwallows(rule), let node = body["at"] ?? body["quietHours"] ?? top["quietHours"] {
            reader.report(
                .configBadNotice,
                "rule \(name) is told at a time that is quiet until it is worth nothing: it would never be told",
                at: node)
        }
        check(&rule, wording, body)
        return rule
    }

    /// Whether the quiet hours last longer than the day on which arrears are told.
    private func quietSwallows(_ rule: NoticeRules.Rule) -> Bool {
        guard rule.kind == .arrears, rule.lateDays == 0, rule.quiet.contains(minute: rule.minute) else { return false }
        return !(rule.minute..<1440).contains { !rule.quiet.contains(minute: $0) }
    }

    private mutating func whom(of rule: inout NoticeRules.Rule, _ body: Section) {
        guard let section = reader.section(of: "whom", in: body) else { return }
        reader.expect(
            section, only: ["classes", "communities"] + (rule.kind == .arrears ? ["atLeast"] : []), in: "\"whom\"")
        rule.whom.classes = choices("classes", section)
        if let names = reader.texts(of: "communities", in: section) { rule.whom.communities = Set(names) }
        if let text = reader.text(of: "atLeast", in: section), let node = section["atLeast"] {
            if let fen = ExactDecimal(text)?.exactly(places: 2), fen.units > 0 {
                rule.whom.atLeast = Fen(fen.units)
            } else {
                reader.report(.configBadValue, "\"atLeast\" must be an amount in 元, as 10.00", at: node)
            }
        }
    }

    private mutating func channels(_ name: String, _ body: Section, _ rules: NoticeRules) -> [String] {
        guard let node = body["channels"], let list = reader.list(node, "\"channels\"") else {
            if body["channels"] == nil {
                reader.report(
                    .configMissingKey, "rule \(name) needs \"channels\": by which it is told, in their order",
                    at: body.place)
            }
            return []
        }
        if list.isEmpty { reader.report(.configBadValue, "\"channels\" names none", at: node) }
        if !list.isEmpty, list.allSatisfy({ $0.text == NoticeRules.used }) {
            reader.report(
                .configBadNotice, "who has used no channel yet would never be told: name another behind \"used\"",
                at: node)
        }
        for (index, item) in list.enumerated() {
            if item.text != NoticeRules.used, !rules.channelNames.contains(item.text) {
                reader.report(
                    .configBadNotice, "there is no channel \"\(item.text)\"", at: item.node,
                    advice: NearestName.advice(item.text, among: rules.channelNames + [NoticeRules.used]))
            }
            if list[..<index].contains(where: { $0.text == item.text }) {
                reader.report(.configDuplicateKey, "\"\(item.text)\" stands twice", at: item.node)
            }
        }
        return list.map(\.text)
    }

    private mutating func hours(_ name: String, _ section: Section, _ value: inout Int64) {
        if let hours = reader.integer(of: name, in: section, atLeast: 1, atMost: 10_000) { value = Int64(hours) }
    }

    private mutating func choices<Value: RawRepresentable & CaseIterable & Hashable>(
        _ name: String, _ section: Section
    ) -> Set<Value>? where Value.RawValue == String {
        guard let node = section[name], let list = reader.list(node, "\"\(name)\"") else { return nil }
        var found: Set<Value> = []
        for item in list {
            guard let value = Value(rawValue: item.text) else {
                let known = Value.allCases.map(\.rawValue)
                reader.report(
                    .configBadValue, "\"\(item.text)\" is none of \(known.joined(separator: ", "))", at: item.node,
                    advice: NearestName.advice(item.text, among: known))
                continue
            }
            found.insert(value)
        }
        if list.isEmpty { reader.report(.configBadValue, "\"\(name)\" names none", at: node) }
        return found
    }

    /// `20:00`
    private mutating func minute(_ node: Node, _ name: String) -> Int? {
        guard let text = reader.text(node, "\"\(name)\"") else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isNumber) }), let hour = Int(parts[0]),
            let minute = Int(parts[1]), hour < 24, minute < 60
        {
            return hour * 60 + minute
        }
        reader.report(.configBadValue, "\"\(name)\" must be a time of day in quotes, as \"08:00\"", at: node)
        return nil
    }

    private mutating func quiet(_ node: Node) -> QuietHours? {
        guard let section = reader.section(node, "\"quietHours\"") else { return nil }
        reader.expect(section, only: ["from", "to"], in: "\"quietHours\"")
        guard let from = section["from"], let to = section["to"] else {
            reader.report(.configMissingKey, "\"quietHours\" needs \"from\" and \"to\"", at: section.place)
            return nil
        }
        guard let from = minute(from, "from"), let to = minute(to, "to") else { return nil }
        return QuietHours(from: from, to: to)
    }

    // MARK: Words

    private mutating func wording(
        _ body: Section, _ top: Section
    ) -> (wording: Wording, bytes: [UInt8], places: [String: Node])? {
        guard let node = body["wording"] ?? top["wording"], let name = reader.name(node, "\"wording\"") else {
            if body["wording"] == nil, top["wording"] == nil {
                reader.report(.configMissingKey, "\"wording\" is missing: the file of what is said", at: body.place)
            }
            return nil
        }
        if let known = wordings[name] { return known }
        let path = reader.resolve(name)
        guard FileManager.default.fileExists(atPath: path) else {
            reader.report(.configBadNotice, "there is no file \"\(name)\"", at: node)
            return nil
        }
        var other = ConfigurationReader(path: path)
        defer { reader.problems += other.problems }
        guard let (bytes, root) = other.load(), let section = other.section(root, "the words"),
            let wording = other.wording(section)
        else { return nil }
        let places = Dictionary(section.entries.map { ($0.name, $0.value) }) { first, _ in first }
        wordings[name] = (wording, bytes, places)
        return wordings[name]
    }

    /// That the rule can say what it has to say, with what it knows, and in as many messages as it may.
    private mutating func check(
        _ rule: inout NoticeRules.Rule, _ words: (wording: Wording, bytes: [UInt8], places: [String: Node]),
        _ body: Section
    ) {
        let node = body["wording"] ?? body["rule"]
        for key in rule.keys {
            guard words.wording.hasSentence(key) else {
                let place = node.map { reader.place($0) } ?? body.place
                reader.report(.configBadNotice, "the words have no sentence \"\(key)\"", at: place)
                continue
            }
            let known = rule.placeholders
            for placeholder in words.wording.placeholders(of: key) where !known.contains(placeholder) {
                wrong(
                    key, words, body,
                    "\"{\(placeholder.rawValue)}\" is not known of \(rule.kind.rawValue); known: \(known.map(\.rawValue).joined(separator: ", "))"
                )
            }
            // What stands there whatever is filled in.
            let least = words.wording.sentence(key, words.wording.placeholders(of: key).map { ($0, .text("")) })
            let segments = SMSLength.segments(of: least)
            if segments > rule.mostSegments {
                wrong(
                    key, words, body,
                    "\"\(key)\" takes \(segments) messages before anything is filled in, and \"maxSegments\" is \(rule.mostSegments)"
                )
            }
        }
    }

    private mutating func wrong(
        _ key: String, _ words: (wording: Wording, bytes: [UInt8], places: [String: Node]), _ body: Section,
        _ message: String
    ) {
        let name = (body["wording"]?.string).map { reader.resolve($0) }
        guard let node = words.places[key] else { return reader.report(.configBadNotice, message, at: body.place) }
        let path = name ?? wordPath(of: words.bytes) ?? reader.path
        reader.report(.configBadNotice, message, at: .file(path, node.mark))
    }

    private func wordPath(of bytes: [UInt8]) -> String? {
        wordings.first { $0.value.bytes == bytes }.map { reader.resolve($0.key) }
    }
}

extension NoticeRules.Rule {
    /// The keys of what it may say.
    var keys: [String] {
        switch kind {
        case .arrears: [name]
        case .followUp: ["first", "again"].map { key($0) }
        case .outage: phases.map { key($0.rawValue) }.sorted()
        case .progress: states.map { key($0.rawValue) }.sorted()
        }
    }

    /// What its sentences may name.
    var placeholders: [Wording.Placeholder] {
        switch kind {
        case .arrears: [.number, .season, .payable, .paid, .open, .dueOn, .days]
        case .followUp: [.number, .order, .fault]
        case .outage: [.number, .kind, .begins, .end, .reason]
        case .progress: [.number, .order, .fault, .state]
        }
    }
}
