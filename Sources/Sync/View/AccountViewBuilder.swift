import HeatModel
import Mapping
import Records
import Store

/// Builds the account view: one JSON object, encoded once, served as it is.
///
/// ```
/// {"account_number":"00012345",
///  "facts":{"class":"resident","area_building":"118.600",…},        the value of the winning stream
///  "fact_sources":[{"source":"customer.residents","key":"…","fields":["holder_name",…]},…],
///  "missing":["area_inner"],                                         no source says anything (未取到)
///  "disagreements":[{"field":"area_building","values":{"billing.accounts":"118.600","customer.residents":"116.800"}}],
///  "seasons":[{"season":"2025-2026","due_fen":…,"received_fen":…,"arrears_fen":…,…}],
///  "charges":[{"source":"billing.charges","key":"123",…canonical fields…},…], "payments":[…], …}
/// ```
///
/// Nothing in it depends on a run, a clock or the order of arrival: the same records make the same bytes.
final class AccountViewBuilder {
    private struct Fact {
        let key: [UInt8]
        let name: String
        let from: [StreamID]
        let tolerance: ExactDecimal?
    }

    private struct List {
        let name: String
        let from: Set<StreamID>
        let order: [[UInt8]]
        let isCharges: Bool
    }

    private struct Entry {
        var stream: StreamID
        var key: Range<Int>
        var body: Range<Int>
    }

    private let facts: [Fact]
    private let factStreams: [(id: StreamID, name: String)]
    private let lists: [List]
    private let streamNames: [StreamID: String]
    private static let seasonMeasures = ["due_fen", "received_fen", "arrears_fen", "discount_fen", "reduction_fen", "penalty_fen"]

    private var arena: [UInt8] = []
    private var entries: [Entry] = []
    private var json = JSONBytes()

    init(_ unified: UnifiedView, streams: [StoredStream]) {
        let ids = Dictionary(uniqueKeysWithValues: streams.map { ($0.name, $0.id) })
        let entities = Dictionary(uniqueKeysWithValues: streams.map { ($0.id, $0.entity) })
        streamNames = Dictionary(uniqueKeysWithValues: streams.map { ($0.id, $0.name) })
        facts = unified.facts.map { fact in
            Fact(
                key: Array(fact.field.jsonKey.utf8), name: fact.field.jsonKey, from: fact.from.compactMap { ids[$0.description] },
                tolerance: fact.tolerance)
        }
        var order: [(StreamID, String)] = []
        for fact in unified.facts {
            for stream in fact.from {
                guard let id = ids[stream.description], !order.contains(where: { $0.0 == id }) else { continue }
                order.append((id, stream.description))
            }
        }
        factStreams = order.map { (id: $0.0, name: $0.1) }
        lists = unified.lists.map { list in
            let from = list.from.compactMap { ids[$0.description] }
            return List(
                name: list.name, from: Set(from), order: list.order.map { Array($0.utf8) },
                isCharges: from.contains { entities[$0] == .charge })
        }
    }

    /// The view of an account. The buffer lives until the next call.
    func build(_ account: AccountID, number: String, from store: some StoreReader) throws -> [UInt8] {
        arena.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
        try store.forEachRecord(of: account) { record in
            let keyStart = arena.count
            arena.append(contentsOf: record.key)
            let bodyStart = arena.count
            arena.append(contentsOf: record.body)
            entries.append(Entry(stream: record.stream, key: keyStart..<bodyStart, body: bodyStart..<arena.count))
        }
        json.removeAll()
        arena.withUnsafeBytes { bytes in
            json.raw("{\"account_number\":")
            json.string(number)
            writeFacts(bytes)
            writeSeasons(bytes)
            for list in lists { write(list, bytes) }
            json.raw("}")
        }
        return json.bytes
    }

    // MARK: Facts

    private func writeFacts(_ bytes: UnsafeRawBufferPointer) {
        // values[stream][fact]: the JSON text that the stream's record gives for the fact.
        var values = [[UnsafeRawBufferPointer?]](repeating: [], count: factStreams.count)
        var keys = [Range<Int>?](repeating: nil, count: factStreams.count)
        for (slot, stream) in factStreams.enumerated() {
            guard let entry = entries.first(where: { $0.stream == stream.id }) else { continue }
            keys[slot] = entry.key
            values[slot] = self.values(of: UnsafeRawBufferPointer(rebasing: bytes[entry.body]))
        }
        var winners = [Int](repeating: -1, count: facts.count)
        var missing: [Int] = []
        var disagreeing: [Int] = []
        json.raw(",\"facts\":{")
        var isFirst = true
        for (index, fact) in facts.enumerated() {
            var winner: UnsafeRawBufferPointer?
            var differs = false
            for stream in fact.from {
                guard let slot = factStreams.firstIndex(where: { $0.id == stream }), !values[slot].isEmpty,
                    let value = values[slot][index]
                else { continue }
                guard let first = winner else {
                    winner = value
                    winners[index] = slot
                    continue
                }
                if !Self.agree(first, value, tolerance: fact.tolerance) { differs = true }
            }
            guard let winner else {
                missing.append(index)
                continue
            }
            if differs { disagreeing.append(index) }
            if !isFirst { json.raw(",") }
            isFirst = false
            json.string(fact.name)
            json.raw(":")
            json.raw(winner)
        }
        json.raw("},\"fact_sources\":[")
        isFirst = true
        for (slot, stream) in factStreams.enumerated() {
            guard let key = keys[slot] else { continue }
            if !isFirst { json.raw(",") }
            isFirst = false
            writeSource(stream.name, UnsafeRawBufferPointer(rebasing: bytes[key]))
            json.raw(",\"fields\":")
            writeNames(facts.indices.filter { winners[$0] == slot })
            json.raw("}")
        }
        json.raw("],\"missing\":")
        writeNames(missing)
        json.raw(",\"disagreements\":[")
        for (position, index) in disagreeing.enumerated() {
            if position > 0 { json.raw(",") }
            json.raw("{\"field\":")
            json.string(facts[index].name)
            json.raw(",\"values\":{")
            var isFirst = true
            for stream in facts[index].from {
                guard let slot = factStreams.firstIndex(where: { $0.id == stream }), !values[slot].isEmpty,
                    let value = values[slot][index]
                else { continue }
                if !isFirst { json.raw(",") }
                isFirst = false
                json.string(factStreams[slot].name)
                json.raw(":")
                json.raw(value)
            }
            json.raw("}}")
        }
        json.raw("]")
    }

    private func values(of body: UnsafeRawBufferPointer) -> [UnsafeRawBufferPointer?] {
        var values = [UnsafeRawBufferPointer?](repeating: nil, count: facts.count)
        FlatJSON(bytes: body).forEach { key, value in
            for index in facts.indices where facts[index].key.withUnsafeBytes({ $0.equals(key) }) {
                values[index] = value
                break
            }
            return true
        }
        return values
    }

    private static func agree(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, tolerance: ExactDecimal?) -> Bool {
        if left.equals(right) { return true }
        guard let tolerance, let one = decimal(left), let other = decimal(right) else { return false }
        let places = max(one.places, other.places, tolerance.places)
        guard let one = one.exactly(places: places), let other = other.exactly(places: places),
            let allowed = tolerance.exactly(places: places)
        else { return false }
        return abs(one.units - other.units) <= allowed.units
    }

    private static func decimal(_ value: UnsafeRawBufferPointer) -> ExactDecimal? {
        value.unquoted.withMemoryRebound(to: UInt8.self) { ExactDecimal(ascii: $0) }
    }

    private func writeNames(_ indices: [Int]) {
        json.raw("[")
        for (position, index) in indices.enumerated() {
            if position > 0 { json.raw(",") }
            json.string(facts[index].name)
        }
        json.raw("]")
    }

    /// Opens an object with the record's source.
    private func writeSource(_ stream: String, _ key: UnsafeRawBufferPointer) {
        json.raw("{\"source\":")
        json.string(stream)
        json.raw(",\"key\":")
        json.string(key)
    }

    // MARK: Lists

    private func writeSeasons(_ bytes: UnsafeRawBufferPointer) {
        var seasons: [(name: UnsafeRawBufferPointer, sums: [Int64])] = []
        let charges = lists.filter(\.isCharges).reduce(into: Set<StreamID>()) { $0.formUnion($1.from) }
        for entry in entries where charges.contains(entry.stream) {
            let body = FlatJSON(bytes: UnsafeRawBufferPointer(rebasing: bytes[entry.body]))
            guard let season = body.value(of: "season") else { continue }
            var index = seasons.firstIndex { $0.name.equals(season) }
            if index == nil {
                index = seasons.count
                seasons.append((season, [Int64](repeating: 0, count: Self.seasonMeasures.count)))
            }
            body.forEach { key, value in
                // All money keys end in `_fen`.
                guard key.count > 4, key[key.count - 1] == 0x6E, key[key.count - 4] == 0x5F, let amount = value.integer else { return true }
                for (measure, name) in Self.seasonMeasures.enumerated() where key.equals(name) {
                    seasons[index!].sums[measure] += amount
                }
                return true
            }
        }
        seasons.sort { $0.name.precedes($1.name) }
        json.raw(",\"seasons\":[")
        for (position, season) in seasons.enumerated() {
            if position > 0 { json.raw(",") }
            json.raw("{\"season\":")
            json.raw(season.name)
            for (measure, name) in Self.seasonMeasures.enumerated() {
                json.raw(",")
                json.string(name)
                json.raw(":")
                json.integer(season.sums[measure])
            }
            json.raw("}")
        }
        json.raw("]")
    }

    private func write(_ list: List, _ bytes: UnsafeRawBufferPointer) {
        json.raw(",")
        json.string(list.name)
        json.raw(":[")
        var members = entries.filter { list.from.contains($0.stream) }
        // Stream numbers tell the order of arrival: records of several streams are sorted also where no order is asked for.
        if !list.order.isEmpty || list.from.count > 1, members.count > 1 { sort(&members, by: list.order, bytes) }
        for (position, entry) in members.enumerated() {
            if position > 0 { json.raw(",") }
            writeSource(streamNames[entry.stream] ?? "", UnsafeRawBufferPointer(rebasing: bytes[entry.key]))
            let body = bytes[entry.body]
            if body.count > 2 {
                json.raw(",")
                json.raw(UnsafeRawBufferPointer(rebasing: body[(body.startIndex + 1)..<(body.endIndex - 1)]))
            }
            json.raw("}")
        }
        json.raw("]")
    }

    /// By the values of some keys, then by stream and record key. A missing value comes first.
    private func sort(_ members: inout [Entry], by order: [[UInt8]], _ bytes: UnsafeRawBufferPointer) {
        let keyed = members.map { entry in
            let body = FlatJSON(bytes: UnsafeRawBufferPointer(rebasing: bytes[entry.body]))
            return (entry, order.map { name in name.withUnsafeBytes { body.value(of: $0) } })
        }
        members = keyed.sorted { left, right in
            for (one, other) in zip(left.1, right.1) {
                switch (one, other) {
                case (nil, nil): continue
                case (nil, _): return true
                case (_, nil): return false
                case (let one?, let other?):
                    if one.equals(other) { continue }
                    if let first = one.integer, let second = other.integer { return first < second }
                    return one.precedes(other)
                }
            }
            let leftKey = UnsafeRawBufferPointer(rebasing: bytes[left.0.key])
            let rightKey = UnsafeRawBufferPointer(rebasing: bytes[right.0.key])
            if left.0.stream != right.0.stream {
                return (streamNames[left.0.stream] ?? "") < (streamNames[right.0.stream] ?? "")
            }
            return leftKey.precedes(rightKey)
        }.map(\.0)
    }
}

extension UnsafeRawBufferPointer {
    func equals(_ text: String) -> Bool {
        let utf8 = text.utf8
        return count == utf8.count && elementsEqual(utf8)
    }
}
