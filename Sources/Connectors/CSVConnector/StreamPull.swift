import HeatModel
import Records

/// One pull of one stream: its ready files, in the order in which they were written.
struct StreamPull {
    let stream: CSVStream
    let request: PullRequest
    let folder: DropFolder
    private let order: DropOrder

    /// - Parameter siblings: the streams of the source.
    init(stream: CSVStream, siblings: [CSVStream], request: PullRequest) {
        self.stream = stream
        self.request = request
        folder = DropFolder(stream: stream, siblings: siblings)
        order = folder.order
    }

    private var readsSnapshots: Bool { stream.semantics == .snapshot }

    func run(_ deliver: @escaping (consuming RawBatch) throws -> Void) throws -> PullSummary {
        if request.isCancelled() { throw CSVError.cancelled }
        var state = State(known: KnownFiles(request.cursor))
        let listing = try listing(state.known)
        let before = state.known.drops(order)
        state.newest = before.max(by: order.isBefore)
        if readsSnapshots, let mark = request.lastSnapshot() {
            state.last = mark
            // One that broke off, or that the engine refused, is not what the stream stands at.
            if mark.isWhole {
                state.newest = before.first { $0.name == mark.name } ?? order.drop(mark.name, modified: nil)
            }
        }
        let faults = FolderFaults(
            stream: stream, listing: listing, known: state.known, isFirst: request.cursor == nil && state.last == nil,
            isFull: request.mode == .full)
        let files = try filesToRead(listing, state)
        state.known.keep(listing.ready.map(\.name) + listing.waiting.map(\.name), and: state.newest?.name)
        let handed = Handed(deliver)
        var failure: HearthError?
        for ready in files {
            do {
                if try !take(ready, &state, handed) {
                    state.evidence.isCut = true
                    break
                }
            } catch let error as HearthError where readsSnapshots && error.code.area == "source" && !handed.isRefused {
                // A later snapshot states everything: it need not wait for this one.
                failure = failure ?? error
            }
        }
        if let failure = failure ?? (state.evidence.isCut ? nil : faults.first()) { throw failure }
        state.summary.rows = handed.rows
        if handed.batches > 0, state.isAllStated { state.summary.statedRows = state.stated }
        if !readsSnapshots, let doubt = order.doubt(state.read) {
            state.evidence.note(
                "their names do not tell which of \(doubt.first.name) and \(doubt.second.name) is the older one")
        }
        state.summary.newestData = newestData(state)
        state.summary.completeness = state.evidence.completeness(listing)
        return state.summary
    }

    /// What lies in the folder, once what lies on the server was brought there.
    private func listing(_ known: KnownFiles) throws -> DropListing {
        guard let remote = stream.remote else { return try folder.listing() }
        var folder = folder
        folder.remote = try RemoteMirror(
            stream: stream, remote: remote, isCancelled: request.isCancelled,
            isRead: { known.digest(of: $0, $1) != nil }
        ).run()
        // Files get the time of their change while they are fetched, which may take long.
        folder.now = DropTime.now
        return try folder.listing()
    }

    /// Of snapshots the one that the stream stands at, where it was read now; of deltas the newest of those that were read now. Nil where
    /// nothing was: what came before is as old as it was.
    private func newestData(_ state: State) -> Instant? {
        let read = readsSnapshots ? state.read.suffix(1) : state.read[...]
        return read.compactMap { order.newestData($0, now: folder.now) }.max()
    }

    /// All files, or of a full pull of snapshots the last one.
    private func filesToRead(_ listing: DropListing, _ state: State) throws -> [DropListing.Ready] {
        guard readsSnapshots else { return listing.ready }
        // One that is untouched since it was read is no news, whatever its name.
        let news = listing.ready.filter {
            state.known.digest(of: $0.name, $0.stamp) == nil || $0.name.text == state.newest?.name
        }
        if let doubt = order.doubt(news.map(\.drop)) {
            throw DropOrder.error(doubt.first.name, doubt.second.name, doubt.reason, in: stream.folder)
        }
        guard request.mode == .full else { return listing.ready }
        // A full pull wants the present: earlier snapshots would be taken back by the last one.
        guard let newest = news.last ?? listing.ready.last else { return [] }
        if let standing = state.newest {
            let relation = order.relation(newest.drop, standing)
            if relation == .before { throw olderSnapshot(newest, than: standing.name) }
            if case .unknown(let reason) = relation {
                throw DropOrder.error(standing.name, newest.name.text, reason, in: stream.folder)
            }
        }
        return [newest]
    }

    /// What a pull knows from one file to the next.
    private struct State {
        var known: KnownFiles
        /// The snapshot that was begun last.
        var last: SnapshotMark?
        /// What the stream stands at: of snapshots the one that was read last, of deltas the newest that earlier pulls have read.
        var newest: DropOrder.Drop?
        var ended: Set<String> = []
        /// Rows that files state of themselves, and whether each that was read states them.
        var stated: Int64 = 0
        var isAllStated = true
        /// What was read to its end, in that order.
        var read: [DropOrder.Drop] = []
        var summary = PullSummary()
        var evidence = DropEvidence()
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
    private func take(_ ready: DropListing.Ready, _ state: inout State, _ handed: Handed) throws -> Bool {
        let limit = request.limit.map { $0 - Int(handed.rows) }
        if let limit, limit <= 0 { return false }
        let name = ready.name.text
        let file = try FileReader(ready.path)
        if request.mode == .incremental, let digest = state.known.digest(of: ready.name, file.stamp),
            try news(ready, digest, isUntouched: true, state) == .known
        {
            state.evidence.known += 1
            return true
        }
        let survey = try FileSurvey(file, as: stream.encoding, isCancelled: request.isCancelled)
        state.summary.bytes += survey.byteCount
        let news = try news(ready, survey.digest, isUntouched: false, state)
        if news == .known {
            state.evidence.known += 1
            state.summary.knownOrigins.append(name)
            return true
        }
        let origin = Origin(
            kind: .file, name: name, digest: survey.digest, byteCount: survey.byteCount, isSnapshot: readsSnapshots)
        let manifest = try verify(ready, file, survey, origin)
        if news == .superseded {
            // It is not delivered, but what is wrong with it is reported.
            try readThrough(file, survey, origin)
            if let standing = state.newest, order.mayHaveBegunAnew(ready.drop, after: standing) {
                throw olderSnapshot(ready, than: standing.name)
            }
            state.evidence.superseded.append(name)
            return true
        }
        state.known.insert(ready.name, file.stamp, digest: survey.digest)
        let cursor = state.known.cursor
        try request.tape?.begin(survey.piece(origin, path: ready.path.shown, after: handed.batches))
        if readsSnapshots { state.last = SnapshotMark(name: name, digest: survey.digest, isWhole: false) }
        let outcome = try FilePull.run(
            stream, file, survey, origin: origin, request: request, limit: limit,
            sumColumn: stream.trailer?.sumColumn,
            deliver: { batch in
                var batch = batch
                if batch.endsOrigin { batch.cursor = cursor }
                try handed.hand(batch)
            })
        try request.tape?.end()
        for told in outcome.told { state.summary.notice(told.code, told.message, at: name) }
        if let rows = manifest?.rows ?? outcome.statedRows { state.stated += rows } else { state.isAllStated = false }
        if outcome.isCut { return false }
        state.evidence.take(name, survey, outcome, isCounted: manifest != nil)
        state.read.append(ready.drop)
        if readsSnapshots {
            state.newest = ready.drop
        } else if let newest = state.newest, order.relation(ready.drop, newest) == .before {
            state.evidence.note("\(name) is older than \(newest.name), which was read before it")
        }
        state.ended.insert(survey.digest)
        state.last?.isWhole = true
        return true
    }

    private enum News { case fresh, known, superseded }

    /// Whether the content of a file is to be read.
    private func news(_ ready: DropListing.Ready, _ digest: String, isUntouched: Bool, _ state: State) throws -> News {
        guard readsSnapshots else {
            if state.ended.contains(digest) { return .known }
            guard request.mode == .incremental, request.isKnownOrigin(digest) else { return .fresh }
            // What was replaced by something else and is back under its name is reported again: it is no re-drop.
            let last = state.known.lastDigest(of: ready.name)
            return last == nil || last == digest ? .known : .fresh
        }
        guard request.mode == .incremental, let last = state.last else { return .fresh }
        let begun = state.newest.flatMap { $0.name == last.name ? $0 : nil } ?? order.drop(last.name, modified: nil)
        let isCovered = last.covers(
            ready.name.text, digest: digest, isKnown: request.isKnownOrigin(digest),
            isBefore: { _, _ in order.relation(ready.drop, begun) == .before })
        if isCovered { return .known }
        guard let standing = state.newest else { return .fresh }
        switch order.relation(ready.drop, standing) {
        case .before: return .superseded
        case .same, .after: return .fresh
        case .unknown(let reason):
            // It is untouched since it was read, and another one was read after it.
            if isUntouched, request.isKnownOrigin(digest) { return .known }
            throw DropOrder.error(standing.name, ready.name.text, reason, in: stream.folder)
        }
    }

    private func olderSnapshot(_ ready: DropListing.Ready, than last: String) -> HearthError {
        CSVError.make(
            .sourceOlderSnapshot,
            "the snapshot sorts before \(last), which the stream stands at (\(order.shown))", ready.path.shown,
            advice:
                "If it is the newer one, have it sent under a name that sorts after \(last) (a date with its year does) or set `order`; if it is the older one, take it out of the folder."
        )
    }

    /// Reads a file without handing anything over, for what it throws.
    private func readThrough(_ file: FileReader, _ survey: FileSurvey, _ origin: Origin) throws {
        _ = try FilePull.run(
            stream, file, survey, origin: origin, request: request, limit: nil, sumColumn: stream.trailer?.sumColumn,
            deliver: nil)
    }

    /// Holds a file against its manifest, before anything of it is delivered.
    private func verify(
        _ ready: DropListing.Ready, _ file: FileReader, _ survey: FileSurvey, _ origin: Origin
    ) throws -> Manifest? {
        guard let path = ready.manifest else { return nil }
        let manifest = try Manifest(path)
        let name = ready.name.text
        if let stated = manifest.sha256, stated != survey.digest {
            throw manifest.mismatch("the SHA-256 of \(name) is not the stated one")
        }
        guard manifest.rows != nil || manifest.sum != nil else { return manifest }
        // A pull that only counts; the trailer's own sum is checked by the real one.
        var counting = stream
        counting.trailer?.sumField = nil
        counting.trailer?.countField = nil
        let outcome = try FilePull.run(
            counting, file, survey, origin: origin, request: request, limit: nil, sumColumn: manifest.sumColumn,
            deliver: nil)
        if let rows = manifest.rows, rows != outcome.records {
            throw manifest.mismatch("\(rows) rows are stated, \(name) has \(outcome.records)")
        }
        if let sum = manifest.sum, sum != outcome.sum {
            throw manifest.mismatch("the sum of \(manifest.sumColumn ?? "") in \(name) is not the stated one")
        }
        return manifest
    }
}
