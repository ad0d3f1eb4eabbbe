import HeatModel
import Records

/// What a pull claims of its own end.
extension ConnectorConformance {
    func completenessProven() throws -> String? {
        let whole = try pull(request())
        guard let claim = whole.summary.completeness else { return "a pull of everything proves nothing of its end" }
        if claim.detail.isEmpty { return "\(claim.proof.rawValue) does not say what was seen" }
        if claim.proof == .countedTotal, let stated = whole.summary.statedRows, stated != whole.summary.rows {
            return "it counted \(whole.summary.rows) of \(stated) rows, and claims the total"
        }
        if let known = try claimOfKnown(whole) { return known }
        if fixture.rows.count > 1 {
            var cut = request()
            cut.limit = 1
            if let claim = try pull(cut).summary.completeness {
                return "a pull cut after 1 of \(fixture.rows.count) rows claims \(claim.proof.rawValue)"
            }
        }
        return try claimOfWithheld()
    }

    /// What is known already may be left out, and that too needs a proof.
    private func claimOfKnown(_ whole: PullRecording) throws -> String? {
        var next = request()
        next.mode = .incremental
        next.cursor = whole.batches.last { $0.cursor != nil }?.cursor
        let ended = Set(whole.batches.filter(\.endsOrigin).compactMap(\.origin.digest))
        next.isKnownOrigin = { ended.contains($0) }
        let summary = try pull(next).summary
        return summary.completeness == nil ? "a pull after everything was read proves nothing of its end" : nil
    }

    private func claimOfWithheld() throws -> String? {
        do {
            let recording = try PullRecording(fixture.withholdingConnector(), request())
            guard let claim = recording.summary.completeness else { return nil }
            return
                "\(recording.recordCount) of \(fixture.rows.count) rows came from a source that withholds the rest, and the pull claims \(claim.proof.rawValue)"
        } catch let error as HearthError {
            return error.code.area == "source" ? nil : "the code is \(error.code)"
        }
    }
}
