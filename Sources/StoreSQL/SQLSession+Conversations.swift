import Foundation
import HeatModel
import JSONText
package import Store

extension SQLSession {
    // MARK: Reading

    private static var conversationColumns: String {
        "id, account, channel, language, is_elderly, caller, opened_us, last_us, turns"
    }

    private static func utc(_ microseconds: Int64) -> Instant {
        Instant(microseconds: microseconds, offsetMinutes: 0)
    }

    private static func corrupt(_ what: String) -> HearthError {
        HearthError(.storeCorrupt, "\(what) is none that is known", at: .address("store"))
    }

    private func conversation(_ row: Statement) -> Conversation {
        Conversation(
            id: ConversationID(row.int(0)), account: row.optionalText(1), channel: row.text(2), language: row.text(3),
            isElderly: row.int(4) != 0, caller: row.text(5), openedAt: Self.utc(row.int(6)),
            lastAt: Self.utc(row.int(7)), turns: row.int(8))
    }

    package func conversation(_ id: ConversationID) throws -> Conversation? {
        let one = try statement("SELECT \(Self.conversationColumns) FROM conversation WHERE id = ?1")
        return try first(one.bind(1, id.number)) { conversation($0) }
    }

    package func conversations(account: String?, before: ConversationID?, limit: Int) throws -> [Conversation] {
        let list =
            if let account {
                try statement(
                    """
                    SELECT \(Self.conversationColumns) FROM conversation WHERE id < ?1 AND account = ?3
                    ORDER BY id DESC LIMIT ?2
                    """
                ).bind(3, account)
            } else {
                try statement(
                    "SELECT \(Self.conversationColumns) FROM conversation WHERE id < ?1 ORDER BY id DESC LIMIT ?2")
            }
        return try rows(list.bind(1, before?.number ?? .max).bind(2, Int64(limit))) { conversation($0) }
    }

    package func conversations(opened: Range<Int64>, after: ConversationID?, limit: Int) throws -> [Conversation] {
        let list = try statement(
            """
            SELECT \(Self.conversationColumns) FROM conversation
            WHERE opened_us >= ?1 AND opened_us < ?2 AND id > ?3 ORDER BY id LIMIT ?4
            """)
        list.bind(1, opened.lowerBound).bind(2, opened.upperBound).bind(3, after?.number ?? 0).bind(4, Int64(limit))
        return try rows(list) { conversation($0) }
    }

    package func turns(of conversation: ConversationID, after number: Int64, limit: Int) throws -> [Turn] {
        let list = try statement(
            """
            SELECT number, speaker, at_us, words, intent, mark, facts, actions, caller FROM conversation_turn
            WHERE conversation_id = ?1 AND number > ?2 ORDER BY number LIMIT ?3
            """)
        return try rows(list.bind(1, conversation.number).bind(2, number).bind(3, Int64(limit))) { row in
            guard let speaker = Turn.Speaker(rawValue: row.text(1)) else { throw Self.corrupt("a turn's speaker") }
            let mark = try row.optionalText(5).map { text in
                guard let mark = Turn.Mark(rawValue: text) else { throw Self.corrupt("a turn's mark") }
                return mark
            }
            let actions = try row.text(7).split(separator: ",").map { text in
                guard let number = Int64(text) else { throw Self.corrupt("a turn's action") }
                return ActionID(number)
            }
            return Turn(
                number: row.int(0), speaker: speaker, at: Self.utc(row.int(2)), words: row.text(3),
                intent: row.optionalText(4), mark: mark, facts: Self.facts(row.bytes(6)), actions: actions,
                caller: row.text(8))
        }
    }

    /// `[["bill","billing.charges/1","2026-12-01T…"],["question","triage"]]`
    private static func facts(_ json: UnsafeRawBufferPointer) -> [Turn.Fact] {
        var facts: [Turn.Fact] = []
        var elements = JSONMembers(json)
        while let (_, element) = elements.next() {
            var parts: [String] = []
            var members = JSONMembers(element)
            while let (_, part) = members.next() { parts.append(part.text) }
            if parts.count < 2 { continue }
            facts.append(Turn.Fact(kind: parts[0], id: parts[1], freshAt: parts.count > 2 ? parts[2] : nil))
        }
        return facts
    }

    private static func text(_ facts: [Turn.Fact]) -> String {
        var json = JSONBytes()
        json.raw("[")
        for fact in facts {
            json.separate()
            json.raw("[")
            for part in [fact.kind, fact.id, fact.freshAt].compactMap(\.self) {
                json.separate()
                json.string(part)
            }
            json.raw("]")
        }
        json.raw("]")
        return json.text
    }

    private static var handOffColumns: String {
        """
        id, conversation_id, reason, after_turn, card, asked_us, asked_by, owner, claimed_us, active_us, fence, closed_us,
        closed_turn, outcome, note
        """
    }

    private func handOff(_ row: Statement) -> HandOff {
        HandOff(
            id: HandOffID(row.int(0)), conversation: ConversationID(row.int(1)), reason: row.text(2),
            afterTurn: row.int(3), card: row.blob(4), askedAt: Self.utc(row.int(5)), askedBy: row.text(6),
            owner: row.optionalText(7), claimedAt: row.optionalInt(8).map(Self.utc),
            activeAt: row.optionalInt(9).map(Self.utc), fence: row.int(10),
            closedAt: row.optionalInt(11).map(Self.utc), closedTurn: row.optionalInt(12),
            outcome: row.optionalText(13), note: row.optionalText(14))
    }

    package func handOff(_ id: HandOffID) throws -> HandOff? {
        let one = try statement("SELECT \(Self.handOffColumns) FROM hand_off WHERE id = ?1")
        return try first(one.bind(1, id.number)) { handOff($0) }
    }

    package func handOffs(of conversation: ConversationID) throws -> [HandOff] {
        let list = try statement(
            "SELECT \(Self.handOffColumns) FROM hand_off WHERE conversation_id = ?1 ORDER BY id DESC")
        return try rows(list.bind(1, conversation.number)) { handOff($0) }
    }

    package func handOffs(_ states: Set<HandOff.State>, after: HandOffID?, limit: Int) throws -> [HandOff] {
        // Those that are not closed are few, and have an index of their own.
        let list =
            states.contains(.closed)
            ? try statement(
                """
                SELECT \(Self.handOffColumns) FROM hand_off
                WHERE id > ?1 AND 1 = CASE WHEN closed_us IS NOT NULL THEN ?3 WHEN owner IS NOT NULL THEN ?4 ELSE ?5 END
                ORDER BY id LIMIT ?2
                """)
            : try statement(
                """
                SELECT \(Self.handOffColumns) FROM hand_off
                WHERE id > ?1 AND closed_us IS NULL AND ?3 = 0 AND 1 = CASE WHEN owner IS NOT NULL THEN ?4 ELSE ?5 END
                ORDER BY id LIMIT ?2
                """)
        list.bind(1, after?.number ?? 0).bind(2, Int64(limit)).bind(3, states.contains(.closed) ? 1 : 0)
        list.bind(4, states.contains(.claimed) ? 1 : 0).bind(5, states.contains(.waiting) ? 1 : 0)
        return try rows(list) { handOff($0) }
    }

    package func feedback(of conversation: ConversationID) throws -> [Feedback] {
        let list = try statement(
            """
            SELECT subject, turn, score, is_solved, words, at_us, caller FROM feedback
            WHERE conversation_id = ?1 ORDER BY subject, turn
            """)
        return try rows(list.bind(1, conversation.number)) { row in
            guard let subject = Feedback.Subject(rawValue: row.text(0)) else {
                throw Self.corrupt("a feedback's subject")
            }
            return Feedback(
                conversation: conversation, subject: subject, turn: row.int(1), score: row.optionalInt(2),
                isSolved: row.optionalInt(3).map { $0 != 0 }, words: row.optionalText(4), at: Self.utc(row.int(5)),
                caller: row.text(6))
        }
    }

    // MARK: Writing

    private static func failed(_ message: String) -> HearthError {
        HearthError(.storeFailed, message, at: .address("store"))
    }

    package func openConversation(
        account: String?, channel: String, language: String, isElderly: Bool, caller: String
    ) throws -> Conversation {
        let insert = try statement(
            """
            INSERT INTO conversation(account, channel, language, is_elderly, caller, opened_us, last_us, last_day)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7) RETURNING id
            """)
        let now = clock()
        insert.bind(1, account).bind(2, channel).bind(3, language).bind(4, isElderly ? 1 : 0).bind(5, caller)
        insert.bind(6, now).bind(7, StoreDay.of(now))
        guard let made = try conversation(ConversationID(inserted(insert))) else {
            throw Self.failed("the conversation was not kept")
        }
        return made
    }

    package func setAccount(_ account: String, of conversation: ConversationID) throws {
        try statement("UPDATE conversation SET account = ?2 WHERE id = ?1 AND account IS NULL")
            .bind(1, conversation.number).bind(2, account).run()
    }

    package func markElderly(_ conversation: ConversationID) throws {
        try statement("UPDATE conversation SET is_elderly = 1 WHERE id = ?1").bind(1, conversation.number).run()
    }

    package func addTurn(_ turn: Turn, to conversation: ConversationID) throws -> Turn {
        let now = clock()
        // A clock that was put back makes no turn older than the one before it.
        let sameDay = try statement(
            """
            UPDATE conversation SET turns = turns + 1, last_us = CASE WHEN last_us > ?2 THEN last_us ELSE ?2 END
            WHERE id = ?1 AND (last_day = ?3 OR last_us > ?2) RETURNING turns, last_us
            """)
        let newDay = try statement(
            """
            UPDATE conversation SET turns = turns + 1, last_us = ?2, last_day = ?3 WHERE id = ?1 RETURNING turns, last_us
            """)
        var made = turn
        func count(_ statement: Statement) throws -> Bool {
            statement.bind(1, conversation.number).bind(2, now).bind(3, StoreDay.of(now))
            let isThere: Void? = try first(statement) {
                made.number = $0.int(0)
                made.at = Self.utc($0.int(1))
            }
            return isThere != nil
        }
        guard try count(sameDay) || count(newDay) else { throw Self.failed("there is no conversation \(conversation)") }
        let insert = try statement(
            """
            INSERT INTO conversation_turn(conversation_id, number, speaker, at_us, words, intent, mark, facts, actions, caller)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """)
        insert.bind(1, conversation.number).bind(2, made.number).bind(3, turn.speaker.rawValue)
        insert.bind(4, made.at.microseconds).bind(5, turn.words).bind(6, turn.intent).bind(7, turn.mark?.rawValue)
        insert.bind(8, Self.text(turn.facts)).bind(9, turn.actions.map(\.description).joined(separator: ","))
        try insert.bind(10, turn.caller).run()
        return made
    }

    package func setMark(_ mark: Turn.Mark, ofTurn number: Int64, of conversation: ConversationID) throws {
        let set = try statement("UPDATE conversation_turn SET mark = ?3 WHERE conversation_id = ?1 AND number = ?2")
        if try set.bind(1, conversation.number).bind(2, number).bind(3, mark.rawValue).changed() == 0 {
            throw Self.failed("there is no turn \(number) of conversation \(conversation)")
        }
    }

    package func askHandOff(
        _ conversation: ConversationID, reason: String, afterTurn: Int64, card: [UInt8], caller: String
    ) throws -> HandOff {
        let insert = try statement(
            """
            INSERT INTO hand_off(conversation_id, reason, after_turn, card, asked_us, asked_by)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6) RETURNING id
            """)
        insert.bind(1, conversation.number).bind(2, reason).bind(3, afterTurn).bind(4, blob: card)
        insert.bind(5, clock()).bind(6, caller)
        guard let made = try handOff(HandOffID(inserted(insert))) else {
            throw Self.failed("the hand-off was not kept")
        }
        return made
    }

    package func claimHandOff(_ id: HandOffID, owner: String, idleSeconds: Int64) throws -> HandOff? {
        let now = clock()
        // Who has it already keeps its fence; an owner whose last act lies in the future acted before the clock was put back.
        let take = try statement(
            """
            UPDATE hand_off SET fence = fence + CASE WHEN owner = ?2 THEN 0 ELSE 1 END,
                claimed_us = CASE WHEN owner = ?2 THEN claimed_us ELSE ?3 END,
                owner = ?2, active_us = ?3
            WHERE id = ?1 AND closed_us IS NULL AND (owner IS NULL OR owner = ?2 OR active_us <= ?4 OR active_us > ?3)
            """)
        take.bind(1, id.number).bind(2, owner).bind(3, now).bind(4, now - idleSeconds * 1_000_000)
        return try take.changed() > 0 ? handOff(id) : nil
    }

    package func touchHandOff(_ id: HandOffID, owner: String) throws -> Bool {
        try statement("UPDATE hand_off SET active_us = ?3 WHERE id = ?1 AND owner = ?2 AND closed_us IS NULL")
            .bind(1, id.number).bind(2, owner).bind(3, clock()).changed() > 0
    }

    package func closeHandOff(_ id: HandOffID, owner: String, outcome: String, note: String?) throws -> Bool {
        let close = try statement(
            """
            UPDATE hand_off SET closed_us = ?3, active_us = ?3, outcome = ?4, note = ?5,
                closed_turn = (SELECT turns FROM conversation WHERE id = conversation_id)
            WHERE id = ?1 AND owner = ?2 AND closed_us IS NULL
            """)
        close.bind(1, id.number).bind(2, owner).bind(3, clock()).bind(4, outcome).bind(5, note)
        return try close.changed() > 0
    }

    package func putFeedback(_ feedback: Feedback) throws {
        let put = try statement(
            """
            INSERT INTO feedback(conversation_id, subject, turn, score, is_solved, words, at_us, caller)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT(conversation_id, subject, turn) DO UPDATE SET
                score = ?4, is_solved = ?5, words = ?6, at_us = ?7, caller = ?8
            """)
        put.bind(1, feedback.conversation.number).bind(2, feedback.subject.rawValue).bind(3, feedback.turn)
        put.bind(4, feedback.score).bind(5, feedback.isSolved.map { $0 ? 1 : 0 }).bind(6, feedback.words)
        try put.bind(7, clock()).bind(8, feedback.caller).run()
    }

    package func forgetConversations(silentSince moment: Int64, limit: Int) throws -> [ConversationID] {
        let list = try statement(
            """
            SELECT id FROM conversation c WHERE last_day <= ?3 AND last_us < ?1
                AND NOT EXISTS (SELECT 1 FROM hand_off WHERE conversation_id = c.id AND closed_us IS NULL)
            ORDER BY last_day, last_us, id LIMIT ?2
            """)
        let old = try rows(list.bind(1, moment).bind(2, Int64(limit)).bind(3, StoreDay.of(moment))) { $0.int(0) }
        for id in old {
            for table in ["conversation_turn", "hand_off", "feedback"] {
                try statement("DELETE FROM \(table) WHERE conversation_id = ?1").bind(1, id).run()
            }
            try statement("DELETE FROM conversation WHERE id = ?1").bind(1, id).run()
        }
        return old.map { ConversationID($0) }
    }
}
