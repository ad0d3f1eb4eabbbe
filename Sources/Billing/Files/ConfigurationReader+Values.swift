import ConfigurationFiles
import HeatModel
import Yams

/// Exact figures, days and lists of names, each problem noted where it stands.
extension ConfigurationReader {
    mutating func missing(_ name: String, in section: Section, of what: String) {
        report(.configMissingKey, "\(what) needs \"\(name)\"", at: section.place)
    }

    /// A figure that is not negative, with at least `places` places.
    mutating func decimal(_ node: Node, _ what: String, places: UInt8 = 0, most: ExactDecimal? = nil) -> ExactDecimal? {
        guard let text = text(node, what) else { return nil }
        guard let value = ExactDecimal(text), value.units >= 0, value.places <= 9,
            value.compare(ExactDecimal(units: 1_000_000, places: 0)) <= 0,
            let widened = value.exactly(places: max(places, value.places))
        else {
            report(.configBadValue, "\"\(text)\" is no figure for \(what): write a decimal such as 24.5", at: node)
            return nil
        }
        if let most, widened.compare(most) > 0 {
            report(.configBadValue, "\(what) is at most \(most)", at: node)
            return nil
        }
        return widened
    }

    mutating func decimal(of name: String, in section: Section, places: UInt8 = 0, most: ExactDecimal? = nil)
        -> ExactDecimal?
    {
        section[name].flatMap { decimal($0, "\"\(name)\"", places: places, most: most) }
    }

    mutating func requiredDecimal(
        _ name: String, in section: Section, of what: String, places: UInt8 = 0, most: ExactDecimal? = nil
    ) -> ExactDecimal? {
        guard let node = section[name] else {
            missing(name, in: section, of: what)
            return nil
        }
        return decimal(node, "\"\(name)\"", places: places, most: most)
    }

    /// A whole number, at most a year's days unless said otherwise.
    mutating func count(of name: String, in section: Section, atLeast: Int = 0, most: Int = 366) -> Int? {
        guard let value = integer(of: name, in: section, atLeast: atLeast) else { return nil }
        if value <= most { return value }
        report(
            .configBadValue, "\"\(name)\" is at most \(most)", at: section[name].map { place($0) } ?? section.place)
        return nil
    }

    mutating func monthDay(_ node: Node, _ what: String) -> MonthDay? {
        guard let text = text(node, what) else { return nil }
        if let day = MonthDay(text) { return day }
        report(.configBadValue, "\"\(text)\" is no day of the year: write it as 11-15", at: node)
        return nil
    }

    mutating func requiredMonthDay(_ name: String, in section: Section, of what: String) -> MonthDay? {
        guard let node = section[name] else {
            missing(name, in: section, of: what)
            return nil
        }
        return monthDay(node, "\"\(name)\"")
    }

    mutating func date(_ text: String, at node: Node) -> CivilDate? {
        if let date = CivilDate(text) { return date }
        report(.configBadValue, "\"\(text)\" is no day: write it as 2025-11-15", at: node)
        return nil
    }

    /// A list of names of cases; nil where the key is absent.
    mutating func choices<Value: RawRepresentable & CaseIterable & Hashable>(
        of name: String, in section: Section, _ type: Value.Type
    ) -> Set<Value>? where Value.RawValue == String {
        guard let node = section[name] else { return nil }
        var values: Set<Value> = []
        for item in list(node, "\"\(name)\"") ?? [] {
            if let value = Value(rawValue: item.text) {
                values.insert(value)
            } else {
                report(
                    .configBadValue, "\"\(item.text)\" is not one of \(name)", at: item.node,
                    advice: NearestName.advice(item.text, among: Value.allCases.map(\.rawValue)))
            }
        }
        return values
    }

    /// `fen halfUp`
    mutating func rounding(_ node: Node, _ what: String) -> RoundingRule.Step? {
        guard let text = text(node, what) else { return nil }
        let parts = text.split(separator: " ").map(String.init)
        if parts.count == 2, let unit = RoundingRule.Unit(rawValue: parts[0]),
            let mode = ExactDecimal.Rounding(rawValue: parts[1])
        {
            return RoundingRule.Step(unit, mode)
        }
        let known = RoundingRule.Unit.allCases.flatMap { unit in
            ExactDecimal.Rounding.allCases.map { "\(unit.rawValue) \($0.rawValue)" }
        }
        report(
            .configBadValue, "\"\(text)\" is no rounding", at: node, advice: NearestName.advice(text, among: known))
        return nil
    }

    /// `[14, 18)`; an edge that is not written is no bound.
    mutating func range(_ node: Node, _ what: String) -> TemperatureRange? {
        guard let text = text(node, what) else { return nil }
        let parts = text.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.filter { $0 != " " } }
        func edge(_ part: String, _ isIncluded: Bool) -> TemperatureRange.Edge?? {
            if part.isEmpty { return .some(nil) }
            return TenthsOfDegree(part).map { .init(value: $0, isIncluded: isIncluded) }
        }
        if let open = text.first, let close = text.last, "[(".contains(open), "])".contains(close), parts.count == 2,
            let lower = edge(parts[0], open == "["), let upper = edge(parts[1], close == "]")
        {
            return TemperatureRange(lower: lower, upper: upper)
        }
        report(
            .configBadValue, "\"\(text)\" is no range: write \"[14, 18)\", with [ or ] where the edge belongs to it",
            at: node)
        return nil
    }
}
