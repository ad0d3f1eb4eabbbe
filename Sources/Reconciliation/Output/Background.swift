import HeatModel
import Mapping
import Store

/// What the findings rest on.
struct Background {
    var runs: [Run?]
    var newest: RunID?
    var accounts: Int64
    var today: CivilDate?
    var mappings: MappingSet
    var rules: String
    var tariffs: [(name: String, digest: String)]
    var season: String?
}

/// `manifest.json`: the outputs by their digests, and what they rest on. Each names the one before it.
struct Manifest: Codable {
    struct File: Codable {
        var name: String
        var bytes: Int64
        var sha256: String
    }

    struct StreamRun: Codable {
        var stream: String
        var run: Int64
        var state: String
        var mappingVersion: String

        enum CodingKeys: String, CodingKey {
            case stream, run, state
            case mappingVersion = "mapping_version"
        }
    }

    struct Version: Codable {
        var name: String
        var sha256: String
    }

    var format = "hearth-reconciliation-1"
    var asOfRun: Int64
    var season: String?
    var files: [File]
    var runs: [StreamRun]
    var mappings: [Version]
    var tariffs: [Version]
    var rules: String
    /// SHA-256 of the manifest before this one of the same kind; nil for the first.
    var previous: String?

    enum CodingKeys: String, CodingKey {
        case format
        case asOfRun = "as_of_run"
        case season, files, runs, mappings, tariffs, rules, previous
    }
}
