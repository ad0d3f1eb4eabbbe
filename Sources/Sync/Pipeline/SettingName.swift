import AccountView
import Records

/// Names under which the engine keeps, in the store, what must outlive a process that ends at any instant.
enum SettingName {
    /// The last run that brought accounts in, or taught the crosswalk, while records may wait for them in quarantine.
    static let accountsChangedBy = "accounts changed by run"

    /// In place of a mapping's version: not all records of the stream were mapped with the same.
    static let mixed = "mixed"

    /// The version of the mapping file that all records of a stream were mapped with, or ``mixed``.
    static func mapping(of stream: StreamName) -> String { DerivedSetting.mapping(of: stream.description) }

    /// Set while some records of a stream can only be brought up to its mapping by reading the source anew.
    static func needsFullPull(_ stream: StreamName) -> String { "full pull needed of \(stream)" }

    /// Set once the keys that a stream holds have no trailing blanks.
    static func keysTrimmed(_ stream: StreamName) -> String { "keys trimmed of \(stream)" }

    /// The first full pull of a stream that did not reach its end: what was read before it counts as unread, since older files
    /// may have been taken again over newer ones.
    static func rereadSince(_ stream: StreamName) -> String { "reread of \(stream) since run" }
}
