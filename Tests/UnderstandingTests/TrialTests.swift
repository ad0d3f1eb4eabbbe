import Testing
import Understanding

/// Labelled utterances, none of which is among what is learned from.
@Suite struct TrialTests {
    @Test func utterancesAreUnderstood() throws {
        let outcome = KnowledgeTrial(try Shared.knowledge.get()).run(try Shared.utterances.get())
        #expect(outcome.lines == 190)
        #expect(outcome.topOne >= 950, "\(outcome.misses)")
        #expect(outcome.kept >= 950, "\(outcome.misses)")
        #expect(outcome.disclosures == 0, "\(outcome.misses)")
        #expect(outcome.secondFound * 10 >= outcome.second * 7)
        #expect(outcome.allSlots.f1 >= 900, "\(outcome.slots)")
    }

    @Test func variedFormsAreRead() throws {
        let outcome = KnowledgeTrial(try Shared.knowledge.get()).run(try Shared.slots.get())
        #expect(outcome.lines == 210)
        #expect(outcome.allSlots.f1 >= 970, "\(outcome.slotMisses)")
        #expect(outcome.topOne >= 930, "\(outcome.misses)")
        #expect(outcome.secondInvented <= 2, "\(outcome.secondMisses)")
    }

    /// Both of two questions, and no second one where one is asked in several clauses.
    @Test func twoQuestionsAreToldFromOne() throws {
        let outcome = KnowledgeTrial(try Shared.knowledge.get()).run(try Shared.seconds.get())
        #expect(outcome.second == 60 && outcome.secondFound >= 43, "\(outcome.secondMisses)")
        #expect(outcome.secondInvented <= 1, "\(outcome.secondMisses)")
        #expect(outcome.topOne >= 860, "\(outcome.misses)")
    }

    @Test func partsOfTheFileHelp() throws {
        let outcome = KnowledgeTrial(try Shared.knowledge.get()).run(try Shared.utterances.get(), folds: 2)
        #expect(outcome.lines == 190 && outcome.topOne >= 950, "\(outcome.misses)")
        #expect(outcome.disclosures == 0)
    }

    /// The trial itself can fail: labels that are wrong are told as misses, a disclosure as one.
    @Test func theTrialCounts() throws {
        var knowledge = try Shared.knowledge.get()
        // Few of them are learned from soon, and are enough for what is plain.
        knowledge.examples.removeAll { !["invoice", "pay_how", "report_fault", "none", "human"].contains($0.intent) }
        let lines = [
            LabelledLine(id: "1", text: "我要报修,阀门坏了", intent: "invoice", slots: ["order": "WX1"], notes: []),
            LabelledLine(id: "2", text: "发票怎么开", intent: "none", slots: [:], notes: ["refuse:pii"]),
            LabelledLine(id: "3", text: "发票怎么开", intent: "pay_how", slots: [:], notes: ["alt:invoice"]),
        ]
        let outcome = KnowledgeTrial(knowledge).run(lines)
        #expect(outcome.lines == 3 && outcome.right == 1 && outcome.misses.map(\.id) == ["1", "2"])
        #expect(outcome.disclosures == 1 && outcome.outside == 1 && outcome.outsideKept == 0)
        #expect(outcome.slots["order"]?.missed == 1)
    }
}
