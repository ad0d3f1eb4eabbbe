/// The keys that the readers of a file know, collected while they read one.
///
/// A section that the file leaves out is handed to its reader empty, once, so that its keys are collected too. Where a reader
/// takes one of several sections, reading again with the same survey brings the next one.
package struct KeySurvey {
    /// By the section's name.
    package private(set) var keys: [String: Set<String>] = [:]
    private var offered: Set<String> = []

    package init() {}

    mutating func note(_ section: Section, _ known: [String]) { keys[section.name, default: []].formUnion(known) }

    mutating func offer(_ name: String) -> Bool { offered.insert(name).inserted }
}
