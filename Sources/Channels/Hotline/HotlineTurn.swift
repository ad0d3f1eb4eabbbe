import Answers
import JSONText
import Pages

/// One turn as the telephone system brings it.
struct HotlineTurn: Sendable, Equatable {
    enum Event: String, CaseIterable, Sendable {
        /// The call begins.
        case answered
        case words, digits
        /// Nothing was said; nothing that was said could be recognised.
        case silence, noMatch
        case hungUp
    }

    var call: String
    var number: Int
    var event: Event
    var words: String?
    /// Without the closing # or *.
    var digits: String?

    /// Per cent below which recognised words count as not understood.
    static let leastConfidence = 35

    /// - Throws: a problem that names what is missing or wrong, and repeats none of it.
    init(_ body: [UInt8]) throws(Problem) {
        let fields = try JSONBody(
            body, fields: ["call", "turn", "event", "words", "digits", "confidence", "barged_in"])
        func needed<Value>(_ name: String, _ value: Value?) throws(Problem) -> Value {
            guard let value else { throw .parameter(name, "is missing") }
            return value
        }
        let call = try needed("call", fields.text("call"))
        let turn = try needed("turn", fields.integer("turn"))
        let name = try needed("event", fields.text("event"))
        let confidence = try fields.integer("confidence")
        _ = try fields.flag("barged_in")
        guard !call.isEmpty, call.utf8.count <= 128 else {
            throw .parameter("call", "must be a text of 1 to 128 bytes")
        }
        guard (0...100_000).contains(turn) else {
            throw .parameter("turn", "must be a whole number from 0 to 100000")
        }
        guard var event = Event(rawValue: name) else {
            throw .parameter("event", "must be one of \(Event.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        if let confidence, !(0...100).contains(confidence) {
            throw .parameter("confidence", "must be a whole number from 0 to 100")
        }
        var (words, digits) = (try fields.text("words"), try fields.text("digits"))
        switch event {
        case .words:
            let clean = (words ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
            words = String(clean.prefix(500))
            if clean.isEmpty || confidence.map({ $0 < Self.leastConfidence }) ?? false { event = .noMatch }
        case .digits:
            let keyed = (digits ?? "").filter { $0 != "#" && !$0.isWhitespace }
            guard keyed.utf8.allSatisfy({ $0 &- 0x30 <= 9 || $0 == 0x2A }), keyed.utf8.count <= 32 else {
                throw .parameter("digits", "must be keys of a telephone: 0 to 9, * and #")
            }
            // A star stands for the X of an ID number.
            digits = keyed.replacing("*", with: "X")
            if keyed.isEmpty { event = .silence }
        case .answered, .silence, .noMatch, .hungUp:
            words = nil
            digits = nil
        }
        self.call = call
        self.number = turn
        self.event = event
        self.words = words
        self.digits = digits
    }
}

/// What the telephone system is to do.
struct HotlineAnswer: Sendable {
    enum Expects: String, Sendable { case words, digits, nothing }

    struct Transfer: Sendable {
        var why: String
        var isElderly: Bool
    }

    var call: String
    var number: Int
    var say: String
    var expects: Expects
    /// What each key means.
    var digits: [String: String] = [:]
    var mostDigits = 1
    var transfer: Transfer?

    var json: [UInt8] {
        JSONObject.make { json in
            json.integer("version", 1)
            json.text("call", call)
            json.integer("turn", Int64(number))
            json.text("say", say)
            json.text("expect", expects.rawValue)
            json.value("digits") { json in
                json.raw("{")
                for (index, entry) in digits.sorted(by: { $0.key < $1.key }).enumerated() {
                    if index > 0 { json.raw(",") }
                    json.string(entry.key)
                    json.raw(":")
                    json.string(entry.value)
                }
                json.raw("}")
            }
            json.integer("most_digits", expects == .nothing ? 0 : Int64(mostDigits))
            json.text("end_key", "#")
            // Whoever knows what to say need not hear it out.
            json.flag("barge_in", expects != .nothing)
            if let transfer {
                json.object("transfer") { json in
                    json.text("queue", "human")
                    json.text("why", transfer.why)
                    json.flag("elderly", transfer.isElderly)
                }
            }
        }
    }
}
