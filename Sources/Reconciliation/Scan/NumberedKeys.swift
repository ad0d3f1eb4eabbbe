/// Numbers keys in the order in which they come, from 0: a dictionary's hash, which nobody can foresee, costs as much as the rest of a record's
/// counting, and these keys are made of numbers that this program gave.
struct NumberedKeys {
    private(set) var keys: [UInt64] = []
    /// Numbers of keys; −1 where there is none. Twice as many as keys or more.
    private var slots = [Int32](repeating: -1, count: 256)
    private var shift: UInt64 = 56
    private var last = 0

    mutating func number(of key: UInt64) -> Int {
        // Records in a row mostly have the same, or what followed it the first time.
        if last < keys.count, keys[last] == key { return last }
        if last + 1 < keys.count, keys[last + 1] == key {
            last += 1
            return last
        }
        var slot = slot(of: key)
        while slots[slot] >= 0 {
            last = Int(slots[slot])
            if keys[last] == key { return last }
            slot = (slot + 1) & (slots.count - 1)
        }
        last = keys.count
        slots[slot] = Int32(last)
        keys.append(key)
        if keys.count * 2 > slots.count { grow() }
        return last
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        shift -= 1
        for (number, key) in keys.enumerated() {
            var slot = slot(of: key)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(number)
        }
    }

    private func slot(of key: UInt64) -> Int { Int((key &* 0x9E37_79B9_7F4A_7C15) >> shift) }
}
