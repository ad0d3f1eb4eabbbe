import HeatModel

extension CSVStream {
    /// What says in which order the files of a folder were written.
    package enum Order: Hashable, Sendable {
        /// Dates (year first) and numbers in the names, as numbers: `yh_9` before `yh_10`. What they do not say is not guessed.
        case automatic
        /// The names as texts, character by character.
        case name
        /// The numbers in the names, whatever else stands there; only the n-th (from 1) where one is given.
        case number(at: Int?)
        /// The date in the names, in a format such as `dd-MM-yyyy`; year first where none is given.
        case date(format: String?)
        /// The time of modification that the sender's system gave the files.
        case modified
    }
}

/// The order in which the drops of a stream were written: names are compared here and nowhere else.
struct DropOrder {
    let rule: CSVStream.Order
    private let reading: NameReading

    /// - Parameter now: years far from it are no years.
    init(_ rule: CSVStream.Order, now: DropTime) {
        self.rule = rule
        reading = NameReading(rule, thisYear: 1970 + now.seconds / 31_556_952)
    }

    /// One drop, with what is compared of it.
    struct Drop {
        var name: String
        var modified: DropTime?
        fileprivate var key: NameKey
    }

    enum Relation: Equatable {
        case before, same, after
        /// Nothing says which is the older one.
        case unknown(String)
    }

    func drop(_ name: String, modified: DropTime?) -> Drop {
        Drop(name: name, modified: modified, key: reading.key(name))
    }

    /// A total order that agrees with ``relation(_:_:)`` wherever that is known.
    func isBefore(_ a: Drop, _ b: Drop) -> Bool {
        if rule == .modified, let a = a.modified, let b = b.modified, a != b { return a < b }
        if rule != .name, let sign = NameKey.compare(a.key, b.key) { return sign < 0 }
        return a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }

    /// Where `a` stands to `b`.
    func relation(_ a: Drop, _ b: Drop) -> Relation {
        if Self.unpacked(a.name).elementsEqual(Self.unpacked(b.name)) { return .same }
        switch rule {
        case .name: return isBefore(a, b) ? .before : .after
        case .modified:
            // Where the time of the one read last is gone, so is its file.
            guard let first = a.modified, let second = b.modified else { return .after }
            if first == second { return .unknown("they have the same time") }
            return first < second ? .before : .after
        case .automatic, .number, .date:
            switch reading.relation(a.key, b.key) {
            case .before: return .before
            case .after: return .after
            case .unknown(let reason): return .unknown(reason)
            }
        }
    }

    /// The same drop may come packed once, and not the next time.
    private static func unpacked(_ name: String) -> Substring.UTF8View {
        name.hasSuffix(".gz") ? name.dropLast(3).utf8 : Substring(name).utf8
    }

    /// Whether the number that a name counts by may have started over, so that the smaller one is the newer: `0101` after `1231`,
    /// `001` after `999`. A date with its year cannot.
    func mayHaveBegunAnew(_ later: Drop, after last: Drop) -> Bool {
        switch rule {
        case .name, .modified, .date: false
        case .automatic, .number: NameKey.fellByHalf(from: last.key, to: later.key)
        }
    }

    /// The first two neighbours of some sorted drops of which nothing says which is the older one.
    func doubt(_ drops: [Drop]) -> (first: Drop, second: Drop, reason: String)? {
        for (first, second) in zip(drops, drops.dropFirst()) {
            switch relation(first, second) {
            case .unknown(let reason): return (first, second, reason)
            // Two files whose bytes spell one name in two encodings.
            case .same: return (first, second, "their names read the same")
            case .before, .after: continue
            }
        }
        return nil
    }

    /// How old a drop's content is, where that is not in the future: the date in its name, where drops are ordered by dates and it
    /// has one; else the time of modification.
    func newestData(_ drop: Drop, now: DropTime) -> Instant? {
        let isByDate =
            switch rule {
            case .automatic, .date: true
            case .number, .name, .modified: false
            }
        let zone = Self.offsetMinutes
        let dated = isByDate ? drop.key.instant(offsetMinutes: zone) : nil
        return [dated, drop.modified?.instant(offsetMinutes: zone)].compactMap(\.self).first {
            $0 <= now.instant(offsetMinutes: zone)
        }
    }

    /// Dates in names are those of the senders' clocks.
    private static let offsetMinutes: Int16 = 480

    /// By what, for people.
    var shown: String {
        switch rule {
        case .automatic: "by the dates and numbers in their names"
        case .name: "by their names as text"
        case .number(let at): at.map { "by number \($0) in their names" } ?? "by the numbers in their names"
        case .date(let format): format.map { "by the date (\($0)) in their names" } ?? "by the date in their names"
        case .modified: "by their time of modification"
        }
    }

    static func error(_ first: String, _ second: String, _ reason: String, in folder: String) -> HearthError {
        CSVError.make(
            .sourceOrderUnknown,
            "nothing tells which of the snapshots \(first) and \(second) is the older one: \(reason)",
            "\(folder)/\(second)",
            advice:
                "Say how they are ordered (`order: number`, `order: {by: date, format: dd-MM-yyyy}`, `order: modified`, `order: name`), or take the one that does not belong there out of the folder."
        )
    }
}
