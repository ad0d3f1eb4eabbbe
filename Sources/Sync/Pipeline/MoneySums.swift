import Glibc
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
        measures = entity.fields.filter { $0.type == .fen }.map {
            Measure(name: $0.jsonKey, needle: Array("\"\($0.jsonKey)\":".utf8))
        }
    }

    var isEmpty: Bool { measures.isEmpty }

    /// Adds a body's fields, `sign` times (1 or −1). The fields of a body stand in the order of the catalogue, as the
    /// measures do, so one pass finds them all.
    mutating func add(_ body: UnsafeRawBufferPointer, sign: Int64) {
        var next = 0
        var position = 0
        while next < measures.count, let end = Self.endOfKey(in: body, from: position) {
            position = end
            for index in next..<measures.count where Self.ends(body, at: end, with: measures[index].needle) {
                measures[index].count += sign
                measures[index].sum += sign * Self.integer(in: body, from: &position)
                next = index + 1
                break
            }
        }
    }

    /// Adds the sums of other bodies of the same entity.
    mutating func add(_ other: MoneySums) {
        for index in measures.indices {
            measures[index].count += other.measures[index].count
            measures[index].sum += other.measures[index].sum
        }
    }

    /// Index after the next `n":`, with which the key of every money field ends.
    private static func endOfKey(in body: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = body.baseAddress else { return nil }
        var index = start
        while index < body.count, let colon = memchr(base + index, 0x3A, body.count - index) {
            index = UnsafeRawPointer(colon) - base + 1
            if index > 2, body[index - 2] == 0x22, body[index - 3] == 0x6E { return index }
        }
        return nil
    }

    private static func ends(_ body: UnsafeRawBufferPointer, at end: Int, with needle: [UInt8]) -> Bool {
        let count = needle.count
        // The quote that a key begins with tells keys of other lengths at once.
        if count > end || body[end - count] != 0x22 { return false }
        return needle.withUnsafeBufferPointer { needle in
            for offset in 0..<count where body[end - count + offset] != needle[offset] { return false }
            return true
        }
    }

    private static func integer(in body: UnsafeRawBufferPointer, from position: inout Int) -> Int64 {
        let negative = position < body.count && body[position] == 0x2D
        if negative { position += 1 }
        var value: Int64 = 0
        while position < body.count, body[position] &- 0x30 <= 9 {
            value = value * 10 + Int64(body[position] &- 0x30)
            position += 1
        }
        return negative ? -value : value
    }

    mutating func reset() {
        for index in measures.indices {
            measures[index].count = 0
            measures[index].sum = 0
        }
    }
}
