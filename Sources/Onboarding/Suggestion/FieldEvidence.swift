import HeatModel

/// Whether a column's values may be those of a field.
struct FieldEvidence {
    /// 0 where they only do not contradict; up to 1.
    var support: Double
    var text: String?

    /// Nil where the values contradict the field.
    static func of(
        _ name: String, _ field: FieldDefinition?, _ profile: ColumnProfile, _ kind: EntityKind, _ lexicon: Lexicon
    )
        -> FieldEvidence?
    {
        if profile.filled == 0 { return FieldEvidence(support: 0, text: nil) }
        func told(_ support: Double, _ part: KeyPath<ColumnProfile, Int>, _ what: String) -> FieldEvidence {
            FieldEvidence(support: support, text: "\(profile[keyPath: part]) of \(profile.filled) are \(what)")
        }
        switch name {
        case "account.number":
            if profile.share(\.accountNumbers) > 0.9 { return told(0.5, \.accountNumbers, "numbers of 8 digits") }
            // A name or a moment is no number of an account.
            if profile.share(\.chinese) > 0.2 || profile.share(\.dates) > 0.8
                || profile.distinct < 2 && profile.filled > 20
            {
                return nil
            }
            return FieldEvidence(support: 0, text: nil)
        case "account.id":
            if profile.share(\.chinese) > 0.2 || profile.distinct < 2 && profile.filled > 20 { return nil }
            return FieldEvidence(support: 0, text: nil)
        case "holder.idNumber":
            if profile.share(\.idNumbers) > 0.7 {
                return told(0.8, \.idNumbers, "identity numbers with a right check digit")
            }
            return profile.share(\.idNumbers) < 0.2 ? nil : FieldEvidence(support: 0, text: nil)
        case "holder.phones", "phone":
            if profile.share(\.phones) > 0.8 { return told(0.6, \.phones, "telephone numbers") }
            return profile.share(\.phones) < 0.3 ? nil : FieldEvidence(support: 0, text: nil)
        case "season":
            if profile.share(\.seasons) > 0.9 { return told(0.7, \.seasons, "heating seasons") }
            return nil
        case "holder.name", "technician", "actor":
            if profile.share(\.numbers) > 0.5 || profile.share(\.dates) > 0.5 { return nil }
            if profile.share(\.personNames) > 0.7 { return told(0.3, \.personNames, "like names of persons") }
            return FieldEvidence(support: 0, text: nil)
        case "address":
            if profile.share(\.numbers) > 0.5 || profile.share(\.dates) > 0.5 { return nil }
            return profile.share(\.places) > 0.5
                ? told(0.5, \.places, "places with a building or a unit") : FieldEvidence(support: 0, text: nil)
        case "community":
            return profile.share(\.numbers) > 0.5 || profile.share(\.dates) > 0.5
                ? nil : FieldEvidence(support: 0.1, text: nil)
        case "serial", "number", "invoiceNumber", "meter", "networkNumber", "workOrder":
            if profile.share(\.chinese) > 0.5 || profile.share(\.times) > 0.5 { return nil }
            if name == "serial" || name == "number", profile.filled > 30, profile.distinct * 3 < profile.filled {
                return nil
            }
            return FieldEvidence(support: name == "number" && profile.isUnique ? 0.2 : 0, text: nil)
        case "area.ceilingHeight":
            guard profile.share(\.numbers) > 0.9, profile.lowest >= 1.5, profile.highest <= 12 else { return nil }
            return told(0.4, \.numbers, "numbers from \(short(profile.lowest)) to \(short(profile.highest))")
        case "suspendedShare":
            guard profile.share(\.numbers) > 0.9, profile.lowest >= 0, profile.highest <= 100 else { return nil }
            return FieldEvidence(support: profile.highest <= 1 ? 0.4 : 0, text: nil)
        case "celsius":
            guard profile.share(\.numbers) > 0.9, profile.lowest >= -20, profile.highest <= 45 else { return nil }
            return told(0.4, \.numbers, "numbers from \(short(profile.lowest)) to \(short(profile.highest))")
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
            if Double(hits) > 0.9 * Double(profile.filled), profile.distinct <= 60 {
                return FieldEvidence(
                    support: known.count > 1 ? 0.7 : 0.4, text: "\(hits) of \(profile.filled) are known words for it")
            }
            return profile.isFewValued ? FieldEvidence(support: hits > 0 ? 0.3 : 0, text: nil) : nil
        case .decimal:
            guard profile.share(\.numbers) > 0.85 else { return nil }
            if name.hasPrefix("area.") {
                guard profile.lowest >= 0, profile.highest <= 200_000 else { return nil }
                let isLikely = profile.highest > 20 || name == "area.suspended" || name == "area.shared"
                return told(isLikely ? 0.3 : 0, \.numbers, "numbers up to \(short(profile.highest))")
            }
            return told(0.1, \.numbers, "numbers")
        case .fen:
            guard profile.share(\.numbers) > 0.9, profile.mostPlaces <= 4 else { return nil }
            return told(
                profile.mostPlaces == 1 || profile.mostPlaces == 2 ? 0.3 : 0.1, \.numbers,
                "amounts of at most \(profile.mostPlaces) places")
        case .tenthsOfDegree:
            guard profile.share(\.numbers) > 0.9, profile.lowest >= -60, profile.highest <= 200 else { return nil }
            return told(0.3, \.numbers, "numbers from \(short(profile.lowest)) to \(short(profile.highest))")
        case .date:
            guard profile.share(\.dates) > 0.8 else { return nil }
            return told(0.3, \.dates, "dates")
        case .instant:
            guard profile.share(\.dates) > 0.8 else { return nil }
            return told(profile.share(\.times) > 0.5 ? 0.35 : 0.15, \.dates, "dates, \(profile.times) with a time")
        case .integer:
            guard profile.share(\.numbers) > 0.9, profile.mostPlaces == 0 else { return nil }
            return FieldEvidence(support: 0.1, text: nil)
        case .boolean:
            guard profile.distinct <= 3, profile.counts.keys.allSatisfy({ booleans.contains($0) }) else { return nil }
            return FieldEvidence(support: 0.35, text: "only \(profile.counts.keys.sorted().joined(separator: ", "))")
        }
    }

    static let booleans: Set<String> = [
        "1", "0", "-1", "是", "否", "y", "n", "yes", "no", "true", "false", "t", "f", "真", "假", "√", "×", "✓", "✔", "✗",
    ]

    private static func short(_ value: Double) -> String {
        let hundredths = (value * 100).rounded()
        let text = "\(hundredths / 100)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
