import HeatModel
import Store

extension StoreConformance {
    private func at(_ minute: Int64) -> Instant {
        Instant(microseconds: 1_800_000_000_000_000 + minute * 60_000_000, offsetMinutes: 0)
    }

    private func incoming(_ rule: String, _ account: String, _ occasion: String, minute: Int64 = 10) -> IncomingNotice {
        IncomingNotice(
            rule: rule, account: account, occasion: occasion, notBefore: at(minute), expiresAt: at(minute + 1000))
    }

    private func only(_ scene: StoreScene, _ notice: IncomingNotice) throws -> StoredNotice {
        let found = try scene.store.read {
            try $0.notice(rule: notice.rule, account: notice.account, occasion: notice.occasion)
        }
        guard let found else { throw Unexpected(message: "a notice that was planned is not there") }
        return found
    }

    func noticesPlannedOnce(_ scene: StoreScene) throws {
        let first = incoming("欠费-3", "00000001", "2025-2026")
        func plan(_ notice: IncomingNotice) throws -> Bool {
            try scene.store.write { try $0.planNotice(notice, at: at(0)) }
        }
        let others = [
            incoming("欠费-0", "00000001", "2025-2026", minute: 20),
            incoming("欠费-3", "00000002", "2025-2026", minute: 30),
            incoming("欠费-3", "00000001", "2026-2027", minute: 40),
        ]
        try expect(try plan(first), is: true, "a new notice")
        try expect(try plan(first), is: false, "the same again")
        for other in others { try expect(try plan(other), is: true, "another one") }
        try expect(
            try scene.store.read { try $0.notices(NoticeFilter(), before: nil, limit: 10) }.map(\.notice),
            is: Array(([first] + others).reversed()), "all of them")
        var moved = first
        moved.notBefore = at(5)
        moved.expiresAt = at(50)
        try expect(try plan(moved), is: false, "the same for another time")
        var notice = try only(scene, moved)
        try expect(
            notice,
            is: StoredNotice(
                id: notice.id, notice: moved, state: .planned, plannedAt: at(0), changedAt: at(0), channel: 0,
                action: nil,
                telling: nil, reason: nil), "a planned notice")
        func due(_ minute: Int64, limit: Int = 10) throws -> [IncomingNotice] {
            try scene.store.read { try $0.dueNotices(at: at(minute), limit: limit) }.map(\.notice)
        }
        try expect(try due(4), is: [], "before its time")
        try expect(try due(20), is: [moved, others[0]], "what is due")
        try expect(try due(20, limit: 1), is: [moved], "one that is due")
        notice.state = .deferred
        notice.notice.notBefore = at(60)
        notice.changedAt = at(6)
        notice.reason = "quiet hours"
        notice.channel = 1
        try scene.store.write { try $0.putNotice(notice) }
        try expect(try scene.store.read { try $0.notice(notice.id) }, is: notice, "what was put off")
        try expect(try plan(first), is: false, "planned again while put off")
        try expect(try due(59).contains(notice.notice), is: false, "before its later time")
        try expect(try due(60).contains(notice.notice), is: true, "at its later time")
        notice.state = .notSent
        notice.reason = "paid"
        try scene.store.write { try $0.putNotice(notice) }
        try expect(try due(60).contains(notice.notice), is: false, "what is not sent is due")
        let filtered = NoticeFilter(states: [.notSent], rule: "欠费-3", account: "00000001")
        try expect(
            try scene.store.read { try $0.notices(filtered, before: nil, limit: 10) }, is: [notice], "what is not sent")
        let before = try scene.store.read { try $0.notices(NoticeFilter(), before: notice.id, limit: 10) }
        try expect(before, is: [], "what came before the first")
        try expect(try scene.store.read { try $0.notice(NoticeID(99)) } == nil, "there is a notice that nobody planned")
    }

    func noticesFollowTheirActions(_ scene: StoreScene) throws {
        let owner = LeaseOwner(host: "here", process: 7, processStart: 70)
        let day = CivilDate(dayNumber: 20_000)
        func handOver(_ occasion: String) throws -> StoredNotice {
            let request = IncomingAction(
                system: "notices/sms", kind: "sendNotice", account: "00000001", caller: "notices", key: occasion,
                fingerprint: [1], reference: "ref-" + occasion, payload: Array("{}".utf8))
            let planned = incoming("规则", "00000001", occasion)
            return try scene.store.write { store in
                guard case .accepted(let action) = try store.accept(request, answerWithin: 0) else {
                    throw Unexpected(message: "a new request was not accepted")
                }
                _ = try store.planNotice(planned, at: at(0))
                guard var notice = try store.notice(rule: "规则", account: "00000001", occasion: occasion) else {
                    throw Unexpected(message: "a notice that was planned is not there")
                }
                notice.state = .queued
                notice.action = action
                notice.telling = .init(
                    person: "13800000000", day: day, text: "您好", segments: 1, values: ["open": "12.00"])
                try store.putNotice(notice)
                return notice
            }
        }
        func claim() throws -> ActionClaim {
            let claim = try scene.store.write {
                try $0.claimAction(systems: ["notices/sms"], owner: owner, seconds: 60) { _ in true }
            }
            guard let claim else { throw Unexpected(message: "nothing was claimed where an action was due") }
            return claim
        }
        func settle(_ claim: ActionClaim, _ step: ActionStep) throws {
            _ = try scene.store.write { store in
                let attempt = try store.beginAttempt(claim, .send)
                return try store.settle(
                    claim, attempt: attempt, result: "said", detail: nil, message: "所说", step)
            }
        }
        func stands(_ notice: StoredNotice) throws -> StoredNotice {
            guard let found = try scene.store.read({ try $0.notice(notice.id) }) else {
                throw Unexpected(message: "a notice is gone")
            }
            return found
        }
        func failed() throws -> [NoticeID] { try scene.store.read { try $0.failedNotices(limit: 10) }.map(\.id) }
        func tellings() throws -> Int { try scene.store.read { try $0.tellings(to: "13800000000", on: day) } }

        let first = try handOver("a")
        try expect(try stands(first).state, is: .queued, "what is in the outbox")
        try expect(try stands(first).telling, is: first.telling, "what is told")
        try expect(try tellings(), is: 1, "what is about to be told")
        var claimed = try claim()
        try scene.store.write { _ = try $0.beginAttempt(claimed, .send) }
        try expect(try stands(first).state, is: .sending, "what is being sent")
        try settle(claimed, .unknown(after: 0, isDead: false))
        try expect(try stands(first).state, is: .unknown, "what nobody knows")
        try settle(try claim(), .confirmed(externalID: nil))
        try expect(try stands(first).state, is: .sent, "what was sent")
        try expect(try failed(), is: [], "what was sent has failed")
        for (occasion, step) in [("b", ActionStep.refused), ("c", .dropped), ("d", .notSent(after: 0, isDead: true))] {
            let notice = try handOver(occasion)
            try settle(try claim(), step)
            try expect(try failed(), is: [notice.id], "what its channel has not taken")
            try expect(try stands(notice).state, is: occasion == "d" ? .queued : .notSent, "its state")
            if occasion != "d" { try expect(try stands(notice).reason, is: "所说", "why") }
            var ended = try stands(notice)
            ended.state = .notSent
            ended.reason = "refused"
            try scene.store.write { store in
                if occasion == "d", let action = ended.action { _ = try store.dropAction(action.id, message: "over") }
                try store.putNotice(ended)
            }
            try expect(try failed(), is: [], "what was seen to has failed")
        }
        try expect(try tellings(), is: 1, "what was told")
        try expect(try scene.store.read { try $0.tellings(to: "13800000000", on: day.adding(days: 1)) }, is: 0, "then")
        // What was put off in the outbox.
        var last = try handOver("e")
        last.state = .deferred
        try scene.store.write { try $0.putNotice(last) }
        try expect(try stands(last).state, is: .deferred, "what is put off in the outbox")
        let sent = NoticeFilter(states: [.sent, .deferred])
        try expect(
            try scene.store.read { try $0.notices(sent, before: nil, limit: 10) }.map(\.id), is: [last.id, first.id],
            "those in two states")
        claimed = try claim()
        let isDropped = try scene.store.write { store in
            _ = try store.settle(
                claimed, attempt: nil, result: "wait", detail: nil, message: nil, .wait(0))
            return try store.dropAction(claimed.action.id, message: "不要了")
        }
        try expect(isDropped, is: true, "it is given up")
        try expect(try failed(), is: [last.id], "what was given up")
    }

    func noticesCounted(_ scene: StoreScene) throws {
        func counts() throws -> [NoticeCount] { try scene.store.read { try $0.noticeCounts() } }
        let all = [
            incoming("甲", "00000001", "a"), incoming("甲", "00000002", "a"), incoming("乙", "00000001", "a"),
        ]
        try scene.store.write { store in for notice in all { _ = try store.planNotice(notice, at: at(0)) } }
        var first = try only(scene, all[0])
        first.state = .notSent
        first.reason = "paid"
        var last = try only(scene, all[2])
        let request = IncomingAction(
            system: "notices/sms", kind: "sendNotice", account: "00000001", caller: "notices", key: "1",
            fingerprint: [1], reference: "ref", payload: Array("{}".utf8))
        try scene.store.write { store in
            guard case .accepted(let action) = try store.accept(request, answerWithin: 0) else { return }
            last.state = .queued
            last.action = action
            for notice in [first, last] { try store.putNotice(notice) }
        }
        let wanted: Set = [
            NoticeCount(rule: "甲", state: .notSent, count: 1), NoticeCount(rule: "甲", state: .planned, count: 1),
            NoticeCount(rule: "乙", state: nil, count: 1),
        ]
        try expect(Set(try counts()), is: wanted, "notices by rule and state")
        // Its action goes, and what became of it stays.
        let owner = LeaseOwner(host: "here", process: 7, processStart: 70)
        try scene.store.write { store in
            let claim = try store.claimAction(systems: ["notices/sms"], owner: owner, seconds: 60) { _ in true }
            guard let claim else { throw Unexpected(message: "nothing was claimed where an action was due") }
            _ = try store.settle(
                claim, attempt: nil, result: "refused", detail: nil, message: "停机", .refused)
        }
        func forget() throws -> Int {
            try scene.store.write { try $0.forgetActions(settledBefore: .max, limit: 10) }.count
        }
        try expect(try forget(), is: 0, "one that has still to be looked at is forgotten")
        let fallen = try only(scene, all[2])
        try scene.store.write { try $0.putNotice(fallen) }
        try expect(try forget(), is: 1, "one that was looked at")
        let stands = try only(scene, all[2])
        try expect(stands.state, is: .notSent, "what became of it")
        try expect(stands.reason, is: "停机", "why")
        try expect(stands.action == nil, "an action that is gone")
    }

    func attachmentsNamed(_ scene: StoreScene) throws {
        let (one, two) = (String(repeating: "a", count: 64), String(repeating: "b", count: 64))
        func uses(_ sha256: String) throws -> [AttachmentUse] {
            try scene.store.read { try $0.attachmentUses(of: sha256) }
        }
        try expect(try uses(one), is: [], "uses of none")
        try scene.store.write { store in
            try store.useAttachment(two, account: "00000002", action: ActionID(7))
            try store.useAttachment(one, account: "00000002", action: ActionID(7))
            try store.useAttachment(one, account: "00000001", action: ActionID(9))
        }
        let before = try uses(one)
        try expect(before.map(\.account), is: ["00000001", "00000002"], "whose it is")
        try expect(before.map(\.action), is: [ActionID(9), ActionID(7)], "which name it")
        try expect(try scene.store.read { try $0.attachments(of: ActionID(7)) }, is: [one, two], "what one names")
        scene.clock.advance(seconds: 60)
        try scene.store.write { try $0.useAttachment(one, account: "00000001", action: ActionID(9)) }
        let after = try uses(one)
        try expect(after.count, is: 2, "named twice")
        try expect(
            after[0].namedAt.microseconds - before[0].namedAt.microseconds >= 60_000_000, "when it was named last")
        try expect(after[1], is: before[1], "the other one")
        try scene.store.write { try $0.forgetAttachment(one) }
        try expect(try uses(one), is: [], "what is forgotten")
        try expect(try uses(two).count, is: 1, "what is not")
    }

    func customersAnswers(_ scene: StoreScene) throws {
        func consent(_ about: String, _ isWanted: Bool, person: String = "13800000000", minute: Int64 = 0)
            -> NoticeConsent
        {
            NoticeConsent(person: person, about: about, isWanted: isWanted, changedAt: at(minute), by: "柜台")
        }
        try scene.store.write { store in
            for one in [
                consent("all", true), consent("arrears", true), consent("arrears", false, minute: 1),
                consent("all", false, person: "13900000000"),
            ] { try store.putConsent(one) }
        }
        try expect(
            try scene.store.read { try $0.consents(of: "13800000000") },
            is: [consent("all", true), consent("arrears", false, minute: 1)], "what a person wants")
        var one = FollowUp(account: "00000001", order: "WX1", state: .unconfirmed, changedAt: at(0))
        let other = FollowUp(
            account: "00000001", order: "WX2", state: .well, reopenings: 1, changedAt: at(1), satisfaction: 5,
            words: "谢谢", action: ActionID(7), wantsPerson: false, isEscalated: true)
        let third = FollowUp(
            account: "00000002", order: "WX1", state: .reopened, reopenings: 2, changedAt: at(2), wantsPerson: true)
        try scene.store.write { store in for one in [one, other, third] { try store.putFollowUp(one) } }
        try expect(
            try scene.store.read { try $0.followUp(account: "00000001", order: "WX2") }, is: other, "a follow-up")
        try expect(
            try scene.store.read { try $0.followUps(of: "00000001", limit: 10) }, is: [one, other], "an account's")
        try expect(try scene.store.read { try $0.followUps(of: nil, limit: 10) }, is: [one, third], "the open ones")
        one.state = .unanswered
        try scene.store.write { try $0.putFollowUp(one) }
        try expect(try scene.store.read { try $0.followUps(of: nil, limit: 10) }, is: [third], "the open ones then")
        try expect(
            try scene.store.read { try $0.followUp(account: "00000001", order: "WX1") }, is: one, "what was replaced")
    }
}
