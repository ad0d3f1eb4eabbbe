public import HeatModel

/// An account view as typed values, each with the record that states it: what explanations and answers are made from.
///
/// It reads a view from the store as well as one that was rebuilt as of an earlier instant. A field that the view lacks, or states in
/// a way that its type does not know, is nil.
public struct AccountContext: Sendable {
    /// A record as the view names it.
    public struct Reference: Sendable, Hashable {
        /// `billing.charges`
        public var source: String
        /// The record's key in its stream; the parts of a key of several columns are joined by U+001F.
        public var key: String

        public init(source: String, key: String) {
            self.source = source
            self.key = key
        }

        /// By the key alone, which distinguishes most records.
        public func hash(into hasher: inout Hasher) { hasher.combine(key) }
    }

    /// A value with the record that states it.
    public struct Sourced<Value: Sendable>: Sendable {
        public var value: Value
        public var source: Reference

        public init(_ value: Value, from source: Reference) {
            self.value = value
            self.source = source
        }
    }

    /// What the systems say of a fact on which they disagree.
    public struct Disagreement: Sendable, Hashable {
        public struct Statement: Sendable, Hashable {
            public var stream: String
            /// As JSON states it, without quotes.
            public var value: String
        }

        /// `area_building`
        public var field: String
        public var values: [Statement]
    }

    public internal(set) var number = ""
    public internal(set) var facts = AccountFacts()
    /// The records that state facts, with the JSON keys of the facts that the view has from each.
    public internal(set) var factSources: [(source: Reference, fields: [String])] = []
    /// JSON keys of the facts that no system states.
    public internal(set) var missing: [String] = []
    public internal(set) var disagreements: [Disagreement] = []
    /// Those that count: one that repeats another stream's is left out.
    public internal(set) var charges: [Sourced<Charge>] = []
    public internal(set) var payments: [Sourced<Payment>] = []
    public internal(set) var readings: [Sourced<MeterReading>] = []
    public internal(set) var suspensions: [Sourced<Suspension>] = []
    public internal(set) var disconnections: [Sourced<Disconnection>] = []
    public internal(set) var temperatures: [Sourced<RoomTemperature>] = []
    /// Lists that the view has, though they may be empty: a list that is not configured is not there.
    public internal(set) var lists: Set<String> = []

    public init(view: [UInt8]) {
        view.withUnsafeBytes { read($0) }
    }

    public init(view: UnsafeRawBufferPointer) { read(view) }

    /// The record that the view has a fact from.
    public func source(of field: String) -> Reference? {
        factSources.first { $0.fields.contains(field) }?.source
    }
}
