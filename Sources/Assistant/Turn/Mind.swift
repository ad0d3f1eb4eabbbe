import HeatModel

/// How far a customer has come: what stands between two turns. It holds no number of an identity card.
struct Mind: Codable, Equatable, Sendable {
    /// A flow that is gone through, and where in it; below it the one that called it.
    struct Frame: Codable, Equatable, Sendable {
        var flow: String
        var state: String
        /// How often the customer was not understood here.
        var misses = 0
    }

    /// What was left for something else.
    struct Parked: Codable, Equatable, Sendable {
        var frames: [Frame]
        var slots: [String: String]
        var intent: String
    }

    /// An order that was made for an address, of a home that the customer has not proved to be theirs.
    struct Reported: Codable, Equatable, Sendable {
        /// Of the home; never told.
        var account: String
        /// What the customer asked for; nil where somebody had asked before, of whom they are told nothing.
        var request: Int64?
    }

    /// What a message offered to choose.
    struct Offer: Codable, Equatable, Sendable {
        var id: String
        var words: String
        var digit: Int?
        var says: [String]
    }

    /// How much is kept of each: an adversary makes none of it grow.
    static let mostParked = 3
    static let mostQueued = 3
    static let mostPhotos = 5

    var frames: [Frame] = []
    var parked: [Parked] = []
    /// Intents that wait to be answered.
    var queue: [String] = []
    var slots: [String: String] = [:]
    /// The intent that began the flow.
    var intent: String?
    /// The key of the turn with the last reply: what is said again is that reply.
    var lastKey: String?
    /// The intent that was begun last.
    var lastIntent: String?
    /// The account that is spoken of.
    var account: String?
    var photos: [CustomerTurn.Attachment] = []
    var offered: [Offer] = []
    /// How often in a row the customer was not understood.
    var unclear = 0
    var isElderly = false
    var isPlain = false
    /// Number of the assistant's last turn in the conversation.
    var lastTurn: Int64?
    /// The repair order that is spoken of.
    var order: String?
    /// The last order that this conversation made for an address.
    var reported: Reported?
    /// The entry of danger or harm that was told last, until something else is spoken of.
    var alarm: String?
    /// Where the customer is found outside of a turn, sealed.
    var address: String?
    /// What was kept before in a form that this program cannot read: kept on for one that can.
    var unread: [UInt8]?

    init() {}

    /// What an older program did not keep is as it is in the beginning.
    init(from decoder: any Decoder) throws {
        let kept = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
            if let found = try kept.decodeIfPresent(Value.self, forKey: key) { value = found }
        }
        try read(.frames, &frames)
        try read(.parked, &parked)
        try read(.queue, &queue)
        try read(.slots, &slots)
        try read(.intent, &intent)
        try read(.lastKey, &lastKey)
        try read(.lastIntent, &lastIntent)
        try read(.account, &account)
        try read(.photos, &photos)
        try read(.offered, &offered)
        try read(.unclear, &unclear)
        try read(.isElderly, &isElderly)
        try read(.isPlain, &isPlain)
        try read(.lastTurn, &lastTurn)
        try read(.order, &order)
        try read(.reported, &reported)
        try read(.alarm, &alarm)
        try read(.address, &address)
        try read(.unread, &unread)
    }

    mutating func clearSubject() {
        frames = []
        slots = [:]
        intent = nil
        photos = []
        order = nil
    }
}
