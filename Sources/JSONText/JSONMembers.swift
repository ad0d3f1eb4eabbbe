/// The members of a JSON object, or the elements of an array, as they stand: each value is the range of its JSON text.
///
/// ```swift
/// var members = JSONMembers(facts)
/// while let (key, value) = members.next() { print(key.text, value.text) }
/// ```
public struct JSONMembers {
    private var cursor: JSONCursor
    private let isObject: Bool

    /// - Parameter bytes: `{…}` or `[…]` without blanks; anything else has no members.
    public init(_ bytes: UnsafeRawBufferPointer) {
        cursor = JSONCursor(bytes: bytes)
        isObject = cursor.beginObject()
        if !isObject, !cursor.beginArray() { cursor = JSONCursor(bytes: UnsafeRawBufferPointer(start: nil, count: 0)) }
    }

    /// The next key (without quotes; empty in an array) and value; nil after the last.
    public mutating func next() -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        var key = UnsafeRawBufferPointer(start: nil, count: 0)
        if isObject {
            guard let name = cursor.nextKey() else { return nil }
            key = name
        } else if !cursor.nextElement() {
            return nil
        }
        let value = cursor.value()
        return value.isEmpty ? nil : (key, value)
    }

    /// The value of an object's key.
    public static func value(of key: StaticString, in object: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        key.withUTF8Buffer { value(of: UnsafeRawBufferPointer($0), in: object) }
    }

    public static func value(
        of key: UnsafeRawBufferPointer, in object: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer? {
        var cursor = JSONCursor(bytes: object)
        guard cursor.beginObject() else { return nil }
        while let name = cursor.nextKey() {
            if name.equals(key) { return cursor.value() }
            cursor.skip()
        }
        return nil
    }
}
