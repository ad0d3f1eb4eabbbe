import HeatModel
import JSONText
public import Store

/// Reads out of an account view what the account's bills say to the statistics of its peers.
///
/// Left out are seasons with a suspension, a part of a season, and corrected bills: they are no measure for other households.
/// Millions of views are read in a row: nothing is decoded that is not counted.
public struct CohortMemberReader {
    /// What is known of one season so far.
    private struct Season {
        var year: Int
        var bill: Int64 = 0
        var lines = 0
        var isLeftOut = false
        var splits = false
        /// By item, to find a line that stands twice.
        var items: [UnsafeRawBufferPointer] = []
        /// Thousandths of kWh; of GJ.
        var kilowattHours: Int64 = -1
        var gigajoules: Int64 = -1
        /// An adjustment in 元 or more: a correction where the bill is by area, a cap where it is measured.
        var isAdjusted = false
    }

    private var seasons: [Season] = []

    public init() {}

    /// The account's row; without a house or with an empty body where it has nothing to say.
    public mutating func row(of account: AccountID, view: UnsafeRawBufferPointer) -> CohortMemberRow {
        seasons.removeAll(keepingCapacity: true)
        var facts = Facts()
        var stops: [(from: Int, to: Int, season: Int?)] = []
        var gone: [Int] = []
        var cursor = JSONCursor(bytes: view)
        guard cursor.beginObject() else { return CohortMemberRow(account: account, house: nil, body: []) }
        while let key = cursor.nextKey() {
            if key.equals("facts") {
                facts.read(&cursor)
                // Without these it has no peers, whatever else it says.
                if facts.kind == nil || facts.house == nil {
                    return CohortMemberRow(account: account, house: nil, body: [])
                }
            } else if key.equals("charges") {
                readCharges(&cursor)
            } else if key.equals("readings") {
                readReadings(&cursor)
            } else if key.equals("suspensions") {
                readSuspensions(&cursor, &stops)
            } else if key.equals("disconnections") {
                readDisconnections(&cursor, &gone)
            } else {
                cursor.skip()
            }
        }
        guard let (accountClass, method) = facts.kind else {
            return CohortMemberRow(account: account, house: nil, body: [])
        }
        var body: [UInt8] = []
        seasons.sort { $0.year < $1.year }
        for season in seasons where season.lines > 0 {
            let (start, end) = (season.year * 10_000 + 1_001, (season.year + 1) * 10_000 + 501)
            if season.isLeftOut || (season.isAdjusted && method == .byArea) { continue }
            if stops.contains(where: {
                $0.season == season.year || ($0.season == nil && $0.from < end && $0.to >= start)
            }) {
                continue
            }
            if gone.contains(where: { $0 >= start && $0 < end }) || (facts.opened >= start && facts.opened < end) {
                continue
            }
            let isGigajoule = season.kilowattHours < 0 && season.gigajoules >= 0
            CohortMember(
                kind: CohortKind(season: season.year, class: accountClass, method: method).number, bill: season.bill,
                measures: facts.measures,
                consumption: method == .byArea ? -1 : max(season.kilowattHours, season.gigajoules),
                isGigajoule: isGigajoule && method != .byArea, splitsSharedArea: season.splits, tariff: facts.tariff
            ).append(to: &body)
        }
        return CohortMemberRow(account: account, house: body.isEmpty ? nil : facts.house, body: body)
    }

    /// What the facts say.
    private struct Facts {
        var accountClass: AccountFacts.Class?
        var method: AccountFacts.Method?
        var tariff: [UInt8] = []
        var company = ""
        var station = ""
        var community = ""
        var building = ""
        var measures: [Int64] = [-1, -1, -1, -1, -1]
        /// yyyymmdd; 0 where not known.
        var opened = 0

        var kind: (AccountFacts.Class, AccountFacts.Method)? {
            guard let accountClass, let method else { return nil }
            return (accountClass, method)
        }

        var house: PeerBuilding? {
            if station.isEmpty && community.isEmpty { return nil }
            return PeerBuilding(company: company, station: station, community: community, building: building)
        }

        mutating func read(_ cursor: inout JSONCursor) {
            guard cursor.beginObject() else { return cursor.skip() }
            while let key = cursor.nextKey() {
                let value = cursor.value()
                switch key.count {
                case 5 where key.equals("class"): accountClass = value.equals("\"unit\"") ? .unit : .resident
                case 6 where key.equals("tariff"): tariff = Array(value.unquoted)
                case 6 where key.equals("method"):
                    method = value.equals("\"byArea\"") ? .byArea : value.equals("\"metered\"") ? .metered : .twoPart
                case 7 where key.equals("company"): company = value.text
                case 7 where key.equals("station"): station = value.text
                case 9 where key.equals("community"): community = value.text
                case 8 where key.equals("building"): building = value.text
                case 9 where key.equals("opened_on"): opened = value.day ?? 0
                case 13 where key.equals("area_building"): set(.building, value)
                case 10 where key.equals("area_inner"): set(.inner, value)
                case 11 where key.equals("area_usable"): set(.usable, value)
                case 12 where key.equals("area_billing"): set(.billing, value)
                case 19 where key.equals("area_ceiling_height"): set(.height, value)
                default: break
                }
            }
        }

        private mutating func set(_ measure: CohortMember.Measure, _ value: UnsafeRawBufferPointer) {
            if let exact = value.decimal?.exactly(places: 3), exact.units >= 0 {
                measures[measure.rawValue] = exact.units
            }
        }
    }

    private mutating func index(of year: Int) -> Int {
        if let index = seasons.firstIndex(where: { $0.year == year }) { return index }
        seasons.append(Season(year: year))
        return seasons.count - 1
    }

    private mutating func readCharges(_ cursor: inout JSONCursor) {
        guard cursor.beginArray() else { return cursor.skip() }
        while cursor.nextElement() {
            guard cursor.beginObject() else {
                cursor.skip()
                continue
            }
            var year: Int?
            var item: UnsafeRawBufferPointer?
            var due: Int64 = 0
            var isVoided = false
            var isRepeated = false
            while let key = cursor.nextKey() {
                let value = cursor.value()
                switch key.count {
                case 6 where key.equals("season"): year = value.seasonStart
                case 6 where key.equals("voided"): isVoided = value.equals("true")
                case 4 where key.equals("item"): item = value.unquoted
                case 7 where key.equals("due_fen"): due = value.integer ?? 0
                case 7 where key.equals("repeats"): isRepeated = true
                default: break
                }
            }
            guard let year, let item, !isVoided, !isRepeated, !item.equals("lateFee") else { continue }
            let index = index(of: year)
            seasons[index].lines += 1
            seasons[index].bill += due
            if item.equals("suspension") || item.equals("reduction") {
                seasons[index].isLeftOut = true
            } else if item.equals("sharedArea") {
                seasons[index].splits = true
            } else if item.equals("adjustment") {
                seasons[index].isAdjusted = seasons[index].isAdjusted || abs(due) >= 100
            }
            // The same item twice is a bill that was corrected, or must be.
            if seasons[index].items.contains(where: { $0.equals(item) }) { seasons[index].isLeftOut = true }
            seasons[index].items.append(item)
        }
    }

    private mutating func readReadings(_ cursor: inout JSONCursor) {
        guard cursor.beginArray() else { return cursor.skip() }
        while cursor.nextElement() {
            guard cursor.beginObject() else {
                cursor.skip()
                continue
            }
            var year: Int?
            var used: ExactDecimal?
            var unit: UnsafeRawBufferPointer?
            while let key = cursor.nextKey() {
                let value = cursor.value()
                switch key.count {
                case 6 where key.equals("season"): year = value.seasonStart
                case 11 where key.equals("consumption"): used = value.decimal
                case 4 where key.equals("unit"): unit = value.unquoted
                default: break
                }
            }
            guard let year, let unit, let used = used?.exactly(places: 3)?.units, used >= 0 else { continue }
            let index = index(of: year)
            // Water says nothing of heat.
            if unit.equals("m3") { continue }
            if unit.equals("GJ") {
                seasons[index].gigajoules = max(0, seasons[index].gigajoules) + used
            } else if unit.equals("MJ") {
                seasons[index].gigajoules = max(0, seasons[index].gigajoules) + used / 1000
            } else {
                // MWh is the same unit with another prefix.
                let (thousandths, overflow) = used.multipliedReportingOverflow(by: unit.equals("MWh") ? 1000 : 1)
                if !overflow { seasons[index].kilowattHours = max(0, seasons[index].kilowattHours) + thousandths }
            }
        }
    }

    private func readSuspensions(_ cursor: inout JSONCursor, _ stops: inout [(from: Int, to: Int, season: Int?)]) {
        guard cursor.beginArray() else { return cursor.skip() }
        while cursor.nextElement() {
            guard cursor.beginObject() else {
                cursor.skip()
                continue
            }
            var stop: (from: Int, to: Int, season: Int?) = (0, .max, nil)
            var record = Suspension()
            while let key = cursor.nextKey() {
                let value = cursor.value()
                if key.equals("from") {
                    stop.from = value.day ?? 0
                } else if key.equals("to") {
                    stop.to = value.day ?? .max
                } else if key.equals("season") {
                    stop.season = value.seasonStart
                } else if key.equals("state") {
                    record.state = Suspension.State(rawValue: value.text)
                } else if key.equals("kind") {
                    record.kind = Suspension.Kind(rawValue: value.text)
                }
            }
            if record.holds { stops.append(stop) }
        }
    }

    private func readDisconnections(_ cursor: inout JSONCursor, _ days: inout [Int]) {
        guard cursor.beginArray() else { return cursor.skip() }
        while cursor.nextElement() {
            guard cursor.beginObject() else {
                cursor.skip()
                continue
            }
            var on: Int?
            var record = Disconnection()
            while let key = cursor.nextKey() {
                let value = cursor.value()
                if key.equals("on") {
                    on = value.day
                } else if key.equals("state") {
                    record.state = Disconnection.State(rawValue: value.text)
                }
            }
            // What is only requested has not happened; supply restored begins a part of a season as well.
            if let on, record.holds || record.restores { days.append(on) }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The year in which the season `"2025-2026"` starts.
    fileprivate var seasonStart: Int? {
        let text = unquoted
        guard text.count == 9, text[4] == 0x2D, let year = text.part(0..<4).integer else { return nil }
        return Int(year)
    }

    /// `"2025-11-15"` as 20251115.
    fileprivate var day: Int? {
        let text = unquoted
        guard text.count == 10, let year = text.part(0..<4).integer, let month = text.part(5..<7).integer,
            let day = text.part(8..<10).integer
        else { return nil }
        return Int(year * 10_000 + month * 100 + day)
    }
}
