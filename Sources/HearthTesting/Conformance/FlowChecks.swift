import HeatModel
import Records

/// How a pull begins, goes on, stops and ends.
extension ConnectorConformance {
    func originsEnd() throws -> String? {
        let groups = try pull(request()).byOrigin
        if groups.isEmpty && !fixture.rows.isEmpty { return "not one batch" }
        if Set(groups.map { $0[0].origin }).count != groups.count { return "batches of different origins are mixed" }
        for batches in groups {
            let name = batches[0].origin.name
            if batches.last?.endsOrigin != true { return "the last batch of \(name) does not end it" }
            if batches.dropLast().contains(where: \.endsOrigin) { return "an earlier batch ends \(name)" }
        }
        return nil
    }

    func resumeLosesNothing() throws -> String? {
        let whole = try pull(request())
        let expected = whole.rows.tally
        var seen: [[String?]] = []
        var cursor: Cursor?
        var ended: Set<String> = []
        for (index, batch) in whole.batches.enumerated() {
            seen += batch.texts
            cursor = batch.cursor ?? cursor
            if batch.endsOrigin, let digest = batch.origin.digest { ended.insert(digest) }
            var next = request()
            next.mode = .incremental
            next.cursor = cursor
            next.isKnownOrigin = { [ended] in ended.contains($0) }
            let rest = try pull(next).rows.tally
            let before = seen.tally
            for (row, count) in expected where before[row, default: 0] + rest[row, default: 0] < count {
                return "row \(row) is lost when resuming after batch \(index + 1)"
            }
            for row in rest.keys where expected[row] == nil {
                return "row \(row) came only when resuming after batch \(index + 1)"
            }
        }
        return nil
    }

    func deliverErrorArrives() throws -> String? {
        struct Refusal: Error, Equatable { var token: Int }
        var calls = 0
        do {
            _ = try fixture.connector().pull(request(rows: 1)) { _ in
                calls += 1
                throw Refusal(token: 4711)
            }
        } catch {
            guard error as? Refusal == Refusal(token: 4711) else { return "the error arrived as \(error)" }
            return calls == 1 ? nil : "\(calls) batches were delivered although the first was refused"
        }
        return "the pull went on after deliver threw"
    }

    func cancellationStops() throws -> String? {
        for startsCancelled in [true, false] {
            let flag = CancelFlag(startsCancelled)
            var request = request(rows: 1)
            request.isCancelled = { flag.isSet }
            var calls = 0
            do {
                _ = try fixture.connector().pull(request) { _ in
                    calls += 1
                    flag.set()
                }
                return startsCancelled
                    ? "a pull that was cancelled beforehand succeeded" : "a pull cancelled midway succeeded"
            } catch let error as HearthError where error.code == .runCancelled {
                if calls > (startsCancelled ? 0 : 2) {
                    return "\(calls) batches were delivered, most of them after the cancellation"
                }
            }
        }
        return nil
    }

    func limitRespected() throws -> String? {
        let whole = try pull(request()).byOrigin
        for limit in [1, fixture.rows.count - 1] {
            var request = request()
            request.limit = limit
            let recording = try pull(request)
            if recording.recordCount != limit { return "\(recording.recordCount) records with a limit of \(limit)" }
            for (cut, full) in zip(recording.byOrigin, whole)
            where cut.reduce(0, { $0 + $1.recordCount }) < full.reduce(0, { $0 + $1.recordCount }) {
                if cut.contains(where: \.endsOrigin) {
                    return "a limit of \(limit) cut \(cut[0].origin.name), yet it ends"
                }
            }
        }
        return nil
    }

    func sourceUntouched() throws -> String? {
        let before = try fixture.fingerprint()
        _ = try fixture.connector().check()
        _ = try fixture.connector().discover()
        _ = try pull(request())
        var full = request()
        full.mode = .full
        _ = try pull(full)
        return try fixture.fingerprint() == before ? nil : "the source's content changed while it was read"
    }
}
