import ConfigurationFiles
import Explanation
import HeatModel
import Notices

/// What no file shows by itself: whether flows, entries and intents fit together, and whether a customer gets on from every state.
struct PlaybookCheck {
    let company: Company
    let entries: [String: Entry]
    let flows: [String: Flow]
    var problems: [HearthError]

    mutating func run(intents: Set<String>?, folder: String) -> [String: Playbook.Answering] {
        let answers = answers()
        let known = intents ?? Set(answers.keys)
        for flow in flows.values.sorted(by: { $0.name < $1.name }) { check(flow, known, answers) }
        for entry in entries.values.sorted(by: { $0.id < $1.id }) { check(entry, answers) }
        let place = Place.file(folder + "/company.yaml", line: 0, column: 0)
        for name in RoomEntry.allCases where entries[name.rawValue] == nil {
            report(.configMissingKey, "there is no entry \"\(name.rawValue)\", which the assistant itself says", place)
        }
        for intent in company.menu where answers[intent] == nil {
            report(.configBadValue, "\"menu\" names \"\(intent)\", which nothing answers", place)
        }
        for intent in company.neverOffered.sorted() where answers[intent] == nil || company.menu.contains(intent) {
            report(
                .configBadValue, "\"never_offered\" names \"\(intent)\", which nothing answers or \"menu\" offers",
                place)
        }
        for intent in company.refused.sorted() where answers[intent] == nil {
            report(.configBadValue, "\"refused\" names \"\(intent)\", which nothing answers", place)
        }
        for part in Explanation.partKinds where company.chart.parts[part] == nil {
            report(.configMissingKey, "\"parts\" of the chart lacks \"\(part)\"", place)
        }
        if let intents {
            for intent in intents.sorted() where answers[intent] == nil {
                report(.configMissingKey, "nothing answers the intent \"\(intent)\"", place)
            }
        }
        return answers
    }

    private mutating func report(_ code: HearthError.Code, _ message: String, _ place: Place, _ advice: Advice? = nil) {
        problems.append(HearthError(code, message, at: place, advice: advice))
    }

    private mutating func answers() -> [String: Playbook.Answering] {
        var answers: [String: Playbook.Answering] = [:]
        for flow in flows.values.sorted(by: { $0.name < $1.name }) {
            for intent in flow.intents {
                if answers[intent] != nil {
                    report(.configDuplicateKey, "another flow answers \"\(intent)\" too", flow.place)
                }
                answers[intent] = .flow(flow.name)
            }
        }
        for entry in entries.values.sorted(by: { $0.id < $1.id }) {
            for intent in entry.intents {
                if answers[intent] != nil {
                    report(.configDuplicateKey, "something else answers \"\(intent)\" too", entry.place)
                } else {
                    answers[intent] = .entry(entry.id)
                }
            }
        }
        return answers
    }

    // MARK: Entries

    private mutating func check(_ entry: Entry, _ answers: [String: Playbook.Answering]) {
        for choice in entry.choices where choice.isIntent && answers[choice.id] == nil {
            report(
                .configBadValue, "the choice leads to \"\(choice.id)\", which nothing answers", entry.place,
                NearestName.advice(choice.id, among: answers.keys.sorted()))
        }
        let all = Set(company.values.keys).union(Self.everyValue)
        for name in entry.names where !all.contains(name) {
            report(
                .configBadValue, "\"{\(name)}\" in \"\(entry.id)\" is no placeholder", entry.place,
                NearestName.advice(name, among: all.sorted()))
        }
        if !entry.intents.isEmpty || RoomEntry(rawValue: entry.id) != nil { checkValues(entry, [], in: nil) }
        let length = SMSLength.segments(of: shortest(entry))
        if length > company.shortSegments {
            report(
                .configBadValue,
                "the short form of \"\(entry.id)\" takes \(length) messages, more than \(company.shortSegments)",
                entry.place)
        }
    }

    /// The short form with each figure as long as it may be; long texts of answers are cut where they are told.
    private func shortest(_ entry: Entry) -> String {
        let template = entry.short ?? entry.full
        let text = template.filled { name in
            company.values[name] ?? String(repeating: "八", count: Self.lengths[name] ?? 0)
        }
        let first = entry.short == nil ? ShortForm.firstSentence(of: text) : text
        return ShortForm.joined(first, link: entry.link?.address)
    }

    /// Characters that a figure takes at the most; what is not here is a text that is cut to fit.
    private static let lengths = ["open": 12, "season": 9, "account": 8, "order": 16, "title": 10]

    /// Values that the room itself fills in.
    static let roomValues: [String: [String]] = [
        "account_length": ["digits_said"], "address_community": ["address_known"],
        "address_building": ["address_known"], "address_room": ["address_known"],
        "office_line": ["office_name", "office_address", "office_open"], "office_phone": ["office_phone"],
        "resume": ["title"], "left": ["title"], "unclear": ["first"], "greeting": ["company"],
        "order_line": ["order_number", "order_kind", "order_state"], "order_crew": ["crew"],
        "order_appointed": ["appointed"], "order_position": ["kilometres", "seen"],
    ]

    private static let everyValue: Set<String> = {
        var names = Set(roomValues.values.joined())
        for text in Action.known { names.formUnion(Action(text)?.values ?? []) }
        return names
    }()

    private mutating func checkValues(_ entry: Entry, _ available: Set<String>, in flow: (Flow, String)?) {
        let own = Set(Self.roomValues[entry.id] ?? [])
        for name in entry.names
        where company.values[name] == nil && !available.contains(name) && !own.contains(name)
            && Self.everyValue.contains(name)
        {
            let at = flow.map { "in state \"\($0.1)\" of \"\($0.0.name)\"" } ?? "where it answers by itself"
            report(
                .configBadValue, "\"{\(name)}\" of \"\(entry.id)\" is not known \(at)",
                flow.flatMap { $0.0.states[$0.1]?.place } ?? entry.place)
        }
    }

    // MARK: Flows

    private mutating func check(_ flow: Flow, _ intents: Set<String>, _ answers: [String: Playbook.Answering]) {
        for intent in flow.intents where !intents.contains(intent) {
            report(
                .configBadValue, "\"\(intent)\" of flow \"\(flow.name)\" is no intent", flow.place,
                NearestName.advice(intent, among: intents.sorted()))
        }
        func knows(_ state: String) -> Bool { flow.states[state] != nil || flow.order.contains(state) }
        if !knows(flow.start) {
            report(
                .configBadValue, "\"\(flow.name)\" begins in \"\(flow.start)\", which is no state", flow.place,
                NearestName.advice(flow.start, among: flow.order))
        }
        for name in flow.order {
            guard let state = flow.states[name] else { continue }
            for to in state.body.targets where !knows(to) {
                report(
                    .configBadValue, "\"\(to)\" is no state of \"\(flow.name)\"", state.place,
                    NearestName.advice(to, among: flow.order))
            }
            if let said = state.body.entry, entries[said] == nil {
                report(
                    .configBadValue, "\"\(said)\" is no entry", state.place,
                    NearestName.advice(said, among: entries.keys.sorted()))
            }
            switch state.body {
            case .call(let other, _) where flows[other] == nil:
                report(
                    .configBadValue, "\"\(other)\" is no flow", state.place,
                    NearestName.advice(other, among: flows.keys.sorted()))
            case .ask(let said, let want, _, let choices, _):
                guard let entry = entries[said] else { continue }
                for choice in choices where !entry.choices.contains(where: { $0.id == choice.id && !$0.isIntent }) {
                    report(
                        .configBadValue, "\"\(choice.id)\" is no choice of entry \"\(said)\"", state.place,
                        NearestName.advice(choice.id, among: entry.choices.map(\.id)))
                }
                for choice in entry.choices
                where !choice.isIntent && !choices.contains(where: { $0.id == choice.id }) {
                    report(
                        .configBadValue, "the state does not say where \"\(choice.id)\" of \"\(said)\" leads",
                        state.place)
                }
                if want == .which, !choices.isEmpty {
                    report(.configBadValue, "\"which\" offers the accounts, and nothing else", state.place)
                }
            case .say(let said, _), .end(let said?, _):
                if entries[said]?.choices.contains(where: { !$0.isIntent }) == true {
                    report(.configBadValue, "\"\(said)\" offers choices that nothing here waits for", state.place)
                }
            case .branch(let cases, _):
                for one in cases {
                    for condition in one.conditions where condition.word == .asked {
                        if !flow.intents.contains(condition.of ?? "") {
                            report(
                                .configBadValue, "\"asked \(condition.of ?? "")\" names no intent of the flow",
                                state.place,
                                NearestName.advice(condition.of ?? "", among: flow.intents))
                        }
                    }
                }
            default: break
            }
        }
        checkReach(flow)
        checkLoops(flow)
        checkCalls(flow)
        checkValues(flow)
    }

    private mutating func checkReach(_ flow: Flow) {
        var reached: Set<String> = []
        var open = [flow.start]
        while let name = open.popLast() {
            guard let state = flow.states[name], reached.insert(name).inserted else { continue }
            open += state.body.targets
        }
        for name in flow.order where !reached.contains(name) {
            guard let state = flow.states[name] else { continue }
            report(.configBadValue, "nothing leads to state \"\(name)\" of \"\(flow.name)\"", state.place)
        }
        // From where an end is reached.
        var ending = Set(flow.states.filter { if case .end = $0.value.body { true } else { false } }.keys)
        var isGrowing = true
        while isGrowing {
            isGrowing = false
            for (name, state) in flow.states
            where !ending.contains(name) && state.body.targets.contains(where: { ending.contains($0) }) {
                ending.insert(name)
                isGrowing = true
            }
        }
        for name in flow.order where reached.contains(name) && !ending.contains(name) {
            guard let state = flow.states[name] else { continue }
            report(.configBadValue, "state \"\(name)\" of \"\(flow.name)\" never comes to an end", state.place)
        }
    }

    /// A round in which the customer says nothing would never end.
    private mutating func checkLoops(_ flow: Flow) {
        var done: Set<String> = []
        var path: [String] = []
        func walk(_ name: String) -> String? {
            if path.contains(name) { return name }
            guard !done.contains(name), let state = flow.states[name] else { return nil }
            path.append(name)
            defer {
                path.removeLast()
                done.insert(name)
            }
            if case .ask = state.body { return nil }
            for to in state.body.targets { if let found = walk(to) { return found } }
            return nil
        }
        for name in flow.order {
            if let found = walk(name), let state = flow.states[found] {
                report(
                    .configBadValue,
                    "state \"\(found)\" of \"\(flow.name)\" comes back to itself without a word of the customer",
                    state.place)
                return
            }
        }
    }

    /// A flow that calls itself, or one that calls it.
    private mutating func checkCalls(_ flow: Flow) {
        var seen: Set<String> = []
        var open = flow.calls
        while let next = open.popLast() {
            if next == flow.name {
                report(.configBadValue, "flow \"\(flow.name)\" calls itself", flow.place)
                return
            }
            if seen.insert(next).inserted { open += flows[next]?.calls ?? [] }
        }
    }

    /// What is surely known in each state: what an answer said holds until the customer speaks, since it may have changed then.
    private mutating func checkValues(_ flow: Flow) {
        var known: [String: Set<String>] = [flow.start: []]
        var open = [flow.start]
        func pass(_ values: Set<String>, to name: String) {
            guard flow.states[name] != nil else { return }
            let before = known[name]
            let after = before.map { $0.intersection(values) } ?? values
            if before != after {
                known[name] = after
                open.append(name)
            }
        }
        while let name = open.popLast() {
            guard let state = flow.states[name], let here = known[name] else { continue }
            switch state.body {
            case .branch(let cases, let otherwise):
                for one in cases { pass(here, to: one.to) }
                pass(here, to: otherwise)
            case .act(let action, let on):
                for (outcome, to) in on { pass(action.tells(outcome) ? here.union(action.values) : here, to: to) }
            case .call(_, let on): for to in on.values { pass([], to: to) }
            case .say(_, let to): pass(here, to: to)
            case .ask(_, _, let to, let choices, _):
                if let to { pass([], to: to) }
                for choice in choices { pass([], to: choice.to) }
            case .end: break
            }
        }
        for name in flow.order {
            guard let state = flow.states[name], let values = known[name], let said = state.body.entry,
                let entry = entries[said]
            else { continue }
            checkValues(entry, values, in: (flow, name))
        }
    }
}

extension Entry {
    var names: [String] {
        ([full, short, spoken, plain].compactMap(\.self) + steps.map(\.words)).flatMap(\.names)
    }
}

extension Flow {
    var calls: [String] {
        states.values.compactMap { if case .call(let name, _) = $0.body { name } else { nil } }
    }
}

extension Flow.Body {
    var targets: [String] {
        switch self {
        case .branch(let cases, let otherwise): cases.map(\.to) + [otherwise]
        case .act(_, let on), .call(_, let on): on.values.sorted()
        case .say(_, let to): [to]
        case .ask(_, _, let to, let choices, _): [to].compactMap(\.self) + choices.map(\.to)
        case .end: []
        }
    }

    var entry: String? {
        switch self {
        case .say(let entry, _), .ask(let entry, _, _, _, _), .end(let entry?, _): entry
        default: nil
        }
    }
}
