import HeatModel

/// Count and sum of each money field of some canonical bodies, read straight from their JSON.
///
/// A canonical body is flat and its money keys end in `_fen`, so a field is found by its quoted key.
struct MoneySums {
    struct Measure {
        /// JSON key: `due_fen`.
        let name: String
        /// `"due_fen":`
        let needle: [UInt8]
        var count: Int64 = 0
        var sum: Int64 = 0
    }

    private(set) var measures: [Measure]

    init(entity: EntityKind) {
        measures = entity.fields.filter { $0.type == .fen }.map { Measure(name: $0.jsonKey, needle: Array("\"\($0.jsonKey)\":".utf8)) }
    }

    var isEmpty: Bool { measures.isEmpty }

    /// Adds a body's fields, `sign` times (1 or −1). The fields of a body stand in the order of the catalogue, as the
    /// measures do, so one pass finds them all.
    mutating func add(_ body: UnsafeRawBufferPointer, sign: Int64) {
        var position = 0
        for index in measures.indices {
            guard let value = Self.value(of: measures[index].needle, in: body, from: &position) else { continue }
            measures[index].count += sign
            measures[index].sum += sign * value
        }
    }

    private static func value(of needle: [UInt8], in body: UnsafeRawBufferPointer, from position: inout Int) -> Int64? {
        let count = body.count
        let length = needle.count
        var index = position
        return needle.withUnsafeBufferPointer { needle in
            // The last two bytes of a needle (`":`) after `n` are rare in a body; test them first.
            search: while index + length < count {
                if body[index + length - 1] != 0x3A || body[index + length - 3] != 0x6E {
                    index += 1
                    continue
                }
                for offset in 0..<length where body[index + offset] != needle[offset] {
                    index += 1
                    continue search
                }
                index += length
                let negative = body[index] == 0x2D
                if negative { index += 1 }
                var value: Int64 = 0
                while index < count, body[index] &- 0x30 <= 9 {
                    value = value * 10 + Int64(body[index] &- 0x30)
                    index += 1
                }
                position = index
                return negative ? -value : value
            }
            return nil
        }
    }

    mutating func reset() {
        for index in measures.indices {
            measures[index].count = 0
            measures[index].sum = 0
        }
    }
}
