import HeatModel
import Records

/// What can be checked of a stream without pulling it.
struct StreamCheck {
    let stream: CSVStream
    let siblings: [CSVStream]

    /// So many of the newest files are looked into.
    private static let lookedInto = 5

    private var folder: DropFolder { DropFolder(stream: stream, siblings: siblings) }

    func findings(tellsUnclaimed: Bool) -> [CheckFinding] {
        do {
            try stream.validate()
        } catch {
            return [failed("stream \(stream.name)", error)]
        }
        let listing: DropListing
        do {
            listing = try self.listing()
        } catch {
            return [failed("folder \(stream.remote?.shown ?? stream.folder)", error)]
        }
        var findings = [
            CheckFinding("folder \(stream.remote?.shown ?? stream.folder)", .ok, "can be read"), files(listing),
        ]
        if let order = order(listing) { findings.append(order) }
        findings += waiting(listing)
        findings += names(listing, tellsUnclaimed)
        findings += listing.ready.suffix(Self.lookedInto).flatMap(contents)
        do {
            let columns = try columns(listing)
            if !columns.isEmpty {
                findings.append(
                    CheckFinding(
                        "columns of \(stream.name)", .ok,
                        "\(columns.count) columns: \(DropListing.shown(columns, most: 40))"))
            }
        } catch {
            findings.append(failed("columns of \(stream.name)", error))
        }
        return findings
    }

    /// Those configured, else those of the last ready file; none where there is no file.
    func columns() throws -> [String] { try columns(listing()) }

    /// What lies in the folder; what of a server's files the spool lacks is fetched before, and none of them leaves it.
    private func listing() throws -> DropListing {
        var folder = folder
        if let remote = stream.remote {
            folder.remote = try RemoteMirror(
                stream: stream, remote: remote, isCancelled: { false }, isRead: { _, _ in false }
            ).run()
            folder.now = DropTime.now
        }
        return try folder.listing()
    }

    private func columns(_ listing: DropListing) throws -> [String] {
        guard let last = listing.ready.last else { return stream.columns ?? [] }
        let file = try FileReader(last.path)
        let survey = try FileSurvey(file, as: stream.encoding, isCancelled: { false })
        if survey.encoding == .workbook { return try WorkbookPull.columns(stream, file) }
        var window = TextWindow(try TextFeed(file, survey))
        return try FileHead.read(&window, stream, path: last.path.shown).columns
    }

    // MARK: findings

    private func files(_ listing: DropListing) -> CheckFinding {
        CheckFinding(
            "files \(stream.pattern)", listing.ready.isEmpty ? .warning : .ok, "\(listing.ready.count) ready",
            advice: listing.ready.isEmpty ? "Check the pattern and the readiness rule of \(stream.name)." : nil)
    }

    private func order(_ listing: DropListing) -> CheckFinding? {
        guard listing.ready.count > 1 else { return nil }
        let subject = "order of \(stream.name)"
        let order = folder.order
        let drops = listing.ready.map(\.drop)
        if let doubt = order.doubt(drops) {
            let error = DropOrder.error(doubt.first.name, doubt.second.name, doubt.reason, in: stream.folder)
            // Deltas are read in some order all the same; a snapshot must never be laid over a later one.
            return CheckFinding(
                subject, stream.semantics == .snapshot ? .failed : .warning,
                "nothing tells which of \(doubt.first.name) and \(doubt.second.name) is the older one: \(doubt.reason)",
                advice: error.advice)
        }
        let names = drops.map(\.name)
        let shown =
            names.count <= 8
            ? names.joined(separator: ", ")
            : names.prefix(4).joined(separator: ", ") + ", … (\(names.count - 7) more), "
                + names.suffix(3).joined(separator: ", ")
        return CheckFinding(subject, .ok, "read \(order.shown): \(shown)")
    }

    /// Files that are not ready, and those that will never be.
    private func waiting(_ listing: DropListing) -> [CheckFinding] {
        var findings = listing.waiting.prefix(20).map { file in
            let isLate = file.isStuck || file.age ?? 0 > DropListing.mostWaiting
            return CheckFinding(
                "file \(file.name.text)", isLate ? .failed : .warning,
                isLate ? "never becomes ready as it stands: \(file.reason)" : "is not ready: \(file.reason)",
                advice: "Where it is complete, have the sender give its sign; else it is read once it has come.")
        }
        for file in listing.ready where file.isAheadOfTime {
            findings.append(
                CheckFinding(
                    "file \(file.name.text)", .warning, "its time of modification lies in the future",
                    advice: "Have the sender's clock set."))
        }
        return findings
    }

    private func names(_ listing: DropListing, _ tellsUnclaimed: Bool) -> [CheckFinding] {
        var findings: [CheckFinding] = []
        if !listing.matchingButForCase.isEmpty {
            findings.append(
                CheckFinding(
                    "files \(stream.pattern)", .failed,
                    "match but for small and capital letters: \(DropListing.shown(listing.matchingButForCase.sorted()))",
                    advice: "Set `ignoreCase: true`, or write the pattern as the files are named."))
        }
        if tellsUnclaimed, !listing.unclaimed.isEmpty {
            findings.append(
                CheckFinding(
                    "folder \(stream.folder)", .warning,
                    "of no stream's pattern: \(DropListing.shown(listing.unclaimed.sorted(), most: 10))",
                    advice: "Write a pattern that takes them in, or keep them elsewhere."))
        }
        return findings
    }

    /// How a file's text is encoded, and whether its manifest can be read.
    private func contents(_ ready: DropListing.Ready) -> [CheckFinding] {
        let subject = "file \(ready.name.text)"
        do {
            if let manifest = ready.manifest { _ = try Manifest(manifest) }
            let file = try FileReader(ready.path)
            let survey = try FileSurvey(file, as: stream.encoding, isCancelled: { false })
            if survey.endsInCharacter {
                return [
                    CheckFinding(
                        subject, .failed, "read as \(survey.shownEncoding); it ends in the middle of a character",
                        advice: "Have the file sent again.")
                ]
            }
            if survey.isShortGB18030 {
                return [
                    CheckFinding(
                        subject, .warning, "read as GB18030; it fits UTF-8, too, but has no Chinese in it then",
                        advice: "Declare the stream's `encoding` where it is always the same.")
                ]
            }
            let ok = CheckFinding(subject, .ok, "read as \(survey.shownEncoding)")
            guard survey.encoding == .workbook else { return [ok] }
            // Formulas and what is hidden show once the rows are read.
            let pull = WorkbookPull(
                stream, file, origin: Origin(kind: .file, name: ready.name.text, isSnapshot: false),
                request: PullRequest(stream: stream.name), limit: nil, sumColumn: nil, deliver: nil)
            return [ok] + (try pull.run().told.map { CheckFinding(subject, .warning, $0.message) })
        } catch {
            return [failed(subject, error)]
        }
    }

    private func failed(_ subject: String, _ error: any Error) -> CheckFinding {
        let error = error as? HearthError
        return CheckFinding(
            subject, .failed, error.map { "\($0.place.map { "\($0): " } ?? "")\($0.message)" } ?? "cannot be read",
            advice: error?.advice ?? "Check the folder.")
    }
}
