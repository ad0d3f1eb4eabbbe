import HeatModel
import Records
import Synchronization

/// One thing that a source in memory is read from: rows and rows that could not be split, in order.
struct Reading: Sendable {
    enum Item: Sendable {
        case row([String?])
        case defect(String)
    }

    var kind: Origin.Kind
    var name: String
    var digest: String?
    var isSnapshot: Bool
    var columns: [String]
    var items: [Item]
    /// The cursor after the last batch; batches before it have `<cursor>-<rows>`.
    var cursor: String?

    /// A table read whole.
    static func table(_ columns: [String], _ rows: [[String?]], isSnapshot: Bool = true, cursor: String? = nil)
        -> Reading
    {
        Reading(
            kind: .table, name: "t", isSnapshot: isSnapshot, columns: columns, items: rows.map { .row($0) },
            cursor: cursor)
    }

    /// A dropped file, known by its content.
    static func file(_ name: String, _ columns: [String], _ items: [Item], isSnapshot: Bool) -> Reading {
        Reading(
            kind: .file, name: name, digest: "\(name) \(isSnapshot) \(columns) \(items)", isSnapshot: isSnapshot,
            columns: columns, items: items)
    }

    static func file(_ name: String, _ columns: [String], _ rows: [[String?]], isSnapshot: Bool = false) -> Reading {
        file(name, columns, rows.map { .row($0) }, isSnapshot: isSnapshot)
    }
}

/// A correct connector to rows in memory, which a test may let fail, lie or wait.
final class MemorySource: Connector {
    struct Behaviour: Sendable {
        /// What there is to read, by the request.
        var readings: @Sendable (PullRequest) -> [Reading]
        /// Fails after so many rows in all.
        var failsAfter: Int?
        /// States another number of rows than it sends.
        var statedRows: Int64?
        /// Called after each batch that was taken, with its number from 1.
        var afterBatch: @Sendable (Int) -> Void = { _ in }
    }

    let source: String
    private let behaviour: Mutex<Behaviour>
    private let requests = Mutex<[PullRequest.Mode]>([])

    init(_ source: String, _ readings: @escaping @Sendable (PullRequest) -> [Reading]) {
        self.source = source
        behaviour = Mutex(Behaviour(readings: readings))
    }

    convenience init(_ source: String, _ readings: [Reading]) { self.init(source) { _ in readings } }

    func change(_ body: (inout Behaviour) -> Void) { behaviour.withLock { body(&$0) } }
    func hold(_ readings: [Reading]) { change { $0.readings = { _ in readings } } }

    /// The modes of all pulls so far.
    var pulls: [PullRequest.Mode] { requests.withLock { $0 } }

    func check() -> [CheckFinding] { [CheckFinding("memory", .ok, "there")] }
    func discover() throws -> [StreamDescription] { [] }

    func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        requests.withLock { $0.append(request.mode) }
        let behaviour = behaviour.withLock { $0 }
        var summary = PullSummary(statedRows: behaviour.statedRows)
        var batches = 0
        for reading in behaviour.readings(request) {
            if let digest = reading.digest, request.mode == .incremental, request.isKnownOrigin(digest) {
                summary.knownOrigins.append(reading.name)
                continue
            }
            let origin = Origin(
                kind: reading.kind, name: reading.name, digest: reading.digest,
                isSnapshot: reading.isSnapshot && request.limit == nil)
            var batch = RawBatch(columns: reading.columns, origin: origin)
            func flush(ends: Bool, rows: Int) throws {
                if request.isCancelled() {
                    throw HearthError(.init("run.cancelled"), "cancelled", at: .address(source))
                }
                batch.endsOrigin = ends
                batch.cursor = reading.cursor.map { Cursor(ends ? $0 : "\($0)-\(rows)") }
                try deliver(batch)
                batch = RawBatch(columns: reading.columns, origin: origin)
                batches += 1
                behaviour.afterBatch(batches)
            }
            for (index, item) in reading.items.enumerated() {
                if batch.rowCount + batch.defects.count >= request.batchRows { try flush(ends: false, rows: index) }
                if summary.rows == Int64(behaviour.failsAfter ?? .max) { throw Self.gone }
                if summary.rows == Int64(request.limit ?? .max) {
                    try flush(ends: false, rows: index)
                    return summary
                }
                batch.append(item, ordinal: Int64(index + 2), of: reading.name)
                summary.rows += 1
            }
            if summary.rows == Int64(behaviour.failsAfter ?? .max) { throw Self.gone }
            try flush(ends: true, rows: reading.items.count)
        }
        return summary
    }

    private static let gone = HearthError(
        .init("source.unreachable"), "the connection was cut", at: .address("memory"),
        advice: "look whether the system runs")
}

extension RawBatch {
    fileprivate mutating func append(_ item: Reading.Item, ordinal: Int64, of name: String) {
        switch item {
        case .defect(let raw):
            defects.append(
                RecordDefect(
                    code: .init("record.raggedRow"), message: "expected \(columns.count) fields", ordinal: ordinal,
                    place: .file(name, line: Int(ordinal), column: 0), raw: Array(raw.utf8)))
        case .row(let values):
            ordinals.append(ordinal)
            for value in values {
                guard let value else {
                    fields.append(.null)
                    continue
                }
                fields.append(FieldRange(offset: UInt32(bytes.count), length: Int32(value.utf8.count)))
                bytes += Array(value.utf8)
            }
        }
    }
}
