public import HeatModel

extension HearthError.Code {
    public static let runFenced = Self("run.fenced")
    public static let actionFenced = Self("action.fenced")
    public static let eventsGone = Self("events.gone")
    public static let storeBehind = Self("store.behind")
    public static let storeCommitUnknown = Self("store.commitUnknown")
    public static let storeDisconnected = Self("store.disconnected")
    public static let storeReplica = Self("store.replica")
    public static let storeUnreachable = Self("store.unreachable")
    public static let webhookFenced = Self("webhook.fenced")
    static let usageBadAsOf = Self("usage.badAsOf")
}
