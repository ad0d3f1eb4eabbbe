/// What a run wrote down of itself while it worked: its begin, its batches, what it noticed, its end. Without customer data, and bounded.
public struct RunLog: Hashable, Sendable, Codable {
    public enum Level: String, Hashable, Sendable, Codable {
        case info, warning, error
    }

    public struct Line: Hashable, Sendable, Codable {
        /// Milliseconds since the run began.
        public var after: Int64
        public var level: Level
        public var text: String

        public init(after: Int64, _ level: Level, _ text: String) {
            self.after = after
            self.level = level
            self.text = text
        }
    }

    public private(set) var lines: [Line] = []
    /// How many more there were.
    public private(set) var leftOut: Int64 = 0

    /// So many lines are kept of one run, and beyond them the last one.
    public static let most = 120
    /// Characters of a line.
    public static let longest = 500
    /// The logs of so many runs are kept.
    public static let mostRuns: Int64 = 10_000

    public init() {}

    public mutating func add(_ line: Line) {
        var line = line
        if line.text.count > Self.longest { line.text = line.text.prefix(Self.longest - 1) + "…" }
        if lines.count > Self.most {
            lines.removeLast()
            leftOut += 1
        }
        lines.append(line)
    }
}
