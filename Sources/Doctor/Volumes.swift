import Glibc
import HeatModel
package import Records

/// The file systems that hold what Hearth writes.
package enum Volumes {
    /// What is free where something lies.
    package struct Room: Sendable, Hashable {
        /// Bytes of the file system, and those that this user may still write.
        package var bytes: UInt64
        package var freeBytes: UInt64
        /// Files that it may hold; 0 where it does not count them.
        package var files: UInt64
        package var freeFiles: UInt64
        /// By which two paths on one file system are known.
        package var device: UInt64

        package init(bytes: UInt64, freeBytes: UInt64, files: UInt64, freeFiles: UInt64, device: UInt64) {
            self.bytes = bytes
            self.freeBytes = freeBytes
            self.files = files
            self.freeFiles = freeFiles
            self.device = device
        }

        /// Of the nearest folder that is there: what is to be made lies in it.
        package init?(of path: String) {
            var (path, status, system) = (path, stat(), statvfs())
            while stat(path, &status) != 0 {
                let above = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
                if path == "." || path.isEmpty { return nil }
                path = above.isEmpty ? "/" : above
            }
            guard statvfs(path, &system) == 0 else { return nil }
            let unit = UInt64(system.f_frsize)
            self.init(
                bytes: UInt64(system.f_blocks) * unit, freeBytes: UInt64(system.f_bavail) * unit,
                files: UInt64(system.f_files), freeFiles: UInt64(system.f_favail), device: UInt64(status.st_dev))
        }
    }

    static let leastBytes: UInt64 = 256 << 20

    /// A finding for each file system.
    ///
    /// - Parameters:
    ///   - places: what lies where: `store`, and its path.
    ///   - needed: bytes that are wanted at once, beside `needing`: the store once more.
    ///   - room: nil where it cannot be told.
    package static func findings(
        _ places: [(name: String, path: String)], needed: UInt64, needing: String,
        room: (String) -> Room? = { Room(of: $0) }
    ) -> [CheckFinding] {
        var volumes: [(names: [String], path: String, room: Room)] = []
        var findings: [CheckFinding] = []
        for (name, path) in places {
            guard let room = room(path) else {
                findings.append(
                    CheckFinding(
                        "volume of \(name)", .failed, "\(path) cannot be looked at",
                        advice: "name a folder that is there"))
                continue
            }
            if let at = volumes.firstIndex(where: { $0.room.device == room.device }) {
                volumes[at].names.append(name)
            } else {
                volumes.append(([name], path, room))
            }
        }
        for volume in volumes {
            findings.append(
                finding(
                    "volume of \(volume.names.joined(separator: ", "))", volume.path, volume.room,
                    needed: volume.names.contains(needing) ? needed : 0, needing))
        }
        return findings
    }

    private static func finding(
        _ subject: String, _ path: String, _ room: Room, needed: UInt64, _ needing: String
    ) -> CheckFinding {
        let percent = room.bytes == 0 ? 0 : room.freeBytes / max(1, room.bytes / 100)
        let told = "\(megabytes(room.freeBytes)) of \(megabytes(room.bytes)) free (\(min(percent, 100)) %) at \(path)"
        if room.freeBytes < leastBytes || percent < 1 {
            return CheckFinding(
                subject, .failed, told, advice: "free some space, or syncs and logs stop when it is full")
        }
        if room.files > 0, room.freeFiles == 0 {
            return CheckFinding(
                subject, .failed, "no file can be made any more at \(path): its inodes are used up",
                advice: "delete files that nobody needs")
        }
        if room.freeBytes < needed {
            return CheckFinding(
                subject, .warning, "\(told); the \(needing) takes \(megabytes(needed))",
                advice: "a backup beside it, or a migration, needs as much again")
        }
        if percent < 10 { return CheckFinding(subject, .warning, told, advice: "give it more room soon") }
        if room.files > 0, room.freeFiles < room.files / 100 {
            return CheckFinding(
                subject, .warning, "\(room.freeFiles) of \(room.files) inodes free at \(path)",
                advice: "delete files that nobody needs")
        }
        return CheckFinding(subject, .ok, told)
    }

    static func megabytes(_ bytes: UInt64) -> String { "\(bytes >> 20) MB" }
}
