import HeatModel
import JSONText
public import Records

/// One row, raw and canonical side by side, for a person to look at. It holds customer data: never log it.
public struct RecordPreview: Sendable {
    /// A canonical field and the columns that it was read from.
    public struct Line: Sendable {
        /// As written in the mapping file: `area.building`.
        public var field: String
        /// Empty for a constant.
        public var columns: [String]
        /// The text of each of the columns as pulled; nil is NULL.
        public var raw: [String?]
        /// The JSON value of the body, nil where the field is left out.
        public var canonical: String?
        public var isPersonal: Bool
    }

    public var ordinal: Int64
    public var key: String?
    public var accountNumber: String?
    public var crosswalkID: String?
    public var community: String?
    public var building: String?
    public var unit: String?
    public var room: String?
    public var isVoided: Bool
    /// One for each field that the mapping fills, in catalogue order.
    public var lines: [Line]
    /// Columns that the mapping file does not name, with their text.
    public var unread: [(column: String, raw: String?)]
    /// Set where the row cannot be mapped; no line then has a canonical value.
    public var reject: Reject?
}

extension MappingPlan {
    /// Maps one row of a batch and shows what became of it. The batch has the plan's columns.
    public func preview(_ batch: RawBatch, row: Int) -> RecordPreview {
        var single = RawBatch(columns: batch.columns, origin: batch.origin, bytes: batch.bytes)
        let width = batch.columns.count
        single.fields = Array(batch.fields[row * width..<(row + 1) * width])
        single.ordinals = [batch.ordinals[row]]
        // A row is numbered among those of the batch before it.
        var positions = RowPositions()
        var numbers = positions.number(batch, self)
        if !numbers.occurrences.isEmpty { numbers.occurrences = [numbers.occurrences[row]] }
        let mapped = batch.columns == columns ? BatchMapper.map(self, single, numbers) : map(single)
        let record = mapped.records.first
        let values = record.map { Self.values(ofBody: mapped.text($0.body) ?? "{}") } ?? [:]
        func raw(_ name: String) -> String? {
            columns.firstIndex(of: name).flatMap { single.text(row: 0, column: $0) }
        }
        func text(_ slice: KeyPath<CanonicalRecord, ByteRange>) -> String? {
            record.flatMap { mapped.text($0[keyPath: slice]) }
        }
        let lines = file.rules.compactMap { rule -> RecordPreview.Line? in
            guard let field = rule.field else { return nil }
            let names = rule.columns.map(\.name)
            return RecordPreview.Line(
                field: field.name, columns: names, raw: names.map(raw), canonical: values[field.jsonKey],
                isPersonal: field.isPersonal)
        }
        let named = Set(file.references.map(\.name))
        return RecordPreview(
            ordinal: single.ordinals[0], key: text(\.key) ?? mapped.rejects.first?.key,
            accountNumber: text(\.accountNumber),
            crosswalkID: text(\.crosswalkID), community: text(\.community), building: text(\.building),
            unit: text(\.unit),
            room: text(\.room), isVoided: record?.isVoided ?? false, lines: lines,
            unread: columns.filter { !named.contains($0) }.map { ($0, raw($0)) }, reject: mapped.rejects.first)
    }

    /// The JSON text of each value of a canonical body, by its key.
    private static func values(ofBody json: String) -> [String: String] {
        var json = json
        return json.withUTF8 { json in
            var values: [String: String] = [:]
            var members = JSONMembers(UnsafeRawBufferPointer(json))
            while let (key, value) = members.next() { values[key.text] = String(decoding: value, as: UTF8.self) }
            return values
        }
    }
}
