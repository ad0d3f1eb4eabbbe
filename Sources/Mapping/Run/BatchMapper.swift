import HeatModel
import Records

/// Runs a plan over a batch: makes the output buffer, grows it between rows, and turns what fails into rejects.
enum BatchMapper {
    static func map(_ plan: MappingPlan, _ batch: borrowing RawBatch, _ positions: KeyPositions) -> CanonicalBatch {
        let rows = batch.rowCount
        var records: [CanonicalRecord] = []
        records.reserveCapacity(rows)
        var failures: [Failure] = []
        // Most rows need about their own bytes twice, the names of their fields and some punctuation.
        let expected = batch.bytes.count * 3 + rows * (plan.fixedBytes / 3 + 64) + 65_536
        var output = Self.memory(expected)
        var used = 0
        var totals: [ControlTotal] = []
        var warnings = 0
        let ordinals = batch.ordinals
        batch.bytes.withUnsafeBufferPointer { bytes in
            batch.fields.withUnsafeBufferPointer { fields in
                plan.withTables { tables in
                    var mapper = RowMapper(plan, tables, bytes: bytes, fields: fields, positions)
                    var row = 0
                    while row < rows {
                        let needed = output.withUnsafeMutableBufferPointer { buffer -> Int in
                            guard let base = buffer.baseAddress else { return 0 }
                            var writer = ByteWriter(base: base, position: used)
                            while row < rows {
                                let most = mapper.mostBytes(ofRow: row)
                                if writer.position + most > buffer.count {
                                    used = writer.position
                                    return most
                                }
                                let start = writer.position
                                var record = CanonicalRecord(ordinal: ordinals[row])
                                let fault = mapper.map(row, &writer, &record)
                                if fault == .none {
                                    records.append(record)
                                } else {
                                    failures.append(
                                        Failure(
                                            row: row, fault: fault, rule: mapper.failedRule, key: record.key,
                                            start: start, raw: record.raw, writer))
                                    writer.position = start
                                }
                                row += 1
                            }
                            used = writer.position
                            return 0
                        }
                        if needed > 0 { Self.grow(&output, used: used, by: needed) }
                    }
                    totals = mapper.controlTotals(plan.totals)
                    warnings = mapper.warnings
                }
            }
        }
        output.removeLast(output.count - used)
        let rejects = failures.map { $0.reject(plan, batch) }
        return CanonicalBatch(bytes: output, records: records, rejects: rejects, totals: totals, warnings: warnings)
    }

    /// Memory to write into; what it holds at first is of no interest.
    private static func memory(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { _, initialized in initialized = count }
    }

    private static func grow(_ output: inout [UInt8], used: Int, by needed: Int) {
        var larger = memory(output.count * 2 + needed)
        larger.withUnsafeMutableBufferPointer { to in
            output.withUnsafeBufferPointer { from in
                if let to = to.baseAddress, let from = from.baseAddress { to.update(from: from, count: used) }
            }
        }
        output = larger
    }
}

extension CanonicalRecord {
    init(ordinal: Int64) {
        self.init(
            key: .none, accountNumber: .none, crosswalkID: .none, registersID: .none, community: .none, building: .none,
            unit: .none, room: .none, body: .none, raw: .none, hash: (0, 0), ordinal: ordinal, isVoided: false)
    }
}

/// A row that could not be mapped, with what its reject needs.
private struct Failure {
    let row: Int
    let fault: Fault
    let rule: Int
    let key: String?
    let raw: [UInt8]

    init(row: Int, fault: Fault, rule: Int, key: ByteRange, start: Int, raw: ByteRange, _ writer: borrowing ByteWriter)
    {
        self.row = row
        self.fault = fault
        self.rule = rule
        func bytes(_ slice: ByteRange) -> [UInt8] {
            Array(UnsafeBufferPointer(start: writer.base + Int(slice.offset), count: max(0, Int(slice.length))))
        }
        self.key = key.isNone ? nil : String(decoding: bytes(key), as: UTF8.self)
        self.raw = bytes(raw)
    }

    func reject(_ plan: MappingPlan, _ batch: borrowing RawBatch) -> Reject {
        guard rule >= 0 else {
            let names = plan.file.keyColumns.joined(separator: ", ")
            return Reject(
                code: fault.code, message: "\"\(names)\" \(fault.predicate)", column: names, field: nil,
                ordinal: batch.ordinals[row], key: nil, raw: raw, mappingPlace: plan.file.key.first?.place)
        }
        let broken = plan.rules[rule]
        let subject =
            fault == .required || broken.hidesValue ? broken.name : "\(broken.name): \"\(value(broken, plan, batch))\""
        return Reject(
            code: fault.code, message: "\(subject) \(fault.predicate)",
            column: broken.columns.map(\.name).joined(separator: ", "), field: broken.name,
            ordinal: batch.ordinals[row],
            key: key, raw: raw, mappingPlace: broken.place)
    }

    /// The value as pulled, cut to what a message can hold.
    private func value(_ rule: FieldRule, _ plan: MappingPlan, _ batch: borrowing RawBatch) -> String {
        var text = ""
        for (index, column) in rule.columns.enumerated() {
            guard let position = plan.columns.firstIndex(of: column.name) else { continue }
            if index > 0 { text += rule.isPaired ? " + " : rule.join }
            text += batch.text(row: row, column: position) ?? ""
        }
        return text.count > 40 ? "\(text.prefix(40))…" : text
    }
}

extension FieldRule {
    /// Whether the value must not be shown. Account numbers and places lead to a person too.
    var hidesValue: Bool { field?.isPersonal ?? true }
}
