import Actions
package import Assistant
package import HeatModel
package import Store
import Synchronization

/// Brings what people at the desk say to customers who are at no page: each turn of theirs is queued once, whichever process looks and
/// however
/// often.
///
/// What was looked at is kept in the store, so that nothing that is said while no process looks is lost: hand-offs that were open at the
/// last
/// look, and all that came after the last that was known.
package final class PersonsWords: Sendable {
    /// A door whose customers are told so.
    package struct Door: Sendable {
        package let channel: ChannelKind
        /// After which a person's words are worth nothing.
        var hours: Int64
        /// Words as messages of it.
        var parts: @Sendable (String) -> [String]

        package init(_ channel: ChannelKind, hours: Int64, parts: @escaping @Sendable (String) -> [String]) {
            self.channel = channel
            self.hours = hours
            self.parts = parts
        }
    }

    private let store: any Store
    private let post: MessagePost
    private let doors: [String: Door]
    private let now: @Sendable () -> Instant
    private let onTrouble: @Sendable (HearthError) -> Void
    /// Turns that were looked at in this process, by hand-off.
    private let seen = Mutex<[HandOffID: Int64]>([:])

    /// - Parameter onTrouble: is told what cannot be brought: the customer is not told it.
    package init(
        store: any Store, post: MessagePost, doors: [Door], now: @escaping @Sendable () -> Instant = { .now },
        onTrouble: @escaping @Sendable (HearthError) -> Void
    ) {
        self.store = store
        self.post = post
        self.doors = Dictionary(doors.map { ($0.channel.nameInRecord, $0) }) { first, _ in first }
        self.now = now
        self.onTrouble = onTrouble
    }

    /// Queues what was said since. Blocks its thread; one at a time.
    ///
    /// - Returns: how many messages were queued.
    @discardableResult
    package func look() throws -> Int {
        let watch = try begun()
        let (handOffs, next) = try store.read { store -> ([HandOff], Watch) in
            let open = try store.handOffs([.waiting, .claimed], after: nil, limit: Self.most)
            let ended = try store.handOffs([.closed], after: HandOffID(watch.last), limit: Self.most)
            let gone = try watch.open.filter { id in !open.contains { $0.id.number == id } }.compactMap {
                try store.handOff(HandOffID($0))
            }
            var next = watch
            next.open = open.map(\.id.number)
            let isAll = ended.count < Self.most
            next.last = max(watch.last, isAll ? (open + ended).map(\.id.number).max() ?? 0 : ended.last?.id.number ?? 0)
            return (open + ended + gone.filter { $0.id.number <= watch.last }, next)
        }
        var count = 0
        for handOff in handOffs { count += try bring(handOff, since: watch.since) }
        // After what it stands for: whoever ends in between looks again, and queues nothing twice.
        if next != watch { try store.write { try $0.setSetting(.personsWords, next.text) } }
        let open = Set(next.open)
        seen.withLock { seen in seen = seen.filter { open.contains($0.key.number) } }
        return count
    }

    private static let most = 1000

    // MARK: One hand-off

    private func bring(_ handOff: HandOff, since: Int64) throws -> Int {
        let from = max(handOff.afterTurn, seen.withLock { $0[handOff.id] ?? 0 })
        let id = handOff.conversation
        let found = try store.read { store -> (Door, [Turn], CustomerState?)? in
            guard let conversation = try store.conversation(id), let door = doors[conversation.channel],
                conversation.turns > from, let customer = try store.customer(in: id),
                customer.channel == door.channel.rawValue
            else { return nil }
            return (door, try store.turns(of: id, after: from, limit: Self.most), try store.customerState(customer))
        }
        // Conversations that another program opened are told by that program.
        guard let (door, turns, state) = found else { return 0 }
        var count = 0
        for turn in turns where turn.speaker == .human && turn.at.microseconds > since {
            guard let address = state.flatMap({ Assistant.address(in: $0) }) else {
                onTrouble(
                    HearthError(
                        .messageNoAddress, "a person's words reach nobody: the customer's address is not known",
                        at: .address("conversation \(id)"), advice: "they stand in the record; call the customer"))
                continue
            }
            let until = Instant(
                microseconds: turn.at.microseconds + door.hours * 3_600_000_000,
                offsetMinutes: turn.at.offsetMinutes)
            do {
                count += try queue(turn, id, door, address, until)
            } catch let error as HearthError where error.code == .actionBadField {
                onTrouble(error)
            }
        }
        if let last = turns.last?.number { seen.withLock { $0[handOff.id] = last } }
        return count
    }

    private func queue(
        _ turn: Turn, _ id: ConversationID, _ door: Door, _ address: String, _ until: Instant
    ) throws -> Int {
        try store.write { store in
            var count = 0
            for (index, words) in door.parts(turn.words).enumerated() {
                let key = "person/\(id)/\(turn.number)/\(index)"
                if try post.kept(door.channel, key: key, in: store) != nil { continue }
                try post.queue(words, to: address, door.channel, in: id.number, key: key, until: until, in: store)
                count += 1
            }
            return count
        }
    }

    // MARK: What was looked at

    private struct Watch: Equatable {
        /// Microseconds; what was said before is none of ours.
        var since: Int64
        /// The last hand-off that was known.
        var last: Int64 = 0
        var open: [Int64] = []

        var text: String { "\(since) \(last) " + open.map { "\($0)" }.joined(separator: ",") }

        init(since: Int64) { self.since = since }

        init?(_ text: String) {
            let parts = text.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 3, let since = Int64(parts[0]), let last = Int64(parts[1]) else { return nil }
            (self.since, self.last) = (since, last)
            open = parts[2].split(separator: ",").compactMap { Int64($0) }
        }
    }

    /// What was looked at before; begun now where nothing was: what people have said until then was told otherwise, or to nobody.
    private func begun() throws -> Watch {
        if let watch = try store.read({ try $0.setting(.personsWords) }).flatMap({ Watch($0) }) { return watch }
        return try store.write { store in
            if let watch = try store.setting(.personsWords).flatMap({ Watch($0) }) { return watch }
            var watch = Watch(since: now().microseconds)
            var page: [HandOff]
            repeat {
                page = try store.handOffs(
                    Set(HandOff.State.allCases), after: HandOffID(watch.last), limit: Self.most)
                watch.last = page.last?.id.number ?? watch.last
                watch.open += page.filter { $0.state != .closed }.map(\.id.number)
            } while page.count == Self.most
            try store.setSetting(.personsWords, watch.text)
            return watch
        }
    }
}
