import HearthTesting
import HeatModel
import Store

/// Notices, broken where they are asked to be.
extension BrokenReader {
    func notice(_ id: NoticeID) throws -> StoredNotice? {
        try store.ask()
        return try reader.notice(id)
    }
    func notice(rule: String, account: String, occasion: String) throws -> StoredNotice? {
        try store.ask()
        return try reader.notice(rule: rule, account: account, occasion: occasion)
    }
    func notices(_ filter: NoticeFilter, before: NoticeID?, limit: Int) throws -> [StoredNotice] {
        try store.ask()
        return try reader.notices(filter, before: before, limit: limit)
    }
    func dueNotices(at now: Instant, limit: Int) throws -> [StoredNotice] {
        try store.ask()
        return try reader.dueNotices(at: now, limit: limit)
    }
    func failedNotices(limit: Int) throws -> [StoredNotice] {
        try store.ask()
        return fault == .noticesFollowTheirActions ? [] : try reader.failedNotices(limit: limit)
    }
    func tellings(to person: String, on day: CivilDate) throws -> Int {
        try store.ask()
        return try reader.tellings(to: person, on: day)
    }
    func noticeCounts() throws -> [NoticeCount] {
        try store.ask()
        let counts = try reader.noticeCounts()
        return fault == .noticesCounted ? counts.filter { $0.state != nil } : counts
    }
    func consents(of person: String) throws -> [NoticeConsent] {
        try store.ask()
        return fault == .customersAnswers ? [] : try reader.consents(of: person)
    }
    func followUp(account: String, order: String) throws -> FollowUp? {
        try store.ask()
        return try reader.followUp(account: account, order: order)
    }
    func followUps(of account: String?, limit: Int) throws -> [FollowUp] {
        try store.ask()
        return try reader.followUps(of: account, limit: limit)
    }
}

extension BrokenWriter {
    func planNotice(_ notice: IncomingNotice, at now: Instant) throws -> Bool {
        try store.ask()
        if fault == .noticesPlannedOnce {
            var other = notice
            other.occasion += "+"
            if try writer.notice(rule: notice.rule, account: notice.account, occasion: notice.occasion) != nil {
                return try writer.planNotice(other, at: now)
            }
        }
        return try writer.planNotice(notice, at: now)
    }
    func putNotice(_ notice: StoredNotice) throws {
        try store.ask()
        try writer.putNotice(notice)
    }
    func putConsent(_ consent: NoticeConsent) throws {
        try store.ask()
        try writer.putConsent(consent)
    }
    func putFollowUp(_ followUp: FollowUp) throws {
        try store.ask()
        try writer.putFollowUp(followUp)
    }
}
