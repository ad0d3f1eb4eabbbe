import HeatModel
package import Store

extension MonthReport {
    /// Counts a month. Reads conversation by conversation, so that as many as there are take no more memory than their questions.
    ///
    /// - Throws: what the store throws.
    package init(_ month: ReportMonth, of store: any StoreReader) throws {
        self.init(month: month.name)
        var count = Count()
        // Who came back may have come in the next month.
        let end = month.range.upperBound + Int64(Self.mostDays) * 86_400_000_000
        var last: ConversationID?
        while true {
            let page = try store.conversations(opened: month.range.lowerBound..<end, after: last, limit: 1000)
            guard let id = page.last?.id else { break }
            last = id
            for conversation in page {
                let turns = try store.turns(of: conversation.id, after: 0, limit: .max)
                let exchange = Exchange(turns)
                let isInMonth = month.range.contains(conversation.openedAt.microseconds)
                let handOffs = isInMonth ? try store.handOffs(of: conversation.id) : []
                let feedback = isInMonth ? try store.feedback(of: conversation.id) : []
                if isInMonth { count.take(conversation, exchange, handOffs, feedback) }
                count.visit(conversation, exchange, handOffs, feedback, isInMonth: isInMonth)
            }
        }
        count.write(to: &self)
    }
}

/// A conversation as questions and their answers.
struct Exchange {
    /// What the customer said.
    struct Question {
        var turn: Turn
        var intent: String
        var isUnanswered = false
    }

    /// What the assistant said.
    struct Answer {
        var turn: Turn
        var intent: String
        /// The question before it.
        var question: Turn?
        var isMisunderstood: Bool
    }

    private(set) var questions: [Question] = []
    private(set) var answers: [Answer] = []
    let turns: Int

    init(_ turns: [Turn]) {
        self.turns = turns.count
        // What was told without being asked is no answer.
        for turn in turns where !turn.isNotice {
            switch turn.speaker {
            case .customer:
                questions.append(
                    Question(
                        turn: turn, intent: turn.intent ?? MonthReport.unknownIntent,
                        isUnanswered: turn.mark == .unanswered))
            case .assistant:
                // The first answer after a question says what it was taken for, where the question does not.
                if let last = questions.indices.last, questions[last].turn.intent == nil, let intent = turn.intent,
                    questions[last].intent == MonthReport.unknownIntent
                {
                    questions[last].intent = intent
                }
                if turn.mark == .unanswered, let last = questions.indices.last { questions[last].isUnanswered = true }
                let question = questions.last
                answers.append(
                    Answer(
                        turn: turn, intent: turn.intent ?? question?.intent ?? MonthReport.unknownIntent,
                        question: question?.turn, isMisunderstood: turn.mark == .misunderstood))
            case .human: break
            }
        }
    }

    /// Marks answers that the customer thinks little of.
    mutating func take(_ feedback: [Feedback]) {
        for opinion in feedback where opinion.subject == .answer {
            guard opinion.isSolved == false || (opinion.score ?? 5) <= 2,
                let index = answers.firstIndex(where: { $0.turn.number == opinion.turn })
            else { continue }
            answers[index].isMisunderstood = true
        }
    }

    var intents: Set<String> { Set(questions.map(\.intent)).subtracting([MonthReport.unknownIntent]) }
}

/// The counting of a month.
private struct Count {
    private struct Tally {
        var count: Int64 = 0
        var answers: Int64 = 0
        var examples: [MonthReport.Example] = []

        mutating func add(_ example: MonthReport.Example?) {
            count += 1
            // The first ones, each once: what everybody says says nothing more the third time.
            guard let example, examples.count < MonthReport.mostExamples, !example.words.isEmpty,
                !examples.contains(where: { $0.words == example.words })
            else { return }
            examples.append(example)
        }
    }

    private var report = MonthReport(month: "")
    private var intents: [String: Tally] = [:]
    private var misunderstood: [String: Tally] = [:]
    private var reasons: [String: Tally] = [:]
    private var scores: [Int64] = [0, 0, 0, 0, 0]
    private var visits: [Int64] = [0, 0, 0, 0, 0]
    /// Of each account: the questions of its conversations that nothing speaks against yet, with when they were opened.
    private var hopes: [String: [(opened: Int64, intents: Set<String>)]] = [:]

    private static func example(_ conversation: Conversation, _ turn: Turn) -> MonthReport.Example {
        let words = turn.words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let cut = words.count > MonthReport.mostWords ? words.prefix(MonthReport.mostWords - 1) + "…" : words
        return MonthReport.Example(conversation: conversation.id.number, turn: turn.number, words: cut)
    }

    mutating func take(
        _ conversation: Conversation, _ exchange: Exchange, _ handOffs: [HandOff], _ feedback: [Feedback]
    ) {
        var exchange = exchange
        exchange.take(feedback)
        report.conversations += 1
        report.turns += Int64(exchange.turns)
        report.questions += Int64(exchange.questions.count)
        for question in exchange.questions {
            let example = Self.example(conversation, question.turn)
            intents[question.intent, default: Tally()].add(example)
            guard question.isUnanswered else { continue }
            report.unanswered.count += 1
            if report.unanswered.questions.count < MonthReport.mostUnanswered {
                report.unanswered.questions.append(example)
            }
        }
        for answer in exchange.answers {
            misunderstood[answer.intent, default: Tally()].answers += 1
            if answer.isMisunderstood {
                misunderstood[answer.intent, default: Tally()].add(
                    answer.question.map { Self.example(conversation, $0) })
            }
        }
        for handOff in handOffs {
            report.handOffs += 1
            let before = exchange.questions.last { $0.turn.number <= handOff.afterTurn }
            reasons[handOff.reason, default: Tally()].add(before.map { Self.example(conversation, $0.turn) })
        }
        for opinion in feedback {
            if opinion.subject == .conversation {
                if opinion.isSolved == true { report.satisfaction.solved += 1 }
                if opinion.isSolved == false { report.satisfaction.notSolved += 1 }
            }
            guard let score = opinion.score, (1...5).contains(score) else { continue }
            switch opinion.subject {
            case .conversation: scores[Int(score) - 1] += 1
            case .visit: visits[Int(score) - 1] += 1
            case .answer: break
            }
        }
    }

    /// First-contact resolution: conversations come by number, which is the order in which they were opened.
    mutating func visit(
        _ conversation: Conversation, _ exchange: Exchange, _ handOffs: [HandOff], _ feedback: [Feedback],
        isInMonth: Bool
    ) {
        let opened = conversation.openedAt.microseconds
        if let account = conversation.account, let waiting = hopes[account] {
            let latest = opened - Int64(MonthReport.mostDays) * 86_400_000_000
            hopes[account] = waiting.filter { hope in
                guard hope.opened >= latest, !hope.intents.isDisjoint(with: exchange.intents) else { return true }
                report.firstContact.cameBack += 1
                report.firstContact.resolved -= 1
                return false
            }
        }
        guard isInMonth, !exchange.questions.isEmpty else { return }
        report.firstContact.conversations += 1
        if conversation.account == nil { report.firstContact.withoutAccount += 1 }
        if !handOffs.isEmpty {
            report.firstContact.handedOff += 1
        } else if feedback.contains(where: { $0.isSolved == false }) {
            report.firstContact.notSolved += 1
        } else {
            report.firstContact.resolved += 1
            if let account = conversation.account {
                hopes[account, default: []].append((opened, exchange.intents))
            }
        }
    }

    private static func ranked<Value>(_ tallies: [String: Value], _ count: (Value) -> Int64) -> [(String, Value)] {
        tallies.sorted { left, right in
            count(left.value) != count(right.value) ? count(left.value) > count(right.value) : left.key < right.key
        }.map { ($0.key, $0.value) }
    }

    /// With so many places, halves up; nil of nothing.
    static func quotient(_ numerator: Int64, _ denominator: Int64, places: UInt8) -> String? {
        if denominator == 0 { return nil }
        let scaled = Int128(numerator) * Int128(ExactDecimal.powersOfTen[Int(places)])
        let units = ExactDecimal.divide(scaled, by: Int128(denominator), .halfUp)
        return ExactDecimal(units: Int64(units), places: places).description
    }

    private static func mean(_ scores: [Int64]) -> String? {
        let sum = scores.enumerated().reduce(0) { $0 + Int64($1.offset + 1) * $1.element }
        return quotient(sum, scores.reduce(0, +), places: 2)
    }

    func write(to month: inout MonthReport) {
        let name = month.month
        month = report
        month.month = name
        func entries(_ tallies: [String: Tally]) -> [MonthReport.Entry] {
            Self.ranked(tallies, \.count).map {
                MonthReport.Entry(name: $0, count: $1.count, examples: $1.examples)
            }
        }
        month.topQuestions = Array(entries(intents).prefix(MonthReport.mostEntries))
        month.handOffReasons = entries(reasons)
        month.misunderstood = Self.ranked(misunderstood.filter { $0.value.count > 0 }, \.count)
            .prefix(MonthReport.mostEntries).map {
                MonthReport.Misunderstood(intent: $0, count: $1.count, answers: $1.answers, examples: $1.examples)
            }
        month.satisfaction.distribution = scores
        month.satisfaction.scored = scores.reduce(0, +)
        month.satisfaction.mean = Self.mean(scores)
        month.satisfaction.responseRate = Self.quotient(
            month.satisfaction.scored * 100, month.conversations, places: 1)
        month.satisfaction.visitsScored = visits.reduce(0, +)
        month.satisfaction.visitsMean = Self.mean(visits)
        month.firstContact.rate = Self.quotient(
            month.firstContact.resolved * 100, month.firstContact.conversations, places: 1)
    }
}
