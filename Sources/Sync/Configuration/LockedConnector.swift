import HeatModel
import Records

/// A source of which a secret is missing: what the store holds of it can still be asked for, the system itself cannot.
struct LockedConnector: Connector {
    let source: String
    /// `config.missingSecret`, each at its place in the configuration; at least one.
    let missing: [HearthError]

    func check() -> [CheckFinding] {
        missing.map { error in
            CheckFinding(
                "configuration", .failed, error.place.map { "\($0): \(error.message)" } ?? error.message,
                advice: error.advice)
        }
    }

    func discover() throws -> [StreamDescription] { throw missing[0] }

    func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        throw missing[0]
    }

    func replay(
        _ request: PullRequest, from pieces: any PulledPieces, deliver: (consuming RawBatch) throws -> Void
    ) throws {
        throw missing[0]
    }
}
