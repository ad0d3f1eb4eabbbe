import HeatModel

/// What the assistant says and how it goes on: entries, flows and the company's own words, read from `Config/knowledge`. A value: a turn
/// reads it and never changes it.
package struct Playbook: Sendable {
    let company: Company
    let entries: [String: Entry]
    let flows: [String: Flow]
    /// What answers an intent: a flow, else an entry.
    let answers: [String: Answering]

    enum Answering: Sendable, Hashable {
        case flow(String)
        case entry(String)
    }

    /// Intents that something answers.
    package var intents: [String] { answers.keys.sorted() }

    /// The title of what answers an intent.
    func title(of intent: String) -> String {
        switch answers[intent] {
        case .flow(let name): flows[name]?.title ?? intent
        case .entry(let id): entries[id]?.title ?? intent
        case nil: intent
        }
    }
}

/// What a company puts into its answers.
struct Company: Sendable {
    /// Placeholders that every entry may use.
    var values: [String: String] = [:]
    /// Segments of a short message that an entry may take.
    var shortSegments = 2
    /// A difference of at most so many percent is said to be none to speak of.
    var smallDifferencePercent = 3
    /// Hours of silence after which a new conversation begins.
    var conversationHours = 12
    /// Everyday words, in the order in which they are put in place.
    var plain: [(word: String, everyday: String)] = []
    /// What an everyday word means, said once in a message.
    var explained: [(word: String, meaning: String)] = []
    /// Words that leave a matter, come back to one, ask for a person, agree, refuse.
    var leave: [String] = []
    var back: [String] = []
    var person: [String] = []
    var yes: [String] = []
    var no: [String] = []
    /// Words for the last reply once more, for another account of several, of who wants nothing more, of who cannot say.
    var again: [String] = []
    var another: [String] = []
    var thanks: [String] = []
    var unsure: [String] = []
    /// Intents that are offered first.
    var menu: [String] = []
}

/// Entries that the room itself says, by what for.
enum RoomEntry: String, CaseIterable {
    case greeting, unclear, none, human, waiting, danger, despair, hurt, abuse, left, resume, stale, trouble
    case unclearAgain = "unclear_again"
    case notUnderstood = "not_understood"
    case othersData = "others_data"
    case nothingOpen = "nothing_open"
    case photoKept = "photo_kept"
}
