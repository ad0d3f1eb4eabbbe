import HeatModel
import Records

/// Reads envelopes again that a tape took down.
struct SOAPReplay {
    let options: SOAPOptions
    let stream: SOAPStream
    let paths: StreamPaths
    let request: PullRequest

    func run(_ pieces: any PulledPieces, _ deliver: (consuming RawBatch) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 1)
        defer { buffer.deallocate() }
        while let piece = try pieces.next() {
            guard piece.kind == .envelope, var reading = SOAPReading(piece) else {
                throw HearthError(
                    .archiveDamaged, "an archived envelope lacks how it was read", at: .address(piece.name),
                    advice: "\(.verifyAudit) shows whether it was altered")
            }
            reading.batchRows = max(1, request.batchRows)
            reading.batchBytes = max(1, min(request.batchBytes, 1 << 30))
            reading.limits = options.limits
            reading.charset = options.charset
            reading.computesDigest = true
            let reader = try SOAPEnvelopeReader(stream: stream, paths: paths, reading: reading)
            do {
                while !reader.isStopped, case let count = try pieces.read(into: buffer), count > 0 {
                    if request.isCancelled() { throw HearthError(.runCancelled, "the replay was cancelled") }
                    try reader.read(UnsafeRawBufferPointer(rebasing: buffer[..<count]), deliver: deliver)
                }
                let end = try reader.finish(deliver: deliver)
                try deliver(end.lastBatch)
            } catch let error as HearthError where error.code.area == "source" && !pieces.isWhole {
                // What was broken off then breaks off now.
            }
        }
    }
}

extension SOAPReading {
    /// What a replay needs to know of the envelope that its bytes do not tell.
    var piece: PulledPiece {
        var facts = ["number": String(number), "snapshot": isSnapshot ? "1" : "0"]
        facts["charset"] = httpCharset
        facts["limit"] = limit.map { String($0) }
        return PulledPiece(kind: .envelope, name: originName, facts: facts)
    }

    init?(_ piece: PulledPiece) {
        guard let number = piece.facts["number"].flatMap({ Int($0) }) else { return nil }
        self.init(
            originName: piece.name, number: number, isSnapshot: piece.facts["snapshot"] == "1",
            limit: piece.facts["limit"].flatMap { Int($0) }, httpCharset: piece.facts["charset"])
    }
}
