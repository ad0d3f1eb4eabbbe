import Foundation
package import HeatModel
package import Store
import Synchronization

/// The folder of photos and videos: `9f/9f86d0….jpg`, each under the SHA-256 of its bytes, and beside them `incoming/` for those on
/// their way. Several processes may use one folder.
///
/// Its calls wait for the disk.
package final class AttachmentFolder: Sendable {
    private struct Room {
        var used: Int64 = 0
        var reserved: Int64 = 0
        /// When `used` was counted last; what other processes keep shows only then.
        var counted: ContinuousClock.Instant?
        var swept: ContinuousClock.Instant?
    }

    package let settings: AttachmentSettings
    private let store: any Store
    private let room = Mutex(Room())

    package init(_ settings: AttachmentSettings, store: any Store) {
        self.settings = settings
        self.store = store
    }

    private var incoming: String { settings.folder + "/incoming" }

    // MARK: In

    /// Begins with one. Nothing is written before its first bytes have shown that it is what it is said to be.
    ///
    /// - Parameter length: as the sender says; nil where it does not.
    /// - Throws: `attachment.tooLarge`, `attachment.folderFull`; `attachment.cannotRead` where it cannot be told how full the folder is;
    ///   errors of the store.
    package func begin(_ kind: AttachmentKind, length: Int64?) throws(HearthError) -> AttachmentUpload {
        if let length, length > settings.mostBytes { throw AttachmentErrors.tooLarge(settings.mostBytes) }
        let wanted = length ?? settings.mostBytes
        if try !reserve(wanted) {
            // What no order names may have been here long enough.
            let mayTry = room.withLock { room in
                if let swept = room.swept, ContinuousClock.now - swept < .seconds(60) { return false }
                room.swept = .now
                return true
            }
            if mayTry { try sweep(now: Instant.now.microseconds) }
            let fits = mayTry ? try reserve(wanted) : false
            if !fits {
                throw AttachmentErrors.full("the folder holds as much as it may, \(settings.mostTotal) bytes")
            }
        }
        return AttachmentUpload(kind, in: self, reserved: wanted)
    }

    /// Keeps a file of this machine.
    ///
    /// - Throws: as ``begin(_:length:)`` and ``AttachmentUpload/take(_:)``; `attachment.cannotWrite` where it cannot be read.
    package func add(path: String) throws(HearthError) -> KeptAttachment {
        // A pipe is not waited for.
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw Self.failed("\(path) cannot be opened", errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw AttachmentErrors.cannotWrite("\(path) is no regular file")
        }
        var upload: AttachmentUpload?
        while true {
            let piece = try Self.read(65_536, of: file, path)
            if let upload {
                if piece.isEmpty { return try upload.finish() }
                try upload.take(piece)
                continue
            }
            guard let kind = AttachmentKind(mark: Array(piece.prefix(AttachmentKind.markCount))) else {
                throw HearthError(
                    .attachmentNotAllowed, "\(path) is no photo or video that is taken",
                    advice: "taken are \(AttachmentKind.allNames)")
            }
            upload = try begin(kind, length: Int64(status.st_size))
            try upload?.take(piece)
        }
    }

    private func reserve(_ bytes: Int64) throws(HearthError) -> Bool {
        try countAgain()
        return room.withLock { room in
            guard room.used + room.reserved + bytes <= settings.mostTotal else { return false }
            room.reserved += bytes
            return true
        }
    }

    func giveBack(_ bytes: Int64) { room.withLock { $0.reserved -= bytes } }

    /// Counts what is kept, where that was last done more than a minute ago.
    private func countAgain() throws(HearthError) {
        let isStale = room.withLock { $0.counted.map { ContinuousClock.now - $0 > .seconds(60) } ?? true }
        if isStale { try count() }
    }

    private func count() throws(HearthError) {
        var used: Int64 = 0
        for file in try files() { used += file.bytes }
        room.withLock { room in
            room.used = used
            room.counted = .now
        }
    }

    /// Bytes that are kept, as they were a minute ago at most.
    package var usedBytes: Int64 {
        get throws(HearthError) {
            try countAgain()
            return room.withLock(\.used)
        }
    }

    func makeTemporary() throws(HearthError) -> (CInt, String) {
        let path = incoming + "/" + UUID().uuidString
        var file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if file < 0, errno == ENOENT {
            try Self.makeFolder(incoming)
            file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        }
        guard file >= 0 else { throw Self.failed("no file can be made", errno) }
        return (file, path)
    }

    func write(_ bytes: [UInt8], to file: CInt) throws(HearthError) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress! + offset, $0.count - offset) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failed("writing", errno) }
            offset += count
        }
    }

    /// Gives a temporary file its place, once it is on the disk. Where it is there already, that one counts as just come.
    func place(_ attachment: KeptAttachment, _ file: CInt, _ temporary: String) throws(HearthError) {
        let path = path(of: attachment.sha256, attachment.kind)
        let folder = (path as NSString).deletingLastPathComponent
        if try locked({ () throws(HearthError) in utimensat(AT_FDCWD, path, nil, 0) == 0 }) { return }
        guard fsync(file) == 0 else { throw Self.failed("bringing it to the disk", errno) }
        try Self.makeFolder(folder)
        try locked { () throws(HearthError) in
            guard rename(temporary, path) == 0 else { throw Self.failed("giving it its name", errno) }
        }
        try Self.sync(folder)
        room.withLock { $0.used += attachment.bytes }
    }

    // MARK: Out

    /// One that is kept; nil where there is none, or the text is no SHA-256.
    package func find(_ sha256: String) -> (attachment: KeptAttachment, path: String)? {
        guard Self.isDigest(sha256) else { return nil }
        for kind in AttachmentKind.allCases {
            let path = path(of: sha256, kind)
            var status = stat()
            if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
                return (KeptAttachment(sha256: sha256, kind: kind, bytes: Int64(status.st_size)), path)
            }
        }
        return nil
    }

    private func path(of sha256: String, _ kind: AttachmentKind) -> String {
        "\(settings.folder)/\(sha256.prefix(2))/\(sha256).\(kind.ending)"
    }

    package static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { $0 &- 0x30 <= 9 || $0 &- 0x61 < 6 }
    }

    // MARK: Away

    /// Removes what no order has named in time, what was kept as long as it is to be, and what was left behind on its way.
    ///
    /// - Parameter now: microseconds since 1970.
    /// - Returns: how many were removed.
    /// - Throws: `attachment.cannotRead`, `attachment.cannotWrite`, errors of the store.
    @discardableResult
    package func sweep(now: Int64) throws(HearthError) -> Int {
        do { return try removeWhatIsOver(now) } catch let error as HearthError { throw error } catch {
            throw AttachmentErrors.cannotWrite("what is over cannot be removed: \(error)")
        }
    }

    private func removeWhatIsOver(_ now: Int64) throws -> Int {
        for file in try files(in: incoming) where now - file.changed > 86_400_000_000 { _ = try Self.remove(file.path) }
        let unnamed = now - Int64(settings.keptUnnamedHours) * 3_600_000_000
        let named = settings.keptDays.map { now - Int64($0) * 86_400_000_000 }
        func isOver(_ file: File, _ store: any StoreReader) throws -> Bool {
            guard let last = try store.attachmentUses(of: file.sha256).map(\.namedAt.microseconds).max() else {
                return true
            }
            return named.map { last < $0 } ?? false
        }
        let old = try files().filter { $0.changed < unnamed }
        let over = try store.read { store in try old.filter { try isOver($0, store) } }
        var count = 0
        for start in stride(from: 0, to: over.count, by: 100) {
            let chunk = over[start..<min(start + 100, over.count)]
            // An order names a file in a transaction of its own, in which the file must be there: so it is one or the other.
            count += try store.write { store in
                try chunk.reduce(into: 0) { count, file in
                    guard try isOver(file, store) else { return }
                    let isGone = try locked { () throws(HearthError) in
                        // It may have been sent again meanwhile.
                        guard let present = Self.file(file.path), present.changed < unnamed else { return false }
                        return try Self.remove(file.path)
                    }
                    if !isGone { return }
                    try store.forgetAttachment(file.sha256)
                    count += 1
                }
            }
        }
        try self.count()
        return count
    }

    /// - Returns: whether it was there.
    private static func remove(_ path: String) throws(HearthError) -> Bool {
        if unlink(path) == 0 { return true }
        if errno == ENOENT { return false }
        throw failed("\(path) cannot be removed", errno)
    }

    private struct File {
        var path: String
        var bytes: Int64
        /// Microseconds since 1970.
        var changed: Int64
        var sha256: String { String((path as NSString).lastPathComponent.prefix { $0 != "." }) }
    }

    private static func file(_ path: String) -> File? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return File(
            path: path, bytes: Int64(status.st_size),
            changed: Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1000)
    }

    private func files(in folder: String) throws(HearthError) -> [File] {
        try Self.names(in: folder).compactMap { Self.file(folder + "/" + $0) }
    }

    /// Those that are kept.
    private func files() throws(HearthError) -> [File] {
        var kept: [File] = []
        for name in try Self.names(in: settings.folder) where name.utf8.count == 2 {
            kept += try files(in: settings.folder + "/" + name).filter { Self.isDigest($0.sha256) }
        }
        return kept
    }

    /// None where the folder is not there yet. One that cannot be read is not taken for empty.
    private static func names(in folder: String) throws(HearthError) -> [String] {
        var status = stat()
        if stat(folder, &status) != 0, errno == ENOENT { return [] }
        do { return try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw AttachmentErrors.cannotRead(folder, error)
        }
    }

    // MARK: The system

    /// Whoever gives a file its place and whoever removes one wait for each other, in whichever process.
    private func locked<Result>(_ body: () throws(HearthError) -> Result) throws(HearthError) -> Result {
        let path = settings.folder + "/.lock"
        var file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if file < 0, errno == ENOENT {
            try Self.makeFolder(settings.folder)
            file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        }
        guard file >= 0 else { throw Self.failed("the folder cannot be locked", errno) }
        defer { close(file) }
        while flock(file, LOCK_EX) != 0 {
            guard errno == EINTR else { throw Self.failed("the folder cannot be locked", errno) }
        }
        return try body()
    }

    private static func read(_ count: Int, of file: CInt, _ path: String) throws(HearthError) -> [UInt8] {
        var failure: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = Foundation.read(file, buffer.baseAddress! + filled, count - filled)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { return }
                filled += got
            }
        }
        if failure != 0 { throw failed("\(path) cannot be read", failure) }
        return bytes
    }

    private static func makeFolder(_ path: String) throws(HearthError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw failed("its folder cannot be made", errno)
        }
    }

    /// A new name is on the disk only once its folder is.
    private static func sync(_ folder: String) throws(HearthError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failed("its folder cannot be opened", errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failed("bringing it to the disk", errno) }
    }

    private static func failed(_ what: String, _ code: CInt) -> HearthError {
        if code == ENOSPC || code == EDQUOT { return AttachmentErrors.full("the disk is full") }
        return AttachmentErrors.cannotWrite("\(what): \(String(cString: strerror(code)))")
    }
}
