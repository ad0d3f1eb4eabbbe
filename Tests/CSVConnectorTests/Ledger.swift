import CSVConnector
import HeatModel
import Records

/// What an engine keeps of one stream, in memory and by the engine's rules: records by their first column, the cursor, the origins.
final class Ledger {
    private let stream: CSVStream
    private let siblings: [CSVStream]
    var records: [String: [String?]] = [:]
    /// Of the snapshot that it stands at, or of all deltas.
    private(set) var everyDefect: [RecordDefect] = []
    private(set) var defects: [RecordDefect] = []
    private(set) var read: [String] = []
    private(set) var summary = PullSummary()
    private var cursor: Cursor?
    private var origins: [(digest: String, name: String, isSnapshot: Bool, isWhole: Bool)] = []
    private var seen: Set<String> = []
    private var defectsOfOrigin: [[UInt8]] = []

    init(_ stream: CSVStream, siblings: [CSVStream] = []) {
        self.stream = stream
        self.siblings = siblings
    }

    /// One run; the error that it failed with.
    @discardableResult
    func sync(full: Bool = false) -> HearthError? {
        let known = Set(origins.filter(\.isWhole).map(\.digest))
        let last = lastSnapshot()
        let request = PullRequest(
            stream: stream.name, mode: full ? .full : .incremental, cursor: cursor,
            isKnownOrigin: { known.contains($0) }, lastSnapshot: { last })
        defects = []
        read = []
        var held: RawBatch?
        do {
            do {
                summary = try CSVConnector(source: "customer", streams: [stream] + siblings).pull(request) { batch in
                    if let batch = held.take() { try commit(batch) }
                    if batch.endsOrigin { held = batch } else { try commit(batch) }
                }
            } catch {
                if let batch = held.take() { try commit(batch) }
                throw error
            }
            guard summary.completeness != nil else {
                throw HearthError(.init("run.unproven"), "the end is not proved")
            }
            if let batch = held.take() { try commit(batch) }
            return nil
        } catch {
            return error as? HearthError ?? HearthError(.init("run.failed"), "\(error)")
        }
    }

    private func lastSnapshot() -> SnapshotMark? {
        guard let last = origins.last(where: \.isSnapshot) else { return nil }
        let since = origins.lastIndex { $0.isSnapshot && $0.digest != last.digest } ?? -1
        return SnapshotMark(
            name: last.name, digest: last.digest,
            isWhole: origins[(since + 1)...].contains { $0.digest == last.digest && $0.isWhole })
    }

    private func commit(_ batch: RawBatch) throws {
        let digest = batch.origin.digest ?? ""
        if read.last != batch.origin.name || origins.last?.digest != digest || origins.last?.isWhole == true {
            origins.append((digest, batch.origin.name, batch.origin.isSnapshot, false))
            read.append(batch.origin.name)
            seen = []
            defectsOfOrigin = []
            if batch.origin.isSnapshot { everyDefect = [] }
        }
        for row in 0..<batch.rowCount {
            let fields = batch.columns.indices.map { batch.text(row: row, column: $0) }
            let key = fields[0] ?? ""
            records[key] = fields
            seen.insert(key)
        }
        defects += batch.defects
        everyDefect += batch.defects
        defectsOfOrigin += batch.defects.map(\.raw)
        guard batch.endsOrigin else { return }
        if batch.origin.isSnapshot {
            // A snapshot of nothing over something always trips the fuse.
            if seen.isEmpty, defectsOfOrigin.isEmpty, !records.isEmpty {
                throw HearthError(
                    .init("run.massVanish"), "everything would vanish", at: .address(batch.origin.name),
                    advice: "look at what the source sent")
            }
            let texts = defectsOfOrigin.map { String(decoding: $0, as: UTF8.self) }
            for key in records.keys where !seen.contains(key) && !texts.contains(where: { $0.contains(key) }) {
                records[key] = nil
            }
        }
        origins[origins.count - 1].isWhole = true
        cursor = batch.cursor ?? cursor
    }
}
