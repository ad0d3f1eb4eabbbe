import HeatModel
import JSONText
import Store

extension Answerer {
    /// What legacy systems were asked to do, the newest first, or the one that is named with every attempt; how many stand alike.
    /// What was asked in words stays in the outbox: `hearth actions show` shows it, masked.
    func actions(
        _ filter: ActionFilter, only number: Int64?, before: Int64?, limit: Int, _ requester: Requester,
        _ store: any StoreReader
    ) throws -> Reply {
        let found: [StoredAction]
        if let number {
            guard let action = try store.action(ActionID(number)) else {
                throw Problem(
                    .unknown, "unknown-action", "There is no action of this number", detail: "/v1/actions lists them",
                    parameter: "action")
            }
            found = [action]
        } else {
            found = try store.actions(filter, before: before.map { ActionID($0) }, limit: limit)
        }
        let attempts = try number.map { try store.attempts(of: ActionID($0)) }
        let counts = try store.actionCounts()
        let oldest = try store.oldestUnsettledActions().sorted { $0.key < $1.key }
        let json = JSONObject.make { json in
            json.integer("version", 1)
            json.list("counts", counts) { json, count in
                json.text("system", count.system)
                json.text("kind", count.kind)
                json.text("state", count.state.rawValue)
                json.flag("dead", count.isDead)
                json.integer("count", count.count)
            }
            json.list("oldest", oldest) { json, action in
                json.text("system", action.key)
                json.text("accepted_at", stamp(action.value))
            }
            json.list("actions", found) { json, action in
                write(action, &json)
                if let attempts { json.list("attempts", attempts) { json, attempt in write(attempt, &json) } }
            }
            json.integer("next", number == nil && found.count == limit ? found.last?.id.number : nil)
        }
        return Reply(
            AnswerDocument(json), [requester.access(found.map(\.request.account).filter { !$0.isEmpty }, "ok")])
    }

    private func write(_ action: StoredAction, _ json: inout JSONObject) {
        json.integer("action", action.id.number)
        json.text("reference", action.request.reference)
        json.text("system", action.request.system)
        json.text("kind", action.request.kind)
        if !action.request.account.isEmpty { json.text("account_number", action.request.account) }
        json.text("state", action.state.rawValue)
        json.flag("settled", action.state.isFinal)
        json.flag("dead", action.isDead)
        json.text("accepted_at", stamp(action.acceptedAt))
        json.text("changed_at", stamp(action.changedAt))
        if !action.state.isFinal, !action.isDead { json.text("not_before", stamp(action.notBefore)) }
        json.integer("tries", action.tries)
        json.text("system_number", action.externalID)
        json.text("message", action.message)
    }

    private func write(_ attempt: ActionAttempt, _ json: inout JSONObject) {
        json.integer("attempt", attempt.number)
        json.text("kind", attempt.kind.rawValue)
        json.text("begun_at", stamp(attempt.begunAt))
        json.text("ended_at", attempt.endedAt.map(stamp))
        json.text("result", attempt.result)
        json.text("detail", attempt.detail)
    }

    /// Notices of all accounts, the newest first, and how many stand alike. Neither phones nor what is told stand in it.
    func noticeList(
        _ filter: NoticeFilter, before: Int64?, limit: Int, _ requester: Requester, _ store: any StoreReader
    ) throws -> Reply {
        let found = try store.notices(filter, before: before.map { NoticeID($0) }, limit: limit)
        let counts = try store.noticeCounts()
        let overdue = try store.dueNotices(at: instant(nil), limit: 1).first
        let json = JSONObject.make { json in
            json.integer("version", 1)
            json.list("counts", counts) { json, count in
                json.text("rule", count.rule)
                // Handed to its channel: the outbox says what became of it.
                json.text("state", count.state?.rawValue ?? "handed")
                json.integer("count", count.count)
            }
            json.text("overdue_since", overdue.map { stamp($0.notice.notBefore) })
            json.list("notices", found) { json, notice in
                json.integer("notice", notice.id.number)
                json.text("rule", notice.notice.rule)
                json.text("account_number", notice.notice.account)
                json.text("about", notice.notice.occasion)
                json.text("state", notice.state.rawValue)
                json.flag("settled", notice.state.isFinal)
                json.flag("waits_for_person", notice.action?.isDead ?? false)
                json.text("reason", notice.reason)
                json.integer("action", notice.action?.id.number)
                json.text("planned_at", stamp(notice.plannedAt))
                json.text("not_before", stamp(notice.notice.notBefore))
                json.text("expires_at", stamp(notice.notice.expiresAt))
                json.text("changed_at", stamp(notice.changedAt))
            }
            json.integer("next", found.count == limit ? found.last?.id.number : nil)
        }
        return Reply(AnswerDocument(json), [requester.access(found.map(\.notice.account), "ok")])
    }
}
