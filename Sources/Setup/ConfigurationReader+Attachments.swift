import Attachments
import ConfigurationFiles
import Foundation
import HeatModel
import Yams

extension ConfigurationReader {
    /// `attachments: {folder: …, most: 20, total: 10240, …}`, or what holds without it.
    ///
    /// - Parameter store: path of the store; without a setting the folder lies beside it.
    mutating func attachmentSettings(_ top: Section, store: String) -> AttachmentSettings {
        let beside = URL(fileURLWithPath: store).deletingLastPathComponent().appendingPathComponent(
            "hearth-attachments"
        )
        .path
        var settings = AttachmentSettings(folder: beside)
        guard let section = section(of: "attachments", in: top) else { return settings }
        expect(
            section, only: ["folder", "url", "most", "total", "keepUnnamed", "keep", "uploads", "timeout"],
            in: "attachments")
        if let folder = secret(of: "folder", in: section) { settings.folder = resolve(folder) }
        if let url = secret(of: "url", in: section) {
            let isAddress = ["https://", "http://"].contains { url.hasPrefix($0) && url != $0 }
            if isAddress, !url.hasSuffix("/"), url.utf8.count <= 100,
                url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            {
                settings.url = url
            } else {
                report(
                    .configBadValue,
                    "\"url\" must be an http or https address of at most 100 characters, without a slash at its end",
                    at: section["url"]!)
            }
        }
        let megabyte: Int64 = 1 << 20
        if let most = integer(of: "most", in: section, atLeast: 1, atMost: 4096) {
            settings.mostBytes = Int64(most) * megabyte
        }
        if let total = integer(of: "total", in: section, atLeast: 1, atMost: 1 << 30) {
            settings.mostTotal = Int64(total) * megabyte
        }
        if let hours = integer(of: "keepUnnamed", in: section, atLeast: 1, atMost: 8760) {
            settings.keptUnnamedHours = hours
        }
        if let days = keptDays(section) { settings.keptDays = days }
        if let count = integer(of: "uploads", in: section, atLeast: 1, atMost: 4096) { settings.mostUploads = count }
        if let time = seconds(of: "timeout", in: section, atLeast: 1) { settings.uploadSeconds = time }
        return settings
    }

    /// `keep:` of a section: days, or `for-ever`, which is nil in the value; nil where it is not stated.
    mutating func keptDays(_ section: Section, atLeast: Int = 1) -> Int?? {
        if case .scalar(let scalar)? = section["keep"], scalar.string == "for-ever" { return .some(nil) }
        return integer(of: "keep", in: section, atLeast: atLeast, atMost: 36_500).map { .some($0) }
    }
}
