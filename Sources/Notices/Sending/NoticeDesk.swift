package import Actions
import Evidence
package import Explanation
import Foundation
package import HeatModel
package import Store

/// Reads an account's records of these entities anew from their systems, before something is told that depends on them. Blocks its
/// thread for a bounded time; throws where they could not be read.
package typealias ReadAnew = @Sendable (_ account: String, Set<EntityKind>) throws -> Void

/// Notices to customers: what is to be told is a row of the store, its sending an action of the outbox, and whether there is still
/// reason to send it is asked again in the transaction that notes that sending begins.
///
/// ```swift
/// let desk = NoticeDesk(rules: rules, channels: channels, store: store, money: money, clock: clock)
/// try desk.look()        // plans, and hands over what is due
/// try desk.sendDue()     // or an ActionWorker of ``outbox``
/// ```
package final class NoticeDesk: Sendable {
    package let rules: NoticeRules
    package let store: any Store
    package let clock: CompanyClock
    let judge: NoticeJudge
    let planner: NoticePlanner
    let reach: NoticeReach
    let gate: NoticeGate
    let readings = PageReadings()
    /// The outbox of the channels.
    package let outbox: Outbox

    /// - Parameters:
    ///   - channels: of ``NoticeRules/channels(path:filling:)``.
    ///   - refresh: nil where nothing can be read anew: the store's views count as they are.
    ///   - address: where a customer's state says that they are found, sealed; without it followers are told nothing.
    ///   - hidesLater: whether payments after the present are left out, as in a simulation.
    package init(
        rules: NoticeRules, channels: [ActionSystem], store: any Store, money: MoneyAnswers, clock: CompanyClock,
        refresh: ReadAnew? = nil, address: @escaping @Sendable (CustomerState) -> String? = { _ in nil },
        hidesLater: Bool = false
    ) {
        self.rules = rules
        self.store = store
        self.clock = clock
        judge = NoticeJudge(money: money, clock: clock, hidesLater: hidesLater)
        planner = NoticePlanner(rules: rules, judge: judge, store: store)
        let reach = NoticeReach(rules: rules, address: address)
        let gate = NoticeGate(store: store, rules: rules, judge: judge, reach: reach, refresh: refresh)
        self.reach = reach
        self.gate = gate
        outbox = Outbox(store: store, systems: channels.map { $0.gated(by: gate) })
    }

    /// What one look has done.
    package struct Look: Sendable, Hashable {
        package var planned = 0
        package var handedOver = 0
        /// To a page, that may fetch it.
        package var offered = 0
        package var putOff = 0
        package var notSent = 0
    }

    /// Plans what is to be told, and hands to the outbox what is due. Blocks its thread; any number may look at one store.
    @discardableResult
    package func look(isStopped: () -> Bool = { false }) throws -> Look {
        var look = Look()
        look.planned += try planner.lookAtViews(isStopped: isStopped)
        look.planned += try planner.lookAtOutages(isStopped: isStopped)
        look.planned += try planner.lookAtFollowUps()
        while !isStopped(), try store.write({ try takeUpFailed($0) }) == Self.atOnce {}
        if !rules.sends { return look }
        while !isStopped() {
            let (count, step) = try store.write { try handOver($0) }
            look.handedOver += step.handedOver
            look.offered += step.offered
            look.putOff += step.putOff
            look.notSent += step.notSent
            if count < Self.atOnce { break }
        }
        return look
    }

    /// Sends what is due, on the caller's thread: for whoever keeps the time. ``ActionWorker`` does the same on threads.
    @discardableResult
    package func sendDue(_ worker: ActionWorker, isStopped: () -> Bool = { false }) throws -> Int {
        try worker.workOnDue(isStopped: isStopped)
    }

    private static let atOnce = 200

    // MARK: Handing over

    /// Has what its channel has certainly not taken told through the next one.
    private func takeUpFailed(_ store: any StoreWriter) throws -> Int {
        let failed = try store.failedNotices(limit: Self.atOnce)
        var count = 0
        for var notice in failed {
            guard let action = notice.action else { continue }
            // Of a rule that is gone there is no other channel.
            let hasNext = rules.rule(notice.notice.rule).map { notice.channel + 1 < $0.channels.count } ?? false
            // What no channel took so often that a person is to look waits for one, where no other channel is left.
            if !action.state.isFinal, !hasNext {
                try store.putNotice(notice)
                continue
            }
            // Given up by a person.
            let isOver = action.state == .dropped || !hasNext
            if !action.state.isFinal, try !outbox.giveUp(action, reason: "told through another channel", in: store) {
                // What may have been told stays with its channel, and waits for a person.
                try store.putNotice(notice)
                count += 1
                continue
            }
            count += 1
            notice.changedAt = clock.now
            notice.telling = nil
            if isOver {
                notice.state = .notSent
                notice.reason = action.state == .dropped ? action.message ?? "given up" : "no channel took it"
            } else {
                notice.state = .planned
                notice.channel += 1
                notice.action = nil
                notice.reason = nil
            }
            try store.putNotice(notice)
            try AuditTrail.note(notice: notice, text: nil, in: store)
        }
        return count == 0 ? 0 : failed.count
    }

    /// Hands over what is due: each notice an action, in one transaction.
    private func handOver(_ store: any StoreWriter) throws -> (count: Int, Look) {
        let now = clock.now
        let due = try store.dueNotices(at: now, limit: Self.atOnce)
        var look = Look()
        for var notice in due {
            let wasOffered = Self.isOffered(notice)
            notice.changedAt = now
            func end(_ why: String) throws {
                notice.state = .notSent
                notice.reason = why
                notice.telling = nil
                look.notSent += 1
                try store.putNotice(notice)
                try AuditTrail.note(notice: notice, text: nil, in: store)
            }
            func putOff(_ until: Instant, _ why: String) throws {
                if until >= notice.notice.expiresAt { return try end(why + " until it was worth nothing") }
                notice.state = .deferred
                notice.reason = why
                notice.notice.notBefore = until
                look.putOff += 1
                try store.putNotice(notice)
            }
            guard let rule = rules.rule(notice.notice.rule) else {
                try end("there is no such rule any more")
                continue
            }
            if now >= notice.notice.expiresAt {
                try end("its time is over")
                continue
            }
            let allowed = rule.quiet.allowed(from: now, clock)
            if allowed > now {
                try putOff(allowed, "quiet hours")
                continue
            }
            guard let account = try judge.account(notice.notice.account, store) else {
                try end("there is no such account any more")
                continue
            }
            switch try judge.judge(notice.notice, rule, account, now: now, store) {
            case .gone(let why): try end(why)
            case .notYet(let moment): try putOff(moment, "its day was moved")
            case .holds:
                let people = try reach.people(for: rule, notice.notice.account, store)
                var tried = try tried(notice, rule, store)
                // The page had its time: it is certain that it was not told there.
                if wasOffered { tried.formUnion(rules.channelNames.filter { rules.ways[$0] == .chat }) }
                guard
                    let (place, name) = reach.channel(
                        from: notice.channel + (wasOffered ? 1 : 0), of: rule, account, people, tried: tried, now: now)
                else {
                    try end(lack(rule, account, people, wasOffered: wasOffered, now) + ", and no other channel")
                    continue
                }
                notice.channel = place
                if rules.ways[name] == .chat {
                    try offer(&notice, now, store)
                    look.offered += 1
                    continue
                }
                let channel = ChannelConfiguration.prefix + name
                let request = try ActionRequest(
                    .sendNotice, ["account": notice.notice.account, "notice": "\(notice.id)"])
                let acceptance = try outbox.accept(
                    request, by: channel, caller: "notices", key: "\(notice.id)/\(notice.channel)", in: store
                ) { _ in [] }
                switch acceptance {
                case .accepted(let action), .repeated(let action), .inFlight(let action): notice.action = action
                case .conflict: continue
                }
                notice.state = .queued
                notice.reason = nil
                look.handedOver += 1
                try store.putNotice(notice)
            }
        }
        return (due.count, look)
    }

    /// Lets the page have some time to fetch it; half of what is left at most, so that another channel has its time, too.
    private func offer(_ notice: inout StoredNotice, _ now: Instant, _ store: any StoreWriter) throws {
        let left = notice.notice.expiresAt.microseconds - now.microseconds
        notice.state = .deferred
        notice.reason = Self.offered
        notice.notice.notBefore = clock.local(now.microseconds + min(rules.page.waits * 60_000_000, left / 2))
        try store.putNotice(notice)
    }

    /// The channels of earlier places, where one of them may have been one that stands again later.
    private func tried(
        _ notice: StoredNotice, _ rule: NoticeRules.Rule, _ store: any StoreReader
    ) throws -> Set<String> {
        if !rule.channels.contains(NoticeRules.used) { return [] }
        let systems = try (0..<notice.channel).compactMap {
            try store.action(caller: "notices", key: "\(notice.id)/\($0)")?.request.system
        }
        return Set(systems.map { String($0.dropFirst(ChannelConfiguration.prefix.count)) })
    }

    /// Why no channel is left.
    private func lack(
        _ rule: NoticeRules.Rule, _ account: AccountNow, _ people: [NoticeReach.Person], wasOffered: Bool,
        _ now: Instant
    ) -> String {
        if wasOffered { return "its page did not fetch it" }
        return rules.possibleChannels(of: rule).lazy.compactMap { self.reach.lack($0, account, people, now: now) }.first
            ?? "tried"
    }

    // MARK: People

    /// Has a notice tried again: what has not ended at once, what its channel has not taken from the first channel on.
    ///
    /// - Throws: `notice.notOpen` where it was sent, its reason is gone, or there is none.
    package func retry(_ id: NoticeID, by person: String) throws -> StoredNotice {
        try store.write { store in
            guard let notice = try store.notice(id), !notice.state.isFinal, let action = notice.action else {
                throw Self.notOpen(id)
            }
            if try outbox.retry(action.id, by: person, in: store) == nil { throw Self.notOpen(id) }
            return try store.notice(id) ?? notice
        }
    }

    /// Gives a notice up that is not sent.
    ///
    /// - Throws: `notice.notOpen` where it is settled, is being sent, or there is none.
    package func drop(_ id: NoticeID, by person: String, reason: String) throws -> StoredNotice {
        try store.write { store in
            guard var notice = try store.notice(id), !notice.state.isFinal else { throw Self.notOpen(id) }
            notice.reason = reason
            if let action = notice.action {
                guard let dropped = try outbox.drop(action.id, by: person, reason: reason, in: store) else {
                    throw Self.notOpen(id)
                }
                notice.reason = dropped.message
            }
            notice.state = .notSent
            notice.changedAt = clock.now
            try store.putNotice(notice)
            try AuditTrail.note(notice: notice, text: nil, in: store)
            return notice
        }
    }

    private static func notOpen(_ id: NoticeID) -> HearthError {
        HearthError(
            .noticeNotOpen,
            "notice \(id) cannot be changed: it was sent or is not sent, is being sent, or there is none",
            at: .address("store"), advice: "look at it first")
    }

    // MARK: Asking

    /// What would be told on a day, and what would not and why. Nothing is kept, and nothing is sent.
    package struct Preview: Sendable {
        package var notice: IncomingNotice
        /// When it would be told; nil where it would not.
        package var at: Instant?
        /// Why not, or why later than it is due.
        package var reason: String?
        package var channel: String?
        /// Personal.
        package var text: String?
        package var segments: Int?
    }

    /// - Parameter tell: is given each; false ends it.
    package func preview(on day: CivilDate, _ tell: (Preview) throws -> Bool) throws {
        let moments = (clock.instant(day, minute: 0), clock.instant(day.adding(days: 1), minute: 0))
        let reader = try store.makeSnapshotReader(cacheMegabytes: 4)
        let outages = try planner.outages(at: moments.0)
        var told: [String: Int] = [:]
        var after: AccountID?
        var goesOn = true
        while goesOn {
            var previews: [Preview] = []
            var count = 0
            try reader.begin()
            do {
                defer { reader.end() }
                try reader.forEachView(after: after) { id, view in
                    after = id
                    count += 1
                    let account = judge.account(view: view)
                    let found = try planner.find(
                        account, isNews: false, outages: outages, now: moments.0, reader.reader)
                    var notices = found.notices
                    for kept in try reader.reader.notices(
                        NoticeFilter(states: [.planned, .deferred, .queued], account: account.number), before: nil,
                        limit: 1000)
                    where !notices.contains(where: {
                        $0.rule == kept.notice.rule && $0.occasion == kept.notice.occasion
                    }) {
                        notices.append(kept.notice)
                    }
                    for notice in notices where notice.notBefore < moments.1 && notice.expiresAt > moments.0 {
                        previews.append(try preview(notice, account, moments.0, &told, reader.reader))
                    }
                    return count < 1000
                }
            }
            for preview in previews where goesOn { goesOn = try tell(preview) }
            if count == 0 { break }
        }
    }

    private func preview(
        _ notice: IncomingNotice, _ account: AccountNow, _ begin: Instant, _ told: inout [String: Int],
        _ store: any StoreReader
    ) throws -> Preview {
        var preview = Preview(notice: notice)
        guard let rule = rules.rule(notice.rule) else { return preview }
        if let kept = try store.notice(rule: notice.rule, account: notice.account, occasion: notice.occasion),
            kept.state.isFinal || kept.state == .sending || kept.state == .unknown
        {
            preview.reason = kept.state == .notSent ? kept.reason ?? "not sent" : "it is \(kept.state.rawValue) already"
            return preview
        }
        let due = max(notice.notBefore, begin)
        let moment = rule.quiet.allowed(from: due, clock)
        if moment >= notice.expiresAt {
            preview.reason = "quiet hours until it is worth nothing"
            return preview
        }
        if moment > due { preview.reason = "quiet hours" }
        switch try judge.judge(notice, rule, account, now: moment, store) {
        case .gone(let why): preview.reason = why
        case .notYet(let later):
            preview.reason = "its day was moved"
            preview.at = later
        case .holds(let part, let values):
            if let why = rule.refusal(try account.wishes(store)) {
                preview.reason = why
                break
            }
            let count = told[account.person, default: 0]
            let day = clock.local(moment.microseconds).local.date
            if count + (try store.tellings(to: account.person, on: day)) >= rule.perDay {
                preview.reason = "told enough that day"
                break
            }
            let people = try reach.people(for: rule, account.number, store)
            preview.channel = reach.channel(from: 0, of: rule, account, people, now: moment)?.name
            if preview.channel == nil {
                preview.reason = lack(rule, account, people, wasOffered: false, moment) + ", and no other channel"
                break
            }
            told[account.person] = count + 1
            preview.at = moment
            let text = rule.text(part, values)
            preview.text = text
            preview.segments = SMSLength.segments(of: text)
            if SMSLength.segments(of: text) > rule.mostSegments {
                preview.at = nil
                preview.reason = "longer than \(rule.mostSegments) messages"
            }
        }
        return preview
    }
}
