import JSONText

extension AccountViewBuilder {
    func writeSeasons(
        _ entries: ArraySlice<AccountRecords.Entry>, without repeats: [Int: Int], _ bytes: UnsafeRawBufferPointer,
        _ texts: UnsafeRawBufferPointer, _ json: inout JSONBytes
    ) {
        let width = seasonMeasures.count
        var seasons: [UnsafeRawBufferPointer] = []
        // Season by season; nil where no charge states the measure.
        var sums: [Int64?] = []
        var amounts = [Int64?](repeating: nil, count: width)
        for place in entries.indices where charges.isOf[entries[place].stream] && repeats[place] == nil {
            let entry = entries[place]
            var season: UnsafeRawBufferPointer?
            for measure in 0..<width { amounts[measure] = nil }
            // A body's money stands in the order of the measures: each is looked for from behind the last one found.
            var next = 0
            var fields = JSONCursor(bytes: bytes.part(entry.body))
            fields.beginObject()
            while let key = fields.nextKey() {
                if season == nil, key.equals("season") {
                    season = fields.value()
                    continue
                }
                // All money keys end in `_fen`.
                guard key.count > 4, key[key.count - 1] == 0x6E, key[key.count - 4] == 0x5F,
                    let measure = (next..<width).first(where: { texts.part(self.key(of: $0)).equals(key) })
                        ?? (0..<next).first(where: { texts.part(self.key(of: $0)).equals(key) })
                else {
                    fields.skip()
                    continue
                }
                guard let amount = fields.value().integer else { continue }
                amounts[measure] = amount
                next = measure + 1
            }
            guard let season else { continue }
            var index = seasons.count
            for known in seasons.indices where seasons[known].equals(season) { index = known }
            if index == seasons.count {
                seasons.append(season)
                sums.append(contentsOf: amounts)
            } else {
                for measure in 0..<width {
                    if let amount = amounts[measure] {
                        sums[index * width + measure] = (sums[index * width + measure] ?? 0) + amount
                    }
                }
            }
        }
        json.raw(",\"seasons\":[")
        let order = seasons.indices.sorted { seasons[$0].precedes(seasons[$1]) }
        for (position, index) in order.enumerated() {
            json.raw(position > 0 ? ",{\"season\":" : "{\"season\":")
            json.raw(seasons[index])
            for measure in 0..<width {
                guard let sum = sums[index * width + measure] else { continue }
                json.raw(texts.part(seasonMeasures[measure]))
                json.integer(sum)
            }
            json.raw("}")
        }
        json.raw("]")
    }

    /// `due_fen` of `,"due_fen":`.
    private func key(of measure: Int) -> Range<Int> {
        seasonMeasures[measure].lowerBound + 2..<seasonMeasures[measure].upperBound - 2
    }

    func write(
        _ list: List, _ entries: ArraySlice<AccountRecords.Entry>, _ repeats: [Int: Int],
        _ bytes: UnsafeRawBufferPointer, _ texts: UnsafeRawBufferPointer, _ json: inout JSONBytes
    ) {
        json.raw(texts.part(list.opening))
        var members = entries.indices.filter { list.holds[entries[$0].stream] }
        if list.isSorted, members.count > 1 { sort(&members, of: entries, by: list.order, bytes, texts) }
        for (position, member) in members.enumerated() {
            if position > 0 { json.raw(",") }
            writeSource(entries[member], bytes, texts, &json)
            if let counts = repeats[member] {
                json.raw(",\"repeats\":")
                json.raw(texts.part(streams[counts].name))
            }
            let body = entries[member].body
            if body.count > 2 {
                json.raw(",")
                json.raw(bytes.part(body.lowerBound + 1..<body.upperBound - 1))
            }
            json.raw("}")
        }
        json.raw("]")
    }

    /// By the values of some keys, then by stream and record key. A missing value comes first.
    private func sort(
        _ members: inout [Int], of entries: ArraySlice<AccountRecords.Entry>, by order: [Range<Int>],
        _ bytes: UnsafeRawBufferPointer,
        _ texts: UnsafeRawBufferPointer
    ) {
        let width = order.count
        // Member by member.
        var values = [OrderValue](repeating: .none, count: members.count * width)
        for (position, member) in members.enumerated() {
            let body = bytes.part(entries[member].body)
            for index in 0..<width {
                values[position * width + index] = OrderValue(JSONMembers.value(of: texts.part(order[index]), in: body))
            }
        }
        let sorted = members.indices.sorted { left, right in
            for index in 0..<width {
                if let precedes = values[left * width + index].precedes(values[right * width + index]) {
                    return precedes
                }
            }
            let one = entries[members[left]]
            let other = entries[members[right]]
            if one.stream != other.stream { return streamNames[one.stream] < streamNames[other.stream] }
            return bytes.part(one.key).precedes(bytes.part(other.key))
        }
        members = sorted.map { members[$0] }
    }
}
