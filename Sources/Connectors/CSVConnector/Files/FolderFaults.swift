import HeatModel

/// What about a folder, not about one of its files, keeps a pull from being complete. Files that can be read are read before.
struct FolderFaults {
    let stream: CSVStream
    let listing: DropListing
    /// Files read before, as the cursor has them.
    let known: KnownFiles
    /// Whether anything was ever read from here.
    let isFirst: Bool
    let isFull: Bool

    func first() -> HearthError? { byCase() ?? overdue() ?? missing() }

    private func path(_ name: String) -> String { "\(stream.folder)/\(name)" }

    private func byCase() -> HearthError? {
        guard let name = listing.matchingButForCase.min() else { return nil }
        return CSVError.make(
            .sourceNameCase,
            "\(DropListing.shown(listing.matchingButForCase.sorted())) would match \(stream.pattern) but for small and capital letters",
            path(name),
            advice: "Set `ignoreCase: true` to read it, or write the pattern as the files are named.")
    }

    private func overdue() -> HearthError? {
        let waiting = listing.waiting.filter { known.digest(of: $0.name, $0.stamp) == nil }
        if let stuck = waiting.first(where: \.isStuck) {
            return CSVError.make(
                .sourceFutureTime, "the file never becomes ready: \(stuck.reason)", path(stuck.name.text),
                advice: "Have the clock of the machine that holds the folder set, or use another readiness (`ready`).")
        }
        guard case .stable = stream.readiness else {
            let late = waiting.filter { $0.age ?? 0 > DropListing.mostWaiting }
            guard let file = late.first else { return nil }
            return CSVError.make(
                .sourceOverdue,
                "the file has waited for more than a day: \(file.reason)"
                    + (late.count > 1 ? ", and \(late.count - 1) more" : ""), path(file.name.text),
                advice: "Ask the sender whether it is complete: have its sign put there, or the file taken away.")
        }
        return nil
    }

    /// No file at all: nothing new, or the wrong place?
    private func missing() -> HearthError? {
        guard listing.ready.isEmpty else { return nil }
        if isFull, !isFirst { return noFiles("no file to read everything from") }
        guard listing.waiting.isEmpty else { return nil }
        if !known.isEmpty, !known.areFrom(device: listing.device), listing.device != 0 {
            return CSVError.make(
                .sourceUnreachable,
                "the folder is empty, and lies on another file system than the files read before", stream.folder,
                advice: "Check that its disk or share is mounted.")
        }
        if !listing.unclaimedData.isEmpty {
            return CSVError.make(
                .sourceNoMatch,
                "no file matches \(stream.pattern); there are \(DropListing.shown(listing.unclaimedData.sorted()))",
                stream.folder, advice: "Write the pattern as the files are named.")
        }
        if isFirst, !stream.mayBeEmpty, isFull || !listing.hasOtherStreamsFiles {
            return noFiles("no file matches \(stream.pattern), and none was ever read from here")
        }
        return nil
    }

    private func noFiles(_ message: String) -> HearthError {
        CSVError.make(
            .sourceNoFiles, message, stream.folder,
            advice: isFirst
                ? "Check the folder and the pattern; where no file may have come yet, set `mayBeEmpty: true`."
                : "Have the files put back that are to be read again, or pull only what is new.")
    }
}
