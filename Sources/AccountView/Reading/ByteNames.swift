/// Finds the case of an enumeration that bytes name, without making a string of them.
struct ByteNames<Name: RawRepresentable<String> & CaseIterable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var name: Name
        var start: Int
        var count: Int
    }

    /// Four times as many places as names or more, so that a place is seldom taken; then the next one is.
    private var places: [Entry?]
    private var bytes: [UInt8] = []

    init() {
        let names = Array(Name.allCases)
        var size = 8
        while size < names.count * 4 { size *= 2 }
        places = Array(repeating: nil, count: size)
        for name in names {
            let utf8 = Array(name.rawValue.utf8)
            var place = utf8.withUnsafeBytes { Self.hash($0) } & (size - 1)
            while places[place] != nil { place = (place + 1) & (size - 1) }
            places[place] = Entry(name: name, start: bytes.count, count: utf8.count)
            bytes += utf8
        }
    }

    subscript(_ text: UnsafeRawBufferPointer) -> Name? {
        var place = Self.hash(text) & (places.count - 1)
        return bytes.withUnsafeBytes { bytes in
            while let entry = places[place] {
                if entry.count == text.count, bytes.part(entry.start..<entry.start + entry.count).equals(text) {
                    return entry.name
                }
                place = (place + 1) & (places.count - 1)
            }
            return nil
        }
    }

    /// Of the length and three of the bytes.
    private static func hash(_ text: UnsafeRawBufferPointer) -> Int {
        let count = text.count
        if count == 0 { return 0 }
        return count &+ Int(text[0]) &* 3 &+ Int(text[count / 2]) &* 7 &+ Int(text[count - 1]) &* 13
    }
}
