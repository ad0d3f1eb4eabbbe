import ConfigurationFiles
import HeatModel
import Yams

/// A file with one flow.
struct FlowFile {
    var reader: ConfigurationReader

    mutating func read() -> Flow? {
        guard let (_, root) = reader.load(), let top = reader.section(root, "the flow") else { return nil }
        reader.expect(top, only: ["flow", "version", "title", "intents", "start", "states"], in: "the flow")
        let name = reader.required("flow", in: top, of: "the flow")
        let title = reader.required("title", in: top, of: "the flow")
        let start = reader.required("start", in: top, of: "the flow")
        let version = reader.integer(of: "version", in: top, atLeast: 1, atMost: 999_999) ?? 1
        if let name, let node = top["flow"], !EntryFile.isName(name) {
            reader.report(.configBadValue, "\"\(name)\" is no name: small letters, digits and _", at: node)
        }
        let intents = reader.texts(of: "intents", in: top) ?? []
        guard let list = reader.section(of: "states", in: top) else {
            if top["states"] == nil { reader.report(.configMissingKey, "the flow needs \"states\"", at: top.place) }
            return nil
        }
        var states: [String: Flow.State] = [:]
        for entry in list.entries {
            guard let section = reader.section(entry.value, "state \"\(entry.name)\"") else { continue }
            if !EntryFile.isName(entry.name) {
                reader.report(
                    .configBadValue, "\"\(entry.name)\" is no name: small letters, digits and _", at: entry.key)
            }
            if let body = body(section, entry.name) {
                states[entry.name] = Flow.State(body: body, place: reader.place(entry.key))
            }
        }
        guard let name, let title, let start else { return nil }
        return Flow(
            name: name, version: version, title: title, intents: intents, start: start, states: states,
            order: list.entries.map(\.name), place: top.place)
    }

    private mutating func body(_ section: Section, _ name: String) -> Flow.Body? {
        reader.expect(
            section, only: ["when", "do", "call", "say", "want", "to", "choices", "on", "end", "listen"], in: "a state")
        let parts = ["when", "do", "call"].filter { section[$0] != nil }
        if parts.count > 1 || (parts.count == 1 && (section["say"] ?? section["end"]) != nil) {
            reader.report(
                .configBadValue, "a state does one thing: when, do, call, or say and end", at: section.place)
            return nil
        }
        switch parts.first {
        case "when": return branch(section)
        case "do":
            guard let node = section["do"], let text = reader.text(node, "\"do\"") else { return nil }
            guard let action = Action(text) else {
                reader.report(
                    .configBadValue, "\"\(text)\" is nothing that can be done", at: node,
                    advice: NearestName.advice(text, among: Action.known))
                return nil
            }
            return .act(action, on: outcomes(section, action.outcomes))
        case "call":
            guard let node = section["call"], let flow = reader.name(node, "\"call\"") else { return nil }
            return .call(flow, on: outcomes(section, Flow.Ending.allCases.map(\.rawValue)))
        default: return words(section)
        }
    }

    /// Where it goes on by what came of it: a mapping that names each outcome, or `to` where there is one alone.
    private mutating func outcomes(_ section: Section, _ known: [String]) -> [String: String] {
        if known.count == 1, let to = reader.text(of: "to", in: section) { return [known[0]: to] }
        guard let on = reader.section(of: "on", in: section) else {
            if section["on"] == nil {
                reader.report(
                    .configMissingKey, "a state needs \"on\": \(known.joined(separator: ", "))", at: section.place)
            }
            return [:]
        }
        reader.expect(on, only: known, in: "\"on\"")
        var found: [String: String] = [:]
        for outcome in known {
            if let to = reader.text(of: outcome, in: on) {
                found[outcome] = to
            } else {
                reader.report(.configMissingKey, "\"on\" does not say what follows \"\(outcome)\"", at: on.place)
            }
        }
        return found
    }

    private mutating func branch(_ section: Section) -> Flow.Body? {
        guard case .sequence(let list)? = section["when"] else {
            reader.report(.configBadValue, "\"when\" must be a list", at: section["when"] ?? Node("", .implicit, .any))
            return nil
        }
        var cases: [([Condition], String)] = []
        for item in list {
            guard let one = reader.section(item, "a case") else { continue }
            reader.expect(one, only: ["if", "to"], in: "a case")
            guard let to = reader.required("to", in: one, of: "a case"), let node = one["if"] else {
                if one["if"] == nil { reader.report(.configMissingKey, "a case needs \"if\"", at: one.place) }
                continue
            }
            let words: [(text: String, node: Node)]
            if case .scalar(let scalar) = node {
                words = [(scalar.string, node)]
            } else {
                words = reader.list(node, "\"if\"") ?? []
            }
            cases.append((words.compactMap { condition($0.text, $0.node) }, to))
        }
        guard let otherwise = reader.required("to", in: section, of: "a state with \"when\"") else { return nil }
        return .branch(cases.map { (conditions: $0.0, to: $0.1) }, otherwise: otherwise)
    }

    private mutating func condition(_ text: String, _ node: Node) -> Condition? {
        var words = text.split(separator: " ").map(String.init)
        let isNegated = words.first == "not"
        if isNegated { words.removeFirst() }
        let known = Condition.Word.allCases.map(\.rawValue)
        guard let name = words.first, let word = Condition.Word(rawValue: name) else {
            reader.report(
                .configBadValue, "\"\(text)\" is no condition", at: node,
                advice: NearestName.advice(words.first ?? text, among: known))
            return nil
        }
        let takes = word == .told || word == .asked || word == .said
        if words.count != (takes ? 2 : 1) {
            reader.report(
                .configBadValue,
                takes ? "\"\(name)\" needs one word after it" : "\"\(name)\" stands alone", at: node)
            return nil
        }
        if word == .told, Slot(rawValue: words[1]) == nil {
            reader.report(
                .configBadValue, "\"\(words[1])\" is nothing that is asked for", at: node,
                advice: NearestName.advice(words[1], among: Slot.allCases.map(\.rawValue)))
            return nil
        }
        return Condition(word: word, of: takes ? words[1] : nil, isNegated: isNegated)
    }

    private mutating func words(_ section: Section) -> Flow.Body? {
        let say = reader.text(of: "say", in: section)
        let to = reader.text(of: "to", in: section)
        if section["end"] != nil {
            let ending = reader.choice(of: "end", in: section, Flow.Ending.self)
            for name in ["want", "choices", "to"] where section[name] != nil {
                reader.report(.configBadValue, "\"\(name)\" stands where a flow ends", at: section.place)
            }
            return ending.map { .end(say: say, $0) }
        }
        guard let say else {
            reader.report(
                .configMissingKey, "a state says, does, calls, chooses by \"when\", or ends", at: section.place)
            return nil
        }
        let want = reader.choice(of: "want", in: section, Slot.self)
        var choices: [(id: String, to: String)] = []
        if let list = reader.section(of: "choices", in: section) {
            for entry in list.entries {
                if let target = reader.name(entry.value, "\"\(entry.name)\"") { choices.append((entry.name, target)) }
            }
        }
        if section["want"] == nil, choices.isEmpty {
            guard let to else {
                reader.report(
                    .configMissingKey, "the state has no way out: \"to\", \"want\", \"choices\" or \"end\"",
                    at: section.place)
                return nil
            }
            return .say(say, to: to)
        }
        if section["want"] != nil, to == nil {
            reader.report(
                .configMissingKey, "\"want\" needs \"to\": where it goes on once it is told", at: section.place)
        }
        if section["want"] == nil, let node = section.key("to") {
            reader.report(.configBadValue, "\"to\" follows \"want\"; choices say themselves", at: node)
        }
        return .ask(
            say, want: want, to: to, choices: choices, listens: reader.flag(of: "listen", in: section) ?? false)
    }
}
