public import HeatModel
public import Records

/// `unified.yaml`: which stream wins for each fact of the account view, and in which order its lists stand.
public struct UnifiedView: Sendable {
    /// One fact of an account.
    public struct Fact: Sendable {
        public var field: FieldDefinition
        /// The first of these that states the fact wins.
        public var from: [StreamName]
        /// Numbers that differ by no more are no disagreement; nil asks for equality.
        public var tolerance: ExactDecimal?
    }

    /// A list of an account's records.
    public struct List: Sendable {
        public var name: String
        public var from: [StreamName]
        /// JSON keys, the weightiest first.
        public var order: [String]
    }

    public var facts: [Fact]
    public var lists: [List]
    /// SHA-256 of the file's bytes, lower-case hex.
    public var version: String
}
