import ConfigurationFiles
import HeatModel
import Yams

extension TariffFileReader {
    mutating func readProration(_ rules: TariffRules) -> ProrationRule {
        var rule = ProrationRule(network: .none, account: nil)
        if let node = rules["disconnection"], let section = reader.section(node, "disconnection") {
            reader.expect(section, only: ["chargesLastDay"], in: "disconnection")
            rule.chargesLastDay = reader.flag(of: "chargesLastDay", in: section) ?? false
        }
        guard let node = rules["proration"], let section = reader.section(node, "proration") else { return rule }
        reader.expect(section, only: ["network", "account"], in: "proration")
        if section["network"] != nil {
            rule.network = reader.choice(of: "network", in: section, ProrationRule.Way.self) ?? .none
        }
        rule.account = reader.choice(of: "account", in: section, ProrationRule.Way.self)
        return rule
    }

    mutating func readSuspension(_ rules: TariffRules) -> SuspensionRule? {
        guard let node = rules["suspension"], let section = reader.section(node, "suspension") else { return nil }
        reader.expect(
            section,
            only: [
                "deadline", "daysBeforeSeason", "feeRatio", "ratio", "measured", "minimumTerm", "insideSeason",
                "documents",
            ],
            in: "suspension")
        var deadline: SuspensionRule.Deadline?
        if let node = section["deadline"] { deadline = reader.monthDay(node, "deadline").map { .date($0) } }
        if let key = section.key("daysBeforeSeason") {
            if section["deadline"] != nil {
                reader.report(
                    .configBadValue, "a suspension has a deadline or days before the season, not both", at: key)
            }
            deadline = reader.count(of: "daysBeforeSeason", in: section).map { .daysBeforeSeason($0) }
        }
        // A record's ratio is the share of the area; this one is the share of the fee, and `feeRatio` says so.
        if section["feeRatio"] != nil, let key = section.key("ratio") {
            reader.report(
                .configBadValue, "\"ratio\" is the older name of \"feeRatio\": a suspension has one of them", at: key)
        }
        let ratio = reader.requiredDecimal(
            section["ratio"] == nil ? "feeRatio" : "ratio", in: section, of: "suspension",
            most: ExactDecimal(units: 1, places: 0))
        var term: SuspensionRule.MinimumTerm?
        if let node = section["minimumTerm"], let text = reader.text(node, "minimumTerm") {
            if text == "season" {
                term = .season
            } else if let days = Int(text), (1...366).contains(days) {
                term = .days(days)
            } else {
                reader.report(.configBadValue, "\"minimumTerm\" is season or a number of days", at: node)
            }
        }
        var inside = ProrationRule.Way.none
        if let node = section["insideSeason"] {
            inside = reader.choice(node, "insideSeason", ProrationRule.Way.self) ?? .none
            if inside == .byMonth {
                reader.report(
                    .configBadValue, "a suspension in the season is charged byDay or not granted (none)", at: node)
            }
        }
        var documents: (outside: [String], inside: [String]) = ([], [])
        if let body = reader.section(of: "documents", in: section) {
            reader.expect(body, only: ["outside", "inside"], in: "documents")
            documents = (reader.texts(of: "outside", in: body) ?? [], reader.texts(of: "inside", in: body) ?? [])
        }
        guard let ratio else { return nil }
        return SuspensionRule(
            deadline: deadline, ratio: ratio,
            measured: reader.choice(of: "measured", in: section, SuspensionRule.MeasuredBase.self), minimumTerm: term,
            insideSeason: inside,
            documentsOutside: documents.outside,
            documentsInside: documents.inside)
    }

    mutating func readLateFee(_ rules: TariffRules) -> LateFeeRule? {
        guard let node = rules["lateFee"], let section = reader.section(node, "lateFee") else { return nil }
        reader.expect(section, only: ["startsAfterDays", "dailyRate", "base", "capPercent", "rounding"], in: "lateFee")
        let starts = reader.count(of: "startsAfterDays", in: section, atLeast: 1) ?? 1
        let rate = reader.requiredDecimal(
            "dailyRate", in: section, of: "lateFee", most: ExactDecimal(units: 1, places: 0))
        let base = reader.choice(of: "base", in: section, LateFeeRule.Base.self) ?? .arrears
        let cap = reader.decimal(of: "capPercent", in: section)
        let rounding = section["rounding"].flatMap { reader.rounding($0, "rounding") }
        guard let rate else { return nil }
        return LateFeeRule(
            startsAfterDays: starts, dailyRate: rate, base: base, capPercent: cap,
            rounding: rounding ?? .init(.fen, .halfUp))
    }

    mutating func readEarlyPayment(_ rules: TariffRules) -> [EarlyPaymentBand] {
        guard let node = rules["earlyPayment"] else { return [] }
        var bands: [EarlyPaymentBand] = []
        for node in items(node, "earlyPayment") {
            guard let section = reader.section(node, "a band of early payment") else { continue }
            reader.expect(section, only: ["from", "to", "percent", "methods"], in: "a band of early payment")
            let from = reader.requiredMonthDay("from", in: section, of: "a band of early payment")
            let to = reader.requiredMonthDay("to", in: section, of: "a band of early payment")
            let percent = reader.requiredDecimal(
                "percent", in: section, of: "a band of early payment", most: Self.hundred)
            let methods = reader.choices(of: "methods", in: section, AccountFacts.Method.self)
            guard let from, let to, let percent else { continue }
            // Any season will do to compare days of the year.
            let season = HeatingSeason(startYear: 2023)
            guard let first = from.date(around: season), let last = to.date(around: season) else { continue }
            if first > last { reader.report(.configBadValue, "the band ends before it starts", at: node) }
            let overlap = bands.contains { other in
                guard let start = other.from.date(around: season), let end = other.to.date(around: season) else {
                    return false
                }
                let shares =
                    methods == nil || other.methods == nil || !(methods ?? []).isDisjoint(with: other.methods ?? [])
                return shares && start <= last && first <= end
            }
            if overlap { reader.report(.configBadValue, "the band shares days with one before it", at: node) }
            bands.append(EarlyPaymentBand(from: from, to: to, percent: percent, methods: methods))
        }
        return bands
    }

    mutating func readRefund(_ rules: TariffRules) -> RefundRule? {
        guard let node = rules["refund"], let section = reader.section(node, "refund") else { return nil }
        reader.expect(
            section,
            only: [
                "threshold", "bands", "lessPercent", "lessPrice", "area", "evidence", "counts", "mostDays", "rounding",
            ],
            in: "refund")
        var threshold: TenthsOfDegree?
        if let node = section["threshold"] {
            if let text = reader.text(node, "threshold") {
                threshold = TenthsOfDegree(text)
                if threshold == nil { reader.report(.configBadValue, "\"\(text)\" is no temperature", at: node) }
            }
        } else {
            reader.missing("threshold", in: section, of: "refund")
        }
        var base = RefundRule.Base.fee
        if let percent = reader.decimal(of: "lessPercent", in: section, most: Self.hundred) {
            base = .feeLessPercent(percent)
        }
        if let price = reader.decimal(of: "lessPrice", in: section, places: 3) {
            if case .feeLessPercent = base, let key = section.key("lessPrice") {
                reader.report(.configBadValue, "the base part is a percentage or a price, not both", at: key)
            }
            base = .feeLessPrice(price)
        }
        for key in ["area", "evidence", "bands"] where section[key] == nil {
            reader.missing(key, in: section, of: "refund")
        }
        let scope = reader.choice(of: "area", in: section, RefundRule.Scope.self)
        let evidence = reader.choices(of: "evidence", in: section, RoomTemperature.Method.self)
        let reach = readReach(section)
        let rounding = section["rounding"].flatMap { reader.rounding($0, "rounding") }
        guard let threshold, let list = section["bands"] else { return nil }
        let bands = readBands(list, threshold)
        guard let scope, let evidence else { return nil }
        return RefundRule(
            threshold: threshold, bands: bands, base: base, scope: scope, evidence: evidence, reach: reach,
            rounding: rounding ?? .init(.fen, .halfUp))
    }

    /// `counts: day`, or `counts: untilNext` with `mostDays: 7`
    private mutating func readReach(_ section: Section) -> RefundRule.Reach {
        var reach = RefundRule.Reach.day
        if let node = section["counts"], let text = reader.text(node, "counts") {
            switch text {
            case "day": break
            case "untilNext": reach = .untilNext(mostDays: reader.count(of: "mostDays", in: section, atLeast: 1))
            default:
                reader.report(
                    .configBadValue, "\"counts\" is day or untilNext", at: node,
                    advice: NearestName.advice(text, among: ["day", "untilNext"]))
            }
        }
        if reach == .day, let key = section.key("mostDays") {
            reader.report(.configBadValue, "\"mostDays\" belongs to counts: untilNext", at: key)
        }
        return reach
    }

    /// Bands by room temperature, or by degrees short of the threshold. Together they hold every temperature below it once.
    private mutating func readBands(_ list: Node, _ threshold: TenthsOfDegree) -> [RefundRule.Band] {
        var bands: [(band: RefundRule.Band, node: Node)] = []
        let before = reader.problems.count
        for node in items(list, "bands") {
            guard let section = reader.section(node, "a band") else { continue }
            reader.expect(section, only: ["room", "short", "percent"], in: "a band")
            let percent = reader.requiredDecimal("percent", in: section, of: "a band", most: Self.hundred)
            let range: TemperatureRange?
            switch (section["room"], section["short"]) {
            case (let room?, nil): range = reader.range(room, "room")
            case (nil, let short?):
                range = reader.range(short, "short").map { short in
                    func turned(_ edge: TemperatureRange.Edge?) -> TemperatureRange.Edge? {
                        edge.map {
                            .init(value: TenthsOfDegree(threshold.tenths - $0.value.tenths), isIncluded: $0.isIncluded)
                        }
                    }
                    return TemperatureRange(lower: turned(short.upper), upper: turned(short.lower))
                }
            default:
                reader.report(.configMissingKey, "a band must have one of \"room\" and \"short\"", at: section.place)
                range = nil
            }
            guard let percent, let range else { continue }
            bands.append((RefundRule.Band(range: range, percent: percent, place: reader.place(node)), node))
        }
        bands.sort { $0.band.range.lower?.value.tenths ?? .min < $1.band.range.lower?.value.tenths ?? .min }
        if reader.problems.count == before { checkBands(bands, threshold, list) }
        return bands.map(\.band)
    }

    private mutating func checkBands(
        _ bands: [(band: RefundRule.Band, node: Node)], _ threshold: TenthsOfDegree, _ list: Node
    ) {
        guard let coldest = bands.first, let warmest = bands.last else {
            reader.report(.configBadValue, "a refund needs at least one band", at: list)
            return
        }
        if coldest.band.range.lower != nil {
            reader.report(
                .configRefundBands, "no band holds what is colder than \(coldest.band.range)", at: coldest.node)
        }
        if warmest.band.range.upper != .init(value: threshold, isIncluded: false) {
            reader.report(
                .configRefundBands,
                "the warmest band \(warmest.band.range) does not end below the threshold of \(threshold)",
                at: warmest.node)
        }
        for (below, above) in zip(bands, bands.dropFirst()) {
            guard let upper = below.band.range.upper, let lower = above.band.range.lower, upper.value == lower.value
            else {
                reader.report(
                    .configRefundBands, "\(above.band.range) does not begin where \(below.band.range) ends",
                    at: above.node)
                continue
            }
            if upper.isIncluded == lower.isIncluded {
                reader.report(
                    .configRefundBands, "\(upper.value) is in \(upper.isIncluded ? "two bands" : "no band")",
                    at: above.node)
            }
        }
    }
}
