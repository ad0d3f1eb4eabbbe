import Records

/// Asks a connector every question of the ``Connector`` contract.
///
/// ```swift
/// let failures = ConnectorConformance(fixture: fixture).run()
/// #expect(failures.isEmpty, "\(failures)")
/// ```
package struct ConnectorConformance {
    let fixture: ConnectorFixture

    package init(fixture: ConnectorFixture) { self.fixture = fixture }

    /// Runs the checks in order, each on a connector of its own. Blocks its thread. Empty means that all passed.
    package func run(_ checks: [ConnectorCheck] = ConnectorCheck.allCases) -> [ConformanceFailure] {
        checks.compactMap { check in
            do {
                guard let message = try answer(check) else { return nil }
                return ConformanceFailure(check, message)
            } catch {
                return ConformanceFailure(check, "threw \(String(reflecting: error))")
            }
        }
    }

    /// Nil where the check passes, otherwise what was seen.
    private func answer(_ check: ConnectorCheck) throws -> String? {
        switch check {
        case .rowsExact: try rowsExact()
        case .batchesWellFormed: try batchesWellFormed()
        case .batchRowsRespected: try batchRowsRespected()
        case .batchBytesRespected: try batchBytesRespected()
        case .ordinalsRise: try ordinalsRise()
        case .columnsStable: try columnsStable()
        case .deterministic: try deterministic()
        case .originsEnd: try originsEnd()
        case .resumeLosesNothing: try resumeLosesNothing()
        case .deliverErrorArrives: try deliverErrorArrives()
        case .cancellationStops: try cancellationStops()
        case .limitRespected: try limitRespected()
        case .discoverListsStream: try discoverListsStream()
        case .checkPasses: try checkPasses()
        case .checkTellsBroken: try checkTellsBroken()
        case .pullTellsBroken: try pullTellsBroken()
        case .unknownStreamRefused: try unknownStreamRefused()
        case .sourceUntouched: try sourceUntouched()
        case .summaryCounts: try summaryCounts()
        case .tapeReplays: try tapeReplays()
        case .tapeComesFirst: try tapeComesFirst()
        case .completenessProven: try completenessProven()
        }
    }

    /// Small batches, so that even a small source gives several.
    func request(rows: Int = 2, bytes: Int = 4 << 20) -> PullRequest {
        PullRequest(stream: fixture.stream, mode: fixture.mode, batchRows: rows, batchBytes: bytes)
    }

    func pull(_ request: PullRequest) throws -> PullRecording {
        try PullRecording(fixture.connector(), request)
    }
}
