/// Names under which rooms keep, in the store, what must outlive a process that ends at any instant. Every name stands here, so that no
/// two rooms take the same one. What an existing store holds is found by these texts: they never change.
public struct SettingName: Sendable, Hashable {
    public let text: String

    private init(_ text: String) { self.text = text }

    // MARK: Sync

    /// The last run that brought accounts in, or taught the crosswalk, while records may wait for them in quarantine.
    public static let accountsChangedBy = SettingName("accounts changed by run")

    /// The version of the mapping file that all records of a stream were mapped with, or ``mixed``.
    public static func mapping(of stream: String) -> SettingName { .init("mapping of \(stream)") }

    /// In place of a mapping's version: not all records of the stream were mapped with the same.
    public static let mixed = "mixed"

    /// Set while some records of a stream can only be brought up to its mapping by a full reading of the source.
    public static func needsFullPull(_ stream: String) -> SettingName { .init("full pull needed of \(stream)") }

    /// Set once the keys that a stream holds have no trailing blanks.
    public static func keysTrimmed(_ stream: String) -> SettingName { .init("keys trimmed of \(stream)") }

    /// The first full pull of a stream that did not reach its end: what was read before it counts as unread, since older files
    /// may have been taken again over newer ones.
    public static func rereadSince(_ stream: String) -> SettingName { .init("reread of \(stream) since run") }

    /// The number of the account that a person has said a record is of; empty where that was withdrawn.
    public static func decidedAccount(ofKey key: UnsafeRawBufferPointer, in stream: String) -> SettingName {
        .init("account decided of \(stream) \(String(decoding: key, as: UTF8.self))")
    }

    // MARK: Derived tables

    /// The version of `unified.yaml`, and the form of view, that all views were built by.
    public static let unified = SettingName("unified.version")

    /// The rules that all groups of peers were made under.
    public static let peers = SettingName("cohorts.rules")

    /// The rules that groups of peers are being made under.
    public static let peersBegun = SettingName("cohorts.rules.begun")

    /// How far the records of a store of an earlier version have stated their places and ids, as stream and record; empty or absent
    /// when all have. The store's migration sets it.
    public static let restated = SettingName("statements.restated")

    // MARK: Events

    /// The outages of a stream that begin, or end, by the clock alone, and when.
    public static func outagesAhead(_ stream: StreamID) -> SettingName { .init("outages ahead of stream \(stream.number)") }

    // MARK: Notices

    /// How far the change feed was looked at for notices, and the rules by which.
    public static let noticesSeen = SettingName("notices.seen")

    /// The outages, each with its phase, whose notices are planned.
    public static let noticesOutages = SettingName("notices.outages")

    // MARK: Messages

    /// Whose words at the desk were last looked for on their way to customers: since when, the last hand-off that was known, and those that
    /// were open then.
    public static let personsWords = SettingName("messages.persons")

    // MARK: Copies

    /// Set in a store while it is made as a copy of another one, and is none yet.
    public static let unfinishedCopy = SettingName("store copy unfinished")

    // MARK: Evidence

    /// What the store's runs are known by in the archive.
    public static let archiveStamp = SettingName("archive stamp")

    /// Where a log stood when the chain last noted it.
    public static func head(ofLog name: String, of gateway: String) -> SettingName {
        .init("audit head of \(gateway)/\(name)")
    }

    /// SHA-256 of the manifest that the chain last noted of a folder.
    public static func manifest(of folder: String) -> SettingName { .init("audit manifest \(folder)") }

    /// The last manifest of a kind of reconciliation.
    public static func reconciliation(_ scope: String) -> SettingName { .init("reconciliation.manifest \(scope)") }
}

extension SettingReader {
    public func setting(_ name: SettingName) throws -> String? { try setting(name.text) }
}

extension SettingWriter {
    public func setSetting(_ name: SettingName, _ value: String) throws { try setSetting(name.text, value) }
}
