package import Store

/// What the customer is told, in every form that a channel may want, from one source.
package struct AssistantReply: Sendable, Equatable, Codable {
    /// The conversation's number in the store.
    package var conversation: Int64
    package var messages: [Message]
    /// Who has the conversation after this turn. While a person has it, messages are empty.
    package var holder: Holder

    package enum Holder: String, Sendable, Codable { case assistant, waiting, person }

    package init(conversation: Int64, messages: [Message], holder: Holder) {
        self.conversation = conversation
        self.messages = messages
        self.holder = holder
    }

    package struct Message: Sendable, Equatable, Codable {
        /// The first sentence answers the question. Paragraphs are apart by a line feed.
        package var full: String
        /// For an SMS.
        package var short: String
        /// As it is said aloud: numbers and dates in words, no symbols.
        package var spoken: String
        /// For old people and large print.
        package var plain: String
        package var steps: [Step]
        package var choices: [Choice]
        package var chart: Chart?
        package var link: Link?
        /// The entry of the knowledge that it is made of, and its version: "pay_how@3".
        package var entry: String
        /// What the customer may be asked to give now; a channel may show a pad or a file chooser.
        package var wants: Wants

        package init(
            full: String, short: String, spoken: String, plain: String, steps: [Step] = [], choices: [Choice] = [],
            chart: Chart? = nil, link: Link? = nil, entry: String, wants: Wants = .words
        ) {
            self.full = full
            self.short = short
            self.spoken = spoken
            self.plain = plain
            self.steps = steps
            self.choices = choices
            self.chart = chart
            self.link = link
            self.entry = entry
            self.wants = wants
        }
    }

    package enum Wants: String, Sendable, CaseIterable, Codable {
        case words, accountNumber, idLastSix, phone, photo, choice
    }

    package struct Step: Sendable, Equatable, Codable {
        package var words: String
        /// The name of a picture under `Config/pictures`, and its words for who cannot see it.
        package var picture: String?
        package var pictureWords: String?

        package init(words: String, picture: String? = nil, pictureWords: String? = nil) {
            self.words = words
            self.picture = picture
            self.pictureWords = pictureWords
        }
    }

    package struct Choice: Sendable, Equatable, Codable {
        /// What `CustomerTurn.Said.choice` brings back.
        package var id: String
        package var words: String
        /// The key of a telephone that chooses it.
        package var digit: Int?

        package init(id: String, words: String, digit: Int? = nil) {
            self.id = id
            self.words = words
            self.digit = digit
        }
    }

    /// A bill's parts, as bars: integer fen and formatted words; a channel draws or writes them.
    package struct Chart: Sendable, Equatable, Codable {
        package struct Bar: Sendable, Equatable, Codable {
            package var label: String
            package var fen: Int64
            package var words: String

            package init(label: String, fen: Int64, words: String) {
                self.label = label
                self.fen = fen
                self.words = words
            }
        }

        package var title: String
        package var bars: [Bar]

        package init(title: String, bars: [Bar]) {
            self.title = title
            self.bars = bars
        }
    }

    package struct Link: Sendable, Equatable, Codable {
        package var words: String
        package var address: String

        package init(words: String, address: String) {
            self.words = words
            self.address = address
        }
    }
}

/// Whoever answers a customer's turn. It waits for the store: never on the cooperative pool.
package protocol Converser: Sendable {
    /// What else is done in the transaction that keeps a turn's reply.
    typealias Also = (AssistantReply, any StoreWriter) throws -> Void

    /// - Parameter also: done once for a turn; its repeats get the reply and do nothing.
    /// - Throws: where the store cannot be read or written, or what `also` throws; nothing of the turn is kept then.
    func reply(to turn: CustomerTurn, also: Also) throws -> AssistantReply
}

extension Converser {
    /// - Throws: where the store cannot be read or written; nothing of the turn is kept then.
    package func reply(to turn: CustomerTurn) throws -> AssistantReply { try reply(to: turn) { _, _ in } }
}
