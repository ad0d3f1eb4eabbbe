import HeatModel

/// What a customer is told about one thing, in the words of the people who know heating.
struct Entry: Sendable {
    let id: String
    let version: Int
    /// In a word or two: what a customer who spoke of something else is led back to.
    let title: String?
    /// The intents that it answers by itself.
    let intents: [String]
    let full: Template
    let short: Template?
    let spoken: Template?
    let plain: Template?
    let steps: [Step]
    /// Steps that an answer states, before its own.
    let stepsFrom: StepSource?
    let choices: [Choice]
    /// Whether the bill's parts are drawn beside it.
    let hasChart: Bool
    /// Name of an address of the company.
    let link: Link?
    let place: Place

    struct Step: Sendable {
        var words: Template
        var picture: String?
        var pictureWords: String?
    }

    enum StepSource: String, Sendable, CaseIterable {
        case triage, suspension

        /// What is asked for them.
        var question: Action.Question {
            switch self {
            case .triage: .triage
            case .suspension: .suspension
            }
        }
    }

    struct Choice: Sendable {
        /// Within its flow, or the intent that it begins.
        var id: String
        var words: String
        var digit: Int?
        /// Words by which it is chosen, too.
        var says: [String]
        var isIntent: Bool
    }

    struct Link: Sendable {
        var words: String
        var address: String
    }

    /// As replies and records name it: `pay_how@3`.
    var name: String { "\(id)@\(version)" }
    /// The same where only letters, digits and a few signs may stand.
    var factID: String { "entry/\(id)/\(version)" }
}
