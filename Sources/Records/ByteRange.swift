/// Where a text lies in a buffer: a field in the bytes of its batch, a key or a body in those of a canonical batch.
///
/// A length of −1 is no text at all (NULL in a source), 0 an empty one.
@frozen
public struct ByteRange: Hashable, Sendable {
    public var offset: UInt32
    public var length: Int32

    @inlinable
    public init(offset: UInt32, length: Int32) {
        self.offset = offset
        self.length = length
    }

    @inlinable public static var none: ByteRange { ByteRange(offset: 0, length: -1) }
    @inlinable public var isNone: Bool { length < 0 }
}
