/// Reading what can be read of a record that was refused.
extension MappingFile {
    /// The same mapping, except that a field that cannot be read, or is missing, is left out instead of refusing the record.
    public var lenient: MappingFile {
        MappingFile(
            entity: entity, stream: stream, version: version, path: path, key: key, literal: literal, account: account,
            voided: voided,
            repair: repair, nulls: nulls, zone: zone, zonePlace: zonePlace,
            rules: rules.map { rule in
                var rule = rule
                rule.isRequired = false
                rule.onError = .null
                return rule
            }, notes: notes)
    }
}
