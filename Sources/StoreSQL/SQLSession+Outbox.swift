package import HeatModel
package import Store

extension SQLSession {
    private static var actionColumns: String {
        """
        id, system, kind, account, caller, key, fingerprint, reference, payload, state, accepted_us, changed_us,
        not_before_us, tries, is_dead, answer, external_id, message, is_urgent
        """
    }

    /// Microseconds since 1970, on the offset of UTC.
    package static func instant(_ microseconds: Int64) -> Instant {
        Instant(microseconds: microseconds, offsetMinutes: 0)
    }

    private func stored(_ row: Statement) throws -> StoredAction {
        guard let state = ActionState(rawValue: row.text(9)) else {
            throw HearthError(.storeCorrupt, "an action has the state \"\(row.text(9))\"", at: .address("store"))
        }
        return StoredAction(
            id: ActionID(row.int(0)),
            request: IncomingAction(
                system: row.text(1), kind: row.text(2), account: row.text(3), caller: row.text(4), key: row.text(5),
                fingerprint: row.blob(6), reference: row.text(7), payload: row.blob(8), isUrgent: row.int(18) != 0),
            state: state,
            acceptedAt: Self.instant(row.int(10)), changedAt: Self.instant(row.int(11)),
            notBefore: Self.instant(row.int(12)), tries: row.int(13), isDead: row.int(14) != 0,
            answer: row.optionalBlob(15), externalID: row.optionalText(16), message: row.optionalText(17))
    }

    package func action(_ id: ActionID) throws -> StoredAction? {
        try first(
            statement("SELECT \(Self.actionColumns) FROM action WHERE id = ?1").bind(1, id.number)
        ) { try stored($0) }
    }

    package func action(caller: String, key: String) throws -> StoredAction? {
        let one = try statement("SELECT \(Self.actionColumns) FROM action WHERE caller = ?1 AND key = ?2")
        return try first(one.bind(1, caller).bind(2, key)) { try stored($0) }
    }

    /// A list as one text in which an element is found with its separators around it.
    package static func joined(_ names: some Sequence<String>) -> String {
        "\u{1F}" + names.map { $0 + "\u{1F}" }.joined()
    }

    package func actions(_ filter: ActionFilter, before: ActionID?, limit: Int) throws -> [StoredAction] {
        // Of one account by its index.
        let isOfAccount = filter.account == nil ? "(?5 IS NULL OR account = ?5)" : "account = ?5"
        let list = try statement(
            """
            SELECT \(Self.actionColumns) FROM action
            WHERE id < ?1 AND (?2 IS NULL OR instr(?2, '\u{1F}' || state || '\u{1F}') > 0)
                AND (?3 IS NULL OR system = ?3) AND (?4 IS NULL OR kind = ?4)
                AND \(isOfAccount)
                AND (?6 IS NULL OR is_dead = ?6)
            ORDER BY id DESC LIMIT ?7
            """)
        list.bind(1, before?.number ?? .max)
        list.bind(2, filter.states.isEmpty ? nil : Self.joined(filter.states.map(\.rawValue)))
        list.bind(3, filter.system).bind(4, filter.kind).bind(5, filter.account)
        list.bind(6, filter.isDead.map { $0 ? 1 : 0 }).bind(7, Int64(limit))
        return try rows(list) { try stored($0) }
    }

    package func attempts(of action: ActionID) throws -> [ActionAttempt] {
        let list = try statement(
            """
            SELECT number, kind, fence, begun_us, ended_us, result, detail FROM action_attempt
            WHERE action_id = ?1 ORDER BY number
            """)
        return try rows(list.bind(1, action.number)) { row in
            ActionAttempt(
                number: row.int(0), kind: ActionAttemptKind(rawValue: row.text(1)) ?? .send, fence: row.int(2),
                begunAt: Self.instant(row.int(3)), endedAt: row.optionalInt(4).map { Self.instant($0) },
                result: row.optionalText(5), detail: row.optionalText(6))
        }
    }

    package func actionCounts() throws -> [ActionCount] {
        let list = try statement(
            """
            SELECT system, kind, state, is_dead, count(*) FROM action GROUP BY system, kind, state, is_dead
            ORDER BY system, kind, state, is_dead
            """)
        return try rows(list) { row in
            guard let state = ActionState(rawValue: row.text(2)) else {
                throw HearthError(.storeCorrupt, "an action has the state \"\(row.text(2))\"", at: .address("store"))
            }
            return ActionCount(
                system: row.text(0), kind: row.text(1), state: state, isDead: row.int(3) != 0, count: row.int(4))
        }
    }

    package func oldestUnsettledActions() throws -> [String: Instant] {
        let list = try statement(
            """
            SELECT system, min(accepted_us) FROM action WHERE state IN ('accepted', 'sending', 'unknown') GROUP BY system
            """)
        return Dictionary(uniqueKeysWithValues: try rows(list) { ($0.text(0), Self.instant($0.int(1))) })
    }

    package func accept(_ action: IncomingAction, answerWithin: Int64) throws -> ActionAcceptance {
        let now = clock()
        if let known = try self.action(caller: action.caller, key: action.key) {
            if known.request.fingerprint != action.fingerprint { return .conflict(known.id) }
            if known.answer != nil { return .repeated(known) }
            let until = try first(
                statement("SELECT answer_by_us FROM action WHERE id = ?1").bind(1, known.id.number)
            ) { $0.int(0) }
            return until ?? 0 > now ? .inFlight(known) : .repeated(known)
        }
        let insert = try statement(
            """
            INSERT INTO action(system, kind, account, caller, key, fingerprint, reference, payload, state, accepted_us,
                changed_us, not_before_us, answer_by_us, is_urgent)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'accepted', ?9, ?9, ?9, ?10, ?11) RETURNING id
            """)
        insert.bind(1, action.system).bind(2, action.kind).bind(3, action.account).bind(4, action.caller)
        insert.bind(5, action.key).bind(6, blob: action.fingerprint).bind(7, action.reference)
        insert.bind(8, blob: action.payload).bind(9, now).bind(10, now + answerWithin * 1_000_000)
        insert.bind(11, action.isUrgent ? 1 : 0)
        return .accepted(try known(ActionID(inserted(insert))))
    }

    private func known(_ id: ActionID) throws -> StoredAction {
        guard let action = try action(id) else {
            throw HearthError(.storeFailed, "there is no action \(id)", at: .address("store"))
        }
        return action
    }

    package func answerAction(_ id: ActionID, with answer: [UInt8]) throws {
        try statement("UPDATE action SET answer = ?2 WHERE id = ?1 AND answer IS NULL").bind(1, id.number)
            .bind(2, blob: answer).run()
    }

    package func claimAction(
        systems: [String], owner: LeaseOwner, seconds: Int64, isAlive: (LeaseOwner) -> Bool
    ) throws -> ActionClaim? {
        let now = clock()
        let latest = now + seconds * 1_000_000
        let due = try statement(
            """
            SELECT id, host, process, process_start, lease_us FROM action a
            WHERE is_open = 1 AND not_before_us <= ?1 AND instr(?2, '\u{1F}' || system || '\u{1F}') > 0
                AND (account = '' OR NOT EXISTS (
                    SELECT 1 FROM action b
                    WHERE b.account = a.account AND b.system = a.system AND b.is_open = 1 AND b.id < a.id
                        AND NOT (a.is_urgent = 1 AND b.is_urgent = 0 AND b.kind = a.kind)))
            ORDER BY is_urgent DESC, not_before_us, id
            """)
        due.bind(1, now).bind(2, Self.joined(systems))
        let found: ActionID? = try {
            defer { due.reset() }
            while try due.step() {
                if let expires = due.optionalInt(4), expires > now, expires <= latest,
                    isAlive(
                        LeaseOwner(
                            host: due.text(1), process: Int32(truncatingIfNeeded: due.int(2)),
                            processStart: due.int(3)))
                {
                    continue
                }
                return ActionID(due.int(0))
            }
            return nil
        }()
        guard let id = found else { return nil }
        let before = try known(id).state
        let take = try statement(
            """
            UPDATE action SET fence = fence + 1, lease_us = ?2, host = ?3, process = ?4, process_start = ?5,
                changed_us = CASE state WHEN 'sending' THEN ?6 ELSE changed_us END,
                state = CASE state WHEN 'sending' THEN 'unknown' ELSE state END
            WHERE id = ?1
            """)
        take.bind(1, id.number).bind(2, latest).bind(3, owner.host).bind(4, Int64(owner.process))
        try take.bind(5, owner.processStart).bind(6, now).run()
        let fence = try first(statement("SELECT fence FROM action WHERE id = ?1").bind(1, id.number)) { $0.int(0) }
        return ActionClaim(
            action: try known(id), before: before, attempts: try attempts(of: id), fence: fence ?? 0)
    }

    /// Throws where the claim is no longer the last one of an action that is not settled.
    private func check(_ claim: ActionClaim) throws {
        let held = try statement(
            "SELECT 1 FROM action WHERE id = ?1 AND fence = ?2 AND is_open = 1 AND lease_us IS NOT NULL")
        let isHeld = try first(held.bind(1, claim.action.id.number).bind(2, claim.fence)) { _ in true } ?? false
        if !isHeld { throw claim.fenced }
    }

    package func beginAttempt(_ claim: ActionClaim, _ kind: ActionAttemptKind) throws -> Int64 {
        try check(claim)
        let (id, now) = (claim.action.id.number, clock())
        let last = try first(
            statement("SELECT coalesce(max(number), 0) FROM action_attempt WHERE action_id = ?1").bind(1, id)
        ) { $0.int(0) }
        let number = (last ?? 0) + 1
        let add = try statement(
            "INSERT INTO action_attempt(action_id, number, kind, fence, begun_us) VALUES(?1, ?2, ?3, ?4, ?5)")
        try add.bind(1, id).bind(2, number).bind(3, kind.rawValue).bind(4, claim.fence).bind(5, now).run()
        if kind == .send {
            try statement("UPDATE action SET state = 'sending', changed_us = ?2 WHERE id = ?1 AND state = 'accepted'")
                .bind(1, id).bind(2, now).run()
        }
        return number
    }

    package func settle(
        _ claim: ActionClaim, attempt: Int64?, result: String, detail: String?, message: String?, _ step: ActionStep
    ) throws -> StoredAction {
        try check(claim)
        let (id, now) = (claim.action.id, clock())
        if let attempt {
            let end = try statement(
                "UPDATE action_attempt SET ended_us = ?3, result = ?4, detail = ?5 WHERE action_id = ?1 AND number = ?2"
            )
            try end.bind(1, id.number).bind(2, attempt).bind(3, now).bind(4, result).bind(5, detail).run()
        }
        let action = try known(id)
        var state = action.state
        var (externalID, after, isDead, isTry): (String?, Int64, Bool, Bool) = (action.externalID, 0, false, false)
        switch step {
        case .goOn: return action
        case .confirmed(let id): (state, externalID) = (.confirmed, id)
        case .refused: state = .refused
        case .dropped: state = .dropped
        case .notSent(let wait, let dead): (state, after, isDead, isTry) = (.accepted, wait, dead, true)
        case .unknown(let wait, let dead): (state, after, isDead, isTry) = (.unknown, wait, dead, true)
        case .wait(let wait): after = wait
        }
        let put = try statement(
            """
            UPDATE action SET state = ?2, changed_us = ?3, not_before_us = ?4, tries = tries + ?5, is_dead = ?6,
                is_open = ?7, external_id = ?8, message = ?9, lease_us = NULL, host = NULL, process = NULL,
                process_start = NULL
            WHERE id = ?1
            """)
        put.bind(1, id.number).bind(2, state.rawValue)
        put.bind(3, state == action.state ? action.changedAt.microseconds : now).bind(4, now + after * 1000)
        put.bind(5, isTry ? 1 : 0).bind(6, isDead ? 1 : 0).bind(7, state.isFinal || isDead ? 0 : 1)
        try put.bind(8, externalID).bind(9, message ?? action.message).run()
        if state == .refused || state == .dropped || isDead { try noteNoticeFell(of: id) }
        return try known(id)
    }

    package func retryAction(_ id: ActionID) throws -> Bool {
        try statement(
            """
            UPDATE action SET not_before_us = ?2, tries = 0, is_dead = 0, is_open = 1
            WHERE id = ?1 AND state IN ('accepted', 'sending', 'unknown')
            """
        ).bind(1, id.number).bind(2, clock()).changed() > 0
    }

    package func dropAction(_ id: ActionID, message: String) throws -> Bool {
        let isDropped =
            try statement(
                """
                UPDATE action SET state = 'dropped', changed_us = ?2, is_open = 0, is_dead = 0, message = ?3, lease_us = NULL
                WHERE id = ?1 AND state IN ('accepted', 'sending', 'unknown') AND (lease_us IS NULL OR lease_us <= ?2)
                """
            ).bind(1, id.number).bind(2, clock()).bind(3, message).changed() > 0
        if isDropped { try noteNoticeFell(of: id) }
        return isDropped
    }

    package func forgetActions(settledBefore moment: Int64, limit: Int) throws -> [ActionID] {
        let list = try statement(
            """
            SELECT id FROM action a
            WHERE state IN ('confirmed', 'refused', 'dropped') AND changed_us < ?1
                AND (EXISTS (SELECT 1 FROM kept_answer k WHERE k.caller = a.caller AND k.key = a.key)
                    OR EXISTS (SELECT 1 FROM notice n WHERE n.action_id = a.id))
                AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.action_id = a.id AND n.state = 'handed' AND n.fell = 1)
            ORDER BY changed_us, id LIMIT ?2
            """)
        let gone = try rows(list.bind(1, moment).bind(2, Int64(limit))) { ActionID($0.int(0)) }
        let settle = try statement(
            """
            UPDATE notice SET state = CASE a.state WHEN 'confirmed' THEN 'sent' ELSE 'notSent' END, changed_us = a.changed_us,
                reason = CASE a.state WHEN 'confirmed' THEN notice.reason ELSE coalesce(a.message, notice.reason) END
            FROM action a WHERE a.id = ?1 AND notice.action_id = ?1 AND notice.state = 'handed'
            """)
        let unname = try statement("UPDATE notice SET action_id = NULL WHERE action_id = ?1")
        let attempts = try statement("DELETE FROM action_attempt WHERE action_id = ?1")
        let action = try statement("DELETE FROM action WHERE id = ?1")
        for id in gone {
            for step in [settle, unname, attempts, action] { try step.bind(1, id.number).run() }
        }
        return gone
    }
}
