import ConfigurationFiles
import HeatModel
import Yams

/// Reads the rule of one field.
struct FieldRuleReader {
    var reader: ConfigurationReader
    let field: FieldDefinition
    let name: String

    static let keys = [
        "column", "columns", "join", "value", "as", "required", "valid", "null", "default", "unit", "on_error", "round",
        "codes",
        "true", "false", "split", "check", "pad", "format",
    ]

    mutating func read(_ entry: Section.Entry) -> FieldRule? {
        guard let section = reader.section(entry.value, "field \"\(name)\"") else { return nil }
        reader.expect(section, only: Self.keys, in: "field \"\(name)\"")
        var rule = FieldRule(name: name, field: field, place: reader.place(entry.key))
        guard readSource(section, entry, &rule) else { return nil }
        if rule.constant != nil { return rule }
        guard readConversion(section, entry, &rule) else { return nil }
        if let node = section["required"] { rule.isRequired = reader.flag(node, "required") ?? false }
        if let node = section["null"] { rule.nulls = reader.list(node, "null")?.map(\.text) }
        if let node = section["default"] { rule.fallback = value(node, "default") }
        if let node = section["valid"] { readRange(node, &rule) }
        if let node = section["unit"] { readUnit(node, &rule) }
        if let node = section["on_error"] { readOnError(node, &rule) }
        readOptions(section, entry, &rule)
        return rule
    }

    private mutating func readSource(_ section: Section, _ entry: Section.Entry, _ rule: inout FieldRule) -> Bool {
        let given = ["column", "columns", "value"].filter { section[$0] != nil }
        guard given.count == 1 else {
            let message =
                given.isEmpty
                ? "field \"\(name)\" needs \"column\", \"columns\" or \"value\""
                : "field \"\(name)\" has \(given.joined(separator: " and ")); one is enough"
            reader.report(.configMissingKey, message, at: entry.key)
            return false
        }
        if let node = section["column"] {
            guard let column = reader.name(node, "column") else { return false }
            rule.columns = [ColumnReference(name: column, place: reader.place(node))]
        } else if let node = section["columns"] {
            guard let items = reader.list(node, "columns") else { return false }
            if items.isEmpty { reader.report(.configBadValue, "columns must name at least one column", at: node) }
            rule.columns = items.map { ColumnReference(name: $0.text, place: reader.place($0.node)) }
            if let join = section["join"] { rule.join = reader.text(join, "join") ?? "" }
        } else if let node = section["value"] {
            for other in section.entries
            where other.name != "value" && other.name != "unit" && Self.keys.contains(other.name) {
                reader.report(.configUnknownKey, "\"\(other.name)\" means nothing beside \"value\"", at: other.key)
            }
            rule.constant = value(node, "value")
            return rule.constant != nil
        }
        if let join = section.key("join"), section["columns"] == nil {
            reader.report(.configUnknownKey, "\"join\" means nothing without \"columns\"", at: join)
        }
        return true
    }

    private mutating func value(_ node: Node, _ what: String) -> CanonicalValue? {
        guard let text = reader.text(node, what) else { return nil }
        if let value = CanonicalValue(text, of: field.type) { return value }
        if case .code(let values) = field.type {
            reader.report(
                .configUnknownCode, "\"\(text)\" is no value of \(name)", at: node,
                advice: NearestName.advice(text, among: values))
        } else {
            reader.report(
                .configBadValue, "\"\(text)\" is no canonical value of \(name)", at: node,
                advice: Self.canonicalForm(field.type))
        }
        return nil
    }

    private static func canonicalForm(_ type: FieldType) -> Advice? {
        switch type {
        case .decimal(let places): "write a decimal with up to \(places) places"
        case .fen: "write whole fen"
        case .tenthsOfDegree: "write °C with one place"
        case .date: "write yyyy-mm-dd"
        case .instant: "write yyyy-mm-ddThh:mm:ss+08:00"
        case .integer: "write a whole number"
        case .boolean: "write true or false"
        default: nil
        }
    }

    private mutating func readConversion(_ section: Section, _ entry: Section.Entry, _ rule: inout FieldRule) -> Bool {
        guard let node = section["as"] else {
            reader.report(
                .configMissingKey, "field \"\(name)\" needs \"as\"", at: entry.key,
                advice: "write as: \(Conversion.suiting(field.type))")
            return false
        }
        guard let text = reader.name(node, "as") else { return false }
        guard let conversion = Conversion(text) else {
            reader.report(
                .configUnknownConversion, "unknown conversion \"\(text)\"", at: node,
                advice: NearestName.advice(text, among: Conversion.spellings))
            return false
        }
        guard conversion.suits(field.type) else {
            reader.report(
                .configUnsuitedConversion, "\"\(text)\" does not suit \(name)", at: node,
                advice: "use \(Conversion.suiting(field.type))")
            return false
        }
        rule.conversion = conversion
        rule.pad = Conversion.width(ofAccountNumber: text) ?? 0
        return true
    }

    private mutating func readRange(_ node: Node, _ rule: inout FieldRule) {
        guard let text = reader.name(node, "valid") else { return }
        guard rule.conversion.hasRange else {
            reader.report(.configUnknownKey, "\"valid\" means nothing for \(name)", at: node)
            return
        }
        guard let dots = text.firstRange(of: "..") else {
            reader.report(
                .configBadRange, "\"\(text)\" is no range", at: node, advice: "write low..high, low.. or ..high")
            return
        }
        let ends = [text[..<dots.lowerBound], text[dots.upperBound...]].map { String($0.filter { $0 != " " }) }
        var bounds: [Bound?] = []
        for end in ends {
            if end.isEmpty {
                bounds.append(nil)
            } else if rule.conversion.isNumber, let number = ExactDecimal(end),
                number.units.magnitude < 1_000_000_000_000_000,
                number.places <= 3
            {
                bounds.append(.number(number))
            } else if !rule.conversion.isNumber, let day = CivilDate(end) {
                bounds.append(.day(day))
            } else {
                reader.report(
                    .configBadRange, "\"\(end)\" is no \(rule.conversion.isNumber ? "number" : "date")", at: node)
                return
            }
        }
        switch (bounds[0], bounds[1]) {
        case (nil, nil):
            reader.report(.configBadRange, "a range needs at least one end", at: node)
        case (.number(let low), .number(let high)) where low.compare(high) > 0:
            reader.report(.configBadRange, "the range \"\(text)\" is empty", at: node)
        case (.day(let low), .day(let high)) where low > high:
            reader.report(.configBadRange, "the range \"\(text)\" is empty", at: node)
        default:
            rule.low = bounds[0]
            rule.high = bounds[1]
        }
    }

    private mutating func readUnit(_ node: Node, _ rule: inout FieldRule) {
        guard let unit = reader.name(node, "unit") else { return }
        guard rule.conversion.isNumber else {
            reader.report(.configUnknownKey, "\"unit\" means nothing for \(name)", at: node)
            return
        }
        guard UnitSuffixes.known.contains(unit) else {
            reader.report(
                .configBadValue, "unknown unit \"\(unit)\"", at: node,
                advice: NearestName.advice(unit, among: UnitSuffixes.known))
            return
        }
        if let own = field.unit, own != unit {
            reader.report(.configBadValue, "\(name) is in \(own); units are never converted", at: node)
            return
        }
        rule.unit = unit
    }

    private mutating func readOnError(_ node: Node, _ rule: inout FieldRule) {
        guard let text = reader.name(node, "on_error") else { return }
        switch text {
        case "quarantine": rule.onError = .quarantine
        case "null": rule.onError = .null
        default:
            reader.report(
                .configBadValue, "on_error is quarantine or null, not \"\(text)\"", at: node,
                advice: NearestName.advice(text, among: ["quarantine", "null"]))
        }
    }

    /// Keys that belong to one conversion.
    private mutating func readOptions(_ section: Section, _ entry: Section.Entry, _ rule: inout FieldRule) {
        let conversion = rule.conversion
        for (key, suits) in [
            ("round", conversion.isNumber && conversion != .integer), ("codes", conversion == .code),
            ("true", conversion == .boolean), ("false", conversion == .boolean), ("split", conversion == .phones),
            ("check", conversion == .idNumber), ("format", conversion == .date || conversion == .instant),
            ("pad", conversion == .text || (conversion == .accountNumber && rule.pad == 0)),
        ] where !suits {
            if let node = section.key(key) {
                reader.report(.configUnknownKey, "\"\(key)\" means nothing for this conversion", at: node)
            }
        }
        if let node = section["round"], let text = reader.name(node, "round") {
            if text == "halfUp" {
                rule.rounds = true
            } else if text != "never" {
                reader.report(
                    .configBadValue, "round is halfUp or never, not \"\(text)\"", at: node,
                    advice: NearestName.advice(text, among: ["halfUp", "never"]))
            }
        }
        if let node = section["pad"], let text = reader.name(node, "pad") {
            if let width = Int(text), Conversion.widths.contains(width) {
                rule.pad = width
            } else {
                reader.report(.configBadValue, "pad is a width from 1 to 32, not \"\(text)\"", at: node)
            }
        }
        if let node = section["format"] { readFormats(node, &rule) }
        if conversion == .code { readCodes(section, entry, &rule) }
        if conversion == .boolean { readBooleans(section, &rule) }
        if let node = section["split"], conversion == .phones {
            rule.splits = reader.name(node, "split") ?? rule.splits
        }
        if let node = section["check"], conversion == .idNumber {
            rule.verifiesCheckDigit = reader.flag(node, "check") ?? true
        }
    }

    /// One form or a list.
    private mutating func readFormats(_ node: Node, _ rule: inout FieldRule) {
        let items: [(text: String, node: Node)]
        if case .scalar(let scalar) = node {
            items = [(scalar.string, node)]
        } else {
            items = reader.list(node, "format") ?? []
        }
        for item in items {
            guard let format = DateFormat(mapping: item.text) else {
                reader.report(
                    .configBadValue, "\"\(item.text)\" is no form of dates", at: item.node,
                    advice:
                        "write yyyy or yy, M, MM or MMM, d or dd with what stands between them, such as M/d/yyyy; a time is read after it"
                )
                continue
            }
            for other in rule.formats {
                guard let text = other.clashes(with: format) ?? format.clashes(with: other) else { continue }
                reader.report(
                    .configBadValue, "\"\(text)\" reads as \(other.text) and as \(format.text), as two days",
                    at: item.node,
                    advice: "name one of them")
            }
            rule.formats.append(format)
        }
    }

    private mutating func readCodes(_ section: Section, _ entry: Section.Entry, _ rule: inout FieldRule) {
        guard let node = section["codes"] else {
            reader.report(.configMissingKey, "field \"\(name)\" needs \"codes\"", at: entry.key)
            return
        }
        guard let codes = reader.section(node, "codes") else { return }
        // Codes of a text may say anything; those of a code only what the catalogue knows.
        var values: [String]?
        if case .code(let known) = field.type { values = known }
        // Old files join the columns and list the texts joined.
        rule.isPaired =
            rule.columns.count > 1 && section["join"] == nil && codes.entries.contains { $0.name.contains("+") }
        if rule.isPaired, rule.columns.count > 8 {
            reader.report(.configBadValue, "a code is made of up to 8 columns", at: node)
            return
        }
        var seen: Set<String> = []
        for code in codes.entries {
            guard let value = reader.name(code.value, "a code's value") else { continue }
            guard values?.contains(value) ?? true else {
                reader.report(
                    .configUnknownCode, "\"\(value)\" is no value of \(name)", at: code.value,
                    advice: NearestName.advice(value, among: values ?? []))
                continue
            }
            if code.name == "*" {
                rule.rest = value
            } else if rule.isPaired {
                readPair(code, value, &seen, &rule)
            } else if seen.insert(TextFolding.folded(code.name)).inserted {
                rule.codes.append((code.name, value))
            } else {
                reader.report(.configDuplicateKey, "\"\(code.name)\" stands more than once after NFKC", at: code.key)
            }
        }
    }

    /// A code of several columns, one part for each: `"01 + A"`.
    private mutating func readPair(
        _ code: Section.Entry, _ value: String, _ seen: inout Set<String>, _ rule: inout FieldRule
    ) {
        let parts = code.name.split(separator: "+", omittingEmptySubsequences: false).map {
            TextFolding.folded(String($0))
        }
        guard parts.count == rule.columns.count else {
            let columns = rule.columns.map(\.name).joined(separator: " + ")
            reader.report(
                .configBadValue, "\"\(code.name)\" does not name one text for each of \(columns)", at: code.key,
                advice: "write \"01 + A\", with * for anything and nothing for an empty column")
            return
        }
        let spelling = parts.joined(separator: "\u{1F}")
        if seen.insert(spelling).inserted {
            rule.codes.append((spelling, value))
        } else {
            reader.report(.configDuplicateKey, "\"\(code.name)\" stands more than once after NFKC", at: code.key)
        }
    }

    private static let spellingsOfTrue = [
        "1", "-1", "是", "Y", "y", "yes", "Yes", "YES", "true", "TRUE", "True", "T", "t", "真", "√", "✓", "✔",
    ]
    private static let spellingsOfFalse = [
        "0", "否", "N", "n", "no", "No", "NO", "false", "FALSE", "False", "F", "f", "假", "×", "✗", "✘",
    ]

    private mutating func readBooleans(_ section: Section, _ rule: inout FieldRule) {
        let yes = section["true"].flatMap { reader.list($0, "true") }
        let no = section["false"].flatMap { reader.list($0, "false") }
        let stated = Set(((yes ?? []) + (no ?? [])).map { TextFolding.folded($0.text) })
        var seen: Set<String> = []
        for item in (yes ?? []) + (no ?? []) where !seen.insert(TextFolding.folded(item.text)).inserted {
            reader.report(.configDuplicateKey, "\"\(item.text)\" is listed more than once", at: item.node)
        }
        // A list that is not given keeps its default spellings, but for those that the other list claims.
        let defaultYes = yes == nil ? Self.spellingsOfTrue.filter { !stated.contains($0) } : []
        let defaultNo = no == nil ? Self.spellingsOfFalse.filter { !stated.contains($0) } : []
        rule.codes = ((yes?.map(\.text) ?? []) + defaultYes).map { ($0, "true") }
        rule.codes += ((no?.map(\.text) ?? []) + defaultNo).map { ($0, "false") }
    }
}
