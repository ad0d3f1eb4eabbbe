/// Short texts kept under names (which mappings the views were built with, …).
public protocol SettingReader {
    /// Nil where nothing was ever kept under the name. One keyed read.
    func setting(_ name: String) throws -> String?
}

public protocol SettingWriter: SettingReader {
    /// Replaces what was kept under the name. One keyed write.
    func setSetting(_ name: String, _ value: String) throws
}
