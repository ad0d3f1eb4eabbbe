import HeatModel

/// Whether a column's values may be those of a field.
struct FieldEvidence {
    /// In thousandths: 0 where they only do not contradict.
    var support: Int
    var text: String?

    /// Nil where the values contradict the field.
    static func of(
        _ name: String, _ field: FieldDefinition?, _ profile: ColumnProfile, _ kind: EntityKind, _ lexicon: Lexicon
    )
        -> FieldEvidence?
    {
        if profile.filled == 0 { return FieldEvidence(support: 0, text: nil) }
        func told(_ support: Int, _ part: KeyPath<ColumnProfile, Int>, _ what: String) -> FieldEvidence {
            FieldEvidence(support: support, text: "\(profile[keyPath: part]) of \(profile.filled) are \(what)")
        }
        switch name {
        case "account.number":
            if profile.share(\.accountNumbers) > 900 { return told(500, \.accountNumbers, "numbers of 8 digits") }
            // A name or a moment is no number of an account.
            if profile.share(\.chinese) > 200 || profile.share(\.dates) > 800
                || profile.distinct < 2 && profile.filled > 20
            {
                return nil
            }
            return FieldEvidence(support: 0, text: nil)
        case "account.id":
            if profile.share(\.chinese) > 200 || profile.distinct < 2 && profile.filled > 20 { return nil }
            return FieldEvidence(support: 0, text: nil)
        case "holder.idNumber":
            if profile.share(\.idNumbers) > 700 {
                return told(800, \.idNumbers, "identity numbers with a right check digit")
            }
            return profile.share(\.idNumbers) < 200 ? nil : FieldEvidence(support: 0, text: nil)
        case "holder.phones", "phone":
            if profile.share(\.phones) > 800 { return told(600, \.phones, "telephone numbers") }
            return profile.share(\.phones) < 300 ? nil : FieldEvidence(support: 0, text: nil)
        case "season":
            if profile.share(\.seasons) > 900 { return told(700, \.seasons, "heating seasons") }
            return nil
        case "holder.name", "technician", "actor":
            if profile.share(\.numbers) > 500 || profile.share(\.dates) > 500 { return nil }
            if profile.share(\.personNames) > 700 { return told(300, \.personNames, "like names of persons") }
            return FieldEvidence(support: 0, text: nil)
        case "address":
            if profile.share(\.numbers) > 500 || profile.share(\.dates) > 500 { return nil }
            return profile.share(\.places) > 500
                ? told(500, \.places, "places with a building or a unit") : FieldEvidence(support: 0, text: nil)
        case "community":
            return profile.share(\.numbers) > 500 || profile.share(\.dates) > 500
                ? nil : FieldEvidence(support: 100, text: nil)
        case "serial", "number", "invoiceNumber", "meter", "networkNumber", "workOrder":
            if profile.share(\.chinese) > 500 || profile.share(\.times) > 500 { return nil }
            if name == "serial" || name == "number", profile.filled > 30, profile.distinct * 3 < profile.filled {
                return nil
            }
            return FieldEvidence(support: name == "number" && profile.isUnique ? 200 : 0, text: nil)
        case "area.ceilingHeight":
            guard profile.share(\.numbers) > 900, profile.lies(1_500...12_000) else { return nil }
            return told(400, \.numbers, "numbers from \(short(profile.lowest)) to \(short(profile.highest))")
        case "suspendedShare":
            guard profile.share(\.numbers) > 900, profile.lies(0...100_000) else { return nil }
            return FieldEvidence(support: profile.lies(0...1_000) ? 400 : 0, text: nil)
        case "celsius":
            guard profile.share(\.numbers) > 900, profile.lies(-20_000...45_000) else { return nil }
            return told(400, \.numbers, "numbers from \(short(profile.lowest)) to \(short(profile.highest))")
        default: break
        }
        // What is of use though the entity has no such field.
        let type = field?.type ?? (name == "updatedAt" ? .instant : name == "voided" ? .boolean : .text)
        switch type {
        case .text, .textList: return FieldEvidence(support: 0, text: nil)
        case .code:
            guard let codes = lexicon.codes(of: name, kind) else {
                return profile.isFewValued ? FieldEvidence(support: 0, text: nil) : nil
            }
            let known = profile.counts.filter { value in codes.contains { $0.spellings.contains(value.key) } }
            let hits = known.values.reduce(0, +)
            if hits * 10 > 9 * profile.filled, profile.distinct <= 60 {
                return FieldEvidence(
                    support: known.count > 1 ? 700 : 400, text: "\(hits) of \(profile.filled) are known words for it")
            }
            return profile.isFewValued ? FieldEvidence(support: hits > 0 ? 300 : 0, text: nil) : nil
        case .decimal:
            guard profile.share(\.numbers) > 850 else { return nil }
            if name.hasPrefix("area.") {
                guard profile.lies(0...200_000_000) else { return nil }
                let isLikely = !profile.lies(0...20_000) || name == "area.suspended" || name == "area.shared"
                return told(isLikely ? 300 : 0, \.numbers, "numbers up to \(short(profile.highest))")
            }
            return told(100, \.numbers, "numbers")
        case .fen:
            guard profile.share(\.numbers) > 900, profile.mostPlaces <= 4 else { return nil }
            return told(
                profile.mostPlaces == 1 || profile.mostPlaces == 2 ? 300 : 100, \.numbers,
                "amounts of at most \(profile.mostPlaces) places")
        case .tenthsOfDegree:
            guard profile.share(\.numbers) > 900, profile.lies(-60_000...200_000) else { return nil }
            return told(300, \.numbers, "numbers from \(short(profile.lowest)) to \(short(profile.highest))")
        case .date:
            guard profile.share(\.dates) > 800 else { return nil }
            return told(300, \.dates, "dates")
        case .instant:
            guard profile.share(\.dates) > 800 else { return nil }
            return told(profile.share(\.times) > 500 ? 350 : 150, \.dates, "dates, \(profile.times) with a time")
        case .integer:
            guard profile.share(\.numbers) > 900, profile.mostPlaces == 0 else { return nil }
            return FieldEvidence(support: 100, text: nil)
        case .boolean:
            guard profile.distinct <= 3, profile.counts.keys.allSatisfy({ booleans.contains($0) }) else { return nil }
            return FieldEvidence(support: 350, text: "only \(profile.counts.keys.sorted().joined(separator: ", "))")
        }
    }

    static let booleans: Set<String> = [
        "1", "0", "-1", "是", "否", "y", "n", "yes", "no", "true", "false", "t", "f", "真", "假", "√", "×", "✓", "✔", "✗",
    ]

    /// With two places at most, and none that say nothing.
    private static func short(_ value: ExactDecimal?) -> String {
        guard let value, let near = value.rounded(places: min(value.places, 2), .halfUp) else { return "?" }
        var shown = near
        while shown.places > 0, let less = shown.exactly(places: shown.places - 1) { shown = less }
        return "\(shown)"
    }
}
