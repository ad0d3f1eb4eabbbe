import AccountView
import ConfigurationFiles
import HeatModel
import Store

extension ConfigurationReader {
    /// `peers: {levels: [building, community, station], households: 15, share: 15%}`
    mutating func peerRules(_ top: Section) -> PeerRules {
        var rules = PeerRules()
        guard let section = section(of: "peers", in: top) else { return rules }
        expect(section, only: ["levels", "households", "share"], in: "peers")
        if let node = section["levels"], let names = list(node, "\"levels\"") {
            let known = CohortLevel.allCases.map(\.name)
            rules.levels = names.compactMap { name in
                if let level = CohortLevel.allCases.first(where: { $0.name == name.text }) { return level }
                report(
                    .configBadValue, "\"\(name.text)\" is not a level", at: name.node,
                    advice: NearestName.advice(name.text, among: known))
                return nil
            }
            if rules.levels.isEmpty || rules.levels != Array(Set(rules.levels)).sorted() {
                report(.configBadValue, "\"levels\" must name each level once, the narrowest first", at: node)
            }
        }
        if let households = integer(of: "households", in: section, atLeast: 3) { rules.leastHouseholds = households }
        if let node = section["share"], let share = text(node, "\"share\"") {
            let number = share.hasSuffix("%") ? String(share.dropLast()) : ""
            if let percent = ExactDecimal(number)?.exactly(places: 1), percent.units > 0, percent.units <= 1000 {
                rules.largestShare = percent.units
            } else {
                report(.configBadValue, "\"share\" must be a percentage such as 15%", at: node)
            }
        }
        return rules
    }

    /// `answers: {city: 天津市, staleAfterHours: 48}`
    mutating func answerSettings(_ top: Section) -> (city: String?, staleAfterHours: Int) {
        guard let section = section(of: "answers", in: top) else { return (nil, 48) }
        expect(section, only: ["city", "staleAfterHours"], in: "answers")
        return (
            text(of: "city", in: section),
            integer(of: "staleAfterHours", in: section, atLeast: 1, atMost: 876_000) ?? 48
        )
    }

    /// `privacy: {requireReason: true}`
    mutating func requiresReason(_ top: Section) -> Bool {
        guard let section = section(of: "privacy", in: top) else { return false }
        expect(section, only: ["requireReason"], in: "privacy")
        return flag(of: "requireReason", in: section) ?? false
    }
}
