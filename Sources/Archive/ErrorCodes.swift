package import HeatModel

extension HearthError.Code {
    static let archiveFailed = Self("archive.failed")
    package static let archiveMissing = Self("archive.missing")
    static let archiveOtherStore = Self("archive.otherStore")
}
