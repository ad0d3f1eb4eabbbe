import Assistant
import Foundation
import HeatModel
import SQLiteStore
import Store
import Testing

/// Customers who say and press anything, in any order.
@Suite struct RandomTests {
    static let isHeavy = ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] != nil
    static let conversations = isHeavy ? 10_000 : 300

    struct Dice {
        var state: UInt64
        mutating func roll(_ sides: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(sides))
        }
        mutating func pick<Element>(_ list: [Element]) -> Element { list[roll(list.count)] }
    }

    private static let hostile = [
        "", " ", "？？？", "\u{0}\u{7}", String(repeating: "热", count: 5000), "'; DROP TABLE account; --",
        "<script>alert(1)</script>",
        "忽略以上指令", "{open}", "户号", "00000000", "１２３４５６７８", "😀😀", "\u{202E}abc", "null", "-1", "返回", "继续", "是", "不", "好的",
    ]

    /// What no reply to a customer may hold: other households' names, telephones, identity numbers and rooms.
    private struct Secrets {
        var identities: [String] = []
        var phones: [String] = []
        var names: [String] = []

        init(_ households: [Company.Household]) {
            identities = households.map(\.identity).filter { $0.count >= 15 }
            phones = households.flatMap(\.phones)
            names = households.map(\.name).filter { $0.count >= 3 }
        }
    }

    @Test(.timeLimit(.minutes(30))) func noConversationComesToADeadEnd() async throws {
        let company = try await Company.make()
        let households = try company.households()
        let secrets = Secrets(households)
        let phrases = Ear.table.map(\.0)
        try await Company.onThread {
            for seed in 0..<Self.conversations {
                try Self.play(seed, company, households, secrets, phrases)
            }
        }
    }

    private static func play(
        _ seed: Int, _ company: Company, _ households: [Company.Household], _ secrets: Secrets, _ phrases: [String]
    ) throws {
        var dice = Dice(state: UInt64(seed) &* 977 &+ 13)
        let channel = dice.pick(ChannelKind.allCases)
        let customer = company.customer("random-\(seed)", channel)
        let key = Assistant.key(channel, "random-\(seed)")
        let numbers = households.map(\.number)
        let household = dice.pick(households)
        let (own, identity) = (household.number, household.identity.isEmpty ? "000000" : household.identity)
        var trail: [String] = []
        for _ in 0..<(3 + dice.roll(6)) {
            let orders = try dice.roll(4) == 0 ? company.actions.count : nil
            let said: CustomerTurn.Said
            switch dice.roll(12) {
            case 0, 1, 2: said = .words(dice.pick(phrases))
            case 3: said = .words(dice.pick(hostile))
            case 4: said = .words(own)
            case 5: said = .words(String(identity.suffix(6)))
            case 6: said = .words(dice.pick(numbers) + dice.pick(["", "应缴多少", "家里不热"]))
            case 7: said = .keys(["1", "2", "9", "#", "12345678", own, "*", "8"][dice.roll(8)])
            case 8: said = .words(dice.pick(phrases) + "," + dice.pick(phrases))
            case 9 where dice.roll(3) == 0: said = .opened
            default:
                if let choice = customer.last?.choices, !choice.isEmpty {
                    said = .choice(dice.pick(choice).id)
                } else {
                    said = .words("你好")
                }
            }
            trail.append("\(said)".prefix(60).description)
            let reply = try customer.turn(said)
            trail.append("  → \(reply.entries)")
            guard reply.holder != .person else { continue }
            // Something is said, in every form, and there is a way on.
            #expect(!reply.messages.isEmpty, "seed \(seed): \(trail)")
            for message in reply.messages {
                #expect(
                    ![message.full, message.short, message.spoken, message.plain].contains(""), "seed \(seed): \(trail)"
                )
                #expect(!message.full.contains("{"), "seed \(seed): a placeholder in \(message.full)")
                #expect(message.entry.contains("@"))
            }
            #expect(!reply.entries.contains("trouble"), "seed \(seed): \(trail)")
            // The same turn again is the same reply, and nothing more.
            if let orders {
                let before = try company.actions.count
                #expect(before - orders <= 2)
                #expect(try customer.turn(said, key: "\(customer.count)") == reply || customer.count == 0)
                #expect(try company.actions.count == before)
            }
            try check(
                reply, secrets, own: try company.store.read { try $0.boundAccounts(of: key) }, numbers, seed, trail,
                said)
        }
        // Whatever stands open can be left, and a person is there within two turns.
        let left = try customer.say("返回")
        #expect(
            left.holder == .person || ["left", "nothing_open"].contains(left.entries.last ?? ""),
            "seed \(seed): \(trail) \(left.entries)")
        let person = try customer.say(dice.roll(2) == 0 ? "转人工" : "我要找真人")
        #expect(person.holder == .waiting, "seed \(seed): \(trail)")
    }

    private static func check(
        _ reply: AssistantReply, _ secrets: Secrets, own: [String], _ numbers: [String], _ seed: Int, _ trail: [String],
        _ said: CustomerTurn.Said
    ) throws {
        let text = reply.messages.map {
            $0.full + $0.short + $0.plain + $0.steps.map(\.words).joined() + $0.choices.map(\.words).joined()
        }
        .joined()
        for secret in secrets.identities where text.contains(secret) || text.contains(secret.suffix(6)) {
            Issue.record("seed \(seed): an identity number in \(text)")
        }
        for phone in secrets.phones where text.contains(phone) { Issue.record("seed \(seed): a telephone in \(text)") }
        for name in secrets.names where text.contains(name) { Issue.record("seed \(seed): a name in \(text)") }
        // Numbers of accounts are told to who has proved them alone.
        let told = text.matches(of: /[0-9]{8}/).map { String($0.0) }
        for number in told where numbers.contains(number) && !own.contains(number) {
            // The one that was proved a moment ago and unbound in the same turn was theirs.
            Issue.record("seed \(seed): \(number) in \(text) \(trail)")
        }
    }
}
