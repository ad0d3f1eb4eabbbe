import ConfigurationFiles
import Foundation
import HeatModel
import Yams

/// Reads one tariff file. The grammar is described in `Config/tariffs/README.md`.
struct TariffFileReader {
    var reader: ConfigurationReader

    init(path: String) { reader = ConfigurationReader(path: path) }

    /// Each problem once, though the `common` section is read for every version.
    var problems: [HearthError] {
        var seen: Set<String> = []
        return reader.problems.filter { seen.insert($0.description).inserted }
    }

    static let ruleKeys = [
        "season", "area", "shared", "price", "twoPart", "metered", "cap", "height", "singleStorey", "proration",
        "disconnection",
        "suspension", "due", "lateFee", "earlyPayment", "refund", "concessions", "rounding",
    ]
    static let versionKeys = ["id", "company", "heatSource", "class", "seasons", "effective", "source"]

    mutating func read() -> TariffFile? {
        guard let (_, root) = reader.load(), let top = reader.section(root, "a tariff file") else { return nil }
        reader.expect(top, only: ["city", "aliases", "common", "versions"], in: "a tariff file")
        let city = reader.required("city", in: top, of: "a tariff file")
        let aliases = reader.texts(of: "aliases", in: top) ?? []
        let common = reader.section(of: "common", in: top)
        if let common { reader.expect(common, only: Self.ruleKeys + ["source"], in: "common") }
        guard let list = top["versions"] else {
            reader.missing("versions", in: top, of: "a tariff file")
            return nil
        }
        guard case .sequence(let nodes) = list, !nodes.isEmpty else {
            reader.report(.configBadValue, "versions must be a list with at least one version", at: list)
            return nil
        }
        var versions: [Tariff] = []
        for node in nodes {
            guard let section = reader.section(node, "a version") else { continue }
            if let version = readVersion(section, common, city: city ?? "") { versions.append(version) }
        }
        for (index, version) in versions.enumerated() where versions[..<index].contains(where: { $0.id == version.id })
        {
            reader.report(.configDuplicateKey, "version \"\(version.id)\" stands twice", at: version.rule("id").place)
        }
        guard let city, problems.isEmpty else { return nil }
        return TariffFile(city: city, aliases: aliases, versions: versions)
    }

    private mutating func readVersion(_ section: Section, _ common: Section?, city: String) -> Tariff? {
        reader.expect(section, only: Self.versionKeys + Self.ruleKeys, in: "a version")
        let id = reader.required("id", in: section, of: "a version")
        let what = "version \"\(id ?? "")\""
        var places: [String: Place] = [:]
        for entry in (common?.entries ?? []) + section.entries { places[entry.name] = reader.place(entry.key) }
        let rules = TariffRules(own: section, common: common, what: what)

        let season = readSeason(rules)
        let range = readSeasons(section, season, what)
        let charged = readArea(rules)
        let area = charged?.basis
        let price = readPrice(rules)
        let shared = readShared(rules, basis: area)
        let source = rules.node("source").flatMap { reader.name($0, "source") }
        if rules.node("source") == nil { reader.missing("source", in: section, of: what) }
        let twoPart = readTwoPart(rules)
        let metered = readMetered(rules)
        let cap = readCap(rules)
        let heights = readHeights(rules)
        let singleStorey = readSingleStorey(rules)
        let proration = readProration(rules)
        let suspension = readSuspension(rules)
        let due = rules["due"].flatMap { reader.monthDay($0, "due") }
        let lateFee = readLateFee(rules)
        if lateFee != nil, rules["due"] == nil {
            reader.missing("due", in: section, of: "\(what), which has a late fee,")
        }
        let early = readEarlyPayment(rules)
        let refund = readRefund(rules)
        let concessions = readConcessions(rules)
        let rounding = readRounding(rules)
        let accountClass = reader.choice(of: "class", in: section, AccountFacts.Class.self)
        guard let id, let season, let range, let area, let price, let source else { return nil }
        return Tariff(
            TariffTerms(
                id: id, city: city, company: reader.text(of: "company", in: section),
                heatSource: reader.text(of: "heatSource", in: section), accountClass: accountClass, seasons: range,
                source: source,
                place: section.place,
                rules: RuleReferences(city: city, version: id, place: section.place, places: places), season: season,
                area: area, areaExceptions: charged?.exceptions ?? [], shared: shared,
                statesShared: rules["shared"] != nil, price: price,
                twoPart: twoPart,
                metered: metered, cap: cap, heights: heights, singleStorey: singleStorey, proration: proration,
                suspension: suspension,
                due: due, lateFee: lateFee, earlyPayment: early, refund: refund, concessions: concessions,
                rounding: rounding))
    }

    /// `seasons: 2024-2025..`, or `effective: {from: …, to: …}`, which holds for the seasons that start in it.
    private mutating func readSeasons(_ section: Section, _ season: SeasonRule?, _ what: String) -> SeasonRange? {
        switch (section["seasons"], section["effective"]) {
        case (let node?, nil):
            guard let text = reader.name(node, "seasons") else { return nil }
            if let range = Self.range(text) { return range }
            reader.report(
                .configBadValue, "\"\(text)\" is no range of seasons: write 2024-2025.. or 2020-2021..2024-2025",
                at: node)
            return nil
        case (nil, let node?):
            guard let dates = reader.section(node, "effective"), let season else { return nil }
            reader.expect(dates, only: ["from", "to"], in: "effective")
            var range = SeasonRange()
            if let text = reader.text(of: "from", in: dates) {
                guard let from = reader.date(text, at: dates["from"] ?? node) else { return nil }
                let year = from.components.year
                range.first = season.start.date(in: year).map { $0 >= from } == true ? year : year + 1
            }
            if let text = reader.text(of: "to", in: dates) {
                guard let to = reader.date(text, at: dates["to"] ?? node) else { return nil }
                let year = to.components.year
                range.last = season.start.date(in: year).map { $0 <= to } == true ? year : year - 1
            }
            if let first = range.first, let last = range.last, first > last {
                reader.report(.configBadValue, "no season starts between these days", at: node)
                return nil
            }
            return range
        default:
            reader.report(
                .configMissingKey, "\(what) must have one of \"seasons\" and \"effective\"", at: section.place)
            return nil
        }
    }

    private static func range(_ text: String) -> SeasonRange? {
        guard let dots = text.range(of: "..") else {
            return HeatingSeason(text).map { SeasonRange(first: $0.startYear, last: $0.startYear) }
        }
        let (from, to) = (text[..<dots.lowerBound], text[dots.upperBound...])
        var range = SeasonRange()
        if !from.isEmpty {
            guard let season = HeatingSeason(String(from)) else { return nil }
            range.first = season.startYear
        }
        if !to.isEmpty {
            guard let season = HeatingSeason(String(to)) else { return nil }
            range.last = season.startYear
        }
        return range.first ?? .min <= range.last ?? .max ? range : nil
    }
}

/// The rules of a version: its own, or else the file's common ones; `none` takes a common rule away.
struct TariffRules {
    let own: Section
    let common: Section?
    let what: String

    func node(_ key: String) -> Node? { own[key] ?? common?[key] }

    subscript(_ key: String) -> Node? {
        guard let node = node(key) else { return nil }
        if case .scalar(let scalar) = node, scalar.string == "none" { return nil }
        return node
    }
}

extension ConfigurationReader {
    mutating func choice<Value: RawRepresentable & CaseIterable>(_ node: Node, _ what: String, _ type: Value.Type)
        -> Value?
    where Value.RawValue == String {
        guard let text = text(node, what) else { return nil }
        if let value = Value(rawValue: text) { return value }
        report(
            .configBadValue, "\"\(text)\" is not a \(what)", at: node,
            advice: NearestName.advice(text, among: Value.allCases.map(\.rawValue)))
        return nil
    }
}
