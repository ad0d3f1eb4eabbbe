import CDocs
package import Pages

/// The pages of the documentation, in both languages, as they were when the program was built.
package struct Manual: Sendable {
    /// Pages that both languages have, in the order in which they are read.
    package static let names = [
        "start", "onboarding", "connectors", "connectors-sql", "connectors-soap", "connectors-csv", "mapping",
        "tariffs", "api", "mcp", "operations", "security", "how-it-works",
    ]
    /// Grammars, lists and what is for servers' administrators, which are in English alone, and where they stand in the repository.
    package static let references = [
        "keys": "Config/KEYS.md", "mapping-grammar": "Mappings/README.md", "fields": "Mappings/ENTITIES.md",
        "tariff-grammar": "Config/tariffs/README.md", "growing": "Sources/PostgresStore/Growing.md",
    ]
    /// What pages offer to be taken away.
    package static let files = [
        "alerts.yaml": "Config/monitoring/alerts.yaml", "dashboard.json": "Config/monitoring/dashboard.json",
    ]
    /// Where the pages stand in the repository.
    package static let folder = "Sources/Channels/Docs/pages"

    /// By their names: `en/start.md`, `reference/keys.md`, `files/alerts.yaml`.
    package let bytes: [String: [UInt8]]

    package init() {
        bytes = (0..<Int(hearth_docs_count())).reduce(into: [:]) { bytes, index in
            let file = hearth_docs_file(UInt(index))
            bytes[String(cString: file.name)] = Array(UnsafeBufferPointer(start: file.bytes, count: Int(file.count)))
        }
    }

    /// Nil where there is no page of that name.
    package func page(_ name: String, in language: Tongue) -> Markdown? {
        let place = Self.references[name] == nil ? language.rawValue : "reference"
        return bytes["\(place)/\(name).md"].map { Markdown(String(decoding: $0, as: UTF8.self)) }
    }

    /// Where a link of a page leads on this server: from `mapping.md#units`, a path of the repository or of this server; nil for what is
    /// not served.
    package static func address(_ target: String, in language: Tongue) -> String? {
        if target.hasPrefix("#") || target.hasPrefix("/") { return HTML.address(target) == nil ? nil : target }
        let sides = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let anchor = sides.count > 1 ? "#" + sides[1] : ""
        var path = sides[0]
        while path.hasPrefix("../") { path = path.dropFirst(3) }
        if let file = files.first(where: { $0.value.hasSuffix(path) })?.key { return "/docs/files/" + file }
        let own = path.hasSuffix(".md") ? String(path.dropLast(3)) : ""
        let name = names.contains(own) ? own : references.first { $0.value.hasSuffix(path) }?.key
        return name.map { "/docs/\(language.rawValue)/\($0)\(anchor)" }
    }
}
