/// What may be kept: what phones take photos and videos in, and every browser shows.
package enum AttachmentKind: String, CaseIterable, Sendable {
    case jpeg = "image/jpeg"
    case png = "image/png"
    case mp4 = "video/mp4"

    /// Of its file's name.
    package var ending: String {
        switch self {
        case .jpeg: "jpg"
        case .png: "png"
        case .mp4: "mp4"
        }
    }

    /// As many bytes tell what a file is.
    static let markCount = 12

    /// What the first ``markCount`` bytes of a file say that it is; nil where it is none of these.
    init?(mark: [UInt8]) {
        if mark.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if mark.starts(with: PNGFilter.signature) {
            self = .png
        } else if mark.count >= 12, mark[4..<8].elementsEqual("ftyp".utf8),
            // The same container holds HEIC images and QuickTime films, which are other types.
            ["iso", "mp4", "avc1", "M4V", "MSNV", "dash"].contains(where: { mark[8...].starts(with: $0.utf8) })
        {
            self = .mp4
        } else {
            return nil
        }
    }

    func makeFilter() -> any MediaFilter {
        switch self {
        case .jpeg: JPEGFilter()
        case .png: PNGFilter()
        case .mp4: MP4Filter()
        }
    }
}
