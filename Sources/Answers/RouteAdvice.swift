import HeatModel

extension Advice.Action {
    /// The route that does it; plain words where only the operator can.
    package var routeName: String {
        switch self {
        case .runs: "/v1/runs"
        case .status: "/v1/freshness"
        default: description
        }
    }
}
