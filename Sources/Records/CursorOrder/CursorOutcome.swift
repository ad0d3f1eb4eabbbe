public import HeatModel

/// Values of a cursor column that do not move the cursor.
public struct CursorStrays: Hashable, Sendable {
    public var rows = 0
    /// One of them: a time or a number as it stands, of any other text its shape only.
    public var example: String?

    public init(rows: Int = 0, example: String? = nil) {
        self.rows = rows
        self.example = example
    }
}

/// What a column of cursor values comes to.
public struct CursorOutcome: Sendable {
    /// As declared, or as recognised from the values; nil where it is not known.
    public var order: CursorOrder?
    /// Values that were looked at, NULLs not counted.
    public var values: Int
    /// The greatest value that is progress, as it stands; nil where none is.
    public var progress: String?
    /// What lies ahead of anything that can be progress: a time to come, a sentinel, a number far above all others.
    public var ahead = CursorStrays()
    /// What is no value of the order: `N/A`, an empty text, a placeholder such as 1900-01-01.
    public var unusable = CursorStrays()
    /// Why the column cannot be followed as it is configured.
    public var refusal: String?

    public init(order: CursorOrder?, values: Int) {
        self.order = order
        self.values = values
    }

    /// The refusal as an error.
    public func error(column: String, at place: Place?) -> HearthError? {
        guard let refusal else { return nil }
        return HearthError(
            .configCursorOrder, "cursor column \(column): \(refusal)", at: place,
            advice:
                "Declare the spelling with cursorFormat (\(CursorOrder.words.joined(separator: ", ")) or a format such as yyyy/M/d H:mm:ss), or choose another cursor column."
        )
    }
}
