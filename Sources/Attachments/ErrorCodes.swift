package import HeatModel

extension HearthError.Code {
    package static let attachmentTooLarge = Self("attachment.tooLarge")
    package static let attachmentNotAllowed = Self("attachment.notAllowed")
    package static let attachmentBroken = Self("attachment.broken")
    package static let attachmentFolderFull = Self("attachment.folderFull")
    static let attachmentCannotRead = Self("attachment.cannotRead")
    package static let attachmentCannotWrite = Self("attachment.cannotWrite")
}
