import HeatModel
import Records

/// What a pull's tape is worth once the source is gone.
extension ConnectorConformance {
    /// Everything of a batch that does not depend on where the next pull begins.
    private struct Content: Equatable {
        var columns: [String]
        var kind: Origin.Kind
        var name: String
        var digest: String?
        var isSnapshot: Bool
        var rows: [[String?]]
        var ordinals: [Int64]
        var defects: [[UInt8]]
        var ends: Bool

        init(_ batch: RawBatch) {
            columns = batch.columns
            kind = batch.origin.kind
            name = batch.origin.name
            digest = batch.origin.digest
            isSnapshot = batch.origin.isSnapshot
            rows = batch.texts
            ordinals = batch.ordinals
            defects = batch.defects.map(\.raw)
            ends = batch.endsOrigin
        }
    }

    private func replay(_ tape: MemoryTape, _ request: PullRequest) throws -> [Content] {
        var batches: [Content] = []
        // The system need not be there.
        try fixture.brokenConnector().replay(request, from: tape.pieces()) { batches.append(Content($0)) }
        return batches
    }

    func tapeReplays() throws -> String? {
        for (rows, limit) in [(2, nil), (1, nil), (16_384, nil), (2, 3)] as [(Int, Int?)] {
            var request = request(rows: rows)
            request.limit = limit
            let tape = MemoryTape()
            request.tape = tape
            let pulled = try pull(request).batches.map { Content($0) }
            request.tape = nil
            let replayed = try replay(tape, request)
            guard pulled != replayed else { continue }
            let place = zip(pulled, replayed).prefix { $0 == $1 }.count
            return "\(replayed.count) batches of \(rows) rows instead of \(pulled.count), the same up to batch \(place)"
        }
        return nil
    }

    func tapeComesFirst() throws -> String? {
        let tape = MemoryTape()
        var request = request()
        request.tape = tape
        var states: [MemoryTape] = []
        _ = try fixture.connector().pull(request) { _ in
            states.append(tape.copy())
        }
        request.tape = nil
        for (index, state) in states.enumerated() {
            struct Enough: Error {}
            var batches = 0
            do {
                try fixture.brokenConnector().replay(request, from: state.pieces()) { _ in
                    batches += 1
                    if batches == index + 1 { throw Enough() }
                }
            } catch is Enough {}
            guard batches == index + 1 else {
                return "batch \(index + 1) was delivered before its bytes: the tape gives \(batches) batches"
            }
        }
        return nil
    }
}
