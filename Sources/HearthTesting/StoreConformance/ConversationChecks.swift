import HeatModel
import Store

extension StoreConformance {
    private func open(_ scene: StoreScene, account: String? = nil, channel: String = "wechat") throws -> Conversation {
        try scene.store.write {
            try $0.openConversation(
                account: account, channel: channel, language: "zh", isElderly: true, caller: "token:a")
        }
    }

    private func turn(_ words: String, _ speaker: Turn.Speaker = .customer) -> Turn {
        Turn(number: 0, speaker: speaker, at: StoreScene.instant(0), words: words, caller: "token:a")
    }

    private func say(_ scene: StoreScene, _ conversation: Conversation, _ turn: Turn) throws -> Turn {
        try scene.store.write { try $0.addTurn(turn, to: conversation.id) }
    }

    private func refused(_ what: String, _ body: () throws -> Void) throws {
        do { try body() } catch is HearthError { return }
        throw Unexpected(message: "\(what) is taken")
    }

    func conversationsKept(_ scene: StoreScene) throws {
        let first = try open(scene, account: "00000001")
        scene.clock.advance(seconds: 5)
        let second = try open(scene, channel: "phone")
        func known(_ id: ConversationID) throws -> Conversation? { try scene.store.read { try $0.conversation(id) } }
        try expect(
            [first.account, first.channel, first.language, first.caller], is: ["00000001", "wechat", "zh", "token:a"],
            "a conversation as it was opened")
        try expect([first.isElderly, first.turns == 0, first.lastAt == first.openedAt], is: [true, true, true], "it")
        try expect(try known(first.id), is: first, "a conversation that is read again")
        try expect(try known(ConversationID(99)) == nil, "a conversation that nobody opened is there")
        scene.clock.advance(seconds: 1)
        var rich = turn("还应缴多少?", .assistant)
        rich.intent = "money.due"
        rich.mark = .answered
        rich.facts = [
            Turn.Fact(kind: "bill", id: "billing.charges/1", freshAt: "2026-12-01T09:00:00+08:00"),
            Turn.Fact(kind: "question", id: "triage", freshAt: nil),
        ]
        rich.actions = [ActionID(7), ActionID(8)]
        let one = try say(scene, second, turn("多少\n钱,\"元\""))
        let two = try say(scene, second, rich)
        try expect([one.number, two.number], is: [1, 2], "numbers of turns")
        rich.number = 2
        rich.at = Instant(microseconds: scene.clock.now, offsetMinutes: 0)
        func turns(after number: Int64 = 0, limit: Int = 10) throws -> [Turn] {
            try scene.store.read { try $0.turns(of: second.id, after: number, limit: limit) }
        }
        try expect(try turns(), is: [one, rich], "turns that are read again")
        try expect(try turns(after: 1), is: [rich], "turns after the first")
        try expect(try turns(limit: 1), is: [one], "the first turn")
        try scene.store.write { try $0.setMark(.misunderstood, ofTurn: 2, of: second.id) }
        try expect(try turns(after: 1).map(\.mark), is: [.misunderstood], "a mark that was put right")
        try refused("the mark of a turn that is not there") {
            try scene.store.write { try $0.setMark(.answered, ofTurn: 9, of: second.id) }
        }
        try refused("a turn of no conversation") {
            _ = try scene.store.write { try $0.addTurn(turn("?"), to: ConversationID(99)) }
        }
        scene.clock.advance(seconds: -60)
        let late = try say(scene, second, turn("晚"))
        try expect(late.at, is: two.at, "a turn after a clock that was put back")
        scene.clock.advance(seconds: 60)
        try expect(try known(second.id)?.turns, is: 3, "how many turns there are")
        try expect(try known(second.id)?.lastAt, is: two.at, "when something was last said")
        for account in ["00000001", "00000002"] {
            try scene.store.write { try $0.setAccount(account, of: second.id) }
        }
        try expect(try known(second.id)?.account, is: "00000001", "an account that was told twice")
        let young = try scene.store.write {
            try $0.openConversation(account: nil, channel: "phone", language: "zh", isElderly: false, caller: "token:a")
        }
        try expect(try known(young.id)?.isElderly, is: false, "who did not say to be elderly")
        try scene.store.write { try $0.markElderly(young.id) }
        try expect(try known(young.id)?.isElderly, is: true, "who said so later")
        let third = try open(scene, account: "00000003")
        func listed(_ account: String? = nil, before: ConversationID? = nil, limit: Int = 9) throws -> [Int64] {
            try scene.store.read {
                try $0.conversations(account: account, before: before, limit: limit).map(\.id.number)
            }
        }
        let ids = [first, second, young, third].map(\.id.number)
        try expect(try listed(), is: ids.reversed(), "conversations, the newest first")
        try expect(try listed(before: young.id, limit: 1), is: [ids[1]], "a page of them")
        try expect(try listed("00000001"), is: [ids[1], ids[0]], "those of an account")
        func opened(_ range: Range<Int64>, after: ConversationID? = nil, limit: Int = 9) throws -> [Int64] {
            try scene.store.read { try $0.conversations(opened: range, after: after, limit: limit).map(\.id.number) }
        }
        let (begin, middle) = (first.openedAt.microseconds, second.openedAt.microseconds)
        try expect(try opened(begin..<middle), is: [ids[0]], "those opened before a moment")
        try expect(try opened(begin..<middle + 1), is: [ids[0], ids[1]], "those opened at a moment")
        try expect(try opened(begin..<Int64.max, after: first.id, limit: 1), is: [ids[1]], "a page of those opened")
    }

    func handOffsOwnedOnce(_ scene: StoreScene) throws {
        let conversation = try open(scene)
        let other = try open(scene)
        func ask(_ conversation: Conversation) throws -> HandOff {
            try scene.store.write {
                try $0.askHandOff(
                    conversation.id, reason: "asked", afterTurn: 3, card: Array("{\"a\":1}".utf8), caller: "token:a")
            }
        }
        func claim(_ id: HandOffID, _ owner: String, idle: Int64 = 60) throws -> HandOff? {
            try scene.store.write { try $0.claimHandOff(id, owner: owner, idleSeconds: idle) }
        }
        let asked = try ask(conversation)
        try expect([asked.reason, asked.askedBy], is: ["asked", "token:a"], "a hand-off as it was asked for")
        try expect([asked.afterTurn, asked.fence], is: [3, 0], "its numbers")
        try expect(asked.state, is: .waiting, "its state")
        try expect(try scene.store.read { try $0.handOff(asked.id) }, is: asked, "it, read again")
        try refused("a second hand-off of a conversation") { _ = try ask(conversation) }
        let held = try claim(asked.id, "a")
        try expect([held?.owner, held.map { "\($0.fence)" }], is: ["a", "1"], "its first owner")
        try expect(held?.state, is: .claimed, "the state of what has an owner")
        scene.clock.advance(seconds: 1)
        try expect(try claim(asked.id, "a")?.fence, is: 1, "the fence of who claims twice")
        try expect(try claim(asked.id, "a")?.claimedAt, is: held?.claimedAt, "since when it has its owner")
        try expect(try claim(asked.id, "b") == nil, "what has an owner is given to another")
        func touch(_ owner: String) throws -> Bool {
            try scene.store.write { try $0.touchHandOff(asked.id, owner: owner) }
        }
        scene.clock.advance(seconds: 59)
        try expect([try touch("b"), try touch("a")], is: [false, true], "who did something")
        scene.clock.advance(seconds: 59)
        try expect(try claim(asked.id, "b") == nil, "it is given away before its owner was idle for long")
        scene.clock.advance(seconds: 1)
        let taken = try claim(asked.id, "b")
        try expect([taken?.owner, taken.map { "\($0.fence)" }], is: ["b", "2"], "who takes over from an idle owner")
        try expect(try touch("a"), is: false, "who has lost it")
        func close(_ owner: String) throws -> Bool {
            try scene.store.write { try $0.closeHandOff(asked.id, owner: owner, outcome: "resolved", note: "好") }
        }
        let second = try ask(other)
        func listed(_ states: Set<HandOff.State>, after: HandOffID? = nil, limit: Int = 9) throws -> [Int64] {
            try scene.store.read { try $0.handOffs(states, after: after, limit: limit).map(\.id.number) }
        }
        let ids = [asked.id.number, second.id.number]
        try expect(try listed([.waiting]), is: [ids[1]], "what waits")
        try expect(try listed([.claimed]), is: [ids[0]], "what has an owner")
        _ = try say(scene, conversation, turn("好了"))
        try expect([try close("a"), try close("b"), try close("b")], is: [false, true, false], "who closes it")
        let closed = try scene.store.read { try $0.handOff(asked.id) }
        try expect([closed?.outcome, closed?.note], is: ["resolved", "好"], "how it was closed")
        try expect(closed?.closedTurn, is: 1, "the last turn when it was closed")
        try expect(closed?.state, is: .closed, "the state of what was closed")
        try expect(try claim(asked.id, "b") == nil, "what was closed is claimed")
        try expect(try touch("b"), is: false, "something is done with what was closed")
        try expect(try listed([.waiting, .claimed]), is: [ids[1]], "what is not closed")
        try expect(try listed([.closed]), is: [ids[0]], "what is closed")
        try expect(try listed([.closed, .waiting], limit: 1), is: [ids[0]], "a page of all")
        try expect(try listed([.closed, .waiting], after: asked.id), is: [ids[1]], "the next page of all")
        let again = try ask(conversation)
        try expect(
            try scene.store.read { try $0.handOffs(of: conversation.id).map(\.id) }, is: [again.id, asked.id],
            "hand-offs of a conversation")
    }

    func feedbackKeptOnce(_ scene: StoreScene) throws {
        let conversation = try open(scene)
        func feedback(_ subject: Feedback.Subject, _ turn: Int64 = 0, score: Int64?, solved: Bool? = nil) -> Feedback {
            Feedback(
                conversation: conversation.id, subject: subject, turn: turn, score: score, isSolved: solved,
                words: solved == nil ? nil : "好",
                at: Instant(microseconds: scene.clock.now, offsetMinutes: 0), caller: "token:a")
        }
        func put(_ feedback: Feedback) throws { try scene.store.write { try $0.putFeedback(feedback) } }
        func known() throws -> [Feedback] { try scene.store.read { try $0.feedback(of: conversation.id) } }
        try put(feedback(.conversation, score: 2, solved: false))
        let answer = feedback(.answer, 4, score: nil, solved: true)
        let visit = feedback(.visit, score: 3)
        try put(answer)
        try put(visit)
        scene.clock.advance(seconds: 1)
        let last = feedback(.conversation, score: 5)
        try put(last)
        try expect(try known(), is: [answer, last, visit], "what the customer thought last")
    }

    func conversationsForgotten(_ scene: StoreScene) throws {
        let old = try [open(scene), open(scene), open(scene)]
        _ = try say(scene, old[0], turn("旧"))
        try scene.store.write { store in
            try store.putFeedback(
                Feedback(
                    conversation: old[0].id, subject: .conversation, score: 1, isSolved: nil, words: nil,
                    at: StoreScene.instant(0), caller: "a"))
        }
        let asked = try scene.store.write {
            try $0.askHandOff(old[1].id, reason: "asked", afterTurn: 0, card: [], caller: "a")
        }
        scene.clock.advance(seconds: 10)
        let young = try open(scene)
        _ = try say(scene, old[2], turn("新"))
        func forget(_ limit: Int = 10) throws -> [ConversationID] {
            try scene.store.write { try $0.forgetConversations(silentSince: scene.clock.now, limit: limit) }
        }
        try expect(try forget(0), is: [], "conversations forgotten where none may be")
        try expect(try forget(), is: [old[0].id], "conversations forgotten")
        func there() throws -> [Int64] {
            try scene.store.read { try $0.conversations(account: nil, before: nil, limit: 9).map(\.id.number) }
        }
        try expect(try there(), is: [young, old[2], old[1]].map(\.id.number), "what is kept")
        let left = try scene.store.read { store in
            (try store.turns(of: old[0].id, after: 0, limit: 9).count, try store.feedback(of: old[0].id).count)
        }
        try expect([left.0, left.1], is: [0, 0], "what is left of a conversation that was forgotten")
        _ = try scene.store.write { try $0.claimHandOff(asked.id, owner: "a", idleSeconds: 1) }
        try expect(try forget(), is: [], "conversations that a person has, forgotten")
        _ = try scene.store.write { try $0.closeHandOff(asked.id, owner: "a", outcome: "resolved", note: nil) }
        try expect(try forget(), is: [old[1].id], "a conversation forgotten once its hand-off is closed")
        try expect(try scene.store.read { try $0.handOff(asked.id) } == nil, "its hand-off is still there")
        let next = try open(scene)
        try expect(next.id.number > young.id.number, "a number is given twice")
    }
}
