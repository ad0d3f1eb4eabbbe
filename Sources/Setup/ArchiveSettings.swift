import ConfigurationFiles
import HeatModel
import Yams

/// Where the bytes that are pulled are kept, and for how long.
package struct ArchiveSettings: Sendable, Hashable {
    package var folder: String
    /// Days; nil keeps them for ever.
    package var keptDays: Int?
    /// Whether an object is on the disk before its records are in the store; false only where power failures do not matter.
    package var isSynced: Bool

    package init(folder: String, keptDays: Int? = nil, isSynced: Bool = true) {
        self.folder = folder
        self.keptDays = keptDays
        self.isSynced = isSynced
    }
}

extension ConfigurationReader {
    /// `archive: off`, or `archive: {folder: archive, keep: 730}`. Without it nothing is archived.
    mutating func archiveSettings(_ top: Section, store: String) -> ArchiveSettings? {
        guard let node = top["archive"] else { return nil }
        if case .scalar(let scalar) = node, scalar.string == "off" || scalar.string == "false" { return nil }
        guard let section = section(of: "archive", in: top) else { return nil }
        expect(section, only: ["folder", "keep"], in: "archive")
        var settings = ArchiveSettings(folder: resolve("archive"))
        if let folder = secret(of: "folder", in: section) { settings.folder = resolve(folder) }
        if section["keep"] != nil { settings.keptDays = integer(of: "keep", in: section, atLeast: 1, atMost: 36_500) }
        return settings
    }
}
