import ConfigurationFiles
import Crypto
import HeatModel
import Records
import Yams

/// Turns a mapping file's YAML into a ``MappingFile``, collecting every problem.
struct MappingFileReader {
    private var reader: ConfigurationReader
    private var entity: EntityKind?
    private var notes: [HearthError] = []

    init(path: String) { reader = ConfigurationReader(path: path) }

    var problems: [HearthError] { reader.problems }

    static let keys = ["entity", "from", "key", "literal", "account", "voided", "repair", "null", "zone", "fields"]

    /// Nil only where the file is too broken to say anything of it; otherwise ask `problems` too.
    mutating func read() -> MappingFile? {
        guard let (bytes, root) = reader.load(), let top = reader.section(root, "a mapping file") else { return nil }
        reader.expect(top, only: Self.keys, in: "a mapping file")
        for name in ["entity", "from", "key", "fields"] where top[name] == nil {
            reader.report(.configMissingKey, "\"\(name)\" is missing", at: top.place)
        }
        entity = top["entity"].flatMap { readEntity($0) }
        let stream = top["from"].flatMap { readStream($0) }
        let key = top["key"].map { readKey($0) } ?? []
        let account = top["account"].flatMap { readAccount($0) }
        let voided = top["voided"].flatMap { readVoided($0) }
        let repair = top["repair"].flatMap { readRepair($0) }
        let nulls = top["null"].flatMap { reader.list($0, "null") }?.map(\.text) ?? [""]
        let zone = top["zone"].flatMap { readZone($0) }
        let rules = top["fields"].map { readFields($0) } ?? []
        let literal = top["literal"].map { readLiteral($0, key, account, rules) } ?? []
        checkAccount(account, rules, at: top)
        guard let entity, let stream else { return nil }
        return MappingFile(
            entity: entity, stream: stream, version: Hexadecimal.text(SHA256.hash(data: bytes)), path: reader.path,
            key: key, literal: literal, account: account,
            voided: voided, repair: repair, nulls: nulls, zone: zone,
            zonePlace: top["zone"].map { reader.place($0) } ?? top.place,
            rules: rules, notes: notes)
    }

    private mutating func readEntity(_ node: Node) -> EntityKind? {
        guard let name = reader.name(node, "entity") else { return nil }
        if let kind = EntityKind(rawValue: name) { return kind }
        reader.report(
            .configUnknownEntity, "unknown entity \"\(name)\"", at: node,
            advice: NearestName.advice(name, among: EntityKind.allCases.map(\.rawValue)))
        return nil
    }

    private mutating func readStream(_ node: Node) -> StreamName? {
        guard let name = reader.name(node, "from") else { return nil }
        if let stream = StreamName(name) { return stream }
        reader.report(.configBadValue, "\"from\" must be source.stream", at: node)
        return nil
    }

    private mutating func readKey(_ node: Node) -> [ColumnReference] {
        guard let items = reader.list(node, "key") else { return [] }
        if items.isEmpty { reader.report(.configBadValue, "key must name at least one column", at: node) }
        var names: Set<String> = []
        for item in items where !names.insert(item.text).inserted {
            reader.report(.configBadValue, "key names \"\(item.text)\" twice", at: item.node)
        }
        return items.map { ColumnReference(name: $0.text, place: reader.place($0.node)) }
    }

    private mutating func readLiteral(
        _ node: Node, _ key: [ColumnReference], _ account: AccountRule?, _ rules: [FieldRule]
    ) -> [ColumnReference] {
        guard let items = reader.list(node, "literal") else { return [] }
        let ids = [account?.number, account?.crosswalk?.id, account?.registers?.id].compactMap { $0 }
        let numbers = (ids + rules.filter { $0.conversion == .accountNumber }).flatMap(\.columns)
        let known = Set((key + numbers).map(\.name))
        for item in items where !known.contains(item.text) {
            reader.report(
                .configBadValue, "\"\(item.text)\" is no column of the key, nor of an account number or id",
                at: item.node, advice: NearestName.advice(item.text, among: known.sorted()))
        }
        return items.map { ColumnReference(name: $0.text, place: reader.place($0.node)) }
    }

    private mutating func readVoided(_ node: Node) -> VoidedRule? {
        guard let section = reader.section(node, "voided") else { return nil }
        reader.expect(section, only: ["column", "when"], in: "voided")
        guard let column = section["column"], let when = section["when"] else {
            reader.report(.configMissingKey, "voided needs \"column\" and \"when\"", at: node)
            return nil
        }
        guard let name = reader.name(column, "column"), let spellings = reader.list(when, "when") else { return nil }
        return VoidedRule(
            column: ColumnReference(name: name, place: reader.place(column)), spellings: spellings.map(\.text))
    }

    private mutating func readRepair(_ node: Node) -> Mojibake.Repair? {
        guard let section = reader.section(node, "repair") else { return nil }
        reader.expect(section, only: ["mojibake"], in: "repair")
        guard let value = section["mojibake"], let name = reader.name(value, "mojibake") else { return nil }
        if name == "none" { return nil }
        if let repair = Mojibake.Repair(rawValue: name) { return repair }
        reader.report(
            .configBadValue, "unknown repair \"\(name)\"", at: value,
            advice: NearestName.advice(name, among: Mojibake.Repair.allCases.map(\.rawValue) + ["none"]))
        return nil
    }

    private mutating func readZone(_ node: Node) -> String? {
        guard let name = reader.name(node, "zone") else { return nil }
        if ZoneRules.isKnown(name) { return name }
        reader.report(
            .configUnknownZone, "unknown time zone \"\(name)\"", at: node,
            advice: NearestName.find(name, among: ZoneRules.names).map { "did you mean \"\($0)\"?" }
                ?? "use an IANA name such as Asia/Shanghai")
        return nil
    }

    private mutating func readFields(_ node: Node) -> [FieldRule] {
        guard let section = reader.section(node, "fields") else { return [] }
        guard let entity else { return [] }
        var rules: [String: FieldRule] = [:]
        for entry in section.entries {
            guard let field = entity.field(named: entry.name) else {
                reader.report(
                    .configUnknownField, "\(entity.rawValue) has no field \"\(entry.name)\"", at: entry.key,
                    advice: NearestName.advice(entry.name, among: entity.fields.map(\.name)))
                continue
            }
            if field.formerName == entry.name {
                notes.append(
                    HearthError(
                        .configRenamedField, "\"\(entry.name)\" is called \"\(field.name)\" by now",
                        at: reader.place(entry.key), advice: "rename it; the old name is read too"))
            }
            if rules[field.name] != nil {
                reader.report(
                    .configDuplicateKey, "\"\(entry.name)\" is \"\(field.name)\", which stands there already",
                    at: entry.key)
                continue
            }
            var rule = FieldRuleReader(reader: reader, field: field, name: field.name)
            if let read = rule.read(entry) { rules[field.name] = read }
            reader = rule.reader
        }
        return entity.fields.compactMap { rules[$0.name] }
    }

    // MARK: account

    private mutating func readAccount(_ node: Node) -> AccountRule? {
        guard let section = reader.section(node, "account") else { return nil }
        reader.expect(
            section, only: ["column", "as", "crosswalk", "address", "introduces", "registers"], in: "account")
        var account = AccountRule(place: reader.place(node))
        if let column = section["column"], let name = reader.name(column, "column") {
            var rule = FieldRule(name: "account", place: reader.place(column))
            rule.columns = [ColumnReference(name: name, place: reader.place(column))]
            rule.conversion = .accountNumber
            account.number = rule
        }
        if let conversion = section["as"], let name = reader.name(conversion, "as") {
            switch Conversion(name) {
            case .accountNumber: account.number?.pad = Conversion.width(ofAccountNumber: name) ?? 0
            case .text: account.number?.conversion = .text
            default:
                reader.report(
                    .configUnsuitedConversion,
                    "an account number is read as accountNumber or text, not as \"\(name)\"",
                    at: conversion,
                    advice: NearestName.advice(name, among: ["accountNumber", "accountNumber(n)", "text"]))
            }
        }
        account.crosswalk = section["crosswalk"].flatMap { readSystemID($0, "crosswalk") }
        account.registers = section["registers"].flatMap { readSystemID($0, "registers") }
        account.address = section["address"].flatMap { readAddress($0) }
        if let node = section["introduces"] { account.introduces = reader.flag(node, "introduces") ?? false }
        if account.introduces, account.number == nil {
            reader.report(.configMissingKey, "introduces: true needs the column of the account number", at: node)
        }
        return account
    }

    private mutating func readSystemID(_ node: Node, _ what: String) -> AccountRule.SystemID? {
        guard let section = reader.section(node, what) else { return nil }
        reader.expect(section, only: ["system", "column", "as"], in: what)
        guard let system = section["system"], let column = section["column"] else {
            reader.report(.configMissingKey, "\(what) needs \"system\" and \"column\"", at: node)
            return nil
        }
        guard let system = reader.name(system, "system"), let name = reader.name(column, "column") else { return nil }
        var rule = FieldRule(name: what, place: reader.place(column))
        rule.columns = [ColumnReference(name: name, place: reader.place(column))]
        if let node = section["as"], let conversion = reader.name(node, "as") {
            if conversion == "accountNumber" || Conversion.width(ofAccountNumber: conversion) != nil {
                rule.conversion = .accountNumber
                rule.pad = Conversion.width(ofAccountNumber: conversion) ?? 0
            } else if conversion != "text" {
                reader.report(
                    .configUnsuitedConversion,
                    "an id is read as text, accountNumber or accountNumber(n), not as \"\(conversion)\"",
                    at: node,
                    advice: NearestName.advice(conversion, among: ["text", "accountNumber", "accountNumber(n)"]))
            }
        }
        return AccountRule.SystemID(system: system, id: rule)
    }

    private mutating func readAddress(_ node: Node) -> AddressRule? {
        guard let section = reader.section(node, "address") else { return nil }
        reader.expect(section, only: ["community", "building", "unit", "room", "column"], in: "address")
        func rule(_ key: String, _ conversion: Conversion, _ reader: inout ConfigurationReader) -> FieldRule? {
            guard let node = section[key], let name = reader.name(node, key) else { return nil }
            var rule = FieldRule(name: "address.\(key)", place: reader.place(node))
            rule.columns = [ColumnReference(name: name, place: reader.place(node))]
            rule.conversion = conversion
            return rule
        }
        let address = AddressRule(
            community: rule("community", .community, &reader), building: rule("building", .building, &reader),
            unit: rule("unit", .unit, &reader), room: rule("room", .room, &reader),
            whole: rule("column", .text, &reader))
        if address.whole == nil {
            for part in ["community", "building", "room"] where section[part] == nil {
                reader.report(
                    .configMissingKey, "address needs \"\(part)\", or \"column\" for a whole address", at: node)
            }
        } else if let part = ["building", "unit", "room"].first(where: { section[$0] != nil }) {
            reader.report(
                .configBadValue, "address has both \"column\", a whole address, and \"\(part)\"",
                at: section.key(part) ?? node)
        }
        return address
    }

    private mutating func checkAccount(_ account: AccountRule?, _ rules: [FieldRule], at top: Section) {
        guard let entity else { return }
        if !entity.belongsToAccount {
            if let key = top.key("account") {
                reader.report(.configUnknownKey, "a \(entity.rawValue) belongs to no account", at: key)
            }
            return
        }
        let hasWorkOrder = rules.contains { $0.name == "workOrder" }
        if account == nil, top["account"] == nil, !hasWorkOrder {
            reader.report(
                .configMissingKey, "\"account\" is missing: how does a \(entity.rawValue) find its account?",
                at: top.place)
        } else if let account, account.number == nil, account.crosswalk == nil, account.address == nil {
            reader.report(
                .configMissingKey, "account needs at least one of \"column\", \"crosswalk\" and \"address\"",
                at: account.place)
        }
    }
}
