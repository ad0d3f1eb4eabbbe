import Foundation
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
        /// Claims no proof at its end.
        var provesNothing = false
        /// Says it noticed these.
        var notices: [PullNotice] = []
        var newestData: Instant?
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
    func accountKey(of stream: String) -> AccountKey? { nil }
    func discover() throws -> [StreamDescription] { [] }

    func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        requests.withLock { $0.append(request.mode) }
        let behaviour = behaviour.withLock { $0 }
        var summary = PullSummary(statedRows: behaviour.statedRows)
        for notice in behaviour.notices { summary.notice(notice.code, notice.message, at: notice.place) }
        summary.newestData = behaviour.newestData
        var batches = 0
        var last = request.mode == .incremental ? request.lastSnapshot() : nil
        for reading in behaviour.readings(request) {
            if let digest = reading.digest, request.mode == .incremental {
                let isKnown =
                    reading.isSnapshot
                    ? last?.covers(reading.name, digest: digest, isKnown: request.isKnownOrigin(digest)) ?? false
                    : request.isKnownOrigin(digest)
                if isKnown {
                    summary.knownOrigins.append(reading.name)
                    continue
                }
                last = SnapshotMark(name: reading.name, digest: digest, isWhole: true)
            }
            let origin = Origin(
                kind: reading.kind, name: reading.name, digest: reading.digest,
                isSnapshot: reading.isSnapshot && request.limit == nil)
            var batch = RawBatch(columns: reading.columns, origin: origin)
            try request.tape?.begin(reading.piece(origin))
            var taped: [Reading.Item] = []
            func flush(ends: Bool, rows: Int) throws {
                if request.isCancelled() {
                    throw HearthError(.init("run.cancelled"), "cancelled", at: .address(source))
                }
                for item in taped { try item.line.withUnsafeBytes { try request.tape?.write($0) } }
                taped = []
                if ends { try request.tape?.end() }
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
                    if batch.rowCount + batch.defects.count > 0 { try flush(ends: false, rows: index) }
                    return summary
                }
                batch.append(item, ordinal: Int64(index + 2), of: reading.name)
                taped.append(item)
                summary.rows += 1
            }
            if summary.rows == Int64(behaviour.failsAfter ?? .max) { throw Self.gone }
            try flush(ends: true, rows: reading.items.count)
        }
        if !behaviour.provesNothing {
            summary.completeness =
                summary.rows == 0 && !summary.knownOrigins.isEmpty
                ? Completeness(.knownContent, "\(summary.knownOrigins.count) readings known")
                : Completeness(.wholeAnswer, "\(batches) batches, read to the end of memory")
        }
        return summary
    }

    func replay(
        _ request: PullRequest, from pieces: any PulledPieces, deliver: (consuming RawBatch) throws -> Void
    ) throws {
        while let piece = try pieces.next() {
            var bytes: [UInt8] = []
            var block = [UInt8](repeating: 0, count: 100)
            while case let count = try block.withUnsafeMutableBytes({ try pieces.read(into: $0) }), count > 0 {
                bytes += block[..<count]
            }
            let items = try bytes.split(separator: 0x0A).map { try Reading.Item(line: Array($0)) }
            let origin = Origin(
                kind: Origin.Kind(rawValue: piece.facts["kind"] ?? "") ?? .table, name: piece.name,
                digest: piece.facts["digest"], isSnapshot: piece.facts["snapshot"] == "1")
            var batch = RawBatch(columns: piece.columns, origin: origin)
            for (index, item) in items.enumerated() {
                if batch.rowCount + batch.defects.count >= request.batchRows {
                    try deliver(batch)
                    batch = RawBatch(columns: piece.columns, origin: origin)
                }
                batch.append(item, ordinal: Int64(index + 2), of: piece.name)
            }
            if batch.rowCount + batch.defects.count > 0 || pieces.isWhole { try deliver(batch) }
        }
    }

    private static let gone = HearthError(
        .init("source.unreachable"), "the connection was cut", at: .address("memory"),
        advice: "look whether the system runs")
}

extension Reading {
    fileprivate func piece(_ origin: Origin) -> PulledPiece {
        var facts = ["kind": kind.rawValue, "snapshot": origin.isSnapshot ? "1" : "0"]
        facts["digest"] = digest
        return PulledPiece(kind: .rows, name: name, columns: columns, facts: facts)
    }
}

extension Reading.Item {
    /// A JSON array, or a text for what could not be split.
    fileprivate var line: [UInt8] {
        let encoder = JSONEncoder()
        let json: Data? =
            switch self {
            case .row(let values): try? encoder.encode(values)
            case .defect(let raw): try? encoder.encode([["defect", raw]])
            }
        return Array(json ?? Data()) + [0x0A]
    }

    fileprivate init(line: [UInt8]) throws {
        let decoder = JSONDecoder()
        if let defect = try? decoder.decode([[String]].self, from: Data(line)), defect.first?.first == "defect" {
            self = .defect(defect[0][1])
        } else {
            self = .row(try decoder.decode([String?].self, from: Data(line)))
        }
    }
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
                    fields.append(.none)
                    continue
                }
                fields.append(ByteRange(offset: UInt32(bytes.count), length: Int32(value.utf8.count)))
                bytes += Array(value.utf8)
            }
        }
    }
}
