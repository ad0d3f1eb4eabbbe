/// Hears what customers say: a linear model over n-grams and concepts, the nearest examples, cues and rules, all in whole numbers.
///
/// Safe to share: nothing of it changes after it is made.
package final class Listener: Hearing {
    package let knowledge: Knowledge
    let tuning: Tuning
    private let vocabulary: Vocabulary
    private let model: LinearModel
    private let index: ExampleIndex
    private let labels: [Int]
    private let none: Int
    private let human: Int
    private let places: [String: Int]

    struct Tuning: Sendable {
        var features = Features.Weights()
        var schedule = LinearModel.Schedule()
        /// In how many examples a feature of three characters must stand.
        var least = 2
        var neighbours = 12
        /// What an example that is said again word for word adds, 65,536 a unit.
        var echo: Int64 = 5 * 65_536
        /// What all neighbours together can add.
        var nearness: Int64 = 4 * 65_536
        var followUp: Int64 = 5 * 65_536 / 2
        var open: Int64 = 65_536 / 2
    }

    /// Learns from the examples: some tenths of a second for six thousand.
    package convenience init(_ knowledge: Knowledge) { self.init(knowledge, tuning: Tuning()) }

    init(_ knowledge: Knowledge, tuning: Tuning) {
        self.knowledge = knowledge
        self.tuning = tuning
        places = Dictionary(uniqueKeysWithValues: knowledge.intents.enumerated().map { ($1.id, $0) })
        none = places["none"] ?? 0
        human = places["human"] ?? 0
        let features = knowledge.examples.map { example in
            let utterance = knowledge.forms.utterance(example.text)
            let bare = knowledge.forms.meant(utterance).bare
            return Features(
                bare, utterance.pictures, knowledge.lexicon.hits(in: bare).concepts, weights: tuning.features)
        }
        vocabulary = Vocabulary(features, least: tuning.least)
        let vocabulary = self.vocabulary
        let vectors = features.map { vocabulary.vector($0) }
        let places = self.places
        labels = knowledge.examples.map { places[$0.intent] ?? 0 }
        model = LinearModel(
            Array(zip(vectors, labels)).map { (vector: $0, label: $1) }, features: vocabulary.count,
            labels: knowledge.intents.count, schedule: tuning.schedule)
        index = ExampleIndex(vectors, vocabulary)
    }

    package func hear(_ words: String, context: HearingContext = HearingContext()) -> Heard {
        let utterance = knowledge.forms.utterance(words)
        let said = String(utterance.plain)
        let meant = knowledge.forms.meant(utterance)
        let whole = judge(meant.bare, utterance.pictures, context, neighbours: tuning.neighbours)
        var marks: Set<Heard.Mark> = meant.isNegated ? [.negation] : []
        for rule in whole.rules { marks.formUnion(rule.marks) }
        if Others.isAskedOf(utterance.bare) { marks.insert(.othersData) }
        if isNoise(utterance, whole) { marks.insert(.noise) }
        let questions = withFurther(questions(utterance, whole, context, marks), utterance)
        if questions.contains(where: { knowledge.intents[$0].path == .urgent }) { marks.insert(.urgent) }
        let ranking = whole.order.prefix(10).enumerated().map { place, label in
            Heard.Ranked(
                intent: knowledge.intents[label].id, score: whole.shares[label],
                because: place < 3 ? because(label, whole) : "")
        }
        var slots = Slots()
        let first = questions.first ?? whole.order[0]
        if first != none, first != human || !marks.contains(.othersData) {
            slots = SlotReader(words: knowledge.slotWords).slots(
                in: utterance.plain,
                intents: (questions.isEmpty ? [whole.order[0]] : questions).map { knowledge.intents[$0].id })
        }
        if context.asksForPlace, !marks.contains(.othersData) {
            SlotReader(words: knowledge.slotWords).readPlace(in: utterance.plain, &slots)
        }
        let outcome: Heard.Outcome
        if questions.isEmpty {
            outcome = .unclear(marks.contains(.noise) ? [] : likeliest(whole))
        } else {
            outcome = .understood(questions.map { knowledge.intents[$0].id })
        }
        return Heard(
            words: said, outcome: outcome, ranking: ranking, slots: slots, marks: marks,
            asks: Asking.isQuestion(utterance))
    }

    // MARK: one judgement

    /// What speaks for which intent in a text or a part of one.
    struct Judgement {
        var vector: Vocabulary.Vector
        var shares: [Int]
        /// Labels, the best first; of two equal ones the earlier.
        var order: [Int]
        var neighbours: [ExampleIndex.Neighbour]
        var cues: [(label: Int, pattern: String, weight: Int64)]
        var rules: [Knowledge.Rule]
        var decided: (label: Int, rule: String)?
    }

    private func judge(
        _ bare: Scalars, _ pictures: Scalars, _ context: HearingContext, neighbours count: Int = 0
    ) -> Judgement {
        let hits = knowledge.lexicon.hits(in: bare)
        let vector = vocabulary.vector(Features(bare, pictures, hits.concepts, weights: tuning.features))
        var scores = model.scores(vector).map(Int64.init)
        let neighbours = count > 0 ? index.nearest(vector, count) : []
        // Each neighbour's say falls with the square of what it has not in common.
        for neighbour in neighbours {
            let like = Int64(neighbour.likeness)
            scores[labels[neighbour.example]] += tuning.nearness * like * like / 1_000_000 / 2
            if neighbour.likeness >= 985 { scores[labels[neighbour.example]] += tuning.echo }
        }
        var cues: [(label: Int, pattern: String, weight: Int64)] = []
        func apply(_ cue: Knowledge.Cue) {
            let weight = Int64(cue.weight) * 65_536 / 100
            scores[cue.intent] += weight
            cues.append((cue.intent, cue.pattern.text, weight))
        }
        for cue in knowledge.cues where cue.than == nil && cue.pattern.holds(hits) { apply(cue) }
        if context.afterFollowUp {
            for id in ["follow_up_fixed", "follow_up_not_fixed"] {
                if let place = places[id] { scores[place] += tuning.followUp }
            }
        }
        if let open = context.openIntent, let place = places[open] { scores[place] += tuning.open }
        let leader = scores.indices.max { (scores[$0], $1) < (scores[$1], $0) } ?? 0
        for cue in knowledge.cues where cue.than == leader && cue.pattern.holds(hits) { apply(cue) }
        let rules = knowledge.rules.filter { rule in
            rule.when.contains { $0.holds(hits) } && !rule.unless.contains { $0.holds(hits) }
        }
        var decided: (Int, String)?
        for rule in rules {
            guard let label = rule.decides else { continue }
            if rule.adds > 0 {
                scores[label] += Int64(rule.adds) * 65_536 / 100
                cues.append((label, rule.id, Int64(rule.adds) * 65_536 / 100))
            } else if decided == nil {
                decided = (label, rule.id)
                scores[label] = (scores.max() ?? 0) + 8 * 65_536
            }
        }
        let top = scores.max() ?? 0
        let shares = LinearModel.shares(scores.map { Int32(clamping: $0 - top) })
        let order = shares.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
        return Judgement(
            vector: vector, shares: shares, order: order, neighbours: neighbours, cues: cues, rules: rules,
            decided: decided.map { (label: $0.0, rule: $0.1) })
    }

    /// The rule, the cue or the example that speaks most for an intent, and its most telling characters.
    private func because(_ label: Int, _ judgement: Judgement) -> String {
        if let decided = judgement.decided, decided.label == label { return "rule \(decided.rule)" }
        var reasons: [String] = []
        if let neighbour = judgement.neighbours.first(where: { labels[$0.example] == label }) {
            reasons.append("like \"\(knowledge.examples[neighbour.example].text)\" (\(neighbour.likeness))")
        }
        if let cue = judgement.cues.filter({ $0.label == label && $0.weight > 0 }).max(by: { $0.weight < $1.weight }) {
            reasons.append("cue \(cue.pattern)")
        }
        let vector = judgement.vector
        let telling = vector.places.indices
            .map { (at: $0, share: model.share(of: vector.places[$0], vector.values[$0], for: label)) }
            .filter { $0.share > 0 }
            .sorted { ($1.share, $0.at) < ($0.share, $1.at) }.prefix(3)
            .map { Features.text(vocabulary.keys[Int(vector.places[$0.at])], concepts: knowledge.concepts) }
        if !telling.isEmpty { reasons.append(telling.joined(separator: " ")) }
        return reasons.joined(separator: "; ")
    }

    // MARK: one question, two, none

    private func isNoise(_ utterance: Utterance, _ whole: Judgement) -> Bool {
        let bare = utterance.bare
        if bare.isEmpty { return true }
        let sense = bare.filter { ScalarKind.isHan($0) || ScalarKind.isLetter($0) }.count
        // Digits alone may be an account number or a key: they are no question.
        if sense == 0 { return true }
        return whole.vector.known < 20
    }

    private func questions(
        _ utterance: Utterance, _ whole: Judgement, _ context: HearingContext, _ marks: Set<Heard.Mark>
    ) -> [Int] {
        if let decided = whole.decided { return [decided.label] }
        let first = whole.order[0]
        if marks.contains(.noise), whole.shares[first] < 900 {
            return utterance.bare.isEmpty || whole.vector.known == 0 ? [none] : []
        }
        if whole.shares[first] < knowledge.settings.floor { return [] }
        // What is denied in a clause of its own is no question.
        guard first != none, first != human, !marks.contains(.negation) else { return [first] }
        return withSecond(utterance, whole, context)
    }

    private func likeliest(_ whole: Judgement) -> [String] {
        whole.order.prefix(2).filter { $0 != none && $0 != human && whole.shares[$0] >= 80 }.map {
            knowledge.intents[$0].id
        }
    }

    /// The likeliest intent, and a second one that has a clause of its own, in the order in which they were asked.
    private func withSecond(_ utterance: Utterance, _ whole: Judgement, _ context: HearingContext) -> [Int] {
        let bare = utterance.bare
        var best: (pair: [Int], share: Int)?
        for at in utterance.breaks.prefix(8) where at >= 3 && bare.count - at >= 3 {
            guard let found = parted([bare[..<at], bare[at...]], whole, context) else { continue }
            if found.share > best?.share ?? 0 { best = found }
        }
        return best?.pair ?? [whole.order[0]]
    }

    /// Two clauses as two questions, and how surely; nil where they are one, or one only tells how it came to the other.
    private func parted(
        _ halves: [ArraySlice<UInt32>], _ whole: Judgement, _ context: HearingContext
    ) -> (pair: [Int], share: Int)? {
        let (settings, first) = (knowledge.settings, whole.order[0])
        if halves.contains(where: { Asking.denies($0) || Asking.isBare($0) }) { return nil }
        let doAsk = halves.map(Asking.asks)
        guard doAsk.contains(true) || Asking.adds(halves[1]) || whole.shares[whole.order[1]] >= Self.wellShown else {
            return nil
        }
        // The nearest examples are looked for where it is not sure without them.
        let judged = halves.map { half in
            let judged = judge(Array(half), [], context)
            let share = judged.shares[judged.order[0]]
            return (settings.floor..<(settings.clause + 150)).contains(share)
                ? judge(Array(half), [], context, neighbours: tuning.neighbours) : judged
        }
        let said = judged.map { $0.order[0] }
        let pair = meant(said)
        guard pair[0] != pair[1], pair.contains(first), !pair.contains(none), !pair.contains(human),
            knowledge.alone.isDisjoint(with: pair)
        else { return nil }
        let sure = min(judged[0].shares[said[0]], judged[1].shares[said[1]])
        let other = pair[0] == first ? pair[1] : pair[0]
        // What the whole shows, too, need not be said as surely by itself.
        let isShown = whole.shares[other] >= 3 * settings.second
        guard sure >= (isShown ? (settings.clause + settings.floor) / 2 : settings.clause) else { return nil }
        // What the whole shows well is meant, however it is said; who tells of a fault asks for somebody beside what they ask.
        let isMeant = whole.shares[other] >= Self.wellShown && sure >= settings.clause
        let tellsOfFault =
            sure >= 850
            && said.indices.allSatisfy { half in
                pair[half] == other
                    ? doAsk[half] && halves[half].count >= 5
                    : [.order, .urgent].contains(knowledge.intents[said[half]].path)
            }
        if isMeant || tellsOfFault || doAsk.allSatisfy(\.self) {
            // What the whole shows nothing of must be heard the surer, unless it goes with the first.
            let isAlone = pair == said && whole.shares[other] < settings.second
            return isAlone && sure < settings.clause + 150 ? nil : (pair, sure)
        }
        // What only tells how it came to the question is none of its own, unless it is said to be.
        guard Asking.adds(halves[1]), whole.shares[other] >= settings.second || sure >= 990 else { return nil }
        // To be answered first it must be sure, or well heard in the whole, too.
        return pair[0] == other && sure < 850 && !isShown ? nil : (pair, sure)
    }

    /// Of 1,000: what the whole shows so well is meant, however it is said.
    private static let wellShown = 400

    /// What two clauses mean beside each other: 报停怎么办,要交多少钱 asks what suspending costs.
    private func meant(_ pair: [Int]) -> [Int] {
        if let means = knowledge.beside[pair[0]]?[pair[1]] { return [pair[0], means] }
        if let means = knowledge.beside[pair[1]]?[pair[0]] { return [means, pair[1]] }
        return pair
    }

    /// One question, and those that are asked in so many words beside it (几号供暖还有营业厅在哪): each heard alone, whatever the whole shows.
    private func withFurther(_ questions: [Int], _ utterance: Utterance) -> [Int] {
        guard questions.count == 1, questions[0] != none, questions[0] != human, !knowledge.alone.contains(questions[0])
        else { return questions }
        let parts = Asking.parts(of: utterance.plain)
        guard parts.count > 1 else { return questions }
        var all = questions
        for part in parts.prefix(Self.mostParts) {
            let utterance = knowledge.forms.utterance(part)
            let meant = knowledge.forms.meant(utterance)
            let whole = judge(meant.bare, utterance.pictures, HearingContext(), neighbours: tuning.neighbours)
            var marks: Set<Heard.Mark> = meant.isNegated ? [.negation] : []
            if isNoise(utterance, whole) { marks.insert(.noise) }
            guard var first = self.questions(utterance, whole, HearingContext(), marks).first, first != none,
                first != human, !knowledge.alone.contains(first)
            else { continue }
            first = knowledge.beside[questions[0]]?[first] ?? first
            if !all.contains(first) { all.append(first) }
        }
        return all
    }

    /// Of what is asked in one breath so many questions are heard.
    private static let mostParts = 4
}
