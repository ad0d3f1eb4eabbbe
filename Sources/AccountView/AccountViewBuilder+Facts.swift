import HeatModel
import JSONText

extension AccountViewBuilder {
    func writeFacts(
        _ entries: ArraySlice<AccountRecords.Entry>, _ bytes: UnsafeRawBufferPointer, _ texts: UnsafeRawBufferPointer,
        _ json: inout JSONBytes
    ) {
        // The records that state facts, stream by stream and key by key, and the JSON text that each gives for each fact. A stream should
        // have one of the account; where it has several, what they do not agree on is a disagreement as between two systems.
        let stating = stating(entries)
        var values = [UnsafeRawBufferPointer?](repeating: nil, count: stating.records.count * facts.count)
        for (place, entry) in stating.records.enumerated() {
            readFacts(bytes.part(entry.body), texts, into: &values, at: place * facts.count)
        }
        var winners = [Int](repeating: -1, count: facts.count)
        var disagreeing: [Int] = []
        json.raw(",\"facts\":{")
        var isFirst = true
        for index in facts.indices {
            var winner: UnsafeRawBufferPointer?
            var differs = false
            for source in facts[index].from {
                for place in stating.ranges[factSources[source]] {
                    guard let value = values[place * facts.count + index] else { continue }
                    guard let first = winner else {
                        winner = value
                        winners[index] = place
                        continue
                    }
                    if !Self.agree(first, value, tolerance: facts[index].tolerance) { differs = true }
                }
            }
            guard let winner else { continue }
            if differs { disagreeing.append(index) }
            if !isFirst { json.raw(",") }
            isFirst = false
            json.raw(texts.part(facts[index].name))
            json.raw(":")
            json.raw(winner)
        }
        json.raw("},\"fact_sources\":[")
        for (place, entry) in stating.records.enumerated() {
            if place > 0 { json.raw(",") }
            writeSource(entry, bytes, texts, &json)
            json.raw(",\"fields\":")
            writeNames(ofFactsWonBy: place, winners, texts, &json)
            json.raw("}")
        }
        json.raw("],\"missing\":")
        writeNames(ofFactsWonBy: -1, winners, texts, &json)
        json.raw(",\"disagreements\":[")
        for (position, index) in disagreeing.enumerated() {
            if position > 0 { json.raw(",") }
            write(disagreement: index, values, stating, bytes, texts, &json)
        }
        json.raw("]")
    }

    /// The account's records that state facts.
    private struct Stating {
        var records: [AccountRecords.Entry] = []
        /// By place among ``AccountViewBuilder/factStreams``, the stream's part of the records.
        var ranges: [Range<Int>] = []
    }

    private func stating(_ entries: ArraySlice<AccountRecords.Entry>) -> Stating {
        var stating = Stating()
        for stream in factStreams {
            let start = stating.records.count
            // The records of a stream stand side by side, in the order of their keys.
            if var index = entries.firstIndex(where: { $0.stream == stream }) {
                while index < entries.endIndex, entries[index].stream == stream {
                    stating.records.append(entries[index])
                    index += 1
                }
            }
            stating.ranges.append(start..<stating.records.count)
        }
        return stating
    }

    /// Fields mostly stand in the order of the facts: each is looked for from behind the last one found.
    private func readFacts(
        _ body: UnsafeRawBufferPointer, _ texts: UnsafeRawBufferPointer, into values: inout [UnsafeRawBufferPointer?],
        at offset: Int
    ) {
        var next = 0
        var fields = JSONCursor(bytes: body)
        fields.beginObject()
        while let key = fields.nextKey() {
            let value = fields.value()
            for step in facts.indices {
                let index = next + step < facts.count ? next + step : next + step - facts.count
                if texts.part(facts[index].key).equals(key) {
                    values[offset + index] = value
                    next = index + 1
                    break
                }
            }
        }
    }

    private func writeNames(
        ofFactsWonBy place: Int, _ winners: [Int], _ texts: UnsafeRawBufferPointer, _ json: inout JSONBytes
    ) {
        json.raw("[")
        var isFirst = true
        for index in facts.indices where winners[index] == place {
            if !isFirst { json.raw(",") }
            isFirst = false
            json.raw(texts.part(facts[index].name))
        }
        json.raw("]")
    }

    /// A stream's first record stands under the stream's name; another one of its records, where it says something else, under the name
    /// and its key.
    private func write(
        disagreement index: Int, _ values: [UnsafeRawBufferPointer?], _ stating: Stating,
        _ bytes: UnsafeRawBufferPointer, _ texts: UnsafeRawBufferPointer, _ json: inout JSONBytes
    ) {
        json.raw("{\"field\":")
        json.raw(texts.part(facts[index].name))
        json.raw(",\"values\":{")
        var isFirst = true
        for source in facts[index].from {
            let slot = factSources[source]
            var first: UnsafeRawBufferPointer?
            for place in stating.ranges[slot] {
                guard let value = values[place * facts.count + index] else { continue }
                if let first, first.equals(value) { continue }
                if !isFirst { json.raw(",") }
                isFirst = false
                let stream = streams[factStreams[slot]]
                if first == nil {
                    json.raw(texts.part(stream.name))
                    first = value
                } else {
                    let key = String(decoding: bytes.part(stating.records[place].key), as: UTF8.self)
                    json.string("\(streamNames[factStreams[slot]]) \(key)")
                }
                json.raw(":")
                json.raw(value)
            }
        }
        json.raw("}}")
    }

    private static func agree(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, tolerance: ExactDecimal?)
        -> Bool
    {
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
}
