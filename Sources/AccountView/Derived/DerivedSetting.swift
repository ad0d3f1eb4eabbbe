/// Names of the store's settings that tell with what its derived tables were made.
public enum DerivedSetting {
    /// The version of `unified.yaml` that all views were built by.
    public static let unified = "unified.version"
    /// The rules that all groups of peers were made under.
    public static let peers = "cohorts.rules"
    /// How far the records of a store of an earlier version have stated their places and ids; empty or absent when all have.
    public static let restated = "statements.restated"

    /// The version of its mapping file that all records of a stream were mapped with.
    public static func mapping(of stream: String) -> String { "mapping of \(stream)" }
}
