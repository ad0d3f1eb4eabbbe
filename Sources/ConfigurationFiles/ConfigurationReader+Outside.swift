import HeatModel
import Yams

/// Settings that mostly stand outside of the configuration, filled in before a section is read.
extension ConfigurationReader {
    /// A setting that must be there and say something.
    package mutating func requiredSecret(_ name: String, in section: Section, of what: String) -> String? {
        guard section[name] != nil else {
            report(.configMissingKey, "\(what) needs \"\(name)\"", at: section.place)
            return nil
        }
        guard let value = secret(of: name, in: section) else { return nil }
        if value.isEmpty {
            report(.configBadValue, "\"\(name)\" must not be empty", at: section[name]!)
            return nil
        }
        return value
    }

    package mutating func secret(of name: String, in section: Section) -> String? { text(of: name, in: section) }

    package mutating func secrets(of name: String, in section: Section) -> [String]? { texts(of: name, in: section) }
}
