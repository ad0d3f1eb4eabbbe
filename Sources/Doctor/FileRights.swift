import Glibc
package import Records

/// Files that others should not read, and folders that must be written.
package enum FileRights {
    /// A file that holds secrets or personal data. One that is not there is nobody's.
    package static func closed(_ name: String, _ path: String) -> CheckFinding? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let mode = status.st_mode & 0o7777
        let told = "\(path) has mode \(octal(mode))"
        if mode & 0o022 != 0 {
            return CheckFinding(
                name, .failed, "\(told): others may change it", advice: "chmod go-w \(path)")
        }
        if mode & 0o044 != 0 {
            return CheckFinding(
                name, .warning, "\(told): others may read it",
                advice: "chmod go= \(path); personal data and passwords are its owner's")
        }
        return CheckFinding(name, .ok, told)
    }

    /// A folder that the program writes, or the nearest above it where it is still to be made.
    package static func writable(_ name: String, _ path: String) -> CheckFinding {
        var (folder, status) = (path, stat())
        while stat(folder, &status) != 0 {
            let above = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? "."
            if folder == "." || folder.isEmpty { break }
            folder = above.isEmpty ? "/" : above
        }
        // As the effective user, whom files are opened as.
        if faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0 {
            return CheckFinding(name, .ok, "\(path) can be written")
        }
        return CheckFinding(
            name, .failed, "\(folder) cannot be written: \(String(cString: strerror(errno)))",
            advice: "give it to the user that runs hearth")
    }

    private static func octal(_ mode: mode_t) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
