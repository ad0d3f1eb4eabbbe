import HeatModel
import Records

/// Turns the rules of a mapping file into operations on a stream's columns.
struct PlanCompiler {
    private let file: MappingFile
    private let columns: [String]
    private var indexes: [String: Int] = [:]
    private var uses: [Int: Int] = [:]
    private let literal: Set<String>

    var operations: [Operation] = []
    var rules: [FieldRule] = []
    var keyParts: [KeyPart] = []
    var literalKeys: [Bool] = []
    var account = AccountOperations()
    var voided: Voided?
    var joins: [Join] = []
    var constants: [UInt8] = []
    var nullSets: [NullSet] = []
    var tables: [CodeTable] = []
    var words: [[[UInt8]]] = []
    var dateFormats: [[DateFormat]] = []
    var totals: [String] = []
    var fixedBytes = 256
    var mostUses: Int { uses.values.max() ?? 1 }

    init(_ file: MappingFile, columns: [String]) {
        self.file = file
        self.columns = columns
        literal = Set(file.literal.map(\.name))
        for (index, name) in columns.enumerated() where indexes[name] == nil { indexes[name] = index }
    }

    func checkColumns() throws {
        var missing = file.references.filter { indexes[$0.name] == nil }
        let positions = file.key.filter { isPosition($0.name) }.map(\.place)
        missing.removeAll { positions.contains($0.place) }
        if file.key.count == 1, let only = file.key.first, isPosition(only.name), only.name == "occurrence" {
            throw HearthError(
                .configBadValue,
                "\"occurrence\" counts rows that are alike in the other columns of the key, and there are none",
                at: only.place, advice: "name the columns that tell most rows apart before it, or use line")
        }
        guard let first = missing.first else { return }
        missing.removeAll { $0.name == first.name }
        var message = "\(file.stream) has no column \"\(first.name)\""
        if !missing.isEmpty {
            let places = missing.map { "\"\($0.name)\" (\($0.place))" }
            message += ", nor \(places.joined(separator: ", "))"
        }
        throw HearthError(
            .configUnknownColumn, message, at: first.place,
            advice: NearestName.advice(first.name, among: columns))
    }

    /// Whether a word of the key means where a row stands. A column of that name goes before, and one that only differs in case is
    /// likely to be meant: that is a column renamed, which must not turn into another key unseen.
    private func isPosition(_ name: String) -> Bool {
        KeyPart.Position(rawValue: name) != nil && !columns.contains { $0.lowercased() == name }
    }

    mutating func compile() {
        nullSets = [NullSet(file.nulls.map { Array(TextFolding.folded($0).utf8) })]
        keyParts = file.key.compactMap { reference in
            indexes[reference.name].map { .column($0) } ?? KeyPart.Position(rawValue: reference.name)?.part
        }
        literalKeys = keyParts.map {
            if case .column(let column) = $0 { literal.contains(columns[column]) } else { true }
        }
        fixedBytes += file.key.count * 96
        for rule in file.rules { operations.append(operation(rule)) }
        if let rule = file.voided {
            var field = FieldRule(name: "voided", place: rule.column.place)
            field.columns = [rule.column]
            voided = Voided(
                operation: operation(field),
                spellings: NullSet(rule.spellings.map { Array(TextFolding.folded($0).utf8) }))
        }
        compileAccount()
        fixedBytes += columns.count * 2
    }

    private mutating func compileAccount() {
        if let rule = file.account?.number { account.number = identity(rule) }
        if let rule = file.account?.crosswalk?.id { account.crosswalk = identity(rule) }
        if let rule = file.account?.registers?.id { account.registers = identity(rule) }
        if let address = file.account?.address {
            if let rule = address.community { account.community = operation(rule) }
            if let rule = address.building { account.building = operation(rule) }
            if let rule = address.unit { account.unit = operation(rule) }
            if let rule = address.room { account.room = operation(rule) }
            if let rule = address.whole { account.whole = operation(rule) }
        } else if file.introducesAccounts {
            // The place of an account that this stream introduces is what its fields say, where no address is named.
            account.community = placeOperation("community")
            account.building = placeOperation("building")
            account.unit = placeOperation("unit")
            account.room = placeOperation("room")
        }
    }

    private mutating func identity(_ rule: FieldRule) -> Operation {
        var operation = operation(rule)
        operation.identifies = true
        return operation
    }

    private mutating func placeOperation(_ name: String) -> Operation? {
        guard var rule = file.rules.first(where: { $0.name == name && $0.constant == nil }) else { return nil }
        rule.field = nil
        rule.fallback = nil
        return operation(rule)
    }

    private mutating func piece(_ bytes: [UInt8]) -> ByteRange {
        let piece = ByteRange(offset: UInt32(constants.count), length: Int32(bytes.count))
        constants += bytes
        return piece
    }

    private mutating func operation(_ rule: FieldRule) -> Operation {
        var operation = Operation(code: .text, rule: Int32(rules.count))
        rules.append(rule)
        if let field = rule.field {
            operation.prefix = piece(Array(",\"\(field.jsonKey)\":".utf8))
            fixedBytes += Int(operation.prefix.length) + 80
            if field.type == .fen {
                operation.total = Int32(totals.count)
                totals.append(field.name)
            }
        }
        operation.isRequired = rule.isRequired
        operation.isNullOnError = rule.onError == .null
        if let constant = rule.constant ?? rule.fallback {
            operation.value = piece(constant.json)
            operation.valueFen = constant.fen
            fixedBytes += constant.json.count
        }
        if rule.constant != nil {
            operation.code = .constant
            return operation
        }
        operation.isLiteral = rule.columns.contains { literal.contains($0.name) }
        readFrom(rule, &operation)
        setConversion(rule, &operation)
        setNulls(rule, &operation)
        setRange(rule, &operation)
        return operation
    }

    private mutating func readFrom(_ rule: FieldRule, _ operation: inout Operation) {
        let found = rule.columns.compactMap { indexes[$0.name] }
        for column in found { uses[column, default: 0] += 1 }
        if found.count == 1 {
            operation.column = Int32(found[0])
        } else {
            operation.join = Int32(joins.count)
            var join = Join(columns: found, separator: Array(rule.join.utf8))
            if rule.isPaired {
                join.separator = [RawRecord.separator]
                join.stars = rule.pairStars
            }
            joins.append(join)
            fixedBytes += rule.join.utf8.count * found.count * 12
        }
    }

    private mutating func setConversion(_ rule: FieldRule, _ operation: inout Operation) {
        operation.pad = UInt8(rule.pad)
        switch rule.conversion {
        case .text: operation.code = rule.pad == 0 ? .text : .paddedText
        case .rawText: operation.code = .rawText
        case .accountNumber: operation.code = .accountNumber
        case .code, .boolean:
            operation.code = rule.isPaired ? .pairTable : .table
            operation.table = Int32(tables.count)
            let isCode = rule.conversion == .code
            var entries: [(key: [UInt8], value: ByteRange)] = []
            for code in rule.codes {
                let json = isCode ? CanonicalValue.quoted(code.value) : Array(code.value.utf8)
                let spelling = rule.isPaired ? code.spelling : TextFolding.folded(code.spelling)
                entries.append((Array(spelling.utf8), piece(json)))
            }
            let rest = rule.rest.map { piece(CanonicalValue.quoted($0)) } ?? .none
            tables.append(CodeTable(entries, rest: rest))
        case .decimal(let places):
            operation.code = .decimal
            operation.sourcePlaces = places
            if case .decimal(let most)? = rule.field?.type { operation.places = most }
        case .yuan:
            operation.code = .money
            operation.sourcePlaces = 2
        case .fen: operation.code = .money
        case .tenths:
            operation.code = .tenths
            operation.sourcePlaces = 1
            operation.places = 1
        case .integer: operation.code = .integer
        case .date, .instant:
            operation.code = rule.conversion == .date ? .date : .instant
            if !rule.formats.isEmpty {
                operation.table = Int32(dateFormats.count)
                dateFormats.append(rule.formats)
            }
        case .phones:
            operation.code = .phones
            operation.table = Int32(words.count)
            words.append(rule.splits.map { Self.separator(String($0)) })
        case .idNumber:
            operation.code = .idNumber
            operation.verifiesCheckDigit = rule.verifiesCheckDigit
        case .building: operation.code = .building
        case .unit: operation.code = .unit
        case .room: operation.code = .room
        case .community: operation.code = .community
        case .season: operation.code = .season
        }
        if rule.conversion.isNumber {
            operation.rounds = rule.rounds
            // ¥12.00 in a column of fen contradicts itself.
            operation.allowsCurrency =
                rule.conversion == .yuan || rule.conversion != .fen && (rule.unit ?? rule.field?.unit) == "yuan"
            if operation.places > operation.sourcePlaces {
                operation.scale = ExactDecimal.powersOfTen[Int(operation.places - operation.sourcePlaces)]
            }
            if let unit = rule.unit ?? rule.field?.unit, unit == rule.unit || unit == "m2" || unit == "degC" {
                operation.table = Int32(words.count)
                words.append(UnitSuffixes.bytes(of: unit))
            }
        }
    }

    /// As the separator reads after NFKC; a blank stays one.
    private static func separator(_ character: String) -> [UInt8] {
        let folded = TextFolding.folded(character)
        return Array((folded.isEmpty ? " " : folded).utf8)
    }

    private mutating func setNulls(_ rule: FieldRule, _ operation: inout Operation) {
        var spellings = rule.nulls ?? file.nulls
        // A spelling that a code table lists means what the table says.
        let listed = Set(rule.codes.map { TextFolding.folded($0.spelling) })
        if rule.nulls == nil, listed.isEmpty { return }
        spellings.removeAll { listed.contains(TextFolding.folded($0)) }
        operation.nulls = Int32(nullSets.count)
        nullSets.append(NullSet(spellings.map { Array(TextFolding.folded($0).utf8) }))
    }

    private func setRange(_ rule: FieldRule, _ operation: inout Operation) {
        func units(_ bound: Bound?, isLow: Bool) -> Int64? {
            switch bound {
            case nil: return nil
            case .day(let day): return Int64(day.dayNumber)
            case .number(let number):
                // A bound finer than the values themselves moves inward.
                let power = Int128(ExactDecimal.powersOfTen[Int(number.places)])
                let scaled = Int128(number.units) * Int128(ExactDecimal.powersOfTen[Int(operation.sourcePlaces)])
                var units = ExactDecimal.divide(scaled, by: power, .truncate)
                if scaled % power != 0 {
                    if isLow, scaled > 0 { units += 1 }
                    if !isLow, scaled < 0 { units -= 1 }
                }
                return Int64(clamping: units)
            }
        }
        guard rule.low != nil || rule.high != nil else { return }
        operation.hasRange = true
        operation.low = units(rule.low, isLow: true) ?? .min
        operation.high = units(rule.high, isLow: false) ?? .max
    }
}
