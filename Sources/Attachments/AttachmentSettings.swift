/// `attachments:` of the configuration: where photos and videos are kept, how large they may be, and for how long.
package struct AttachmentSettings: Sendable, Hashable {
    package var folder: String
    /// What stands before the path in an address that is handed out: `https://hearth.example`. A path alone without it.
    package var url = ""
    /// Bytes of one, as it is sent.
    package var mostBytes: Int64 = 20 << 20
    /// Bytes of all.
    package var mostTotal: Int64 = 10 << 30
    /// Hours in which an order must name it.
    package var keptUnnamedHours = 24
    /// Days after the last order that names it; nil keeps it for ever.
    package var keptDays: Int? = 365
    /// Uploads at once.
    package var mostUploads = 16
    /// Seconds in which one must come whole.
    package var uploadSeconds = 120

    package init(folder: String) { self.folder = folder }

    package static let path = "/v1/attachments/"

    /// Where a kept one can be had.
    package func address(of sha256: String) -> String { url + Self.path + sha256 }

    /// The SHA-256 that an address names; nil where it is none of ours.
    package func named(by address: String) -> String? {
        for start in [url + Self.path, Self.path] where address.hasPrefix(start) {
            return String(address.dropFirst(start.count))
        }
        return nil
    }
}
