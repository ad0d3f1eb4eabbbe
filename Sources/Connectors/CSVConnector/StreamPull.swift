import HeatModel
import Records

/// One pull of one stream: its ready files, by name.
struct StreamPull {
    let stream: CSVStream
    let request: PullRequest

    private var isOfSnapshots: Bool { stream.semantics == .snapshot }

    func run(_ deliver: @escaping (consuming RawBatch) throws -> Void) throws -> PullSummary {
        if request.isCancelled() { throw CSVError.cancelled }
        var summary = PullSummary()
        var ended: Set<String> = []
        var last = request.mode == .incremental && isOfSnapshots ? request.lastSnapshot() : nil
        var folder = try DropFolder(stream: stream).readyFiles()
        // A full pull wants the present: earlier snapshots would be taken back by the last one.
        if request.mode == .full, isOfSnapshots { folder = Array(folder.suffix(1)) }
        var known = KnownFiles(request.cursor)
        known.keep(folder.map(\.name))
        func needsNoReading(_ name: String, _ digest: String) -> Bool {
            if isOfSnapshots {
                return last?.covers(name, digest: digest, isKnown: request.isKnownOrigin(digest)) ?? false
            }
            return ended.contains(digest) || (request.mode == .incremental && request.isKnownOrigin(digest))
        }
        for ready in folder {
            let limit = request.limit.map { $0 - Int(summary.rows) }
            if let limit, limit <= 0 { break }
            let file = try FileReader(ready.path)
            if request.mode == .incremental, let digest = known.digest(of: ready.name, file.stamp),
                needsNoReading(ready.name, digest)
            {
                continue
            }
            let survey = try FileSurvey(file, as: stream.encoding, isCancelled: request.isCancelled)
            summary.bytes += survey.byteCount
            if needsNoReading(ready.name, survey.digest) {
                summary.knownOrigins.append(ready.name)
                continue
            }
            let origin = Origin(
                kind: .file, name: ready.name, digest: survey.digest, byteCount: survey.byteCount,
                isSnapshot: isOfSnapshots)
            let stated = try verify(ready, file, survey, origin)
            known.insert(ready.name, file.stamp, digest: survey.digest)
            let cursor = known.cursor
            try request.tape?.begin(survey.piece(origin, path: ready.path))
            var pull = try FilePull(
                stream, file, survey, origin: origin, request: request, limit: limit,
                sumColumn: stream.trailer?.sumColumn,
                deliver: { batch in
                    var batch = batch
                    if batch.endsOrigin { batch.cursor = cursor }
                    try deliver(batch)
                })
            let outcome = try pull.run()
            try request.tape?.end()
            summary.rows += outcome.records
            if let rows = stated ?? outcome.statedRows { summary.statedRows = (summary.statedRows ?? 0) + rows }
            if outcome.isCut { break }
            ended.insert(survey.digest)
            last = SnapshotMark(name: ready.name, digest: survey.digest, isWhole: true)
        }
        return summary
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
