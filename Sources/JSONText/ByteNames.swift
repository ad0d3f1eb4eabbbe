/// Finds which of some names bytes are, without making a string of them.
public struct ByteNames: Sendable {
    private struct Entry: Sendable {
        var place: Int
        var start: Int
        var count: Int
    }

    /// Four times as many slots as names or more, so that a slot is seldom taken; then the next one is.
    private var slots: [Entry?]
    private var bytes: [UInt8] = []

    /// - Parameter names: each once.
    public init(_ names: [String]) {
        var size = 8
        while size < names.count * 4 { size *= 2 }
        slots = Array(repeating: nil, count: size)
        for (place, name) in names.enumerated() {
            let utf8 = Array(name.utf8)
            var slot = utf8.withUnsafeBytes { Self.hash($0) } & (size - 1)
            while slots[slot] != nil { slot = (slot + 1) & (size - 1) }
            slots[slot] = Entry(place: place, start: bytes.count, count: utf8.count)
            bytes += utf8
        }
    }

    /// The name's place among the names; nil where it is none of them.
    public func place(of text: UnsafeRawBufferPointer) -> Int? {
        var slot = Self.hash(text) & (slots.count - 1)
        return bytes.withUnsafeBytes { bytes in
            while let entry = slots[slot] {
                if entry.count == text.count, bytes.part(entry.start..<entry.start + entry.count).equals(text) {
                    return entry.place
                }
                slot = (slot + 1) & (slots.count - 1)
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

/// The same for the cases of an enumeration.
public struct CaseNames<Case: RawRepresentable<String> & CaseIterable & Sendable>: Sendable {
    private let cases = Array(Case.allCases)
    private let names = ByteNames(Case.allCases.map(\.rawValue))

    public init() {}

    public subscript(_ text: UnsafeRawBufferPointer) -> Case? { names.place(of: text).map { cases[$0] } }
}
