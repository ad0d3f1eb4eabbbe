import HeatModel
import Records

extension Origin {
    /// Whether two rows of one key contradict each other. In a file of changes or an envelope the later one is the newer state.
    var statesEachKeyOnce: Bool { isSnapshot || kind == .table || kind == .query }

    /// Where a record stands, as a person would look for it.
    func place(ordinal: Int64, key: [UInt8]?) -> String {
        switch kind {
        case .file: Place.file(name, line: Int(ordinal), column: 0).description
        case .envelope: "\(name) record \(ordinal)"
        case .table, .query:
            Place.table(name, key: key.map { RecordKey.text($0) } ?? "row \(ordinal)").description
        }
    }
}
