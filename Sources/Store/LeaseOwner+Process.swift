import Foundation

extension LeaseOwner {
    /// This process.
    public static let current: LeaseOwner = {
        let process = ProcessInfo.processInfo.processIdentifier
        return LeaseOwner(
            host: ProcessInfo.processInfo.hostName, process: process, processStart: startTime(of: process) ?? 0)
    }()

    /// Whether the owner may still be at work. A process of another host is taken to be.
    public static func isAlive(_ owner: LeaseOwner) -> Bool {
        if owner.host != current.host { return true }
        guard let start = startTime(of: owner.process) else { return false }
        return start == owner.processStart
    }

    /// Field 22 of `/proc/<pid>/stat`: clock ticks from the start of the system to the start of the process. Nil where there
    /// is no such process or it is a zombie.
    private static func startTime(of process: Int32) -> Int64? {
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let close = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[stat.index(after: close)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z" else { return nil }
        return Int64(fields[19])
    }
}
