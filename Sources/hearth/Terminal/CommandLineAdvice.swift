import HeatModel

extension Advice.Action {
    /// The command that does it.
    var commandLineName: String {
        switch self {
        case .initialize: "`hearth init`"
        case .check: "`hearth check`"
        case .preview(let stream): "`hearth preview \(stream)`"
        case .sync: "`hearth sync`"
        case .fullRefresh: "`hearth sync --full`"
        case .fullRefreshWithDeletes: "`hearth sync --full --allow-deletes`"
        case .status: "`hearth status`"
        case .runs: "`hearth runs`"
        case .verifyAudit: "`hearth audit verify`"
        case .rebuildStore: "`hearth replay`"
        }
    }
}

extension HearthError {
    /// The error as one line, with commands in its advice.
    var commandLineText: String { description(naming: \.commandLineName) }
}
