import ConfigurationFiles
import HeatModel
import Yams

extension TariffFileReader {
    mutating func readSeason(_ rules: TariffRules) -> SeasonRule? {
        guard let node = rules["season"] else {
            reader.missing("season", in: rules.own, of: rules.what)
            return nil
        }
        guard let section = reader.section(node, "season") else { return nil }
        reader.expect(section, only: ["start", "end", "days", "exceptions"], in: "season")
        let start = reader.requiredMonthDay("start", in: section, of: "season")
        let end = reader.requiredMonthDay("end", in: section, of: "season")
        var days = SeasonRule.DayCount.inclusive
        if let node = section["days"], let text = reader.text(node, "days") {
            switch text {
            case "inclusive": days = .inclusive
            case "exclusive": days = .exclusive
            default:
                if let count = Int(text), (1...366).contains(count) {
                    days = .fixed(count)
                } else {
                    reader.report(.configBadValue, "\"days\" is inclusive, exclusive or a number of days", at: node)
                }
            }
        }
        var exceptions: [HeatingSeason: DaySpan] = [:]
        for entry in reader.section(of: "exceptions", in: section)?.entries ?? [] {
            guard let season = HeatingSeason(entry.name) else {
                reader.report(.configBadValue, "\"\(entry.name)\" is no season: write 2022-2023", at: entry.key)
                continue
            }
            guard let dates = reader.list(entry.value, entry.name) else { continue }
            let parsed = dates.compactMap { reader.date($0.text, at: $0.node) }
            guard parsed.count == 2, dates.count == 2, parsed[0] <= parsed[1] else {
                reader.report(
                    .configBadValue, "a season has a first and a last day: [2022-11-01, 2023-03-31]", at: entry.value)
                continue
            }
            exceptions[season] = DaySpan(parsed[0], parsed[1])
        }
        guard let start, let end else { return nil }
        return SeasonRule(start: start, end: end, days: days, exceptions: exceptions)
    }

    mutating func readPrice(_ rules: TariffRules) -> AreaPrice? {
        guard let node = rules["price"] else {
            reader.missing("price", in: rules.own, of: rules.what)
            return nil
        }
        guard let section = reader.section(node, "price") else { return nil }
        reader.expect(section, only: ["amount", "per", "months"], in: "price")
        let amount = reader.requiredDecimal("amount", in: section, of: "price", places: 3)
        let period = section["per"] == nil ? .season : reader.choice(of: "per", in: section, AreaPrice.Period.self)
        let months = reader.decimal(of: "months", in: section)
        if period == .month, section["months"] == nil { reader.missing("months", in: section, of: "a price by month") }
        if let key = section.key("months"), period != .month {
            reader.report(.configBadValue, "only a price by month has months", at: key)
        }
        guard let amount, let period else { return nil }
        return AreaPrice(amount: amount, period: period, months: months)
    }

    /// `building`, or `{basis: building, where: [{basis: inner, communities: […]}]}`.
    mutating func readArea(_ rules: TariffRules) -> (basis: AreaBasis, exceptions: [AreaException])? {
        guard let node = rules["area"] else {
            reader.missing("area", in: rules.own, of: rules.what)
            return nil
        }
        guard case .mapping = node else {
            return reader.choice(node, "area", AreaBasis.self).map { ($0, []) }
        }
        guard let section = reader.section(node, "area") else { return nil }
        reader.expect(section, only: ["basis", "where"], in: "area")
        if section["basis"] == nil { reader.missing("basis", in: section, of: "area") }
        let basis = reader.choice(of: "basis", in: section, AreaBasis.self)
        var exceptions: [AreaException] = []
        for node in section["where"].map({ items($0, "where") }) ?? [] {
            if let exception = readAreaException(node, after: exceptions) { exceptions.append(exception) }
        }
        return basis.map { ($0, exceptions) }
    }

    private mutating func readAreaException(_ node: Node, after others: [AreaException]) -> AreaException? {
        let what = "an entry of \"where\""
        guard let section = reader.section(node, what) else { return nil }
        reader.expect(section, only: ["basis", "stations", "communities", "buildings"], in: what)
        if section["basis"] == nil { reader.missing("basis", in: section, of: what) }
        let basis = reader.choice(of: "basis", in: section, AreaBasis.self)
        func names(_ key: String, _ reader: inout ConfigurationReader) -> Set<String>? {
            section[key] == nil ? nil : Set(reader.texts(of: key, in: section) ?? [])
        }
        let stations = names("stations", &reader)
        let communities = names("communities", &reader)
        let buildings = names("buildings", &reader)
        if stations == nil, communities == nil {
            reader.report(
                .configMissingKey, "\(what) must have one of \"stations\" and \"communities\"", at: section.place,
                advice: "the number of a building alone does not say in which community it stands")
            return nil
        }
        guard let basis else { return nil }
        let exception = AreaException(
            basis: basis, stations: stations, communities: communities, buildings: buildings)
        if let other = others.first(where: { $0.basis != basis && $0.overlaps(exception) }) {
            reader.report(
                .configBadValue, "premises of this entry are also in one before it, by \(other.basis.rawValue) area",
                at: node,
                advice: "each household is charged by one area: name its building, or leave it out of one entry")
        }
        return exception
    }

    mutating func readShared(_ rules: TariffRules, basis: AreaBasis?) -> SharedAreaRule {
        let contains = basis == .building || basis == .billing
        var rule = SharedAreaRule(standing: contains ? .inside : .absent, price: nil)
        guard let node = rules["shared"] else { return rule }
        if case .mapping = node, let section = reader.section(node, "shared") {
            reader.expect(section, only: ["as", "price", "methods", "whileSuspended"], in: "shared")
            if section["as"] == nil { reader.missing("as", in: section, of: "shared") }
            rule.standing = reader.choice(of: "as", in: section, SharedAreaRule.Standing.self) ?? rule.standing
            rule.price = reader.decimal(of: "price", in: section, places: 3)
            rule.methods = reader.choices(of: "methods", in: section, AccountFacts.Method.self)
            rule.staysWhileSuspended = reader.flag(of: "whileSuspended", in: section) ?? false
            if rule.standing == .inside || rule.standing == .absent {
                for key in ["methods", "whileSuspended"] {
                    guard let place = section.key(key) else { continue }
                    reader.report(
                        .configBadValue, "shared area that is no line of its own has no \"\(key)\"", at: place)
                }
            }
        } else {
            rule.standing = reader.choice(node, "shared", SharedAreaRule.Standing.self) ?? rule.standing
        }
        if rule.standing == .inside, !contains, let basis {
            reader.report(.configBadValue, "\(basis.rawValue) area does not contain shared area", at: node)
        }
        return rule
    }

    mutating func readTwoPart(_ rules: TariffRules) -> TwoPartRule? {
        guard let node = rules["twoPart"], let section = reader.section(node, "twoPart") else { return nil }
        reader.expect(section, only: ["base", "heat", "factors", "correction", "trueUp"], in: "twoPart")
        let base = reader.requiredDecimal("base", in: section, of: "twoPart", places: 3)
        let heat = readHeat(section, node, "twoPart")
        var trueUp: TrueUpRule?
        if let body = reader.section(of: "trueUp", in: section) {
            reader.expect(body, only: ["refunds", "collects"], in: "trueUp")
            for key in ["refunds", "collects"] where body[key] == nil { reader.missing(key, in: body, of: "trueUp") }
            trueUp = TrueUpRule(
                refunds: reader.flag(of: "refunds", in: body) ?? false,
                collects: reader.flag(of: "collects", in: body) ?? false)
        }
        guard let base, let heat else { return nil }
        return TwoPartRule(base: base, heat: heat, trueUp: trueUp)
    }

    mutating func readMetered(_ rules: TariffRules) -> HeatPrices? {
        guard let node = rules["metered"], let section = reader.section(node, "metered") else { return nil }
        reader.expect(section, only: ["heat", "factors", "correction"], in: "metered")
        return readHeat(section, node, "metered")
    }

    private mutating func readHeat(_ section: Section, _ node: Node, _ what: String) -> HeatPrices? {
        guard let heat = reader.section(of: "heat", in: section), !heat.entries.isEmpty else {
            reader.report(
                .configMissingKey, "\(what) needs \"heat\", a price for at least one unit",
                at: section["heat"] ?? node)
            return nil
        }
        var prices = HeatPrices(prices: [:], factors: [:], correction: ExactDecimal(units: 1, places: 0))
        for entry in heat.entries {
            guard let unit = heatUnit(entry.name, at: entry.key) else { continue }
            prices.prices[unit] = reader.decimal(entry.value, "the price of a \(entry.name)", places: 3)
        }
        for entry in reader.section(of: "factors", in: section)?.entries ?? [] {
            guard let unit = heatUnit(entry.name, at: entry.key), let body = reader.section(entry.value, entry.name)
            else { continue }
            reader.expect(body, only: ["unit", "times"], in: "a factor")
            let times = reader.requiredDecimal("times", in: body, of: "a factor")
            guard let name = reader.required("unit", in: body, of: "a factor"), let times,
                let target = heatUnit(name, at: body["unit"] ?? entry.key)
            else { continue }
            if prices.prices[target] == nil {
                reader.report(.configBadValue, "there is no price of a \(name)", at: body["unit"] ?? entry.key)
            }
            prices.factors[unit] = HeatPrices.Factor(unit: target, times: times)
        }
        if let node = section["correction"], let text = reader.text(node, "correction") {
            prices.correction = text == "required" ? nil : reader.decimal(node, "\"correction\"")
        }
        return prices
    }

    private mutating func heatUnit(_ name: String, at node: Node) -> Charge.Unit? {
        let known = Charge.Unit.allCases.filter { MeterReading.Unit(rawValue: $0.rawValue) != nil }
        if let unit = Charge.Unit(rawValue: name), known.contains(unit) { return unit }
        reader.report(
            .configBadValue, "\"\(name)\" is no unit of heat", at: node,
            advice: NearestName.advice(name, among: known.map(\.rawValue)))
        return nil
    }

    mutating func readCap(_ rules: TariffRules) -> CapRule? {
        guard let node = rules["cap"], let section = reader.section(node, "cap") else { return nil }
        reader.expect(section, only: ["percent", "settles"], in: "cap")
        enum Settles: String, CaseIterable { case seasonEnd, always }
        let settles = reader.choice(of: "settles", in: section, Settles.self) ?? .seasonEnd
        guard let percent = reader.requiredDecimal("percent", in: section, of: "cap") else { return nil }
        return CapRule(percent: percent, settlesAtSeasonEnd: settles == .seasonEnd)
    }

    mutating func readHeights(_ rules: TariffRules) -> [HeightBand] {
        guard let node = rules["height"] else { return [] }
        var bands: [HeightBand] = []
        for node in items(node, "height") {
            guard let section = reader.section(node, "a height band") else { continue }
            reader.expect(
                section, only: ["above", "from", "step", "count", "percent", "amount", "classes", "mostSteps"],
                in: "a height band")
            let threshold: ExactDecimal?
            switch (section["above"], section["from"]) {
            case (let node?, nil), (nil, let node?): threshold = reader.decimal(node, "the threshold", places: 3)
            default:
                reader.report(
                    .configMissingKey, "a height band must have one of \"above\" and \"from\"", at: section.place)
                threshold = nil
            }
            let step = reader.decimal(of: "step", in: section, places: 3)
            if let node = section["step"], let step, step.units == 0 {
                reader.report(.configBadValue, "a step must be above 0", at: node)
            }
            let counting = reader.choice(of: "count", in: section, HeightBand.Counting.self)
            if section["step"] != nil, section["count"] == nil {
                reader.missing("count", in: section, of: "a band with steps")
            }
            let most = reader.count(of: "mostSteps", in: section, atLeast: 1, most: 1000)
            let addition: HeightBand.Addition?
            switch (section["percent"], section["amount"]) {
            case (let node?, nil): addition = reader.decimal(node, "\"percent\"").map { .percent($0) }
            case (nil, let node?): addition = reader.decimal(node, "\"amount\"", places: 3).map { .amount($0) }
            default:
                reader.report(
                    .configMissingKey, "a height band must have one of \"percent\" and \"amount\"", at: section.place)
                addition = nil
            }
            let classes = reader.choices(of: "classes", in: section, AccountFacts.Class.self)
            guard let threshold, let addition else { continue }
            bands.append(
                HeightBand(
                    threshold: threshold, includesThreshold: section["from"] != nil, step: step,
                    counting: counting ?? .full,
                    addition: addition, classes: classes, mostSteps: most))
        }
        return bands.enumerated().sorted {
            let order = $0.element.threshold.compare($1.element.threshold)
            return order == 0 ? $0.offset < $1.offset : order < 0
        }.map(\.element)
    }

    mutating func readSingleStorey(_ rules: TariffRules) -> SingleStoreyRule? {
        guard let node = rules["singleStorey"], let section = reader.section(node, "singleStorey") else { return nil }
        reader.expect(section, only: ["percent", "classes"], in: "singleStorey")
        let classes = reader.choices(of: "classes", in: section, AccountFacts.Class.self)
        return reader.requiredDecimal("percent", in: section, of: "singleStorey").map {
            SingleStoreyRule(percent: $0, classes: classes)
        }
    }

    mutating func readConcessions(_ rules: TariffRules) -> [Concession] {
        guard let node = rules["concessions"] else { return [] }
        var concessions: [Concession] = []
        for node in items(node, "concessions") {
            guard let section = reader.section(node, "a concession") else { continue }
            reader.expect(section, only: ["when", "price", "amount", "percent", "of"], in: "a concession")
            if section["when"] == nil { reader.missing("when", in: section, of: "a concession") }
            let condition = reader.choice(of: "when", in: section, Concession.Condition.self)
            var benefit: Concession.Benefit?
            switch (section["price"], section["amount"], section["percent"]) {
            case (let node?, nil, nil): benefit = reader.decimal(node, "\"price\"", places: 3).map { .price($0) }
            case (nil, let node?, nil):
                if let value = reader.decimal(node, "\"amount\"") {
                    if let fen = value.exactly(places: 2) {
                        benefit = .amount(Fen(fen.units))
                    } else {
                        reader.report(.configBadValue, "an amount has at most 2 places", at: node)
                    }
                }
            case (nil, nil, let node?):
                let scope = section["of"] == nil ? .bill : reader.choice(of: "of", in: section, Concession.Scope.self)
                if let percent = reader.decimal(node, "\"percent\"", most: Self.hundred), let scope {
                    benefit = .percent(percent, of: scope)
                }
            default:
                reader.report(
                    .configMissingKey, "a concession must have one of \"price\", \"amount\" and \"percent\"",
                    at: section.place)
            }
            if let condition, let benefit { concessions.append(Concession(condition: condition, benefit: benefit)) }
        }
        return concessions
    }

    mutating func readRounding(_ rules: TariffRules) -> RoundingRule {
        var rule = RoundingRule()
        guard let node = rules["rounding"], let section = reader.section(node, "rounding") else { return rule }
        reader.expect(section, only: ["line", "total"], in: "rounding")
        if let node = section["line"], let step = reader.rounding(node, "line") { rule.line = step }
        if let node = section["total"], let step = reader.rounding(node, "total") { rule.total = step }
        return rule
    }

    static let hundred = ExactDecimal(units: 100, places: 0)

    mutating func items(_ node: Node, _ what: String) -> [Node] {
        if case .sequence(let sequence) = node { return Array(sequence) }
        reader.report(.configBadValue, "\(what) must be a list", at: node)
        return []
    }
}
