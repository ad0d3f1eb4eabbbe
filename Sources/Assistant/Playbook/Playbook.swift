import HeatModel

/// What the assistant says and how it goes on: entries, flows and the company's own words, read from `Config/knowledge`. A value: a turn
/// reads it and never changes it.
package struct Playbook: Sendable {
    let company: Company
    let entries: [String: Entry]
    let flows: [String: Flow]
    /// What answers an intent: a flow, else an entry.
    let answers: [String: Answering]
    /// Where the company's offices are, as its own file has them; none where it does not say.
    let offices: [Office]

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

/// An office of the company, where customers come to.
struct Office: Sendable, Equatable {
    var name: String
    var address: String
    /// When it is open.
    var hours: String
    var phone: String?
}

/// What a company puts into its answers.
struct Company: Sendable {
    /// Placeholders that every entry may use.
    var values: [String: String] = [:]
    /// Segments of a short message that an entry may take.
    var shortSegments = 2
    /// A difference of at most so many percent is said to be none to speak of.
    var smallDifferencePercent = 3
    /// Digits that the number of every account has; nil where they differ.
    var accountDigits: Int?
    /// Hours of silence after which a new conversation begins.
    var conversationHours = 12
    /// Everyday words, in the order in which they are put in place.
    var plain: [(word: String, everyday: String)] = []
    /// What an everyday word means, said once in a message.
    var explained: [(word: String, meaning: String)] = []
    /// Words that leave a matter, come back to one, ask for a person, agree, refuse.
    var leave = Phrases()
    var back = Phrases()
    var person = Phrases()
    var yes = Phrases()
    var no = Phrases()
    /// Words for the last reply once more, for another account of several, of who wants nothing more, of who cannot say.
    var again = Phrases()
    var another = Phrases()
    var thanks = Phrases()
    var unsure = Phrases()
    /// Words by which somebody does not want what they name, what may stand before them, and the intents that are refused so.
    var refusals: [String] = []
    var refusers: [String] = []
    var refused: Set<String> = []
    /// Signs of a fault in one or two characters.
    var faultSigns: [String] = []
    var chart = ChartWords()
    /// Intents that are offered first where nothing was asked yet, and those that are never offered however often they are asked.
    var menu: [String] = []
    var neverOffered: Set<String> = []
}

/// Words of one meaning, whatever particles end them.
struct Phrases: Sendable {
    let list: [String]
    private let cores: Set<String>

    init(_ list: [String] = []) {
        self.list = list
        cores = Set(list.map(Play.core))
    }

    func hold(_ text: String) -> Bool { cores.contains(Play.core(text)) }
}

/// What the bars of a bill are called.
struct ChartWords: Sendable {
    var title = ""
    /// The account itself, and what it is compared with, by name: `own peers previous tariff`.
    var whose: [String: String] = [:]
    /// How a sum is written, and one by which a bill is more or less: `sum more less`.
    var sums: [String: Template] = [:]
    /// A bill's parts, by what an answer calls them.
    var parts: [String: String] = [:]

    static let whose = ["own", "peers", "previous", "tariff"]
    static let sums = ["sum", "more", "less"]
}

/// Entries that the room itself says, by what for.
enum RoomEntry: String, CaseIterable {
    case slowly, greeting, unclear, none, human, waiting, danger, despair, hurt, abuse, left, resume, stale, trouble, lost
    case unclearAgain = "unclear_again"
    case notUnderstood = "not_understood"
    case othersData = "others_data"
    case nothingOpen = "nothing_open"
    /// A number of an account that has too few digits, or too many.
    case accountLength = "account_length"
    /// Where a home is does not say who asks.
    case accountByAddress = "account_by_address"
    /// What lacks of an address.
    case addressCommunity = "address_community"
    case addressBuilding = "address_building"
    case addressRoom = "address_room"
    /// What is told of danger goes with what was told of it.
    case alarmMore = "alarm_more"
    /// Of what the line of an office is made.
    case officeLine = "office_line"
    case officePhone = "office_phone"
    /// What is told of an order for an address that somebody had asked for before.
    case orderReported = "order_reported"
    case photoKept = "photo_kept"
    case humanAtKiosk = "human_at_kiosk"
    // Of what a repair order's line is made.
    case orderLine = "order_line"
    case orderCrew = "order_crew"
    case orderAppointed = "order_appointed"
    case orderPosition = "order_position"
}
