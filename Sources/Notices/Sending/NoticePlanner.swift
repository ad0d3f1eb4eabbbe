import AccountView
import Billing
import Explanation
import Foundation
import HeatModel
import Store

/// Finds what is to be told: in views that have changed, in outages, in follow-ups that nobody answers. What it finds are rows of the
/// store; it sends nothing, and finding the same twice changes nothing.
struct NoticePlanner: Sendable {
    let rules: NoticeRules
    let judge: NoticeJudge
    let store: any Store

    private var clock: CompanyClock { judge.clock }

    /// What a view gives reason to tell.
    struct Found {
        var notices: [IncomingNotice] = []
        var followUps: [FollowUp] = []
        var isEmpty: Bool { notices.isEmpty && followUps.isEmpty }
    }

    /// - Parameters:
    ///   - isNews: whether the view is known to have changed just now: so a state without a time of its own is of now.
    ///   - outages: by place, with what is told of them.
    func find(
        _ account: AccountNow, isNews: Bool, outages: [OutagePlace: [Told]] = [:], now: Instant,
        _ store: any StoreReader
    ) throws -> Found {
        var found = Found()
        for rule in rules.rules where judge.concerns(rule, account) {
            func add(_ occasion: Occasion, _ notBefore: Instant, _ expiresAt: Instant) {
                if expiresAt <= now { return }
                found.notices.append(
                    IncomingNotice(
                        rule: rule.name, account: account.number, occasion: occasion.text, notBefore: notBefore,
                        expiresAt: expiresAt))
            }
            switch rule.kind {
            case .arrears:
                let today = clock.local(now.microseconds).local.date
                guard let (answer, day) = try judge.due(nil, rule, account, on: today, store),
                    let season = answer.season
                else { continue }
                add(
                    .season(season.description), clock.instant(day, minute: rule.minute),
                    clock.instant(day.adding(days: rule.lateDays + 1), minute: 0))
            case .followUp:
                for (followUp, due) in try followUps(rule, account, now, store) {
                    found.followUps.append(followUp)
                    add(
                        .done(order: followUp.order, round: followUp.reopenings, isAgain: false), due,
                        due.adding(hours: rule.validHours))
                }
            case .progress:
                for order in account.orders {
                    guard let state = order.value.state, rule.states.contains(state) else { continue }
                    guard let at = Self.time(of: state, order.value) ?? (isNews ? now : nil) else { continue }
                    add(.state(order: AccountNow.number(of: order), state), at, at.adding(hours: rule.validHours))
                }
            case .outage:
                for place in account.context.facts.outagePlaces {
                    for told in outages[place] ?? [] where rule.phases.contains(told.phase) {
                        add(
                            .outage(stream: told.stream.number, key: told.key, told.phase), told.at,
                            told.expires ?? told.at.adding(hours: rule.validHours))
                    }
                }
            }
        }
        return found
    }

    /// When an order came into a state, where it says so.
    private static func time(of state: WorkOrderState, _ order: WorkOrder) -> Instant? {
        switch state {
        case .dispatched: order.dispatchedAt
        case .inProgress: order.startedAt
        case .completed: order.completedAt
        case .closed: order.closedAt
        default: nil
        }
    }

    /// The orders that the crew says are done and the customer has not confirmed, and when they are asked.
    private func followUps(
        _ rule: NoticeRules.Rule, _ account: AccountNow, _ now: Instant, _ store: any StoreReader
    ) throws -> [(FollowUp, due: Instant)] {
        var found: [(FollowUp, due: Instant)] = []
        for order in account.orders {
            guard order.value.state?.isDealtWith == true,
                let done = order.value.completedAt ?? order.value.closedAt
            else { continue }
            let due = done.adding(hours: rule.afterHours)
            if due.adding(hours: rule.validHours) <= now { continue }
            let number = AccountNow.number(of: order)
            var followUp =
                try store.followUp(account: account.number, order: number)
                ?? FollowUp(account: account.number, order: number, state: .unconfirmed, changedAt: done)
            // Done once more, after the customer said that it is not well.
            if followUp.state == .reopened, done > followUp.changedAt {
                followUp.state = .unconfirmed
                followUp.changedAt = done
            }
            if followUp.state != .unconfirmed { continue }
            found.append((followUp, due))
        }
        return found
    }

    /// Keeps what was found.
    ///
    /// - Returns: how many notices are new.
    private func keep(_ found: Found, now: Instant, in store: any StoreWriter) throws -> Int {
        var count = 0
        for followUp in found.followUps {
            let known = try store.followUp(account: followUp.account, order: followUp.order)
            // Whoever answered meanwhile has the word.
            if known == nil || known?.state == .reopened && followUp.reopenings == known?.reopenings {
                try store.putFollowUp(followUp)
            }
        }
        for notice in found.notices where try store.planNotice(notice, at: now) { count += 1 }
        return count
    }

    // MARK: Views

    /// Looks at the views that have changed since the last look, and at all of them at first, and under other rules.
    ///
    /// - Returns: how many notices are new.
    func lookAtViews(isStopped: () -> Bool = { false }) throws -> Int {
        let seen = try store.read { try $0.setting(.noticesSeen) }?.split(separator: " ").map(String.init) ?? []
        guard seen.count == 2, seen[1] == rules.digest, let number = Int64(seen[0]) else {
            return try lookAtAll(isStopped: isStopped)
        }
        var position = ChangePosition(number)
        var count = 0
        while !isStopped() {
            let changes: [AccountChange]
            do {
                changes = try store.read { try $0.changes(after: position, limit: 1000) }
            } catch let error as HearthError where error.code == .changesGone {
                return try count + lookAtAll(isStopped: isStopped)
            }
            guard let last = changes.last?.position else { break }
            let now = clock.now
            count += try store.write { store in
                var count = 0
                var done: Set<AccountID> = []
                for change in changes where change.kind == .view && done.insert(change.account).inserted {
                    guard let number = try store.accountNumber(change.account),
                        let account = try judge.account(number, store)
                    else { continue }
                    let found = try find(account, isNews: true, now: now, store)
                    if !found.isEmpty { count += try keep(found, now: now, in: store) }
                }
                try note(last, in: store)
                return count
            }
            position = last
        }
        return count
    }

    private func note(_ position: ChangePosition, in store: any StoreWriter) throws {
        precondition(!rules.digest.contains(" "), "it is told apart from the position by a blank")
        try store.setSetting(.noticesSeen, "\(position.number) \(rules.digest)")
    }

    private func lookAtAll(isStopped: () -> Bool) throws -> Int {
        let position = try store.read { try $0.lastChange() }
        let count = try walk(isStopped: isStopped) { account, now, store in
            try find(account, isNews: false, now: now, store)
        }
        if !isStopped() { try store.write { try note(position, in: $0) } }
        return count
    }

    /// Goes through all accounts, some at a time, and keeps what is found.
    private func walk(
        isStopped: () -> Bool, _ find: (AccountNow, Instant, any StoreReader) throws -> Found
    ) throws -> Int {
        let reader = try store.makeSnapshotReader(cacheMegabytes: 4)
        var after: AccountID?
        var count = 0
        while !isStopped() {
            let now = clock.now
            var (found, accounts) = (Found(), 0)
            try reader.begin()
            do {
                defer { reader.end() }
                try reader.forEachView(after: after) { id, view in
                    let more = try find(judge.account(view: view), now, reader.reader)
                    found.notices += more.notices
                    found.followUps += more.followUps
                    after = id
                    accounts += 1
                    return accounts < 1000
                }
            }
            if !found.isEmpty { count += try store.write { try keep(found, now: now, in: $0) } }
            if accounts == 0 { break }
        }
        return count
    }

    // MARK: Outages

    /// An outage as it is to be told.
    struct Told: Hashable {
        var stream: StreamID
        var key: [UInt8]
        var phase: NoticeRules.Phase
        var at: Instant
        /// Where it is worth nothing sooner than the rule says.
        var expires: Instant?

        var name: String { Occasion.outage(stream: stream.number, key: key, phase).text }
    }

    /// Looks at the outages; where one has come into another phase, at the accounts of its place.
    func lookAtOutages(isStopped: () -> Bool = { false }) throws -> Int {
        guard rules.rules.contains(where: { $0.kind == .outage }) else { return 0 }
        let now = clock.now
        let (places, kept) = try store.read { (try told(now, $0), try $0.setting(.noticesOutages) ?? "") }
        // Of a place, and by the rules of now: an outage that turns out to be elsewhere is told there, and by a rule that is new.
        func name(_ told: Told, _ place: OutagePlace) -> String {
            "\(told.name) \(place.level.name) \(place.name.replacing("\n", with: " ")) \(rules.digest)"
        }
        let names = Set(places.flatMap { place, tolds in tolds.map { name($0, place) } })
        let known = Set(kept.split(separator: "\n").map(String.init))
        var news: [OutagePlace: [Told]] = [:]
        for (place, tolds) in places {
            let new = tolds.filter { !known.contains(name($0, place)) }
            if !new.isEmpty { news[place] = new }
        }
        if news.isEmpty, known == names { return 0 }
        var count = 0
        if !news.isEmpty {
            count = try walk(isStopped: isStopped) { account, now, store in
                account.context.facts.outagePlaces.contains { news[$0] != nil }
                    ? Found(
                        notices: try find(account, isNews: false, outages: news, now: now, store).notices.filter {
                            rules.rule($0.rule)?.kind == .outage
                        }) : Found()
            }
        }
        if !isStopped() {
            try store.write { try $0.setSetting(.noticesOutages, names.sorted().joined(separator: "\n")) }
        }
        return count
    }

    /// What is to be told of outages at a moment, by place.
    func outages(at now: Instant) throws -> [OutagePlace: [Told]] {
        guard rules.rules.contains(where: { $0.kind == .outage }) else { return [:] }
        return try store.read { try told(now, $0) }
    }

    private func told(_ now: Instant, _ store: any StoreReader) throws -> [OutagePlace: [Told]] {
        var places: [OutagePlace: [Told]] = [:]
        let most = rules.rules.filter { $0.kind == .outage }.map(\.validHours).max() ?? 0
        for stream in try store.streams() where stream.entity == .outage {
            var after: RecordID?
            while true {
                let records = try store.records(in: stream.id, after: after, limit: 500)
                for record in records where !record.isVoided {
                    let outage = record.body.withUnsafeBytes { Outage(body: $0) }
                    guard let place = outage.place, let phase = judge.phase(of: outage, now: now) else { continue }
                    let at: Instant? =
                        switch phase {
                        case .ahead: now
                        case .begun: outage.beginsAt ?? now
                        case .ended: outage.endedAt
                        }
                    guard let at, at.adding(hours: most) > now else { continue }
                    places[place, default: []].append(
                        Told(
                            stream: stream.id, key: record.key, phase: phase, at: at,
                            expires: phase == .ahead ? outage.beginsAt : nil))
                }
                guard records.count == 500, let last = records.last?.id else { break }
                after = last
            }
        }
        return places
    }

    // MARK: Follow-ups

    /// Has those asked once more who have not answered, and closes what nobody answers.
    func lookAtFollowUps() throws -> Int {
        try rules.rules.filter { $0.kind == .followUp }.reduce(0) { try $0 + lookAtFollowUps(by: $1) }
    }

    private func lookAtFollowUps(by rule: NoticeRules.Rule) throws -> Int {
        let now = clock.now
        // Nobody is asked before that time since the crew's word.
        let open = try store.read { try $0.followUps(of: nil, limit: 100_000) }.filter {
            $0.state == .unconfirmed && $0.changedAt.adding(hours: rule.afterHours) <= now
        }
        if open.isEmpty { return 0 }
        return try store.write { store in
            var count = 0
            for one in open {
                guard var followUp = try store.followUp(account: one.account, order: one.order),
                    followUp.state == .unconfirmed
                else { continue }
                func asked(_ isAgain: Bool) throws -> StoredNotice? {
                    let occasion = Occasion.done(order: one.order, round: followUp.reopenings, isAgain: isAgain)
                    return try store.notice(rule: rule.name, account: one.account, occasion: occasion.text)
                }
                guard let first = try asked(false), first.state.isFinal else { continue }
                let second = try asked(true)
                let last = second ?? first
                if last.state == .notSent {
                    followUp.state = .unanswered
                } else if second == nil {
                    let due = first.changedAt.adding(hours: rule.againHours)
                    let occasion = Occasion.done(order: one.order, round: followUp.reopenings, isAgain: true)
                    let again = IncomingNotice(
                        rule: rule.name, account: one.account, occasion: occasion.text, notBefore: due,
                        expiresAt: due.adding(hours: rule.validHours))
                    if try store.planNotice(again, at: now) { count += 1 }
                    continue
                } else if last.state == .sent, last.changedAt.adding(hours: rule.closeHours) <= now {
                    followUp.state = .unanswered
                } else {
                    continue
                }
                followUp.changedAt = now
                try store.putFollowUp(followUp)
            }
            return count
        }
    }
}

extension Instant {
    func adding(hours: Int64) -> Instant {
        Instant(microseconds: microseconds + hours * 3_600_000_000, offsetMinutes: offsetMinutes)
    }
}
