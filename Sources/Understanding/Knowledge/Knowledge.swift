import HeatModel

/// What the assistant knows of how customers speak: files that people who know heating write.
package struct Knowledge: Sendable {
    package struct Intent: Sendable, Equatable {
        package let id: String
        /// In Chinese, as customers are asked back with it.
        package let name: String
        package let path: Path
    }

    /// What is done about an intent.
    package enum Path: String, Sendable, CaseIterable {
        case answer, lookup, order, human, urgent, decline
    }

    /// A sentence as a customer says it, and what it means.
    package struct Example: Sendable, Hashable {
        package let intent: String
        package let text: String
        package init(intent: String, text: String) {
            self.intent = intent
            self.text = text
        }
    }

    /// A pattern that speaks for an intent, or against it.
    struct Cue: Sendable {
        var intent: Int
        var pattern: Pattern
        /// 100 is one unit of the score: e times as likely.
        var weight: Int32
        /// Only where this intent leads.
        var than: Int?
    }

    struct Rule: Sendable {
        var id: String
        var marks: [Heard.Mark]
        /// The intent that it decides for, whatever the examples say.
        var decides: Int?
        var adds: Int32
        var when: [Pattern]
        var unless: [Pattern]
    }

    /// Of all files: changes with each word of them.
    package var version: String
    package var intents: [Intent]
    package var examples: [Example]
    var forms: WordForms
    var lexicon: Lexicon
    var concepts: [String]
    var cues: [Cue]
    /// What an intent of one clause means where the other clause has this one, by their places: 报停怎么办,要交多少钱.
    var beside: [Int: [Int: Int]]
    /// Intents that are no question beside another: a greeting.
    var alone: Set<Int>
    var rules: [Rule]
    var slotWords: SlotWords
    var settings: Settings

    struct Settings: Sendable {
        /// Of 1,000: a share below which nothing is understood.
        var floor = 150
        /// Of 1,000: the share of a clause from which it is a question of its own.
        var clause = 600
        /// Of 1,000: the share that a second question has in the whole at least.
        var second = 40
    }

    package func name(of intent: String) -> String { intents.first { $0.id == intent }?.name ?? intent }
}
