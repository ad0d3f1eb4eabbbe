public import HeatModel

/// What accounts must have in common to be compared, besides where they are: the season, the class and the method.
public struct CohortKind: Hashable, Sendable {
    /// The year in which the season starts.
    public var season: Int
    public var `class`: AccountFacts.Class
    public var method: AccountFacts.Method

    public init(season: Int, class: AccountFacts.Class, method: AccountFacts.Method) {
        self.season = season
        self.class = `class`
        self.method = method
    }

    /// As the store names it.
    public var number: Int64 {
        let method =
            switch method {
            case .byArea: 0
            case .metered: 1
            case .twoPart: 2
            }
        return Int64(season * 8 + (self.class == .unit ? 4 : 0) + method)
    }
}
