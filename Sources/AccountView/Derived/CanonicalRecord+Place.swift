public import Mapping
public import Records
public import Store

extension UnsafeRawBufferPointer {
    /// The bytes of a slice, nil for none.
    @inlinable
    public func slice(_ slice: ByteRange) -> UnsafeRawBufferPointer? {
        slice.isNone
            ? nil : UnsafeRawBufferPointer(rebasing: self[Int(slice.offset)..<Int(slice.offset) + Int(slice.length)])
    }

    /// The text of a slice, empty for none.
    public func text(_ slice: ByteRange) -> String {
        self.slice(slice).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

extension CanonicalRecord {
    /// The place that the record names; what it does not say is an empty text. `bytes` are those of the record's batch.
    public func place(in bytes: UnsafeRawBufferPointer) -> PlaceKey {
        PlaceKey(
            community: bytes.text(community), building: bytes.text(building), unit: bytes.text(unit),
            room: bytes.text(room))
    }

    /// The place at which the record's account stands, as far as this record is concerned: nil where it names no community, and of a
    /// voided record, which says nothing of the present.
    public func statedPlace(in bytes: UnsafeRawBufferPointer) -> PlaceKey? {
        isVoided || community.length <= 0 ? nil : place(in: bytes)
    }

    /// The id by which another system knows the account, as far as this record is concerned.
    public func registeredID(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        isVoided || registersID.length <= 0 ? nil : bytes.slice(registersID)
    }
}
