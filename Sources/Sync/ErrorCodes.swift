package import HeatModel

extension HearthError.Code {
    static let archiveBrokenOff = Self("archive.brokenOff")
    static let archiveEmpty = Self("archive.empty")
    static let archiveMismatch = Self("archive.mismatch")
    package static let matchNoEntry = Self("match.noEntry")
    package static let matchNotCandidate = Self("match.notCandidate")
    package static let matchNotOpen = Self("match.notOpen")
    static let runBusy = Self("run.busy")
    static let runCountMismatch = Self("run.countMismatch")
    static let runCursorBack = Self("run.cursorBack")
    static let runDeleteFuse = Self("run.deleteFuse")
    static let runFailed = Self("run.failed")
    static let runIncomplete = Self("run.incomplete")
    static let runNeedsSync = Self("run.needsSync")
    static let runNotWhole = Self("run.notWhole")
    static let runQuarantined = Self("run.quarantined")
    static let runUnbalanced = Self("run.unbalanced")
    static let runUnended = Self("run.unended")
    static let runUnproven = Self("run.unproven")
    static let sourceFailed = Self("source.failed")
    static let usageStoreNotEmpty = Self("usage.storeNotEmpty")
}
