import HeatModel
import Records

extension RowMapper {
    /// Writes what leads a record to its account. An unreadable account number is a fault, and so is an id of another system that is
    /// none: it could be that of another account. A place that cannot be read is none, and the next rule is tried.
    @inline(__always)
    mutating func putAccount(_ first: Int, _ writer: inout ByteWriter, _ record: inout CanonicalRecord) -> Fault {
        if let operation = account.number {
            let fault = put(operation, first, &writer, &record.accountNumber)
            if fault != .none, fault != .null {
                failAt(operation)
                return fault
            }
        }
        if let operation = account.crosswalk {
            let fault = put(operation, first, &writer, &record.crosswalkID)
            if isNoIdentity(fault, operation) { return fault }
        }
        if let operation = account.registers {
            let fault = put(operation, first, &writer, &record.registersID)
            if isNoIdentity(fault, operation) { return fault }
        }
        if let operation = account.community { _ = put(operation, first, &writer, &record.community) }
        if let operation = account.whole {
            putParsed(operation, first, &writer, &record)
        } else {
            if let operation = account.building { _ = put(operation, first, &writer, &record.building) }
            if let operation = account.unit { _ = put(operation, first, &writer, &record.unit) }
            if let operation = account.room { _ = put(operation, first, &writer, &record.room) }
        }
        return .none
    }

    @inline(__always)
    private mutating func isNoIdentity(_ fault: Fault, _ operation: UnsafePointer<Operation>) -> Bool {
        guard fault == .scientificNotation || fault == .undeclaredTrailer else { return false }
        failAt(operation)
        return true
    }

    /// Converts one text and writes it bare.
    @inline(__always)
    private mutating func put(
        _ operation: UnsafePointer<Operation>, _ first: Int, _ writer: inout ByteWriter, _ slice: inout ByteRange
    ) -> Fault {
        guard let source = read(operation, first) else { return .null }
        let text = TextFolding.fold(source, &folded)
        if text.count == 0 || tables.nullSets[Int(operation.pointee.nulls)].contains(text) { return .null }
        var result: Text?
        let fault = normalize(operation, text, &result)
        guard fault == .none, let result else { return fault }
        let begin = writer.position
        writer.put(result)
        slice = self.slice(begin, writer.position)
        return .none
    }

    /// An address of one column. Where a community is named in a column of its own, that name stands; else the text before the
    /// building does. An ambiguous address gives nothing.
    @inline(never)
    private mutating func putParsed(
        _ operation: UnsafePointer<Operation>, _ first: Int, _ writer: inout ByteWriter, _ record: inout CanonicalRecord
    ) {
        guard let source = read(operation, first) else { return }
        let text = TextFolding.fold(source, &folded)
        if text.count == 0 || tables.nullSets[Int(operation.pointee.nulls)].contains(text) { return }
        let parsed = AddressParser.parse(text.string)
        guard let building = parsed.building else { return }
        record.building = put(building, &writer)
        if let unit = parsed.unit { record.unit = put(unit, &writer) }
        if let room = parsed.room { record.room = put(room, &writer) }
        if record.community.isNone, account.community == nil, !parsed.prefix.isEmpty {
            record.community = put(parsed.prefix, &writer)
        }
    }

    private func put(_ text: String, _ writer: inout ByteWriter) -> ByteRange {
        let begin = writer.position
        for byte in text.utf8 { writer.put(byte) }
        return slice(begin, writer.position)
    }
}
