import Foundation
import HeatModel
import Records

/// Writes the rule of a field: the conversion that its type and the values ask for.
struct RuleWriter {
    let sample: StreamSample
    let profiles: [ColumnProfile]
    let entity: EntityKind
    let codeTables: [CodeReading.Table]
    let lexicon: Lexicon

    /// Spellings of nothing that the sample holds.
    var nulls: [String] {
        var found: Set<String> = []
        for column in sample.columns.indices {
            for value in sample.values(column) {
                guard let value else { continue }
                let text = value.trimmingCharacters(in: .whitespaces)
                if text != "", ["-", "--", "无", "NULL", "null", "空", "N/A"].contains(text) { found.insert(text) }
            }
        }
        return found.isEmpty ? [] : [""] + found.sorted()
    }

    func field(_ pick: FieldAssignment.Pick) -> Suggestion.Field {
        let column = sample.columns[pick.column]
        let profile = profiles[pick.column]
        let name = pick.candidate.field
        var confidence = pick.confidence
        var held: String?
        var evidence = pick.candidate.evidence
        var parts = ["column: \(YAMLText.plain(column))"]
        guard let field = entity.field(named: name) else { preconditionFailure("\(name) is no field of \(entity)") }
        if confidence == .open {
            let others = pick.rivals.map { $0.isEmpty ? "none of Hearth's fields" : $0 }
            let columns = pick.rivalColumns.map { sample.columns[$0] }
            held =
                others.isEmpty
                ? "\(columns.joined(separator: ", ")) may be this as well"
                : "it may be \(([name] + others).joined(separator: " or "))"
        }
        func doubt(_ why: String) {
            confidence = .open
            held = held ?? why
        }
        switch field.type {
        case .text: parts.append("as: \(Self.text(name))")
        case .textList: parts.append("as: phones")
        case .code(let codes):
            let read = CodeReading(
                column: column, profile, spelled: spelled(pick.column), known: lexicon.codes(of: name, entity) ?? [],
                tables: codeTables)
            let unknown = read.unknown
            let strays = unknown.reduce(0) { $0 + $1.count }
            // A few rows with codes that nothing explains go to quarantine; they do not make the others doubtful.
            let areStray = strays * 100 <= profile.filled * 3 && unknown.count < read.codes.count
            let listed = read.codes.filter { $0.value != nil || ($0.count > 0 && !areStray) }.map {
                "\(YAMLText.quoted($0.spelling)): \($0.value ?? "?")"
            }
            parts.append("as: code")
            // A value that is no known word may be anything, a name too: it is not shown unless it is a short code.
            let isShown = areStray || unknown.allSatisfy { Self.isHarmless($0.spelling) }
            if isShown { parts.append("codes: {\(listed.joined(separator: ", "))}") }
            if let table = read.table {
                evidence.append("\(table) says what its codes mean")
            }
            if read.codes.isEmpty {
                doubt("no value is known yet; the codes are \(codes.joined(separator: ", "))")
            } else if areStray {
                if strays > 0 {
                    evidence.append("\(strays) rows hold codes that nothing explains, and would go to quarantine")
                }
            } else {
                let shown =
                    isShown
                    ? unknown.map { code in
                        "\(code.spelling) (\(code.count) times\(code.word.map { ", \($0)" } ?? ""))"
                    }.joined(separator: ", ") : "\(unknown.count) values"
                doubt("what \(shown) mean is not known: one of \(codes.joined(separator: ", "))")
            }
        case .decimal(let places):
            parts.append("as: decimal(\(places))")
            if profile.mostPlaces > Int(places) { parts.append("round: halfUp") }
            if let unit = field.unit, unit == "m2" || unit == "m" || unit == "m3" { parts.append("unit: \(unit)") }
            if name == "suspendedShare", !profile.lies(0...1_000) {
                doubt("its values go up to more than 1: a percentage is not read")
            }
        case .fen:
            let isFen =
                words(pick.column).contains { ["fen", "cent", "cents"].contains($0) } || column.contains("(分)")
                || column.contains("（分）")
            let type = sample.types[column] ?? ""
            let says = [column, sample.comments[column] ?? ""].contains { $0.contains("元") }
            let isYuan =
                profile.mostPlaces > 0 || says || type.contains(",2)") || type.contains(", 2)") || type == "money"
                || streamHasPlaces
            parts.append("as: money(\(isFen ? "fen" : "yuan"))")
            if profile.mostPlaces > 2 { parts.append("round: halfUp") }
            if !isFen, !isYuan, profile.filled > 0, !profile.lies(0...0) {
                doubt("whether its whole numbers are yuan or fen, nothing tells: money(yuan) or money(fen)")
            }
        case .tenthsOfDegree: parts.append("as: tenths")
        case .integer: parts.append("as: integer")
        case .boolean: parts.append("as: boolean")
        case .date, .instant:
            parts.append("as: \(field.type == .date ? "date" : "instant")")
            if profile.slashes > 0 {
                if profile.firstAbove12 > 0, profile.secondAbove12 == 0 {
                    parts.append("format: d/M/yyyy")
                } else if profile.secondAbove12 > 0, profile.firstAbove12 == 0 {
                    parts.append("format: M/d/yyyy")
                } else {
                    parts.append("format: M/d/yyyy")
                    doubt("nothing tells whether the day or the month comes first: format: M/d/yyyy or d/M/yyyy")
                }
            }
        }
        if name == "holder.idNumber" { parts.append("on_error: null") }
        if profile.filled == profile.rows, profile.rows > 0, Self.required.contains("\(entity.rawValue).\(name)") {
            parts.append("required: true")
        }
        if profile.filled == 0 {
            evidence.append("empty in all \(profile.rows) rows")
            confidence = confidence == .sure ? .likely : confidence
        }
        return Suggestion.Field(
            column: column, field: name, alternatives: (pick.rivals + pick.settled).filter { !$0.isEmpty },
            confidence: confidence,
            rule: "{\(parts.joined(separator: ", "))}", evidence: evidence, held: held)
    }

    /// `voided: {column: zf, when: ["1"]}`
    func voided(_ column: Int) -> String? {
        let spelled = spelled(column)
        let yes = profiles[column].counts.keys.filter {
            ["1", "-1", "是", "y", "yes", "true", "t", "真", "√"].contains($0)
        }.sorted()
        let words = yes.map { spelled[$0] ?? $0 }
        let when = words.isEmpty ? profiles[column].counts.keys.contains("否") ? ["是"] : ["1"] : words
        return
            "{column: \(YAMLText.plain(sample.columns[column])), when: [\(when.map(YAMLText.quoted).joined(separator: ", "))]}"
    }

    private static let required: Set<String> = [
        "charge.due", "charge.season", "payment.amount", "payment.paidAt", "meterReading.readAt", "season.season",
        "season.startsOn", "season.endsOn", "roomTemperature.celsius", "roomTemperature.measuredAt",
        "workOrderEvent.workOrder", "workOrderEvent.at", "workOrder.createdAt", "outage.beginsAt",
    ]

    private static func text(_ name: String) -> String {
        switch name {
        case "building", "unit", "room", "community", "season": name
        case "holder.idNumber": "idNumber"
        default: "text"
        }
    }

    /// A short code of letters and digits is nobody's name.
    private static func isHarmless(_ text: String) -> Bool {
        text.count <= 6
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == ".") }
    }

    /// Another amount of the stream has places, so that all are in the same unit.
    private var streamHasPlaces: Bool {
        guard entity != .workOrder else { return false }
        return sample.columns.indices.contains { index in
            1...2 ~= profiles[index].mostPlaces && profiles[index].share(\.numbers) > 950
                && words(index).contains {
                    ["amount", "due", "received", "arrears", "paid"].contains($0) || $0.hasSuffix("je")
                        || $0.hasSuffix("jine")
                }
                || (1...2 ~= profiles[index].mostPlaces && sample.columns[index].contains("额"))
        }
    }

    private func words(_ column: Int) -> [String] {
        EnglishWords.normal(ColumnName.pieces(sample.columns[column]))
    }

    /// Folded values as the source spells them.
    private func spelled(_ column: Int) -> [String: String] {
        var found: [String: String] = [:]
        for value in sample.values(column) {
            guard let value else { continue }
            let text = value.trimmingCharacters(in: .whitespacesAndNewlines)
            let folded = Lexicon.folded(text)
            if found[folded].map({ text < $0 }) ?? true { found[folded] = text }
        }
        return found
    }
}
