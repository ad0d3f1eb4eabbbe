import HeatModel
import Records

/// One pull of one stream: its ready files, by name.
struct StreamPull {
    let stream: CSVStream
    let request: PullRequest

    private var isOfSnapshots: Bool { stream.semantics == .snapshot }

    func run(_ deliver: @escaping (consuming RawBatch) throws -> Void) throws -> PullSummary {
        if request.isCancelled() { throw CSVError.cancelled }
        var folder = try DropFolder(stream: stream).readyFiles()
        // A full pull wants the present: earlier snapshots would be taken back by the last one.
        if request.mode == .full, isOfSnapshots { folder = Array(folder.suffix(1)) }
        var state = State(known: KnownFiles(request.cursor))
        state.known.keep(folder.map(\.name))
        if request.mode == .incremental, isOfSnapshots { state.last = request.lastSnapshot() }
        let handed = Handed(deliver)
        var failure: HearthError?
        for ready in folder {
            do {
                if try !take(ready, &state, handed) { break }
            } catch let error as HearthError where isOfSnapshots && error.code.area == "source" && !handed.isRefused {
                // A later snapshot states everything: it need not wait for this one.
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        state.summary.rows = handed.rows
        return state.summary
    }

    /// What a pull knows from one file to the next.
    private struct State {
        var known: KnownFiles
        var last: SnapshotMark?
        var ended: Set<String> = []
        var summary = PullSummary()
    }

    /// What was handed over so far.
    private final class Handed {
        private(set) var rows: Int64 = 0
        private(set) var batches = 0
        /// Whether the one it was handed to threw.
        private(set) var isRefused = false
        private let deliver: (consuming RawBatch) throws -> Void

        init(_ deliver: @escaping (consuming RawBatch) throws -> Void) { self.deliver = deliver }

        func hand(_ batch: consuming RawBatch) throws {
            rows += Int64(batch.rowCount + batch.defects.count)
            batches += 1
            do { try deliver(batch) } catch {
                isRefused = true
                throw error
            }
        }
    }

    /// Reads one file, unless that is not needed; false where the limit is reached.
    private func take(_ ready: DropFolder.ReadyFile, _ state: inout State, _ handed: Handed) throws -> Bool {
        let limit = request.limit.map { $0 - Int(handed.rows) }
        if let limit, limit <= 0 { return false }
        let file = try FileReader(ready.path)
        if request.mode == .incremental, let digest = state.known.digest(of: ready.name, file.stamp),
            needsNoReading(ready.name, digest, state)
        {
            return true
        }
        let survey = try FileSurvey(file, as: stream.encoding, isCancelled: request.isCancelled)
        state.summary.bytes += survey.byteCount
        if needsNoReading(ready.name, survey.digest, state) {
            state.summary.knownOrigins.append(ready.name)
            return true
        }
        let origin = Origin(
            kind: .file, name: ready.name, digest: survey.digest, byteCount: survey.byteCount, isSnapshot: isOfSnapshots
        )
        let stated = try verify(ready, file, survey, origin)
        // One that is behind what the stream stands at, and broken, must not put its rows there at each pull.
        if let last = state.last, ready.name < last.name { try readThrough(file, survey, origin) }
        state.known.insert(ready.name, file.stamp, digest: survey.digest)
        let cursor = state.known.cursor
        try request.tape?.begin(survey.piece(origin, path: ready.path, after: handed.batches))
        if isOfSnapshots { state.last = SnapshotMark(name: ready.name, digest: survey.digest, isWhole: false) }
        var pull = try FilePull(
            stream, file, survey, origin: origin, request: request, limit: limit,
            sumColumn: stream.trailer?.sumColumn,
            deliver: { batch in
                var batch = batch
                if batch.endsOrigin { batch.cursor = cursor }
                try handed.hand(batch)
            })
        let outcome = try pull.run()
        try request.tape?.end()
        if let rows = stated ?? outcome.statedRows {
            state.summary.statedRows = (state.summary.statedRows ?? 0) + rows
        }
        if outcome.isCut { return false }
        state.ended.insert(survey.digest)
        state.last?.isWhole = true
        return true
    }

    private func needsNoReading(_ name: String, _ digest: String, _ state: State) -> Bool {
        if isOfSnapshots {
            return state.last?.covers(name, digest: digest, isKnown: request.isKnownOrigin(digest)) ?? false
        }
        return state.ended.contains(digest) || (request.mode == .incremental && request.isKnownOrigin(digest))
    }

    /// Reads a file without handing anything over, for what it throws.
    private func readThrough(_ file: FileReader, _ survey: FileSurvey, _ origin: Origin) throws {
        var pull = try FilePull(
            stream, file, survey, origin: origin, request: request, limit: nil, sumColumn: stream.trailer?.sumColumn,
            deliver: nil)
        _ = try pull.run()
    }

    /// Holds a file against its manifest, before anything of it is delivered. Returns the rows that the manifest states.
    private func verify(
        _ ready: DropFolder.ReadyFile, _ file: FileReader, _ survey: FileSurvey, _ origin: Origin
    ) throws -> Int64? {
        guard let path = ready.manifestPath else { return nil }
        let manifest = try Manifest(path: path)
        if let stated = manifest.sha256, stated != survey.digest {
            throw manifest.mismatch("the SHA-256 of \(ready.name) is not the stated one")
        }
        guard manifest.rows != nil || manifest.sum != nil else { return nil }
        // A pull that only counts; the trailer's own sum is checked by the real one.
        var counting = stream
        counting.trailer?.sumField = nil
        counting.trailer?.countField = nil
        var pull = try FilePull(
            counting, file, survey, origin: origin, request: request, limit: nil, sumColumn: manifest.sumColumn,
            deliver: nil)
        let outcome = try pull.run()
        if let rows = manifest.rows, rows != outcome.records {
            throw manifest.mismatch("\(rows) rows are stated, \(ready.name) has \(outcome.records)")
        }
        if let sum = manifest.sum, sum != outcome.sum {
            throw manifest.mismatch("the sum of \(manifest.sumColumn ?? "") in \(ready.name) is not the stated one")
        }
        return manifest.rows
    }
}
