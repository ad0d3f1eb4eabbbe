public import HeatModel

/// Which columns make which fields: for tracing a value back, and for hiding what is personal.
extension MappingFile {
    /// The source columns of a field, by the field's name in the catalogue; empty for a constant or a field not filled.
    public func columns(of field: String) -> [String] {
        rules.first { $0.name == field }?.columns.map(\.name) ?? []
    }

    /// Where the rule of a field stands in the file.
    public func place(of field: String) -> Place? { rules.first { $0.name == field }?.place }

    /// Whether a column is read into a personal field, names the room or the address at which a record's account is, or is read into
    /// no field at all, so that nothing says what it holds.
    public func isPersonal(column: String) -> Bool {
        let uses = rules.filter { $0.columns.contains { $0.name == column } }
        if uses.contains(where: { $0.field?.isPersonal ?? false }) { return true }
        let homes = [account?.address?.room, account?.address?.whole].compactMap { $0 }
        if homes.contains(where: { $0.columns.contains { $0.name == column } }) { return true }
        return uses.isEmpty && !references.contains { $0.name == column }
    }
}

extension MappingFile {
    /// Where the file names a source column, in its order.
    package func places(naming column: String) -> [Place] { references.filter { $0.name == column }.map(\.place) }
}
