import Answers
import Attachments
import HeatModel

/// A photo or video that a connection takes in: who sends it, and where its bytes go.
struct IncomingFile {
    var caller: Caller
    /// Given back when nothing holds it any more.
    var place: StreamLimits.Place
    /// Nil until the folder has made room for it.
    var upload: AttachmentUpload?
}

extension Problem {
    /// Why a photo or video is not taken.
    init(refusing error: HearthError) {
        let (status, code, title) =
            switch error.code {
            case .attachmentTooLarge: (413, "attachment-too-large", "The photo or video is too large")
            case .attachmentNotAllowed: (415, "unsupported-media-type", "The file is not of a type that is taken")
            case .attachmentBroken: (400, "attachment-broken", "The file is damaged")
            case .attachmentFolderFull: (507, "attachments-full", "No more photos or videos can be kept")
            default: (500, "internal", "The file could not be kept")
            }
        // What the system said of the folder is for the log alone.
        let isInside = status == 500 || status == 507
        self.init(
            status, code, title, detail: isInside ? "report the fault without it" : error.message,
            parameter: status == 415 ? "Content-Type" : nil)
        underlying = isInside ? error : nil
    }
}
