import Foundation
import HearthTesting
import HeatModel
import Records
import Synchronization

/// A correct connector to rows in memory, two origins, with a resumable cursor; `fault` breaks one promise of it.
final class ShelfConnector: Connector {
    enum Fault: Sendable {
        case losesEmptyText, addsAField, ignoresBatchRows, ignoresBatchBytes, repeatsOrdinal, renamesColumn, renumbers
        case neverEnds, cursorTooFar, swallowsDeliverError, ignoresCancellation, ignoresLimit, hidesStream, failsCheck
        case praisesBroken, pullsBroken, takesAnyStream, writes, miscounts, tapesOtherwise, tapesLate
        case claimsNothing, claimsWithoutDetail, claimsAnotherTotal, claimsNothingOfKnown, claimsWhatALimitCut
        case claimsWhatIsWithheld
    }

    /// The "legacy system" itself.
    final class Shelf: Sendable {
        let rows: [[[String?]]]
        /// How many rows it says that it holds.
        let stated: Int
        let writes = Mutex(0)
        let pulls = Mutex(0)
        init(_ rows: [[[String?]]], stated: Int? = nil) {
            self.rows = rows
            self.stated = stated ?? rows.reduce(0) { $0 + $1.count }
        }

        /// Gives two rows and then no more, as if they were all.
        var withholding: Shelf { Shelf([Array(rows[0].prefix(2))], stated: stated) }
    }

    let source = "shelf"
    let columns = ["number", "name", "remark"]
    private let shelf: Shelf?
    private let fault: Fault?

    init(_ shelf: Shelf?, fault: Fault? = nil) {
        self.shelf = shelf
        self.fault = fault
    }

    private let unreachable = HearthError(
        HearthError.Code("source.unreachable"), "the shelf is gone", at: .address("shelf"),
        advice: "Put the shelf back.")

    func check() -> [CheckFinding] {
        if shelf == nil && fault != .praisesBroken {
            return [CheckFinding("shelf", .failed, "gone", advice: "Put it back.")]
        }
        return [CheckFinding("shelf", fault == .failsCheck ? .failed : .ok, "there")]
    }

    func accountKey(of stream: String) -> AccountKey? { nil }
    func discover() throws -> [StreamDescription] {
        if fault == .hidesStream { return [] }
        let columns = columns.map { StreamDescription.Column(name: $0, type: "text", isNullable: true) }
        return [StreamDescription(name: "things", columns: columns, isConfigured: true)]
    }

    func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
        guard let shelf else {
            if fault == .pullsBroken { return PullSummary() }
            throw unreachable
        }
        if request.stream != "things" && fault != .takesAnyStream {
            throw HearthError(HearthError.Code("config.unknownStream"), "no such stream", at: .address("shelf"))
        }
        if fault == .writes { shelf.writes.withLock { $0 += 1 } }
        let turn = shelf.pulls.withLock { pulls in
            pulls += 1
            return pulls
        }
        var summary = PullSummary()
        var position = 0
        let start = request.cursor.flatMap { Int($0.text) } ?? 0
        var left = fault == .ignoresLimit ? Int.max : request.limit ?? Int.max
        let most = fault == .ignoresBatchRows ? Int.max : request.batchRows
        origins: for (shelfNumber, rows) in shelf.rows.enumerated() {
            let origin = Origin(kind: .table, name: "shelf \(shelfNumber)", isSnapshot: false)
            var batch = RawBatch(columns: columns, origin: origin)
            var taped: [[String?]] = []
            try request.tape?.begin(PulledPiece(kind: .rows, name: origin.name, facts: ["turn": String(turn)]))
            if fault == .renamesColumn { batch.columns[0] = "NUMBER" }
            func flush(ends: Bool) throws {
                if request.isCancelled() && fault != .ignoresCancellation {
                    throw HearthError(HearthError.Code("run.cancelled"), "cancelled")
                }
                batch.cursor = Cursor(String(position + (fault == .cursorTooFar ? 1 : 0)))
                if fault == .addsAField { batch.fields.append(.none) }
                batch.endsOrigin = ends && fault != .neverEnds
                summary.rows += Int64(batch.rowCount)
                let rows = taped
                taped = []
                if fault != .tapesLate { try tape(rows, request.tape) }
                defer { if fault == .tapesLate { try? tape(rows, request.tape) } }
                do { try deliver(batch) } catch { if fault != .swallowsDeliverError { throw error } }
                batch = RawBatch(columns: batch.columns, origin: origin)
            }
            for (index, row) in rows.enumerated() {
                if position < start {
                    position += 1
                    continue
                }
                let size = row.reduce(0) { $0 + ($1?.utf8.count ?? 0) }
                let overflows = batch.bytes.count + size > request.batchBytes && fault != .ignoresBatchBytes
                if batch.rowCount > 0 && (batch.rowCount >= most || overflows) { try flush(ends: false) }
                if left == 0 {
                    if batch.rowCount > 0 { try flush(ends: false) }
                    break origins
                }
                left -= 1
                append(row, ordinal: ordinal(index, turn), to: &batch)
                taped.append(row)
                position += 1
            }
            try flush(ends: true)
            try request.tape?.end()
        }
        if fault == .miscounts { summary.rows += 1 }
        summary.completeness = claim(position, of: shelf, request)
        if fault == .claimsAnotherTotal { summary.statedRows = summary.rows + 1 }
        return summary
    }

    private func claim(_ position: Int, of shelf: Shelf, _ request: PullRequest) -> Completeness? {
        let isWhole =
            switch fault {
            case .claimsNothing: false
            case .claimsNothingOfKnown: position == shelf.stated && request.cursor == nil
            case .claimsWhatALimitCut: position == shelf.stated || request.limit != nil
            case .claimsWhatIsWithheld: request.limit == nil
            // It gives everything, whatever the limit; of that it makes no secret.
            case .ignoresLimit: position == shelf.stated && request.limit == nil
            default: position == shelf.stated
            }
        let detail = fault == .claimsWithoutDetail ? "" : "\(position) of \(shelf.stated) rows"
        return isWhole ? Completeness(.countedTotal, detail) : nil
    }

    /// A JSON array a row.
    private func tape(_ rows: [[String?]], _ tape: (any PullTape)?) throws {
        for row in rows {
            let told = fault == .tapesOtherwise ? row.map { $0 ?? "" } : row
            try (JSONEncoder().encode(told) + [0x0A]).withUnsafeBytes { try tape?.write($0) }
        }
    }

    func replay(
        _ request: PullRequest, from pieces: any PulledPieces, deliver: (consuming RawBatch) throws -> Void
    ) throws {
        let most = fault == .ignoresBatchRows ? Int.max : request.batchRows
        while let piece = try pieces.next() {
            var bytes = Data()
            var block = [UInt8](repeating: 0, count: 64)
            while case let count = try block.withUnsafeMutableBytes({ try pieces.read(into: $0) }), count > 0 {
                bytes += block[..<count]
            }
            let rows = try bytes.split(separator: 0x0A).map { try JSONDecoder().decode([String?].self, from: Data($0)) }
            let turn = piece.facts["turn"].flatMap { Int($0) } ?? 0
            var batch = RawBatch(
                columns: fault == .renamesColumn ? ["NUMBER"] + columns.dropFirst() : columns,
                origin: Origin(kind: .table, name: piece.name, isSnapshot: false))
            func flush(ends: Bool) throws {
                if fault == .addsAField { batch.fields.append(.none) }
                batch.endsOrigin = ends && fault != .neverEnds
                try deliver(batch)
                batch = RawBatch(columns: batch.columns, origin: batch.origin)
            }
            for (index, row) in rows.enumerated() {
                if batch.rowCount == most { try flush(ends: false) }
                append(row, ordinal: ordinal(index, turn), to: &batch)
            }
            if batch.rowCount > 0 || pieces.isWhole { try flush(ends: pieces.isWhole) }
        }
    }

    private func append(_ row: [String?], ordinal: Int64, to batch: inout RawBatch) {
        for value in row {
            guard let value, !(fault == .losesEmptyText && value.isEmpty) else {
                batch.fields.append(.none)
                continue
            }
            let offset = UInt32(batch.bytes.count)
            batch.fields.append(ByteRange(offset: offset, length: Int32(value.utf8.count)))
            batch.bytes += Array(value.utf8)
        }
        batch.ordinals.append(ordinal)
    }

    private func ordinal(_ index: Int, _ turn: Int) -> Int64 {
        switch fault {
        case .repeatsOrdinal: 1
        case .renumbers: Int64(index + turn)
        default: Int64(index + 1)
        }
    }
}
