import HeatModel

extension HearthError.Code {
    static let backupBadKey = Self("backup.badKey")
    static let backupDamaged = Self("backup.damaged")
    static let backupChanged = Self("backup.changed")
    static let backupNotReadable = Self("backup.notReadable")
    static let backupNotWritable = Self("backup.notWritable")
    static let backupFolderInUse = Self("backup.folderInUse")
    static let backupNotOne = Self("backup.notOne")
    static let backupStreamsBusy = Self("backup.streamsBusy")
}
