import Events
import Foundation
import HeatModel
import SOAPConnector
import Store

/// Delivers to one subscriber: reads the log of events from where it stands, has them sent, and notes what became of them.
///
/// Confined to its thread; what sends works on threads of its own.
final class WebhookRunner {
    /// Events in memory: more wait in the log.
    private static let most = 10_000
    private static let page = 500
    /// Microseconds between two notes to the store, and after which an event that is not settled is kept as waiting.
    private static let noteEvery: Int64 = 50_000
    private static let settleWithin: Int64 = 1_000_000

    private let endpoint: WebhookEndpoint
    private let store: any Store
    private let options: WebhookWorker.Options
    private let isStopped: @Sendable () -> Bool
    private let onError: @Sendable (any Error) -> Void
    private let attempt: WebhookAttempt

    private var claim: WebhookClaim?
    private var queue = WebhookQueue()
    /// How far the log of events has been read.
    private var position = EventPosition.start
    /// Whether all that the store has as waiting is in memory.
    private var isLoaded = false
    private var isDisabled = false
    private var delivered: [EventPosition] = []
    private var changed: [WebhookDelivery] = []
    private var missed: Int64 = 0
    private var noted: Int64 = 0
    private var looked: Int64 = 0
    /// The endpoint is left in peace until then.
    private var restUntil: Int64 = 0
    private var rest: Int64
    private var failing: [EventPosition: Int64] = [:]
    private var places: Set<OutagePlace> = []
    private var placesAt: Int64 = 0

    init(
        _ attempt: WebhookAttempt, store: any Store, options: WebhookWorker.Options,
        isStopped: @escaping @Sendable () -> Bool, onError: @escaping @Sendable (any Error) -> Void
    ) {
        self.attempt = attempt
        endpoint = attempt.endpoint
        self.store = store
        self.options = options
        self.isStopped = isStopped
        self.onError = onError
        rest = options.schedule.rest
    }

    /// Of the clock, for what is kept and told.
    private var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }
    /// For how long something takes or is left alone: nobody puts it back.
    private var steady: Int64 { Int64((ContinuousClock.now - Self.origin) / .microseconds(1)) }
    /// Long ago: what was never done is due at once.
    private static let origin = ContinuousClock.now - .seconds(86_400)

    func run() {
        let (attempt, endpoint, isStopped) = (attempt, endpoint, isStopped)
        let senders = WebhookSenders(options.atOnce) { next, answer in
            let admits: @Sendable (HostAddress) -> Bool = { endpoint.isPrivate || $0.isPublic }
            let post = HTTPPost(to: endpoint.url, within: endpoint.timeout, ca: endpoint.ca, admits: admits)
            while let event = next() { answer(event, attempt.perform(event, over: post, isStopped: isStopped)) }
        }
        while !isStopped() {
            do {
                let isBusy = try turn(senders)
                senders.wait(isBusy ? 5 : options.pause)
            } catch let error as HearthError where error.code == .webhookFenced {
                // Another worker has it: what is under way here is nobody's business any more.
                forget()
            } catch {
                onError(error)
                senders.wait(1000)
            }
        }
        senders.close()
        do {
            take(senders.results())
            if claim != nil { try note(isLast: true) }
            if let claim { try store.write { try $0.dropWebhookClaim(claim) } }
        } catch let error as HearthError where error.code == .webhookFenced {
            // The other worker has noted what counts.
        } catch {
            onError(error)
        }
    }

    /// Whether there is more to do at once.
    private func turn(_ senders: WebhookSenders) throws -> Bool {
        if claim == nil {
            // What an earlier claim had sent must have come back, or it could overtake what comes now.
            if queue.underWay > 0 {
                take(senders.results())
                forget()
                return false
            }
            try begin()
            if claim == nil { return false }
        }
        take(senders.results())
        let (time, moment) = (steady, now)
        if time - noted >= Self.noteEvery, hasNews || time - noted > options.leaseSeconds * 250_000 { try note() }
        if isDisabled {
            try lookWhetherEnabled(time)
            return false
        }
        if time - looked > 1_000_000 || !isLoaded && queue.count < Self.most / 2 {
            looked = time
            // What is known here and not there would be read as waiting.
            if !delivered.isEmpty || !changed.isEmpty { try note() }
            try load()
        }
        if isLoaded, queue.count < Self.most { try read() }
        if time >= restUntil {
            while queue.underWay < options.atOnce, let item = queue.next(at: moment) {
                failing[item.event.position] = item.tries
                senders.send(item.event)
            }
        }
        return queue.underWay > 0 || !delivered.isEmpty
    }

    private var hasNews: Bool { !delivered.isEmpty || !changed.isEmpty || missed > 0 || position > settled }
    /// The position that the store knows.
    private var settled = EventPosition.start

    private func forget() {
        claim = nil
        let left = queue.underWay
        if left > 0 {
            // Kept until the last of them has come back.
            return
        }
        queue = WebhookQueue()
        failing = [:]
        delivered = []
        changed = []
        missed = 0
        isLoaded = false
    }

    // MARK: Where it stands

    private func begin() throws {
        forget()
        let (endpoint, options) = (endpoint, options)
        let found: (claim: WebhookClaim?, known: StoredWebhook?) = try store.write { store in
            let start =
                endpoint.fromOldest
                ? try store.oldestEvent().map { EventPosition($0.number - 1) } ?? store.lastEvent()
                : try store.lastEvent()
            let claim = try store.claimWebhook(
                endpoint.name, from: start, owner: options.owner, seconds: options.leaseSeconds,
                isAlive: options.isAlive)
            return (claim, try store.webhooks().first { $0.name == endpoint.name })
        }
        guard let claim = found.claim, let known = found.known else { return }
        self.claim = claim
        position = known.position
        settled = known.position
        isDisabled = known.disabled != nil
        wasDisabled = isDisabled
        noted = steady
    }

    /// Reads what waits; what is in memory already stays as it is.
    private func load() throws {
        let (name, time, moment) = (endpoint.name, steady, now)
        var after = EventPosition.start
        while queue.count < Self.most {
            let page: [(WebhookDelivery, StoredEvent?)] = try store.read { store in
                let waiting = try store.webhookDeliveries(to: name, isDead: false, after: after, limit: Self.page)
                let wanted = waiting.filter { !queue.positions.contains($0.event) }.map(\.event)
                let events = Dictionary(
                    try store.events(at: wanted).map { ($0.position, $0) }, uniquingKeysWith: { first, _ in first })
                return waiting.map { ($0, events[$0.event]) }
            }
            for (delivery, event) in page {
                if queue.positions.contains(delivery.event) {
                    if delivery.outcome == "replay" { queue.hurry(delivery.event) }
                } else if let event {
                    queue.add(
                        .init(event: event, tries: delivery.tries, isKept: true, readAt: time),
                        notBefore: delivery.notBefore > moment ? delivery.notBefore : 0)
                } else {
                    // Its event was let go of.
                    changed.append(
                        WebhookDelivery(
                            event: delivery.event, tries: delivery.tries, notBefore: 0, isDead: true, outcome: "gone"))
                }
            }
            guard let last = page.last, page.count == Self.page else {
                isLoaded = true
                return
            }
            after = last.0.event
        }
        isLoaded = false
    }

    private func read() throws {
        let (types, after) = (endpoint.types, position)
        do {
            let (page, last) = try store.read { store in
                let last = try store.lastEvent()
                // Most looks find nothing.
                if last == after { return ([StoredEvent](), last) }
                return (try store.events(after: after, matching: EventFilter(types: types), limit: Self.page), last)
            }
            position = page.count == Self.page ? page[page.count - 1].position : max(position, last)
            let time = steady
            for event in page where try wants(event) { queue.add(.init(event: event, readAt: time)) }
        } catch let error as HearthError where error.code == .eventsGone {
            let oldest = try store.read { try $0.oldestEvent() ?? EventPosition($0.lastEvent().number + 1) }
            if oldest.number - 1 > position.number {
                missed += oldest.number - 1 - position.number
                position = EventPosition(oldest.number - 1)
                onError(
                    HearthError(
                        .webhookMissed, "events were let go of before \(endpoint.name) was sent them",
                        at: .address(endpoint.name), advice: "keep more of them: `store: events:`"))
            } else {
                // The store was brought back from a copy: what follows is new.
                position = try store.read { try $0.lastEvent() }
            }
        }
    }

    private func wants(_ event: StoredEvent) throws -> Bool {
        if endpoint.accounts.isEmpty { return true }
        if let account = event.account { return endpoint.accounts.contains(account) }
        if steady - placesAt > 60_000_000 {
            let accounts = endpoint.accounts
            places = try store.read { store in
                Set(try accounts.flatMap { try EventFilter.Scope(accountNumber: $0, in: store)?.places ?? [] })
            }
            placesAt = steady
        }
        return event.place.map { places.contains($0) } ?? false
    }

    // MARK: What became of it

    private func take(_ results: [(StoredEvent, WebhookAttempt.Outcome)]) {
        for (event, outcome) in results {
            let tries = failing.removeValue(forKey: event.position) ?? 0
            switch outcome {
            case .delivered:
                rest = options.schedule.rest
                queue.settle(event)
                changed.removeAll { $0.event == event.position }
                delivered.append(event.position)
            case .brokenOff: queue.delay(event, tries: tries, until: 0)
            case .notRecorded(let code):
                queue.delay(event, tries: tries, until: 0)
                restUntil = max(restUntil, steady + options.schedule.longestRest * 1000)
                onError(
                    HearthError(
                        .webhookNotRecorded, "\(endpoint.name) is sent nothing: \(code)", at: .address(endpoint.name),
                        advice: "see that the access log can be written; it goes on by itself then"))
            case .gone:
                queue.delay(event, tries: tries, until: now)
                isDisabled = true
                changed.append(kept(event, tries, until: now, "410"))
            case .failed(let word, let asked, let isOverwhelmed): failed(event, tries + 1, word, asked, isOverwhelmed)
            }
        }
    }

    private func failed(_ event: StoredEvent, _ tries: Int64, _ word: String, _ asked: Int64?, _ isOverwhelmed: Bool) {
        if isOverwhelmed {
            let pause = asked ?? rest
            restUntil = max(restUntil, steady + min(pause, options.schedule.longestRest) * 1000)
            rest = min(rest * 2, options.schedule.longestRest)
        }
        guard let wait = options.schedule.wait(after: tries, asked: asked) else {
            queue.settle(event)
            changed.append(
                WebhookDelivery(event: event.position, tries: tries, notBefore: 0, isDead: true, outcome: word))
            return
        }
        let until = now + wait * 1000
        queue.delay(event, tries: tries, until: until)
        changed.append(kept(event, tries, until: until, word))
    }

    private func kept(_ event: StoredEvent, _ tries: Int64, until: Int64, _ word: String) -> WebhookDelivery {
        WebhookDelivery(event: event.position, tries: tries, notBefore: until, isDead: false, outcome: word)
    }

    /// Notes what was done since the last time.
    private func note(isLast: Bool = false) throws {
        guard let claim else { return }
        let time = steady
        let told = Set(changed.map(\.event))
        let stragglers = queue.keep(readBefore: isLast ? .max : time - Self.settleWithin, now: now)
        // They count as kept from here on: what a write that fails did not keep, the next one does.
        changed += stragglers.filter { !told.contains($0.event) }
        let safe = queue.firstUnkept.map { EventPosition($0.number - 1) } ?? position
        let step = WebhookStep(
            position: max(safe, settled), delivered: delivered,
            waiting: changed, missed: missed,
            disabled: isDisabled && !wasDisabled ? "410" : nil)
        try store.write { try $0.settleWebhook(claim, step, seconds: options.leaseSeconds) }
        settled = step.position
        (delivered, changed, missed) = ([], [], 0)
        noted = time
        if isDisabled, !wasDisabled {
            onError(
                HearthError(
                    .webhookDisabled, "\(endpoint.name) wants nothing any more (410)", at: .address(endpoint.name),
                    advice: "hearth webhooks enable \(endpoint.name), once it does"))
        }
        wasDisabled = isDisabled
    }

    private var wasDisabled = false

    private func lookWhetherEnabled(_ time: Int64) throws {
        guard time - looked > 1_000_000 else { return }
        looked = time
        let state = try store.read { try $0.webhooks().first { $0.name == endpoint.name } }
        if state?.disabled == nil {
            isDisabled = false
            wasDisabled = false
            isLoaded = false
        }
    }
}
