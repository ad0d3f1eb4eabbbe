import HeatModel

/// One tariff file: a city and its versions.
struct TariffFile {
    var city: String
    var aliases: [String]
    var versions: [Tariff]
}

/// What can be seen only over all files together.
enum TariffFileChecks {
    /// Versions that hold at once, and seasons between two versions in which none holds.
    static func problems(of files: [TariffFile]) -> [HearthError] {
        var problems: [HearthError] = []
        var names: [String: String] = [:]
        for file in files {
            for name in [file.city] + file.aliases {
                if let other = names[name], other != file.city, let first = file.versions.first {
                    problems.append(problem(.configBadValue, "\"\(name)\" is also a name of \(other)", first.place))
                }
                names[name] = file.city
            }
        }
        var groups: [String: [Tariff]] = [:]
        var order: [String] = []
        for version in files.flatMap(\.versions) {
            let key = [
                version.city, version.company ?? "", version.heatSource ?? "", version.accountClass?.rawValue ?? "",
            ].joined(separator: "\u{0}")
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(version)
        }
        for key in order {
            let versions = (groups[key] ?? []).sorted { $0.seasons.first ?? .min < $1.seasons.first ?? .min }
            for (index, version) in versions.enumerated().dropFirst() {
                let before = versions[index - 1]
                if before.seasons.overlaps(version.seasons) {
                    problems.append(
                        problem(
                            .configTariffOverlap,
                            "version \"\(version.id)\" (\(version.seasons)) holds at the same time as \"\(before.id)\" "
                                + "(\(before.seasons)) at \(before.place)", version.rule("seasons").place))
                } else if let last = before.seasons.last, let first = version.seasons.first, first > last + 1 {
                    let missing = SeasonRange(first: last + 1, last: first - 1)
                    problems.append(
                        problem(
                            .configTariffGap,
                            "no version holds in \(missing), between \"\(before.id)\" at \(before.place) and \"\(version.id)\"",
                            version.rule("seasons").place))
                }
            }
        }
        return problems
    }

    private static func problem(_ code: HearthError.Code, _ message: String, _ place: Place) -> HearthError {
        HearthError(code, message, at: place)
    }
}
