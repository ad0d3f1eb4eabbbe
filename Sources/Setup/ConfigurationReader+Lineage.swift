import ConfigurationFiles
import HeatModel
import Lineage
import Yams

extension ConfigurationReader {
    /// `lineage: {to: https://…/api/v1/lineage, namespace: hearth, key: "${file:…}", timeout: 5}`; nil where nobody is told.
    mutating func lineageSettings(_ top: Section) -> LineageSettings? {
        guard let section = section(of: "lineage", in: top) else { return nil }
        expect(section, only: ["to", "namespace", "key", "timeout"], in: "lineage")
        guard let place = secret(of: "to", in: section), !place.isEmpty else {
            report(.configMissingKey, "\"lineage\" does not say whom to tell", at: section.place, advice: "add `to:`")
            return nil
        }
        let isAddress = ["https://", "http://"].contains { place.hasPrefix($0) && place != $0 }
        var settings = LineageSettings(to: isAddress ? .address(place) : .file(resolve(place)))
        if let namespace = text(of: "namespace", in: section), !namespace.isEmpty { settings.namespace = namespace }
        if let key = secret(of: "key", in: section) { settings.key = key }
        if let seconds = seconds(of: "timeout", in: section, atLeast: 1) { settings.timeout = min(seconds, 60) }
        return settings
    }
}
