public import HeatModel

/// How amounts become money: each line, and then the bill.
public struct RoundingRule: Sendable, Hashable {
    /// The smallest money a rule knows.
    public enum Unit: String, Sendable, CaseIterable {
        /// 分
        case fen
        /// 角
        case jiao
        /// 元
        case yuan

        public var fen: Int64 {
            switch self {
            case .fen: 1
            case .jiao: 10
            case .yuan: 100
            }
        }
    }

    /// To which unit, and what becomes of the rest.
    public struct Step: Sendable, Hashable, CustomStringConvertible {
        public var unit: Unit
        public var mode: ExactDecimal.Rounding

        public init(_ unit: Unit, _ mode: ExactDecimal.Rounding) {
            self.unit = unit
            self.mode = mode
        }

        /// As in a tariff file: `fen halfUp`.
        public var description: String { "\(unit.rawValue) \(mode.rawValue)" }
    }

    public var line: Step
    /// What it takes from the sum of the lines, or adds, is posted as a line of its own (精度调整).
    public var total: Step

    public init(line: Step = Step(.fen, .halfUp), total: Step = Step(.fen, .halfUp)) {
        self.line = line
        self.total = total
    }
}
