import HeatModel
import Records

/// What a pull saw of its folder and its files, and what that proves at its end.
struct DropEvidence {
    /// Files whose trailer or manifest counts them, and agrees; files that were read to their end without one.
    private(set) var counted = 0
    private(set) var whole = 0
    /// Files that were read before, and older snapshots that were never read because a later one was.
    var known = 0
    var superseded: [String] = []
    private var encodings: [(file: String, encoding: String)] = []
    private var openEnded: [String] = []
    private var notes: [String] = []
    /// The limit cut the pull before its end.
    var isCut = false

    mutating func take(_ name: String, _ survey: FileSurvey, _ outcome: FilePull.Outcome, isCounted: Bool) {
        if isCounted || outcome.isCounted { counted += 1 } else { whole += 1 }
        encodings.append((name, survey.shownEncoding + (survey.isShortGB18030 ? " (fits UTF-8, too)" : "")))
        if !outcome.endsLine { openEnded.append(name) }
    }

    mutating func note(_ text: String) { notes.append(text) }

    /// The weakest proof of the files that were read; what is known already, where none was.
    func completeness(_ listing: DropListing) -> Completeness? {
        if isCut { return nil }
        var parts: [String] = []
        if counted > 0 { parts.append("\(Self.files(counted)) read, counted by trailer or manifest") }
        if whole > 0 { parts.append("\(Self.files(whole)) read to the end, without a count") }
        if known > 0 { parts.append("\(Self.files(known)) known by content") }
        if !superseded.isEmpty {
            parts.append("older than the snapshot that was read last, not read: \(DropListing.shown(superseded))")
        }
        if listing.ready.isEmpty { parts.append("no file to read in \(listing.folder)") }
        if !encodings.isEmpty {
            parts.append(DropListing.shown(encodings.map { "\($0.file) is \($0.encoding)" }))
        }
        if !openEnded.isEmpty {
            parts.append("the last line has no end: \(DropListing.shown(openEnded))")
        }
        parts += notes.prefix(3)
        for file in listing.waiting.prefix(3) { parts.append("\(file.name.text) waits: \(file.reason)") }
        if listing.waiting.count > 3 { parts.append("\(listing.waiting.count - 3) more wait") }
        let ahead = listing.ready.filter(\.isAheadOfTime).map(\.name.text)
        if !ahead.isEmpty { parts.append("times in the future: \(DropListing.shown(ahead))") }
        if !listing.unclaimed.isEmpty {
            parts.append("of no stream's pattern: \(DropListing.shown(listing.unclaimed))")
        }
        if !listing.folders.isEmpty {
            parts.append("folders in it are not read: \(DropListing.shown(listing.folders))")
        }
        let proof: Completeness.Proof = whole > 0 ? .wholeFile : (counted > 0 ? .trailer : .knownContent)
        return Completeness(proof, parts.joined(separator: "; "))
    }

    private static func files(_ count: Int) -> String { count == 1 ? "1 file" : "\(count) files" }
}
