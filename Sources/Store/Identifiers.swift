/// The store's own number of a thing, never shown as if it were a legacy number.
@frozen
public struct StoreID<Entity>: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    public var number: Int64

    @inlinable
    public init(_ number: Int64) { self.number = number }

    @inlinable public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
    public var description: String { String(number) }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Int64.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(number)
    }
}

public enum StreamEntity {}
public enum RunEntity {}
public enum OriginEntity {}
public enum AccountEntity {}
public enum RecordEntity {}
public enum QuarantineEntity {}

public typealias StreamID = StoreID<StreamEntity>
public typealias RunID = StoreID<RunEntity>
public typealias OriginID = StoreID<OriginEntity>
public typealias AccountID = StoreID<AccountEntity>
public typealias RecordID = StoreID<RecordEntity>
public typealias QuarantineID = StoreID<QuarantineEntity>
public enum ActionEntity {}
public typealias ActionID = StoreID<ActionEntity>
public enum NoticeEntity {}
public typealias NoticeID = StoreID<NoticeEntity>
