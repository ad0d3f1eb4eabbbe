import HeatModel

extension AccountViewBuilder {
    func writeFacts(
        _ entries: ArraySlice<AccountRecords.Entry>, _ bytes: UnsafeRawBufferPointer, _ texts: UnsafeRawBufferPointer,
        _ json: inout JSONBytes
    ) {
        // The JSON text that each stream's record gives for each fact, stream by stream.
        var values = [UnsafeRawBufferPointer?](repeating: nil, count: factStreams.count * facts.count)
        var stating = [AccountRecords.Entry?](repeating: nil, count: factStreams.count)
        for slot in factStreams.indices {
            guard let entry = entries.first(where: { $0.stream == factStreams[slot] }) else { continue }
            stating[slot] = entry
            readFacts(bytes.part(entry.body), texts, into: &values, at: slot * facts.count)
        }
        var winners = [Int](repeating: -1, count: facts.count)
        var disagreeing: [Int] = []
        json.raw(",\"facts\":{")
        var isFirst = true
        for index in facts.indices {
            var winner: UnsafeRawBufferPointer?
            var differs = false
            for source in facts[index].from {
                let slot = factSources[source]
                guard let value = values[slot * facts.count + index] else { continue }
                guard let first = winner else {
                    winner = value
                    winners[index] = slot
                    continue
                }
                if !Self.agree(first, value, tolerance: facts[index].tolerance) { differs = true }
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
        isFirst = true
        for slot in factStreams.indices {
            guard let entry = stating[slot] else { continue }
            if !isFirst { json.raw(",") }
            isFirst = false
            writeSource(entry, bytes, texts, &json)
            json.raw(",\"fields\":")
            writeNames(ofFactsWonBy: slot, winners, texts, &json)
            json.raw("}")
        }
        json.raw("],\"missing\":")
        writeNames(ofFactsWonBy: -1, winners, texts, &json)
        json.raw(",\"disagreements\":[")
        for (position, index) in disagreeing.enumerated() {
            if position > 0 { json.raw(",") }
            write(disagreement: index, values, texts, &json)
        }
        json.raw("]")
    }

    /// Fields mostly stand in the order of the facts: each is looked for from behind the last one found.
    private func readFacts(
        _ body: UnsafeRawBufferPointer, _ texts: UnsafeRawBufferPointer, into values: inout [UnsafeRawBufferPointer?],
        at offset: Int
    ) {
        var next = 0
        var fields = FlatJSON(bytes: body)
        while let (key, value) = fields.next() {
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
        ofFactsWonBy slot: Int, _ winners: [Int], _ texts: UnsafeRawBufferPointer, _ json: inout JSONBytes
    ) {
        json.raw("[")
        var isFirst = true
        for index in facts.indices where winners[index] == slot {
            if !isFirst { json.raw(",") }
            isFirst = false
            json.raw(texts.part(facts[index].name))
        }
        json.raw("]")
    }

    private func write(
        disagreement index: Int, _ values: [UnsafeRawBufferPointer?], _ texts: UnsafeRawBufferPointer,
        _ json: inout JSONBytes
    ) {
        json.raw("{\"field\":")
        json.raw(texts.part(facts[index].name))
        json.raw(",\"values\":{")
        var isFirst = true
        for source in facts[index].from {
            let slot = factSources[source]
            guard let value = values[slot * facts.count + index] else { continue }
            if !isFirst { json.raw(",") }
            isFirst = false
            json.raw(texts.part(streams[factStreams[slot]].name))
            json.raw(":")
            json.raw(value)
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
