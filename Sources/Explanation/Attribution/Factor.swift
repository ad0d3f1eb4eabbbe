/// What may make one bill differ from another. The order is the fixed one in which ties are settled.
package enum Factor: Int, Sendable, CaseIterable {
    /// The charged area as a whole, where its inner and shared part are not both known.
    case area
    case innerArea
    case sharedArea
    /// Heat used a ㎡.
    case intensity
    /// The prices, and whatever else the version of the tariff says.
    case price
    case method
    case height
    case sharedLine
    case days
    case suspension
    case concession

    /// `inner_area`
    package var name: String {
        switch self {
        case .area: "area"
        case .innerArea: "inner_area"
        case .sharedArea: "shared_area"
        case .intensity: "intensity"
        case .price: "price"
        case .method: "method"
        case .height: "height"
        case .sharedLine: "shared_line"
        case .days: "days"
        case .suspension: "suspension"
        case .concession: "concession"
        }
    }
}
