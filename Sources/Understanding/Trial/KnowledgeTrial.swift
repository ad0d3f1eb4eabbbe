/// How well a listener does on labelled utterances.
package struct KnowledgeTrial: Sendable {
    /// An utterance that is not heard as it is labelled.
    package struct Miss: Sendable, Codable, Equatable {
        package var id: String
        package var text: String
        package var wanted: String
        /// As it was understood, or the two intents asked back with.
        package var heard: String
        package var because: String
    }

    /// A slot that is not named as it is labelled; empty where there is none.
    package struct SlotMiss: Sendable, Codable, Equatable {
        package var id: String
        package var text: String
        package var slot: String
        package var wanted: String
        package var named: String
    }

    /// Of a slot: named rightly, named wrongly or where nothing is, and not named.
    package struct SlotCount: Sendable, Codable, Equatable {
        package var right = 0
        package var wrong = 0
        package var missed = 0

        /// Of 1,000.
        package var precision: Int { KnowledgeTrial.share(right, right + wrong) }
        package var recall: Int { KnowledgeTrial.share(right, right + missed) }
        package var f1: Int { KnowledgeTrial.share(2 * right, 2 * right + wrong + missed) }
    }

    package struct Outcome: Sendable, Codable, Equatable {
        package var lines = 0
        /// The first intent understood is the label, or one that the line also takes for right.
        package var right = 0
        /// Asked back instead.
        package var unclear = 0
        package var outside = 0
        /// Of those outside: answered as nothing else.
        package var outsideKept = 0
        /// Of those inside: taken for outside.
        package var insideLost = 0
        package var second = 0
        package var secondFound = 0
        /// Second questions that nobody asked.
        package var secondInvented = 0
        /// Lines to which nothing may be given.
        package var refused = 0
        /// Of them: understood as anything but `none` or `human`.
        package var disclosures = 0
        package var slots: [String: SlotCount] = [:]
        /// By label, by what was understood.
        package var confusion: [String: [String: Int]] = [:]
        package var misses: [Miss] = []
        /// Second questions that were not found, and those that nobody asked.
        package var secondMisses: [Miss] = []
        package var slotMisses: [SlotMiss] = []
    }

    private let knowledge: Knowledge

    package init(_ knowledge: Knowledge) { self.knowledge = knowledge }

    static func share(_ part: Int, _ whole: Int) -> Int { whole == 0 ? 1000 : part * 1000 / whole }

    /// A text in the form in which two are the same: such an example is left out of the training for a line.
    private func form(_ text: String) -> String { String(knowledge.forms.utterance(text).bare) }

    /// Every line heard by a listener that has not learned from it.
    ///
    /// - Parameter folds: the lines are heard in so many parts, each by a listener that learned from the examples and from the lines of
    ///   the other parts; 1: by one that learned from the examples alone.
    package func run(_ lines: [LabelledLine], folds: Int = 1) -> Outcome {
        var outcome = Outcome()
        var taken: [LabelledLine] = []
        var heard: [Heard] = []
        for fold in 0..<max(1, folds) {
            let part = lines.enumerated().filter { $0.offset % max(1, folds) == fold }.map(\.element)
            var learned = knowledge
            if folds > 1 {
                learned.examples += lines.enumerated().filter { $0.offset % folds != fold }
                    .map { .init(intent: $0.element.intent, text: $0.element.text) }
                learned.examples = Set(learned.examples).sorted { ($0.intent, $0.text) < ($1.intent, $1.text) }
            }
            let tested = Set(part.map { form($0.text) })
            learned.examples.removeAll { tested.contains(form($0.text)) }
            let listener = Listener(learned)
            taken += part
            heard += part.map { listener.hear($0.text, context: $0.context) }
        }
        for (line, heard) in zip(taken, heard) { count(line, heard, &outcome) }
        return outcome
    }

    private func count(_ line: LabelledLine, _ heard: Heard, _ outcome: inout Outcome) {
        outcome.lines += 1
        var intents: [String] = []
        if case .understood(let found) = heard.outcome { intents = found } else { outcome.unclear += 1 }
        let first = intents.first ?? "unclear"
        let isRight = line.right.contains(first)
        if isRight { outcome.right += 1 }
        outcome.confusion[line.intent, default: [:]][isRight ? line.intent : first, default: 0] += 1
        let isOutside = first == "none" || first == "human"
        if line.isOutside {
            outcome.outside += 1
            if isOutside || intents.isEmpty { outcome.outsideKept += 1 }
        } else if isOutside {
            outcome.insideLost += 1
        }
        let isFound = Set(line.also + [line.intent]).isSubset(of: intents)
        if !line.also.isEmpty {
            outcome.second += 1
            if isFound { outcome.secondFound += 1 }
        } else if intents.count > 1 {
            outcome.secondInvented += 1
        }
        if line.also.isEmpty ? intents.count > 1 : !isFound {
            outcome.secondMisses.append(
                Miss(
                    id: line.id, text: line.text, wanted: ([line.intent] + line.also).joined(separator: "+"),
                    heard: intents.isEmpty ? "unclear" : intents.joined(separator: "+"),
                    because: heard.ranking.prefix(4).map { "\($0.intent) \($0.score)" }.joined(separator: ", ")))
        }
        if line.isRefused {
            outcome.refused += 1
            // Who is asked back is given nothing.
            if !isOutside, !intents.isEmpty { outcome.disclosures += 1 }
        }
        if !isRight {
            var said = intents.joined(separator: "+")
            if case .unclear(let asked) = heard.outcome { said = "unclear(\(asked.joined(separator: ",")))" }
            outcome.misses.append(
                Miss(
                    id: line.id, text: line.text, wanted: line.intent, heard: said,
                    because: heard.ranking.first?.because ?? ""))
        }
        if !line.isOutside { count(line, heard.slots.named, &outcome) }
    }

    private func count(_ line: LabelledLine, _ named: [String: String], _ outcome: inout Outcome) {
        let wanted = line.slots
        for name in Set(wanted.keys).union(named.keys).sorted() {
            if wanted[name] == named[name] {
                outcome.slots[name, default: SlotCount()].right += 1
                continue
            }
            outcome.slotMisses.append(
                .init(
                    id: line.id, text: line.text, slot: name, wanted: wanted[name] ?? "", named: named[name] ?? ""))
            if named[name] != nil { outcome.slots[name, default: SlotCount()].wrong += 1 }
            if wanted[name] != nil { outcome.slots[name, default: SlotCount()].missed += 1 }
        }
    }

    /// The examples themselves, each heard by a listener that learned from the other parts: right ones and all.
    package func runExamples(folds: Int) -> Outcome {
        let lines = knowledge.examples.enumerated().map { index, example in
            LabelledLine(
                id: "\(index + 1)", text: example.text, intent: example.intent, slots: [:],
                notes: example.intent.hasPrefix("follow_up") ? ["ctx:followup"] : [])
        }
        var only = knowledge
        only.examples = []
        var outcome = KnowledgeTrial(only).run(lines, folds: folds)
        // Examples say nothing about slots.
        outcome.slots = [:]
        outcome.slotMisses = []
        return outcome
    }
}

extension KnowledgeTrial.Outcome {
    /// Of 1,000.
    package var topOne: Int { KnowledgeTrial.share(right, lines) }
    package var kept: Int { KnowledgeTrial.share(outsideKept, outside) }
    /// All slots together.
    package var allSlots: KnowledgeTrial.SlotCount {
        slots.values.reduce(into: KnowledgeTrial.SlotCount()) {
            $0.right += $1.right
            $0.wrong += $1.wrong
            $0.missed += $1.missed
        }
    }
}
