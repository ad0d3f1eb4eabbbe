import Foundation
import HearthTesting
import Testing

@testable import Assistant

/// What is kept of a turn is what JSONEncoder makes of it.
@Suite struct KeptFormsTests {
    private var random = SeededGenerator(seed: 20)

    private static let pieces = [
        "暖气", "13 度", "\"", "\\", "/", "\n", "\t", "\r", "\u{1}", "\u{1F}", "\u{7F}", "\u{2028}", "é", "e\u{301}", "\u{1F600}", "<&>", "\u{0}",
        "",
    ]

    private mutating func text() -> String {
        (0..<Int.random(in: 0...6, using: &random)).map { _ in
            Self.pieces.randomElement(using: &random) ?? ""
        }.joined()
    }

    private mutating func some<Value>(_ make: (inout Self) -> Value) -> [Value] {
        (0..<Int.random(in: 0...3, using: &random)).map { _ in make(&self) }
    }

    private mutating func maybe<Value>(_ make: (inout Self) -> Value) -> Value? {
        Bool.random(using: &random) ? make(&self) : nil
    }

    private mutating func slots() -> [String: String] {
        Dictionary(["said", "idLastSix", "phone", "words"].shuffled(using: &random).prefix(3).map { ($0, text()) }) { $1 }
    }

    private mutating func frames() -> [Mind.Frame] {
        some { .init(flow: $0.text(), state: $0.text(), misses: Int.random(in: 0...3, using: &$0.random)) }
    }

    private mutating func mind() -> Mind {
        var mind = Mind()
        mind.frames = frames()
        mind.parked = some { .init(frames: $0.frames(), slots: $0.slots(), intent: $0.text()) }
        mind.queue = some { $0.text() }
        mind.slots = slots()
        mind.intent = maybe { $0.text() }
        mind.lastKey = maybe { $0.text() }
        mind.lastIntent = maybe { $0.text() }
        mind.account = maybe { $0.text() }
        mind.photos = some { .init(address: $0.text(), sha256: $0.text(), mediaType: "image/jpeg") }
        mind.offered = some { mine in
            let says = mine.some { $0.text() }
            return .init(id: mine.text(), words: mine.text(), digit: mine.maybe { _ in 7 }, says: says)
        }
        mind.unclear = Int.random(in: 0...3, using: &random)
        mind.isElderly = Bool.random(using: &random)
        mind.isPlain = Bool.random(using: &random)
        mind.lastTurn = maybe { Int64.random(in: .min ... .max, using: &$0.random) }
        mind.order = maybe { $0.text() }
        mind.alarm = maybe { $0.text() }
        mind.reported = maybe { mine in
            .init(account: mine.text(), request: mine.maybe { Int64.random(in: .min ... .max, using: &$0.random) })
        }
        mind.address = maybe { $0.text() }
        mind.unread = maybe { [0, 7, 255, UInt8.random(in: 0...255, using: &$0.random)] }
        return mind
    }

    private mutating func message() -> AssistantReply.Message {
        var message = AssistantReply.Message(
            full: text(), short: text(), spoken: text(), plain: text(), entry: text(),
            wants: AssistantReply.Wants.allCases.randomElement(using: &random) ?? .words)
        message.steps = some { mine in
            .init(words: mine.text(), picture: mine.maybe { $0.text() }, pictureWords: mine.maybe { $0.text() })
        }
        message.choices = some { .init(id: $0.text(), words: $0.text(), digit: $0.maybe { _ in 3 }) }
        message.chart = maybe { mine in
            .init(
                title: mine.text(),
                bars: mine.some {
                    .init(label: $0.text(), fen: Int64.random(in: .min ... .max, using: &$0.random), words: $0.text())
                })
        }
        message.link = maybe { .init(words: $0.text(), address: $0.text()) }
        return message
    }

    private static func encoded(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    @Test mutating func minds() throws {
        for _ in 0..<500 {
            let mind = mind()
            #expect(String(decoding: mind.json, as: UTF8.self) == (try Self.encoded(mind)))
            #expect(try JSONDecoder().decode(Mind.self, from: Data(mind.json)) == mind)
            #expect(try Mind(kept: mind.json) == mind)
        }
        #expect(String(decoding: Mind().json, as: UTF8.self) == (try Self.encoded(Mind())))
    }

    /// What another program wrote in another way, and what is damaged, is read as JSONDecoder reads it.
    @Test mutating func mindsOfOthers() throws {
        for _ in 0..<300 {
            let mind = mind()
            let pretty = JSONEncoder()
            pretty.outputFormatting = .prettyPrinted
            #expect(try Mind(kept: Array(pretty.encode(mind))) == mind)
            var bytes = mind.json
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
            case 1: bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            default: bytes.insert(0x2C, at: Int.random(in: bytes.indices, using: &random))
            }
            let read = try? JSONDecoder().decode(Mind.self, from: Data(bytes))
            #expect((try? Mind(kept: bytes)) == read, "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(try Mind(kept: Array("{}".utf8)) == Mind())
        #expect(throws: DecodingError.self) { try Mind(kept: []) }
    }

    @Test mutating func replies() throws {
        for holder in [AssistantReply.Holder.assistant, .waiting, .person] {
            for _ in 0..<200 {
                let messages = some { $0.message() }
                let reply = AssistantReply(conversation: 12, messages: messages, holder: holder)
                #expect(String(decoding: reply.json, as: UTF8.self) == (try Self.encoded(reply)))
                #expect(try JSONDecoder().decode(AssistantReply.self, from: Data(reply.json)) == reply)
            }
        }
    }
}
