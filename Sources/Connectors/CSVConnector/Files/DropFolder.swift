import Glibc
import HeatModel

/// The folder that a sender puts files into. It is only ever read.
struct DropFolder {
    let stream: CSVStream
    /// The source's streams whose files may lie there, too.
    var siblings: [CSVStream] = []
    var now = DropTime.now
    /// Where the folder is the spool of a remote one: what of that one does not lie here.
    var remote: RemoteMirror.Seen?

    var order: DropOrder { DropOrder(stream.order, now: now) }

    static let manifestSuffix = ".manifest"

    /// What lies there now; the complete files in the order in which they were written.
    func listing() throws -> DropListing {
        let (names, device) = try list()
        let order = order
        let present = Names(names, ignoresCase: stream.ignoresCase)
        let pattern = GlobPattern(stream.pattern, ignoresCase: stream.ignoresCase)
        let loose = GlobPattern(stream.pattern, ignoresCase: true)
        let others = siblings.filter { $0.name != stream.name && $0.folder == stream.folder }.map {
            (stream: $0, pattern: GlobPattern($0.pattern, ignoresCase: $0.ignoresCase))
        }
        var listing = DropListing(folder: stream.folder, device: device)
        for name in names where !Self.isUnfinished(name.text) && !isSign(name.text, of: stream) {
            if pattern.matches(name.text) {
                try place(name, present, order, in: &listing)
            } else if remote != nil {
                // What lies in a spool beside its stream's files was never sent.
                continue
            } else if others.contains(where: { $0.pattern.matches(name.text) || isSign(name.text, of: $0.stream) }) {
                listing.hasOtherStreamsFiles = true
            } else if isPlainFile(name) {
                if loose.matches(name.text) {
                    listing.matchingButForCase.append(name.text)
                } else {
                    listing.unclaimed.append(name.text)
                }
            } else if isFolder(name) {
                listing.folders.append(name.text)
            }
        }
        for name in remote?.changing ?? [] {
            listing.waiting.append(
                DropListing.Waiting(
                    name: name, stamp: FileStamp(stat()), reason: "it was written to while it was fetched", age: 0))
        }
        for (name, isFolder) in remote?.others ?? []
        where !Self.isUnfinished(name.text) && !isSign(name.text, of: stream) {
            if others.contains(where: { $0.pattern.matches(name.text) || isSign(name.text, of: $0.stream) }) {
                listing.hasOtherStreamsFiles = true
            } else if isFolder {
                listing.folders.append(name.text)
            } else if loose.matches(name.text) {
                listing.matchingButForCase.append(name.text)
            } else {
                listing.unclaimed.append(name.text)
            }
        }
        listing.ready.sort { order.isBefore($0.drop, $1.drop) }
        return listing
    }

    // MARK: readiness

    private func place(
        _ name: DropName, _ present: Names, _ order: DropOrder, in listing: inout DropListing
    ) throws {
        let path = DropPath(folder: stream.folder, name)
        guard let status = try status(path), status.st_mode & S_IFMT == S_IFREG else {
            if isFolder(name) { listing.folders.append(name.text) }
            return
        }
        let stamp = FileStamp(status)
        let touched = Touched(
            modified: DropTime(status.st_mtim), changed: DropTime(status.st_ctim), now: now)
        var ready = DropListing.Ready(
            name: name, path: path, stamp: stamp, drop: order.drop(name.text, modified: touched.modified),
            isAheadOfTime: touched.modifiedIsAhead)
        var missing: String?
        switch stream.readiness {
        case .renamed: break
        case .doneMarker(let suffix): missing = missingSign(name, suffix, present)
        case .manifest:
            missing = missingSign(name, Self.manifestSuffix, present)
            if missing == nil, let manifest = present[name.text + Self.manifestSuffix] {
                ready.manifest = DropPath(folder: stream.folder, manifest)
            }
        case .stable(let seconds):
            if let age = touched.age {
                if age < seconds { missing = "it was touched \(age) s ago, and is to lie untouched for \(seconds) s" }
            } else {
                missing = "its times lie in the future (\(min(touched.modified, touched.changed).shown))"
            }
        }
        if let missing {
            let isTimed = if case .stable = stream.readiness { true } else { false }
            listing.waiting.append(
                DropListing.Waiting(
                    name: name, stamp: stamp, reason: missing, age: touched.age, isStuck: isTimed && touched.isFarAhead)
            )
        } else {
            listing.ready.append(ready)
        }
    }

    private func missingSign(_ name: DropName, _ suffix: String, _ present: Names) -> String? {
        let sign = name.text + suffix
        if present[sign] != nil { return nil }
        return present.butForCase(sign).map { "\(sign) is not there, only \($0.text)" } ?? "\(sign) is not there"
    }

    /// The names in the folder, by what a person reads.
    private struct Names {
        private let exact: [String: DropName]
        private let folded: [String: DropName]
        private let ignoresCase: Bool

        init(_ names: [DropName], ignoresCase: Bool) {
            exact = Dictionary(names.map { ($0.text, $0) }) { first, _ in first }
            folded = Dictionary(names.map { ($0.text.lowercased(), $0) }) { first, _ in first }
            self.ignoresCase = ignoresCase
        }

        subscript(_ text: String) -> DropName? { ignoresCase ? butForCase(text) : exact[text] }
        func butForCase(_ text: String) -> DropName? { folded[text.lowercased()] }
    }

    // MARK: names

    /// Names that belong to a file still being written.
    static func isUnfinished(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasPrefix(".") || name.hasSuffix(".tmp") || name.hasSuffix(".part")
    }

    /// Whether a name is that of a sign beside another file.
    private func isSign(_ name: String, of stream: CSVStream) -> Bool {
        switch stream.readiness {
        case .doneMarker(let suffix): name.lowercased().hasSuffix(suffix.lowercased())
        case .manifest: name.lowercased().hasSuffix(Self.manifestSuffix)
        default: false
        }
    }

    /// Whether a name is that of a sign of this stream.
    func isSign(_ name: String) -> Bool { isSign(name, of: stream) }

    /// The name of the file that a sign of this stream is of; nil where it is no sign.
    func withoutSign(_ name: String) -> String? {
        guard isSign(name) else { return nil }
        switch stream.readiness {
        case .doneMarker(let suffix): return String(name.dropLast(suffix.count))
        case .manifest: return String(name.dropLast(Self.manifestSuffix.count))
        default: return nil
        }
    }

    private func isPlainFile(_ name: DropName) -> Bool { kind(name) == S_IFREG }
    private func isFolder(_ name: DropName) -> Bool { kind(name) == S_IFDIR }

    private func kind(_ name: DropName) -> mode_t? {
        (try? status(DropPath(folder: stream.folder, name))).map { $0.st_mode & S_IFMT }
    }

    // MARK: the file system

    /// Nil where the file has left the folder since it was listed.
    private func status(_ path: DropPath) throws -> stat? {
        var status = stat()
        if path.withCString({ stat($0, &status) }) == 0 { return status }
        let number = errno
        if number == ENOENT {
            guard path.withCString({ lstat($0, &status) }) == 0 else { return nil }
            throw CSVError.make(
                .sourceUnreachable, "a link whose file is not there", path.shown,
                advice: "Have the file that it points to put back, or remove the link.")
        }
        throw FileReader.failure(path.shown, number)
    }

    private func list() throws -> (names: [DropName], device: UInt) {
        guard let folder = opendir(stream.folder) else { throw FileReader.failure(stream.folder, errno) }
        defer { closedir(folder) }
        var status = stat()
        let device = fstat(dirfd(folder), &status) == 0 ? UInt(status.st_dev) : 0
        var names: [DropName] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                // A listing that breaks off looks like one that ends.
                if errno != 0 { throw FileReader.failure(stream.folder, errno) }
                return (names, device)
            }
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if bytes == [0x2E] || bytes == [0x2E, 0x2E] { continue }
            names.append(DropName(bytes))
        }
    }
}
