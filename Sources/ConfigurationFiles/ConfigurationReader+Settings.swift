import Foundation
import HeatModel
import Yams

/// Typed settings of a section, each problem noted where it stands.
extension ConfigurationReader {
    package mutating func text(of name: String, in section: Section) -> String? {
        section[name].flatMap { text($0, "\"\(name)\"") }
    }

    package mutating func required(_ name: String, in section: Section, of what: String) -> String? {
        guard let node = section[name] else {
            report(.configMissingKey, "\(what) needs \"\(name)\"", at: section.place)
            return nil
        }
        return self.name(node, "\"\(name)\"")
    }

    package mutating func flag(of name: String, in section: Section) -> Bool? {
        section[name].flatMap { flag($0, "\"\(name)\"") }
    }

    package mutating func integer(
        of name: String, in section: Section, atLeast: Int = 0, atMost: Int = .max
    ) -> Int? {
        guard let node = section[name], let text = text(node, "\"\(name)\"") else { return nil }
        guard let value = Int(text), value >= atLeast, value <= atMost else {
            let bound = atMost == .max ? "" : " and at most \(atMost)"
            report(.configBadValue, "\"\(name)\" must be a whole number, at least \(atLeast)\(bound)", at: node)
            return nil
        }
        return value
    }

    /// A time in whole seconds, some thirty years at most: what is made of it (milliseconds, microseconds) is a number, too.
    package mutating func seconds(of name: String, in section: Section, atLeast: Int = 0) -> Int? {
        integer(of: name, in: section, atLeast: atLeast, atMost: 1_000_000_000)
    }

    package mutating func texts(of name: String, in section: Section) -> [String]? {
        section[name].flatMap { list($0, "\"\(name)\"") }?.map(\.text)
    }

    /// A path as seen from the configuration's folder.
    package func resolve(_ file: String) -> String {
        if file.hasPrefix("/") { return file }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        return URL(fileURLWithPath: file, relativeTo: folder).standardizedFileURL.path
    }

    package mutating func section(of name: String, in section: Section) -> Section? {
        let path = "\(section.name)/\(name)"
        if let node = section[name] { return self.section(node, "\"\(name)\"", named: path) }
        return survey?.offer(path) == true ? Section(place: section.place, entries: [], name: path) : nil
    }

    /// A column of another stream of the source: `accounts.yhid`. Nil where the section does not name one.
    package mutating func column(of name: String, in section: Section) -> (stream: String, column: String)? {
        guard let text = text(of: name, in: section), let node = section[name] else { return nil }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty { return (parts[0], parts[1]) }
        report(.configBadValue, "\"\(name)\" must be STREAM.COLUMN, as in accounts.id", at: node)
        return nil
    }

    /// The streams of a source, each read from what stands under its name; those in which something is wrong are left out.
    package mutating func streams<Stream>(
        _ streams: Section, of source: String, _ read: (inout ConfigurationReader, String, Section) -> Stream?
    ) -> [Stream] {
        streams.entries.compactMap { entry in
            section(entry.value, "stream \(source).\(entry.name)").flatMap { read(&self, entry.name, $0) }
        }
    }

    package mutating func choice<Value: RawRepresentable & CaseIterable>(
        of name: String, in section: Section, _ type: Value.Type
    ) -> Value?
    where Value.RawValue == String {
        guard let node = section[name], let text = text(node, "\"\(name)\"") else { return nil }
        if let value = Value(rawValue: text) { return value }
        let known = Value.allCases.map(\.rawValue)
        report(
            .configBadValue, "\"\(text)\" is not a \(name)", at: node, advice: NearestName.advice(text, among: known))
        return nil
    }
}
