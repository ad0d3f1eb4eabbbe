import HeatModel

/// Brings a stream's files from a remote folder into its spool, where they are read as drops of any folder are.
///
/// A file is fetched once: it is known by size and time of modification. It gets its name in the spool when it is whole and the server
/// still says the same of it; its sign (`.done`, manifest) follows it. Nothing is moved, marked or deleted on the server.
struct RemoteMirror {
    /// What the spool does not show of the server.
    struct Seen {
        /// Names that are not fetched: of no pattern, or folders.
        var others: [(name: DropName, isFolder: Bool)] = []
        /// Files that were written to while they were fetched.
        var changing: [DropName] = []
    }

    let stream: CSVStream
    let remote: RemoteDrops
    let isCancelled: @Sendable () -> Bool
    /// Whether a file was read to its end from the spool, as it lies there: then it may leave with the server's.
    let isRead: (DropName, FileStamp) -> Bool

    private var spool: Spool { Spool(folder: stream.folder) }
    /// So many bytes before the end of what is there are fetched again, to see that it is still the same file.
    private static let overlap: Int64 = 1 << 16

    func run() throws -> Seen {
        if let problem = remote.problem {
            throw HearthError(
                .configCsv, problem.message, at: .address(remote.shown), advice: problem.advice)
        }
        return try spool.withLock(isCancelled: isCancelled) {
            let session = try RemoteSession(remote, isCancelled: isCancelled)
            return try mirror(session)
        }
    }

    private func mirror(_ session: RemoteSession) throws -> Seen {
        let folder = DropFolder(stream: stream)
        let pattern = GlobPattern(stream.pattern, ignoresCase: stream.ignoresCase)
        func isWanted(_ name: DropName) -> Bool {
            if DropFolder.isUnfinished(name.text) { return false }
            return pattern.matches(folder.withoutSign(name.text) ?? name.text)
        }
        var seen = Seen()
        var files: [RemoteFolder.Entry] = []
        let entries = try RemoteFolder(session).entries
        for entry in entries {
            if isWanted(entry.name), entry.kind != .folder {
                if entry.kind == .link {
                    throw HearthError(
                        .sourceUnreadable, "a link, not a file", at: .address(session.place(entry.name)),
                        advice: "Have the file itself put there.")
                }
                files.append(entry)
            } else {
                seen.others.append((entry.name, entry.kind == .folder))
            }
        }
        // Files first, then their signs: a sign in the spool speaks of a file that is there.
        files.sort { !folder.isSign($0.name.text) && folder.isSign($1.name.text) }
        var fetched: [(name: DropName, state: State, isWhole: Bool)] = []
        for entry in files {
            guard let state = try state(entry, session), !isInSpool(entry.name, state) else { continue }
            fetched.append((entry.name, state, try fetch(entry.name, state, session)))
        }
        // The server is asked again, not what it said before.
        let later = fetched.isEmpty ? [] : try RemoteFolder(session).entries
        var held: Set<String> = []
        for (name, before, isWhole) in fetched {
            if let file = folder.withoutSign(name.text), held.contains(file) { continue }
            let after = try later.first { $0.name == name }.flatMap { try state($0, session) }
            if isWhole, after == before {
                try spool.part(name, size: before.size, modified: before.modified).finish(modified: before.modified)
            } else {
                held.insert(name.text)
                seen.changing.append(name)
            }
        }
        try removeGone(Set(entries.map(\.name.bytes)), isWanted)
        return seen
    }

    private func isInSpool(_ name: DropName, _ state: State) -> Bool {
        guard let stamp = spool.stamp(name) else { return false }
        return stamp.size == state.size && stamp.modified.seconds == Int(state.modified)
    }

    private struct State: Equatable {
        var size: Int64
        var modified: Int64
    }

    /// Nil where the file has left, or is a folder.
    private func state(_ entry: RemoteFolder.Entry, _ session: RemoteSession) throws -> State? {
        let facts = try session.facts(entry.name)
        let size = session.options.scheme == .sftp ? entry.size : facts.size
        if facts.size == nil, facts.modified == nil { return nil }
        guard let size, let modified = facts.modified else {
            throw HearthError(
                .sourceUnreadable, "the server does not say how long the file is and when it was written",
                at: .address(session.place(entry.name)),
                advice: "Have a server that knows SIZE and MDTM, or SFTP, or mount the folder.")
        }
        return State(size: size, modified: modified)
    }

    /// Fetches what the spool lacks of a file; false where the file has grown.
    private func fetch(_ name: DropName, _ state: State, _ session: RemoteSession) throws -> Bool {
        let part = try spool.part(name, size: state.size, modified: state.modified)
        if part.size > state.size { try part.truncate(to: 0) }
        var attempts = 0
        while true {
            let before = part.size
            switch try attempt(name, part, state, session) {
            case .whole: return true
            case .grown:
                part.discard()
                return false
            case .another: try part.truncate(to: 0)
            case .brokenOff(let failure):
                if failure.cannotBeginInTheMiddle, part.size > 0 {
                    // A server that cannot begin in the middle.
                    try part.truncate(to: 0)
                }
                attempts = part.size > before ? 0 : attempts + 1
                if !(failure.isPassing || failure.cannotBeginInTheMiddle) || attempts >= RemoteSession.mostAttempts {
                    throw failure.error(session.place(name))
                }
            }
        }
    }

    private enum Ending { case whole, grown, another, brokenOff(RemoteFailure) }
    private struct Stop: Error { var ending: Ending }

    private func attempt(
        _ name: DropName, _ part: SpoolPart, _ state: State, _ session: RemoteSession
    ) throws -> Ending {
        if state.size == 0 { return .whole }
        let start = max(0, part.size - Self.overlap)
        var at = start
        var failure: RemoteFailure?
        do {
            failure = try session.fetch(name, from: start) { bytes in
                var bytes = bytes
                if at < part.size {
                    let common = min(Int64(bytes.count), part.size - at)
                    if try !part.holds(UnsafeRawBufferPointer(rebasing: bytes[..<Int(common)]), at: at) {
                        throw Stop(ending: .another)
                    }
                    at += common
                    bytes = UnsafeRawBufferPointer(rebasing: bytes[Int(common)...])
                }
                if part.size + Int64(bytes.count) > state.size { throw Stop(ending: .grown) }
                try part.append(bytes)
                at += Int64(bytes.count)
            }
        } catch let stop as Stop {
            return stop.ending
        }
        if let failure { return .brokenOff(failure) }
        // It ended in good order, and shorter than it was.
        return part.size == state.size ? .whole : .grown
    }

    /// What has left the server leaves the spool once it was read.
    private func removeGone(_ present: Set<[UInt8]>, _ isWanted: (DropName) -> Bool) throws {
        let folder = DropFolder(stream: stream)
        let names = try spool.names().filter { isWanted($0) && !present.contains($0.bytes) }
        for name in names where !folder.isSign(name.text) {
            guard let stamp = spool.stamp(name), isRead(name, stamp) else { continue }
            spool.remove(name)
            for sign in names where folder.withoutSign(sign.text) == name.text { spool.remove(sign) }
        }
    }
}
