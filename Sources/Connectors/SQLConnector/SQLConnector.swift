import HeatModel
package import Records

/// Reads the tables of an SQL database, and never writes to it.
///
/// A pull is one read-only transaction on one snapshot. How streams are read, resumed and followed is described in this
/// folder's README.
package struct SQLConnector: Connector {
    package enum Driver: Sendable {
        case postgres(PostgresOptions)
        /// Path of the database file.
        case sqlite(String)
        /// Any system that there is an ODBC driver for.
        case odbc(ODBCOptions)
    }

    package let source: String
    package let driver: Driver
    package let streams: [SQLStream]
    /// IANA name of the zone of the source, in which PostgreSQL writes its instants and SQLite's texts without an offset are.
    package let zone: String

    package init(source: String, driver: Driver, streams: [SQLStream], zone: String = "Asia/Shanghai") {
        self.source = source
        self.driver = driver
        self.streams = streams
        self.zone = zone
    }

    package func check() -> [CheckFinding] { SQLCheck(connector: self).run() }

    package func discover() throws -> [StreamDescription] { try SQLDiscovery(connector: self).run() }

    /// A new session with the source.
    func session(isCancelled: @escaping @Sendable () -> Bool = { false }) throws -> any SQLSession {
        switch driver {
        case .postgres(let options): try PostgresConnection(options, zone: zone, isCancelled: isCancelled)
        case .sqlite(let path): try SQLiteConnection(path: path, zone: zone, isCancelled: isCancelled)
        case .odbc(let options): try ODBCConnection(options, zone: zone, isCancelled: isCancelled)
        }
    }

    package func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        guard let stream = streams.first(where: { $0.name == request.stream }) else {
            throw HearthError(
                .configUnknownStream, "source \(source) has no stream \(request.stream)",
                advice: NearestName.advice(request.stream, among: streams.map(\.name)))
        }
        if request.isCancelled() { throw Self.cancelled }
        return try pull(stream, request, deliver)
    }

    package func accountKey(of stream: String) -> AccountKey? { streams.first { $0.name == stream }?.fresh?.key }

    package func replay(
        _ request: PullRequest, from pieces: any PulledPieces, deliver: (consuming RawBatch) throws -> Void
    ) throws {
        guard let stream = streams.first(where: { $0.name == request.stream }) else {
            throw HearthError(.configUnknownStream, "source \(source) has no stream \(request.stream)")
        }
        try SQLReplay(stream: stream, request: request).run(pieces, deliver)
    }

    /// A hot standby may cancel the reading: it is taken up once more from where it stands, where it can be.
    private func pull(
        _ stream: SQLStream, _ request: PullRequest, _ deliver: (consuming RawBatch) throws -> Void
    ) throws -> PullSummary {
        func attempt(
            _ request: PullRequest, first: Int64, _ deliver: (consuming RawBatch) throws -> Void
        ) throws -> PullSummary {
            let session = try session(isCancelled: request.isCancelled)
            return try SQLPull(session: session, stream: stream, request: request, first: first).run(deliver)
        }
        var rows: Int64 = 0
        var bytes: Int64 = 0
        var cursor: Cursor?
        do {
            return try attempt(request, first: 1) { batch in
                rows += Int64(batch.rowCount + batch.defects.count)
                bytes += Int64(batch.bytes.count)
                cursor = batch.cursor ?? cursor
                try deliver(batch)
            }
        } catch let error as HearthError where error.code == .sourceStandbyConflict {
            // Of a snapshot that is cut the rest cannot be had: it would be that of another moment.
            let goesOn = rows == 0 || (request.mode == .incremental && cursor != nil)
            guard goesOn, request.limit == nil else { throw error }
            var rest = request
            rest.cursor = cursor ?? request.cursor
            var summary = try attempt(rest, first: rows + 1, deliver)
            summary.rows += rows
            summary.bytes += bytes
            summary.statedRows = summary.statedRows.map { $0 + rows }
            summary.notice(
                "source.standbyConflict",
                "the hot standby cancelled the reading after \(rows) rows; it was taken up again from there",
                at: stream.relationName)
            return summary
        }
    }

    static func badCursor(_ stream: SQLStream) -> HearthError {
        HearthError(
            .sourceBadCursor, "the stored cursor does not fit this stream",
            at: .table(stream.relationName, key: nil),
            advice: "If the stream's key, driver or cursorFormat was changed, pull it once in full.")
    }

    /// What proves the end of a pull whose result came to its end; nil where the count in the same snapshot says otherwise.
    static func completeness(of summary: PullSummary, _ end: String) -> Completeness? {
        guard let stated = summary.statedRows else {
            return Completeness(.snapshotEnd, "\(end) after \(summary.rows) rows of one snapshot")
        }
        return stated == summary.rows
            ? Completeness(.countedTotal, "\(summary.rows) rows, as many as the snapshot counts") : nil
    }

    static var cancelled: HearthError { HearthError(.runCancelled, "the pull was cancelled") }
}
