import Actions
import Evidence
import Explanation
import HeatModel
import Store

/// Asks once more, at the moment of sending, whether a notice has its reason: fresh data, quiet hours, what the person wants, and how
/// much they were told that day.
struct NoticeGate: ActionGate {
    let store: any Store
    let rules: NoticeRules
    let judge: NoticeJudge
    let reach: NoticeReach
    let refresh: ReadAnew?

    private func notice(_ action: StoredAction, _ store: any StoreReader) throws -> StoredNotice? {
        let request = try ActionRequest(kind: action.request.kind, payload: action.request.payload)
        return try request.values[.notice].flatMap { Int64($0) }.flatMap { try store.notice(NoticeID($0)) }
    }

    // MARK: Before

    func prepare(_ action: StoredAction) throws -> ActionVerdict? {
        guard let notice = try store.read({ try notice(action, $0) }) else { return nil }
        return prepare(notice)
    }

    /// Whether fresh data are read for a notice, which may take a while.
    func readsAnew(_ notice: StoredNotice) -> Bool {
        guard let rule = rules.rule(notice.notice.rule) else { return false }
        return rule.fresh == .required || rule.fresh == .wanted && refresh != nil
    }

    /// - Returns: nil to go on.
    func prepare(_ notice: StoredNotice) -> ActionVerdict? {
        guard let rule = rules.rule(notice.notice.rule), rule.fresh != .asStored else { return nil }
        // What is over, or put off, needs no fresh data.
        let now = judge.clock.now
        if now >= notice.notice.expiresAt || rule.quiet.isQuiet(now, judge.clock) { return nil }
        guard let refresh else {
            return rule.fresh == .required ? .later(60_000, why: "fresh data cannot be had here") : nil
        }
        do {
            try refresh(notice.notice.account, Self.entities(of: rule.kind))
            return nil
        } catch {
            return rule.fresh == .wanted ? nil : .later(60_000, why: "fresh data was not to be had\(Self.code(error))")
        }
    }

    /// ` (source.timeout)`
    private static func code(_ error: any Error) -> String {
        (error as? HearthError).map { " (\($0.code.name))" } ?? ""
    }

    /// What the reason of a notice hangs on.
    private static func entities(of kind: NoticeRules.Kind) -> Set<EntityKind> {
        switch kind {
        case .arrears: [.charge, .payment]
        case .followUp, .progress: [.workOrder, .workOrderEvent]
        case .outage: []
        }
    }

    // MARK: Within the transaction

    func decide(_ action: StoredAction, in store: any StoreWriter) throws -> ActionVerdict {
        guard let notice = try notice(action, store), notice.action?.id == action.id else {
            return .never(why: "its notice has ended")
        }
        let channel = String(action.request.system.dropFirst(ChannelConfiguration.prefix.count))
        return try decide(notice, by: channel, in: store)
    }

    /// Whether a notice is still to be told, by a channel that is about to: the row says what was decided.
    func decide(_ kept: StoredNotice, by channel: String, in store: any StoreWriter) throws -> ActionVerdict {
        var notice = kept
        let now = judge.clock.now
        notice.changedAt = now
        func never(_ why: String) throws -> ActionVerdict {
            notice.state = .notSent
            notice.reason = why
            notice.telling = nil
            try store.putNotice(notice)
            try AuditTrail.note(notice: notice, text: nil, in: store)
            return .never(why: why)
        }
        func later(_ moment: Instant, _ why: String) throws -> ActionVerdict {
            if moment >= notice.notice.expiresAt { return try never(why + " until it was worth nothing") }
            notice.state = .deferred
            notice.reason = why
            notice.telling = nil
            notice.notice.notBefore = moment
            try store.putNotice(notice)
            return .later(max(1, (moment.microseconds - now.microseconds + 999) / 1000), why: why)
        }
        guard let rule = rules.rule(notice.notice.rule) else { return try never("there is no such rule any more") }
        if now >= notice.notice.expiresAt { return try never("its time is over") }
        let allowed = rule.quiet.allowed(from: now, judge.clock)
        if allowed > now { return try later(allowed, "quiet hours") }
        guard let account = try judge.account(notice.notice.account, store) else {
            return try never("there is no such account any more")
        }
        let (part, values): (String?, [(Wording.Placeholder, String)])
        switch try judge.judge(notice.notice, rule, account, now: now, store) {
        case .gone(let why): return try never(why)
        case .notYet(let moment): return try later(moment, "its day was moved")
        case .holds(let said, let named): (part, values) = (said, named)
        }
        let person = account.person
        if let why = rule.refusal(try account.wishes(store)) { return try never(why) }
        let day = judge.clock.local(now.microseconds).local.date
        let isCounted = notice.telling.map { $0.person == person && $0.day == day } ?? false
        if try store.tellings(to: person, on: day) - (isCounted ? 1 : 0) >= rule.perDay {
            let tomorrow = judge.clock.instant(day.adding(days: 1), minute: 0)
            return try later(rule.quiet.allowed(from: tomorrow, judge.clock), "told enough that day")
        }
        let isFollowed = rules.ways[channel] == .wechat
        let people = isFollowed ? try reach.people(for: rule, notice.notice.account, store) : []
        // A page that asks is there.
        if rules.ways[channel] != .chat, let lack = reach.lack(channel, account, people, now: now) {
            // Certainly not told: the next channel, if there is one.
            if notice.channel + 1 < rule.channels.count {
                notice.channel += 1
                notice.state = .planned
                notice.action = nil
                notice.reason = lack
                notice.telling = nil
                try store.putNotice(notice)
                return .never(why: lack + ": told through the next channel")
            }
            return try never(lack + ", and no other channel")
        }
        let text = rule.text(part, values)
        let segments = SMSLength.segments(of: text)
        if segments > rule.mostSegments { return try never("longer than \(rule.mostSegments) messages") }
        notice.state = .queued
        notice.reason = nil
        var given = Dictionary(values.map { ($0.0.rawValue, $0.1) }) { first, _ in first }
        given["phone"] = account.mobile ?? account.phones.first
        given["text"] = text
        given["rule"] = rule.name
        if isFollowed { given["followers"] = reach.followers(people).joined(separator: " ") }
        given["day"] = "\(day)".replacing("-", with: "")
        notice.telling = StoredNotice.Telling(person: person, day: day, text: text, segments: segments, values: given)
        try store.putNotice(notice)
        try AuditTrail.note(notice: notice, text: text, in: store)
        return .send(given)
    }

    func values(_ action: StoredAction, in store: any StoreReader) throws -> [String: String] {
        try notice(action, store)?.telling?.values ?? [:]
    }
}

extension NoticeRules.Rule {
    /// Why a person who said so is not told; nil where they are.
    ///
    /// - Parameter wishes: of the person, and of the account: either may say no.
    func refusal(_ wishes: [[NoticeConsent]]) -> String? {
        // Of what was said of this kind and of all, what was said last; of both at once, what was said of the kind.
        let said = wishes.compactMap { wishes in
            let (own, all) = (wishes.first { $0.about == kind.rawValue }, wishes.first { $0.about == "all" })
            guard let own, let all else { return (own ?? all)?.isWanted }
            return (all.changedAt > own.changedAt ? all : own).isWanted
        }
        if said.contains(false) { return "not wanted" }
        return consent == .onlyIfWanted && said.isEmpty ? "nobody has asked for it" : nil
    }

    /// What is said.
    func text(_ part: String?, _ values: [(Wording.Placeholder, String)]) -> String {
        wording.sentence(key(part), values.map { ($0.0, .text($0.1)) })
    }
}
