extension AccountFacts {
    /// Who holds the account: personal data.
    public struct Holder: Sendable, Hashable {
        public var name: String?
        public var phones: [String]?
        public var idNumber: String?

        /// Nothing stated.
        public init() {}
    }

    /// Marks on the account.
    public struct Flags: Sendable, Hashable {
        /// 低保.
        public var lowIncome: Bool?
        /// 稽查锁户.
        public var locked: Bool?
        public var blacklisted: Bool?
        public var elderly: Bool?

        /// Nothing stated.
        public init() {}
    }

    /// Areas in ㎡ and the ceiling height in m.
    public struct Areas: Sendable, Hashable {
        /// 建筑面积.
        public var building: ExactDecimal?
        /// 套内面积.
        public var inner: ExactDecimal?
        /// 使用面积.
        public var usable: ExactDecimal?
        /// 收费面积.
        public var billing: ExactDecimal?
        /// 停供面积.
        public var suspended: ExactDecimal?
        /// 公摊面积.
        public var shared: ExactDecimal?
        /// 层高.
        public var ceilingHeight: ExactDecimal?
        /// Which of the areas the account is charged by, where that is not the same everywhere the tariff holds.
        public var basis: Basis?

        public enum Basis: String, Sendable, CaseIterable {
            case building
            case inner
            case usable
            case billing
        }

        /// Nothing stated.
        public init() {}
    }

    /// State of the heat supply.
    public struct Supply: Sendable, Hashable {
        public enum State: String, Sendable, CaseIterable {
            case normal
            case stopped
            case partial
        }

        public enum Valve: String, Sendable, CaseIterable {
            case open
            case closed
            case disconnected
        }

        public var state: State?
        public var valve: Valve?

        /// Nothing stated.
        public init() {}
    }
}
