import CLibXML2
import HeatModel

/// The bytes of a record as they came, for as long as a defect may have to show them.
extension SOAPEnvelopeReader {
    /// Carries over what a defect of the present record would have to show.
    func keepForDefects() throws {
        let position = position(core)
        let inRecord = core.pointee.phase == .record
        if fed - position > reading.limits.recordBytes + 1 << 16 {
            try stop(
                .init(.sourceTooLarge, "a tag is larger than \(reading.limits.recordBytes) bytes", at: here()))
        }
        var from = inRecord ? core.pointee.recordStart : position
        if inRecord, position - from > reading.limits.recordBytes {
            markBad(core, .tooLarge)
            core.pointee.bytes.count = core.pointee.recordBytesStart
        }
        from = max(from, carryStart)
        if inRecord, core.pointee.bad == .tooLarge, carry.count >= Self.rawLimit, carryStart <= core.pointee.recordStart
        {
            carry.removeLast(carry.count - Self.rawLimit)
            return
        }
        if from >= pieceStart {
            carry.removeAll(keepingCapacity: true)
            carry.append(contentsOf: piece[(from - pieceStart)...])
        } else {
            carry.removeFirst(min(carry.count, from - carryStart))
            carry.append(contentsOf: piece)
        }
        carryStart = from
    }

    /// The record that ends holds a bare `&`.
    func bareInRecord() {
        if let first = bare.first(where: { $0 >= core.pointee.recordStart }),
            first < position(core)
        {
            markBad(core, .reference)
        }
    }

    /// One outside of a record may stand in anything that is read for all of them.
    func refuseBareOutside() throws {
        let end = core.pointee.phase == .record ? core.pointee.recordStart : position(core)
        if let first = bare.first, first < end {
            try stop(
                malformed("a bare & or a reference that XML does not know stands outside of the records", at: here()))
        }
    }

    /// The defect that ends here has taken its bytes.
    func forgetBare(before end: Int) {
        if bare.isEmpty { return }
        let start = core.pointee.recordStart
        bare.removeAll { $0 >= start && $0 < end }
        core.pointee.nextBare = bare.first ?? .max
    }

    static let rawLimit = 65_536

    func rawBytes(from start: Int, to end: Int) -> [UInt8] {
        var raw: [UInt8] = []
        let end = min(end, start + Self.rawLimit)
        if start < carryStart + carry.count, start >= carryStart {
            raw += carry[(start - carryStart)..<min(carry.count, end - carryStart)]
        }
        let next = max(start, pieceStart)
        if next < end, next < pieceStart + piece.count, start + raw.count == next {
            raw += piece[(next - pieceStart)..<min(piece.count, end - pieceStart)]
        }
        for at in bare where at >= start && at - start < raw.count { raw[at - start] = 0x26 }
        if push?.isTranscoding == true {
            raw = raw.flatMap { $0 == 0xFF ? [0xEF, 0xBF, 0xBD] : [$0] }
        }
        return raw
    }
}
