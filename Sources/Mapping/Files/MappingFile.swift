import ConfigurationFiles
public import HeatModel
public import Records

/// A validated mapping file: how the rows of one stream become canonical records of one entity.
///
/// The grammar is described in `Mappings/README.md`.
public struct MappingFile: Sendable {
    public let entity: EntityKind
    public let stream: StreamName
    /// SHA-256 of the file's bytes, lower-case hex.
    public let version: String
    public let path: String
    /// Whether an account number not seen before makes a new account.
    public var introducesAccounts: Bool { account?.introduces ?? false }
    /// The system whose own id finds the account when its number does not.
    public var crosswalkSystem: String? { account?.crosswalk?.system }
    /// The system whose id → account each row teaches the crosswalk.
    public var registersSystem: String? { account?.registers?.system }
    /// Columns whose text, as pulled, identifies a row.
    public var keyColumns: [String] { key.map(\.name) }
    /// Whether the key holds `line` or `occurrence`, so that rows of one text have keys of their own.
    public var keyNamesPosition: Bool { key.contains { KeyPart.Position(rawValue: $0.name) != nil } }
    /// Every source column that the file names, each once, in the file's order. `line` and `occurrence`, which a key alone names, are
    /// left out: they need no column.
    public var referencedColumns: [String] {
        var seen: Set<String> = []
        let elsewhere = Set(references.dropFirst(key.count + literal.count).map(\.name))
        return references.map(\.name).filter {
            (KeyPart.Position(rawValue: $0) == nil || elsewhere.contains($0)) && seen.insert($0).inserted
        }
    }
    /// The fields that the file fills, in catalogue order.
    public var filledFields: [FieldDefinition] { rules.compactMap(\.field) }

    let key: [ColumnReference]
    /// Columns of the key or of ids in which `12E4` is an id and no number, and `合计` no line of totals.
    let literal: [ColumnReference]
    let account: AccountRule?
    let voided: VoidedRule?
    let repair: Mojibake.Repair?
    let nulls: [String]
    let zone: String?
    let zonePlace: Place
    /// In catalogue order.
    let rules: [FieldRule]
    /// What is read and better written otherwise, each at its place: names that a field had before.
    public let notes: [HearthError]

    /// Reads and validates one file.
    ///
    /// - Throws: ``ConfigurationErrors`` with every problem found, each at its file, line and column.
    public static func load(path: String) throws -> MappingFile {
        var reader = MappingFileReader(path: path)
        guard let file = reader.read(), reader.problems.isEmpty else { throw ConfigurationErrors(reader.problems) }
        return file
    }

    /// All references to columns, repeated as the file repeats them.
    var references: [ColumnReference] {
        var all = key + literal
        if let account {
            for rule in [account.number, account.crosswalk?.id, account.registers?.id] { all += rule?.columns ?? [] }
            all += account.address?.rules.flatMap(\.columns) ?? []
        }
        if let voided { all.append(voided.column) }
        for rule in rules { all += rule.columns }
        return all
    }
}

/// How a record finds its account.
struct AccountRule: Sendable {
    struct SystemID: Sendable {
        var system: String
        var id: FieldRule
    }

    var place: Place
    var number: FieldRule?
    var crosswalk: SystemID?
    var registers: SystemID?
    var address: AddressRule?
    var introduces = false
}

/// By place: parts from columns of their own, or one column of a whole address.
struct AddressRule: Sendable {
    var community: FieldRule?
    var building: FieldRule?
    var unit: FieldRule?
    var room: FieldRule?
    /// The column of a whole address; excludes building, unit and room.
    var whole: FieldRule?

    var rules: [FieldRule] { [community, building, unit, room, whole].compactMap { $0 } }
}

/// Which rows are void.
struct VoidedRule: Sendable {
    var column: ColumnReference
    var spellings: [String]
}
