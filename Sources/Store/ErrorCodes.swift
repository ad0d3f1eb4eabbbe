public import HeatModel

extension HearthError.Code {
    public static let runFenced = Self("run.fenced")
    public static let actionFenced = Self("action.fenced")
    static let usageBadAsOf = Self("usage.badAsOf")
}
