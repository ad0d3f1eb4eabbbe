import HeatModel
import JSONText
import Store

/// Money fields that are counted and summed, by their JSON keys.
enum Measure: Int, CaseIterable, Sendable {
    case due, received, arrears, discount, reduction, penalty, tax, amount, fee

    var name: String { "\(self)_fen" }
}

/// Number of records, and count and sum of each measure that they state.
struct Tally: Sendable, Equatable {
    var rows: Int64 = 0
    var counts = InlineArray9()
    var sums = InlineArray9()

    @inline(__always)
    mutating func add(_ measure: Measure, _ value: Int64?) {
        guard let value else { return }
        counts[measure.rawValue] += 1
        sums[measure.rawValue] += value
    }

    static func += (left: inout Tally, right: Tally) {
        left.rows += right.rows
        for index in 0..<9 {
            left.counts[index] += right.counts[index]
            left.sums[index] += right.sums[index]
        }
    }
}

/// Nine numbers in place: a tally is added to for each of millions of records.
struct InlineArray9: Sendable, Equatable {
    private var low = SIMD8<Int64>()
    private var last: Int64 = 0

    subscript(_ index: Int) -> Int64 {
        @inline(__always) get { index < 8 ? low[index] : last }
        @inline(__always) set { if index < 8 { low[index] = newValue } else { last = newValue } }
    }
}

/// Which records a tally is of.
struct CellName: Hashable, Sendable, Comparable {
    var stream: Int
    var season = ""
    var community = ""
    var item = ""

    static func < (left: CellName, right: CellName) -> Bool {
        if left.stream != right.stream { return left.stream < right.stream }
        if left.season != right.season { return left.season.utf8.lexicographicallyPrecedes(right.season.utf8) }
        if left.community != right.community {
            return left.community.utf8.lexicographicallyPrecedes(right.community.utf8)
        }
        return left.item != right.item && left.item.utf8.lexicographicallyPrecedes(right.item.utf8)
    }
}

/// Tallies by stream, season, community and item, collected in one thread.
struct TallyTable {
    private var seasons = NumberedTexts()
    private var items = NumberedTexts()
    private var communities = NumberedTexts()
    private var cells = NumberedKeys()
    private var tallies: [Tally] = []

    /// A community's number in this table.
    mutating func community(_ name: ViewBytes) -> Int { communities.number(of: name) }

    @inline(__always)
    mutating func add(stream: Int, season: ViewBytes, item: ViewBytes, community: Int, _ body: (inout Tally) -> Void) {
        let season = seasons.number(of: season)
        let item = items.number(of: item)
        let key = UInt64(stream) << 56 | UInt64(item & 0xFF) << 48 | UInt64(season & 0xFFFF) << 32 | UInt64(community)
        let cell = cells.number(of: key)
        if cell == tallies.count { tallies.append(Tally()) }
        tallies[cell].rows += 1
        body(&tallies[cell])
    }

    func merge(into all: inout [CellName: Tally]) {
        for (key, tally) in zip(cells.keys, tallies) {
            let name = CellName(
                stream: Int(key >> 56), season: seasons.text(Int(key >> 32 & 0xFFFF)),
                community: communities.text(Int(key & 0xFFFF_FFFF)), item: items.text(Int(key >> 48 & 0xFF)))
            all[name, default: Tally()] += tally
        }
    }

    private mutating func add(_ row: ScannedAccount.ChargeRow, _ community: Int) {
        add(stream: row.source.stream, season: row.season, item: row.item, community: community) {
            $0.add(.due, row.due)
            $0.add(.received, row.received)
            $0.add(.arrears, row.arrears)
            $0.add(.discount, row.discount)
            $0.add(.reduction, row.reduction)
            $0.add(.penalty, row.penalty)
            $0.add(.tax, row.tax)
        }
    }

    private mutating func add(_ row: ScannedAccount.PaymentRow, _ community: Int) {
        let none = ViewBytes(start: nil, count: 0)
        add(stream: row.source.stream, season: row.season, item: none, community: community) {
            $0.add(.amount, row.amount)
        }
    }

    /// All records of an account.
    mutating func add(_ scanned: ScannedAccount) {
        let none = ViewBytes(start: nil, count: 0)
        let community = community(scanned.community ?? none)
        for source in scanned.sources {
            add(stream: source.stream, season: none, item: none, community: community) { _ in }
        }
        for row in scanned.charges { add(row, community) }
        for row in scanned.repeatedCharges { add(row, community) }
        for row in scanned.payments { add(row, community) }
        for row in scanned.repeatedPayments { add(row, community) }
        for row in scanned.orders {
            add(stream: row.source.stream, season: none, item: none, community: community) { $0.add(.fee, row.fee) }
        }
        for row in scanned.readings {
            add(stream: row.source.stream, season: row.season, item: none, community: community) { _ in }
        }
        for row in scanned.suspensions {
            add(stream: row.source.stream, season: row.season, item: none, community: community) { _ in }
        }
        for row in scanned.disconnections {
            add(stream: row.source.stream, season: none, item: none, community: community) { _ in }
        }
        for row in scanned.temperatures {
            add(stream: row.source.stream, season: none, item: none, community: community) { _ in }
        }
        for row in scanned.others {
            add(stream: row.stream, season: none, item: none, community: community) { _ in }
        }
    }
}

/// The three sides of the control totals.
struct ControlTotals {
    /// What the sources state: what is stored, and what waits in quarantine.
    var pulled: [CellName: Tally] = [:]
    /// What the store holds: what is served, and what no view shows (voided records, records of no account).
    var stored: [CellName: Tally] = [:]
    var served: [CellName: Tally] = [:]
    /// The same as ``stored``, counted from the records themselves; nil where that was not requested.
    var recounted: [CellName: Tally]?

    /// Counts a canonical body that no view shows.
    static func tally(_ body: ViewBytes, stream: Int, of kind: EntityKind) -> (CellName, Tally) {
        let stated = StatedMoney(body, of: kind)
        var tally = Tally()
        tally.rows = 1
        stated.add(to: &tally)
        let name = CellName(
            stream: stream, season: stated.season.text, community: stated.community.text, item: stated.item.text)
        return (name, tally)
    }
}

/// What a canonical body says of money, and in which cell it counts.
struct StatedMoney {
    /// JSON texts; empty where the body has none.
    private(set) var season = ViewBytes(start: nil, count: 0)
    private(set) var item = ViewBytes(start: nil, count: 0)
    private(set) var community = ViewBytes(start: nil, count: 0)
    private var values: [(measure: Measure, value: Int64?)] = []

    private static let names = Measure.allCases.map { Array($0.name.utf8) }

    init(_ body: ViewBytes, of kind: EntityKind) {
        var cursor = JSONCursor(bytes: body)
        guard cursor.beginObject() else { return }
        while let key = cursor.nextKey() {
            let value = cursor.value()
            if key.equals("season") { season = value }
            if key.equals("item") { item = value }
            if key.equals("community") { community = value }
            // What a card says of money is a fact, not a record of money.
            if kind == .account || kind == .premises { continue }
            for measure in Measure.allCases where key.equals(Self.names[measure.rawValue]) {
                values.append((measure, value.integer))
            }
        }
    }

    func add(to tally: inout Tally) {
        for (measure, value) in values { tally.add(measure, value) }
    }
}
