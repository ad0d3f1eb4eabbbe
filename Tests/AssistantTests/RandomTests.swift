import Assistant
import Foundation
import HeatModel
import SQLiteStore
import Store
import Testing
import Understanding

/// Customers who say and press anything, in any order, at every door. `HEARTH_HEAVY_TESTS=1` plays 10,000 conversations,
/// `HEARTH_RANDOM_SEED` others.
@Suite struct RandomTests {
    private static let environment = ProcessInfo.processInfo.environment
    static let conversations = environment["HEARTH_HEAVY_TESTS"] != nil ? 10_000 : 300
    private static let seed = environment["HEARTH_RANDOM_SEED"].flatMap { UInt64($0) } ?? 1
    /// Of so many a company is made anew: its clock goes on through what they are silent.
    private static let perCompany = 500

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
        "再说一遍", "换一户", "算了", "嗯", "不知道", "0", "第二个", "还有呢", "谢谢", "别再给我发短信了", "恢复提醒", "12345X", "三号楼", "\n\n",
        String(repeating: "我家暖气不热，阀门滴水，师傅什么时候来？", count: 60),
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

    @Test(.timeLimit(.minutes(240))) func noConversationComesToADeadEnd() async throws {
        let ear = try HeardTests.ear.get()
        let knowledge = ear.knowledge
        let phrases = Dictionary(grouping: knowledge.examples, by: \.intent).sorted { $0.key < $1.key }
            .map { $0.value.map(\.text) }
        let began = ContinuousClock.now
        var walk = Walk()
        for first in stride(from: 0, to: Self.conversations, by: Self.perCompany) {
            let company = try await Company.make(hearing: ear)
            let range = first..<min(first + Self.perCompany, Self.conversations)
            walk = try await Company.onThread { [walk] in
                var walk = walk
                try walk.play(range, company, phrases)
                return walk
            }
        }
        #expect(walk.left.count > 30, "few states were reached and left: \(walk.left.sorted())")
        #expect(walk.sums > Self.conversations / 3, "few sums were told: \(walk.sums)")
        print(
            "\(Self.conversations) conversations of seed \(Self.seed) in \(ContinuousClock.now - began): \(walk.turns) turns, "
                + "\(walk.repeats) repeated, \(walk.left.count) states left by both ways, \(walk.sums) sums, \(walk.orders) orders"
        )
    }

    /// Conversations, and what was seen of them.
    private struct Walk: Sendable {
        var turns = 0
        var repeats = 0
        var sums = 0
        var orders = 0
        /// States that were left both ways.
        var left: Set<String> = []

        mutating func play(_ range: Range<Int>, _ company: Company, _ phrases: [[String]]) throws {
            let households = try company.households()
            let secrets = Secrets(households)
            for number in range {
                var one = Conversation(number, company, households, phrases)
                try one.play(secrets, &self)
            }
            orders += try company.actions.count
        }
    }

    private struct Conversation {
        let number: Int
        let company: Company
        let households: [Company.Household]
        let phrases: [[String]]
        let customer: Customer
        let key: CustomerKey
        let own: Company.Household
        var dice: Dice
        var trail: [String] = []
        /// What the answers say of an account, until something changes.
        var known: (account: String, at: Int64, sums: Set<String>)?

        init(_ number: Int, _ company: Company, _ households: [Company.Household], _ phrases: [[String]]) {
            self.number = number
            self.company = company
            self.households = households
            self.phrases = phrases
            dice = Dice(state: (UInt64(number) &+ RandomTests.seed &* 1_000_003) &* 977 &+ 13)
            let channel = dice.pick(ChannelKind.allCases)
            customer = company.customer("random-\(number)", channel)
            key = Assistant.key(channel, "random-\(number)")
            own = dice.pick(households)
        }

        var place: String { "seed \(RandomTests.seed), conversation \(number), \(customer.channel): \(trail)" }

        mutating func play(_ secrets: Secrets, _ walk: inout Walk) throws {
            // Strangers, and customers of one account or two.
            let proved = [0, 0, 1, 1, 1, 2][dice.roll(6)]
            if proved > 0 { try company.store.write { try $0.bind(key, to: own.number) } }
            if proved > 1 { try company.store.write { try $0.bind(key, to: dice.pick(households).number) } }
            for _ in 0..<(3 + dice.roll(8)) {
                if dice.roll(40) == 0 { company.clock.pass(hours: Int64(11 + dice.roll(70))) }
                try turn(secrets, &walk)
            }
            // Whatever stands open can be left, and a person is there within two turns.
            if customer.last?.holder == .person { return }
            let left = try customer.say("返回")
            #expect(["left", "nothing_open"].contains(left.entries.last ?? ""), "\(place) \(left.entries)")
            let person = try customer.say(dice.pick(["转人工", "我要找真人", "人工"]))
            #expect(person.holder == .waiting, "\(place) \(person.entries)")
        }

        private mutating func turn(_ secrets: Secrets, _ walk: inout Walk) throws {
            let said = said()
            let attachments: [CustomerTurn.Attachment] =
                dice.roll(25) == 0
                ? [.init(address: "p/\(number)", sha256: String(repeating: "a1", count: 32), mediaType: "image/jpeg")]
                : []
            let before = try company.actions.count
            trail.append("\(said)".prefix(60).description)
            let reply = try customer.turn(said, attachments: attachments, plain: dice.roll(20) == 0)
            trail.append("  → \(reply.entries)")
            walk.turns += 1
            guard reply.holder != .person else { return }
            check(reply)
            let bound = try company.store.read { try $0.boundAccounts(of: key) }
            check(reply, secrets, bound)
            try checkSums(of: reply, bound, &walk)
            let orders = try company.actions.count
            #expect(orders - before <= 2, "\(place)")
            // A double tap, a replay: the same reply, and nothing more.
            if dice.roll(4) == 0 {
                let told = try company.turns(reply.conversation).count
                #expect(
                    try customer.turn(said, key: "\(customer.count)", attachments: attachments) == reply, "\(place)")
                #expect(
                    try company.actions.count == orders && company.turns(reply.conversation).count == told, "\(place)")
                walk.repeats += 1
            }
            try leave(&walk)
        }

        private mutating func said() -> CustomerTurn.Said {
            switch dice.roll(20) {
            case 0...5: return .words(dice.pick(dice.pick(phrases)))
            case 6: return .words(dice.pick(dice.pick(phrases)) + "，" + dice.pick(dice.pick(phrases)))
            case 7: return .words(dice.pick(RandomTests.hostile))
            case 8: return .words(dice.pick([own.number, own.identity, String(own.identity.suffix(6))]))
            case 9:
                return .words(
                    dice.pick(households).number + dice.pick(["", "应缴多少", "家里不热", "，" + dice.pick(dice.pick(phrases))]))
            case 10:
                return .keys(
                    dice.pick([
                        "1", "2", "3", "9", "8", "#", "*", "12345678", own.number, String(own.identity.suffix(6)),
                        "13800001234",
                    ]))
            case 11: return .words(dice.pick(Ear.table).0)
            case 12 where dice.roll(3) == 0: return .opened
            case 13:
                return .choice(
                    dice.pick([
                        "f:pay:new:have", "f:leak:which:x", "a:\(dice.pick(households).number)", "x:back", "x:leave",
                        "i:not_warm", "", "s:5",
                    ]))
            default:
                guard let choices = customer.last?.choices, !choices.isEmpty else {
                    return .words(dice.pick(dice.pick(phrases)))
                }
                return .choice(dice.pick(choices).id)
            }
        }

        /// Something is said, in every form, and there is a way on: something to choose or to give, or a person who is waited for.
        private func check(_ reply: AssistantReply) {
            #expect(!reply.messages.isEmpty, "\(place)")
            for message in reply.messages {
                #expect(![message.full, message.short, message.spoken, message.plain].contains(""), "\(place)")
                #expect(!message.full.contains("{") && !message.plain.contains("{"), "\(place): \(message.full)")
                #expect(message.entry.contains("@"))
                let (lines, offered) = (message.full.split(separator: "\n"), message.choices.map(\.words))
                #expect(Set(lines).count == lines.count, "said twice: \(message.full) \(place)")
                #expect(Set(offered).count == offered.count, "offered twice: \(offered) \(place)")
            }
            #expect(!reply.entries.contains("trouble"), "\(place)")
            let waits = reply.messages.last?.wants ?? .words
            #expect(
                reply.holder == .waiting || reply.messages.contains { !$0.choices.isEmpty } || waits != .words,
                "no way on: \(place)")
        }

        private func check(_ reply: AssistantReply, _ secrets: Secrets, _ bound: [String]) {
            let text = reply.messages.map {
                $0.full + $0.short + $0.plain + $0.steps.map(\.words).joined() + $0.choices.map(\.words).joined()
            }.joined()
            for secret in secrets.identities where text.contains(secret) || text.contains(secret.suffix(6)) {
                Issue.record("an identity number in \(text): \(place)")
            }
            for phone in secrets.phones where text.contains(phone) { Issue.record("a telephone in \(text): \(place)") }
            for name in secrets.names where text.contains(name) { Issue.record("a name in \(text): \(place)") }
            // Numbers of accounts are told to who has proved them alone.
            let told = text.matches(of: /[0-9]{8}/).map { String($0.0) }
            for number in told where !bound.contains(number) && households.contains(where: { $0.number == number }) {
                Issue.record("\(number) in \(text): \(place)")
            }
        }

        /// Each sum stands in what the answers say of one of the customer's accounts.
        private mutating func checkSums(of reply: AssistantReply, _ bound: [String], _ walk: inout Walk) throws {
            for message in reply.messages {
                let text =
                    [message.full, message.short, message.plain].joined(separator: "\n")
                    + (message.chart?.bars.map(\.words).joined(separator: "\n") ?? "")
                let sums = MoneyTests.sums(in: text)
                if sums.isEmpty { continue }
                walk.sums += sums.count
                let known = try bound.reduce(into: Set<String>()) {
                    $0.formUnion(MoneyTests.sums(in: try MoneyTests.documents(of: $1, company)))
                }
                #expect(sums.isSubset(of: known), "\(sums.subtracting(known)) of \(text): \(place)")
            }
        }

        // MARK: Leaving

        /// Whoever stands where nobody stood before leaves by a word, and by the wish for a person: played by others in the same place.
        private mutating func leave(_ walk: inout Walk) throws {
            guard let state = try company.store.read({ try $0.customerState(key) }),
                let name = try Self.name(of: state),
                walk.left.insert(name).inserted
            else { return }
            for (index, words) in ["算了", "转人工"].enumerated() {
                let other = company.customer("\(customer.name)-\(walk.left.count)-\(index)", customer.channel)
                let key = Assistant.key(customer.channel, other.name)
                try other.turn(.opened)
                try company.store.write { store in
                    for account in try store.boundAccounts(of: self.key) { try store.bind(key, to: account) }
                    let own = try store.customerState(key)
                    let isPut = try store.putCustomerState(
                        state.body, conversation: own?.conversation, of: key, replacing: own?.version ?? 0)
                    #expect(isPut)
                }
                let reply = try other.say(words)
                let isLeft =
                    index == 0 ? ["left", "nothing_open"].contains(reply.entries.last ?? "") : reply.holder == .waiting
                #expect(isLeft, "\(words) does not lead out of \(name): \(reply.entries), \(place)")
                let after = try company.store.read { try $0.customerState(key) }
                #expect(try after.flatMap { try Self.name(of: $0) } == nil, "\(words) leaves \(name) open: \(place)")
            }
        }

        /// The flows that are open and their states, with what is parked; nil where nothing is open.
        private static func name(of state: CustomerState) throws -> String? {
            let mind = try JSONSerialization.jsonObject(with: Data(state.body)) as? [String: Any]
            func names(_ frames: Any?) -> [String] {
                (frames as? [[String: Any]] ?? []).map { "\($0["flow"] ?? "")/\($0["state"] ?? "")" }
            }
            let open = names(mind?["frames"])
            let parked = (mind?["parked"] as? [[String: Any]] ?? []).count
            return open.isEmpty && parked == 0 ? nil : open.joined(separator: " ") + (parked > 0 ? " +\(parked)" : "")
        }
    }
}
