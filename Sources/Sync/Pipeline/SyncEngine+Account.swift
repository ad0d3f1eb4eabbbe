import HeatModel
import Mapping
import Records
import Store

/// A run that reads the rows of one account alone.
extension SyncEngine {
    /// Reads what a stream has of one account now. The cursor stays where it is: the next sync reads the same rows again, and finds
    /// them unchanged. Nothing vanishes.
    ///
    /// Another run of the stream is waited for until this engine is cancelled.
    ///
    /// - Parameter keys: what tells its rows from others (``AccountKey``).
    /// - Throws: `run.locked`; `run.needsSync` where the records held are yet to be brought up to the mapping file or to be read anew
    ///   as a whole; `config.notFresh` where a row's place in the reading tells it from others. Everything else is in the report.
    func runOfAccount(_ stream: SyncStream, keys: [String]) throws -> RunReport {
        if stream.mapping.keyNamesPosition {
            var error = AccountKey.missing(stream.name.description)
            error.message = "the key names a row's position, which another reading gives to another row"
            error.advice = "choose a key of columns alone, or leave fresh: out"
            throw error
        }
        return try withLease(stream, waits: true) { lease in
            if replayed == nil { try checkIsUpToDate(stream, lease.stream) }
            var options = Options(mode: .account)
            options.accountKeys = keys
            return try recorded(
                stream, lease, mode: options.mode.rawValue, options: options,
                onBegin: { run, store in
                    if replayed != nil { try notePullBegins(stream, options.mode, run, store) }
                }
            ) { opening, committer, report in
                report.pull = PullEnd(PullSummary(), limit: nil)
                try pump(stream, opening, options, end: { report.take($0, limit: nil) }) { batch in
                    try commit(lease) { try committer.commit(batch, to: $0) }
                    report.take(committer.books)
                }
            }
        }
    }

    private func checkIsUpToDate(_ stream: SyncStream, _ id: StreamID) throws {
        let isBehind = try store.read { store in
            try mappingHasChanged(stream, id, store)
                || store.setting(SettingName.keysTrimmed(stream.name)) == nil
                || store.setting(SettingName.needsFullPull(stream.name)) ?? "" != ""
                || store.setting(SettingName.rereadSince(stream.name)) ?? "" != ""
        }
        if isBehind {
            throw HearthError(
                .runNeedsSync, "the stream is yet to be read as a whole", at: .address(stream.name.description),
                advice: "run \(.sync): one account's rows can be read once it has succeeded")
        }
    }
}
