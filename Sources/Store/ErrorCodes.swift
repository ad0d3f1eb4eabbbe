public import HeatModel

extension HearthError.Code {
    public static let runFenced = Self("run.fenced")
    static let usageBadAsOf = Self("usage.badAsOf")
}
