import ConfigurationFiles
import HeatModel
import Records

/// Makes a source's connector when it is used, and fails where a secret is missing then.
struct LazyConnector: Connector {
    let source: String
    /// Throws ``ConfigurationErrors``.
    let make: @Sendable () throws -> any Connector

    func check() -> [CheckFinding] {
        do {
            return try make().check()
        } catch {
            let errors = (error as? ConfigurationErrors)?.errors ?? [Self.failure(error)]
            return errors.map { error in
                CheckFinding(
                    "configuration", .failed, error.place.map { "\($0): \(error.message)" } ?? error.message,
                    advice: error.advice)
            }
        }
    }

    func discover() throws -> [StreamDescription] { try made().discover() }

    func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        try made().pull(request, deliver: deliver)
    }

    func accountKey(of stream: String) throws -> AccountKey? { try made().accountKey(of: stream) }

    func replay(
        _ request: PullRequest, from pieces: any PulledPieces, deliver: (consuming RawBatch) throws -> Void
    ) throws {
        try made().replay(request, from: pieces, deliver: deliver)
    }

    private func made() throws -> any Connector {
        do { return try make() } catch { throw Self.failure(error) }
    }

    /// What is wrong first: a run's record holds one error.
    private static func failure(_ error: any Error) -> HearthError {
        (error as? ConfigurationErrors)?.errors.first ?? error as? HearthError
            ?? HearthError(.configBadValue, "the source cannot be set up", cause: error)
    }
}
