import HeatModel
public import Records

/// Reads the tables of an SQL database, and never writes to it.
///
/// A pull is one read-only transaction on one snapshot. How streams are read, resumed and followed is told in this
/// folder's README.
public struct SQLConnector: Connector {
    public enum Driver: Sendable {
        case postgres(PostgresOptions)
        /// Path of the database file.
        case sqlite(String)
    }

    public let source: String
    public let driver: Driver
    public let streams: [SQLStream]
    /// IANA name of the zone of the source, in which PostgreSQL writes its instants and SQLite's texts without an offset are.
    public let zone: String

    public init(source: String, driver: Driver, streams: [SQLStream], zone: String = "Asia/Shanghai") {
        self.source = source
        self.driver = driver
        self.streams = streams
        self.zone = zone
    }

    public func check() -> [CheckFinding] {
        switch driver {
        case .postgres(let options): PostgresCheck(connector: self, options: options).run()
        case .sqlite(let path): SQLiteCheck(connector: self, path: path).run()
        }
    }

    public func discover() throws -> [StreamDescription] {
        switch driver {
        case .postgres(let options): try PostgresDiscovery(connector: self, options: options).run()
        case .sqlite(let path): try SQLiteDiscovery(connector: self, path: path).run()
        }
    }

    public func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        guard let stream = streams.first(where: { $0.name == request.stream }) else {
            throw HearthError(
                .init("config.unknownStream"), "source \(source) has no stream \(request.stream)",
                advice: NearestName.advice(request.stream, among: streams.map(\.name)))
        }
        if request.isCancelled() { throw Self.cancelled }
        switch driver {
        case .postgres(let options):
            let connection = try PostgresConnection(options, zone: zone, isCancelled: request.isCancelled)
            return try PostgresPull(connection: connection, stream: stream, request: request).run(deliver)
        case .sqlite(let path):
            let connection = try SQLiteConnection(path: path, isCancelled: request.isCancelled)
            return try SQLitePull(connection: connection, stream: stream, request: request, zone: zone).run(deliver)
        }
    }

    public func replay(
        _ request: PullRequest, from pieces: any PulledPieces, deliver: (consuming RawBatch) throws -> Void
    ) throws {
        guard let stream = streams.first(where: { $0.name == request.stream }) else {
            throw HearthError(.init("config.unknownStream"), "source \(source) has no stream \(request.stream)")
        }
        try SQLReplay(stream: stream, request: request).run(pieces, deliver)
    }

    static var cancelled: HearthError { HearthError(.init("run.cancelled"), "the pull was cancelled") }
}
