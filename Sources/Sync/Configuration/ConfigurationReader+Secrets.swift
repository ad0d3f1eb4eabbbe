import ConfigurationFiles
import Foundation
import HeatModel
import Yams

/// Settings that mostly stand outside of the configuration, and the paths in it. ``OutsideValues`` has filled them in before a
/// section is read.
extension ConfigurationReader {
    /// A setting that must be there and say something.
    mutating func requiredSecret(_ name: String, in section: Section, of what: String) -> String? {
        guard section[name] != nil else {
            report("config.missingKey", "\(what) needs \"\(name)\"", at: section.place)
            return nil
        }
        guard let value = secret(of: name, in: section) else { return nil }
        if value.isEmpty {
            report("config.badValue", "\"\(name)\" must not be empty", at: section[name]!)
            return nil
        }
        return value
    }

    mutating func secret(of name: String, in section: Section) -> String? { text(of: name, in: section) }

    mutating func secrets(of name: String, in section: Section) -> [String]? { texts(of: name, in: section) }

    /// A path as seen from the configuration's folder.
    func resolve(_ file: String) -> String {
        if file.hasPrefix("/") { return file }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        return URL(fileURLWithPath: file, relativeTo: folder).standardizedFileURL.path
    }
}
