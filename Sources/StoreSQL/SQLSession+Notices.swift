import Foundation
package import HeatModel
package import Store

extension SQLSession {
    private static var noticeColumns: String {
        """
        n.id, n.rule, n.account, n.occasion, n.state, n.planned_us, n.changed_us, n.not_before_us, n.expires_us, n.channel,
        n.action_id, n.put_off, n.person, n.day, n.text, n.segments, n.told, n.reason
        """
    }

    /// The state as a notice has it that its action speaks for.
    private static var noticeState: String {
        """
        CASE WHEN n.state <> 'handed' THEN n.state ELSE (
            SELECT CASE a.state WHEN 'accepted' THEN CASE n.put_off WHEN 0 THEN 'queued' ELSE 'deferred' END WHEN 'confirmed' THEN 'sent'
                WHEN 'refused' THEN 'notSent' WHEN 'dropped' THEN 'notSent' ELSE a.state END
            FROM action a WHERE a.id = n.action_id) END
        """
    }

    /// Whether the channel has certainly not taken it.
    private static var hasFailed: String {
        """
        n.fell = 1 AND n.state = 'handed' AND EXISTS (
            SELECT 1 FROM action a WHERE a.id = n.action_id
                AND (a.state IN ('refused', 'dropped') OR a.state = 'accepted' AND a.is_dead = 1))
        """
    }

    private func storedNotice(_ row: Statement) throws -> StoredNotice {
        let (kept, actionID, isPutOff) = (row.text(4), row.optionalInt(10).map { ActionID($0) }, row.int(11) != 0)
        var telling: StoredNotice.Telling?
        if let person = row.optionalText(12), let day = row.optionalInt(13) {
            guard let values = try? JSONDecoder().decode([String: String].self, from: Data(row.blob(16))) else {
                throw HearthError(
                    .storeCorrupt, "the values of notice \(row.int(0)) are no texts by name", at: .address("store"))
            }
            telling = StoredNotice.Telling(
                person: person, day: CivilDate(dayNumber: Int32(truncatingIfNeeded: day)), text: row.text(14),
                segments: Int(row.int(15)), values: values)
        }
        var notice = StoredNotice(
            id: NoticeID(row.int(0)),
            notice: IncomingNotice(
                rule: row.text(1), account: row.text(2), occasion: row.text(3), notBefore: Self.instant(row.int(7)),
                expiresAt: Self.instant(row.int(8))), state: .planned, plannedAt: Self.instant(row.int(5)),
            changedAt: Self.instant(row.int(6)), channel: Int(row.int(9)), action: nil, telling: telling,
            reason: row.optionalText(17))
        if kept != "handed" {
            guard let state = NoticeState(rawValue: kept) else {
                throw HearthError(.storeCorrupt, "a notice has the state \"\(kept)\"", at: .address("store"))
            }
            notice.state = state
            notice.action = try actionID.flatMap { try action($0) }
            return notice
        }
        guard let actionID, let action = try action(actionID) else {
            throw HearthError(.storeCorrupt, "a notice names an action that is not there", at: .address("store"))
        }
        notice.action = action
        notice.changedAt = action.changedAt
        switch action.state {
        case .accepted: notice.state = isPutOff ? .deferred : .queued
        case .sending: notice.state = .sending
        case .unknown: notice.state = .unknown
        case .confirmed: notice.state = .sent
        case .refused, .dropped:
            notice.state = .notSent
            notice.reason = action.message ?? notice.reason
        }
        return notice
    }

    package func notice(_ id: NoticeID) throws -> StoredNotice? {
        let one = try statement("SELECT \(Self.noticeColumns) FROM notice n WHERE id = ?1").bind(1, id.number)
        return try first(one) { try storedNotice($0) }
    }

    package func notice(rule: String, account: String, occasion: String) throws -> StoredNotice? {
        let one = try statement(
            "SELECT \(Self.noticeColumns) FROM notice n WHERE rule = ?1 AND account = ?2 AND occasion = ?3")
        return try first(one.bind(1, rule).bind(2, account).bind(3, occasion)) { try storedNotice($0) }
    }

    package func notices(_ filter: NoticeFilter, before: NoticeID?, limit: Int) throws -> [StoredNotice] {
        // Of one account by its index: a page asks every few seconds.
        let isOfAccount = filter.account == nil ? "(?2 IS NULL OR n.account = ?2)" : "n.account = ?2"
        let list = try statement(
            """
            SELECT \(Self.noticeColumns) FROM notice n
            WHERE n.id < ?1 AND \(isOfAccount) AND (?3 IS NULL OR n.rule = ?3)
                AND (?4 IS NULL OR instr(?4, '\u{1F}' || (\(Self.noticeState)) || '\u{1F}') > 0)
            ORDER BY n.id DESC LIMIT ?5
            """)
        list.bind(1, before?.number ?? .max).bind(2, filter.account).bind(3, filter.rule)
        list.bind(4, filter.states.isEmpty ? nil : Self.joined(filter.states.map(\.rawValue)))
        return try rows(list.bind(5, Int64(limit))) { try storedNotice($0) }
    }

    package func dueNotices(at now: Instant, limit: Int) throws -> [StoredNotice] {
        let list = try statement(
            """
            SELECT \(Self.noticeColumns) FROM notice n
            WHERE n.state IN ('planned', 'deferred') AND n.not_before_us <= ?1 ORDER BY n.not_before_us, n.id LIMIT ?2
            """)
        return try rows(list.bind(1, now.microseconds).bind(2, Int64(limit))) { try storedNotice($0) }
    }

    package func failedNotices(limit: Int) throws -> [StoredNotice] {
        let list = try statement(
            "SELECT \(Self.noticeColumns) FROM notice n WHERE \(Self.hasFailed) ORDER BY n.id LIMIT ?1")
        return try rows(list.bind(1, Int64(limit))) { try storedNotice($0) }
    }

    /// Notes that an action has ended, or waits for a person, and that the notice that it stands for may need another one.
    package func noteNoticeFell(of action: ActionID) throws {
        try statement("UPDATE notice SET fell = 1 WHERE action_id = ?1 AND state = 'handed'").bind(1, action.number)
            .run()
    }

    package func tellings(to person: String, on day: CivilDate) throws -> Int {
        let count = try statement(
            """
            SELECT count(*) FROM notice n JOIN action a ON a.id = n.action_id
            WHERE n.person = ?1 AND n.day = ?2 AND n.state = 'handed' AND a.state NOT IN ('refused', 'dropped')
            """)
        return Int(try first(count.bind(1, person).bind(2, Int64(day.dayNumber))) { $0.int(0) } ?? 0)
    }

    package func noticeCounts() throws -> [NoticeCount] {
        let list = try statement(
            "SELECT rule, state, count(*) FROM notice GROUP BY rule, state ORDER BY rule, state")
        return try rows(list) { row in
            let state = NoticeState(rawValue: row.text(1))
            if state == nil, row.text(1) != "handed" {
                throw HearthError(.storeCorrupt, "a notice has the state \"\(row.text(1))\"", at: .address("store"))
            }
            return NoticeCount(rule: row.text(0), state: state, count: row.int(2))
        }
    }

    package func planNotice(_ notice: IncomingNotice, at now: Instant) throws -> Bool {
        let insert = try statement(
            """
            INSERT INTO notice(rule, account, occasion, state, planned_us, changed_us, not_before_us, expires_us)
            VALUES(?1, ?2, ?3, 'planned', ?4, ?4, ?5, ?6) ON CONFLICT DO NOTHING
            """)
        insert.bind(1, notice.rule).bind(2, notice.account).bind(3, notice.occasion).bind(4, now.microseconds)
        insert.bind(5, notice.notBefore.microseconds).bind(6, notice.expiresAt.microseconds)
        if try insert.changed() > 0 { return true }
        let move = try statement(
            """
            UPDATE notice SET not_before_us = ?4, expires_us = ?5
            WHERE rule = ?1 AND account = ?2 AND occasion = ?3 AND state = 'planned'
                AND (not_before_us <> ?4 OR expires_us <> ?5)
            """)
        move.bind(1, notice.rule).bind(2, notice.account).bind(3, notice.occasion)
        try move.bind(4, notice.notBefore.microseconds).bind(5, notice.expiresAt.microseconds).run()
        return false
    }

    package func putNotice(_ notice: StoredNotice) throws {
        let put = try statement(
            """
            UPDATE notice SET state = ?2, changed_us = ?3, not_before_us = ?4, expires_us = ?5, channel = ?6, action_id = ?7,
                put_off = ?8, fell = 0, person = ?9, day = ?10, text = ?11, segments = ?12, told = ?13, reason = ?14
            WHERE id = ?1
            """)
        let isHanded = notice.action != nil && notice.state != .notSent
        put.bind(1, notice.id.number).bind(2, isHanded ? "handed" : notice.state.rawValue)
        put.bind(3, notice.changedAt.microseconds).bind(4, notice.notice.notBefore.microseconds)
        put.bind(5, notice.notice.expiresAt.microseconds).bind(6, Int64(notice.channel))
        put.bind(7, notice.action?.id.number).bind(8, notice.state == .deferred ? 1 : 0)
        put.bind(9, notice.telling?.person).bind(10, notice.telling.map { Int64($0.day.dayNumber) })
        put.bind(11, notice.telling?.text).bind(12, notice.telling.map { Int64($0.segments) })
        let told = try notice.telling.map { Array(try JSONEncoder().encode($0.values)) }
        try put.bind(13, blob: told).bind(14, notice.reason).run()
    }

    // MARK: Consents

    package func consents(of person: String) throws -> [NoticeConsent] {
        let list = try statement(
            "SELECT about, is_wanted, changed_us, said_by FROM notice_consent WHERE person = ?1 ORDER BY about")
        return try rows(list.bind(1, person)) { row in
            NoticeConsent(
                person: person, about: row.text(0), isWanted: row.int(1) != 0, changedAt: Self.instant(row.int(2)),
                by: row.text(3))
        }
    }

    package func putConsent(_ consent: NoticeConsent) throws {
        let put = try statement(
            """
            INSERT INTO notice_consent(person, about, is_wanted, changed_us, said_by) VALUES(?1, ?2, ?3, ?4, ?5)
            ON CONFLICT(person, about) DO UPDATE SET is_wanted = ?3, changed_us = ?4, said_by = ?5
            """)
        put.bind(1, consent.person).bind(2, consent.about).bind(3, consent.isWanted ? 1 : 0)
        try put.bind(4, consent.changedAt.microseconds).bind(5, consent.by).run()
    }

    // MARK: Follow-ups

    private static var followUpColumns: String {
        """
        account, order_number, state, reopenings, changed_us, satisfaction, words, action_id, wants_person, is_escalated
        """
    }

    private func storedFollowUp(_ row: Statement) throws -> FollowUp {
        guard let state = FollowUp.State(rawValue: row.text(2)) else {
            throw HearthError(.storeCorrupt, "a follow-up has the state \"\(row.text(2))\"", at: .address("store"))
        }
        return FollowUp(
            account: row.text(0), order: row.text(1), state: state, reopenings: Int(row.int(3)),
            changedAt: Self.instant(row.int(4)), satisfaction: row.optionalInt(5).map { Int($0) },
            words: row.optionalText(6), action: row.optionalInt(7).map { ActionID($0) }, wantsPerson: row.int(8) != 0,
            isEscalated: row.int(9) != 0)
    }

    package func followUp(account: String, order: String) throws -> FollowUp? {
        let one = try statement(
            "SELECT \(Self.followUpColumns) FROM follow_up WHERE account = ?1 AND order_number = ?2")
        return try first(one.bind(1, account).bind(2, order)) { try storedFollowUp($0) }
    }

    package func followUps(of account: String?, limit: Int) throws -> [FollowUp] {
        let list =
            try account.map {
                try statement(
                    "SELECT \(Self.followUpColumns) FROM follow_up WHERE account = ?1 ORDER BY order_number LIMIT ?2"
                ).bind(1, $0)
            }
            ?? statement(
                """
                SELECT \(Self.followUpColumns) FROM follow_up WHERE state = 'unconfirmed' OR wants_person = 1
                ORDER BY account, order_number LIMIT ?2
                """)
        return try rows(list.bind(2, Int64(limit))) { try storedFollowUp($0) }
    }

    package func putFollowUp(_ followUp: FollowUp) throws {
        let put = try statement(
            """
            INSERT INTO follow_up(\(Self.followUpColumns)) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT(account, order_number) DO UPDATE SET state = ?3, reopenings = ?4, changed_us = ?5, satisfaction = ?6,
                words = ?7, action_id = ?8, wants_person = ?9, is_escalated = ?10
            """)
        put.bind(1, followUp.account).bind(2, followUp.order).bind(3, followUp.state.rawValue)
        put.bind(4, Int64(followUp.reopenings)).bind(5, followUp.changedAt.microseconds)
        put.bind(6, followUp.satisfaction.map { Int64($0) }).bind(7, followUp.words).bind(8, followUp.action?.number)
        try put.bind(9, followUp.wantsPerson ? 1 : 0).bind(10, followUp.isEscalated ? 1 : 0).run()
    }
}
