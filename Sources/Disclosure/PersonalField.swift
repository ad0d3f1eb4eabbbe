public import HeatModel

/// A JSON key whose value is personal data, and what is left of it without the right to see it.
///
/// The catalogue of fields (``EntityKind/fields``) is the one table that says which are personal; here stands how each is masked.
public struct PersonalField: Sendable {
    /// `holder_name`.
    public let key: String
    public let mask: Mask

    /// Every personal field of the catalogue, in its order.
    public static let all: [PersonalField] = {
        var known: Set<String> = []
        return EntityKind.allCases.flatMap(\.fields).filter(\.isPersonal).compactMap { field in
            guard known.insert(field.jsonKey).inserted else { return nil }
            return PersonalField(key: field.jsonKey, mask: mask(of: field.jsonKey))
        }
    }()

    /// The mask of a key's value; nil where the catalogue says that it is not personal. A key that no field has is masked whole.
    public static func mask(ofKey key: String) -> Mask? { masks[key] ?? .whole }

    /// The keys of those of some fields (`holder.name`) that are personal, sorted.
    public static func keys(of fields: some Sequence<String>) -> [String] {
        let named = Set(fields)
        let personal = EntityKind.allCases.flatMap(\.fields).filter { $0.isPersonal && named.contains($0.name) }
        return Set(personal.map(\.jsonKey)).sorted()
    }

    private static let masks: [String: Mask?] = {
        let fields = EntityKind.allCases.flatMap(\.fields)
        return Dictionary(
            fields.map { ($0.jsonKey, $0.isPersonal ? mask(of: $0.jsonKey) : nil) }, uniquingKeysWith: { $0 ?? $1 })
    }()

    private static func mask(of key: String) -> Mask {
        if key.hasSuffix("name") || key == "technician" || key == "actor" { return .name }
        if key.hasSuffix("phone") || key.hasSuffix("phones") { return .number }
        return .whole
    }
}

extension FieldDefinition {
    /// How a value of it is masked; nil where it is not personal.
    public var mask: PersonalField.Mask? { isPersonal ? PersonalField.mask(ofKey: jsonKey) : nil }
}

/// Personal fields of one answer, as a set of places in ``PersonalField/all``.
public struct PersonalFieldSet: OptionSet, Sendable, Hashable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public init(place: Int) { rawValue = 1 << UInt64(place) }

    public var keys: [String] {
        PersonalField.all.indices.filter { contains(PersonalFieldSet(place: $0)) }.map { PersonalField.all[$0].key }
    }
}
