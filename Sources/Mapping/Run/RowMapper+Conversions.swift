import HeatModel
import Records

extension RowMapper {
    /// Converts one text and writes it as JSON.
    @inline(__always)
    mutating func convert(_ operation: UnsafePointer<Operation>, _ source: Text, _ writer: inout ByteWriter) -> Fault {
        if operation.pointee.code == .rawText {
            if tables.nullSets[Int(operation.pointee.nulls)].contains(source) { return .null }
            writer.putQuoted(source)
            return .none
        }
        let text = TextFolding.fold(source, &folded)
        if tables.nullSets[Int(operation.pointee.nulls)].contains(text) { return .null }
        switch operation.pointee.code {
        case .text:
            writer.putQuoted(text)
            return .none
        case .table:
            let value = tables.tables[Int(operation.pointee.table)].find(text)
            if value.isNone { return .unknownCode }
            writer.putPadded(tables.constants + Int(value.offset), Int(value.length))
            return .none
        case .pairTable:
            let value = findPair(operation, text)
            if value.isNone { return .unknownCode }
            writer.putPadded(tables.constants + Int(value.offset), Int(value.length))
            return .none
        case .money:
            var amount: Int64 = 0
            let fault = number(operation, text, &amount)
            if fault != .none { return fault }
            if amount.magnitude > UInt64(Numbers.largestFen) { return .outOfRange }
            writer.putInteger(amount)
            add(operation, amount)
            return .none
        case .decimal, .tenths:
            var units: Int64 = 0
            let fault = number(operation, text, &units)
            if fault != .none { return fault }
            return putDecimal(operation, units, &writer)
        case .integer:
            var value: Int64 = 0
            let fault = number(operation, text, &value)
            if fault != .none { return fault == .outOfRange ? fault : .badInteger }
            writer.putInteger(value)
            return .none
        case .date: return putDate(operation, text, &writer)
        case .instant: return putInstant(operation, text, &writer)
        default: return convertRarely(operation, text, &writer)
        }
    }

    /// A code of several columns: as they stand, then with some of them being anything.
    @inline(never)
    private mutating func findPair(_ operation: UnsafePointer<Operation>, _ text: Text) -> ByteRange {
        let table = tables.tables[Int(operation.pointee.table)]
        for stars in plan.joins[Int(operation.pointee.join)].stars {
            normalized.reserve(text.count + 64)
            var writer = ByteWriter(base: normalized.pointer, position: 0)
            var part: UInt8 = 0
            var isHidden = stars & 1 != 0
            if isHidden { writer.put(0x2A) }
            for index in 0..<text.count {
                let byte = text[index]
                if byte == RawRecord.separator {
                    part += 1
                    isHidden = stars & (1 << part) != 0
                    writer.put(byte)
                    if isHidden { writer.put(0x2A) }
                } else if !isHidden {
                    writer.put(byte)
                }
            }
            if let value = table.findListed(Text(normalized.pointer, writer.position)) { return value }
        }
        return table.rest
    }

    @inline(__always)
    private mutating func number(_ operation: UnsafePointer<Operation>, _ text: Text, _ value: inout Int64) -> Fault {
        var text = text
        // Only a number that does not end in a digit, or ends in the 2 of m2, can have a unit.
        if operation.pointee.table >= 0, text.count > 0 {
            let last = text.start[text.count - 1]
            if last &- 0x30 > 9 || last == 0x32 || last == 0x33 {
                text = UnitSuffixes.strip(text, plan.words[Int(operation.pointee.table)])
            }
        }
        let fault = Numbers.read(text, operation, into: &value)
        if fault != .none { return fault }
        if operation.pointee.hasRange, value < operation.pointee.low || value > operation.pointee.high {
            return .outOfRange
        }
        return .none
    }

    @inline(__always)
    private mutating func putDecimal(_ operation: UnsafePointer<Operation>, _ units: Int64, _ writer: inout ByteWriter)
        -> Fault
    {
        let (scaled, overflow) = units.multipliedReportingOverflow(by: operation.pointee.scale)
        if overflow { return .outOfRange }
        writer.put(0x22)
        if scaled < 0 { writer.put(0x2D) }
        let places = Int(operation.pointee.places)
        if places == 0 {
            writer.putMagnitude(scaled.magnitude)
        } else {
            let power = UInt64(Self.power(places))
            let (whole, fraction) = scaled.magnitude.quotientAndRemainder(dividingBy: power)
            writer.putMagnitude(whole)
            writer.put(0x2E)
            writer.putDigits(fraction, places)
        }
        writer.put(0x22)
        return .none
    }

    @inline(__always)
    private static func power(_ places: Int) -> Int64 {
        switch places {
        case 1: 10
        case 2: 100
        case 3: 1000
        case 4: 10_000
        default: ExactDecimal.powersOfTen[places]
        }
    }

    @inline(__always)
    private mutating func putDate(_ operation: UnsafePointer<Operation>, _ text: Text, _ writer: inout ByteWriter)
        -> Fault
    {
        var moment = LocalMoment()
        let fault = readMoment(operation, text, &moment)
        if fault != .none { return fault }
        // With an offset, the text names a moment: its day is the one in the stream's zone.
        if moment.offset != LocalMoment.noOffset, moment.hasTime { moveToZone(&moment) }
        if operation.pointee.hasRange {
            let day = moment.dayNumber
            if day < operation.pointee.low || day > operation.pointee.high { return .outOfRange }
        }
        writer.put(0x22)
        writer.putDate(moment)
        writer.put(0x22)
        return .none
    }

    @inline(__always)
    private mutating func putInstant(_ operation: UnsafePointer<Operation>, _ text: Text, _ writer: inout ByteWriter)
        -> Fault
    {
        var moment = LocalMoment()
        let fault = readMoment(operation, text, &moment)
        if fault != .none { return fault == .badDate ? .badInstant : fault }
        if operation.pointee.hasRange {
            let day = moment.dayNumber
            if day < operation.pointee.low || day > operation.pointee.high { return .outOfRange }
        }
        if moment.offsetSeconds != 0 { moment.dropOffsetSeconds() }
        var offset = moment.offset
        if offset == LocalMoment.noOffset {
            offset = moment.year >= fixedYear ? fixedOffset : historicOffset(moment)
        }
        writer.put(0x22)
        writer.putDate(moment)
        writer.put(0x54)
        writer.putTwo(moment.hour)
        writer.put(0x3A)
        writer.putTwo(moment.minute)
        writer.put(0x3A)
        writer.putTwo(moment.second)
        if moment.microsecond != 0 { putFraction(moment.microsecond, &writer) }
        writer.put(offset < 0 ? 0x2D : 0x2B)
        let magnitude = Int(offset.magnitude)
        writer.putTwo(magnitude / 60)
        writer.put(0x3A)
        writer.putTwo(magnitude % 60)
        writer.put(0x22)
        return .none
    }

    @inline(never)
    private func historicOffset(_ moment: LocalMoment) -> Int { plan.zone.offset(atLocalSecond: moment.localSecond) }

    @inline(__always)
    private func readMoment(_ operation: UnsafePointer<Operation>, _ text: Text, _ moment: inout LocalMoment) -> Fault {
        if operation.pointee.table < 0 { return LocalMoment.read(text, into: &moment) }
        return LocalMoment.read(text, in: plan.dateFormats[Int(operation.pointee.table)], into: &moment)
    }

    @inline(never)
    private func moveToZone(_ moment: inout LocalMoment) {
        let second = moment.utcSecond
        let day = (second + Int64(plan.zone.offset(atSecond: second)) * 60).day
        (moment.year, moment.month, moment.day) = CivilDate(dayNumber: Int32(day)).components
    }

    @inline(never)
    private func putFraction(_ microsecond: Int, _ writer: inout ByteWriter) {
        writer.put(0x2E)
        writer.putDigits(UInt64(microsecond), 6)
        while writer.base[writer.position - 1] == 0x30 { writer.position -= 1 }
    }

    @inline(never)
    private mutating func convertRarely(_ operation: UnsafePointer<Operation>, _ text: Text, _ writer: inout ByteWriter)
        -> Fault
    {
        if operation.pointee.code == .phones {
            return Identities.phones(text, separators: plan.words[Int(operation.pointee.table)], &writer)
                ? .none : .badPhone
        }
        var result: Text?
        let fault = normalize(operation, text, &result)
        guard fault == .none, let result else { return fault }
        writer.putQuoted(result)
        return .none
    }

    @inline(never)
    private mutating func pad(_ operation: UnsafePointer<Operation>, _ text: Text, _ result: inout Text?) -> Fault {
        result = Identities.padded(text, to: Int(operation.pointee.pad), &normalized)
        return result == nil ? .tooLong : .none
    }

    /// Conversions whose result is one short text.
    @inline(__always)
    mutating func normalize(_ operation: UnsafePointer<Operation>, _ text: Text, _ result: inout Text?) -> Fault {
        switch operation.pointee.code {
        case .accountNumber:
            let fault = IdentityCheck.fault(text, isLiteral: operation.pointee.isLiteral)
            if fault != .none { return fault }
            result = text.count == 0 ? nil : Identities.accountNumber(text, &normalized)
            guard let number = result else { return .badAccountNumber }
            return operation.pointee.pad == 0 ? .none : pad(operation, number, &result)
        case .paddedText: return pad(operation, text, &result)
        case .idNumber:
            result = Identities.idNumber(text, verifiesCheckDigit: operation.pointee.verifiesCheckDigit, &normalized)
            return result == nil ? .badIdNumber : .none
        case .season:
            result = Identities.season(text, &normalized)
            return result == nil ? .badSeason : .none
        case .building: return place(.building, text, &result)
        case .unit: return place(.unit, text, &result)
        case .room: return place(.room, text, &result)
        case .community:
            result = withoutBlanks(text)
            return .none
        default:
            result = text
            return operation.pointee.identifies
                ? IdentityCheck.fault(text, isLiteral: operation.pointee.isLiteral) : .none
        }
    }

    @inline(__always)
    private mutating func place(_ part: PlacePart, _ text: Text, _ result: inout Text?) -> Fault {
        if let quick = part.quick(text) {
            result = quick
            return .none
        }
        guard let name = part.normalize(text.string), !name.isEmpty else { return .badAddress }
        result = keep(name)
        return .none
    }

    private mutating func withoutBlanks(_ text: Text) -> Text {
        var index = 0
        while index < text.count, text[index] != 0x20 { index += 1 }
        if index == text.count { return text }
        normalized.reserve(text.count)
        var written = 0
        for index in 0..<text.count where text[index] != 0x20 {
            normalized.pointer[written] = text[index]
            written += 1
        }
        return Text(normalized.pointer, written)
    }

    private mutating func keep(_ text: String) -> Text {
        var text = text
        return text.withUTF8 { bytes in
            normalized.reserve(bytes.count)
            if let base = bytes.baseAddress { normalized.pointer.update(from: base, count: bytes.count) }
            return Text(normalized.pointer, bytes.count)
        }
    }
}
